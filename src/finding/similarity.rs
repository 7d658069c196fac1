//! How similar two short texts are, such as the claims of two findings.
//!
//! The cosine of their words, weighted by how rare each word is.
//!
//! The findings of one review are too small a corpus to count words in: what is in many of them, such as
//! the name of the changed class, weighs next to nothing then, and less is joined. So there is a built-in
//! table of the counts in messages of commits, made by `benches/word_counts.py`, to which the claims
//! of the review are added: `tests/review_data.rs` shows that clusters are then those of a large
//! corpus. With the table alone such names weigh too much, and a little more is joined.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

/// Words that say nothing about what a finding is about; letters alone are no words.
const STOP_WORDS: &str = "all an and any are as at be but by can cause causing code could due for from \
    function if in incorrect incorrectly instead into is it may method no not of on only or \
    potentially rather should so than that the this to use used uses using when which will with would";
static STOPPED: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP_WORDS.split(' ').collect());

/// The number of texts counted, then in how many of them each word is.
const TABLE: &str = include_str!("word_counts.txt");

/// The bytes and different words that are read of a text: more than a paragraph has, and a bound on
/// the work for a hostile one.
const BYTES_READ: usize = 2_048;
const WORDS_READ: usize = 64;

/// How much each word weighs, by the number of texts that have it.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    texts: u32,
    counts: HashMap<String, u32>,
}

impl Weights {
    /// The cosine of the vectors of two texts, from 0 to 1.
    #[must_use]
    pub fn similarity(&self, a: &str, b: &str) -> f64 {
        let (a, b) = (self.vector(a), self.vector(b));
        let common = a.iter().filter_map(|(word, weight)| {
            let at = b.binary_search_by(|(other, _)| other.cmp(word)).ok()?;
            Some(weight * b[at].1)
        });
        common.sum::<f64>().clamp(0.0, 1.0)
    }

    /// The weights of English texts about changes of software, 2,000 of them.
    #[must_use]
    pub fn builtin() -> Self {
        let mut lines = TABLE.lines();
        let counted = |text: &str| text.parse().unwrap_or_default();
        Self {
            texts: lines.next().map_or(0, counted),
            counts: lines
                .filter_map(|line| line.split_once(' '))
                .map(|(word, count)| (word.to_owned(), counted(count)))
                .collect(),
        }
    }

    /// The weights with these texts counted too, such as the claims of the review, or all those that a
    /// project has stored: words that are in many of them weigh less.
    #[must_use]
    pub fn with<'t>(mut self, texts: impl IntoIterator<Item = &'t str>) -> Self {
        for text in texts {
            self.texts = self.texts.saturating_add(1);
            for word in words(&lower(text)) {
                *self.counts.entry(word.to_owned()).or_default() += 1;
            }
        }
        self
    }

    /// The words of a text, sorted, with weights that make a vector of length 1: the sum of the products of
    /// two is how similar their texts are, from 0 (no common word, or no word at all) to 1 (the same words).
    /// Of a text the first 2 KiB and 64 different words are read. Only words of Latin letters count.
    pub(crate) fn vector(&self, text: &str) -> Vec<(String, f64)> {
        let mut vector: Vec<(String, f64)> = words(&lower(text))
            .into_iter()
            .map(|word| (word.to_owned(), self.weight(word)))
            .collect();
        let squares: f64 = vector.iter().map(|(_, weight)| weight * weight).sum();
        let length = squares.sqrt();
        for (_, weight) in &mut vector {
            *weight /= length;
        }
        vector
    }

    /// Always above 0: a word is in at most all texts.
    fn weight(&self, word: &str) -> f64 {
        let count = self.counts.get(word).copied().unwrap_or_default();
        (f64::from(self.texts.max(1)) / (1.0 + f64::from(count))).ln() + 1.0
    }
}

/// What is read of a text.
pub(crate) fn read(text: &str) -> &[u8] {
    &text.as_bytes()[..text.len().min(BYTES_READ)]
}

/// What is read of a text, in lower case.
fn lower(text: &str) -> String {
    String::from_utf8_lossy(&read(text).to_ascii_lowercase()).into_owned()
}

/// The different words of a text in lower case: `[a-z][a-z0-9]+` without stop words.
fn words(lower: &str) -> BTreeSet<&str> {
    let mut words = BTreeSet::new();
    for run in lower.split(|char: char| !char.is_ascii_alphanumeric()) {
        let word = run.trim_start_matches(|char: char| char.is_ascii_digit());
        if word.len() > 1 && !STOPPED.contains(word) {
            words.insert(word);
        }
        if words.len() == WORDS_READ {
            break;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_pattern() {
        let text = "The 9lives of `fooBar_baz(x2)`: naïve T3st, a §b c4 fooBar; 77";
        let expected = ["baz", "c4", "foobar", "lives", "na", "t3st", "ve", "x2"];
        assert_eq!(Vec::from_iter(words(&lower(text))), expected);
    }

    #[test]
    fn stop_words_do_not_count() {
        assert!(words(STOP_WORDS).is_empty());
        assert!(words(&lower(&STOP_WORDS.to_uppercase())).is_empty());
    }

    #[test]
    fn rare_words_weigh_more() {
        let weights = Weights::default().with(["null lock", "null list", "null"]);
        assert_eq!(weights.weight("null"), (0.75_f64).ln() + 1.0);
        assert_eq!(weights.weight("lock"), (1.5_f64).ln() + 1.0);
        assert_eq!(weights.weight("other"), (3.0_f64).ln() + 1.0);
        let one = weights.similarity("null lock", "null list");
        assert!(one < weights.similarity("null lock", "lock list"));
    }

    #[test]
    fn the_table_is_whole_and_has_no_stop_words() {
        let weights = Weights::builtin();
        assert_eq!(weights.texts, 2_000);
        assert_eq!(weights.counts.len(), TABLE.lines().count() - 1);
        for (word, count) in &weights.counts {
            assert!((1..=weights.texts).contains(count), "{word} {count}");
            assert_eq!(words(word).first(), Some(&&**word));
        }
    }

    #[test]
    fn texts_of_the_project_make_their_words_lighter() {
        let builtin = Weights::builtin();
        let own = builtin.clone().with(["the ledger fails"; 50]);
        assert_eq!(own.texts, builtin.texts + 50);
        assert!(own.weight("ledger") < builtin.weight("ledger"));
    }

    #[test]
    fn of_a_long_text_the_beginning_is_read() {
        let many: String = (0..100_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(words(&lower(&many)).len(), WORDS_READ);
        let late = "1 ".repeat(150_000) + "lock";
        assert!(words(&lower(&late)).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn similarity_is_symmetric_and_of_a_text_with_itself_1(
            a in "([a-e]{2} |\\PC){0,12}",
            b in "([a-e]{2} |\\PC){0,12}",
            corpus in proptest::collection::vec("([a-e]{2} ){0,4}", 0..6),
        ) {
            for weights in [Weights::default().with(corpus.iter().map(String::as_str)), Weights::builtin()] {
                let similar = weights.similarity(&a, &b);
                assert!((0.0..=1.0).contains(&similar), "{similar}");
                assert_eq!(similar, weights.similarity(&b, &a));
                assert_eq!(weights.similarity(&a, ""), 0.0);
                let same = if words(&lower(&a)).is_empty() { 0.0 } else { 1.0 };
                assert!((weights.similarity(&a, &a) - same).abs() < 1e-9);
            }
        }
    }
}
