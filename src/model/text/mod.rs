//! Texts from users and other sources: made safe to print, shortened, and converted to branch and file names.

mod invisible;

pub use self::invisible::{conceals, steers};

use self::invisible::is_hidden;
use super::limits::ACTOR_NAME_MAX;
use super::line_diff::likeness;
use crate::error::{Error, Reason, Result};

/// A number with its noun, in the plural if necessary.
pub fn counted(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{s}")
}

/// Refuses a NUL character: programs written in C cut the text there, and git takes it for binary.
pub fn refuse_nul(text: &str, what: &str) -> Result<()> {
    match text.find('\0') {
        None => Ok(()),
        Some(at) => Err(Error::usage(format!(
            "the {what} contains a NUL character (byte {})",
            at + 1
        ))
        .because(Reason::TextNul)
        .hint("remove it; no text file has one")),
    }
}

/// Replaces control characters (including terminal escapes), bidirectional overrides and other
/// invisible characters by a visible `\u{…}` form. Line feed, tab, and the joiners of emoji and of
/// scripts that use them stay. A line break of two characters becomes a line feed.
pub fn escape_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if c == '\r' && text[at..].starts_with("\r\n") {
            continue;
        }
        if is_hidden(text, at, c) && c != '\n' && c != '\t' {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Escapes invisible characters in JSON. serde escapes those below the space; the others also occur
/// only in strings. Each UTF-16 unit has an escape of its own, as JSON requires.
pub fn escape_json(document: String) -> String {
    // Most documents have long runs of ASCII, in which only DEL needs an escape.
    let odd = |from: usize| {
        let rest = &document.as_bytes()[from..];
        rest.iter().position(|b| *b >= 0x7f).map(|at| from + at)
    };
    let (mut out, mut copied, mut from) = (String::new(), 0, 0);
    while let Some(at) = odd(from) {
        let c = document[at..].chars().next().unwrap_or_default();
        from = at + c.len_utf8().max(1);
        if is_hidden(&document, at, c) {
            out += &document[copied..at];
            for unit in c.encode_utf16(&mut [0; 2]) {
                out += &format!("\\u{unit:04x}");
            }
            copied = from;
        }
    }
    if copied == 0 {
        return document;
    }
    out + &document[copied..]
}

/// A title as titles are compared: its words in lower case, with one blank between them.
pub fn plain_title(title: &str) -> String {
    let words: Vec<String> = title.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// One line of escaped text: line ends and tabs become spaces.
pub fn one_line(text: &str) -> String {
    escape_controls(&text.replace("\r\n", " ").replace(['\n', '\r', '\t'], " "))
}

/// A text on one line. If it has line feeds or other invisible characters, it is quoted and these
/// are escaped, so that two lines never look like one.
pub fn spelled(text: &str) -> std::borrow::Cow<'_, str> {
    if !conceals(text) {
        return text.into();
    }
    let mut out = String::from("\"");
    for (at, c) in text.char_indices() {
        match c {
            '"' | '\\' => out.extend(c.escape_debug()),
            _ if c.is_control() => out.extend(c.escape_debug()),
            _ if is_hidden(text, at, c) => out.extend(c.escape_unicode()),
            _ => out.push(c),
        }
    }
    (out + "\"").into()
}

/// Escaped text with all lines but the first indented, so that none of them looks like output of
/// the tool (`hint: …`).
pub fn block(text: &str) -> String {
    escape_controls(&text.replace("\r\n", "\n")).replace('\n', "\n  ")
}

/// An actor's name from the state, on one line and at most [`ACTOR_NAME_MAX`] characters long.
pub fn actor(name: &str) -> String {
    excerpt(name.trim(), ACTOR_NAME_MAX)
}

/// A number of bytes for users: `1.5 KB`.
pub fn bytes(count: u64) -> String {
    let mut value = count as f64;
    for unit in ["B", "KB", "MB", "GB"] {
        if value < 1000.0 {
            let digits = usize::from(value < 10.0 && unit != "B");
            return format!("{value:.digits$} {unit}");
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

/// A title as a part of a branch name: lower-case letters and digits (of any script) joined by `-`,
/// at most `max` characters, cut after a word if possible. Empty if the title has no letters or
/// digits.
pub fn slug(title: &str, max: usize) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            word.push(c);
        } else if c == '\'' || c == '\u{2019}' {
            // "don't" is one word.
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    let mut out = String::new();
    let mut length = 0;
    for word in words {
        let chars = word.chars().count();
        let joined = length + usize::from(length > 0) + chars;
        if joined > max {
            if length == 0 {
                out.extend(word.chars().take(max));
            }
            break;
        }
        if length > 0 {
            out.push('-');
        }
        out.push_str(&word);
        length = joined;
    }
    out
}

/// The beginning of a text, at most `bytes` long.
pub fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The end of a text, at most `bytes` long.
pub fn tail(text: &str, bytes: usize) -> &str {
    let mut begin = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(begin) {
        begin += 1;
    }
    &text[begin..]
}

/// True if two names are of one actor: case does not matter, as in queries.
pub fn is_same_name(one: &str, other: &str) -> bool {
    match one.is_ascii() && other.is_ascii() {
        true => one.eq_ignore_ascii_case(other),
        false => one.to_lowercase() == other.to_lowercase(),
    }
}

/// The similarity of names from which one may be meant by the other.
const SIMILAR: f32 = 0.6;

/// True if more than half of the letters of the longer of two alike names are in the other, in this order, or one
/// goes on from what was typed: two letters of four say nothing.
fn shares_most(alike: f32, typed: &str, name: &str) -> bool {
    let length = |text: &str| f32::from(u8::try_from(text.chars().count()).unwrap_or(u8::MAX));
    let (one, other) = (length(typed), length(name));
    // Twice the number of shared letters, a whole number.
    let shared = alike * (one + other);
    name.starts_with(typed) || shared > one.max(other) + 0.5
}

/// The names that may be meant by a mistyped one, the most similar first; case does not matter.
pub fn similar_names<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let typed = head(typed, 200).to_lowercase();
    let near = |name: &'n str| {
        let plain = head(name, 200).to_lowercase();
        let alike = likeness(&typed, &plain);
        (alike >= SIMILAR && shares_most(alike, &typed, &plain)).then_some((alike, name))
    };
    let mut near: Vec<(f32, &str)> = names.into_iter().filter_map(near).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.into_iter().map(|(_, name)| name).collect()
}

/// The first `most` names and the number of the others: `a, b and 7 more`.
pub fn first_of<S: AsRef<str>>(names: &[S], most: usize) -> String {
    let shown: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// How much is done of so many: `1 of 2 done, 1 cancelled`. What was cancelled is not to be done.
pub fn done_of(done: usize, cancelled: usize, all: usize) -> String {
    let open = all.saturating_sub(cancelled);
    match cancelled {
        0 => format!("{done} of {open} done"),
        _ => format!("{done} of {open} done, {cancelled} cancelled"),
    }
}

/// At most `max` characters of `text`, the last one `…` if it was cut.
pub fn shorten(text: &str, max: usize) -> String {
    if beginning(text, max).len() == text.len() {
        return text.to_string();
    }
    let mut out: String = text.chars().take(max.saturating_sub(1)).collect();
    out.push('…');
    out
}

/// A text on one line, escaped, and at most `max` characters long. What is left out costs nothing.
pub fn excerpt(text: &str, max: usize) -> String {
    // A line break of two characters is shown as one, and a joiner depends on the character behind it.
    let enough = max.saturating_mul(2).saturating_add(2);
    shorten(&one_line(beginning(text, enough)), max)
}

/// The first `max` characters of a text.
fn beginning(text: &str, max: usize) -> &str {
    let end = text.char_indices().nth(max);
    end.map_or(text, |(at, _)| &text[..at])
}

/// Deserializes a value from its text form, without a copy of the text.
pub fn deserialize<'de, D: serde::Deserializer<'de>, T>(
    from: D,
    what: &'static str,
    read: fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    struct Reader<T>(&'static str, fn(&str) -> Option<T>);

    impl<T> serde::de::Visitor<'_> for Reader<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            let unexpected = serde::de::Unexpected::Str(text);
            (self.1)(text).ok_or_else(|| E::invalid_value(unexpected, &self))
        }
    }

    from.deserialize_str(Reader(what, read))
}

/// Implements `Display`, serde and the JSON schema of a type by its text: `as_str` returns it, and
/// `$read` parses it.
#[macro_export]
macro_rules! text_form {
    ($name:ident, $what:literal, $read:expr) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::text::deserialize(from, $what, $read)
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string" })
            }
        }
    };
}
pub use crate::text_form;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_formatted_with_units() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_500), "1.5 KB");
        assert_eq!(bytes(25_000_000), "25 MB");
        assert_eq!(bytes(3_200_000_000_000), "3.2 TB");
    }

    #[test]
    fn the_ends_of_a_text_are_cut_at_whole_characters() {
        let text = format!("a{}b", "é".repeat(10));
        for most in 0..=text.len() + 1 {
            let (head, tail) = (head(&text, most), tail(&text, most));
            assert!(text.starts_with(head) && text.ends_with(tail));
            for part in [head, tail] {
                assert!(part.len() <= most && part.len() + 1 >= most.min(text.len()));
            }
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escape_controls("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(one_line("a\nb\tc"), "a b c");
        assert_eq!(escape_controls("x\u{202e}y"), "x\\u{202e}y");
        assert_eq!(escape_controls("a\r\nb\rc"), "a\nb\\u{d}c");
        for invisible in ["\u{61c}", "\u{2028}", "\u{2029}", "\u{e0041}"] {
            assert!(!escape_controls(invisible).contains(invisible));
        }
    }

    #[test]
    fn no_line_of_a_text_looks_like_output_of_git_pm() {
        assert_eq!(
            block("Eve\nhint: run x\r\nnext: y"),
            "Eve\n  hint: run x\n  next: y"
        );
        assert_eq!(actor(" Eve\nhint: x "), "Eve hint: x");
        assert_eq!(actor(&"x".repeat(100)).chars().count(), ACTOR_NAME_MAX);
    }

    #[test]
    fn an_excerpt_is_the_beginning_of_the_line() {
        for text in [
            "a\r\nb\tc",
            "❤\u{fe0f}\u{200d}🔥 x",
            "é\u{202e}é",
            "",
            "\r\n\r\n\r\n",
        ] {
            for max in 0..30 {
                assert_eq!(excerpt(text, max), shorten(&one_line(text), max));
            }
        }
        assert_eq!(shorten("abc", 3), "abc");
        assert_eq!(shorten("abcd", 3), "ab…");
    }

    // Work that grows with the hidden rest would take minutes.
    #[test]
    fn what_an_excerpt_leaves_out_costs_nothing() {
        let text = "x ".repeat(4_000_000);
        for _ in 0..20_000 {
            assert_eq!(excerpt(&text, 10).chars().count(), 10);
            assert_eq!(shorten(&text, 10).chars().count(), 10);
        }
    }

    #[test]
    fn slugs_keep_letters_of_all_scripts_and_are_bounded() {
        assert_eq!(slug("Fix flaky login test", 40), "fix-flaky-login-test");
        assert_eq!(slug("!!! ??? ...", 40), "");
        assert_eq!(slug("Don't panic", 40), "dont-panic");
        assert_eq!(slug("修复登录测试", 40), "修复登录测试");
        assert_eq!(slug("إصلاح الاختبار", 40), "إصلاح-الاختبار");
        assert_eq!(slug(&"x".repeat(10_000), 40).len(), 40);
        assert_eq!(slug("aaaa bbbb cccc", 10), "aaaa-bbbb");
    }
}
