//! `git pm search`: full text over items and comments.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;
use git_pm::items::SearchOptions;

/// Search titles, texts, comments, labels and paths
///
/// Items that contain all of the words, whether as whole words, prefixes or parts of words, come
/// first; then items that contain most of them. Matches in the title rank highest.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm search login race       both words
  git pm search '\"log in\"'       adjacent words
  git pm search auth* -- -oauth  words starting with auth, without oauth")]
pub struct SearchArgs {
    /// Words; `"two words"` matches a phrase, `begin*` a prefix, `-word` excludes a word.
    #[arg(value_name = "WORD", required = true)]
    pub words: Vec<String>,
    /// Include closed items.
    #[arg(long)]
    pub all: bool,
    /// Maximum number of items; 0 for all.
    #[arg(long, value_name = "N", value_parser = crate::arguments::values::limit, default_value_t = git_pm::items::LIMIT)]
    pub limit: usize,
}

/// Lists the matches.
pub fn run(context: &Context, args: &SearchArgs) -> Outcome {
    let query = args.words.join(" ");
    let options = SearchOptions {
        all: args.all,
        limit: Some(args.limit),
        ..SearchOptions::default()
    };
    let hits = context.pm()?.items().search(&query, &options)?;
    context.list(&hits, |page, hits| {
        render::item::hits(page, hits, args.all);
    })
}
