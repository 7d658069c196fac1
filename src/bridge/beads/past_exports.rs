//! Copies of the last exports to files, in this clone only: what a colleague who edited one of them started from.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::json_line::{Line, Member};
use crate::pm::Pm;
use crate::store::fsck::local::EXPORTS;
use crate::store::shared_files::create_dir_all;

/// The greatest number of copies.
const NUMBER_MAX: usize = 20;

/// Their greatest size together, in bytes.
const SIZE_MAX: u64 = 64 * 1024 * 1024;

/// Keeps a copy of an export. Derived data: without one, an import compares with the last import alone.
pub fn keep(pm: &Pm, export: &Path) {
    let folder = pm.store.folder().join(EXPORTS);
    let copy = folder.join(format!("{:015}.jsonl", pm.now_ms()));
    let _ = create_dir_all(&folder).and_then(|()| fs::copy(export, copy));
    let mut size = 0;
    for (n, path) in newest_first(pm).iter().enumerate() {
        size += path.metadata().map_or(0, |found| found.len());
        if n >= NUMBER_MAX || size > SIZE_MAX {
            let _ = fs::remove_file(path);
        }
    }
}

fn newest_first(pm: &Pm) -> Vec<PathBuf> {
    let entries = fs::read_dir(pm.store.folder().join(EXPORTS));
    let entries = entries.into_iter().flatten().flatten();
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    all
}

/// The records of the kept exports, newest first, by what `key` makes of their ids.
pub fn records(pm: &Pm, key: impl Fn(String) -> Option<String>) -> HashMap<String, Vec<String>> {
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    for file in newest_first(pm).into_iter().flat_map(File::open) {
        for raw in BufReader::new(file).lines().map_while(Result::ok) {
            let id = Line::parse(&raw).ok().and_then(|line| line.text("id"));
            if let Some(id) = id.and_then(&key) {
                let all = found.entry(id).or_default();
                // Of equal ones the newest is enough.
                if all.last() != Some(&raw) {
                    all.push(raw);
                }
            }
        }
    }
    found
}

/// The version of a record from which an edited one was made: that with the most values in common, of several the newest.
pub fn origin<'v>(versions: &'v [String], edited: &str) -> Option<&'v String> {
    let edited = Line::parse(edited).ok()?;
    let common = |raw: &&String| {
        let line = Line::parse(raw).ok()?;
        let is_same = |one: &&Member<'_>| line.get(&one.key) == Some(one.value);
        let same = edited.members.iter().filter(is_same).count();
        // One that differs only in its time was not what was edited, if there is another.
        let lacking = line.members.len().max(edited.members.len()) - same;
        Some(if lacking == 1 { 0 } else { same })
    };
    versions.iter().rev().max_by_key(common)
}

/// True if an edited record has a value of an export that the record of the last import did not have: it was made
/// from that export.
pub fn saw(edited: &str, export: &str, imported: &str) -> bool {
    let lines = [edited, export, imported].map(|raw| Line::parse(raw).ok());
    let [Some(edited), Some(export), Some(imported)] = &lines else {
        return false;
    };
    let says = |line: &Line<'_>, one: &Member<'_>| line.get(&one.key) == Some(one.value);
    let mut told = edited.members.iter();
    told.any(|one| says(export, one) && !says(imported, one))
}
