//! `git pm init`, `uninstall` and `doctor`.

use git_pm::request::InitOptions;
use git_pm::{Error, Result};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Begin the state in this repository, or adopt the remote's
///
/// Sets the refspec that fetches the state and installs the hooks that guard reservations. Doing
/// it again does no harm.
#[derive(clap::Args, Debug)]
pub struct InitArgs {
    /// Leaves the hooks out.
    #[arg(long, conflicts_with = "strict")]
    pub no_hooks: bool,
    /// Also installs the reference-transaction hook, which guards every way a branch can move.
    #[arg(long)]
    pub strict: bool,
}

/// Begins or adopts the state.
///
/// # Errors
/// When the repository cannot be written.
pub fn init(context: &Context, args: &InitArgs) -> Outcome {
    let options = InitOptions {
        hooks: !args.no_hooks,
        strict: args.strict,
        binary: Some(own_path()?),
    };
    let report = context.pm()?.init(&options)?;
    context.answer(&report, render::report::init)
}

/// The path of this program, which the hooks call.
///
/// # Errors
/// When the system does not say.
pub fn own_path() -> Result<std::path::PathBuf> {
    std::env::current_exe().map_err(|error| Error::io("cannot tell this program's path", &error))
}

/// Take hooks and refspecs out of this clone; the state stays
#[derive(clap::Args, Debug)]
pub struct UninstallArgs {}

/// Takes git pm out of this clone.
///
/// # Errors
/// When the repository cannot be written.
pub fn uninstall(context: &Context) -> Outcome {
    let report = context.pm()?.uninstall()?;
    context.answer(&report, render::report::uninstall)
}

/// Check that everything is as it should be
///
/// Looks at the state, the hooks, the remote and the worktrees. Exits 1 for faults only, not for
/// notes.
#[derive(clap::Args, Debug)]
pub struct DoctorArgs {}

/// Checks this clone.
///
/// # Errors
/// When the repository cannot be read at all.
pub fn doctor(context: &Context) -> Outcome {
    let report = context.pm()?.doctor()?;
    context.answer(&report, render::report::doctor)?;
    Ok(if report.faulty {
        Exit::REFUSED
    } else {
        Exit::DONE
    })
}
