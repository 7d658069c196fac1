//! `git pm redact`.

use git_pm::error::Kind;
use git_pm::state::Redaction;

use crate::arguments::stdin::text_or_stdin;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Remove a leaked secret permanently
///
/// Removes the texts of an item, or every occurrence of a text, from the state and its whole
/// history: here at once, on the remote with the next `git pm sync`, and then in every clone that
/// syncs. Text around an occurrence stays. Clones that were offline cannot restore the secret,
/// because the state keeps hashes of what was removed. At a terminal, only shows what would be
/// removed unless `--yes` is given. Your own branches and files are not changed. Rotate the secret
/// in any case: it was exposed.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm redact -                          read the text from standard input
  git pm redact --regex 'AKIA[0-9A-Z]{16}' --yes
  git pm redact T-0001 --field body --dry-run")]
pub struct RedactArgs {
    /// Item ID, text or regular expression; `-` reads standard input, which keeps the secret out of
    /// the shell history.
    #[arg(value_name = "ITEM|PATTERN")]
    pub target: String,
    /// Field of the item to redact: title, body, comments, acceptance, labels, …
    #[arg(long, value_name = "FIELD", conflicts_with_all = ["regex", "text"])]
    pub field: Option<String>,
    /// Interpret PATTERN as a regular expression.
    #[arg(long)]
    pub regex: bool,
    /// Interpret PATTERN as text, even if it is an item ID.
    #[arg(long, conflicts_with = "regex")]
    pub text: bool,
    /// Reason, stored in the state: do not include the secret.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Show what would be removed.
    #[arg(long)]
    pub dry_run: bool,
    /// Redact without a dry run at a terminal.
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
}

/// Redacts.
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
    Ok(Exit::of_if(!whole, Kind::Partial))
}
