//! `git pm init` and `uninstall`.

use git_pm::state::InitOptions;

use crate::context::Context;
use crate::environment::own_path;
use crate::failure::Outcome;
use crate::render;

/// Initialize the state in this repository, or adopt the remote's
///
/// Adds the refspec that fetches the state and installs the hooks that enforce reservations. Can be
/// run again safely.
#[derive(clap::Args, Debug)]
pub struct InitArgs {
    /// Do not install hooks.
    #[arg(long, conflicts_with = "strict")]
    pub no_hooks: bool,
    /// Also install the reference-transaction hook, which checks every update of a branch.
    #[arg(long)]
    pub strict: bool,
}

/// Initializes or adopts the state.
pub fn init(context: &Context, args: &InitArgs) -> Outcome {
    let options = InitOptions {
        hooks: !args.no_hooks,
        strict: args.strict,
        binary: Some(own_path()?),
    };
    let report = context.pm()?.state().init(&options)?;
    context.answer(&report, render::setup::init)
}

/// Remove hooks, refspecs and the index from this clone; the state stays
#[derive(clap::Args, Debug)]
pub struct UninstallArgs {}

/// Removes git pm from this clone.
pub fn uninstall(context: &Context) -> Outcome {
    let report = context.pm()?.state().uninstall()?;
    context.answer(&report, render::setup::uninstall)
}
