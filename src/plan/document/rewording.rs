//! Whether new words of a requirement ask for more than the old ones did.

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

/// True if new words ask for what the old ones did: they differ in case, punctuation, articles and endings alone. In
/// doubt they do not, as what counts as finished is never looked at again.
pub fn asks_no_more(old: &str, new: &str) -> bool {
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
