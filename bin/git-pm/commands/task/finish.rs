//! `git pm finish` and `git pm task finish`.

use git_pm::Result;
use git_pm::tasks::FinishOptions;

use crate::context::Context;
use crate::failure::Outcome;
use crate::output::stderr;
use crate::render;

/// Finish a task: check it and submit it for review, or merge it
///
/// Checks that the worktree is clean, that there are commits, that all gates (commands such as
/// tests) succeed and that all criteria are accepted; then moves the task to review and ends its
/// reservations. Gates come from `git pm config pm.gate`, .pm.toml in the worktree, and .pm.toml on
/// the target branch. At a terminal, asks about criteria that are not accepted; otherwise they are
/// an error.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm finish                 submit the task of this worktree for review
  git pm finish T-0001 --merge  approve and merge at once, when working alone")]
pub struct FinishArgs {
    /// Task ID; the task of this worktree by default.
    pub id: Option<String>,
    /// Approve and merge at once, when working alone.
    #[arg(long)]
    pub merge: bool,
    /// Finish even if criteria are not accepted or a gate fails; this is recorded.
    #[arg(long)]
    pub force: bool,
}

/// Finishes a task.
pub fn run(context: &Context, args: &FinishArgs) -> Outcome {
    let options = FinishOptions {
        merge: args.merge,
        force: args.force,
        accept_all: !args.force && accepts_all(context, args.id.as_deref())?,
        accept_gated: false,
    };
    let finished = context.pm()?.tasks().finish(args.id.as_deref(), &options)?;
    if let Some(merged) = &finished.merged {
        context.ask_target_push(&merged.target)?;
    }
    context.answer(&finished, render::workflow::finished)
}

/// True if the user at the terminal confirms that all open criteria are met. Without a terminal,
/// the library's error names `git pm task accept`.
fn accepts_all(context: &Context, id: Option<&str>) -> Result<bool> {
    if !context.asks() {
        return Ok(false);
    }
    let pm = context.pm()?;
    let here = match id {
        Some(id) => Some(id.to_string()),
        None => pm.tasks().here()?,
    };
    let Some(id) = here else { return Ok(false) };
    let item = pm.tasks().show(&id)?;
    if item.acceptance.iter().all(|criterion| criterion.done) {
        return Ok(false);
    }
    let mut page = context.page();
    render::item::acceptance(&mut page, &item);
    stderr::page(&page.finish());
    Ok(context.confirm("Are all of these met?"))
}
