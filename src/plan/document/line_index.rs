//! The lines of a text by offset.

use std::ops::Range;

use super::Lines;

#[derive(Default)]
pub(super) struct LineIndex {
    starts: Vec<usize>,
    /// For each line, the offset of its first non-blank character.
    first: Vec<Option<usize>>,
    /// For each line, the last non-blank line at or before it.
    full: Vec<usize>,
}

impl LineIndex {
    /// Indexes the lines of `text`.
    pub(super) fn new(text: &str) -> Self {
        let mut index = Self::default();
        let mut at = 0;
        for (place, line) in text.split_inclusive('\n').enumerate() {
            // As Markdown has it: a no-break space is text.
            let blanks = line.len() - line.trim_ascii_start().len();
            let is_full = blanks < line.len();
            let before = index.full.last().copied().unwrap_or(0);
            index.starts.push(at);
            index.first.push(is_full.then_some(at + blanks));
            index.full.push(if is_full { place } else { before });
            at += line.len();
        }
        index
    }

    /// The last non-blank line, counted from 1.
    pub(super) fn last(&self) -> u32 {
        number(self.full.last().copied().unwrap_or(0))
    }

    /// The line of `offset`, counted from 1.
    pub(super) fn line(&self, offset: usize) -> u32 {
        number(self.place(offset))
    }

    fn place(&self, offset: usize) -> usize {
        let found = self.starts.partition_point(|start| *start <= offset);
        found.saturating_sub(1)
    }

    /// The lines of `range`, without blank lines at its end.
    pub(super) fn lines(&self, range: &Range<usize>) -> Lines {
        let start = self.place(range.start);
        let mut end = self.place(range.end.saturating_sub(1).max(range.start));
        let first = self.first.get(end).copied().flatten();
        if end > start && first.is_none_or(|first| first >= range.end) {
            end = self.full.get(end - 1).copied().unwrap_or(start);
        }
        Lines::of(number(start), number(end.max(start)))
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place + 1).unwrap_or(u32::MAX)
}
