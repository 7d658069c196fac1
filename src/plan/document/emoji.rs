//! What counts as decoration in front of headings and entries.
//!
//! Emoji, their names, and bullets.

/// True if `c` is shown as a picture, or is part of one.
pub(super) fn is_emoji(c: char) -> bool {
    matches!(u32::from(c),
        0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0x2B00..=0x2BFF | 0x2300..=0x23FF
        | 0x2190..=0x21FF | 0x25A0..=0x25FF | 0x203C | 0x2049 | 0x2122 | 0x2139 | 0x3030 | 0x303D
        | 0x3297 | 0x3299 | 0xFE0E..=0xFE0F | 0x200D | 0x20E3 | 0xE0020..=0xE007F)
}

/// True if `c` is invisible and has no meaning: controls, direction marks, the byte order mark.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c), 0x200B | 0xFEFF | 0x2060 | 0x202A..=0x202E | 0x2066..=0x2069)
}

/// The text of a statement: `text` without leading decoration.
pub fn statement_text(text: &str) -> &str {
    without_decoration(text).trim_end_matches('|').trim()
}

/// `text` without leading decoration; unchanged if nothing else would be left.
pub(super) fn without_decoration(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let before = rest.len();
        rest = rest.trim_start_matches(|c: char| {
            is_emoji(c) || c == '•' || c == '\u{fffd}' || is_invisible(c) || c.is_whitespace()
        });
        rest = without_keycap(rest);
        let token = rest.split(' ').next().unwrap_or_default();
        if is_shortcode(token) {
            rest = rest[token.len()..].trim_start();
        }
        if rest.len() == before {
            break;
        }
    }
    if rest.is_empty() { text.trim() } else { rest }
}

/// `text` without a leading digit in a frame, such as `1️⃣`.
fn without_keycap(text: &str) -> &str {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '#' || c == '*');
    let framed = rest.trim_start_matches('\u{fe0f}');
    match framed.strip_prefix('\u{20e3}') {
        Some(after) if text.len() - rest.len() == 1 => after.trim_start(),
        _ => text,
    }
}

fn is_shortcode(token: &str) -> bool {
    let inner = token
        .strip_prefix(':')
        .and_then(|rest| rest.strip_suffix(':'));
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+');
    inner.is_some_and(|name| !name.is_empty() && name.bytes().all(is_part))
}

#[cfg(test)]
#[path = "emoji_tests.rs"]
mod tests;
