//! Converts bytes to a text that can be parsed, or refuses them with a line. Line numbers are kept.

use super::emoji;

/// The largest document that is accepted, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The largest number of headings that is accepted.
pub const MAX_SECTIONS: usize = 50_000;

/// The reason why a text is not a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It has no text.
    #[error("the document is empty: there is nothing to plan")]
    Empty,
    /// It is larger than [`MAX_BYTES`].
    #[error("the document has {bytes} bytes; the limit is {MAX_BYTES}")]
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
    },
    /// It has more headings than [`MAX_SECTIONS`].
    #[error("line {line}: more than {MAX_SECTIONS} headings; split the document")]
    TooManySections {
        /// The line of the first heading too many.
        line: u32,
    },
    /// It is not text.
    #[error("line {line}: this is a binary file, not Markdown")]
    Binary {
        /// The line of the first byte that does not occur in texts.
        line: u32,
    },
    /// It is text in UTF-16.
    #[error("line 1: the text is UTF-16; save it as UTF-8")]
    Utf16,
    /// It is text in an encoding other than UTF-8.
    #[error(
        "line {line}, byte {column}: 0x{byte:02X} is not UTF-8; the text looks like Windows-1252 \
         or Latin-1: save it as UTF-8"
    )]
    NotUtf8 {
        /// The line.
        line: u32,
        /// The position in the line, in bytes, counted from 1.
        column: u32,
        /// The byte.
        byte: u8,
    },
    /// It is an HTML page.
    #[error("line {line}: this is an HTML page, not Markdown; convert it first")]
    Html {
        /// The line where the page begins.
        line: u32,
    },
}

/// A text that can be parsed.
pub(super) struct Source {
    /// The text: no byte order mark, lines end with `\n`, the lines of the front matter are blank.
    pub text: String,
    /// Scalar values of the front matter.
    pub front: Vec<(String, String)>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Source, Refused> {
    if bytes.len() > MAX_BYTES {
        return Err(Refused::TooLarge { bytes: bytes.len() });
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(Refused::Utf16);
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(Refused::Binary {
            line: line_of(bytes, at),
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (text, front) = without_front(unix_lines(text));
    if text
        .chars()
        .all(|c| c.is_whitespace() || emoji::is_invisible(c))
    {
        return Err(Refused::Empty);
    }
    let start = text.trim_start();
    let head: String = start.chars().take(9).collect::<String>().to_lowercase();
    if head == "<!doctype" || head.starts_with("<html") || head.starts_with("<?xml") {
        return Err(Refused::Html {
            line: line_of(text.as_bytes(), text.len() - start.len()),
        });
    }
    Ok(Source { text, front })
}

/// The line of the byte at `at`, counted from 1; `\r\n`, `\n` and `\r` each end a line.
fn line_of(bytes: &[u8], at: usize) -> u32 {
    let mut line = 1;
    for (place, byte) in bytes[..at].iter().enumerate() {
        let lone = *byte == b'\r' && bytes.get(place + 1) != Some(&b'\n');
        line += u32::from(*byte == b'\n' || lone);
    }
    line
}

/// The refusal of bytes that are not UTF-8. A text in an old code page has few invalid bytes; a
/// file with many of them, or with control characters, is not text.
fn not_utf8(bytes: &[u8], at: usize) -> Refused {
    let line = line_of(bytes, at);
    let sample = &bytes[..bytes.len().min(at + 4096)];
    let controls = sample
        .iter()
        .filter(|b| **b < 0x20 && !b"\t\n\r\x0c\x1b".contains(b))
        .count();
    let invalid: usize = sample
        .utf8_chunks()
        .map(|chunk| chunk.invalid().len())
        .sum();
    if controls > 0 || invalid * 4 > sample.len() - at.min(sample.len() / 2) {
        return Refused::Binary { line };
    }
    let before = bytes[..at].iter().rposition(|b| matches!(b, b'\n' | b'\r'));
    let column = at - before.map_or(0, |place| place + 1) + 1;
    Refused::NotUtf8 {
        line,
        column: u32::try_from(column).unwrap_or(u32::MAX),
        byte: bytes[at],
    }
}

fn unix_lines(text: &str) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    }
}

/// Removes the front matter: its lines become blank, so that line numbers are kept.
fn without_front(text: String) -> (String, Vec<(String, String)>) {
    let mut lines = text.split_inclusive('\n');
    if lines.next().is_none_or(|line| line.trim_end() != "---") {
        return (text, Vec::new());
    }
    let mut size = 4.min(text.len());
    let mut front: Vec<(String, String)> = Vec::new();
    let mut count = 1;
    let mut closed = false;
    size = size.max(text.find('\n').map_or(text.len(), |at| at + 1));
    for line in lines {
        size += line.len();
        count += 1;
        if matches!(line.trim_end(), "---" | "...") {
            closed = true;
            break;
        }
        // Two rules with prose between them are not front matter.
        if !is_front_line(line.trim_end()) {
            break;
        }
        if let Some(pair) = scalar(line) {
            front.push(pair);
        }
    }
    if !closed {
        return (text, Vec::new());
    }
    (format!("{}{}", "\n".repeat(count), &text[size..]), front)
}

fn is_front_line(line: &str) -> bool {
    line.trim().is_empty()
        || line.starts_with([' ', '\t', '#', '-', ']', '}'])
        || line
            .split_once(':')
            .is_some_and(|(key, _)| !key.is_empty() && !key.contains("**"))
}

fn scalar(line: &str) -> Option<(String, String)> {
    if line.starts_with([' ', '\t', '#', '-']) {
        return None;
    }
    let (key, value) = line.split_once(':')?;
    let value = value.trim();
    let value = ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value);
    (!value.is_empty() && !matches!(value, "|" | ">" | "|-" | ">-"))
        .then(|| (key.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> Option<Refused> {
        read(bytes).err()
    }

    #[test]
    fn an_empty_or_blank_file_is_refused() {
        for bytes in [
            &b""[..],
            b" \n\t\r\n",
            b"\xEF\xBB\xBF\n",
            b"---\ntitle: x\n---\n \n",
        ] {
            assert_eq!(refusal(bytes), Some(Refused::Empty));
        }
    }

    #[test]
    fn a_binary_file_is_refused_with_its_line() {
        assert_eq!(refusal(b"a\nb\n\x00"), Some(Refused::Binary { line: 3 }));
        assert_eq!(
            refusal(b"\x89PNG\r\n\x1a\n\x01\x02"),
            Some(Refused::Binary { line: 1 })
        );
    }

    #[test]
    fn a_text_in_an_old_code_page_is_refused_with_line_and_byte() {
        let refused = refusal(b"# Plan\r\nDie Anforderungen f\xFCr alle").unwrap();
        assert_eq!(
            refused,
            Refused::NotUtf8 {
                line: 2,
                column: 20,
                byte: 0xFC
            }
        );
        assert!(
            refused.to_string().starts_with("line 2, byte 20: 0xFC"),
            "{refused}"
        );
        assert_eq!(refusal(b"\xFF\xFEa\x00"), Some(Refused::Utf16));
    }

    #[test]
    fn a_page_in_html_and_a_file_too_large_are_refused() {
        assert_eq!(
            refusal(b"\n<!DOCTYPE html>\n<p>x"),
            Some(Refused::Html { line: 2 })
        );
        let bytes = MAX_BYTES + 1;
        assert_eq!(
            refusal(&vec![b'a'; bytes]),
            Some(Refused::TooLarge { bytes })
        );
        assert!(read(b"<div>\n\n# A\n").is_ok());
    }

    #[test]
    fn front_matter_is_removed_and_line_numbers_stay() {
        let source = read(b"---\ntitle: \"A: b\"\ntags:\n  - x\nkind: prd\n---\n# A\n").unwrap();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(source.front, [pair("title", "A: b"), pair("kind", "prd")]);
        assert_eq!(source.text, "\n\n\n\n\n\n# A\n");
    }

    #[test]
    fn a_rule_at_the_top_is_not_front_matter() {
        for text in ["---\n# A\n\nSome words here\n\n---\n", "---\nkey: value\n"] {
            assert_eq!(read(text.as_bytes()).unwrap().text, text);
        }
    }
}
