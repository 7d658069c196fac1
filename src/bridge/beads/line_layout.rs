//! The layout of a file as far as the records do not determine it.
//!
//! A header, other lines, an order that is not by id, a missing line end. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A line of a layout, or with the record itself in place of its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Token<R = String> {
    /// The next record with this id.
    Record(R),
    /// A memory, by its key.
    Memory { memory: String },
    /// A line as it is.
    Line { line: String },
}

impl<R> Token<R> {
    pub fn line(text: &str) -> Self {
        Token::Line { line: text.into() }
    }

    pub fn memory(key: &str) -> Self {
        Token::Memory { memory: key.into() }
    }
}

/// The layout: the lines before the records, the records, the lines after them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    before: Vec<Token>,
    /// The records and the lines between them; `None` if they are sorted by id without other lines
    /// between them.
    order: Option<Vec<Token>>,
    after: Vec<Token>,
    /// The last line has a line end.
    ended: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Layout {
            before: Vec::new(),
            order: None,
            after: Vec::new(),
            ended: true,
        }
    }
}

impl Layout {
    /// The layout of a file whose lines are these.
    pub fn of(mut tokens: Vec<Token>, ended: bool) -> Layout {
        let is_record = |token: &Token| matches!(token, Token::Record(_));
        let begin = tokens.iter().position(is_record).unwrap_or(tokens.len());
        let end = tokens
            .iter()
            .rposition(is_record)
            .map_or(begin, |at| at + 1);
        let after = tokens.split_off(end);
        let records = tokens.split_off(begin);
        let sorted = records.iter().all(is_record)
            && records.windows(2).all(|pair| match pair {
                [Token::Record(a), Token::Record(b)] => a <= b,
                _ => false,
            });
        Layout {
            before: tokens,
            order: (!sorted).then_some(records),
            after,
            ended,
        }
    }

    /// Parses the stored form; the default layout if it is not valid.
    pub fn parse(text: &str) -> Layout {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The stored form; `None` for the default layout.
    pub fn to_text(&self) -> Option<String> {
        if *self == Layout::default() {
            return None;
        }
        serde_json::to_string(self).ok()
    }

    /// The layout without the order of the records, whose size grows with their number.
    pub fn without_order(&self) -> Layout {
        Layout {
            order: None,
            ..self.clone()
        }
    }

    /// True if the records have an order of their own.
    pub fn has_order(&self) -> bool {
        self.order.is_some()
    }

    /// True if the last line is ended.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// The lines for these records, which are sorted by id and occurrence, and memories. Records
    /// that the order lacks are placed by their id, or at the end if it is not sorted; new memories
    /// come last.
    pub fn lines<R>(&self, records: Vec<(String, R)>, memories: &[String]) -> Vec<Token<R>> {
        let known: BTreeSet<&str> = [&self.before, &self.after]
            .into_iter()
            .chain(&self.order)
            .flatten()
            .filter_map(|token| match token {
                Token::Memory { memory } => Some(memory.as_str()),
                _ => None,
            })
            .collect();
        let mut out = Vec::with_capacity(records.len() + self.before.len());
        let other = |token: &Token| match token {
            Token::Memory { memory } => Some(Token::memory(memory)),
            Token::Line { line } => Some(Token::line(line)),
            Token::Record(_) => None,
        };
        out.extend(self.before.iter().filter_map(other));
        match &self.order {
            None => out.extend(records.into_iter().map(|(_, record)| Token::Record(record))),
            Some(order) => {
                let mut waiting: BTreeMap<String, std::collections::VecDeque<R>> = BTreeMap::new();
                for (id, record) in records {
                    waiting.entry(id).or_default().push_back(record);
                }
                for token in order {
                    match token {
                        Token::Record(id) => {
                            let next = waiting.get_mut(id).and_then(|same| same.pop_front());
                            out.extend(next.map(Token::Record));
                        }
                        token => out.extend(other(token)),
                    }
                }
                let rest = waiting.into_values().flatten();
                out.extend(rest.map(Token::Record));
            }
        }
        out.extend(self.after.iter().filter_map(other));
        let new = memories.iter().filter(|key| !known.contains(key.as_str()));
        out.extend(new.map(|key| Token::memory(key)));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str) -> Token {
        Token::Record(id.into())
    }

    #[test]
    fn a_sorted_file_needs_no_layout() {
        let layout = Layout::of(vec![record("a"), record("b"), record("b")], true);
        assert_eq!(layout.to_text(), None);
        assert!(Layout::of(vec![record("a")], false).to_text().is_some());
        assert_eq!(Layout::of(Vec::new(), true), Layout::default());
    }

    #[test]
    fn every_line_returns_to_its_position() {
        let tokens = vec![
            Token::line("{\"_schema\":1}"),
            record("b"),
            Token::memory("m"),
            record("a"),
            record("b"),
            Token::line(""),
            Token::memory("n"),
        ];
        let layout = Layout::parse(&Layout::of(tokens, false).to_text().unwrap());
        assert!(!layout.is_ended());
        let records = [("a", 1), ("b", 2), ("b", 3), ("c", 4)];
        let records = records.map(|(id, n)| (id.to_string(), n)).to_vec();
        let keys = ["m".to_string(), "n".into(), "z".into()];
        assert_eq!(
            layout.lines(records, &keys),
            [
                Token::line("{\"_schema\":1}"),
                Token::Record(2),
                Token::memory("m"),
                Token::Record(1),
                Token::Record(3),
                Token::Record(4),
                Token::line(""),
                Token::memory("n"),
                Token::memory("z"),
            ]
        );
    }
}
