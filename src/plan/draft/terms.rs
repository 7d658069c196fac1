//! The terms of a text, and which of several texts shares the most distinctive ones with another.

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
pub(super) struct Matcher {
    by_term: BTreeMap<String, Vec<(usize, f64)>>,
    count: usize,
}

/// What a term of the title counts for, and one of the text below.
const WEIGHTS: (f64, f64) = (1.0, 0.6);

impl Matcher {
    /// From the title and the text of each.
    pub fn of(texts: impl Iterator<Item = (String, String)>) -> Matcher {
        let mut matcher = Matcher {
            by_term: BTreeMap::new(),
            count: 0,
        };
        for (place, (title, text)) in texts.enumerate() {
            let title = terms(&title);
            let below = terms(&text);
            for term in title.union(&below) {
                let weight = if title.contains(term) {
                    WEIGHTS.0
                } else {
                    WEIGHTS.1
                };
                let found = matcher.by_term.entry(term.clone()).or_default();
                found.push((place, weight));
            }
            matcher.count += 1;
        }
        matcher
    }

    /// The text that shares the most with this one, and how much of it, 0 to 1; `None` if only one
    /// term is shared, or more than one text shares as much.
    pub fn best(&self, text: &str, allowed: impl Fn(usize) -> bool) -> Option<(usize, f64)> {
        let wanted = terms(text);
        let rare = (1.0 + self.count as f64).ln();
        let mut whole = 0.0;
        let mut hits: BTreeMap<usize, (f64, usize)> = BTreeMap::new();
        for term in &wanted {
            let Some(found) = self.by_term.get(term) else {
                whole += rare * 0.3;
                continue;
            };
            let worth = (1.0 + self.count as f64 / found.len() as f64).ln() - 0.69;
            whole += worth.max(0.0);
            for (place, weight) in found.iter().filter(|(place, _)| allowed(*place)) {
                let hit = hits.entry(*place).or_default();
                hit.0 += worth.max(0.0) * weight;
                hit.1 += 1;
            }
        }
        let least = if wanted.len() < 2 { 1 } else { 2 };
        let (place, (score, _)) = hits
            .into_iter()
            .filter(|(_, (_, shared))| *shared >= least)
            .max_by(|a, b| a.1.0.total_cmp(&b.1.0).then_with(|| b.0.cmp(&a.0)))?;
        (whole > 0.0).then(|| (place, score / whole))
    }
}
