//! `git pm batch`.

use std::io::{BufReader, IsTerminal};

use git_pm::Error;
use git_pm::error::Kind;
use git_pm::items::BatchOptions;

use crate::arguments::stdin::Stdin;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Apply many operations as one commit
///
/// Reads JSON Lines from standard input, one operation per line. `op` is the command with dots
/// between its words (task.create, task.cancel, dep.add). The other keys are the command's long
/// options without the leading dashes, and its arguments by name: title, id, on, text, reason. A
/// repeatable option takes one value or a list; a flag takes true or false. A line that changes an
/// item may have `if-version`. Later lines may refer to items that earlier ones create.
///
/// Either all lines are applied or none; an error names the number of the first invalid line.
/// Commands that need the remote, a branch or a worktree (start, finish, drop, merge, reserve) are
/// rejected.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm batch <plan.jsonl
  git pm batch --skip-invalid --json <plan.jsonl

Lines:
  {\"op\":\"task.create\",\"title\":\"Log in\",\"label\":[\"auth\"],\"priority\":1}
  {\"op\":\"task.create\",\"title\":\"Log out\",\"depends-on\":\"T-0001\"}
  {\"op\":\"task.cancel\",\"id\":\"T-0001\",\"reason\":\"done elsewhere\"}")]
pub struct BatchArgs {
    /// Skip lines that cannot be applied, list them, and exit with 8.
    #[arg(long, visible_alias = "continue-on-error")]
    pub skip_invalid: bool,
}

/// Applies a batch.
pub fn run(context: &Context, args: &BatchArgs) -> Outcome {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(Error::usage(
            "a batch is read from standard input, but standard input is a terminal",
        )
        .hint("`git pm batch <plan.jsonl`")
        .into());
    }
    let options = BatchOptions {
        skip_invalid: args.skip_invalid,
    };
    let mut input = BufReader::with_capacity(64 * 1024, Stdin);
    let report = context.pm()?.items().batch(&mut input, &options)?;
    let partly = !report.skipped.is_empty();
    context.answer(&report, render::batch::batch)?;
    Ok(Exit::of_if(partly, Kind::Partial))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use git_pm::items::VERBS;

    /// Options that do not describe the change: output, claims, copies, and sources of texts.
    const OTHER_OPTIONS: [&str; 11] = [
        "editor",
        "silent",
        "from",
        "file",
        "body-file",
        "stdin",
        "claim",
        "continue",
        "claim-next",
        "suggest-next",
        "help",
    ];

    /// The long flags and positional arguments of a command, as keys of a batch.
    fn keys(command: &clap::Command) -> BTreeSet<String> {
        command
            .get_arguments()
            .filter(|arg| {
                !arg.is_global_set() && !matches!(arg.get_id().as_str(), "help" | "version")
            })
            .filter(|arg| {
                arg.get_long()
                    .is_none_or(|long| !OTHER_OPTIONS.contains(&long))
            })
            .flat_map(|arg| match arg.get_long() {
                Some(long) => vec![long.to_string()],
                None => {
                    let names = arg.get_value_names().unwrap_or_default();
                    let names = names.iter().flat_map(|name| name.split('|'));
                    names.map(str::to_lowercase).collect()
                }
            })
            .collect()
    }

    #[test]
    fn an_operation_has_the_keys_of_its_command() {
        let tree = crate::commands::tree();
        for verb in VERBS {
            let mut command = &tree;
            for word in verb.op.split('.') {
                command = command
                    .find_subcommand(word)
                    .unwrap_or_else(|| panic!("{} is not a command", verb.op));
            }
            let given: BTreeSet<String> = verb
                .keys()
                .map(|key| key.name.to_string())
                .filter(|name| name != "if-version")
                .collect();
            assert_eq!(given, keys(command), "{}", verb.op);
        }
    }
}
