//! The ranking of the learnings that have some of the query's words. Each word is scored by BM25
//! over fields of different weight; a learning's score is their sum, times the share of the words
//! that it has (rare words weigh more), plus its similarity to the best hits. Learnings with all
//! words come first. Among many learnings, only some are scored.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::typos::Candidates;
use crate::query::search_terms::{Term, phrase, stem};
use crate::store::index::{self, Lore};

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

/// Above this number of learnings, only some of them are scored.
const FEW: usize = 2_000;

/// The number of learnings that are scored among many, if they yield enough hits.
const CANDIDATES: usize = 300;

/// Among more candidates, those with the words in these fields are scored first.
const FIELDS: [&str; 2] = ["title", "title symptoms tags"];

/// The weight of a word that replaces a mistyped one.
const REPLACED: f64 = 0.7;

/// The exponent of the share of words.
const COVERAGE: f64 = 0.5;

/// The weight of the similarity to the best hits, relative to that of the typed words.
const LIKENESS: f64 = 0.8;

/// The number of best hits that others are compared with in each round, and of their words.
const ROUNDS: [usize; 2] = [1, 3];
const LIKE_WORDS: usize = 40;

/// A learning with its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ranked {
    /// The row.
    pub(super) n: i64,
    pub(super) score: f64,
    /// True if it has all words of the query.
    pub(super) all: bool,
    /// True if it has none of them, and is only similar to others that have.
    pub(super) related: bool,
}

/// The words of the learning of a row, with their weights.
pub(super) type WordsOf<'w> = &'w dyn Fn(i64) -> Vec<(String, f64)>;

/// The hits of one word, or of its replacement.
struct Word {
    weight: f64,
    hits: Vec<(i64, f64)>,
}

/// True if the caller may show the learning of a row.
pub(super) type IsWanted<'w> = &'w dyn Fn(i64) -> bool;

/// The learnings with some of the words, best first; the caller shows `enough` of those that are
/// wanted.
pub(super) fn ranked(
    lore: &Lore<'_>,
    terms: &[Term],
    enough: usize,
    is_wanted: IsWanted<'_>,
    words_of: WordsOf<'_>,
) -> index::Result<Vec<Ranked>> {
    let total = lore.total()?;
    let mut wanted: Vec<&Term> = terms.iter().filter(|t| !t.without && !is_stop(t)).collect();
    if wanted.is_empty() {
        wanted = terms.iter().filter(|t| !t.without).collect();
    }
    if total > FEW {
        return among_many(lore, &wanted, enough, is_wanted);
    }
    let words = wanted.iter().map(|term| scored(lore, term));
    let words: Vec<Word> = words.collect::<index::Result<_>>()?;
    let idf = |word: &Word| {
        let (all, own) = (total as f64, word.hits.len() as f64);
        word.weight * (1.0 + (all - own + 0.5).max(0.5) / (own + 0.5)).ln()
    };
    let rarity: Vec<f64> = words.iter().map(idf).collect();
    let sum: f64 = rarity.iter().sum();
    let mut found: HashMap<i64, (f64, f64, usize)> = HashMap::new();
    for (word, rarity) in words.iter().zip(&rarity) {
        for (n, score) in &word.hits {
            let one = found.entry(*n).or_default();
            one.0 += word.weight * score;
            one.1 += rarity;
            one.2 += 1;
        }
    }
    let all: HashSet<i64> = found
        .iter()
        .filter_map(|(n, (_, _, has))| (*has == words.len()).then_some(*n))
        .collect();
    let share = |share: f64| (share / sum.max(f64::MIN_POSITIVE)).powf(COVERAGE);
    let typed = found.into_iter();
    let typed = typed.map(|(n, (score, has, _))| (n, score * share(has)));
    let typed = relative(typed.collect());
    // A phrase or a prefix is taken literally.
    let found = match wanted.iter().all(|term| term.quoted || term.prefix) {
        true => typed.clone(),
        false => with_likeness(lore, &typed, words_of, total)?,
    };
    Ok(sorted(found.into_iter().map(|(n, score)| Ranked {
        n,
        score,
        all: all.contains(&n),
        related: !typed.contains_key(&n),
    })))
}

/// Scores relative to the best one.
fn relative(mut scores: HashMap<i64, f64>) -> HashMap<i64, f64> {
    let best = scores.values().copied().fold(0.0, f64::max);
    scores.retain(|_, score| *score > 0.0 && best > 0.0);
    scores.values_mut().for_each(|score| *score /= best);
    scores
}

/// Adds the similarity to the best hits (pseudo-relevance feedback): texts about the same subject
/// often use other words than the typed ones.
fn with_likeness(
    lore: &Lore<'_>,
    typed: &HashMap<i64, f64>,
    words_of: WordsOf<'_>,
    total: usize,
) -> index::Result<HashMap<i64, f64>> {
    let mut scores = typed.clone();
    for round in ROUNDS {
        let mut best: Vec<(i64, f64)> = scores.iter().map(|(n, s)| (*n, *s)).collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        best.truncate(round);
        let mut like: HashMap<i64, f64> = HashMap::new();
        for (word, weight) in typical(lore, &best, words_of, total)? {
            for (n, score) in lore.scores(&phrase(&word, false))? {
                *like.entry(n).or_default() += weight * score;
            }
        }
        let like = relative(like);
        scores = HashMap::new();
        for (all, part) in [(typed, 1.0 - LIKENESS), (&like, LIKENESS)] {
            for (n, score) in all {
                *scores.entry(*n).or_default() += part * score;
            }
        }
    }
    Ok(scores)
}

/// The words that are most typical of some learnings, with their weights: frequent there, and rare
/// elsewhere.
fn typical(
    lore: &Lore<'_>,
    learnings: &[(i64, f64)],
    words_of: WordsOf<'_>,
    total: usize,
) -> index::Result<Vec<(String, f64)>> {
    let mut sum: BTreeMap<String, f64> = BTreeMap::new();
    for (n, score) in learnings {
        // By stem; the shortest form stands for all.
        let mut own: BTreeMap<String, (String, f64)> = BTreeMap::new();
        for (word, weight) in words_of(*n) {
            if STOP.contains(&word.as_str()) {
                continue;
            }
            let one = own.entry(stem(&word).to_string()).or_default();
            one.1 += weight;
            if one.0.is_empty() || word.len() < one.0.len() {
                one.0 = word;
            }
        }
        let mut weights: Vec<(String, f64)> = Vec::new();
        for (word, count) in own.into_values() {
            let known = lore.known(&word)?;
            if known < 2 {
                continue;
            }
            let rarity = (1.0 + total as f64 / (known as f64 + 0.5)).ln();
            weights.push((word, (1.0 + count.ln().max(0.0)) * rarity));
        }
        let length = weights.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
        for (word, weight) in weights {
            *sum.entry(word).or_default() += score * weight / length;
        }
    }
    let mut all: Vec<(String, f64)> = sum.into_iter().collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.truncate(LIKE_WORDS);
    Ok(all)
}

/// The ranking among many learnings, where scoring each word in each of them takes too long: first
/// only those with all words are scored (in the title, then in the short fields, then anywhere),
/// then those with one of the rarest words, then all that have any, until there are enough wanted
/// ones.
fn among_many(
    lore: &Lore<'_>,
    wanted: &[&Term],
    enough: usize,
    is_wanted: IsWanted<'_>,
) -> index::Result<Vec<Ranked>> {
    let mut words: Vec<(usize, String)> = wanted.iter().map(|term| (0, expression(term))).collect();
    let joined = |words: &[(usize, String)], between: &str| {
        let each: Vec<&str> = words.iter().map(|(_, one)| one.as_str()).collect();
        each.join(between)
    };
    let are_enough = |scores: &[(i64, f64)]| {
        let offered = scores.iter().filter(|(n, _)| is_wanted(*n));
        offered.take(enough).count() >= enough
    };
    let both = joined(&words, " AND ");
    let mut scores = Vec::new();
    if lore.count(&both)? > CANDIDATES {
        for fields in FIELDS {
            scores = lore.scores(&format!("{{{fields}}} : ({both})"))?;
            if are_enough(&scores) {
                break;
            }
        }
    }
    if !are_enough(&scores) {
        scores = lore.scores(&both)?;
    }
    let all: HashSet<i64> = scores.iter().map(|(n, _)| *n).collect();
    if !are_enough(&scores) {
        for ((count, one), term) in words.iter_mut().zip(wanted) {
            *count = lore.count(one)?;
            if *count == 0
                && let Some(other) = replacement(lore, term)?
            {
                *count = lore.count(&other)?;
                *one = other;
            }
        }
        words.sort();
        let sums = words.iter().scan(0, |sum, (count, _)| {
            *sum += count;
            Some(*sum)
        });
        let rarest = sums.take_while(|sum| *sum < CANDIDATES).count() + 1;
        let any = joined(&words, " OR ");
        let few = words.get(..rarest).filter(|few| few.len() < words.len());
        let candidates = few.map(|few| format!("({}) AND ({any})", joined(few, " OR ")));
        if let Some(candidates) = &candidates {
            scores = lore.scores(candidates)?;
        }
        if candidates.is_none() || !are_enough(&scores) {
            scores = lore.scores(&any)?;
        }
    }
    Ok(sorted(scores.into_iter().map(|(n, score)| Ranked {
        n,
        score,
        all: all.contains(&n),
        related: false,
    })))
}

/// The hits of one word.
fn scored(lore: &Lore<'_>, term: &Term) -> index::Result<Word> {
    let mut word = Word {
        weight: 1.0,
        hits: lore.scores(&expression(term))?,
    };
    if word.hits.is_empty()
        && let Some(other) = replacement(lore, term)?
    {
        word.weight = REPLACED;
        word.hits = lore.scores(&other)?;
    }
    Ok(word)
}

/// The expression of the words that may have been meant by a word without hits.
fn replacement(lore: &Lore<'_>, term: &Term) -> index::Result<Option<String>> {
    if term.quoted || term.prefix {
        return Ok(None);
    }
    let mut candidates = Candidates::of(&term.text);
    lore.each_word(|known| candidates.consider(known))?;
    let found = candidates.finish();
    let mut other: Vec<String> = found.words.iter().map(|w| phrase(w, false)).collect();
    other.extend(
        found
            .parts
            .map(|(a, b)| format!("({} AND {})", phrase(&a, false), phrase(&b, false))),
    );
    Ok((!other.is_empty()).then(|| other.join(" OR ")))
}

fn is_stop(term: &Term) -> bool {
    !term.quoted && STOP.contains(&term.text.to_lowercase().as_str())
}

/// A word as an expression; a compound one is also found by its parts.
fn expression(term: &Term) -> String {
    let exact = term.exact();
    if term.quoted {
        return exact;
    }
    let parts: Vec<String> = index::parts(&term.text)
        .split_whitespace()
        .map(|part| phrase(part, false))
        .collect();
    match parts.len() {
        0 => format!("({exact})"),
        _ => format!("({exact} OR ({}))", parts.join(" AND ")),
    }
}

/// Those with all words first, each part by score; equal ones in the order of rows.
fn sorted(found: impl Iterator<Item = Ranked>) -> Vec<Ranked> {
    let mut out: Vec<Ranked> = found.collect();
    out.sort_by(|a, b| {
        let order = b.all.cmp(&a.all).then(b.score.total_cmp(&a.score));
        order.then(a.n.cmp(&b.n))
    });
    out
}
