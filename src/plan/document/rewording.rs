//! Whether new words of a requirement ask for more than the old ones did.

use std::borrow::Cow;

use super::lexicon::list;
use super::words::tokens;

/// A word with so many letters can have another ending.
const STEM: usize = 4;
const ENDINGS: [&str; 4] = ["s", "es", "d", "ed"];

/// Words that mean nothing by themselves.
const ARTICLES: [&str; 14] = [
    "a", "an", "the", "der", "die", "das", "el", "la", "los", "las", "le", "les", "il", "het",
];

/// What is in no word and turns a limit round, or is a unit.
const SIGNS: [char; 13] = [
    '<', '>', '=', '≤', '≥', '≠', '+', '%', '$', '€', '£', '¥', '±',
];

/// A text without what it says in brackets of its order or priority: `(depends on R1)`, `[P0]`. That is no part of what
/// it asks for.
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
    match out.is_empty() {
        true if rest.len() == text.len() => Cow::Borrowed(text),
        _ => Cow::Owned(out + rest),
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
