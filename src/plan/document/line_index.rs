//! The lines of a text by offset, and which of them are blank.

use std::ops::Range;

use super::{Lines, tokens};

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
        let (mut starts, mut first, mut full) = (Vec::new(), Vec::new(), Vec::new());
        let mut at = 0;
        for (place, line) in text.split_inclusive('\n').enumerate() {
            starts.push(at);
            // As Markdown has it: a no-break space is text.
            let blanks = line.len() - line.trim_ascii_start().len();
            let text = blanks < line.len();
            first.push(text.then_some(at + blanks));
            full.push(if text {
                place
            } else {
                full.last().copied().unwrap_or(0)
            });
            at += line.len();
        }
        Self {
            starts,
            first,
            full,
        }
    }

    /// The number of words of `text` outside the lines of `verbatim`, which are in order.
    pub(super) fn words(&self, text: &str, verbatim: &[Lines]) -> usize {
        let mut skipped = verbatim.iter().peekable();
        let mut words = 0;
        for (line, text) in (1u32..).zip(text.lines()) {
            while skipped.peek().is_some_and(|lines| lines.end < line) {
                skipped.next();
            }
            if skipped.peek().is_none_or(|lines| lines.start > line) {
                words += tokens::count(text);
            }
        }
        words
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
        self.starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    /// The lines of `range`, without blank lines at its end.
    pub(super) fn lines(&self, range: &Range<usize>) -> Lines {
        let start = self.place(range.start);
        let mut end = self.place(range.end.saturating_sub(1).max(range.start));
        if self
            .first
            .get(end)
            .copied()
            .flatten()
            .is_none_or(|first| first >= range.end)
            && end > start
        {
            end = self.full[end - 1];
        }
        Lines {
            start: number(start),
            end: number(end.max(start)),
        }
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place + 1).unwrap_or(u32::MAX)
}
