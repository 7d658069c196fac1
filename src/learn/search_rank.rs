//! Which learnings a search finds, in which order: those with all its words, with some, and similar ones.
//!
//! By BM25 of the full-text part of the index. As a symptom is rarely described in the words of its
//! cause, the texts of the best hits are searched for, too: what is similar to them moves up.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::model::uid::Uid;
use crate::query::search_terms::{Term, phrase, telling_words, without};
use crate::store::index::{self, Among};
use crate::store::state::State;

/// The weight of the similarity to the best hits, relative to that of the typed words.
const LIKENESS: f64 = 0.9;

/// The number of best hits that others are compared with in each round.
const ROUNDS: [usize; 2] = [1, 3];

/// The number of words of a learning that are searched for.
const WORDS: usize = 100;

/// The number of learnings that are the most similar to one.
const SIMILAR: usize = 200;

/// A learning with its score.
pub(super) struct Ranked {
    pub(super) uid: Uid,
    pub(super) score: f64,
    /// True if it has all words of the query.
    pub(super) all: bool,
    /// True if it has none of them, and is only similar to others that have.
    pub(super) related: bool,
}

/// Learnings with a score.
type Scores = HashMap<Uid, f64>;

/// The learnings with some of the words and those that are similar to them, best first: those with
/// all words before others, and one with none is never the first.
pub(super) fn ranked(state: &State<'_>, terms: &[Term]) -> Vec<Ranked> {
    let away = without(terms).map_or_else(String::new, |away| format!(" NOT ({away})"));
    let search = |words: &[String], joint: &str, limit| -> Scores {
        if words.is_empty() {
            return Scores::new();
        }
        let expression = format!("({}){away}", words.join(joint));
        let hits = state.search(Among::Learnings, &expression, limit);
        let best = hits.first().map_or(1.0, |hit| hit.score);
        let hits = hits.into_iter();
        hits.map(|hit| (hit.item, hit.score / best)).collect()
    };
    let wanted: Vec<&Term> = terms.iter().filter(|term| !term.without).collect();
    let words = expressions(&wanted);
    let all = search(&words, " AND ", usize::MAX);
    let typed = search(&words, " OR ", usize::MAX);
    let mut scores = typed.clone();
    // A phrase or a prefix is taken literally.
    let literal = wanted.iter().all(|term| term.quoted || term.prefix);
    for round in ROUNDS.iter().filter(|_| !literal) {
        let mut next: Scores = typed.clone();
        next.values_mut().for_each(|score| *score *= 1.0 - LIKENESS);
        let mut like = Scores::new();
        for (uid, score) in sorted(scores).into_iter().take(*round) {
            for (other, alike) in search(&words_of(state, &uid), " OR ", SIMILAR) {
                *like.entry(other).or_default() += score * alike;
            }
        }
        let best = like.values().copied().fold(f64::MIN_POSITIVE, f64::max);
        for (uid, alike) in like {
            *next.entry(uid).or_default() += LIKENESS * alike / best;
        }
        scores = next;
    }
    let hits = sorted(scores).into_iter();
    let mut hits: Vec<Ranked> = hits
        .map(|(uid, score)| Ranked {
            score,
            all: all.contains_key(&uid),
            related: !typed.contains_key(&uid),
            uid,
        })
        .collect();
    hits.sort_by_key(|hit| Reverse(hit.all));
    if let Some(first) = hits.iter().position(|hit| !hit.related) {
        hits[..=first].rotate_right(1);
    }
    hits
}

/// Best first.
fn sorted(scores: Scores) -> Vec<(Uid, f64)> {
    let mut all: Vec<(Uid, f64)> = scores.into_iter().collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all
}

/// The expressions of the words that say something, or of every term if none does. A phrase or a
/// prefix is one expression; a word with other characters, such as `Error:ECONNRESET`, is several.
fn expressions(terms: &[&Term]) -> Vec<String> {
    let of = |term: &&Term| match term.quoted || term.prefix {
        true => vec![term.exact()],
        false => telling_words(&term.text).map(expression).collect(),
    };
    let all: Vec<String> = terms.iter().flat_map(of).collect();
    match all.is_empty() {
        true => terms.iter().map(|term| term.exact()).collect(),
        false => all,
    }
}

/// A word in any form; a compound one is also found by its parts.
fn expression(text: &str) -> String {
    let parts = index::parts(text);
    let parts: Vec<String> = parts.split_whitespace().map(word).collect();
    match parts.is_empty() {
        true => word(text),
        false => format!("({} OR ({}))", word(text), parts.join(" AND ")),
    }
}

/// A word as an expression; the index has the English stems of words.
fn word(text: &str) -> String {
    phrase(text, false)
}

/// The expressions of the first words of a learning: one that it has in several forms counts for more.
fn words_of(state: &State<'_>, uid: &Uid) -> Vec<String> {
    let text = state.doc(uid).map(index::searchable_text);
    let text = text.unwrap_or_default().to_lowercase();
    let mut seen = HashSet::new();
    let words = telling_words(&text).filter(|word| seen.insert(*word));
    words.take(WORDS).map(word).collect()
}
