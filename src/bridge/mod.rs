//! Import from and export to other trackers: what all importers share.
//!
//! All importers share:
//!
//! - [`Content`]: the content of a record, in the fields of a document. An importer is a function
//!   from the raw text of a record to its content.
//! - [`Foreign`]: the identity of a record. Uid and stamps follow from it alone, so two clones that
//!   import the same file independently have the same items.
//! - `stage_record`: stages a record. The register `external` has its raw text as of the last
//!   import, so a changed record merges by field: changes at its source are written with the
//!   record's own time, changes made here stay.
//! - [`ImportReport`]: the result, with a line for each record that needs attention.

use std::fmt;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use crate::coordinate::idempotency;
use crate::coordinate::renew_claims;
use crate::coordinate::sync::first_push;
use crate::coordinate::write;
use crate::error::{Error, Reason, Result};
use crate::model::uid::{Uid, sha256_hex};
use crate::pm::Pm;
use crate::pm::handles::Trackers;
use crate::pm::who_acts::require_name;
use crate::store::transaction::{Tx, value};

pub mod backlog;
pub mod beads;
pub mod ccpm;
mod closing_fields;
mod conflict_markers;
mod content;
mod criteria;
mod csv;
mod deleted_at_source;
pub mod export;
mod guarded_cells;
mod import_cycles;
mod learnings_and_agents;
mod merge_record;
mod newer_here;
mod overridden_values;
pub(crate) mod people;
pub mod project;
mod stage_comments;
mod stage_record;
pub mod taskmaster;
mod transfer_report;

pub(crate) use content::{is_foreign, stamp as stamp_of_record};
use learnings_and_agents::{AGENTS, LEARNINGS};
pub(crate) use stage_record::{Outcome, Upsert};
pub use transfer_report::{
    ExportReport, ImportOptions, ImportReport, Overruled, Remarked, Skipped,
};

/// The greatest number of items that a commit names; it names none if there are more.
const NAMED_MAX: usize = 100;

/// A tool whose data can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracker {
    /// beads: a file of JSON Lines or the folder of a table dump, by default `.beads/issues.jsonl`,
    /// else `.beads/beads.jsonl`. Older versions of records are skipped and reported.
    Beads,
    /// Backlog.md: the folder `backlog` or `.backlog`, or the one that `backlog.config.yml` names;
    /// from a reader one task. Milestones become epics.
    Backlog,
    /// ccpm: the folder `.claude`, never a reader. A task that an analysis divides into streams
    /// gets a part for each of them, with its planned files.
    Ccpm,
    /// task-master: `.taskmaster/tasks/tasks.json` or `tasks/tasks.json`. Tasks of every tag come
    /// in, subtasks as parts of their tasks.
    Taskmaster,
    /// A file of comma-separated values, as Jira, Linear and spreadsheets write them. Their columns are
    /// found by their headings. Or the issues that `gh issue list --json` prints.
    Csv,
    /// Learnings: the Markdown files under `docs/solutions`.
    Learnings,
    /// Definitions of agents: the Markdown files under `.claude/agents`.
    Agents,
}

/// The input of an import.
pub enum ImportFrom<'r> {
    /// A file or folder; `None` is the tool's usual place in the worktree.
    Path(Option<&'r Path>),
    /// The content of one file.
    Reader(&'r mut dyn Read),
}

impl Trackers<'_> {
    /// Imports the data of another tool as one commit. Nothing is deleted; records that were
    /// imported before are merged by field.
    ///
    /// # Errors
    /// When the input is missing or cannot be read, or the state cannot be written.
    pub fn import(
        &self,
        tracker: Tracker,
        from: ImportFrom<'_>,
        options: &ImportOptions,
    ) -> Result<ImportReport> {
        let pm = self.pm;
        let _asking = idempotency::asking(pm, &("import", tracker, &from, options));
        let has_key = idempotency::key(pm).is_some();
        let mut content;
        let from = match from {
            ImportFrom::Reader(reader) if has_key => {
                let mut bytes = Vec::new();
                let read = reader.read_to_end(&mut bytes);
                read.map_err(|e| Error::io("cannot read the input", e))?;
                idempotency::also(pm, &sha256_hex(&bytes));
                content = Cursor::new(bytes);
                ImportFrom::Reader(&mut content)
            }
            ImportFrom::Reader(reader) => ImportFrom::Reader(reader),
            ImportFrom::Path(path) => {
                let file = path
                    .filter(|_| has_key)
                    .map(|path| import_root(pm, Some(path)));
                // A pipe can be read only once.
                let file = file.filter(|path| path.is_file());
                if let Some(bytes) = file.and_then(|path| std::fs::read(path).ok()) {
                    idempotency::also(pm, &sha256_hex(&bytes));
                }
                ImportFrom::Path(path)
            }
        };
        match tracker {
            Tracker::Beads => beads::import(pm, from, options),
            Tracker::Backlog => backlog::import(pm, from, options),
            Tracker::Ccpm => ccpm::import(pm, from, options),
            Tracker::Taskmaster => taskmaster::import(pm, from, options),
            Tracker::Csv => csv::import(pm, from, options),
            Tracker::Learnings => learnings_and_agents::import_notes(pm, &LEARNINGS, from, options),
            Tracker::Agents => learnings_and_agents::import_notes(pm, &AGENTS, from, options),
        }
    }
}

impl fmt::Debug for ImportFrom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImportFrom::Path(path) => write!(f, "{path:?}"),
            ImportFrom::Reader(_) => f.write_str("a reader"),
        }
    }
}

/// Stages an import as one commit, or without writing for a dry run. `found` describes the
/// input and the records that could not be read, `records` is the number of the others. `stage`
/// returns the items that are new or changed.
fn run_import(
    pm: &Pm,
    found: &ImportReport,
    records: usize,
    options: &ImportOptions,
    mut stage: impl FnMut(&mut Tx<'_>, &mut ImportReport) -> Result<Vec<Uid>>,
) -> Result<ImportReport> {
    let op = format!("import {}", found.source);
    require_name(&pm.actor)?;
    if pm.options.if_version.is_some() {
        let message = format!("{op} changes many items, so `--if-version` does not apply");
        return Err(Error::usage(message)
            .because(Reason::ImportIfVersion)
            .hint("run it without `--if-version`; older versions of records are skipped"));
    }
    let mut stage = move |tx: &mut Tx<'_>| {
        let mut report = found.clone();
        if idempotency::recorded(pm, &tx.state, &op)?.is_some() {
            report.unchanged = records;
            return Ok(report);
        }
        let touched = stage(tx, &mut report)?;
        if tx.is_dirty() {
            conclude_import(pm, tx, &op, &touched, &report)?;
        }
        Ok(report)
    };
    let mut report = if options.dry_run {
        let pending = pm.store.repo().pending();
        let tip = pm.store.require_tip()?;
        let actor = pm.writer("import");
        let mut last = None;
        pm.store.stage(&pending, tip, &actor, &mut |tx| {
            last = Some(stage(tx)?);
            Ok(())
        })?;
        value(last)
    } else {
        let written = pm.store.write(&pm.writer("import"), stage)?;
        let mut report = written.value;
        report.commit = written.changed.then(|| written.commit.to_string());
        report
    };
    if report.commit.is_some() {
        first_push::note_sources(pm, sources_of(pm, &report).into_iter());
        first_push::announce_destination(pm);
        write::after_write(pm);
    }
    report.dry_run = options.dry_run;
    let place = report.files.first().cloned().unwrap_or_default();
    let found = import_root(pm, Some(Path::new(&place))).metadata();
    // What a pipe had is not known any more: if it was empty, the command before it failed.
    let is_blank = found.is_ok_and(|found| found.is_file() && found.len() == 0);
    if report.is_empty() && !is_blank {
        let (dialect, expected) = (&report.dialect, expected(&report.source));
        let reason = format!("has no record: it was read as {dialect}, which is {expected}");
        report.skipped.push(Skipped::file(&place, reason));
    }
    Ok(report)
}

/// What the data of a source look like.
fn expected(source: &str) -> &'static str {
    match source {
        beads::SOURCE | taskmaster::SOURCE | "github" => "JSON with issues or tasks",
        "csv" | "jira" | "linear" => "a line of headings, then a line for each task",
        _ => "Markdown files with front matter, where that tool has them",
    }
}

/// The path to import: the given one, relative to the current folder, else the worktree's root.
fn import_root(pm: &Pm, path: Option<&Path>) -> PathBuf {
    let cwd = &pm.store.env().cwd;
    match path {
        Some(path) => cwd.join(path),
        None => pm.store.repo().workdir().unwrap_or(cwd).to_path_buf(),
    }
}

/// The sources whose data lie in a worktree, and where.
fn places() -> [(&'static str, Vec<&'static str>); 4] {
    [
        (beads::SOURCE, beads::PLACES.to_vec()),
        (backlog::SOURCE, backlog::PLACES.to_vec()),
        (taskmaster::SOURCE, taskmaster::PLACES[..1].to_vec()),
        (ccpm::SOURCE, vec![".claude/epics", ".claude/prds"]),
    ]
}

/// The files and folders that an import has read.
fn sources_of(pm: &Pm, report: &ImportReport) -> Vec<PathBuf> {
    let files = report.files.iter().filter(|file| file.as_str() != "-");
    let files = files.map(|file| import_root(pm, Some(Path::new(file))));
    let own = places()
        .into_iter()
        .find(|(source, _)| *source == report.source);
    let own = own.map(|(_, places)| places).unwrap_or_default();
    let mut found = Vec::new();
    for file in files {
        // That of a project is its root.
        let below = own.iter().map(|place| file.join(place));
        found.extend(below.filter(|path| path.exists()));
        found.push(file);
    }
    found
}

/// The commands that import the data of other trackers in the worktree.
pub(crate) fn importable(pm: &Pm) -> Vec<String> {
    let root = import_root(pm, None);
    let there = places().into_iter().filter(|(_, places)| {
        let mut places = places.iter();
        places.any(|place| root.join(place).exists())
    });
    there
        .map(|(source, _)| format!("git pm import {source}"))
        .collect()
}

/// Adds the message, the idempotency key and the renewal of the caller's own claim.
fn conclude_import(
    pm: &Pm,
    tx: &mut Tx<'_>,
    op: &str,
    touched: &[Uid],
    report: &ImportReport,
) -> Result<()> {
    let shown = |uid: &Uid| tx.state.item(uid).map(|item| tx.state.shown_id(item));
    let named = touched.iter().take_while(|_| touched.len() <= NAMED_MAX);
    let ids: Vec<String> = named.filter_map(shown).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    tx.describe(op, &ids, "");
    tx.subject(&format!("{op}: {}", report.summary()));
    tx.overrode(report.overrode(), report.not_taken());
    idempotency::record_key(pm, tx, op, &[])?;
    renew_claims::renew_here(pm, tx)?;
    Ok(())
}
