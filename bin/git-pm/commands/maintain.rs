//! `git pm gc` and `git pm redact`: the commands that remove data.

use git_pm::Error;
use git_pm::error::Kind;
use git_pm::state::{GcOptions, Redaction};

use crate::arguments::stdin::text_or_stdin;
use crate::failure::Exit;
use crate::render;

group! {
    /// The commands, in the order of the help.
    #[command(defer = true)]
    MaintainCommand, run(context):
    /// Remove old data and pack the state
    ///
    /// Removes this clone's expired run logs, backups and drafts (texts that a redaction kept out of
    /// the state, or that were typed and could not be applied) and the temporary files of killed processes,
    /// removes the remaining content of old deleted items, and packs the state. `git pm config` lists the retention
    /// times, `pm.gc.*`. `--new-generation` keeps the state and removes its history: here at once,
    /// on the remote with the next `git pm sync`, and then in every clone that syncs.
    #[command(after_help = "\
Examples:
  git pm gc --dry-run           show what would be removed
  git pm gc --new-generation    remove the history in all clones")]
    Gc {
        #[command(flatten)]
        options: GcOptions,
        /// Do not ask for confirmation.
        #[arg(long)]
        yes: bool,
    } => {
        let pm = context.pm()?;
        let asks = context.asks() && options.new_generation && !options.dry_run && !yes;
        let question =
            "Remove the history of the state, here and in every clone that syncs afterwards?";
        if asks && !context.confirm(question) {
            return Err(Error::refused("the history was not removed").into());
        }
        context.answer(&pm.state().gc(&options)?, render::maintain::gc)
    },
    /// Remove a leaked secret permanently
    ///
    /// Removes the texts of an item, or every occurrence of a string, from the state and its whole
    /// history: here at once, on the remote with the next `git pm sync`, and then in every clone
    /// that syncs. Text around an occurrence stays. Clones that were offline cannot restore the
    /// secret, because the state keeps hashes of what was removed. At a terminal, only shows what
    /// would be removed unless `--yes` is given. Your own branches and files are not changed.
    /// Rotate the secret regardless: it was exposed.
    #[command(after_help = "\
Examples:
  git pm redact -                          read the text from standard input
  git pm redact --regex 'AKIA[0-9A-Z]{16}' --yes
  git pm redact T-0001 --field body --dry-run")]
    Redact {
        #[command(flatten)]
        redaction: Redaction,
        /// Redact even at a terminal, where the default is a dry run.
        #[arg(long)]
        yes: bool,
    } => {
        let target = text_or_stdin(&redaction.target)?;
        let target = target.trim_end_matches(['\n', '\r']).to_string();
        let dry_run = redaction.dry_run || context.env.interactive && !yes;
        let report = context.pm()?.state().redact(&Redaction { target, dry_run, ..redaction })?;
        context.answer(&report, render::maintain::redact)?;
        let whole = report.left.is_empty() && report.beyond.is_empty();
        Ok(Exit::of_if(!whole, Kind::Partial))
    },
}
