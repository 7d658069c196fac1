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
    /// It is larger than `MAX_BYTES`.
    #[error("the document has {bytes} bytes; the limit is {MAX_BYTES}")]
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
    },
    /// It has more headings than `MAX_SECTIONS`.
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
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let (text, front) = without_front(text);
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
    let ends = |(place, byte): (usize, &u8)| {
        *byte == b'\n' || *byte == b'\r' && bytes.get(place + 1) != Some(&b'\n')
    };
    let before = bytes[..at].iter().enumerate();
    u32::try_from(before.filter(|one| ends(*one)).count() + 1).unwrap_or(u32::MAX)
}

/// The refusal of bytes that are not UTF-8. A text in an old code page has few invalid bytes; a
/// file with many of them, or with control characters, is not text.
fn not_utf8(bytes: &[u8], at: usize) -> Refused {
    let line = line_of(bytes, at);
    let sample = &bytes[..bytes.len().min(at + 4096)];
    let control = |b: &u8| *b < 0x20 && !b"\t\n\r\x0c\x1b".contains(b);
    let invalid = sample.utf8_chunks().map(|chunk| chunk.invalid().len());
    let most = sample.len() - at.min(sample.len() / 2);
    if sample.iter().any(control) || invalid.sum::<usize>() * 4 > most {
        return Refused::Binary { line };
    }
    let before = bytes[..at].iter().rposition(|b| matches!(b, b'\n' | b'\r'));
    let column = at - before.map_or(0, |place| place + 1) + 1;
    let (column, byte) = (u32::try_from(column).unwrap_or(u32::MAX), bytes[at]);
    Refused::NotUtf8 { line, column, byte }
}

/// Removes the front matter: its lines become blank, so that line numbers are kept. Two rules with
/// prose between them are no front matter.
fn without_front(text: String) -> (String, Vec<(String, String)>) {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    let ends = |line: &&str| matches!(line.trim_end(), "---" | "...");
    let front: Vec<&str> = lines.clone().take_while(|line| !ends(line)).collect();
    let closed = first.trim_end() == "---" && lines.nth(front.len()).is_some();
    if !closed || !front.iter().all(|line| is_front_line(line.trim_end())) {
        return (text, Vec::new());
    }
    let pairs = front.iter().filter_map(|line| scalar(line)).collect();
    let blank = "\n".repeat(front.len() + 2);
    (blank + &lines.collect::<String>(), pairs)
}

fn is_front_line(line: &str) -> bool {
    let pair = line.split_once(':');
    let pair = pair.is_some_and(|(key, _)| !key.is_empty() && !key.contains("**"));
    pair || line.is_empty() || line.starts_with([' ', '\t', '#', '-', ']', '}'])
}

fn scalar(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once(':')?;
    let value = value.trim();
    let mut quotes = ['"', '\''].into_iter();
    let bare = quotes.find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    let empty = matches!(value, "" | "|" | ">" | "|-" | ">-");
    let fits = !empty && !line.starts_with([' ', '\t', '#', '-']);
    fits.then(|| (key.trim().to_owned(), bare.unwrap_or(value).to_owned()))
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
