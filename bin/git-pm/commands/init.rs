//! `git pm init` and `uninstall`.

use git_pm::maintain::setup::init::InitOptions;

use crate::context::Context;
use crate::environment::own_path;
use crate::failure::Outcome;
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
    let report = context.pm()?.state().init(&options)?;
    context.answer(&report, render::setup::init)
}

/// Take hooks, refspecs and the index out of this clone; the state stays
#[derive(clap::Args, Debug)]
pub struct UninstallArgs {}

/// Takes git pm out of this clone.
///
/// # Errors
/// When the repository cannot be written.
pub fn uninstall(context: &Context) -> Outcome {
    let report = context.pm()?.state().uninstall()?;
    context.answer(&report, render::setup::uninstall)
}
