//! Words, stems and the similarity of texts, regardless of the meaning of particular words.

use crate::plan::document::{Words, words};
use std::collections::BTreeSet;

/// Words without meaning for the subject of a task.
const STOP: Words = words!(
    "a, able, about, above, across, after, all, allow, also, an, and, any, are, as, at, based, be, \
     been, before, being, below, between, both, but, by, can, could, do, does, each, for, from, \
     get, give, has, have, how, i, if, in, into, is, it, its, let, like, make, may, more, must, my, \
     need, new, no, not, of, on, one, only, or, other, our, out, over, per, provide, shall, should, \
     so, some, such, support, system, than, that, the, their, them, then, there, these, they, this, \
     those, through, to, up, use, used, user, users, using, via, want, we, what, when, where, \
     which, who, will, with, within, without, would, you, your",
);

/// Verbs that many tasks begin with, which name the kind of work rather than its subject.
const WORK: Words = words!(
    "add, build, create, creat, defin, deliver, develop, enabl, ensur, establish, implement, \
     improv, introduc, integrat, setup, set, write, writ, updat, feature, featur, task, story, \
     phase, phas, sprint, requirement, requir, basic, full, complet, initial",
);

/// The words of a text in lower case: runs of letters and digits of any script.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The words of a text in lower case, for comparing titles.
pub(super) fn normalize(text: &str) -> String {
    words(text).join(" ")
}

/// A word without common English endings.
pub(super) fn stem(word: &str) -> String {
    let mut stem = word.to_lowercase();
    if !stem.is_ascii() || stem.len() < 4 || stem.bytes().any(|b| b.is_ascii_digit()) {
        return stem;
    }
    if stem.ends_with("ies") && stem.len() > 4 {
        stem.truncate(stem.len() - 3);
        stem.push('y');
    } else if stem.ends_with('s') && !stem.ends_with("ss") && !stem.ends_with("us") {
        stem.truncate(stem.len() - 1);
    }
    for ending in ["ation", "ing", "ed", "ion", "or", "er"] {
        if stem.ends_with(ending) && stem.len() >= ending.len() + 4 {
            stem.truncate(stem.len() - ending.len());
            break;
        }
    }
    let bytes = stem.as_bytes();
    let end = bytes.len();
    if end > 3 && bytes[end - 1] == bytes[end - 2] && !b"aeioulsz".contains(&bytes[end - 1]) {
        stem.truncate(end - 1);
    }
    if stem.len() > 3 && stem.ends_with('e') {
        stem.truncate(stem.len() - 1);
    }
    stem
}

/// The stems that describe the subject of a text.
pub(super) fn stems(text: &str) -> BTreeSet<String> {
    words(text)
        .into_iter()
        .filter(|word| !STOP.contains(word))
        .map(|word| stem(&word))
        .filter(|stem| {
            let short = stem.is_ascii() && stem.len() < 2;
            !short && !WORK.contains(stem) && !stem.bytes().all(|b| b.is_ascii_digit())
        })
        .collect()
}

/// The number of stems in both sets.
pub(super) fn common(a: &BTreeSet<String>, b: &BTreeSet<String>) -> usize {
    let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    small.iter().filter(|stem| large.contains(*stem)).count()
}

/// The share of common stems among all stems of both sets, 0 to 1.
pub(super) fn jaccard(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let shared = common(a, b);
    let all = a.len() + b.len() - shared;
    if all == 0 {
        0.0
    } else {
        shared as f64 / all as f64
    }
}

/// The share of the smaller set's stems that are in the other, 0 to 1.
pub(super) fn containment(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let smaller = a.len().min(b.len());
    if smaller == 0 {
        0.0
    } else {
        common(a, b) as f64 / smaller as f64
    }
}

/// True if `phrase` occurs in `words`.
pub(super) fn has_phrase(words: &[String], phrase: &str) -> bool {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    words
        .windows(phrase.len())
        .any(|window| window.iter().zip(&phrase).all(|(word, want)| word == want))
}

/// Words that are written with a dot within a sentence.
const ABBREVIATIONS: Words = words!(
    "approx, bzw, ca, dr, etc, fig, incl, max, min, mr, mrs, ms, no, nr, prof, sr, st, vs, z",
);

/// The first sentence of a text.
pub(super) fn first_sentence(text: &str) -> &str {
    let bytes = text.as_bytes();
    for (at, c) in text.char_indices() {
        if matches!(c, '。' | '！' | '？') {
            return &text[..at + c.len_utf8()];
        }
        let space_follows = bytes.get(at + 1).is_some_and(u8::is_ascii_whitespace);
        // The word before is read only here: without spaces, it is the whole text.
        if !matches!(c, '.' | '!' | '?') || !space_follows || at <= 8 {
            continue;
        }
        let before = text[..at].rsplit(char::is_whitespace).next().unwrap_or("");
        let short = before.chars().count() <= 1
            || before.contains('.')
            || ABBREVIATIONS.contains(before.trim_start_matches('(').to_lowercase().as_str());
        if !short {
            return &text[..at + 1];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for (a, b) in [
            ("planning", "plan"),
            ("creates", "create"),
            ("queries", "query"),
            ("scheduling", "schedule"),
            ("migration", "migrations"),
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
    }

    #[test]
    fn a_sentence_ends_neither_in_a_number_nor_in_an_abbreviation() {
        assert_eq!(
            first_sentence("Support version 1.5 e.g. for tests. Then more."),
            "Support version 1.5 e.g. for tests."
        );
        assert_eq!(
            first_sentence("Greet Mr. Buyer. Then more."),
            "Greet Mr. Buyer."
        );
    }
}
