//! The texts of agents for terminals and logs: without escapes, and of bounded length.

use super::limits;
use crate::model::text;
use crate::secret;

/// A multi-line text. Of one that is too long the end is kept, where an agent says what it has found.
/// What is invisible is escaped as in JSON, so that a list in it stays one.
pub(super) fn message(raw: &str) -> String {
    let plain = without_sequences(text::tail(raw, limits::MESSAGE_MAX)).replace("\r\n", "\n");
    let mut out = String::with_capacity(plain.len());
    for c in plain.trim_end().chars() {
        match c {
            '\n' | '\t' => out.push(c),
            _ if c.is_ascii_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    text::tail(&text::escape_json(out), limits::MESSAGE_MAX).to_string()
}

/// Appends to a text of which [`message`] reads the end.
pub(super) fn append(text: &mut String, more: &str) {
    text.push_str(text::tail(more, limits::MESSAGE_MAX));
    if text.len() > 2 * limits::MESSAGE_MAX {
        *text = text::tail(text, limits::MESSAGE_MAX).to_string();
    }
}

/// The end of what a tool returned.
pub(in crate::agent) fn output(raw: &str) -> String {
    // Part of a secret would not be recognized as one.
    let known = secret::redacted(text::tail(raw.trim_end(), limits::TOOL_OUTPUT_MAX * 8)).0;
    let end = text::tail(&known, limits::TOOL_OUTPUT_MAX);
    let plain = without_sequences(end).replace("\r\n", "\n");
    text::escape_controls(&plain)
}

/// The name of a tool.
pub(super) fn name(raw: &str) -> String {
    line(raw, limits::TOOL_NAME_MAX)
}

/// The target of a tool call.
pub(in crate::agent) fn detail(raw: &str) -> String {
    line(raw, limits::TOOL_SUMMARY_MAX)
}

/// An error message.
pub(super) fn error(raw: &str) -> String {
    line(raw, limits::ERROR_MAX)
}

fn line(raw: &str, max: usize) -> String {
    // Escaping makes characters longer; before it, four bytes per character are enough.
    text::excerpt(without_sequences(text::head(raw, max * 4)).trim(), max)
}

/// A text without terminal sequences: colors, titles, cursor movements.
pub(in crate::agent) fn without_sequences(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('[') => {
                for c in chars.by_ref() {
                    if ('\u{40}'..='\u{7e}').contains(&c) {
                        break;
                    }
                }
            }
            Some(']') => {
                while let Some(c) = chars.next() {
                    if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    out
}
