//! The text of a paragraph, collected from parser events line by line.
//!
//! White space is folded, code is in back-ticks, and the length of bold text at the beginning is
//! noted.

use super::emoji;

/// A line of a paragraph.
#[derive(Clone, Debug, Default)]
pub(super) struct Segment {
    pub text: String,
    /// The length of the bold text that it begins with, in bytes.
    pub bold: usize,
    pub line: u32,
}

/// Text that is being collected: its lines, the last one open.
#[derive(Debug, Default)]
pub(super) struct Inline {
    done: Vec<Segment>,
    current: Segment,
    strong: bool,
}

impl Inline {
    pub fn push(&mut self, text: &str) {
        let plain = &mut self.current.text;
        for c in text.chars() {
            // A no-break space is text.
            if c.is_whitespace() && c != '\u{a0}' && c != '\u{85}' {
                if !plain.is_empty() && !plain.ends_with(' ') {
                    plain.push(' ');
                }
            } else if !emoji::is_invisible(c) {
                plain.push(c);
            }
        }
    }

    pub fn set_strong(&mut self, strong: bool) {
        let begins = !self.current.text.chars().any(char::is_alphanumeric);
        if self.strong && !strong {
            self.current.bold = self.current.text.len();
        }
        self.strong = strong && begins;
    }

    /// Ends the line before `line`.
    pub fn next_line(&mut self, line: u32) {
        self.set_strong(false);
        let mut ended = std::mem::take(&mut self.current);
        ended.text.truncate(ended.text.trim_end_matches(' ').len());
        ended.bold = ended.bold.min(ended.text.len());
        self.current.line = line;
        if !ended.text.is_empty() {
            self.done.push(ended);
        }
    }

    pub fn into_segments(mut self) -> Vec<Segment> {
        self.next_line(0);
        self.done
    }
}

/// The lines as one text.
pub(super) fn join(segments: &[Segment]) -> String {
    let found = segments.iter().map(|segment| segment.text.as_str());
    found.collect::<Vec<_>>().join(" ")
}
