//! Whether new words of a requirement ask for more than the old ones did.

use std::borrow::Cow;

use super::lexicon::list;
use super::words::tokens;

/// A word with so many letters can have another ending.
const STEM: usize = 4;
const ENDINGS: [&str; 4] = ["s", "es", "d", "ed"];

/// The longest name before the number of an id, as in `REQ-1`.
const ID_NAME: usize = 10;

/// Words that mean nothing by themselves.
const ARTICLES: [&str; 14] = [
    "a", "an", "the", "der", "die", "das", "el", "la", "los", "las", "le", "les", "il", "het",
];

/// What is in no word and turns a limit round, or is a unit.
const SIGNS: [char; 13] = [
    '<', '>', '=', '≤', '≥', '≠', '+', '%', '$', '€', '£', '¥', '±',
];

/// A text without what it says of its order or priority, in brackets or at its end: `(depends on R1)`, `[P0]`, `Depends on
/// R1.` That is no part of what it asks for.
pub fn without_tags(text: &str) -> Cow<'_, str> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(open) = rest.find(['(', '[']) {
        let closing = [')', ']'][usize::from(rest[open..].starts_with('['))];
        let inner = rest[open + 1..].split(closing).next().unwrap_or_default();
        let end = open + 1 + inner.len();
        let (is_closed, lower) = (rest[end..].starts_with(closing), inner.to_lowercase());
        let is_order = list("depends")
            .find(lower.trim())
            .is_some_and(|(at, _)| at == 0);
        let is_rank = matches!(lower.trim().as_bytes(), [b'p', b'0'..=b'4']);
        let is_tag = is_closed && (is_order || is_rank);
        out += match is_tag {
            true => rest[..open].trim_end(),
            false => &rest[..end],
        };
        rest = &rest[(end + usize::from(is_tag))..];
    }
    let whole = match out.is_empty() {
        true if rest.len() == text.len() => Cow::Borrowed(text),
        _ => Cow::Owned(out + rest),
    };
    // A cell with ids alone, and a sentence at the end that says nothing else.
    let is_id = |word: &str| {
        let name = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let is_name = name.bytes().all(|c| c.is_ascii_uppercase() || c == b'-');
        is_name && (1..=ID_NAME).contains(&name.len()) && name.len() < word.len()
    };
    let is_reference = |cell: &str| {
        let mut words = cell.split([',', ' ', ';']).filter(|word| !word.is_empty());
        words.all(is_id)
    };
    let whole = match whole.rsplit_once(" — ") {
        Some((before, cell)) if is_reference(cell) => Cow::Owned(before.to_owned()),
        _ => whole,
    };
    let ends = ['.', ';', '\n'];
    match whole.trim_end_matches(ends).rsplit_once(ends) {
        Some((before, last)) if list("depends").begins(last) => Cow::Owned(before.to_owned()),
        _ => whole,
    }
}

/// True if new words ask for what the old ones did: they differ in case, punctuation, articles and endings alone. In
/// doubt they do not, as what counts as finished is never looked at again.
pub fn asks_no_more(old: &str, new: &str) -> bool {
    let (old, new) = (&*without_tags(old), &*without_tags(new));
    let words = |text: &str| -> Vec<String> {
        let mut words = tokens(text);
        words.retain(|word| !ARTICLES.contains(&word.as_str()));
        words
    };
    let signs = |text: &str| text.matches(SIGNS).map(String::from).collect::<Vec<_>>();
    let is_form = |one: &str, other: &str| {
        let ending = one.strip_prefix(other);
        ending.is_some_and(|ending| other.len() >= STEM && ENDINGS.contains(&ending))
    };
    let is_same = |(old, new): (&String, &String)| {
        let is_word = old.chars().all(char::is_alphabetic);
        old == new || is_word && (is_form(old, new) || is_form(new, old))
    };
    let (had, has) = (words(old), words(new));
    let is_alike = had.len() == has.len() && had.iter().zip(&has).all(is_same);
    old == new || !has.is_empty() && is_alike && signs(old) == signs(new)
}

/// The paragraphs of a text that ask for more than those of an older one.
pub fn new_paragraphs<'t>(old: &str, new: &'t str) -> Vec<&'t str> {
    let said = |part: &&str| part.contains(char::is_alphanumeric);
    let old: Vec<&str> = old.split("\n\n").filter(said).collect();
    let is_new = |part: &&str| !old.iter().any(|old| asks_no_more(old, part));
    new.split("\n\n").filter(said).filter(is_new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_priority_are_no_words_of_a_requirement() {
        for tagged in [
            "Print a label (depends on R1)",
            "Print a label [P0]",
            "Print a label. Depends on R1.",
            "Print a label — R1, R2",
            "Print (after R3) a label",
        ] {
            assert!(asks_no_more(tagged, "Print a label"), "{tagged}");
            assert!(asks_no_more("Print a label", tagged), "{tagged}");
        }
        for other in [
            "Print a label (in colour)",
            "Print a label — in colour",
            "Print a label. Log it.",
        ] {
            assert!(!asks_no_more("Print a label", other), "{other}");
        }
    }
}
