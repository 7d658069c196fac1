//! The document that a written text names lines of: its statements, its sentences, its author's words.

use crate::model::text::{one_line, shorten};
use crate::plan::document::{Document, Form, Lines, Node};

/// The longest criterion taken from a document, in characters.
const MAX: usize = 2_000;

/// What ends a sentence, or introduces what follows.
const ENDS: [char; 10] = ['.', '!', '?', ':', ';', '。', '！', '？', '：', '；'];

/// A document with its lines.
pub(in crate::plan) struct Source<'d> {
    lines: Vec<&'d str>,
    nodes: &'d [Node],
    /// The innermost statement of each line.
    owners: Vec<Option<usize>>,
}

impl<'d> Source<'d> {
    pub(in crate::plan) fn of(text: &'d str, document: &'d Document) -> Source<'d> {
        Source {
            lines: text.lines().collect(),
            nodes: &document.nodes,
            owners: document.owners(),
        }
    }

    /// The number of lines.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.lines.len()).unwrap_or(u32::MAX)
    }

    /// A line; empty if there is none.
    pub(super) fn line(&self, at: u32) -> &'d str {
        let at = (at as usize).saturating_sub(1);
        self.lines.get(at).copied().unwrap_or_default()
    }

    /// The text of some lines.
    pub(super) fn text(&self, lines: Lines) -> String {
        let (start, end) = (lines.start as usize, lines.end as usize);
        let own = self
            .lines
            .get(start.saturating_sub(1)..end.min(self.lines.len()));
        own.unwrap_or_default().join("\n").trim().to_owned()
    }

    /// The author's words on some lines, on one line and without list marks, headings and emphasis.
    pub(in crate::plan) fn words(&self, lines: Lines) -> String {
        let mut out = String::new();
        let mut before = None;
        for at in lines.start..=lines.end {
            let text = plain(self.line(at));
            if !text.chars().any(char::is_alphanumeric) {
                continue;
            }
            let owner = self.owner(at);
            if !out.is_empty() {
                // A statement goes on over several lines.
                let goes_on = owner.is_some() && owner == before && !self.is_code(owner);
                out.push_str(if goes_on { " " } else { "; " });
            }
            out.push_str(&text);
            before = owner;
        }
        shorten(&out, MAX).to_string()
    }

    /// Lines completed to whole sentences: where an author breaks lines within sentences, one of them
    /// says nothing by itself.
    pub(super) fn whole(&self, lines: Lines) -> Lines {
        let mut whole = lines;
        let joins = |at: u32| {
            let (owner, next) = (self.owner(at), self.owner(at + 1));
            let is_text = owner.is_some() && owner == next && !self.is_code(owner);
            is_text && !self.line(at).trim_end().ends_with(ENDS)
        };
        while whole.start > 1 && joins(whole.start - 1) {
            whole.start -= 1;
        }
        while joins(whole.end) {
            whole.end += 1;
        }
        whole
    }

    fn owner(&self, at: u32) -> Option<usize> {
        self.owners.get(at as usize).copied().flatten()
    }

    fn is_code(&self, owner: Option<usize>) -> bool {
        let node = owner.and_then(|owner| self.nodes.get(owner));
        node.is_some_and(|node| matches!(node.form, Form::Code | Form::Layout))
    }
}

/// A line without the marks of Markdown.
fn plain(line: &str) -> String {
    let mut text = line.trim().trim_start_matches('>').trim_start();
    text = text.trim_start_matches('#').trim_start();
    if let Some(rest) = text.strip_prefix(['-', '*', '+'])
        && rest.starts_with([' ', '\t'])
    {
        text = rest.trim_start();
    }
    for mark in ["[ ] ", "[x] ", "[X] "] {
        text = text.strip_prefix(mark).unwrap_or(text);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if let Some(rest) = text.get(digits..).filter(|_| (1..=3).contains(&digits))
        && let Some(rest) = rest.strip_prefix(['.', ')'])
        && rest.starts_with([' ', '\t'])
    {
        text = rest.trim_start();
    }
    let row = text
        .strip_prefix('|')
        .map(|row| row.strip_suffix('|').unwrap_or(row));
    let text = match row {
        Some(row) => row
            .split('|')
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" | "),
        None => text.to_owned(),
    };
    one_line(&text.replace("**", "").replace("__", ""))
}
