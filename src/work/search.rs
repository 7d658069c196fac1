//! Full-text search over items and comments: from the typed words to hits, and from hits to views.
//! Hits with all words come before hits with some, exact words before prefixes.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::long_texts;
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Items;
use crate::pm::shared_views::{ItemView, item_view};
use crate::query::search_terms::{self, Term, all_words, any_word, inside};
use crate::store::index::Among;
use crate::store::state::State;

/// One hit of a full-text search.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SearchHit {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// True if it has all words of the query, not only some.
    pub all_words: bool,
    /// The uid of the comment that has the words; null where the item itself has them.
    pub comment: Option<String>,
    /// The line with one of the words; null if they are only in the title or a list.
    pub snippet: Option<String>,
}

/// The default number of hits.
pub const SEARCH_HITS_DEFAULT: usize = 20;

/// The number of hits at which no looser search is made.
const ENOUGH: usize = 10;

/// The characters of context shown around a hit.
const SNIPPET: usize = 100;

/// Options of a search.
#[derive(Clone, Debug, Default)]
pub struct SearchOptions {
    /// Include closed items.
    pub all: bool,
    /// Only items of this kind.
    pub kind: Option<ItemKind>,
    /// The most hits to return; [`SEARCH_HITS_DEFAULT`] by default.
    pub limit: Option<usize>,
}

impl Items<'_> {
    /// The items that have some words in their title, text, comments, labels, paths or acceptance
    /// criteria, best first (BM25; a title weighs ten times as much). First come those with all
    /// words exactly, then those with the words as prefixes, then those whose title has them inside
    /// other words, and if these are few, those that have some of the words.
    ///
    /// # Errors
    /// When the query has no required word, or the state cannot be read.
    pub fn search(&self, query: &str, options: &SearchOptions) -> Result<Vec<SearchHit>> {
        let terms = search_terms::terms(query);
        let strict = all_words(&terms);
        if strict.is_empty() {
            return Err(Error::usage("the query has no word to search for").hint(
                "`\"two words\"` finds a phrase, `begin*` a prefix, `-word` excludes a word",
            ));
        }
        let state = self.pm.store.snapshot()?;
        let mut found = Finding {
            state: &state,
            options,
            limit: options.limit.unwrap_or(SEARCH_HITS_DEFAULT),
            // An excluded word may be anywhere in the item, whatever text was found.
            seen: search_terms::without(&terms)
                .map_or_else(HashSet::new, |away| state.having(&away)),
            hits: Vec::new(),
            closed: false,
        };
        for expression in &strict {
            found.expression(Among::Words, expression);
        }
        if let Some(expression) = inside(&terms) {
            found.expression(Among::Titles, &expression);
        }
        let all = found.hits.len();
        let mut hidden = found.closed.then_some("all");
        if let Some(expression) = any_word(&terms).filter(|_| all < ENOUGH) {
            found.expression(Among::Words, &expression);
        }
        // Closed items that match worse than the shown ones need no mention.
        if all == 0 && found.closed {
            hidden = hidden.or(Some("some"));
        }
        if let Some(part) = hidden {
            tell_closed(self.pm, options, part);
        }
        let here = self.pm.here();
        let hits = found.hits.iter().enumerate();
        Ok(hits
            .filter_map(|(at, (item, comment))| {
                let item = state.item(item)?;
                Some(SearchHit {
                    item: item_view(&state, item, &here),
                    all_words: at < all,
                    comment: comment.as_ref().map(ToString::to_string),
                    snippet: snippet(&state, item, comment.as_ref(), &terms),
                })
            })
            .collect())
    }
}

/// Reports that closed items match as well or better: a search may be for a closed bug.
fn tell_closed(pm: &Pm, options: &SearchOptions, part: &str) {
    let (verb, what) = match options.kind {
        Some(ItemKind::Issue) => ("issue search", "closed issues"),
        _ => ("search", "closed items"),
    };
    pm.notice(format!(
        "some {what} contain {part} of these words; `git pm {verb} --all …` shows them"
    ));
}

/// The hits so far.
struct Finding<'s, 'r> {
    state: &'s State<'r>,
    options: &'s SearchOptions,
    limit: usize,
    /// Items that are included already, or excluded.
    seen: HashSet<Uid>,
    /// Items, with the comment that has the words, if one does.
    hits: Vec<(Uid, Option<Uid>)>,
    /// True if a hit was left out because it is closed.
    closed: bool,
}

impl Finding<'_, '_> {
    fn is_full(&self) -> bool {
        self.hits.len() >= self.limit
    }

    fn is_wanted(&self, item: &Item) -> bool {
        !item.deleted && self.options.kind.is_none_or(|kind| kind == item.kind)
    }

    fn add_wanted(&mut self, uid: &Uid, comment: Option<Uid>) {
        if self.is_full() || self.seen.contains(uid) {
            return;
        }
        let Some(item) = self.state.item(uid).filter(|item| self.is_wanted(item)) else {
            return;
        };
        if !self.options.all && item.status.is_closed() {
            self.closed = true;
            return;
        }
        self.seen.insert(uid.clone());
        self.hits.push((uid.clone(), comment));
    }

    /// Adds the hits of an expression.
    fn expression(&mut self, among: Among, expression: &str) {
        // An item may be hit several times, in its comments too, and closed ones may be left out.
        let mut wanted = self.limit.saturating_add(self.limit / 2);
        while !self.is_full() {
            let hits = self.state.search(among, expression, wanted);
            let exhausted = hits.len() < wanted;
            for hit in hits {
                self.add_wanted(&hit.item, hit.comment);
            }
            if exhausted {
                return;
            }
            wanted = wanted.saturating_mul(8);
        }
    }
}

/// The texts of a document, one after the other.
fn all_texts(doc: &Doc) -> String {
    std::iter::once(doc.body.text())
        .chain(long_texts::all(doc))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The line of a text in which a word was found.
fn snippet(
    state: &State<'_>,
    item: &Item,
    comment: Option<&Uid>,
    terms: &[Term],
) -> Option<String> {
    let words: Vec<String> = terms
        .iter()
        .filter(|t| !t.without)
        .map(|t| t.stem().to_lowercase())
        .collect();
    if let Some(comment) = comment {
        return line_of(state.doc(comment)?.body.shown(), &words);
    }
    let found = line_of(&state.text_of(item)?, &words);
    let title = item.title.to_lowercase();
    // If the title has it, no other text has to be read.
    if found.is_some() || words.iter().all(|word| title.contains(word.as_str())) {
        return found;
    }
    line_of(&all_texts(state.doc(&item.uid)?), &words)
}

/// The line of a text that has one of some words, in lower case, cut around it.
fn line_of(text: &str, words: &[String]) -> Option<String> {
    text.lines().find_map(|line| {
        let lower = line.to_lowercase();
        let at = words.iter().find_map(|word| lower.find(word.as_str()))?;
        // Lower case may be longer or shorter than the line itself.
        let at = (0..=at.min(line.len())).rfind(|at| line.is_char_boundary(*at))?;
        let from = line[..at]
            .char_indices()
            .rev()
            .nth(SNIPPET / 3)
            .map_or(0, |(i, _)| i);
        let begun = if from > 0 { "…" } else { "" };
        let cut = excerpt(&line[from..], SNIPPET);
        Some(format!("{begun}{}", cut.trim()))
    })
}
