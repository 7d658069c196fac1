//! `git pm gc`.

use git_pm::maintain::gc::GcOptions;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Clean up what piled up
///
/// Removes run logs, backups and withheld texts of this clone that are past their time and
/// temporary files of processes that died, reduces old deleted items to their identity, and packs
/// the state. `git pm config` lists the times, as
/// `pm.gc.*`. With `--new-generation` the state stays and its history goes: here now, at the
/// remote with the next `git pm sync`, and in every clone that syncs after that.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm gc --dry-run           what would go
  git pm gc --new-generation    cut the history off, for everybody")]
pub struct GcArgs {
    /// Only says what would go.
    #[arg(long)]
    pub dry_run: bool,
    /// Cuts the history off, for everybody who syncs afterwards.
    #[arg(long)]
    pub new_generation: bool,
    /// Does not ask.
    #[arg(long)]
    pub yes: bool,
}

/// Cleans up.
///
/// # Errors
/// When something cannot be written, or the answer is no.
pub fn run(context: &Context, args: &GcArgs) -> Outcome {
    let pm = context.pm()?;
    let asks = context.env.interactive && !context.globals.json;
    if args.new_generation && !args.dry_run && !args.yes && asks {
        let question = "Cut the history of the state off, for everybody who syncs afterwards?";
        if !context.confirm(question) {
            return Err(git_pm::Error::refused("nothing was cut").into());
        }
    }
    let options = GcOptions {
        dry_run: args.dry_run,
        new_generation: args.new_generation,
    };
    context.answer(&pm.state().gc(&options)?, render::maintain::gc)
}
