//! Decoration in front of headings and entries: emoji, and emoji decoded with the wrong code page.
//! A word counts as such damage only if undoing it gives an emoji, so that Chinese, Cyrillic and
//! Arabic words are kept.

/// The upper half of MacRoman, from 0x80.
const MAC_ROMAN: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}\
                         ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

/// Windows-1252 from 0x80 to 0x9F; undefined positions hold a control character.
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

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
pub(in crate::plan) fn statement_text(text: &str) -> &str {
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
        if !token.is_empty() && (is_mojibake(token) || is_shortcode(token)) {
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
    token
        .strip_prefix(':')
        .and_then(|rest| rest.strip_suffix(':'))
        .is_some_and(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
        })
}

/// True if `token` is an emoji whose UTF-8 was decoded as MacRoman or Windows-1252.
fn is_mojibake(token: &str) -> bool {
    if token.is_ascii() || token.bytes().any(|b| b.is_ascii_alphanumeric()) || token.len() > 160 {
        return false;
    }
    [windows_1252_byte, mac_roman_byte]
        .into_iter()
        .any(|encode| undo_damage(token, encode, 3))
}

/// True if undoing the damage gives an emoji, at most `times` times: a text may have been damaged
/// more than once.
fn undo_damage(token: &str, encode: fn(char) -> Option<u8>, times: usize) -> bool {
    let Some(bytes) = token.chars().map(encode).collect::<Option<Vec<u8>>>() else {
        return false;
    };
    // The first byte of most emoji is a private character in MacRoman, which editors drop.
    let bytes = with_first_bytes(&bytes);
    // Some of the bytes may be lost already; these two only begin emoji.
    if bytes.starts_with(&[0xF0, 0x9F]) && bytes.iter().all(|b| *b >= 0x80) {
        return true;
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return false;
    };
    let pictures = text.chars().any(is_emoji) && text.chars().all(|c| is_emoji(c) || c == '\u{a0}');
    pictures || (times > 1 && undo_damage(text, encode, times - 1))
}

fn with_first_bytes(bytes: &[u8]) -> Vec<u8> {
    if bytes.first() != Some(&0x9F) {
        return bytes.to_vec();
    }
    let mut whole = Vec::with_capacity(bytes.len() + 1);
    for byte in bytes {
        if *byte == 0x9F && whole.last() != Some(&0xF0) {
            whole.push(0xF0);
        }
        whole.push(*byte);
    }
    // Without the first bytes, the rest must decode to an emoji exactly.
    if std::str::from_utf8(&whole).is_ok() {
        whole
    } else {
        bytes.to_vec()
    }
}

fn mac_roman_byte(c: char) -> Option<u8> {
    upper_byte(c, MAC_ROMAN, 0x80)
}

fn windows_1252_byte(c: char) -> Option<u8> {
    match u8::try_from(u32::from(c)) {
        Ok(byte @ (..=0x7F | 0xA0..)) => Some(byte),
        _ => upper_byte(c, WINDOWS_1252, 0x80),
    }
}

fn upper_byte(c: char, page: &str, from: u8) -> Option<u8> {
    if c.is_ascii() {
        return u8::try_from(u32::from(c)).ok();
    }
    let place = page.chars().position(|other| other == c)?;
    u8::try_from(place).ok()?.checked_add(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_pages_have_their_size() {
        assert_eq!(
            (MAC_ROMAN.chars().count(), WINDOWS_1252.chars().count()),
            (128, 32)
        );
    }

    #[test]
    fn leading_emoji_are_removed() {
        for text in [
            "📋 Goal",
            "⚠️ Goal",
            "🚀Goal",
            "1️⃣ Goal",
            ":rocket: Goal",
            "👩‍💻 ✅ Goal",
            "• Goal",
        ] {
            assert_eq!(without_decoration(text), "Goal", "{text}");
        }
    }

    #[test]
    fn wrongly_decoded_emoji_are_removed() {
        for text in [
            "üìã Goal",
            "ðŸ“‹ Goal",
            "âœ… Goal",
            "‚úÖ Goal",
            "ðŸ“‹ ðŸŽ¯ Goal",
            "⚠️ ‚ö†Ô∏è Goal",
        ] {
            assert_eq!(without_decoration(text), "Goal", "{text}");
        }
        assert_eq!(without_decoration("Ã°Å¸â€œâ€¹ Goal"), "Goal");
    }

    #[test]
    fn words_of_other_scripts_survive() {
        for text in [
            "功能需求 一",
            "Цели проекта",
            "الأهداف العامة",
            "要件",
            "Über uns",
            "é là",
            "Ñandú",
        ] {
            assert_eq!(without_decoration(text), text);
        }
    }

    #[test]
    fn a_heading_that_is_one_emoji_keeps_it() {
        assert_eq!(without_decoration(" 🚀 "), "🚀");
    }
}
