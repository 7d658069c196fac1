//! The quick reader of front matter, line by line, in exactly the form that the writer produces. It
//! never decides that a file is damaged: if it finds any other form it gives up, and the YAML
//! library, which is ten times slower, reads all of it. Both read the writer's form alike.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::yaml_node::{Mapping, Node, Text};
use crate::model::uid::is_hex;
use crate::model::yaml::{SIMPLE_KEY_MAX, is_escaped, is_plain};

/// The greatest depth of blocks: records contain entries, and entries contain registers.
const MAX_LEVEL: usize = 2;

/// The greatest depth of lists and mappings on one line that is accepted.
const MAX_FLOW: usize = 8;

/// The greatest number of fields that is accepted, because each may be compared with all before it.
const MAX_FIELDS: usize = 64;

/// Reads front matter in the writer's form; `None` if it may have another.
pub(super) fn read(front: &str) -> Option<Mapping<'_>> {
    let mut cursor = Cursor { rest: front };
    let fields = cursor.block(0)?;
    (cursor.rest.is_empty() && !fields.is_empty() && each_once(&fields)).then_some(fields)
}

/// True if every key occurs once.
fn each_once(fields: &Mapping<'_>) -> bool {
    // Most keys differ in length or first letter from all before them.
    let mut seen = 0u64;
    fields.len() <= MAX_FIELDS
        && fields.iter().enumerate().all(|(n, (key, _))| {
            let first = key.as_bytes().first().copied().unwrap_or_default();
            let bit = 1 << ((usize::from(first) * 7 + key.len()) % 64);
            let fresh = seen & bit == 0;
            seen |= bit;
            fresh || fields[..n].iter().all(|(before, _)| before != key)
        })
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Option<()> {
        self.eat(token).then_some(())
    }

    /// Takes the text before byte `end`.
    fn take(&mut self, end: usize) -> &'a str {
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        token
    }

    /// Takes the indentation of a line if it is `level` deep.
    fn indent(&mut self, level: usize) -> bool {
        const PAD: &str = "    ";
        self.eat(&PAD[..2 * level])
    }

    fn block(&mut self, level: usize) -> Option<Mapping<'a>> {
        let mut entries = Vec::new();
        while self.indent(level) {
            let key = self.key()?;
            let node = if !self.eat("\n") {
                self.expect(" ")?;
                self.value()?
            } else if level == 0 && key == "versions" {
                self.sequence()?
            } else if level < MAX_LEVEL {
                let inner = self.block(level + 1)?;
                if inner.is_empty() {
                    return None;
                }
                Node::map(inner)?
            } else {
                return None;
            };
            entries.push((key, node));
            if self.rest.is_empty() {
                break;
            }
        }
        Some(entries)
    }

    /// The list of versions: mappings of a few short fields.
    fn sequence(&mut self) -> Option<Node<'a>> {
        let mut items = Vec::new();
        while self.eat("  - ") {
            let mut entries = Vec::new();
            loop {
                let key = self.key()?;
                self.expect(" ")?;
                entries.push((key, self.value()?));
                if !self.indent(2) {
                    break;
                }
            }
            items.push(Node::map(entries)?);
        }
        (!items.is_empty()).then_some(Node::List(items))
    }

    /// A key and its colon.
    fn key(&mut self) -> Option<Text<'a>> {
        let before = self.rest.len();
        let key = if self.rest.starts_with('"') {
            self.quoted()?
        } else {
            let end = self.rest.bytes().position(|b| matches!(b, b':' | b'\n'))?;
            self.plain(end, false)?
        };
        if before - self.rest.len() > SIMPLE_KEY_MAX {
            return None;
        }
        self.expect(":")?;
        Some(key)
    }

    /// The value that fills the rest of a line.
    fn value(&mut self) -> Option<Node<'a>> {
        let node = match self.rest.as_bytes().first()? {
            b'"' => Node::Text(self.quoted()?),
            b'[' | b'{' => self.flow(0)?,
            _ => {
                let end = self.rest.find('\n')?;
                self.unquoted(end, false)?
            }
        };
        self.expect("\n")?;
        Some(node)
    }

    /// A list or mapping on one line.
    fn flow(&mut self, depth: usize) -> Option<Node<'a>> {
        if depth > MAX_FLOW {
            return None;
        }
        if self.eat("{}") {
            return Some(Node::Map(Vec::new()));
        }
        if self.eat("{") {
            let mut entries = Vec::new();
            loop {
                if !self.rest.starts_with('"') {
                    return None;
                }
                let key = self.key()?;
                self.expect(" ")?;
                entries.push((key, self.element(depth + 1)?));
                if !self.eat(", ") {
                    break;
                }
            }
            self.expect("}")?;
            return Node::map(entries);
        }
        if self.eat("[]") {
            return Some(Node::Texts(Vec::new()));
        }
        self.expect("[")?;
        let mut items = Vec::new();
        loop {
            items.push(self.element(depth)?);
            if !self.eat(", ") {
                break;
            }
        }
        self.expect("]")?;
        Some(Node::list(items))
    }

    /// A value in brackets. Only elements of a set may be without quotes.
    fn element(&mut self, depth: usize) -> Option<Node<'a>> {
        match self.rest.as_bytes().first()? {
            b'"' => Some(Node::Text(self.quoted()?)),
            b'[' | b'{' => self.flow(depth + 1),
            _ => {
                let ends = |b| matches!(b, b',' | b']' | b'}' | b'\n');
                let end = self.rest.bytes().position(ends)?;
                match self.unquoted(end, true)? {
                    Node::Text(_) if depth > 0 => None,
                    node => Some(node),
                }
            }
        }
    }

    /// A plain text, a boolean, null or a whole number.
    fn unquoted(&mut self, end: usize, flow: bool) -> Option<Node<'a>> {
        let scalar = match &self.rest[..end] {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "null" => Json::Null,
            token if token.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => integer(token)?,
            _ => return Some(Node::Text(self.plain(end, flow)?)),
        };
        self.take(end);
        Some(Node::Scalar(scalar))
    }

    fn plain(&mut self, end: usize, flow: bool) -> Option<Text<'a>> {
        let text = self.take(end);
        is_plain(text, flow).then_some(Cow::Borrowed(text))
    }

    fn quoted(&mut self) -> Option<Text<'a>> {
        self.expect("\"")?;
        let mut text = Cow::Borrowed("");
        loop {
            let ends = |b: u8| b == b'"' || b == b'\\' || b < b' ' || b == 0x7f;
            let end = self.rest.bytes().position(ends)?;
            let part = self.take(end);
            if !part.is_ascii() && part.contains(is_escaped) {
                return None;
            }
            if text.is_empty() {
                text = Cow::Borrowed(part);
            } else {
                text.to_mut().push_str(part);
            }
            if self.eat("\"") {
                return Some(text);
            }
            text.to_mut().push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Option<char> {
        self.expect("\\")?;
        let kind = self.rest.chars().next()?;
        self.take(kind.len_utf8());
        match kind {
            '"' | '\\' => Some(kind),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'u' => {
                let digits = self.rest.get(..4)?;
                let code = u32::from_str_radix(digits, 16).ok()?;
                self.take(4);
                let c = char::from_u32(code)?;
                (digits.bytes().all(is_hex) && is_escaped(c)).then_some(c)
            }
            _ => None,
        }
    }
}

/// A whole number of at most 64 bits, in the form that the writer uses.
fn integer(token: &str) -> Option<Json> {
    let digits = token.strip_prefix('-').unwrap_or(token);
    let written = match digits.as_bytes() {
        [b'0'] => token == digits,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if !written {
        return None;
    }
    let signed = token.parse::<i64>().map(Json::from);
    signed
        .or_else(|_| token.parse::<u64>().map(Json::from))
        .ok()
}
