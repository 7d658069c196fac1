//! Copies of the last imported files, in this clone only: what each of them said before.
//!
//! Of two colleagues' files the later one takes nothing back that only the other one changed. A copy counts only where
//! the record imported last is known to be of another file: else it may be of the same one, imported by another clone,
//! from standard input or with a line that was skipped, and the file means what differs from that.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::file_history::{Edit, FileHistory};
use super::json_line::Line;
use super::open_input::Input;
use super::past_exports::{self, Kept, SIZE_MAX, keep_content, newest_first};
use super::read_record::{SOURCE, moment};
use crate::bridge::content::external;
use crate::bridge::transfer_report::ImportReport;
use crate::model::doc::{Doc, EXTERNAL, IMPORT, UNDONE};
use crate::model::imported::is_of_record;
use crate::model::uid::sha256_hex;
use crate::pm::Pm;

/// The end of the names of all copies.
const END: &str = ".import";

/// The length of what names a file, in characters.
const NAME_LENGTH: usize = 16;

/// The version of a record from which the one in a file was made.
#[derive(Clone, Debug)]
pub struct Seen {
    pub raw: String,
    /// The file is imported for the first time, so that is unknown.
    pub is_guessed: bool,
}

/// What is known of the versions of a record.
#[derive(Debug, Default)]
pub struct Past {
    /// The version from which that of the file was made, if it is another one than that of the last import.
    pub seen: Option<Seen>,
    /// The file itself had the version with which it is compared.
    pub is_of_file: bool,
    /// The record is one of the versions that git has, each of which is merged with what it changed: it says nothing of
    /// what it does not have.
    pub is_edit: bool,
    /// An earlier version than that of the last import, from which the file may have been made.
    pub earlier: Option<String>,
    /// Since when files have had the record itself, in milliseconds since the Unix epoch: it was made from no later export.
    pub since_ms: Option<u64>,
}

/// What files said before.
pub struct PastImports<'p> {
    pm: &'p Pm,
    /// The file; none if it is a pipe or a dump.
    file: Option<PathBuf>,
    /// Its records at its last import, at earlier ones, and those of all others.
    records: OnceCell<[HashMap<String, Vec<Kept>>; 3]>,
    /// What git knows of it.
    history: OnceCell<Option<FileHistory>>,
}

/// The file that an input is.
pub fn file_of(input: &Input) -> Option<PathBuf> {
    match &input.files[..] {
        [file] if file != "-" && !input.flat => {
            Some(PathBuf::from(file)).filter(|file| file.is_file())
        }
        _ => None,
    }
}

/// Keeps a copy of a file, all of which was imported, else none of it. Derived data: without one, a record is compared
/// with the one that was imported last.
pub fn keep(pm: &Pm, file: &Path, report: &ImportReport) {
    if report.dry_run {
        return;
    }
    let end = end_of(pm, file);
    // One that masks texts is no place for them.
    let state = pm.store.state();
    let masks = !state.is_ok_and(|state| state.repository.redactions().is_empty());
    let is_large = fs::metadata(file).is_ok_and(|found| found.len() > SIZE_MAX);
    if !report.skipped.is_empty() || masks || is_large {
        for copy in newest_first(pm, &end) {
            let _ = fs::remove_file(copy);
        }
        return;
    }
    if let Ok(mut content) = File::open(file) {
        keep_content(pm, &mut content, &end, END);
    }
}

/// The copies of a file.
pub fn of_file(pm: &Pm, file: &Path) -> Vec<PathBuf> {
    newest_first(pm, &end_of(pm, file))
}

/// The end of the names of the copies of a file.
fn end_of(pm: &Pm, file: &Path) -> String {
    format!("-{}{END}", name_of(pm, file))
}

/// What names a file here, which is the same by any path and in any worktree.
fn name_of(pm: &Pm, file: &Path) -> String {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let (file, top) = (real(file), pm.store.repo().workdir().map(real));
    let name = top.and_then(|top| file.strip_prefix(top).ok().map(Path::to_path_buf));
    let hash = sha256_hex(name.unwrap_or(file).as_os_str().as_encoded_bytes());
    hash[..NAME_LENGTH].to_owned()
}

impl<'p> PastImports<'p> {
    pub fn new(pm: &'p Pm, file: Option<PathBuf>) -> Self {
        PastImports {
            pm,
            file,
            records: OnceCell::new(),
            history: OnceCell::new(),
        }
    }

    /// What is known of the versions of a record, of which `stored` was imported last into `doc`. `key` is as for
    /// [`past_exports::records`].
    pub fn of(
        &self,
        (id, raw): (&str, &str),
        stored: &str,
        doc: &Doc,
        key: impl Fn(String) -> Option<String>,
    ) -> Past {
        // What was undone is imported as if it had never been.
        let at = doc.regs.get(EXTERNAL).map(|reg| &reg.stamp);
        let is_of_import = doc.text(UNDONE) != Some(IMPORT) && at.is_some_and(is_of_record);
        let Some(file) = self.file.as_deref().filter(|_| is_of_import) else {
            return Past::default();
        };
        let [own, _, others] = self.records.get_or_init(|| self.read(file, key));
        let [own, others] = [own, others].map(|of| of.get(id).map_or(&[][..], Vec::as_slice));
        let equal = own.iter().chain(others).filter(|one| one.raw == raw);
        let past = Past {
            since_ms: equal.map(|one| one.since_ms).min(),
            ..Past::default()
        };
        let last = own.first().map(|one| one.raw.as_str());
        if last == Some(raw) {
            // The file says what it said before.
            let raw = raw.to_string();
            let seen = Some(Seen {
                raw,
                is_guessed: false,
            });
            return Past {
                seen,
                is_of_file: true,
                ..past
            };
        }
        let is_of_file = last.is_some();
        let all = others.iter().map(|one| one.raw.as_str());
        let seen = last.or_else(|| past_exports::origin(all, raw));
        let is_later = |seen: &&str| moment_of(seen) > moment_of(stored);
        let Some(seen) = seen.filter(|seen| !is_later(seen)) else {
            return past;
        };
        if seen == stored {
            return Past { is_of_file, ..past };
        }
        if !others.iter().any(|other| other.raw == stored) {
            return Past {
                earlier: Some(seen.to_string()),
                ..past
            };
        }
        if !is_of_file && past_exports::saw(raw, stored, seen, true) {
            return past;
        }
        let seen = Seen {
            raw: seen.to_string(),
            is_guessed: !is_of_file,
        };
        Past {
            seen: Some(seen),
            is_of_file,
            ..past
        }
    }

    /// What made a record what it is in its file, oldest first, without what this clone has imported; none if git does
    /// not know it. `stored` is the version that was imported last.
    pub fn edits(
        &self,
        (id, raw): (&str, &str),
        stored: &str,
        key: impl Fn(String) -> Option<String>,
    ) -> Vec<Edit> {
        let Some(file) = self.file.as_deref() else {
            return Vec::new();
        };
        let history = || FileHistory::of(self.pm, file);
        let Some(history) = self.history.get_or_init(history) else {
            return Vec::new();
        };
        let [own, older, _] = self.records.get_or_init(|| self.read(file, key));
        let imported = [own, older]
            .into_iter()
            .filter_map(|of| of.get(id))
            .flatten();
        let imported: Vec<&str> = imported.map(|one| one.raw.as_str()).collect();
        let known: Vec<&str> = imported.iter().copied().chain([stored]).collect();
        let mut edits = history.edits(self.pm, id, raw, &known);
        edits.retain(|edit| !imported.contains(&edit.after.as_str()));
        edits
    }

    /// The records of the last copy of a file, of its earlier ones, and of all copies of others.
    fn read(
        &self,
        file: &Path,
        key: impl Fn(String) -> Option<String>,
    ) -> [HashMap<String, Vec<Kept>>; 3] {
        let end = end_of(self.pm, file);
        let is_own = |copy: &PathBuf| copy.to_string_lossy().ends_with(&end);
        let all = newest_first(self.pm, END).into_iter();
        let (mut own, others): (Vec<PathBuf>, Vec<PathBuf>) = all.partition(is_own);
        let older = own.split_off(own.len().min(1));
        [own, older, others].map(|files| past_exports::records_in(files, &key))
    }
}

/// The time of the last change of a record.
pub fn moment_of(raw: &str) -> Option<u64> {
    moment(&Line::parse(raw).ok()?.text("updated_at")?)
}

/// True if a version of a record is not older than a stored one, as both say.
pub fn is_current(stored: &str, raw: &str) -> bool {
    let times = moment_of(stored).zip(moment_of(raw));
    times.is_some_and(|(stored, new)| new >= stored)
}

/// True if the version of a record that was imported last is newer, or the one that its file had before. Stamps do not
/// say that of times that are later than those of their imports.
pub fn is_outdated(doc: &Doc, raw: &str, seen: Option<&Seen>) -> bool {
    let known = external(doc, SOURCE, "record").filter(|_| doc.text(UNDONE) != Some(IMPORT));
    let own = seen.filter(|seen| !seen.is_guessed);
    let known = own.map(|seen| seen.raw.as_str()).or(known);
    let times = known.and_then(moment_of).zip(moment_of(raw));
    times.is_some_and(|(known, new)| new < known)
}
