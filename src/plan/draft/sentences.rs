//! Sentences of a text.

use super::similarity::first_sentence;

pub(super) fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split(['"', '“', '”', '«', '»', '„'])
        .skip(1)
        .step_by(2)
        .filter(|part| part.len() < 120)
}

/// A text with its first letter in lower case, unless it begins with an acronym.
pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !chars.clone().next().is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

/// The sentences of a paragraph.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        let first = first_sentence(rest);
        rest = rest[first.len()..].trim_start();
        (!first.is_empty()).then_some(first)
    })
}

/// The clauses of a text, which may state an order: also what is between semicolons.
pub(super) fn split(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let next = rest.peek().map(|(_, next)| *next);
        let ends = matches!(c, ';' | '!' | '?' | '。')
            || (c == '.' && next.is_none_or(char::is_whitespace));
        if ends {
            found.push(&text[start..at + c.len_utf8()]);
            start = at + c.len_utf8();
        }
    }
    found.push(&text[start..]);
    found.retain(|part| part.len() < 2_000);
    found
}

pub(super) fn short(text: &str) -> String {
    truncated(text.trim().trim_end_matches(['.', ';']), 100)
}

/// A text of at most `limit` characters, with an ellipsis if it is cut.
pub(super) fn truncated(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}
