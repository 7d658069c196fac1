//! Characters that people cannot see, but programs and language models read.

/// True for characters that are invisible and affect how text is displayed or read: control
/// characters, line and paragraph separators, bidirectional marks and overrides, and the tag
/// characters, which language models can read.
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{e0000}'..='\u{e007f}')
}

/// True for the other invisible characters: those with Unicode's property
/// `Default_Ignorable_Code_Point`, and the marks of interlinear annotations.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        // Soft hyphen, grapheme joiner, Hangul fillers, Khmer vowels.
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        // Mongolian selectors, zero width, invisible operators, deprecated formats.
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}'
        // Hangul filler, variation selectors, byte order mark, halfwidth filler, annotations.
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        // Shorthand and musical formats; tags and variation selectors.
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

const NON_JOINER: char = '\u{200c}';

const JOINER: char = '\u{200d}';

/// The selector that makes an emoji colored.
const COLOR: char = '\u{fe0f}';

/// True if the character `c` at a position of a text is invisible and does not belong to the
/// character before it, as a joiner between letters or emoji does.
pub(super) fn is_hidden(text: &str, at: usize, c: char) -> bool {
    if c.is_ascii() {
        return c.is_control();
    }
    if !is_ignorable(c) {
        return steers(c);
    }
    if !matches!(c, NON_JOINER | JOINER | COLOR) {
        return true;
    }
    let mut before = text[..at].chars().rev();
    let mut after = text[at + c.len_utf8()..].chars();
    let (last, next) = (before.next(), after.next());
    let is_shown = match (c, last) {
        (COLOR, Some('0'..='9' | '#' | '*')) => next == Some(KEYCAP),
        (COLOR, _) => last.is_some_and(is_emoji),
        (JOINER, Some(COLOR)) => before.next().is_some_and(is_emoji) && next.is_some_and(is_emoji),
        (JOINER, Some(one)) if is_emoji(one) => next.is_some_and(is_emoji),
        _ => last.is_some_and(is_joined),
    };
    !is_shown
}

/// The keycap frame around a digit.
const KEYCAP: char = '\u{20e3}';

/// True for emoji and for the symbols around them.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2194}'..='\u{2199}' | '\u{21a9}' | '\u{21aa}' | '\u{231a}'..='\u{23ff}' | '\u{24c2}'
        | '\u{25aa}'..='\u{27bf}' | '\u{2934}' | '\u{2935}' | '\u{2b05}'..='\u{2b55}'
        | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

/// True for the characters of scripts whose letters are joined, or kept apart, by a joiner.
fn is_joined(c: char) -> bool {
    let of_script = matches!(c,
        // Arabic, Syriac, N'Ko and others; from Devanagari to Sinhala.
        '\u{600}'..='\u{dff}'
        // Myanmar, Khmer, Mongolian, Balinese and others.
        | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{1a20}'..='\u{1bff}'
        | '\u{a800}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}');
    of_script && !is_ignorable(c) && !steers(c)
}

/// True for a text with an invisible character that does not belong to the one before it.
pub fn conceals(text: &str) -> bool {
    text.char_indices().any(|(at, c)| is_hidden(text, at, c))
}

#[cfg(test)]
mod tests {
    use super::super::{escape_controls, escape_json, spelled};
    use super::*;

    #[test]
    fn characters_without_a_shape_are_escaped() {
        let every = [
            0xad, 0x34f, 0x115f, 0x1160, 0x17b4, 0x180b, 0x180e, 0x200b, 0x200c, 0x200d, 0x2060,
            0x2064, 0x206a, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0xfffb, 0x1bca0,
            0x1d173, 0xe0001, 0xe0100, 0xe01ef, 0xe0fff,
        ];
        for c in every.into_iter().filter_map(char::from_u32) {
            let text = format!("A{c}B");
            let escaped = format!("A{}B", c.escape_unicode());
            assert_eq!(escape_controls(&text), escaped);
            assert_eq!(spelled(&text), format!("\"{escaped}\""));
            let json = escape_json(
                format!("{text:?}").replace(&format!("{}", c.escape_unicode()), &c.to_string()),
            );
            assert!(json.is_ascii(), "{json}");
        }
    }

    #[test]
    fn joiners_that_belong_to_what_is_before_them_stay() {
        for text in [
            "👩‍👩‍👧 ❤️‍🔥 🏳️‍🌈 👨🏽‍💻 ✔️ ©️ 1️⃣ #️⃣ 👁️‍🗨️ 🐈‍⬛",
            "می‌خواهم نامه‌ها",
            "क्‍ष और क्‌ष",
            "অ্যাপ র‍্যাব",
            "അവന്‍ വന്നു",
            "ශ්‍රී ලංකා",
            "naïve 修复 한국어 e\u{301} – “quoted” … a\u{a0}b",
        ] {
            assert_eq!(escape_controls(text), text);
            assert_eq!(spelled(text), text);
            assert!(!conceals(text), "{text}");
        }
    }

    #[test]
    fn a_joiner_elsewhere_hides_something() {
        for text in [
            "a\u{200d}b",
            "\u{200c}م",
            "م\u{200c}\u{200c}م",
            "👩\u{200d}\u{200d}👧",
            "👩\u{200d} x",
            "❤\u{fe0f}\u{fe0f}",
            "a\u{fe0f}",
            "1\u{fe0f}2",
            "\u{fe0f}",
            "a\u{fe0f}\u{200d}🔥",
        ] {
            assert!(conceals(text), "{}", text.escape_unicode());
            assert!(!conceals(&escape_controls(text)), "{text:?}");
        }
    }
}
