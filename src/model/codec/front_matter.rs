//! The reader of front matter: which subset of YAML it takes.
//!
//! That is the form that the writer produces, and the small subset in docs/FORMAT-yaml.md for
//! documents that were edited by hand. Anything else is damage of the document. No value spans lines
//! and nothing refers to anything else, so time and memory are linear in the text, and the number of
//! values is limited besides.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::yaml_node::{Mapping, Node, Text};
use crate::model::limits::{FRONT_MATTER_DEPTH_MAX, FRONT_MATTER_VALUES_MAX};
use crate::model::yaml::{is_escaped, is_reserved};

/// The reason why front matter was not read.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct FrontMatterError {
    /// The line, counted from the one after `---`.
    pub line: usize,
    /// What is wrong there.
    pub what: &'static str,
}

type Result<T> = std::result::Result<T, &'static str>;

const TWICE: &str = "a key occurs twice";
const NO_KEY: &str = "a key and a colon are expected";
const NO_SPACE: &str = "a space is missing after a colon";
const INDENTED: &str = "the indentation does not fit";
const REST: &str = "a value ends before its line does: long texts, comments behind a value and \
                    values over several lines are not accepted";

/// Reads front matter; the fields keep their order.
pub(super) fn read(front: &str) -> std::result::Result<Mapping<'_>, FrontMatterError> {
    let mut reader = Reader {
        rest: front,
        values: 0,
    };
    reader.fields().map_err(|what| FrontMatterError {
        line: front[..front.len() - reader.rest.len()]
            .matches('\n')
            .count()
            + 1,
        what,
    })
}

struct Reader<'a> {
    rest: &'a str,
    /// How many values were read.
    values: usize,
}

impl<'a> Reader<'a> {
    fn fields(&mut self) -> Result<Mapping<'a>> {
        let is_odd = |b: u8| (b < b' ' && b != b'\n') || b >= 0x7f;
        let odd = self.rest.bytes().position(is_odd);
        let is_refused = |c| c != '\n' && is_escaped(c);
        if let Some(from) = odd
            && let Some(at) = self.rest[from..].find(is_refused)
        {
            self.take(from + at);
            return Err("a control character or an unusual line break must be an escape in quotes");
        }
        let fields = match self.next_line() {
            None => return Err("the front matter has no fields"),
            Some(0) => self.mapping(0, 0)?,
            Some(_) => return Err(INDENTED),
        };
        let mut keys: Vec<&str> = fields.iter().map(|(key, _)| key.as_ref()).collect();
        keys.sort_unstable();
        match keys.windows(2).any(|pair| pair[0] == pair[1]) {
            true => Err(TWICE),
            false => Ok(fields),
        }
    }

    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str, otherwise: &'static str) -> Result<()> {
        self.eat(token).then_some(()).ok_or(otherwise)
    }

    /// Takes the text before byte `end`.
    fn take(&mut self, end: usize) -> &'a str {
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        token
    }

    /// Takes spaces, and tells whether there were any.
    fn spaces(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_start_matches(' ');
        self.rest.len() < before
    }

    /// Skips empty lines and comments. Returns the column of the next line's text, which is not
    /// taken; `None` at the end.
    fn next_line(&mut self) -> Option<usize> {
        loop {
            let text = self.rest.trim_start_matches(' ');
            let column = self.rest.len() - text.len();
            match text.as_bytes().first()? {
                b'\n' | b'#' => self.rest = text.split_once('\n')?.1,
                _ => return Some(column),
            }
        }
    }

    fn count(&mut self, depth: usize) -> Result<()> {
        self.values += 1;
        if depth > FRONT_MATTER_DEPTH_MAX {
            return Err("it is nested too deeply");
        }
        if self.values > FRONT_MATTER_VALUES_MAX {
            return Err("it has too many values");
        }
        Ok(())
    }

    /// The keys that begin in one column, on one line each; the first line's indentation is taken.
    fn mapping(&mut self, column: usize, depth: usize) -> Result<Mapping<'a>> {
        let mut entries = Vec::new();
        loop {
            let is_explicit = self.eat("? ");
            let key = self.key(false)?;
            if is_explicit {
                self.line_end()?;
                if self.next_line() != Some(column) {
                    return Err(NO_KEY);
                }
                self.take(column);
            }
            self.expect(":", NO_KEY)?;
            let value = self.value(column, depth + 1, true)?;
            entries.push((key, value));
            match self.next_line() {
                Some(next) if next == column => drop(self.take(next)),
                Some(next) if next > column => return Err(INDENTED),
                _ => return Ok(entries),
            }
        }
    }

    /// The value after a key or the `-` of an element, on the rest of the line or below.
    fn value(&mut self, column: usize, depth: usize, of_key: bool) -> Result<Node<'a>> {
        let parted = self.spaces();
        if !self.eat("\n") {
            if !parted {
                return Err(NO_SPACE);
            }
            let value = self.inline(depth, false)?;
            self.line_end()?;
            return Ok(value);
        }
        match self.next_line() {
            // A list may begin in the column of its key.
            Some(next) if next > column || (of_key && next == column && self.is_item(next)) => {
                self.count(depth)?;
                self.block(next, depth)
            }
            _ => self.count(depth).map(|()| Node::Scalar(Json::Null)),
        }
    }

    /// True if an element of a list begins in this column of the line.
    fn is_item(&self, column: usize) -> bool {
        let text = &self.rest[column..];
        text.starts_with("- ") || text.starts_with("-\n")
    }

    fn block(&mut self, column: usize, depth: usize) -> Result<Node<'a>> {
        let is_list = self.is_item(column);
        self.take(column);
        match is_list {
            true => self.list(column, depth),
            false => Node::map(self.mapping(column, depth)?).ok_or(TWICE),
        }
    }

    fn list(&mut self, column: usize, depth: usize) -> Result<Node<'a>> {
        let mut items = Vec::new();
        loop {
            self.expect("-", INDENTED)?;
            let text = self.rest.trim_start_matches(' ');
            let inner = column + 1 + self.rest.len() - text.len();
            let ahead = Reader {
                rest: text,
                values: 0,
            };
            let item = if ahead.begins_with_key() {
                self.spaces();
                self.count(depth + 1)?;
                Node::map(self.mapping(inner, depth + 1)?).ok_or(TWICE)?
            } else {
                self.value(column, depth + 1, false)?
            };
            items.push(item);
            match self.next_line() {
                Some(next) if next == column && self.is_item(next) => drop(self.take(next)),
                Some(next) if next > column => return Err(INDENTED),
                _ => return Ok(Node::list(items)),
            }
        }
    }

    fn begins_with_key(mut self) -> bool {
        self.key(false).is_ok() && self.rest.starts_with(':')
    }

    fn line_end(&mut self) -> Result<()> {
        self.spaces();
        self.expect("\n", REST)
    }

    /// A key: a text, or a number as it is written.
    fn key(&mut self, flow: bool) -> Result<Text<'a>> {
        match self.rest.as_bytes().first() {
            Some(b'"') => self.double_quoted(),
            Some(b'\'') => self.single_quoted(),
            _ => {
                let text = self.plain(flow)?;
                match scalar(text)? {
                    Node::Scalar(Json::Bool(_) | Json::Null) => Err("a key is not text"),
                    _ => Ok(text.into()),
                }
            }
        }
    }

    /// A value on one line.
    fn inline(&mut self, depth: usize, flow: bool) -> Result<Node<'a>> {
        self.count(depth)?;
        match self.rest.as_bytes().first() {
            Some(b'"') => self.double_quoted().map(Node::Text),
            Some(b'\'') => self.single_quoted().map(Node::Text),
            Some(b'[') => self.flow_list(depth),
            Some(b'{') => self.flow_mapping(depth),
            _ => scalar(self.plain(flow)?),
        }
    }

    fn flow_list(&mut self, depth: usize) -> Result<Node<'a>> {
        let mut items = Vec::new();
        self.take(1);
        self.spaces();
        if !self.eat("]") {
            loop {
                items.push(self.inline(depth + 1, true)?);
                if self.closes("]")? {
                    break;
                }
            }
        }
        Ok(Node::list(items))
    }

    fn flow_mapping(&mut self, depth: usize) -> Result<Node<'a>> {
        let mut entries = Vec::new();
        self.take(1);
        self.spaces();
        if !self.eat("}") {
            loop {
                self.eat("? ");
                let is_quoted = self.rest.starts_with(['"', '\'']);
                let key = self.key(true)?;
                self.spaces();
                self.expect(":", NO_KEY)?;
                if !self.spaces() && !is_quoted {
                    return Err(NO_SPACE);
                }
                entries.push((key, self.inline(depth + 1, true)?));
                if self.closes("}")? {
                    break;
                }
            }
        }
        Node::map(entries).ok_or(TWICE)
    }

    /// Takes the bracket that ends a list or mapping, or the comma before the next value.
    fn closes(&mut self, bracket: &str) -> Result<bool> {
        self.spaces();
        if self.eat(bracket) {
            return Ok(true);
        }
        self.expect(",", "a comma or a closing bracket is expected on this line")?;
        self.spaces();
        Ok(false)
    }

    /// A scalar without quotes.
    fn plain(&mut self, flow: bool) -> Result<&'a str> {
        let bytes = self.rest.as_bytes();
        let ends = |(i, b): (usize, &u8)| match b {
            b'\n' => true,
            b':' => matches!(bytes.get(i + 1), Some(b' ' | b'\n') | None),
            b',' | b'[' | b']' | b'{' | b'}' => flow,
            _ => false,
        };
        let end = bytes.iter().enumerate().position(ends);
        let text = self.rest[..end.unwrap_or(bytes.len())].trim_end_matches(' ');
        let first = text.as_bytes().first().copied().unwrap_or(b' ');
        match first {
            b'&' | b'*' | b'!' => return Err("anchors, aliases and tags are not allowed"),
            b'|' | b'>' => return Err("texts over several lines must be quoted on one line"),
            b'-' if !text[1..].starts_with(|c: char| c.is_ascii_alphanumeric()) => {
                return Err("a value is missing, or must be quoted");
            }
            b'_' | b'.' | b'/' | b'+' | b'-' | b'(' | b'~' | 0x80.. => {}
            _ if first.is_ascii_alphanumeric() => {}
            _ => return Err("a value is missing, or must be quoted"),
        }
        if text.contains(" #") || text.ends_with(':') || text.starts_with("...") {
            return Err("a text with ` #`, a colon at its end or `...` in front must be quoted");
        }
        if flow && text.contains('?') {
            return Err("a text with `?` inside brackets must be quoted");
        }
        Ok(self.take(text.len()))
    }

    fn single_quoted(&mut self) -> Result<Text<'a>> {
        self.take(1);
        let mut text = Cow::Borrowed("");
        loop {
            let end = self.rest.find(['\'', '\n']).unwrap_or(self.rest.len());
            add(&mut text, self.take(end));
            self.expect("'", "a quote is not closed on its line")?;
            if !self.eat("'") {
                return Ok(text);
            }
            text.to_mut().push('\'');
        }
    }

    fn double_quoted(&mut self) -> Result<Text<'a>> {
        self.take(1);
        let mut text = Cow::Borrowed("");
        loop {
            let ends = |b| matches!(b, b'"' | b'\\' | b'\n');
            let end = self.rest.bytes().position(ends);
            add(&mut text, self.take(end.unwrap_or(self.rest.len())));
            if self.eat("\"") {
                return Ok(text);
            }
            self.expect("\\", "a quote is not closed on its line")?;
            text.to_mut().push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char> {
        let unknown = "an escape is not one of JSON";
        let kind = self.rest.chars().next().ok_or(unknown)?;
        self.take(kind.len_utf8());
        Ok(match kind {
            '"' | '\\' | '/' => kind,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let digits = self.rest.get(..4).ok_or(unknown)?;
                if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err(unknown);
                }
                self.take(4);
                let code = u32::from_str_radix(digits, 16).map_err(|_| unknown)?;
                char::from_u32(code).ok_or("an escape is half a character")?
            }
            _ => return Err(unknown),
        })
    }
}

fn add<'a>(text: &mut Text<'a>, part: &'a str) {
    if text.is_empty() {
        *text = part.into();
    } else {
        text.to_mut().push_str(part);
    }
}

/// The meaning of a scalar without quotes: null, a boolean, a number of JSON, or a text. A word that
/// some readers of YAML take for a boolean, a number or null must be quoted.
fn scalar(text: &str) -> Result<Node<'_>> {
    let is_number = || {
        text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
            && serde_json::from_str::<serde_json::Number>(text).is_ok()
    };
    Ok(match text {
        "null" | "~" => Node::Scalar(Json::Null),
        "true" => Node::Scalar(true.into()),
        "false" => Node::Scalar(false.into()),
        _ if is_reserved(text) => {
            return Err(
                "`yes`, `no`, `on`, `off` and the like must be quoted, or `true` or `false`",
            );
        }
        _ if is_number() => Node::Scalar(number(text).ok_or("an integer has more than 64 bits")?),
        _ => Node::Text(text.into()),
    })
}

fn number(text: &str) -> Option<Json> {
    if text.contains(['.', 'e', 'E']) {
        return serde_json::Number::from_f64(text.parse().ok()?).map(Json::Number);
    }
    let signed = text.parse::<i64>().map(Json::from);
    signed.or_else(|_| text.parse::<u64>().map(Json::from)).ok()
}
