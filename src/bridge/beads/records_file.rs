//! A file of records, taken apart line by line: which lines are records, which are something else
//! that goes out again as it came, which are nothing that can be kept. Pure.

use std::collections::BTreeMap;

use super::json_line::{Escaping, Line, shown};
use super::line_layout::{Layout, Token};
use super::record_keys::moment;
use crate::bridge::transfer_report::{Remarked, Skipped};
use crate::bridge::upsert::RECORD_MAX;

/// The longest id of a record, in bytes.
const ID_MAX: usize = 1000;

/// The most lines of a file.
pub const LINES_MAX: usize = 2_000_000;

/// A line that is a record.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Its number, from 1.
    pub line: usize,
    /// The record's id.
    pub id: String,
    /// Which one it is of the records with that id, from 0.
    pub occurrence: usize,
    /// When it was last changed, at most now, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// The line without its end.
    pub raw: &'a str,
}

/// A line that is a memory: a text under a key.
#[derive(Clone, Debug)]
pub struct Memory<'a> {
    /// Its number, from 1.
    pub line: usize,
    /// Its key; where a key stands twice, with the number of its appearance.
    pub key: String,
    /// The line without its end.
    pub raw: &'a str,
}

/// A file, taken apart.
#[derive(Debug)]
pub struct Source<'a> {
    /// The records in the order of the file.
    pub rows: Vec<Row<'a>>,
    /// The memories in the order of the file.
    pub memories: Vec<Memory<'a>>,
    /// How the lines stand.
    pub layout: Layout,
    /// How most of it is written.
    pub dialect: Dialect,
    /// Lines that cannot be kept.
    pub skipped: Vec<Skipped>,
    /// What should be looked at.
    pub warnings: Vec<Remarked>,
}

/// How a file is written.
#[derive(Clone, Debug, Default)]
pub struct Dialect {
    /// What the header calls the format: `beads-jsonl/1`.
    pub schema: Option<String>,
    /// Whether records are wrapped: `"_type":"issue"` in front, counts behind.
    pub wrapped: usize,
    /// How many records have what only the first releases wrote (`content_hash`, `source_repo`).
    early: usize,
    /// How many records have `compaction_level` and are not wrapped: a writer in Rust.
    level: usize,
    /// Whether texts have characters that Go escapes; whether they are escaped.
    plain: bool,
    go: bool,
    /// Whether comments have numbers for ids; whether they have texts.
    numbers: bool,
    texts: bool,
    /// Whether it was a dump of tables.
    pub flat: bool,
}

impl Dialect {
    /// How texts are escaped.
    pub fn escaping(&self) -> Escaping {
        match (self.plain, self.go) {
            (true, false) => Escaping::Plain,
            (false, false) if self.level > self.wrapped + self.early => Escaping::Plain,
            _ => Escaping::Go,
        }
    }

    /// Whether a new comment gets a number for its id: those that are there have one, or there is
    /// none and the file is of the releases that knew no other ids.
    pub fn numbered(&self) -> bool {
        let early = self.wrapped == 0 && self.schema.is_none() && !self.flat;
        self.numbers || early && !self.texts
    }

    /// In words.
    pub fn words(&self, rows: usize) -> String {
        let half = rows / 2;
        let kind = if self.flat {
            "tables dumped by `bd backup`"
        } else if self.wrapped > half {
            "`bd export` with wrapped records"
        } else if self.early > half {
            "bd of 2025"
        } else if self.level > half {
            "br"
        } else {
            "bd"
        };
        let version = self.schema.as_deref().unwrap_or("no version named");
        let escaping = match self.escaping() {
            Escaping::Go => "Go escaping",
            Escaping::Plain => "plain escaping",
        };
        format!("{kind}, {version}, {escaping}")
    }

    fn look(&mut self, line: &Line<'_>) {
        let bare = |byte| matches!(byte, b'<' | b'>' | b'&');
        self.plain = self.plain || line.raw.bytes().any(bare);
        self.go = self.go || line.raw.contains("\\u003") || line.raw.contains("\\u0026");
        let id = line
            .get("comments")
            .and_then(|list| list.strip_prefix("[{\"id\":"));
        self.numbers |= id.is_some_and(|id| id.starts_with(|c: char| c.is_ascii_digit()));
        self.texts |= id.is_some_and(|id| id.starts_with('"'));
        if line.get("_type").is_some() {
            self.wrapped += 1;
        } else if line.get("content_hash").is_some() || line.get("source_repo").is_some() {
            self.early += 1;
        } else if line.get("compaction_level").is_some() {
            self.level += 1;
        }
    }
}

/// Takes a file apart. `now_ms` bounds the times.
pub fn read(bytes: &[u8], now_ms: u64) -> Source<'_> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut source = Source {
        rows: Vec::new(),
        memories: Vec::new(),
        layout: Layout::default(),
        dialect: Dialect::default(),
        skipped: Vec::new(),
        warnings: Vec::new(),
    };
    let (body, ended) = match bytes.strip_suffix(b"\n") {
        Some(body) => (body, true),
        None => (bytes, bytes.is_empty()),
    };
    let mut reader = Reader {
        source: &mut source,
        seen: BTreeMap::new(),
        keys: BTreeMap::new(),
        now_ms,
    };
    let mut tokens = Vec::new();
    if !bytes.is_empty() {
        for (n, line) in body.split(|b| *b == b'\n').enumerate() {
            let number = n + 1;
            if number > LINES_MAX {
                reader.skip(
                    number,
                    None,
                    format!("and all after it: a file has at most {LINES_MAX} lines"),
                );
                break;
            }
            match std::str::from_utf8(line) {
                Ok(line) => tokens.extend(reader.line(number, line)),
                Err(e) => {
                    let at = e.valid_up_to() + 1;
                    reader.skip(number, None, format!("no UTF-8 at byte {at}"));
                }
            }
        }
    }
    source.layout = Layout::of(tokens, ended);
    source
}

struct Reader<'s, 'a> {
    source: &'s mut Source<'a>,
    /// How often an id stood so far.
    seen: BTreeMap<String, usize>,
    /// How often a memory's key stood so far.
    keys: BTreeMap<String, usize>,
    now_ms: u64,
}

impl<'a> Reader<'_, 'a> {
    fn skip(&mut self, line: usize, id: Option<String>, reason: String) {
        self.source.skipped.push(Skipped {
            file: None,
            line,
            id,
            reason,
        });
    }

    fn warn(&mut self, line: usize, id: Option<&str>, message: String) {
        self.source.warnings.push(Remarked {
            line: Some(line),
            id: id.map(str::to_string),
            message,
        });
    }

    /// One line, and what stands for it in the layout; nothing for one that is left out.
    fn line(&mut self, number: usize, raw: &'a str) -> Option<Token> {
        if raw.trim().is_empty() {
            return Some(Token::line(raw));
        }
        if raw.len() > RECORD_MAX {
            let reason = format!("has {} bytes, at most {RECORD_MAX} are kept", raw.len());
            self.skip(number, None, reason);
            return None;
        }
        let line = match Line::parse(raw) {
            Ok(line) => line,
            Err(reason) => {
                self.skip(number, None, reason);
                return None;
            }
        };
        if line.get("_schema").is_some() {
            let schema = line.text("_schema").map(|schema| shown(&schema));
            self.source.dialect.schema = schema.or_else(|| Some("a version of its own".into()));
            return Some(Token::line(raw));
        }
        match line.text("_type").as_deref() {
            None | Some("issue" | "") => {}
            Some("memory") => return self.memory(number, &line),
            Some(other) if line.get("id").is_none() => {
                let message = format!("a record of type `{}`; kept as it is", shown(other));
                self.warn(number, None, message);
                return Some(Token::line(raw));
            }
            Some(_) => {}
        }
        self.record(number, &line)
    }

    fn record(&mut self, number: usize, line: &Line<'a>) -> Option<Token> {
        let id = line.text("id").filter(|id| !id.trim().is_empty());
        let Some(id) = id else {
            self.skip(number, None, "has no id".into());
            return None;
        };
        if id.len() > ID_MAX {
            let reason = format!("its id has {} bytes, at most {ID_MAX} are kept", id.len());
            self.skip(number, Some(shown(&id)), reason);
            return None;
        }
        let nth = self.seen.entry(id.clone()).or_default();
        let occurrence = *nth;
        *nth += 1;
        if occurrence > 0 {
            let message = format!(
                "its id stands {} times so far; all are kept",
                occurrence + 1
            );
            self.warn(number, Some(&id), message);
        }
        let time = |key: &str| line.text(key).as_deref().and_then(moment);
        let at_ms = time("updated_at").or_else(|| time("created_at"));
        if at_ms.is_none() {
            self.warn(number, Some(&id), "says no time at which it changed".into());
        }
        self.source.dialect.look(line);
        self.source.rows.push(Row {
            line: number,
            id: id.clone(),
            occurrence,
            at_ms: at_ms.unwrap_or(0).min(self.now_ms),
            raw: line.raw,
        });
        Some(Token::Record(id))
    }

    fn memory(&mut self, number: usize, line: &Line<'a>) -> Option<Token> {
        let Some(key) = line.text("key").filter(|key| key.len() <= ID_MAX) else {
            self.skip(number, None, "is a memory without a key".into());
            return None;
        };
        let nth = self.keys.entry(key.clone()).or_default();
        *nth += 1;
        let key = match *nth {
            1 => key,
            nth => format!("{key} ({nth})"),
        };
        self.source.memories.push(Memory {
            line: number,
            key: key.clone(),
            raw: line.raw,
        });
        Some(Token::Memory { memory: key })
    }
}
