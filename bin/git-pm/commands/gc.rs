//! `git pm gc`.

use git_pm::state::GcOptions;

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Remove old data and pack the state
///
/// Removes expired run logs, backups and withheld texts of this clone and the temporary files of
/// dead processes, reduces old deleted items to their identity, and packs the state. `git pm
/// config` lists the retention times, `pm.gc.*`. `--new-generation` keeps the state and removes its
/// history: here at once, on the remote with the next `git pm sync`, and then in every clone that
/// syncs.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm gc --dry-run           show what would be removed
  git pm gc --new-generation    remove the history in all clones")]
pub struct GcArgs {
    /// Show what would be removed.
    #[arg(long)]
    pub dry_run: bool,
    /// Remove the history, also in every clone that syncs afterwards.
    #[arg(long)]
    pub new_generation: bool,
    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
}

/// Cleans up.
pub fn run(context: &Context, args: &GcArgs) -> Outcome {
    let pm = context.pm()?;
    let asks = context.env.interactive && !context.globals.json;
    if args.new_generation && !args.dry_run && !args.yes && asks {
        let question =
            "Remove the history of the state, also in every clone that syncs afterwards?";
        if !context.confirm(question) {
            return Err(git_pm::Error::refused("the history was not removed").into());
        }
    }
    let options = GcOptions {
        dry_run: args.dry_run,
        new_generation: args.new_generation,
    };
    context.answer(&pm.state().gc(&options)?, render::maintain::gc)
}
