//! Full-text search over items and comments: from what people type to an expression, from hits to
//! views. The words of a query are data; none of them reaches the index as an operator.

use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::text::{one_line, shorten};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::index::Hit;
use crate::store::state::State;
use crate::view::{SearchHit, item_view};

/// How many hits are shown when nobody says how many.
pub const LIMIT: usize = 20;

/// How much text around a hit is shown, in characters.
const SNIPPET: usize = 100;

/// One word or phrase of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    text: String,
    /// Whether only the beginning of the last word is given.
    prefix: bool,
    /// Whether hits must not have it.
    without: bool,
}

/// Reads a query: words must all be there, `"two words"` stand together, `begin*` completes,
/// `-word` must not be there.
fn terms(query: &str) -> Vec<Term> {
    let mut out = Vec::new();
    let mut rest = query.trim_start();
    while !rest.is_empty() {
        let without = rest.len() > 1 && rest.starts_with('-');
        let body = if without { &rest[1..] } else { rest };
        let (text, after) = match body.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => {
                let end = body.find(char::is_whitespace).unwrap_or(body.len());
                body.split_at(end)
            }
        };
        let (after, starred) = match after.strip_prefix('*') {
            Some(after) => (after, true),
            None => (after, text.ends_with('*')),
        };
        let text = text.trim_end_matches('*');
        // What holds no letter and no digit is no word to the index either.
        if text.chars().any(char::is_alphanumeric) {
            out.push(Term {
                text: text.to_string(),
                prefix: starred,
                without,
            });
        }
        rest = after.trim_start();
    }
    out
}

/// Words that stand together, or begin so, as an expression.
pub(crate) fn phrase(text: &str, prefix: bool) -> String {
    let star = if prefix { " *" } else { "" };
    format!("\"{}\"{star}", text.replace('"', "\"\"").replace('\0', " "))
}

/// The expression of FTS5 (<https://www.sqlite.org/fts5.html>, section 3): every text is a string
/// of it, so nothing in a text is syntax.
fn expression(terms: &[Term]) -> Option<String> {
    let string = |term: &Term| phrase(&term.text, term.prefix);
    let of = |without: bool| {
        terms
            .iter()
            .filter(move |t| t.without == without)
            .map(string)
    };
    let with: Vec<String> = of(false).collect();
    if with.is_empty() {
        return None;
    }
    let mut out = with.join(" AND ");
    for text in of(true) {
        out = format!("({out}) NOT {text}");
    }
    Some(out)
}

impl Pm {
    /// The items that have some words in their title, text, comments, labels, paths or acceptance
    /// criteria, best first (BM25; a title weighs ten times as much). `all` includes closed ones.
    ///
    /// # Errors
    /// When the query has no word that must be there, or the state cannot be read.
    pub fn search(&self, query: &str, all: bool, limit: Option<usize>) -> Result<Vec<SearchHit>> {
        let terms = terms(query);
        let Some(expression) = expression(&terms) else {
            return Err(Error::usage("say at least one word to search for")
                .hint("`\"two words\"` stand together, `begin*` completes, `-word` leaves out"));
        };
        let state = self.store.state()?;
        let _hold = state.hold();
        let here = self.here();
        let limit = limit.unwrap_or(LIMIT);
        // An item may be hit several times, in its comments too, and closed ones may be left out.
        let mut wanted = limit.saturating_add(limit / 2);
        let (mut out, mut seen): (Vec<SearchHit>, HashSet<Uid>);
        loop {
            let hits = state
                .search(&expression, wanted)
                .unwrap_or_else(|| scan(&state, &terms));
            let exhausted = hits.len() < wanted;
            (out, seen) = (Vec::new(), HashSet::new());
            for hit in hits {
                let Some(item) = state.item(&hit.item).filter(|item| !item.deleted) else {
                    continue;
                };
                if out.len() == limit || (item.status.is_closed() && !all) {
                    continue;
                }
                if !seen.insert(item.uid.clone()) {
                    continue;
                }
                out.push(SearchHit {
                    item: item_view(&state, item, &here),
                    comment: hit.comment.as_ref().map(ToString::to_string),
                    snippet: snippet(&state, item, hit.comment.as_ref(), &terms),
                });
            }
            if out.len() == limit || exhausted {
                return Ok(out);
            }
            wanted = wanted.saturating_mul(8);
        }
    }
}

/// The search of a state that nothing indexes: every document is looked at.
fn scan(state: &State<'_>, terms: &[Term]) -> Vec<Hit> {
    let fits = |text: &str| {
        let text = text.to_lowercase();
        terms
            .iter()
            .all(|t| text.contains(&t.text.to_lowercase()) != t.without)
    };
    let hit = |item: Uid, comment: Option<Uid>| Hit {
        item,
        comment,
        row: None,
        score: 0.0,
    };
    let mut out = Vec::new();
    for item in state.items() {
        let body = state.doc(&item.uid).map_or(String::new(), texts);
        let lists = [&item.labels, &item.paths, &item.external_refs];
        let words: Vec<&str> = lists.into_iter().flatten().map(String::as_str).collect();
        if fits(&format!(
            "{} {} {body} {}",
            item.id,
            item.title,
            words.join(" ")
        )) {
            out.push(hit(item.uid.clone(), None));
        }
        for comment in state.comments_on(&item.uid) {
            if fits(comment.body.text()) {
                out.push(hit(item.uid.clone(), Some(comment.uid.clone())));
            }
        }
    }
    out
}

/// The texts of a document, one after the other.
fn texts(doc: &Doc) -> String {
    let fields = ["design", "notes", "acceptance_criteria"];
    let fields = fields.iter().filter_map(|name| doc.text(name));
    std::iter::once(doc.body.text())
        .chain(fields)
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
        .map(|t| t.text.to_lowercase())
        .collect();
    if let Some(comment) = comment {
        return line_of(state.doc(comment)?.body.shown(), &words);
    }
    let found = line_of(&state.text_of(item)?, &words);
    let title = item.title.to_lowercase();
    // What the title says needs no other text to be read.
    if found.is_some() || words.iter().all(|word| title.contains(word.as_str())) {
        return found;
    }
    line_of(&texts(state.doc(&item.uid)?), &words)
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
        let cut = shorten(&one_line(&line[from..]), SNIPPET);
        Some(format!("{begun}{}", cut.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_people_type_is_an_operator() {
        let made = |query: &str| expression(&terms(query));
        assert_eq!(
            made("login race").as_deref(),
            Some("\"login\" AND \"race\"")
        );
        assert_eq!(
            made("\"log in\" OR").as_deref(),
            Some("\"log in\" AND \"OR\"")
        );
        assert_eq!(
            made("auth* -old").as_deref(),
            Some("(\"auth\" *) NOT \"old\"")
        );
        assert_eq!(made("title:x").as_deref(), Some("\"title:x\""));
        assert_eq!(made("a\"b").as_deref(), Some("\"a\"\"b\""));
        assert_eq!(made("-only"), None);
        assert_eq!(made(" ( ) * "), None);
    }
}
