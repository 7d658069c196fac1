//! The ranking of the learnings that have some of the query's words. Each word is scored by BM25
//! over fields of different weight; a learning's score is their sum, times the share of the words
//! that it has (rare words weigh more), plus its similarity to the best hits unless there are very
//! many learnings. Those with all words come first, and one with none of them is never the first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashSet};

use crate::query::search_terms::Term;
use crate::query::words::{folded, stemmed, words};
use crate::store::index::{self, Lore, Phrase, weights};

/// Stop words, which say nothing about the subject. They count only in phrases, and in a query that
/// has nothing else.
const STOP: &[&str] = &[
    "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at",
    "be", "because", "been", "before", "being", "both", "but", "by", "can", "cannot", "could",
    "did", "do", "does", "doing", "don", "down", "during", "each", "even", "every", "for", "from",
    "get", "gets", "got", "had", "has", "have", "he", "her", "here", "his", "how", "i", "if", "in",
    "into", "is", "it", "its", "just", "like", "me", "more", "most", "my", "no", "not", "now",
    "of", "off", "on", "once", "only", "or", "other", "our", "out", "over", "own", "same", "she",
    "should", "so", "some", "still", "such", "t", "than", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "those", "through", "to", "too", "under", "until", "up",
    "us", "very", "was", "we", "were", "what", "when", "where", "which", "while", "who", "why",
    "will", "with", "would", "you", "your",
];

/// The exponent of the share of words.
const COVERAGE: f64 = 0.5;

/// The weight of the similarity to the best hits, relative to that of the typed words.
const LIKENESS: f64 = 0.8;

/// The number of best hits that others are compared with in each round, and of their words.
const ROUNDS: [usize; 2] = [1, 3];
const LIKE_WORDS: usize = 60;

/// Above this number of learnings, the comparison with the best hits takes too long.
const FEW: usize = 2_000;

/// A learning with its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ranked {
    /// The number of the learning.
    pub(super) n: usize,
    pub(super) score: f64,
    /// True if it has all words of the query.
    pub(super) all: bool,
    /// True if it has none of them, and is only similar to others that have.
    pub(super) related: bool,
}

/// The learnings with some of the words, best first.
pub(super) fn ranked(
    lore: &Lore<'_>,
    terms: &[Term],
) -> index::Result<impl Iterator<Item = Ranked> + use<>> {
    let terms = separated(lore, terms)?;
    let mut wanted: Vec<&Term> = terms.iter().filter(|t| !t.without && !is_stop(t)).collect();
    if wanted.is_empty() {
        wanted = terms.iter().filter(|t| !t.without).collect();
    }
    let words = wanted.iter().map(|term| lore.scores(&choices(term)));
    let words: Vec<Vec<(usize, f64)>> = words.collect::<index::Result<_>>()?;
    let idf = |hits: &Vec<(usize, f64)>| {
        let (all, own) = (lore.numbers().len() as f64, hits.len() as f64);
        (1.0 + (all - own + 0.5).max(0.5) / (own + 0.5)).ln()
    };
    let rarity: Vec<f64> = words.iter().map(idf).collect();
    let sum: f64 = rarity.iter().sum();
    // By number: score, share of the words, number of words.
    let mut found = vec![(0.0, 0.0, 0); lore.end()];
    for (hits, rarity) in words.iter().zip(&rarity) {
        for (n, score) in hits {
            let one = &mut found[*n];
            one.0 += score;
            one.1 += rarity;
            one.2 += 1;
        }
    }
    let mut typed = vec![0.0; lore.end()];
    for n in lore.numbers() {
        let (score, has, _) = found[n];
        if has > 0.0 {
            typed[n] = score * f64::powf(has / sum.max(f64::MIN_POSITIVE), COVERAGE);
        }
    }
    relative(&mut typed);
    // A phrase or a prefix is taken literally.
    let literal = wanted.iter().all(|term| term.quoted || term.prefix);
    let (scores, typed) = match literal || lore.numbers().len() > FEW {
        true => (typed, None),
        false => (with_likeness(lore, &typed)?, Some(typed)),
    };
    let hits = lore.numbers().filter(|n| scores[*n] > 0.0);
    // Positive numbers have the order of their bits.
    let order = |n: usize| (found[n].2 == words.len(), scores[n].to_bits(), Reverse(n));
    let with_words = lore
        .numbers()
        .filter(|n| found[*n].2 > 0 && scores[*n] > 0.0);
    let first = with_words.max_by_key(|n| order(*n));
    let order = |n: usize| {
        let (all, bits, number) = order(n);
        (all, Some(n) == first, bits, number)
    };
    let mut best: BinaryHeap<_> = hits.map(order).collect();
    Ok(std::iter::from_fn(move || {
        let (all, _, bits, Reverse(n)) = best.pop()?;
        Some(Ranked {
            n,
            score: f64::from_bits(bits),
            all,
            related: typed.as_ref().is_some_and(|typed| typed[n] == 0.0),
        })
    }))
}

/// The terms, with the words of a term that no learning has as a whole as terms of their own, such
/// as those of `Error:ECONNRESET`.
fn separated(lore: &Lore<'_>, terms: &[Term]) -> index::Result<Vec<Term>> {
    let mut out = Vec::new();
    for term in terms {
        let text = folded(&term.text);
        let several = words(&text).nth(1).is_some() && !term.quoted && !term.prefix;
        if term.without || !several || !lore.scores(&choices(term))?.is_empty() {
            out.push(term.clone());
            continue;
        }
        out.extend(words(&text).map(|word| Term {
            text: word.to_string(),
            ..term.clone()
        }));
    }
    Ok(out)
}

/// Makes scores relative to the best one.
fn relative(scores: &mut [f64]) {
    let best = scores.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    scores.iter_mut().for_each(|score| *score /= best);
}

/// Adds the similarity to the best hits (pseudo-relevance feedback): texts about the same subject
/// often use other words than the typed ones.
fn with_likeness(lore: &Lore<'_>, typed: &[f64]) -> index::Result<Vec<f64>> {
    let mut scores = typed.to_vec();
    for round in ROUNDS {
        let mut best: Vec<usize> = lore.numbers().filter(|n| scores[*n] > 0.0).collect();
        best.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        best.truncate(round);
        let best: Vec<(usize, f64)> = best.into_iter().map(|n| (n, scores[n])).collect();
        let mut like = vec![0.0; lore.end()];
        for (stem, weight) in typical(lore, &best)? {
            for (n, score) in lore.scores(&[vec![Phrase::of_stem(&stem)]])? {
                like[n] += weight * score;
            }
        }
        relative(&mut like);
        let both = typed.iter().zip(&like);
        scores = both
            .map(|(typed, like)| (1.0 - LIKENESS) * typed + LIKENESS * like)
            .collect();
    }
    Ok(scores)
}

/// The stems that are most typical of some learnings, with their weights: frequent there, and rare
/// elsewhere.
fn typical(lore: &Lore<'_>, learnings: &[(usize, f64)]) -> index::Result<Vec<(String, f64)>> {
    let total = lore.numbers().len() as f64;
    let stop: HashSet<String> = STOP.iter().map(|word| stemmed(word)).collect();
    let mut sum: BTreeMap<String, f64> = BTreeMap::new();
    for (n, score) in learnings {
        let stems = lore.stems(*n)?;
        let mut own: Vec<(&str, f64)> = Vec::new();
        for (stem, count) in weights(&stems) {
            let known = lore.having(stem)?.len();
            if known < 2 || stem.len() < 2 || stop.contains(stem) {
                continue;
            }
            let rarity = (1.0 + total / (known as f64 + 0.5)).ln();
            own.push((stem, (1.0 + f64::from(count).ln()) * rarity));
        }
        let length = own.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
        for (stem, weight) in own {
            *sum.entry(stem.to_string()).or_default() += score * weight / length;
        }
    }
    let mut all: Vec<(String, f64)> = sum.into_iter().collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.truncate(LIKE_WORDS);
    Ok(all)
}

fn whole(text: &str) -> Phrase {
    Phrase::new(text, false)
}

fn is_stop(term: &Term) -> bool {
    !term.quoted && STOP.contains(&term.text.to_lowercase().as_str())
}

/// A word itself; a compound one is also found by its parts.
fn choices(term: &Term) -> Vec<Vec<Phrase>> {
    let mut out = vec![vec![Phrase::new(&term.text, term.prefix)]];
    let parts = index::parts(&term.text);
    if !term.quoted && !parts.is_empty() {
        out.push(parts.split_whitespace().map(whole).collect());
    }
    out
}
