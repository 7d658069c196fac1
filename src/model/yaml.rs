//! The canonical YAML writer: one text for one value.
//!
//! It writes a subset that all YAML 1.1 and 1.2 readers interpret in the same way.
//! `codec::front_matter` reads it.

use std::fmt::Write;

/// The longest key that YAML readers accept on one line (the specification's limit for simple
/// keys); longer ones are written as explicit keys.
const SIMPLE_KEY_MAX: usize = 1000;

/// Words that some YAML readers interpret as a boolean, a number or null.
const RESERVED: &[&str] = &[
    "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf",
];

/// Writes a text as a scalar: plain if no reader could interpret it as another value, else quoted.
pub fn scalar(out: &mut String, text: &str, flow: bool) {
    if is_plain(text, flow) {
        out.push_str(text);
    } else {
        quoted(out, text);
    }
}

/// True if a text is written without quotes.
fn is_plain(text: &str, flow: bool) -> bool {
    let bytes = text.as_bytes();
    let Some(first) = bytes.first() else {
        return false;
    };
    if !(first.is_ascii_alphabetic() || *first >= 0x80)
        || bytes.len() > 500
        || bytes.ends_with(b" ")
    {
        return false;
    }
    let mut ascii = true;
    for b in bytes {
        match CLASS[usize::from(*b)] {
            Class::Plain => {}
            Class::Block if !flow => {}
            Class::Foreign => ascii = false,
            _ => return false,
        }
    }
    // No Unicode table is used: the form must not change with its version.
    let foreign = |c: char| c.is_ascii() || (c > '\u{a0}' && !is_escaped(c));
    (ascii || text.chars().all(foreign)) && !is_reserved(text)
}

/// True if some YAML readers interpret a word as a boolean, a number or null.
pub(super) fn is_reserved(text: &str) -> bool {
    text.len() <= 5 && RESERVED.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// The places in which a byte may be part of a plain scalar.
#[derive(Clone, Copy)]
enum Class {
    /// Nowhere.
    No,
    /// Everywhere.
    Plain,
    /// Outside brackets.
    Block,
    /// Part of a character beyond ASCII, which is checked as a whole.
    Foreign,
}

const CLASS: [Class; 256] = {
    let mut table = [Class::No; 256];
    let mut i = 0;
    while i < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "i is below 256")]
        let b = i as u8;
        table[i] = match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => Class::Plain,
            b'_' | b'-' | b'.' | b'/' | b'@' | b'+' | b' ' | b'(' | b')' | b'*' | b'\'' => {
                Class::Plain
            }
            b',' | b';' | b'=' | b'!' | b'?' => Class::Block,
            0x80.. => Class::Foreign,
            _ => Class::No,
        };
        i += 1;
    }
    table
};

/// True for control characters, and those that YAML readers treat as a line break or byte order
/// mark.
pub(super) fn is_escaped(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// Writes a double-quoted scalar on one line.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_escaped(c) => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Writes the beginning of `key: value` at an indentation; the value and a line feed follow.
pub fn key(out: &mut String, indent: usize, key: &str) {
    head(out, indent, key);
    out.push(' ');
}

/// Writes `key: value` for a text.
pub fn pair(out: &mut String, indent: usize, name: &str, text: &str) {
    key(out, indent, name);
    scalar(out, text, false);
    out.push('\n');
}

/// Writes `key:` that opens a nested block.
pub fn open(out: &mut String, indent: usize, key: &str) {
    head(out, indent, key);
    out.push('\n');
}

/// Writes a key with its colon.
fn head(out: &mut String, indent: usize, key: &str) {
    let pad = |out: &mut String| {
        for _ in 0..indent {
            out.push_str("  ");
        }
    };
    pad(out);
    let begin = out.len();
    scalar(out, key, false);
    if out.len() - begin > SIMPLE_KEY_MAX {
        out.insert_str(begin, "? ");
        out.push('\n');
        pad(out);
    }
    out.push(':');
}

/// Writes a list of texts in flow form: `[a, "b c", d]`.
pub fn flow_list<'a>(out: &mut String, items: impl IntoIterator<Item = &'a str>) {
    out.push('[');
    for (n, item) in items.into_iter().enumerate() {
        if n > 0 {
            out.push_str(", ");
        }
        scalar(out, item, true);
    }
    out.push(']');
}

/// Writes JSON as flow YAML with sorted keys.
pub fn json(out: &mut String, value: &serde_json::Value) {
    match value {
        serde_json::Value::String(text) => scalar(out, text, false),
        other => flow_json(out, other),
    }
}

fn flow_json(out: &mut String, value: &serde_json::Value) {
    match value {
        serde_json::Value::String(text) => quoted(out, text),
        serde_json::Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push_str(", ");
                }
                flow_json(out, item);
            }
            out.push(']');
        }
        serde_json::Value::Object(map) => {
            out.push('{');
            for (n, (key, item)) in map.iter().enumerate() {
                if n > 0 {
                    out.push_str(", ");
                }
                let begin = out.len();
                quoted(out, key);
                // An explicit key mark keeps keys of any length readable.
                if out.len() - begin > SIMPLE_KEY_MAX {
                    out.insert_str(begin, "? ");
                }
                out.push_str(": ");
                flow_json(out, item);
            }
            out.push('}');
        }
        serde_json::Value::Number(n) => out.push_str(&number(n)),
        other => out.push_str(&other.to_string()),
    }
}

/// A number in the form of files and of the text that is hashed.
pub fn number(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float_value) if number.is_f64() => float(float_value),
        _ => number.to_string(),
    }
}

/// A floating-point number: the shortest digits that read back, always with a point, and with an
/// exponent and its sign outside 1e-5 to 1e16, so that YAML 1.1 readers accept it as a number too.
fn float(number: f64) -> String {
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let plain = number == 0.0 || (1e-5..1e16).contains(&number.abs());
    let text = if plain {
        number.to_string()
    } else {
        digits.to_string()
    };
    let point = if text.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    if plain {
        format!("{text}{point}")
    } else {
        format!("{text}{point}e{sign}{exponent}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads YAML with an ordinary library: other programs read what is written here.
    fn read(text: &str) -> Vec<(String, serde_json::Value)> {
        let map: serde_yaml::Mapping = serde_yaml::from_str(text).unwrap();
        map.into_iter()
            .map(|pair| serde_json::from_value(serde_json::to_value([pair.0, pair.1]).unwrap()))
            .collect::<Result<_, _>>()
            .unwrap()
    }

    fn written(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn ambiguous_texts_are_quoted() {
        for plain in [
            "Fix flaky login test",
            "auth/login.rs",
            "T-0001-01jd",
            "don't",
            "日本語",
            "🦀 crab",
        ] {
            assert_eq!(written(|out| scalar(out, plain, false)), plain);
        }
        for odd in [
            "no",
            "Yes",
            "1.10",
            "2026-01-01",
            "~",
            "",
            " x",
            "x ",
            "a: b",
            "a #b",
            "*x",
            "1e3",
            "0o7",
            "-",
            "true",
        ] {
            assert!(!is_plain(odd, false), "{odd}");
        }
    }

    #[test]
    fn numbers_read_back_in_every_version_of_yaml() {
        for (number, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1e29, "1.0e+29"),
            (1.5e-7, "1.5e-7"),
            (1.5e300, "1.5e+300"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
        ] {
            assert_eq!(written(|out| json(out, &number.into())), text);
            let back = read(&format!("a: {text}"));
            assert_eq!(back[0].1, serde_json::Value::from(number));
        }
        let long = "[18446744073709551615, -9223372036854775808]";
        let numbers = serde_json::json!([u64::MAX, i64::MIN]);
        assert_eq!(written(|out| json(out, &numbers)), long);
        assert_eq!(read(&format!("a: {long}"))[0].1, numbers);
    }

    proptest! {
        #[test]
        fn every_text_reads_back(text in any::<String>(), key in "\\PC{1,20}") {
            let mut out = String::new();
            pair(&mut out, 0, &key, &text);
            super::key(&mut out, 0, "list");
            flow_list(&mut out, [text.as_str(), "x"]);
            if key != "list" {
                let read = read(&out);
                prop_assert_eq!(&read[0].0, &key);
                prop_assert_eq!(read[0].1.as_str(), Some(text.as_str()));
                prop_assert_eq!(read[1].1[0].as_str(), Some(text.as_str()));
            }
        }

        // Texts of characters that are allowed in a plain scalar but have a meaning elsewhere: the
        // reader must not misread those that are written plain.
        #[test]
        fn every_tricky_text_reads_back(
            texts in proptest::collection::vec("[a-c][-a ,;=!?*&#:\"'\\[\\]{}|>%@.\n]{0,12}", 1..6),
        ) {
            let mut out = String::new();
            for (n, text) in texts.iter().enumerate() {
                pair(&mut out, 0, &format!("k{n}"), text);
                super::key(&mut out, 0, &format!("l{n}"));
                flow_list(&mut out, [text.as_str(), "x"]);
                out.push('\n');
                super::key(&mut out, 0, &format!("j{n}"));
                json(&mut out, &serde_json::json!({ text: [text] }));
                out.push('\n');
            }
            let read = read(&out);
            for (n, text) in texts.iter().enumerate() {
                prop_assert_eq!(read[3 * n].1.as_str(), Some(text.as_str()));
                prop_assert_eq!(read[3 * n + 1].1[0].as_str(), Some(text.as_str()));
                prop_assert_eq!(read[3 * n + 2].1[text][0].as_str(), Some(text.as_str()));
            }
        }

        #[test]
        fn long_keys_read_back(length in 900usize..3000) {
            let key = "k".repeat(length);
            let mut out = String::new();
            pair(&mut out, 1, &key, "x");
            prop_assert_eq!(&read(&out)[0].0, &key);
            let nested = serde_json::json!({ key.as_str(): 1, "b": [{ key.as_str(): 2 }] });
            let flow = written(|out| {
                super::key(out, 0, "a");
                json(out, &nested);
            });
            prop_assert_eq!(&read(&flow)[0].1, &nested);
        }
    }
}
