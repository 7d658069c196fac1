//! `git pm doctor`.

use git_pm::error::Kind;

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Check state, hooks, remote and worktrees for problems
///
/// Checks the state, the hooks, the remote (over the network, unless --offline), the worktrees, the
/// disk, the clock and messages, and searches the state for secrets. Exits with 1 for faults, but
/// not for notes.
///
/// With --restore-remote, restores refs/pm/main on a remote where it was deleted or rewound, for
/// example by `git push --mirror` or a forced push. Joins the local state, the reflog and the last
/// synced states with what the remote has now, and never pushes by force.
///
/// The remote's ref may be unusable: too large, of a newer format, or not a state. With --replace,
/// a human can replace it with the state of this clone; a concurrent push is never overwritten.
#[derive(clap::Args, Debug)]
pub struct DoctorArgs {
    /// Restore the remote's state instead of checking.
    #[arg(long)]
    pub restore_remote: bool,
    /// Replace an unusable state on the remote.
    #[arg(long, requires = "restore_remote")]
    pub replace: bool,
}

/// Checks this clone.
pub fn doctor(context: &Context, args: &DoctorArgs) -> Outcome {
    if args.restore_remote {
        context.ask_first_push(true)?;
        let report = context.pm()?.state().restore_remote(args.replace)?;
        return context.answer(&report, render::repair::restored);
    }
    let report = context.pm()?.state().doctor()?;
    context.answer(&report, render::repair::doctor)?;
    Ok(Exit::of_if(report.faulty, Kind::Refused))
}
