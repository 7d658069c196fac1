//! What the importers of planning tools share: they read a folder of files into records, and each
//! record becomes a task, an epic or a PRD with a number of its own. The record's id at its source
//! is what it is born with here and what makes its uid, so a second import finds it again.

pub mod comments;
pub mod files;
pub mod front;
pub mod here;
pub mod markdown;
pub mod translate;

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::bridge::content::{Content, Foreign, item_uid};
use crate::bridge::transfer_report::{ImportReport, Remarked, Skipped};
use crate::bridge::{Outcome, Upsert, import_cycles};
use crate::error::{Error, Result};
use crate::model::id::{ItemKind, ItemRef, sequential};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::actor::require_name;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// How to import a project.
#[derive(Clone, Debug, Default)]
pub struct ProjectOptions {
    /// Only tell what would be done.
    pub dry_run: bool,
}

/// One record of a project.
#[derive(Clone, Debug)]
pub struct Record {
    /// The file that it stands in.
    pub file: String,
    /// Its id at its source.
    pub id: String,
    /// What it becomes.
    pub kind: ItemKind,
    /// When it was last changed, in milliseconds since the Unix epoch, where it says so.
    pub at_ms: Option<u64>,
    /// The record as it stands there.
    pub raw: String,
    /// The item of this store that it was written from, and the time of the change that it shows.
    pub written_from: Option<(Uid, String)>,
}

/// A project as an importer read it.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// In which form it was written.
    pub dialect: String,
    /// Its records, in the order in which they get their numbers.
    pub records: Vec<Record>,
    /// The items of this store that records were written from, by the records' ids.
    pub written_from: BTreeMap<String, Uid>,
    /// What was left out.
    pub skipped: Vec<Skipped>,
    /// What should be looked at.
    pub warnings: Vec<Remarked>,
}

/// How an item of this store would be written now, as a raw record; `None` where it has no place.
pub type Writer<'w> = dyn Fn(&State<'_>, &Uid) -> Option<String> + 'w;

/// How an importer reads one record: from its id and raw text to its content, with notes on what
/// should be looked at. `None` where the text is no record.
pub type Reader<'r> = dyn Fn(&Known<'_>, &Foreign<'_>, &mut Vec<String>) -> Option<Content> + 'r;

/// What a reader may ask about the other records.
pub struct Known<'k> {
    source: &'static str,
    state: &'k State<'k>,
    ids: &'k BTreeMap<&'k str, usize>,
    project: &'k Project,
}

impl Known<'_> {
    /// The only record whose id fits.
    pub fn only(&self, fits: impl Fn(&str) -> bool) -> Option<&str> {
        let mut found = self.ids.keys().filter(|id| fits(id));
        found.next().filter(|_| found.next().is_none()).copied()
    }

    /// The reference to a record, and whether it is there or comes in with it.
    pub fn reference(&self, id: &str) -> (String, bool) {
        if let Some(item) = self
            .project
            .here(self.state, id)
            .and_then(|uid| self.state.item(&uid))
        {
            return (item.reference().to_string(), true);
        }
        let uid = item_uid(self.source, id, 0);
        let there = self.ids.contains_key(id) || self.state.item(&uid).is_some();
        (ItemRef::to(id, &uid).to_string(), there)
    }
}

impl Project {
    /// Adds a record.
    pub fn push(&mut self, record: Record) {
        if let Some((uid, _)) = &record.written_from {
            self.written_from.insert(record.id.clone(), uid.clone());
        }
        self.records.push(record);
    }

    /// Notes something about the whole of it.
    pub fn warn(&mut self, id: Option<&str>, message: impl Into<String>) {
        self.warnings.push(Remarked {
            line: None,
            id: id.map(str::to_string),
            message: message.into(),
        });
    }

    /// The item of this store that a record was written from, if it is here.
    fn here(&self, state: &State<'_>, id: &str) -> Option<Uid> {
        let from = self.written_from.get(id)?;
        let item = state.item(from)?;
        (!item.deleted).then(|| item.uid.clone())
    }

    /// Leaves a file out.
    pub fn skip(&mut self, file: &str, reason: impl Into<String>) {
        self.skipped.push(Skipped {
            file: Some(file.to_string()),
            line: 0,
            id: None,
            reason: reason.into(),
        });
    }
}

impl Pm {
    /// Brings the records of a project in, as one commit.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub(crate) fn import_project(
        &self,
        source: &'static str,
        project: &Project,
        read: &Reader<'_>,
        write: &Writer<'_>,
        options: &ProjectOptions,
    ) -> Result<ImportReport> {
        let op = format!("import {source}");
        self.import_with(&op, options, |tx| {
            let mut report = ImportReport {
                skipped: project.skipped.clone(),
                warnings: project.warnings.clone(),
                ..ImportReport::default()
            };
            if self.recorded(&tx.state, &op)?.is_some() {
                report.unchanged = project.records.len();
                return Ok(report);
            }
            let how = How {
                pm: self,
                source,
                read,
                write,
                now_ms: self.now_ms(),
            };
            let touched = stage(tx, project, &how, &mut report)?;
            if tx.is_dirty() {
                self.conclude_import_of(tx, &op, &touched, &report)?;
            }
            Ok(report)
        })
        .map(|report| ImportReport {
            source: source.into(),
            dialect: project.dialect.clone(),
            ..report
        })
    }

    /// Runs an import: as one commit, or only to tell what it would do.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub(crate) fn import_with(
        &self,
        op: &str,
        options: &ProjectOptions,
        stage: impl FnMut(&mut Tx<'_>) -> Result<ImportReport>,
    ) -> Result<ImportReport> {
        require_name(&self.actor)?;
        if self.options.if_version.is_some() {
            return Err(
                Error::usage(format!("{op} is about many items, not about one version"))
                    .hint("leave `--if-version` out"),
            );
        }
        self.run_import(options.dry_run, stage)
    }
}

/// How records are read, and items written.
struct How<'h> {
    pm: &'h Pm,
    source: &'static str,
    read: &'h Reader<'h>,
    write: &'h Writer<'h>,
    now_ms: u64,
}

/// Stages the records. Returns the items that are new or changed.
fn stage(
    tx: &mut Tx<'_>,
    project: &Project,
    how: &How<'_>,
    report: &mut ImportReport,
) -> Result<Vec<Uid>> {
    let How {
        pm,
        source,
        read,
        write,
        now_ms,
    } = *how;
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &project.records {
        *ids.entry(&record.id).or_default() += 1;
    }
    let notes = RefCell::new(Vec::new());
    let content = |state: &State<'_>, foreign: &Foreign<'_>| {
        let known = Known {
            source,
            state,
            ids: &ids,
            project,
        };
        let mut content = read(&known, foreign, &mut notes.borrow_mut())?;
        // The number is this state's own; it stays what it is.
        let here = project.here(state, foreign.id);
        let id = match state.item(&here.unwrap_or_else(|| foreign.uid())) {
            Some(item) => item.id.clone(),
            None => sequential(foreign.kind, state.next_number(foreign.kind)),
        };
        content.put("id", id);
        content.put_element("external_refs", format!("{source}:{}", foreign.id));
        Some(content)
    };
    let mut upsert = Upsert::new(pm, &content);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut touched = Vec::new();
    for (at, record) in project.records.iter().enumerate() {
        tx.step(record.raw.len())?;
        let nth = seen.entry(&record.id).or_default();
        let foreign = Foreign {
            source,
            id: &record.id,
            occurrence: *nth,
            kind: record.kind,
            at_ms: record.at_ms.unwrap_or(now_ms).min(now_ms),
            dialect: None,
            raw: &record.raw,
        };
        *nth += 1;
        notes.borrow_mut().clear();
        let here = project.here(&tx.state, &record.id);
        let (outcome, uid) = match (here, &record.written_from) {
            (Some(uid), Some((_, seen))) => {
                let outcome = here::stage(pm, tx, &foreign, &uid, seen, &content, write)?;
                (outcome, uid)
            }
            _ => {
                let uid = foreign.uid();
                (upsert.stage(tx, &foreign, &uid)?, uid)
            }
        };
        match outcome {
            Outcome::Created => report.created += 1,
            Outcome::Updated => report.updated += 1,
            Outcome::Unchanged => report.unchanged += 1,
            Outcome::Skipped(reason) => {
                report.skipped.push(Skipped {
                    file: Some(record.file.clone()),
                    line: 0,
                    id: Some(record.id.clone()),
                    reason,
                });
                continue;
            }
        }
        if outcome == Outcome::Unchanged {
            continue;
        }
        touched.push((at, uid));
        let mut said = notes.take();
        if foreign.occurrence > 0 {
            said.push(format!("{} has the id of another file, too", record.file));
        }
        // An update reads a record twice, before and after.
        said.sort();
        said.dedup();
        report
            .warnings
            .extend(said.into_iter().map(|message| Remarked {
                line: None,
                id: Some(record.id.clone()),
                message,
            }));
    }
    report.comments = upsert.comments;
    report.overridden = upsert.overridden;
    report.kept = upsert.kept;
    report.conflicts = upsert.conflicts;
    for (at, message) in import_cycles::closed(&tx.state, touched.iter().cloned())? {
        report.warnings.push(Remarked {
            line: None,
            id: Some(project.records[at].id.clone()),
            message,
        });
    }
    Ok(touched.into_iter().map(|(_, uid)| uid).collect())
}
