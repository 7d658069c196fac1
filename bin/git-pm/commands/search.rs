//! `git pm search`: full text over items and comments.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use git_pm::work::search::SearchOptions;

/// Find items by words in their title, text, comments, labels and paths
///
/// What has all words comes first, as they are or as the beginning or a part of others, then what
/// has most of them. A word in the title counts most.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm search login race       both words
  git pm search '\"log in\"'       two words that stand together
  git pm search auth* -- -oauth  words that begin with auth, but not oauth")]
pub struct SearchArgs {
    /// Words; `"two words"` stand together, `begin*` completes, `-word` leaves out.
    #[arg(value_name = "WORD", required = true)]
    pub words: Vec<String>,
    /// Shows closed items, too.
    #[arg(long)]
    pub all: bool,
    /// Shows at most N; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit, default_value_t = git_pm::work::search::LIMIT)]
    pub limit: usize,
}

/// Lists what was found.
///
/// # Errors
/// When no word is given, or the state cannot be read.
pub fn run(context: &Context, args: &SearchArgs) -> Outcome {
    let query = args.words.join(" ");
    let options = SearchOptions {
        all: args.all,
        limit: Some(args.limit),
        ..SearchOptions::default()
    };
    let hits = context.pm()?.items().search(&query, &options)?;
    context.list(&hits, |page, hits| {
        render::item::hits(page, hits, "Nothing", args.all);
    })
}
