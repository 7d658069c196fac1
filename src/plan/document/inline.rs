//! The text of a paragraph, collected from parser events: white space folded, code in back-ticks,
//! and bold text at the beginning of a line kept separately.

use super::{Text, emoji};

/// A line of a paragraph.
#[derive(Clone, Debug, Default)]
pub(super) struct Segment {
    pub text: Text,
    /// The offset in `text.plain`, in bytes, after the bold beginning.
    pub lead_end: usize,
    pub line: u32,
}

/// Text that is being collected.
pub(super) struct Inline {
    segments: Vec<Segment>,
    current: Segment,
    strong: Option<usize>,
}

impl Inline {
    pub(super) fn new(line: u32) -> Self {
        Self {
            segments: Vec::new(),
            current: Segment {
                line,
                ..Segment::default()
            },
            strong: None,
        }
    }

    /// Adds text with its white space folded.
    pub(super) fn push(&mut self, text: &str) {
        let plain = &mut self.current.text.plain;
        for c in text.chars() {
            // A no-break space may be half of a damaged emoji.
            if c.is_whitespace() && c != '\u{a0}' && c != '\u{85}' {
                if !plain.is_empty() && !plain.ends_with(' ') {
                    plain.push(' ');
                }
            } else if !emoji::is_invisible(c) || matches!(u32::from(c), 0x80..=0x9F) {
                plain.push(c);
            }
        }
    }

    pub(super) fn push_code(&mut self, code: &str) {
        let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
        self.current.text.plain.push('`');
        self.push(&code);
        self.current.text.plain.push('`');
        self.current.text.codes.push(code);
    }

    pub(super) fn open_strong(&mut self) {
        let text = &self.current.text;
        if text.lead.is_none()
            && self.strong.is_none()
            && !text.plain.chars().any(char::is_alphanumeric)
        {
            self.strong = Some(text.plain.len());
        }
    }

    pub(super) fn close_strong(&mut self) {
        let Some(start) = self.strong.take() else {
            return;
        };
        let plain = &self.current.text.plain;
        let lead = plain[start.min(plain.len())..].trim();
        let name = lead.trim_end_matches([':', '：', ' ']);
        if name.chars().any(char::is_alphanumeric) {
            self.current.text.lead = Some(name.to_owned());
            self.current.lead_end = start + plain[start..].trim_end_matches([':', '：', ' ']).len();
        }
    }

    pub(super) fn next_line(&mut self, line: u32) {
        self.close_strong();
        let next = Segment {
            line,
            ..Segment::default()
        };
        self.segments
            .push(std::mem::replace(&mut self.current, next));
    }

    pub(super) fn into_segments(mut self) -> Vec<Segment> {
        self.close_strong();
        // Most texts have one line, and a list may have a million of them.
        self.segments.reserve_exact(1);
        self.segments.push(self.current);
        for segment in &mut self.segments {
            let text = segment.text.plain.trim_end_matches(' ').len();
            segment.text.plain.truncate(text);
            segment.lead_end = segment.lead_end.min(text);
        }
        self.segments
            .retain(|segment| !segment.text.plain.is_empty());
        self.segments
    }

    pub(super) fn into_text(self) -> Text {
        fold(&self.into_segments())
    }
}

/// Joins the lines of a paragraph.
pub(super) fn fold(segments: &[Segment]) -> Text {
    let mut text = Text::default();
    for (place, segment) in segments.iter().enumerate() {
        if place == 0 {
            text.lead.clone_from(&segment.text.lead);
        } else {
            text.plain.push(' ');
        }
        text.plain.push_str(&segment.text.plain);
        text.codes.extend(segment.text.codes.iter().cloned());
    }
    text.plain.retain(|c| !emoji::is_invisible(c));
    text
}
