//! `git pm redact`.

use git_pm::error::Kind;
use git_pm::maintain::redact::Redaction;

use crate::arguments::stdin::text_or_stdin;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Remove a leaked secret for good
///
/// Takes what people wrote in an item, or a text wherever it stands, out of the state and out of
/// its whole history: here now, at the remote with the next `git pm sync`, and in every clone that
/// syncs after that. Around a text the rest of what was written stays. Clones that were offline
/// meanwhile cannot bring it back: the state keeps hashes of what was taken out. At a terminal it
/// only shows what would go, unless `--yes` is given. Your own branches and files are left alone. Change the secret all the same: it was out.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm redact -                          read the text from standard input
  git pm redact --regex 'AKIA[0-9A-Z]{16}' --yes
  git pm redact T-0001 --field body --dry-run")]
pub struct RedactArgs {
    /// An item's id, a text, or a regular expression; `-` reads it from standard input, which
    /// leaves it out of the shell's history.
    #[arg(value_name = "ITEM|PATTERN")]
    pub target: String,
    /// Only this field of the item: title, body, comments, acceptance, labels, …
    #[arg(long, value_name = "FIELD", conflicts_with_all = ["regex", "text"])]
    pub field: Option<String>,
    /// Takes the pattern as a regular expression.
    #[arg(long)]
    pub regex: bool,
    /// Takes it as a text, even if an item has that id.
    #[arg(long, conflicts_with = "regex")]
    pub text: bool,
    /// Why; it stands in the state, so do not name the secret.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Only shows what would go.
    #[arg(long)]
    pub dry_run: bool,
    /// Does it, also at a terminal.
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
}

/// Redacts.
///
/// # Errors
/// When nothing is found, for agents, and when the state cannot be written.
pub fn run(context: &Context, args: &RedactArgs) -> Outcome {
    let mut target = text_or_stdin(&args.target)?;
    target.truncate(target.trim_end_matches(['\n', '\r']).len());
    let redaction = Redaction {
        target,
        regex: args.regex,
        text: args.text,
        field: args.field.clone(),
        reason: args.reason.clone(),
        dry_run: args.dry_run || (context.env.interactive && !args.yes),
    };
    let report = context.pm()?.state().redact(&redaction)?;
    context.answer(&report, render::maintain::redact)?;
    let whole = report.left.is_empty() && report.beyond.is_empty();
    Ok(if whole {
        Exit::DONE
    } else {
        Exit::of(Kind::Partial)
    })
}
