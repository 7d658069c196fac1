//! Copies of the last exports, in this clone only: what a colleague who edited one of them started from.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::json_line::{Line, Member};
use super::read_record::moment;
use crate::error::{Error, Result};
use crate::model::line_diff::likeness_of_words;
use crate::pm::Pm;
use crate::store::fsck::local::EXPORTS;
use crate::store::shared_files::create_dir_all;
use crate::store::{named_file, whole_file};

/// The end of their names.
const END: &str = ".jsonl";

/// The greatest length of texts that are compared by their words, in bytes.
const ALIKE_MAX: usize = 20_000;

/// The number of digits with which they begin, their time in milliseconds since the Unix epoch.
const TIME_LENGTH: usize = 15;

/// The greatest number of copies.
const NUMBER_MAX: usize = 20;

/// Their greatest size together, in bytes.
pub const SIZE_MAX: u64 = 64 * 1024 * 1024;

/// The keys of a record with one of few values, which both sides may choose alike.
const FEW_VALUES: &[&str] = &[
    "assignee",
    "due_at",
    "defer_until",
    "estimated_minutes",
    "issue_type",
    "labels",
    "owner",
    "priority",
    "status",
];

/// The keys of them that follow from the status, and that two sides do not have alike by chance.
const OF_STATUS: &[&str] = &["started_at", "closed_at", "close_reason"];

/// The keys that say nothing of what was edited.
const FOLLOWS: &[&str] = &[
    "id",
    "updated_at",
    "closed_at",
    "started_at",
    "close_reason",
    "closed_by_session",
];

/// What an export is written to, with a copy of it in a file without a name.
pub struct Copied<'o> {
    out: &'o mut dyn Write,
    /// None if it cannot be written, or is too large to be kept.
    copy: Option<BufWriter<File>>,
    size: u64,
}

impl<'o> Copied<'o> {
    pub fn new(out: &'o mut dyn Write) -> Self {
        Copied {
            out,
            copy: tempfile::tempfile().ok().map(BufWriter::new),
            size: 0,
        }
    }

    /// Keeps the copy, now that the export is complete.
    ///
    /// # Errors
    /// When the rest of the export cannot be written.
    pub fn keep(self, pm: &Pm) -> Result<()> {
        let flushed = self.out.flush();
        flushed.map_err(|e| Error::unwritten("cannot write the export", e))?;
        let whole = self.copy.and_then(|copy| copy.into_inner().ok());
        if let Some(mut whole) = whole {
            keep_content(pm, &mut whole, END, END);
        }
        Ok(())
    }
}

impl Write for Copied<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.size += written as u64;
        let is_kept = self.size <= SIZE_MAX;
        let copy = self.copy.as_mut().filter(|_| is_kept);
        if copy.is_none_or(|copy| copy.write_all(&bytes[..written]).is_err()) {
            self.copy = None;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Keeps a copy of an export in a file.
pub fn keep(pm: &Pm, export: &Path) {
    // What was written to a pipe is not there to be read.
    if !named_file::is_stream(export)
        && let Ok(mut file) = File::open(export)
    {
        keep_content(pm, &mut file, END, END);
    }
}

/// Keeps a copy of a file, whose name ends so, as one of those whose names end with `of`. Derived data: without one, an
/// import compares with the last import alone.
pub fn keep_content(pm: &Pm, content: &mut File, end: &str, of: &str) {
    let folder = pm.store.folder().join(EXPORTS);
    // Many equal ones are no reason to forget others.
    let newest = newest_first(pm, end).into_iter().next();
    let is_large = content.metadata().is_ok_and(|found| found.len() > SIZE_MAX);
    if is_large || newest.is_some_and(|newest| is_equal(content, &newest)) {
        return;
    }
    let copy = folder.join(format!("{:0TIME_LENGTH$}{end}", pm.now_ms()));
    let failed = |e| Error::unwritten("cannot keep a copy", e);
    let _ = create_dir_all(&folder).and_then(|()| content.rewind());
    let _ = whole_file::replace(&copy, None, |out| {
        io::copy(content, out).map(drop).map_err(failed)
    });
    let mut size = 0;
    for (n, path) in newest_first(pm, of).iter().enumerate() {
        size += path.metadata().map_or(0, |found| found.len());
        if n >= NUMBER_MAX || size > SIZE_MAX {
            let _ = fs::remove_file(path);
        }
    }
}

/// True if two files have the same content.
pub fn is_equal(one: &mut File, other: &Path) -> bool {
    let size = |found: io::Result<fs::Metadata>| found.ok().map(|found| found.len());
    let read = |file: &mut File| {
        let mut bytes = Vec::new();
        file.rewind().ok()?;
        io::copy(file, &mut bytes).ok()?;
        Some(bytes)
    };
    size(one.metadata()) == size(fs::metadata(other)) && read(one) == fs::read(other).ok()
}

/// The copies of exports.
pub fn all(pm: &Pm) -> Vec<PathBuf> {
    newest_first(pm, END)
}

/// The copies whose names end so.
pub fn newest_first(pm: &Pm, end: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(pm.store.folder().join(EXPORTS));
    let entries = entries.into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(end));
    let mut all: Vec<PathBuf> = named.map(|entry| entry.path()).collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    all
}

/// A record in copies of files.
#[derive(Clone, Debug)]
pub struct Kept {
    pub raw: String,
    /// The time of the first of these copies that have it one after another, in milliseconds since the Unix epoch.
    pub since_ms: u64,
}

/// The records of the kept exports, newest first, by what `key` makes of their ids.
pub fn records(pm: &Pm, key: impl Fn(String) -> Option<String>) -> HashMap<String, Vec<Kept>> {
    records_in(newest_first(pm, END), key)
}

/// The records of some copies.
pub fn records_in(
    files: Vec<PathBuf>,
    key: impl Fn(String) -> Option<String>,
) -> HashMap<String, Vec<Kept>> {
    let mut found: HashMap<String, Vec<Kept>> = HashMap::new();
    for path in files {
        let name = path.file_name().map(|name| name.to_string_lossy());
        let since_ms = name.and_then(|name| name.get(..TIME_LENGTH)?.parse().ok());
        let (Some(since_ms), Ok(file)) = (since_ms, File::open(&path)) else {
            continue;
        };
        for raw in BufReader::new(file)
            .lines()
            .map_while(std::result::Result::ok)
        {
            let id = Line::parse(&raw).ok().and_then(|line| line.text("id"));
            if let Some(id) = id.and_then(&key) {
                let all = found.entry(id).or_default();
                match all.last_mut().filter(|last| last.raw == raw) {
                    Some(last) => last.since_ms = since_ms,
                    None => all.push(Kept { raw, since_ms }),
                }
            }
        }
    }
    found
}

/// Of lists (comments, edges, labels) whether the first has what only the second has, or lacks what that took from the
/// third; none for other values, or where these two have the same elements.
fn saw_elements([is, there, before]: [Option<&str>; 3]) -> Option<bool> {
    let elements = |raw: Option<&str>| -> Option<BTreeSet<String>> {
        let all: Vec<Value> = raw.map_or(Some(Vec::new()), |raw| serde_json::from_str(raw).ok())?;
        Some(all.iter().map(Value::to_string).collect())
    };
    let (is, there, before) = (elements(is)?, elements(there)?, elements(before)?);
    let mut new = there.difference(&before).peekable();
    let mut gone = before.difference(&there).peekable();
    match new.peek().is_some() {
        true => Some(new.any(|one| is.contains(one))),
        false => gone
            .peek()
            .is_some()
            .then(|| !gone.any(|one| is.contains(one))),
    }
}

/// How alike two texts are, from 0 to 1; 0 of long ones, whose comparison takes long.
fn alike(one: &str, other: &str) -> f32 {
    match one.len().max(other.len()) > ALIKE_MAX {
        true => 0.0,
        false => likeness_of_words(one, other),
    }
}

/// The version of a record from which an edited one was made: that with the most values in common, of several the newest.
pub fn origin<'v>(
    versions: impl DoubleEndedIterator<Item = &'v str>,
    edited: &str,
) -> Option<&'v str> {
    let edited = Line::parse(edited).ok()?;
    let common = |raw: &&str| {
        let line = Line::parse(raw).ok()?;
        let is_same = |one: &&Member<'_>| line.get(&one.key) == Some(one.value);
        let same = edited.members.iter().filter(is_same).count();
        // One that differs only in its time was not what was edited, if there is another.
        let lacking = line.members.len().max(edited.members.len()) - same;
        Some(if lacking == 1 { 0 } else { same })
    };
    versions.rev().max_by_key(common)
}

/// Adds the one of the `past` exports to the present one from which an edited record may have been made, that from which
/// it was made first; true if it was made from that one.
pub fn seen(edited: &str, imported: &str, exports: &mut Vec<String>, past: &[&Kept]) -> bool {
    let is_kept = |export: &str| past.iter().any(|one| one.raw == export);
    let saw = |export: &str| saw(edited, export, imported, is_kept(export));
    let last = origin(past.iter().map(|one| one.raw.as_str()), edited);
    // One that the source has not seen says nothing of what it changed.
    exports.extend(last.filter(|last| saw(last)).map(str::to_string));
    let all = exports.iter().map(String::as_str);
    if origin(all, edited) == exports.last().map(String::as_str) {
        exports.reverse();
    }
    // Of an export that another clone made this one knows only what differs from the last import.
    exports
        .first()
        .is_some_and(|first| is_kept(first) && saw(first))
}

/// True if an edited record was made from an export, and not from the record of the last import: it has more of what the
/// first says otherwise. A value of few that it has from the export tells less than one that it has not, since both sides
/// may choose it: a person seldom takes back what others wrote. It tells nothing if no copy `is_kept` of the export.
pub fn saw(edited: &str, export: &str, imported: &str, is_kept: bool) -> bool {
    let lines = [edited, export, imported].map(|raw| Line::parse(raw).ok());
    let [Some(edited), Some(export), Some(imported)] = &lines else {
        return false;
    };
    let keys = export.members.iter().chain(&imported.members);
    let keys: BTreeSet<&str> = keys.map(|one| &*one.key).collect();
    let differ = keys.into_iter().filter(|key| !FOLLOWS.contains(key));
    let (mut like, mut unlike) = (0, 0);
    let at = |line: &Line<'_>| line.text("updated_at").as_deref().and_then(moment);
    let [is, there, before] = [edited, export, imported].map(at);
    if is.is_some() && is == there && is != before {
        return true;
    }
    let says_of = |key: &&str| {
        let there = export.get(key);
        there.is_some() && there != imported.get(key) && there == edited.get(key)
    };
    like += 3 * u32::from(OF_STATUS.iter().any(says_of));
    // An edit that took back all that the export said is later than this, and changed something.
    let all = edited.members.iter().chain(&imported.members);
    let mut all = all.filter(|one| !FOLLOWS.contains(&&*one.key));
    let is_back = all.all(|one| edited.get(&one.key) == imported.get(&one.key));
    if is_back && is_kept && is > there && there > before {
        return true;
    }
    for key in differ.filter(|key| export.get(key) != imported.get(key)) {
        let [is, there, before] = [edited, export, imported].map(|line| line.get(key));
        let is_chosen = FEW_VALUES.contains(&key);
        let alike = |one: Option<&str>| alike(is.unwrap_or_default(), one.unwrap_or_default());
        let has_seen = match saw_elements([is, there, before]) {
            Some(has_seen) => Some(has_seen),
            None if is == there => Some(true),
            None => (is == before).then_some(false),
        };
        if has_seen == Some(true) {
            like += if is_chosen { u32::from(is_kept) } else { 3 };
        } else if has_seen == Some(false) {
            unlike += 2;
        } else if !is_chosen && alike(there) > alike(before).max(0.5) {
            like += 3;
        }
    }
    like > unlike
}
