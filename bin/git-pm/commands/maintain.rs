//! `git pm gc` and `git pm redact`: the commands that remove data.

use git_pm::Error;
use git_pm::error::Kind;
use git_pm::state::{GcOptions, Redaction};

use crate::arguments::stdin::text_or_stdin;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// The commands, in the order of the help.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum MaintainCommand {
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
        /// Show what would be removed.
        #[arg(long)]
        dry_run: bool,
        /// Remove the history here and in every clone that syncs afterwards.
        #[arg(long)]
        new_generation: bool,
        /// Do not ask for confirmation.
        #[arg(long)]
        yes: bool,
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
        /// Item ID, text or regular expression; `-` reads standard input, which keeps the secret
        /// out of the shell history.
        #[arg(value_name = "ITEM|PATTERN")]
        target: String,
        /// Field of the item to redact: title, body, comments, acceptance, labels, …
        #[arg(long, conflicts_with_all = ["regex", "text"])]
        field: Option<String>,
        /// Interpret PATTERN as a regular expression.
        #[arg(long)]
        regex: bool,
        /// Interpret PATTERN as text, even if it is an item ID.
        #[arg(long, conflicts_with = "regex")]
        text: bool,
        /// Reason, stored in the state: do not include the secret.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Show what would be removed.
        #[arg(long)]
        dry_run: bool,
        /// Redact even at a terminal, where the default is a dry run.
        #[arg(long, conflicts_with = "dry_run")]
        yes: bool,
    },
}

/// Runs a command of the group.
pub fn run(context: &Context, command: MaintainCommand) -> Outcome {
    context.as_it_is();
    match command {
        MaintainCommand::Gc {
            dry_run,
            new_generation,
            yes,
        } => {
            let pm = context.pm()?;
            let asks = context.asks() && new_generation && !dry_run && !yes;
            let question =
                "Remove the history of the state, here and in every clone that syncs afterwards?";
            if asks && !context.confirm(question) {
                return Err(Error::refused("the history was not removed").into());
            }
            let options = GcOptions {
                dry_run,
                new_generation,
            };
            context.answer(&pm.state().gc(&options)?, render::maintain::gc)
        }
        MaintainCommand::Redact {
            target,
            field,
            regex,
            text,
            reason,
            dry_run,
            yes,
        } => {
            let mut target = text_or_stdin(&target)?;
            target.truncate(target.trim_end_matches(['\n', '\r']).len());
            let redaction = Redaction {
                target,
                regex,
                text,
                field,
                reason,
                dry_run: dry_run || (context.env.interactive && !yes),
            };
            let report = context.pm()?.state().redact(&redaction)?;
            context.answer(&report, render::maintain::redact)?;
            let whole = report.left.is_empty() && report.beyond.is_empty();
            Ok(Exit::of_if(!whole, Kind::Partial))
        }
    }
}
