//! The terms of a text, and a search for the text that shares the most distinctive ones with
//! another.

use super::similarity::{stems, words};
use std::collections::{BTreeMap, BTreeSet};

/// The distinctive words of a text: stems, and pairs of characters in scripts without spaces or with
/// particles.
pub(super) fn terms(text: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    for word in words(text) {
        if word.chars().any(is_dense) {
            let signs: Vec<char> = word.chars().collect();
            found.extend(signs.windows(2).map(|pair| pair.iter().collect::<String>()));
        }
    }
    found.extend(
        stems(text)
            .into_iter()
            .filter(|stem| !stem.chars().any(is_dense)),
    );
    found
}

/// True for Chinese, Japanese and Korean characters.
fn is_dense(sign: char) -> bool {
    matches!(sign, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// Texts that others are compared with.
#[derive(Default)]
pub(super) struct Matcher {
    by_term: BTreeMap<String, Vec<(usize, f64)>>,
    count: usize,
}

/// The weight of a term of the title, and of one of the text below it.
const WEIGHTS: (f64, f64) = (1.0, 0.6);

/// The weight of a term that is in none of the texts, relative to that of a rare one.
const UNKNOWN: f64 = 0.3;

impl Matcher {
    /// Adds a text: its title and the text below it.
    pub fn add(&mut self, title: &str, text: &str) {
        let title = terms(title);
        let below = terms(text);
        for term in title.union(&below) {
            let weight = if title.contains(term) {
                WEIGHTS.0
            } else {
                WEIGHTS.1
            };
            let found = self.by_term.entry(term.clone()).or_default();
            found.push((self.count, weight));
        }
        self.count += 1;
    }

    /// The text that shares the most distinctive terms with this one, and their share, 0 to
    /// 1; `None` if no more than one term is shared.
    pub fn best(&self, text: &str) -> Option<(usize, f64)> {
        let wanted = terms(text);
        let rare = (1.0 + self.count as f64).ln();
        let mut whole = 0.0;
        let mut hits: BTreeMap<usize, (f64, usize)> = BTreeMap::new();
        for term in &wanted {
            let Some(found) = self.by_term.get(term) else {
                whole += rare * UNKNOWN;
                continue;
            };
            let worth =
                (1.0 + self.count as f64 / found.len() as f64).ln() - std::f64::consts::LN_2;
            if worth <= 0.0 {
                continue;
            }
            whole += worth;
            for (place, weight) in found {
                let hit = hits.entry(*place).or_default();
                hit.0 += worth * weight;
                hit.1 += 1;
            }
        }
        let least = if wanted.len() < 2 { 1 } else { 2 };
        let shared = hits.into_iter().filter(|(_, (_, shared))| *shared >= least);
        let scores = shared.map(|(place, (score, _))| (score, place));
        let (score, place) = scores.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
        (whole > 0.0).then(|| (place, score / whole))
    }
}
