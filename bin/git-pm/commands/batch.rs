//! `git pm batch`.

use std::fs::File;
use std::io::{BufReader, IsTerminal, Read};
use std::path::PathBuf;

use git_pm::Error;
use git_pm::error::Kind;
use git_pm::items::BatchOptions;

use crate::arguments::stdin::Stdin;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Apply many operations as one commit
///
/// Reads JSON Lines from a file or standard input, one operation per line. `op` is the command with dots
/// between its words (task.create, task.cancel, dep.add). The other keys are the command's long
/// options without the leading dashes, and its arguments by name: title, id, on, text, reason; `-`
/// and `_` in them are alike. An option or argument that can be repeated takes one value or a list;
/// a flag takes true or false. A line that changes an item may have `if-version`. Later lines may
/// refer to items that earlier ones create.
///
/// Either all lines are applied or none; an error names the number of the first invalid line.
/// Commands that need the remote, a branch or a worktree (start, finish, drop, merge, reserve) are
/// rejected.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm batch plan.jsonl
  git pm batch --skip-invalid --json <plan.jsonl

Lines:
  {\"op\":\"task.create\",\"title\":\"Log in\",\"label\":[\"auth\"],\"priority\":1}
  {\"op\":\"task.create\",\"title\":\"Log out\",\"depends-on\":\"T-0001\"}
  {\"op\":\"task.cancel\",\"id\":\"T-0001\",\"reason\":\"done elsewhere\"}")]
pub struct BatchArgs {
    /// The file with the lines, `-` for standard input.
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub file: PathBuf,
    /// Skip lines that cannot be applied, list them, and exit with 8.
    #[arg(long, visible_alias = "continue-on-error")]
    pub skip_invalid: bool,
}

/// Applies a batch.
pub fn run(context: &Context, args: &BatchArgs) -> Outcome {
    let is_stdin = args.file.as_os_str() == "-";
    if is_stdin && std::io::stdin().is_terminal() {
        return Err(Error::usage(
            "a batch is read from standard input, but standard input is a terminal",
        )
        .hint("`git pm batch plan.jsonl`")
        .into());
    }
    let source: Box<dyn Read> =
        match is_stdin {
            true => Box::new(Stdin),
            false => Box::new(File::open(&args.file).map_err(|error| {
                Error::io(format!("cannot read {}", args.file.display()), error)
            })?),
        };
    let options = BatchOptions {
        skip_invalid: args.skip_invalid,
    };
    let mut input = BufReader::with_capacity(64 * 1024, source);
    let report = context.pm()?.items().batch(&mut input, &options)?;
    let partly = !report.skipped.is_empty();
    context.answer(&report, render::batch::batch)?;
    Ok(Exit::of_if(partly, Kind::Partial))
}
