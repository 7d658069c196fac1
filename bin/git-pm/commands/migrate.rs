//! `git pm migrate`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Migrate the state to the current format
///
/// A state of an older major version is read-only, because older versions of git pm could not read
/// it after a write. This command migrates it in one commit; all clones then need a git pm of the
/// current version. Does nothing if the state is current.
#[derive(clap::Args, Debug)]
pub struct MigrateArgs {
    /// Show what would be done.
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// Migrates the state.
pub fn run(context: &Context, args: &MigrateArgs) -> Outcome {
    let report = context.pm()?.state().migrate(args.dry_run)?;
    context.answer(&report, render::repair::migrate)
}
