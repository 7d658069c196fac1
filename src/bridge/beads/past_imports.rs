//! Copies of the last imported files, in this clone only: what each of them said before.
//!
//! Of two colleagues' files the later one takes nothing back that only the other one changed.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::json_line::Line;
use super::open_input::Input;
use super::past_exports::{self, keep_content, newest_first};
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
    /// The file is imported for the first time, so nobody knows.
    pub is_guessed: bool,
}

/// What files said before.
pub struct PastImports<'p> {
    pm: &'p Pm,
    /// The file; none if it is a pipe or a dump.
    file: Option<PathBuf>,
    /// Its records at its last import, and whether there was one; else those of all files.
    records: OnceCell<(HashMap<String, Vec<String>>, bool)>,
}

/// The file that an input is.
pub fn file_of(input: &Input) -> Option<PathBuf> {
    match &input.files[..] {
        [file] if file != "-" && !input.flat => Some(PathBuf::from(file)),
        _ => None,
    }
}

/// Keeps a copy of a file, all of which was imported. Derived data: without one, a record is compared with the one
/// that was imported last.
pub fn keep(pm: &Pm, file: &Path, report: &ImportReport) {
    // One that masks texts is no place for them.
    let state = pm.store.state();
    let masks = !state.is_ok_and(|state| state.repository.redactions().is_empty());
    if report.dry_run || !report.skipped.is_empty() || masks {
        return;
    }
    if let Ok(mut content) = File::open(file) {
        keep_content(pm, &mut content, &end_of(file), END);
    }
}

/// The end of the names of the copies of a file.
fn end_of(file: &Path) -> String {
    let hash = sha256_hex(file.as_os_str().as_encoded_bytes());
    format!("-{}{END}", &hash[..NAME_LENGTH])
}

impl<'p> PastImports<'p> {
    pub fn new(pm: &'p Pm, file: Option<PathBuf>) -> Self {
        PastImports {
            pm,
            file,
            records: OnceCell::new(),
        }
    }

    /// The version of a record from which that of the file was made, if it is another one than `stored`, which was
    /// imported last into `doc`; and true if the file itself had that version before. `key` is as for
    /// [`past_exports::records`].
    pub fn seen(
        &self,
        named: (&str, &str),
        stored: &str,
        doc: &Doc,
        key: impl Fn(String) -> Option<String>,
    ) -> (Option<Seen>, bool) {
        let seen = self.version(named, stored, doc, key);
        let is_own = seen.as_ref().is_some_and(|seen| !seen.is_guessed);
        (seen.filter(|seen| seen.raw != stored), is_own)
    }

    fn version(
        &self,
        (id, raw): (&str, &str),
        stored: &str,
        doc: &Doc,
        key: impl Fn(String) -> Option<String>,
    ) -> Option<Seen> {
        let file = self.file.as_deref()?;
        // What was undone is imported as if it had never been.
        let is_of_import = |doc: &Doc| {
            let at = doc.regs.get(EXTERNAL).map(|reg| &reg.stamp);
            doc.text(UNDONE) != Some(IMPORT) && at.is_some_and(is_of_record)
        };
        if !is_of_import(doc) {
            return None;
        }
        let (records, is_own) = self.records.get_or_init(|| {
            let own = newest_first(self.pm, &end_of(file));
            let is_own = !own.is_empty();
            let all = || newest_first(self.pm, END);
            let files = match own.into_iter().next() {
                Some(newest) => vec![newest],
                None => all(),
            };
            (past_exports::records_in(files, key), is_own)
        });
        let versions = records.get(id)?;
        let seen = match is_own {
            true => versions.first()?,
            false => past_exports::origin(versions, raw)?,
        };
        let is_later = moment_of(seen) > moment_of(stored);
        let is_seen = !is_own && past_exports::saw(raw, stored, seen);
        (!is_later && !is_seen).then(|| Seen {
            raw: seen.clone(),
            is_guessed: !is_own,
        })
    }
}

/// The time of the last change of a record.
fn moment_of(raw: &str) -> Option<u64> {
    moment(&Line::parse(raw).ok()?.text("updated_at")?)
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
