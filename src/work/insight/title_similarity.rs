//! The similarity of titles: words weighted by rarity, without a model.
//!
//! The same titles give the same numbers everywhere.

use std::collections::{BTreeMap, HashMap};

use crate::model::text::head;
use crate::query::search_terms::{stem, telling_words};

/// The length of a text that is compared; titles are rarely longer.
const BYTES: usize = 2_000;

/// The words of a text: lower case, without inflected endings, each with its count.
pub(super) fn words(text: &str) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for word in telling_words(&text.to_lowercase()) {
        *out.entry(stem(word, 3).to_string()).or_default() += 1;
    }
    out
}

/// Texts to compare: each a vector of words of length one (TF-IDF and cosine; Salton 1975).
pub(super) struct Corpus {
    vectors: Vec<Vec<(usize, f64)>>,
    /// For each word the texts that have it.
    holders: Vec<Vec<usize>>,
}

impl Corpus {
    pub(super) fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Corpus {
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut holders: Vec<Vec<usize>> = Vec::new();
        let mut vectors: Vec<Vec<(usize, f64)>> = Vec::new();
        for (text, said) in texts.enumerate() {
            let said = head(said, BYTES);
            let mut vector = Vec::new();
            for (word, count) in words(said) {
                let number = *numbers.entry(word).or_insert_with(|| {
                    holders.push(Vec::new());
                    holders.len() - 1
                });
                holders[number].push(text);
                vector.push((number, count as f64));
            }
            vector.sort_by_key(|(number, _)| *number);
            vector.shrink_to_fit();
            vectors.push(vector);
        }
        let rarity: Vec<f64> = holders
            .iter()
            .map(|held| ((vectors.len() as f64 + 1.0) / (held.len() as f64 + 1.0)).ln() + 1.0)
            .collect();
        for vector in &mut vectors {
            for (number, weight) in vector.iter_mut() {
                *weight *= rarity[*number];
            }
            let length = vector.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
            for (_, weight) in vector.iter_mut() {
                *weight /= length.max(f64::MIN_POSITIVE);
            }
        }
        Corpus { vectors, holders }
    }

    /// The texts that have words in common with this one, with their similarity (0 to 1), in the
    /// order of texts. Words that more than `most` texts have only count where a rarer one is
    /// shared.
    pub(super) fn near(&self, text: usize, most: usize) -> BTreeMap<usize, f64> {
        let mut near: BTreeMap<usize, f64> = BTreeMap::new();
        for (word, _) in &self.vectors[text] {
            if self.holders[*word].len() <= most {
                for other in self.holders[*word].iter().filter(|o| **o != text) {
                    near.insert(*other, 0.0);
                }
            }
        }
        for (other, alike) in &mut near {
            *alike = self.alike(text, *other);
        }
        near
    }

    /// The similarity of two texts: 0 (no common word) to 1 (the same words).
    fn alike(&self, a: usize, b: usize) -> f64 {
        let (mut a, mut b) = (&self.vectors[a][..], &self.vectors[b][..]);
        let mut sum = 0.0;
        while let ([(x, wx), rest_a @ ..], [(y, wy), rest_b @ ..]) = (a, b) {
            match x.cmp(y) {
                std::cmp::Ordering::Less => a = rest_a,
                std::cmp::Ordering::Greater => b = rest_b,
                std::cmp::Ordering::Equal => {
                    sum += wx * wy;
                    (a, b) = (rest_a, rest_b);
                }
            }
        }
        sum
    }

    /// The number of different words of a text.
    pub(super) fn size(&self, text: usize) -> usize {
        self.vectors[text].len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_that_share_rare_words_are_similar() {
        let corpus = Corpus::new(
            [
                "Fix the flaky login test",
                "Fixing flaky login tests",
                "Fix typo in README",
                "Write docs",
                "",
            ]
            .into_iter(),
        );
        let near = corpus.near(0, 10);
        assert!(near[&1] > 0.99, "{near:?}");
        assert!(near[&2] < 0.4 && near[&2] > 0.0, "{near:?}");
        assert_eq!(near.get(&3), None);
        assert_eq!(corpus.near(4, 10).len(), 0);
        let back = corpus.near(1, 10)[&0];
        assert!((back - near[&1]).abs() < 1e-12);
    }

    #[test]
    fn words_are_stemmed_and_short_ones_are_not() {
        let words: Vec<String> = words("Tests testing TESTED; is ids #42")
            .into_keys()
            .collect();
        assert_eq!(words, ["42", "ids", "test"]);
    }
}
