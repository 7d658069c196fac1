//! `git pm migrate`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Bring a state of an older format to the present one
///
/// A state of an older major version is read and not written, because whoever shares it with an
/// older git pm could not read it afterwards. This brings it to the present version, in one
/// commit; everybody who shares it needs a git pm of that version from then on. Where the state is
/// of the present version, nothing happens.
#[derive(clap::Args, Debug)]
pub struct MigrateArgs {
    /// Only says what would be done.
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// Migrates the state.
///
/// # Errors
/// When no way leads from its version to the present one.
pub fn run(context: &Context, args: &MigrateArgs) -> Outcome {
    let report = context.pm()?.state().migrate(args.dry_run)?;
    context.answer(&report, render::repair::migrate)
}
