//! `git pm doctor`.

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Check that everything is as it should be
///
/// Looks at the state, the hooks, the remote (which it asks, unless --offline), the worktrees, the
/// disk, the clock, messages, and for secrets in the state. Exits 1 for faults only, not for notes.
///
/// With --restore-remote a remote whose refs/pm/main was deleted or rewound, by a careless
/// `git push --mirror` or a forced push, gets the state back: from the state here, the reflog and
/// what was ever synced, joined with what the remote has by now, and never by force.
///
/// What the remote has may be nothing that can be taken: too large, of a version to come, no state.
/// Where that is not meant, --replace puts the state of this clone in its place. That is for a
/// human, and overwrites nothing that came in between.
#[derive(clap::Args, Debug)]
pub struct DoctorArgs {
    /// Gives the remote the state back instead of checking.
    #[arg(long)]
    pub restore_remote: bool,
    /// Replaces what the remote has and no clone can take.
    #[arg(long, requires = "restore_remote")]
    pub replace: bool,
}

/// Checks this clone.
///
/// # Errors
/// When the repository cannot be read at all, or the remote cannot be restored.
pub fn doctor(context: &Context, args: &DoctorArgs) -> Outcome {
    if args.restore_remote {
        context.ask_first_push(true)?;
        let report = context.pm()?.state().restore_remote(args.replace)?;
        return context.answer(&report, render::repair::restored);
    }
    let report = context.pm()?.state().doctor()?;
    context.answer(&report, render::repair::doctor)?;
    Ok(if report.faulty {
        Exit::REFUSED
    } else {
        Exit::DONE
    })
}
