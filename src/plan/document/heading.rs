//! A heading without decoration, numbering and id.
//!
//! `5.1 📋 FR-3: Login` is the requirement FR-3 with the title `Login`.

use super::{author_id, emoji};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heading {
    /// The remaining text.
    pub title: String,
    /// The numbering (`5.1`).
    pub number: Option<String>,
    pub id: Option<String>,
}

pub(super) fn read(plain: &str, short_ids: author_id::ShortIds) -> Heading {
    // A final `{#anchor}` is meant for the renderer.
    let anchor = plain.rfind("{#");
    let anchor = anchor.filter(|at| *at > 0 && plain.ends_with('}'));
    let plain = plain[..anchor.unwrap_or(plain.len())].replace('`', "");
    let mut rest = emoji::without_decoration(&plain);
    let numbered = numbering(rest).filter(|(_, after)| !after.is_empty());
    let number = numbered.map(|(number, _)| number.to_owned());
    rest = numbered.map_or(rest, |(_, after)| emoji::without_decoration(after));
    let found = author_id::split(rest, short_ids);
    rest = found.as_ref().map_or(rest, |(_, after)| after);
    let id = found.map(|(id, _)| id);
    let rest = rest.trim_end();
    let bare = rest.trim_end_matches(|c: char| emoji::is_emoji(c) || c == ' ');
    let apart = rest[bare.len()..].starts_with(' ') && !bare.is_empty();
    let mut title = if apart { bare } else { rest }.replace('\u{a0}', " ");
    title.retain(|c| !emoji::is_invisible(c));
    let title = title.trim().to_owned();
    Heading { title, number, id }
}

/// The numbering that `text` begins with, and the rest: `5.1 `, `2) `, `(3) `, `IV. `, `A. `, `一、`.
/// `3 tasks`, `2024 roadmap`, `99.9% uptime` and `1.5x` have none.
fn numbering(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('§').map_or(text, str::trim_start);
    let closing = ['、', '．', ')', '）', ':'];
    let inner = text.strip_prefix(['(', '（']);
    let from = inner.unwrap_or(text);
    let end = from.find(|c: char| c.is_whitespace() || closing.contains(&c));
    let end = end.unwrap_or(from.len());
    let (token, rest) = from.split_at(end);
    let closed = rest.starts_with(closing) && !rest.starts_with(':');
    let rest = rest.trim_start_matches(closing).trim_start();
    let bare = token.strip_suffix('.').unwrap_or(token);
    let dotted = bare.len() < token.len();
    let is_digits =
        |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let is_letter = |part: &str| part.len() == 1 && part.bytes().all(|b| b.is_ascii_alphabetic());
    let all = |text: &str, of: &str| {
        !text.is_empty() && text.chars().count() <= 6 && text.chars().all(|c| of.contains(c))
    };
    let dense = all(bare, "一二三四五六七八九十百");
    let word = is_letter(bare) || all(bare, "IVXL") || dense;
    let (first, others) = bare.split_once('.').unwrap_or((bare, ""));
    let parts = others.split('.').all(is_digits);
    let fits = match inner {
        Some(_) => closed && (is_digits(bare) || is_letter(bare) || dense),
        None if others.is_empty() => (dotted || closed) && (is_digits(bare) || word),
        None => parts && (is_digits(first) || is_letter(first)),
    };
    fits.then_some((bare, rest))
}

#[cfg(test)]
#[path = "heading_tests.rs"]
mod tests;
