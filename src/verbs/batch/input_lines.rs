//! Standard input as numbered lines of bounded length, with the errors of unreadable ones.

use std::io::BufRead;

use crate::error::{Error, Result};
use crate::model::uid::sha256_hex;
use crate::verbs::limits::{self, BATCH_LINE_MAX, BATCH_LINES_MAX};

/// The lines as texts: parsed, a hundred thousand would take more memory, so each is parsed again
/// when it is staged.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
    /// The number and the end of each.
    ends: Vec<(usize, usize)>,
    /// The number of each line that approves, with its item.
    pub(super) approvals: Vec<(usize, String)>,
}

impl Lines {
    /// Adds a line.
    pub(super) fn push(&mut self, number: usize, text: &str) {
        self.text.push_str(text);
        self.ends.push((number, self.text.len()));
    }

    /// The hash of all of them.
    pub(super) fn hash(&self) -> String {
        sha256_hex(self.text.as_bytes())
    }

    /// The number of lines.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The number and text of a line.
    pub(super) fn at(&self, at: usize) -> (usize, &str) {
        let begin = at.checked_sub(1).map_or(0, |before| self.ends[before].1);
        let (number, end) = self.ends[at];
        (number, &self.text[begin..end])
    }

    /// The text of the line with a number.
    pub(super) fn of(&self, number: usize) -> Option<&str> {
        let at = self.ends.binary_search_by_key(&number, |line| line.0);
        Some(self.at(at.ok()?).1)
    }
}

/// Calls `each` with the number, from 1, and the text of every non-empty line.
///
/// # Errors
/// When the input cannot be read or is too long as a whole; the errors of `each`.
pub fn read(
    input: &mut dyn BufRead,
    mut each: impl FnMut(usize, Result<&str>) -> Result<()>,
) -> Result<()> {
    let mut line = Vec::new();
    let (mut number, mut bytes) = (0, 0);
    while let Some(length) = next(input, &mut line)? {
        number += 1;
        bytes += length + 1;
        if number == 1 && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        let blank = line.trim_ascii().is_empty() && length <= BATCH_LINE_MAX;
        if blank && bytes <= limits::BATCH_SIZE_MAX {
            continue;
        }
        if number > BATCH_LINES_MAX || bytes > limits::BATCH_SIZE_MAX {
            let most = if number > BATCH_LINES_MAX {
                format!("{BATCH_LINES_MAX} lines")
            } else {
                format!("{} MiB", limits::BATCH_SIZE_MAX >> 20)
            };
            return Err(Error::usage(format!(
                "a batch can have at most {most}, but standard input has more"
            ))
            .hint("split it; each part becomes one commit"));
        }
        each(number, text(&line, length))?;
    }
    Ok(())
}

/// Reads a line without its end into `line`, up to the longest allowed. Returns its full length, or
/// `None` at the end.
fn next(input: &mut dyn BufRead, line: &mut Vec<u8>) -> Result<Option<usize>> {
    line.clear();
    let mut length = 0;
    let mut began = false;
    loop {
        let ready = match input.fill_buf() {
            Ok(ready) => ready,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::io("cannot read standard input", error)),
        };
        if ready.is_empty() {
            return Ok(began.then_some(length));
        }
        began = true;
        let end = ready.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(ready.len());
        length += taken;
        if length <= BATCH_LINE_MAX {
            line.extend_from_slice(&ready[..taken]);
        }
        input.consume(taken + usize::from(end.is_some()));
        if end.is_some() {
            return Ok(Some(length));
        }
    }
}

fn text(line: &[u8], length: usize) -> Result<&str> {
    if length > BATCH_LINE_MAX {
        return Err(Error::usage(format!(
            "the line has {length} bytes; the limit is {BATCH_LINE_MAX}"
        )));
    }
    if let Some(at) = line.iter().position(|byte| *byte == 0) {
        return Err(Error::usage(format!("byte {} is NUL", at + 1))
            .hint("the input must be JSON Lines: one JSON object on each line"));
    }
    std::str::from_utf8(line).map_err(|e| {
        Error::usage(format!("byte {} is not UTF-8", e.valid_up_to() + 1))
            .hint("the input must be JSON Lines in UTF-8: one JSON object on each line")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(input: &[u8]) -> Vec<(usize, std::result::Result<String, String>)> {
        let mut out = Vec::new();
        // A small buffer, so that lines are assembled from pieces.
        let mut input = std::io::BufReader::with_capacity(3, input);
        read(&mut input, |number, text| {
            out.push((
                number,
                text.map(str::to_string).map_err(|e| e.message().into()),
            ));
            Ok(())
        })
        .unwrap();
        out
    }

    #[test]
    fn lines_keep_their_numbers() {
        let got = seen(b"\xEF\xBB\xBF{}\n\n  \r\n{\"a\":1}\r\nlast");
        let want = [(1, "{}"), (4, "{\"a\":1}\r"), (5, "last")];
        assert_eq!(got.len(), want.len());
        for ((n, text), (m, wanted)) in got.iter().zip(want) {
            assert_eq!((*n, text.as_deref()), (m, Ok(wanted)));
        }
        assert!(seen(b"").is_empty());
    }

    #[test]
    fn invalid_utf8_is_reported_with_its_byte_position() {
        assert_eq!(seen(b"a\0b"), [(1, Err("byte 2 is NUL".into()))]);
        assert_eq!(
            seen(b"ok\nab\xFF\nok")[1],
            (2, Err("byte 3 is not UTF-8".into()))
        );
    }

    #[test]
    fn a_long_line_is_skipped_without_being_kept() {
        let mut input = vec![b'x'; BATCH_LINE_MAX + 1];
        input.extend(b"\n{}");
        let got = {
            let mut out = Vec::new();
            read(&mut &input[..], |n, text| {
                out.push((n, text.is_ok()));
                Ok(())
            })
            .unwrap();
            out
        };
        assert_eq!(got, [(1, false), (2, true)]);
    }
}
