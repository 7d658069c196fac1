//! Where the lines of a document are after an edit of it.
//!
//! A plan keeps a hash of each line of the text that it was made for, so that every clone moves the
//! lines of its tasks and criteria alike, without the old text.

use crate::model::line_diff::operations;
use crate::model::uid::sha256_hex;
use crate::plan::document::Lines;
use crate::plan::line_ranges::meet;
use similar::DiffOp;

/// The hexadecimal digits of a line's hash.
const DIGITS: usize = 6;

/// The hashes of all lines of a text: the first digits of the SHA-256 of each line without white space
/// at its ends.
pub(super) fn line_hashes(text: &str) -> String {
    let hash = |line: &str| {
        let hash = sha256_hex(line.trim().as_bytes());
        hash.get(..DIGITS).unwrap_or_default().to_owned()
    };
    text.lines().map(hash).collect()
}

/// For each line of an older text its line in a newer one.
pub(super) struct MovedLines {
    to: Vec<Option<u32>>,
    /// The ranges of lines that are not in the older text.
    pub(super) new: Vec<Lines>,
}

impl MovedLines {
    /// Compares the hashes of two texts.
    pub(super) fn between(old: &str, new: &str) -> MovedLines {
        let split = |text: &str| -> Vec<String> {
            let bytes = text.as_bytes().chunks(DIGITS);
            bytes
                .map(|hash| String::from_utf8_lossy(hash).into_owned())
                .collect()
        };
        let (old, new) = (split(old), split(new));
        let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
        let mut moved = MovedLines {
            to: vec![None; old.len()],
            new: Vec::new(),
        };
        for op in operations(&old, &new) {
            let (from, to) = (op.old_range(), op.new_range());
            let last = to.len().saturating_sub(1);
            if !matches!(op, DiffOp::Delete { .. }) {
                for (at, line) in from.clone().enumerate() {
                    // A line that was reworded is where the new words are.
                    if let Some(moved) = moved.to.get_mut(line) {
                        *moved = Some(number(to.start + at.min(last)));
                    }
                }
            }
            if !matches!(op, DiffOp::Equal { .. }) && !to.is_empty() {
                moved.new.push(Lines {
                    start: number(to.start),
                    end: number(to.start + last),
                });
            }
        }
        moved
    }

    /// True if a range of the newer text has lines that are not in the older one.
    pub(super) fn is_new(&self, lines: Lines) -> bool {
        self.new.iter().any(|new| meet(*new, lines))
    }

    /// The lines of a range now; `None` if the document has none of them any more.
    pub(super) fn of(&self, lines: Lines) -> Option<Lines> {
        let (start, end) = (lines.start as usize, lines.end as usize);
        let inside = self
            .to
            .get(start.saturating_sub(1)..end.min(self.to.len()))?;
        let mut there = inside.iter().copied().flatten();
        let first = there.next()?;
        let last = there.next_back().unwrap_or(first);
        Some(Lines {
            start: first,
            end: last.max(first),
        })
    }
}
