//! The author's words on lines of a document.

use crate::model::text::{one_line, shorten};
use crate::plan::document::Lines;

/// The longest criterion taken from a document, in characters.
const MAX: usize = 300;

/// The author's words on some lines, on one line and without list marks, headings and emphasis.
pub(super) fn author_words(document: &[&str], lines: Lines) -> String {
    let inside = document
        .iter()
        .enumerate()
        .filter(|(at, _)| (lines.start as usize..=lines.end as usize).contains(&(at + 1)));
    let texts: Vec<String> = inside
        .map(|(_, line)| plain(line))
        .filter(|text| text.chars().any(char::is_alphanumeric))
        .collect();
    shorten(&texts.join("; "), MAX).to_string()
}

/// A line without the marks of Markdown.
fn plain(line: &str) -> String {
    let mut text = line.trim().trim_start_matches('>').trim_start();
    text = text.trim_start_matches('#').trim_start();
    if let Some(rest) = text.strip_prefix(['-', '*', '+'])
        && rest.starts_with([' ', '\t'])
    {
        text = rest.trim_start();
    }
    for mark in ["[ ] ", "[x] ", "[X] "] {
        text = text.strip_prefix(mark).unwrap_or(text);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if let Some(rest) = text.get(digits..).filter(|_| (1..=3).contains(&digits))
        && let Some(rest) = rest.strip_prefix(['.', ')'])
        && rest.starts_with([' ', '\t'])
    {
        text = rest.trim_start();
    }
    let row = text
        .strip_prefix('|')
        .map(|row| row.strip_suffix('|').unwrap_or(row));
    let text = match row {
        Some(row) => row
            .split('|')
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" | "),
        None => text.to_owned(),
    };
    one_line(&text.replace("**", "").replace("__", ""))
}
