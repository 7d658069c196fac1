//! Sanitizes agents' texts for terminals and logs: without escapes, and of bounded length.

use crate::model::text;
use crate::secret;

/// The maximum size of a model's text, in bytes.
pub(super) const MESSAGE_MAX: usize = 16 << 10;

/// The maximum size of what is kept of a tool's output, in bytes.
const OUTPUT_MAX: usize = 2_000;

/// The maximum length of a tool's name, in characters.
const NAME_MAX: usize = 80;

/// The maximum length of a tool call's summary, in characters.
const DETAIL_MAX: usize = 200;

/// The maximum length of an error message, in characters.
const ERROR_MAX: usize = 500;

/// A multi-line text.
pub(super) fn message(raw: &str) -> String {
    let plain = without_sequences(text::head(raw, MESSAGE_MAX)).replace("\r\n", "\n");
    text::head(
        text::escape_controls(plain.trim_end()).as_str(),
        MESSAGE_MAX,
    )
    .to_string()
}

/// The end of what a tool returned.
pub(in crate::agent) fn output(raw: &str) -> String {
    // Part of a secret would not be recognized as one.
    let known = secret::redacted(text::tail(raw.trim_end(), OUTPUT_MAX * 8)).0;
    let end = text::tail(&known, OUTPUT_MAX);
    let plain = without_sequences(end).replace("\r\n", "\n");
    text::escape_controls(&plain)
}

/// The name of a tool.
pub(super) fn name(raw: &str) -> String {
    line(raw, NAME_MAX)
}

/// The target of a tool call.
pub(in crate::agent) fn detail(raw: &str) -> String {
    line(raw, DETAIL_MAX)
}

/// An error message.
pub(super) fn error(raw: &str) -> String {
    line(raw, ERROR_MAX)
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
