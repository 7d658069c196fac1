//! Names of streams: a few words of the label of their tasks.

use super::similarity::{normalize, words};
use super::title::finish;
use crate::plan::document::{Words, words};
use std::collections::BTreeMap;

/// The longest name, in characters.
const MAX_CHARS: usize = 32;

/// The largest number of words in a name.
const MAX_WORDS: usize = 5;

/// Connecting words: a shortened name ends before one.
const JOINTS: Words = words!(
    "&, /, against, als, and, are, as, at, auf, be, bei, between, by, con, da, de, del, des, do, \
     du, durch, e, en, et, for, from, für, im, in, into, is, mit, must, nach, oder, of, on, or, \
     para, per, por, pour, shall, so, sur, that, to, um, und, via, von, when, which, while, will, \
     with, y, zu, zum, zur",
);

/// Articles: a name neither begins nor ends with one.
const ARTICLES: Words =
    words!("a, an, das, dem, den, der, die, ein, eine, el, la, las, le, les, los, the");

/// Marks after the first part of a label.
const MARKS: [char; 8] = [':', '(', '–', '—', ',', ';', '：', '（'];

/// A short name for each label. Labels with the same beginning are named by the rest.
pub(super) fn short_names(labels: &[String]) -> BTreeMap<&str, String> {
    let mut known: BTreeMap<&str, String> = BTreeMap::new();
    let mut heads: BTreeMap<String, usize> = BTreeMap::new();
    for label in labels {
        if known.insert(label, String::new()).is_none() {
            *heads.entry(normalize(head(label))).or_default() += 1;
        }
    }
    for (label, name) in &mut known {
        let first = head(label);
        let shared = heads.get(&normalize(first)).is_some_and(|count| *count > 1);
        let rest = label[first.len()..]
            .trim_start_matches(|c: char| MARKS.contains(&c) || c.is_whitespace() || c == '-');
        let rest = head(rest);
        let named = if (shared || is_number(first)) && !normalize(rest).is_empty() {
            rest
        } else {
            first
        };
        *name = short(named);
    }
    known
}

/// The part of a label before its first mark.
fn head(label: &str) -> &str {
    let mark = label
        .char_indices()
        .find(|(at, c)| *at > 0 && MARKS.contains(c) && !label[..*at].trim().is_empty());
    mark.map_or(label, |(at, _)| &label[..at])
}

/// True if a text is only a number with its noun (`Epic A`, `Option 2`).
fn is_number(text: &str) -> bool {
    let words = words(text);
    words.len() <= 2
        && words.last().is_some_and(|word| {
            word.bytes().all(|b| b.is_ascii_digit()) || (word.is_ascii() && word.len() == 1)
        })
}

/// The first few words of a text, without connecting words at the end.
fn short(text: &str) -> String {
    let finished = finish(text).to_lowercase();
    let mut all: Vec<&str> = finished.split_whitespace().collect();
    if all.len() > 2 && ARTICLES.contains(all[0]) {
        all.remove(0);
    }
    let fits = |count: usize| {
        let letters: usize = all[..count].iter().map(|word| word.chars().count()).sum();
        count <= MAX_WORDS && letters + count.saturating_sub(1) <= MAX_CHARS
    };
    let most = (1..=all.len())
        .rev()
        .find(|count| fits(*count))
        .unwrap_or(0);
    // Shortens before a connecting word if that leaves at least half of the words that fit.
    let joint = (1..=most.min(all.len().saturating_sub(1)))
        .rev()
        .find(|at| JOINTS.contains(all[*at]));
    let mut count = most;
    if most < all.len()
        && let Some(joint) = joint.filter(|joint| joint * 2 >= most)
    {
        count = joint;
    }
    while count > 1 && (JOINTS.contains(all[count - 1]) || ARTICLES.contains(all[count - 1])) {
        count -= 1;
    }
    let name = match (count, all.first()) {
        (0, Some(word)) => word.chars().take(MAX_CHARS).collect(),
        _ => all[..count].join(" "),
    };
    let name =
        name.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ')' | ']' | '+' | '#'));
    if normalize(name).is_empty() {
        "core".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_name_is_short_and_does_not_end_in_a_joining_word() {
        for (label, want) in [
            (
                "Kohortenanalyse und Untersuchungsergebnisse",
                "kohortenanalyse",
            ),
            (
                "Warm node pooling for faster starts of agents",
                "warm node pooling",
            ),
            ("Core task management", "core task management"),
            (
                "A resident applies for a permit online",
                "resident applies for a permit",
            ),
            (
                "Make creating an invoice idempotent",
                "make creating an invoice",
            ),
            (
                "Address is checked against the street register",
                "address is checked",
            ),
            ("Sync & collaboration", "sync & collaboration"),
            ("The map", "the map"),
            ("座位地图", "座位地图"),
            ("***", "core"),
            ("", "core"),
        ] {
            assert_eq!(short(label), want, "{label}");
        }
        assert_eq!(short(&"x".repeat(90)).len(), MAX_CHARS);
    }

    #[test]
    fn labels_with_a_common_beginning_are_named_by_the_rest() {
        let labels = [
            "App: Files",
            "App: Terminal",
            "Epic A: Plan",
            "Data (v2)",
            "Option B",
        ];
        let labels: Vec<String> = labels.map(String::from).to_vec();
        let names = short_names(&labels);
        let names: Vec<&str> = labels
            .iter()
            .map(|label| names[label.as_str()].as_str())
            .collect();
        assert_eq!(names, ["files", "terminal", "plan", "data", "option b"]);
    }
}
