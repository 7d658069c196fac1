//! Secrets without a recognizable form: how random a value looks that is assigned to a name.
//!
//! `db_password = "…"` or `API_KEY: …`.

use super::Hit;
use super::entropy::bits_per_char;
use super::placeholders::is_placeholder;
use super::token_rules::{Rule, Shape};
use crate::model::text::head;

pub(super) const RULE: Rule = Rule {
    id: "assigned-secret",
    title: "a value assigned to a name like `password`",
    source: "Meli, McNiece, Reaves: How Bad Can It Git? (NDSS 2019), section III",
    shape: Shape::Elsewhere,
};

/// Names of secrets, in the form of [`plain`].
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "secretkey",
    "secretaccesskey",
    "clientsecret",
    "apikey",
    "apisecret",
    "apitoken",
    "accesskey",
    "accesstoken",
    "authtoken",
    "authkey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "token",
];

/// The shortest value that is checked, in bytes.
const VALUE_MIN: usize = 10;

/// The longest value that is checked, in bytes. Without bounds a line of many assignments would
/// take quadratic time.
const VALUE_MAX: usize = 300;

/// The number of bytes read before an assignment; a longer name is recognized by its end.
const NAME_MAX: usize = 64;

/// The minimum entropy of a value, in bits per character.
const ENTROPY_MIN: f64 = 3.2;

/// Adds the assigned secrets of a text.
pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    let mut last = 0;
    for (at, byte) in text.bytes().enumerate() {
        if !matches!(byte, b'=' | b':') {
            last = byte;
            continue;
        }
        // Of `:=`, `==` and `::` only the first character counts.
        let first = !matches!(std::mem::replace(&mut last, byte), b'=' | b':');
        if let Some((start, end)) = first.then(|| value(text, at)).flatten() {
            hits.push(Hit {
                rule: RULE.id,
                title: RULE.title,
                start,
                end,
            });
        }
    }
}

/// The value assigned to the name of a secret on the same line, if it looks random.
fn value(text: &str, mark: usize) -> Option<(usize, usize)> {
    let before = &text[head(text, mark.saturating_sub(NAME_MAX)).len()..mark];
    let before = before.trim_end_matches([' ', '\t', '"', '\'', '`', ':']);
    let name = before
        .rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
        .next()?;
    let name = plain(name);
    if !NAMES.iter().any(|wanted| name.ends_with(wanted)) {
        return None;
    }
    // With room for quotes and spaces before the value.
    let after = head(&text[mark + 1..], VALUE_MAX + VALUE_MAX / 2);
    let open = after.len()
        - after
            .trim_start_matches([' ', '\t', '=', '>', '"', '\'', '`'])
            .len();
    let rest = &after[open..];
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | ')'))
        .unwrap_or(rest.len());
    let value = &rest[..end];
    let start = mark + 1 + open;
    looks_random(value).then_some((start, start + end))
}

/// A name in lower case, without separators of words.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// True if a value is neither a word nor code nor a path: letters and digits mixed, little
/// repetition, no calls or references.
fn looks_random(value: &str) -> bool {
    if !(VALUE_MIN..=VALUE_MAX).contains(&value.len()) {
        return false;
    }
    let has = |test: fn(&char) -> bool| value.chars().any(|c| test(&c));
    let mixed = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic);
    let refers = value.starts_with(['$', '/', '.', '~', '@', '&', '*', '#', '[', '{'])
        || value.contains(['(', '{', '['])
        || value.contains("://")
        || value.contains("::")
        || value.contains("->");
    // A path, a dotted name or a date.
    let dotted = value.split(['.', '/']).count() > 3;
    let words = value
        .split(['-', '_'])
        .all(|w| w.len() < 12 && !w.bytes().any(|b| b.is_ascii_digit()));
    mixed
        && !refers
        && !dotted
        && !words
        && bits_per_char(value) >= ENTROPY_MIN
        && !is_placeholder(value)
}
