//! `git pm search`: full text over items and comments.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Find items by words in their title, text, comments, labels and paths
///
/// All words must be there. The best hits come first; a word in the title counts most.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm search login race       both words
  git pm search '\"log in\"'       two words that stand together
  git pm search auth* -- -oauth  words that begin with auth, but not oauth")]
pub struct SearchArgs {
    /// Words; `\"two words\"` stand together, `begin*` completes, `-word` leaves out.
    #[arg(value_name = "WORD", required = true)]
    pub words: Vec<String>,
    /// Shows closed items, too.
    #[arg(long)]
    pub all: bool,
    /// Shows at most so many.
    #[arg(long, value_name = "N", default_value_t = git_pm::search::LIMIT)]
    pub limit: usize,
}

/// Lists what was found.
///
/// # Errors
/// When no word is given, or the state cannot be read.
pub fn run(context: &Context, args: &SearchArgs) -> Outcome {
    let query = args.words.join(" ");
    let hits = context.pm()?.search(&query, args.all, Some(args.limit))?;
    context.list(&hits, |page, hits| {
        let none = if args.all {
            "Nothing has these words."
        } else {
            "Nothing open has these words; `--all` looks at closed items, too."
        };
        render::item::hits(page, hits, none);
    })
}
