//! `git pm task accept`.

use git_pm::Error;

use crate::arguments::values::id_and_numbers;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Accept criteria of a task
///
/// `git pm show` lists the criteria with their numbers.
#[derive(clap::Args, Debug)]
#[command(
    override_usage = "git pm task accept [OPTIONS] [ID] <N>...\n       git pm task accept [OPTIONS] [ID] --all",
    after_help = "\
Examples:
  git pm task accept T-0001 1 3
  git pm task accept --all --evidence \"CI run 812\"    the task of this worktree"
)]
pub struct AcceptArgs {
    /// Task ID (by default the task of this worktree), then the numbers of the criteria.
    #[arg(value_name = "ID|N")]
    pub words: Vec<String>,
    /// Accept all criteria.
    #[arg(long)]
    pub all: bool,
    /// Evidence that the criteria are met.
    #[arg(long, value_name = "TEXT")]
    pub evidence: Option<String>,
}

/// Accepts criteria.
pub fn run(context: &Context, args: &AcceptArgs) -> Outcome {
    let (id, numbers) = id_and_numbers(&args.words)?;
    if args.all != numbers.is_empty() {
        let message = if args.all {
            "specify either criterion numbers or --all"
        } else {
            "specify the numbers of the criteria that are met"
        };
        let id = id.unwrap_or("ID");
        return Err(Error::usage(message)
            .hint(format!(
                "`git pm task accept {id} 1 2`, or `git pm task accept {id} --all`"
            ))
            .hint(format!("`git pm show {id}` lists them with their numbers"))
            .into());
    }
    let evidence = args.evidence.as_deref();
    let item = context
        .pm()?
        .tasks()
        .accept(id, &numbers, args.all, evidence)?;
    context.answer(&item, |page, item| {
        render::item::summary(page, "Accepted", item);
        render::item::acceptance(page, item);
    })
}
