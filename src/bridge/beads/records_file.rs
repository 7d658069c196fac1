//! Reads a file line by line into records, other lines that are kept, and invalid ones.

use std::collections::{BTreeMap, HashMap};

use super::input_lines::Lines;
use super::json_line::{Escaping, Line, shown};
use super::line_layout::{Layout, Token};
use super::read_record::{moment, targets};
use crate::bridge::stage_record::RECORD_MAX;
use crate::bridge::transfer_report::{Remarked, Skipped};
use crate::error::Result;
use crate::graph::{in_cycles, is_blocking};

/// The greatest length of an id, in bytes.
const ID_MAX: usize = 1000;

/// The greatest size of a stored layout in bytes; a larger one loses the order of the records.
pub const LAYOUT_MAX: usize = 1024 * 1024;

/// The greatest number of lines of a file.
pub const LINES_MAX: usize = 2_000_000;

/// A line that is a record; the line itself is read again.
#[derive(Debug)]
pub struct Row {
    /// Its number, from 1.
    pub line: u32,
    /// Its position among the records with that id, from 0.
    pub occurrence: u32,
    /// It is the other side's version of a record, in a file that git could not merge.
    pub is_version: bool,
    pub id: Box<str>,
    /// Its last change, at most now, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// The place of the line, and its length without the line end.
    pub at: (u64, usize),
}

/// A line that is a memory: a text under a key.
#[derive(Clone, Debug)]
pub struct Memory {
    /// Its number, from 1.
    pub line: usize,
    /// Its key; for a repeated key with its number of occurrence.
    pub key: String,
    /// The line without the line end.
    pub raw: String,
}

/// The content of a file.
pub struct Source<'a> {
    /// The lines.
    pub lines: &'a Lines,
    /// The records in the order of the file.
    pub rows: Vec<Row>,
    /// The last record of each id.
    pub last: HashMap<Box<str>, u32>,
    /// The memories in the order of the file.
    pub memories: Vec<Memory>,
    /// The layout of the lines.
    pub layout: Layout,
    /// A record of the file lists comments: one without the key has none.
    pub lists_comments: bool,
    /// The order of the records is too large to be stored.
    pub order_lost: bool,
    /// The dialect of most records.
    pub dialect: Dialect,
    pub skipped: Vec<Skipped>,
    /// Lines that need attention.
    pub warnings: Vec<Remarked>,
}

impl Source<'_> {
    /// Marks the records that can be staged independently of the others: those with a unique id that
    /// are in no cycle.
    pub fn alone(&self) -> Result<Vec<bool>> {
        let mut lines = self.lines.read()?;
        let (mut waits, mut parents) = (Vec::new(), Vec::new());
        for (n, row) in self.rows.iter().enumerate() {
            for (kind, target) in targets(lines.text(row.at)?) {
                let Some(&to) = self.last.get(target.as_str()) else {
                    continue;
                };
                let to = to as usize;
                if kind == "parent-child" {
                    parents.push((n, to));
                } else if is_blocking(&kind) {
                    waits.push((n, to));
                }
            }
        }
        let mut alone = in_cycles(self.rows.len(), &waits, &parents);
        alone.iter_mut().for_each(|tangled| *tangled = !*tangled);
        for (n, row) in self.rows.iter().enumerate() {
            alone[n] &= row.occurrence == 0 && !row.is_version && self.last[&row.id] as usize == n;
        }
        Ok(alone)
    }
}

/// The dialect of a file.
#[derive(Clone, Debug, Default)]
pub struct Dialect {
    /// The format that the header names: `beads-jsonl/1`.
    pub schema: Option<String>,
    /// Records are wrapped: with `"_type":"issue"` at the start and counts at the end.
    pub wrapped: usize,
    /// Number of records with keys of the first releases (`content_hash`, `source_repo`).
    early: usize,
    /// Number of records with `compaction_level` that are not wrapped: those of a writer in Rust.
    level: usize,
    /// True if texts have, unescaped or (`go`) escaped, characters that Go escapes.
    plain: bool,
    go: bool,
    /// True if ids of comments are numbers or (`texts`) texts.
    numbers: bool,
    texts: bool,
    /// True if it was a dump of tables.
    pub flat: bool,
}

impl Dialect {
    pub fn escaping(&self) -> Escaping {
        match (self.plain, self.go) {
            (true, false) => Escaping::Plain,
            (false, false) if self.level > self.wrapped + self.early => Escaping::Plain,
            _ => Escaping::Go,
        }
    }

    /// True if a new comment gets a number as its id: existing ones have one, or there is none and
    /// the file is from a release with such ids.
    pub fn numbered(&self) -> bool {
        let early = self.wrapped == 0 && self.schema.is_none() && !self.flat;
        self.numbers || early && !self.texts
    }

    pub fn description(&self, rows: usize) -> String {
        let half = rows / 2;
        let kind = if self.flat {
            "table dump of `bd backup`"
        } else if self.wrapped > half {
            "wrapped records of `bd export`"
        } else if self.early > half {
            "bd from 2025"
        } else if self.level > half {
            "br"
        } else {
            "bd"
        };
        let version = self.schema.as_deref().unwrap_or("no version");
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

/// Reads a file. `now_ms` limits the times.
///
/// # Errors
/// When it cannot be read.
pub fn read(lines: &Lines, now_ms: u64) -> Result<Source<'_>> {
    let mut source = Source {
        lines,
        rows: Vec::new(),
        last: HashMap::new(),
        memories: Vec::new(),
        layout: Layout::default(),
        lists_comments: false,
        order_lost: false,
        dialect: Dialect::default(),
        skipped: Vec::new(),
        warnings: Vec::new(),
    };
    let mut reader = Reader {
        source: &mut source,
        keys: BTreeMap::new(),
        now_ms,
    };
    let (mut number, mut ended) = (0, true);
    let (mut tokens, mut reading) = (Vec::new(), lines.read()?);
    while let Some((mut at, mut line)) = reading.line()? {
        if let Some(rest) = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| at == 0) {
            (at, line) = (3, rest);
            if line.is_empty() {
                break;
            }
        }
        ended = line.ends_with(b"\n");
        line = line.strip_suffix(b"\n").unwrap_or(line);
        number += 1;
        if number > LINES_MAX {
            let reason =
                format!("this line and all after it are beyond the limit of {LINES_MAX} lines");
            reader.skip(number, None, reason);
            break;
        }
        match std::str::from_utf8(line) {
            Ok(line) => tokens.extend(reader.line(number, at, line)),
            Err(e) => {
                let at = e.valid_up_to() + 1;
                reader.skip(number, None, format!("not valid UTF-8 at byte {at}"));
            }
        }
    }
    source.layout = Layout::of(tokens, ended);
    let size: usize = source.rows.iter().map(|row| row.id.len() + 3).sum();
    if size > LAYOUT_MAX && source.layout.has_order() {
        source.layout = source.layout.without_order();
        source.order_lost = true;
    }
    Ok(source)
}

struct Reader<'s, 'a> {
    source: &'s mut Source<'a>,
    /// Number of memories so far by key.
    keys: BTreeMap<String, usize>,
    now_ms: u64,
}

impl Reader<'_, '_> {
    fn skip(&mut self, line: usize, id: Option<&str>, reason: impl Into<String>) {
        self.source.skipped.push(Skipped::line(line, id, reason));
    }

    fn warn(&mut self, line: usize, id: Option<&str>, message: String) {
        let warning = Remarked::new(Some(line), id, message);
        self.source.warnings.push(warning);
    }

    /// Reads a line and returns its token in the layout; nothing for an invalid line.
    fn line(&mut self, number: usize, at: u64, raw: &str) -> Option<Token> {
        if raw.trim().is_empty() {
            return Some(Token::line(raw));
        }
        if raw.len() > RECORD_MAX {
            let reason = format!("is {} bytes long; the limit is {RECORD_MAX}", raw.len());
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
            self.source.dialect.schema = schema.or_else(|| Some("an unknown version".into()));
            return Some(Token::line(raw));
        }
        match line.text("_type").as_deref() {
            None | Some("issue" | "") => {}
            Some("memory") => return self.memory(number, &line),
            Some(other) if line.get("id").is_none() => {
                let message = format!(
                    "is a record of the unknown type `{}`; kept unchanged",
                    shown(other)
                );
                self.warn(number, None, message);
                return Some(Token::line(raw));
            }
            Some(_) => {}
        }
        self.record(number, at, &line)
    }

    fn record(&mut self, number: usize, at: u64, line: &Line<'_>) -> Option<Token> {
        let id = line.text("id").filter(|id| !id.trim().is_empty());
        let Some(id) = id else {
            self.skip(number, None, "has no id");
            return None;
        };
        if id.len() > ID_MAX {
            let reason = format!("its id is {} bytes long; the limit is {ID_MAX}", id.len());
            self.skip(number, Some(&shown(&id)), reason);
            return None;
        }
        let rows = &self.source.rows;
        let last = self
            .source
            .last
            .insert(id.as_str().into(), rows.len() as u32);
        let last = last.map(|last| &rows[last as usize]);
        let is_theirs = at >= self.source.lines.theirs_at.unwrap_or(u64::MAX);
        let is_version = is_theirs && last.is_some_and(|last| !last.is_version);
        let last = last.filter(|_| !is_version);
        let occurrence = last.map_or(0, |last| last.occurrence + 1);
        if occurrence > 0 {
            let message = format!(
                "is record number {} with this id; all of them are kept",
                occurrence + 1
            );
            self.warn(number, Some(&id), message);
        }
        let time = |key: &str| line.text(key).as_deref().and_then(moment);
        let at_ms = time("updated_at").or_else(|| time("created_at"));
        if at_ms.is_none() {
            self.warn(
                number,
                Some(&id),
                "does not say when it was last changed".into(),
            );
        }
        self.source.dialect.look(line);
        self.source.lists_comments |= line.get("comments").is_some();
        self.source.rows.push(Row {
            line: number as u32,
            occurrence,
            is_version,
            id: id.as_str().into(),
            at_ms: at_ms.unwrap_or(0).min(self.now_ms),
            at: (at, line.raw.len()),
        });
        (!is_version).then_some(Token::Record(id))
    }

    fn memory(&mut self, number: usize, line: &Line<'_>) -> Option<Token> {
        let Some(key) = line.text("key").filter(|key| key.len() <= ID_MAX) else {
            self.skip(number, None, "is a memory without a key");
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
            raw: line.raw.to_string(),
        });
        Some(Token::memory(&key))
    }
}
