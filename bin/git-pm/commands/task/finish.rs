//! `git pm finish` and `git pm task finish`.

use git_pm::Result;
use git_pm::work::task::finish::FinishOptions;

use crate::context::Context;
use crate::failure::Outcome;
use crate::output::stderr;
use crate::render;

/// Finish a task: check it and hand it to review, or merge it
///
/// Checks that the worktree is clean, that there are commits, that gates pass and that acceptance
/// is ticked; then the task is in review and its reservations end. Gates are those of `git pm config
/// pm.gate`, of the checked-in .pm.toml and of that file on the branch that the task is merged into.
/// Unticked criteria are asked about at a terminal and refused elsewhere.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm finish                 the task of this worktree, to review
  git pm finish T-0001 --merge  approve and merge it at once: for a person alone")]
pub struct FinishArgs {
    /// The task's id; the task of this worktree without one.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// Approves and merges it at once: for a person alone.
    #[arg(long)]
    pub merge: bool,
    /// Finishes although acceptance is open or a gate fails; recorded.
    #[arg(long)]
    pub force: bool,
}

/// Finishes a task.
///
/// # Errors
/// When a check says no.
pub fn run(context: &Context, args: &FinishArgs) -> Outcome {
    let options = FinishOptions {
        merge: args.merge,
        force: args.force,
        accept_all: !args.force && accepts_all(context, args.id.as_deref())?,
    };
    let finished = context.pm()?.tasks().finish(args.id.as_deref(), &options)?;
    context.answer(&finished, render::workflow::finished)
}

/// Whether somebody at the terminal says that all open criteria hold. Elsewhere nobody is asked,
/// and the library's refusal names `git pm task accept`.
fn accepts_all(context: &Context, id: Option<&str>) -> Result<bool> {
    if !context.env.interactive || context.globals.json {
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
    Ok(context.confirm("Do all of these hold?"))
}
