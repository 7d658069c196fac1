//! Typos: known words a few edits away from the typed one, and two known words
//! written as one. Pure, over the list of all known words.

/// The maximum number of edits (a character added, left out, replaced, or two swapped) between a
/// typed word and a known one. Short words have too many neighbors.
fn allowed(length: usize) -> usize {
    match length {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// The maximum number of known words that replace one typed word.
const MOST: usize = 4;

/// The minimum length of a part of a split word.
const PART: usize = 3;

/// The replacement for a typed word that occurs in no text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Replacement {
    /// Known words that are a few edits away, nearest first.
    pub(super) words: Vec<String>,
    /// Two known words that make up the typed one.
    pub(super) parts: Option<(String, String)>,
}

/// A collector of replacements, which considers every known word.
pub(super) struct Candidates {
    typed: Vec<char>,
    letters: u64,
    text: String,
    near: Vec<(usize, String)>,
    known: std::collections::BTreeSet<String>,
}

impl Candidates {
    pub(super) fn of(typed: &str) -> Candidates {
        let text = typed.to_lowercase();
        Candidates {
            typed: text.chars().collect(),
            letters: letters(text.chars()),
            text,
            near: Vec::new(),
            known: std::collections::BTreeSet::new(),
        }
    }

    /// Considers a known word, in lower case.
    pub(super) fn consider(&mut self, word: &str) {
        if self.text.starts_with(word) || self.text.ends_with(word) {
            self.known.insert(word.to_string());
        }
        let most = allowed(self.typed.len());
        // Each edit adds at most one letter that the other word lacks, which rejects most words at
        // once.
        let own = letters(word.chars());
        let lacks = |a: u64, b: u64| (a & !b).count_ones() as usize > most;
        if lacks(self.letters, own) || lacks(own, self.letters) {
            return;
        }
        if let Some(distance) = distance(&self.typed, word, most) {
            self.near.push((distance, word.to_string()));
        }
    }

    pub(super) fn finish(mut self) -> Replacement {
        self.near.sort();
        let best = self.near.first().map_or(0, |(distance, _)| *distance);
        self.near.retain(|(distance, _)| *distance == best);
        self.near.truncate(MOST);
        let ends = self.text.char_indices().map(|(at, _)| at);
        let mut splits = ends.filter_map(|at| {
            let (a, b) = self.text.split_at(at);
            let long = a.len() >= PART && b.len() >= PART;
            (long && self.known.contains(a) && self.known.contains(b))
                .then(|| (a.to_string(), b.to_string()))
        });
        Replacement {
            parts: splits.next(),
            words: self.near.into_iter().map(|(_, word)| word).collect(),
        }
    }
}

/// The characters of a word as a set of bits; several characters share one.
fn letters(word: impl Iterator<Item = char>) -> u64 {
    word.fold(0, |set, c| set | 1 << (u32::from(c) % 64))
}

/// The number of edits between two words, if it is at most `most`.
fn distance(a: &[char], b: &str, most: usize) -> Option<usize> {
    if most == 0 || a.len().abs_diff(b.chars().count()) > most {
        return None;
    }
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut cost = (last[j - 1] + same).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row.push(cost);
        }
        if row.iter().min().is_none_or(|least| *least > most) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|found| *found <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(typed: &str, known: &[&str]) -> Replacement {
        let mut candidates = Candidates::of(typed);
        known.iter().for_each(|word| candidates.consider(word));
        candidates.finish()
    }

    #[test]
    fn a_mistyped_word_finds_the_nearest_known_ones() {
        let known = ["deadlock", "headlock", "timeout", "lock"];
        assert_eq!(replaced("daedlock", &known).words, ["deadlock"]);
        assert_eq!(replaced("timeuot", &known).words, ["timeout"]);
        assert_eq!(replaced("Timout", &known).words, ["timeout"]);
        assert!(replaced("lick", &["lost", "back"]).words.is_empty());
        assert_eq!(replaced("lokc", &known).words, ["lock"]);
        assert!(replaced("cat", &["cut"]).words.is_empty(), "too short");
    }

    #[test]
    fn a_compound_word_is_split_into_known_ones() {
        let found = replaced("readtimeout", &["read", "timeout", "readtime"]);
        assert_eq!(found.parts, Some(("read".into(), "timeout".into())));
        assert_eq!(replaced("readable", &["read"]).parts, None);
    }
}
