//! Where the lines of a document are after an edit of it.
//!
//! A plan keeps a hash of each line of the text that it was made for, so that every clone moves the
//! lines of its tasks and criteria alike, without the old text. A line that each text has once is the
//! same one, wherever it stands.

use std::collections::HashMap;

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
    /// The lines that were cut out and stand at another place now.
    elsewhere: Vec<Option<u32>>,
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
        let (once_in_old, once_in_new) = (only_once(&old), only_once(&new));
        let mut moved = MovedLines {
            to: vec![None; old.len()],
            elsewhere: vec![None; old.len()],
            new: Vec::new(),
        };
        for op in operations(&old, &new) {
            let (from, to) = (op.old_range(), op.new_range());
            let last = to.len().saturating_sub(1);
            let is_equal = matches!(op, DiffOp::Equal { .. });
            for (at, line) in from.clone().enumerate() {
                let hash = old[line].as_str();
                let cut = (!is_equal && once_in_old.contains_key(hash))
                    .then(|| once_in_new.get(hash))
                    .flatten();
                if let Some(there) = cut {
                    moved.elsewhere[line] = Some(number(*there));
                } else if !matches!(op, DiffOp::Delete { .. }) {
                    // A line that was reworded is where the new words are.
                    moved.to[line] = Some(number(to.start + at.min(last)));
                }
            }
            if is_equal {
                continue;
            }
            for line in to {
                if once_in_old.contains_key(new[line].as_str())
                    && once_in_new.contains_key(new[line].as_str())
                {
                    continue;
                }
                let line = number(line);
                match moved.new.last_mut().filter(|last| last.end + 1 == line) {
                    Some(last) => last.end = line,
                    None => moved.new.push(Lines::at(line)),
                }
            }
        }
        moved
    }

    /// True if a range of the newer text has lines that are not in the older one.
    pub(super) fn is_new(&self, lines: Lines) -> bool {
        self.new.iter().any(|new| meet(*new, lines))
    }

    /// True for the same line of the newer text, and for two among the same new ones.
    pub(super) fn is_beside(&self, line: u32, other: u32) -> bool {
        let range = |line: u32| {
            let at = self.new.partition_point(|new| new.end < line);
            self.new.get(at).filter(|new| new.start <= line)
        };
        line == other || range(line).is_some_and(|new| Some(new) == range(other))
    }

    /// The lines of a range now; `None` if the document has none of them any more.
    pub(super) fn of(&self, lines: Lines) -> Option<Lines> {
        let (start, end) = (lines.start as usize, lines.end as usize);
        let range = start.saturating_sub(1)..end.min(self.to.len());
        let mut there = self.to.get(range.clone())?.iter().copied().flatten();
        let Some(first) = there.next() else {
            // All of it was cut out: it is where it begins now, as far as it is one piece.
            let mut there = self.elsewhere.get(range)?.iter().copied().flatten();
            let first = there.next()?;
            let next = |last: u32, line: u32| {
                let follows = line > last && line - last <= 2;
                if follows { line } else { last }
            };
            return Some(Lines::of(first, there.fold(first, next)));
        };
        let last = there.next_back().unwrap_or(first);
        Some(Lines::of(first, last.max(first)))
    }
}

/// The place of each line that a text has once.
fn only_once(hashes: &[String]) -> HashMap<&str, usize> {
    let mut places: HashMap<&str, Option<usize>> = HashMap::new();
    for (at, hash) in hashes.iter().enumerate() {
        let place = places.entry(hash);
        place.and_modify(|place| *place = None).or_insert(Some(at));
    }
    let once = places.into_iter();
    once.filter_map(|(hash, place)| Some((hash, place?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(old: &str, new: &str) -> MovedLines {
        MovedLines::between(&line_hashes(old), &line_hashes(new))
    }

    #[test]
    fn a_line_that_was_cut_and_pasted_is_where_it_stands_now() {
        let moved = between("a\nb\nc\nd\n", "a\nd\nnew\nb\nc\n");
        assert_eq!(moved.of(Lines::of(2, 3)), Some(Lines::of(4, 5)));
        assert_eq!(moved.of(Lines::at(4)), Some(Lines::at(2)));
        assert_eq!(moved.new, [Lines::at(3)]);
    }

    #[test]
    fn a_line_that_another_one_replaced_is_there_and_new() {
        let moved = between("a\nb\nc\n", "a\nB\nc\n");
        assert_eq!(moved.of(Lines::at(2)), Some(Lines::at(2)));
        assert!(moved.is_new(Lines::at(2)) && moved.is_beside(2, 2));
        assert_eq!(between("a\nb\nc\n", "a\nc\n").of(Lines::at(2)), None);
    }

    #[test]
    fn a_line_that_stands_in_several_places_is_not_moved() {
        let moved = between("x\na\nb\n", "a\nb\nx\nx\n");
        assert_eq!(moved.of(Lines::at(1)), None);
        assert_eq!(moved.new, [Lines::of(3, 4)]);
    }
}
