//! The common part of the importers of planning tools: from a folder of files to items.
//!
//! They read it into records, and each record becomes a task, an epic or a PRD with a new number. The
//! record's id at its source is its birth id here and determines its uid, so a second import finds it
//! again.

pub mod comments;
pub mod files;
pub mod foreign_words;
pub mod front_matter;
pub mod label_priority;
pub mod left_texts;
pub mod markdown;
mod own_criteria;
pub mod own_exports;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use jiff::Zoned;

use self::files::{File, Files};
use self::front_matter::Front;
use crate::bridge;
use crate::bridge::content::{Content, Foreign, item_uid};
use crate::bridge::transfer_report::{ImportOptions, ImportReport, Remarked, Skipped};
use crate::bridge::{Upsert, import_cycles};
use crate::error::Result;
use crate::model::id::{ItemKind, ItemRef, sequential};
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// One record of a project.
#[derive(Clone, Debug)]
pub struct Record {
    /// The file that it is in.
    pub file: String,
    /// Its id at its source.
    pub id: String,
    /// The kind of its item.
    pub kind: ItemKind,
    /// Its last change in milliseconds since the Unix epoch, if known.
    pub at_ms: Option<u64>,
    /// The record as its source wrote it.
    pub raw: String,
    /// The item of this store that it was exported from, and that item's last change at the time.
    pub written_from: Option<(Uid, String)>,
}

/// The records of a project.
pub struct Project {
    /// The name of the tool.
    pub source: &'static str,
    /// Its records, in the order in which they get their numbers.
    pub records: Vec<Record>,
    /// The items of this store that records were exported from, by the records' ids.
    written_from: BTreeMap<String, Uid>,
    /// The form and place of the project, and the parts that could not be read.
    pub report: ImportReport,
    /// The fields that were not imported: a name for each record that has it.
    pub unread: Vec<String>,
}

/// Exports an item of this store as a raw record; `None` if the layout has no place for it.
pub type Writer<'w> = dyn Fn(&State<'_>, &Uid) -> Option<String> + 'w;

/// Reads the content of a record from its id and raw text, and adds notes about problems. `None` if
/// the text is not a record.
pub type Reader<'r> = dyn Fn(&Known<'_>, &Foreign<'_>, &mut Vec<String>) -> Option<Content> + 'r;

/// The other records, for a reader.
pub struct Known<'k> {
    state: &'k State<'k>,
    ids: &'k BTreeMap<&'k str, usize>,
    project: &'k Project,
    /// The wall time, in whose zone the days of records are.
    pub now: &'k Zoned,
}

impl Known<'_> {
    /// The id that fits, if it is the only one.
    pub fn only(&self, fits: impl Fn(&str) -> bool) -> Option<&str> {
        let mut found = self.ids.keys().filter(|id| fits(id));
        found.next().filter(|_| found.next().is_none()).copied()
    }

    /// The reference to a record, with true if that exists or is imported with it.
    pub fn reference(&self, id: &str) -> (String, bool) {
        if let Some(item) = self.here(id) {
            return (item.reference().to_string(), true);
        }
        let uid = item_uid(self.project.source, id, 0);
        let there = self.ids.contains_key(id) || self.state.item(&uid).is_some();
        (ItemRef::to(id, &uid).to_string(), there)
    }

    /// The item of this store that a record was exported from. A record that was, may also name an item
    /// that is not among the records.
    fn here(&self, id: &str) -> Option<&Item> {
        let exported = self.project.here(self.state, id);
        if let Some(item) = exported.and_then(|uid| self.state.item(&uid)) {
            return Some(item);
        }
        let is_own = !self.project.written_from.is_empty() && !self.ids.contains_key(id);
        let named = || self.state.bearers(id).into_iter().next();
        is_own.then(named).flatten()
    }

    /// True if the item of a record is an epic.
    pub fn is_epic(&self, id: &str) -> bool {
        let uid = item_uid(self.project.source, id, 0);
        let item = self.here(id).or_else(|| self.state.item(&uid));
        item.is_some_and(|item| item.kind == ItemKind::Epic)
    }

    /// Puts a dependency on a record, with a note if that does not exist.
    pub fn put_dependency(&self, id: &str, content: &mut Content, notes: &mut Vec<String>) {
        let (reference, there) = self.reference(id);
        if !there {
            notes.push(format!(
                "depends on {id}, which does not exist; the edge is kept"
            ));
        }
        content.put_element("depends_on", reference);
    }

    /// Takes the edges to the record itself out of its content, which no write of ours would accept. True if
    /// there were any.
    fn leave_out_itself(&self, id: &str, content: &mut Content) -> bool {
        let (own, _) = self.reference(id);
        let is_own = |element: &String| element.rsplit(' ').next() == Some(own.as_str());
        let mut found = false;
        for name in ["depends_on", "edges"] {
            let Some(set) = content.sets.get_mut(name) else {
                continue;
            };
            found |= set.iter().any(is_own);
            set.retain(|element| !is_own(element));
            if set.is_empty() {
                content.sets.remove(name);
            }
        }
        found
    }
}

impl Project {
    /// A project without records, in a form and at a place.
    pub fn new(source: &'static str, dialect: &str, place: String) -> Self {
        Project {
            source,
            records: Vec::new(),
            written_from: BTreeMap::new(),
            report: ImportReport {
                source: source.into(),
                dialect: dialect.into(),
                files: vec![place],
                ..ImportReport::default()
            },
            unread: Vec::new(),
        }
    }

    pub fn push(&mut self, record: Record) {
        if let Some((uid, _)) = &record.written_from {
            self.written_from.insert(record.id.clone(), uid.clone());
        }
        self.records.push(record);
    }

    /// Accounts for the files that gave no record, unless `is_noted` already: those that look like a
    /// record are skipped, the others noted. `what` says what the records are.
    pub fn account_for(&mut self, read: Files, is_noted: impl Fn(&str) -> bool, what: &str) {
        self.report.skipped.extend(read.skipped);
        let skipped = self.report.skipped.iter().flat_map(|one| &one.file);
        let known: BTreeSet<&String> = self
            .records
            .iter()
            .map(|r| &r.file)
            .chain(skipped)
            .collect();
        let (mut files, mut paths) = (read.files, read.others);
        files.retain(|file| !known.contains(&file.path) && !is_noted(&file.path));
        let is_named = |file: &File| {
            ["id", "name"]
                .iter()
                .any(|id| Front::read(&file.text).has(id))
        };
        for file in files.extract_if(.., |file| is_named(file)) {
            self.skip(&file.path, format!("is not where {what} are"));
        }
        paths.retain(|path| !is_noted(path));
        paths.extend(files.into_iter().map(|file| file.path));
        let report = &mut self.report;
        report.leave_out(&paths, &format!("files that are not {what}, left out"));
    }

    /// Adds a warning about the project.
    pub fn warn(&mut self, message: impl Into<String>) {
        let warning = Remarked::new(None, None, message);
        self.report.warnings.push(warning);
    }

    /// The item of this store that a record was exported from, if it exists.
    fn here(&self, state: &State<'_>, id: &str) -> Option<Uid> {
        let from = self.written_from.get(id)?;
        let item = state.item(from)?;
        (!item.deleted).then(|| item.uid.clone())
    }

    /// Reports a file that was not read.
    pub fn skip(&mut self, file: &str, reason: impl Into<String>) {
        self.report.skipped.push(Skipped::file(file, reason));
    }
}

/// Imports the records of a project as one commit.
pub(crate) fn import_project(
    pm: &Pm,
    project: &Project,
    read: &Reader<'_>,
    write: &Writer<'_>,
    options: &ImportOptions,
) -> Result<ImportReport> {
    let count = project.records.len();
    let mut found = project.report.clone();
    found.leave_out_fields(&project.unread);
    bridge::run_import(pm, &found, count, options, |tx, report| {
        stage_project(pm, tx, project, (read, write), options, report)
    })
}

/// The kind of the item of a record, with what to say, if the record is of another: the kind of an item decides its
/// id, its place and its statuses, so it stays as it was made.
fn kept_kind(state: &State<'_>, uid: &Uid, record: &Record) -> Option<(ItemKind, String)> {
    let item = state.item(uid).filter(|item| item.kind != record.kind)?;
    let of = |kind| match kind {
        ItemKind::Prd => "a PRD",
        ItemKind::Epic => "an epic",
        ItemKind::Task => "a task",
        ItemKind::Issue => "an issue",
    };
    let (there, here, id) = (of(record.kind), of(item.kind), state.shown_id(item));
    let told = format!("became {there} at its source; {id} stays {here}");
    Some((item.kind, told))
}

fn stage_project(
    pm: &Pm,
    tx: &mut Tx<'_>,
    project: &Project,
    (read, write): (&Reader<'_>, &Writer<'_>),
    options: &ImportOptions,
    report: &mut ImportReport,
) -> Result<Vec<Uid>> {
    let source = project.source;
    let (now_ms, now) = (pm.now_ms(), pm.store.env().now());
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &project.records {
        *ids.entry(&record.id).or_default() += 1;
    }
    // The record of the file, and the notes about it and about other versions of it, which are read too: what
    // was imported before, and what an export says now.
    let current = Cell::new("");
    let notes = RefCell::new((Vec::new(), Vec::new()));
    let content = |state: &State<'_>, foreign: &Foreign<'_>| {
        let known = Known {
            state,
            ids: &ids,
            project,
            now: &now,
        };
        let mut notes = notes.borrow_mut();
        let (told, others) = &mut *notes;
        let notes = match foreign.raw == current.get() {
            true => told,
            false => others,
        };
        let mut content = read(&known, foreign, notes)?;
        if foreign.occurrence == 0 && known.leave_out_itself(foreign.id, &mut content) {
            notes.push("depends on itself; this edge is left out".to_string());
        }
        // An existing item keeps its id.
        let here = project.here(state, foreign.id);
        let id = match state.item(&here.unwrap_or_else(|| foreign.uid())) {
            Some(item) => item.id.clone(),
            None => sequential(foreign.kind, state.next_number(foreign.kind)),
        };
        content.put("id", id);
        content.put_element("external_refs", format!("{source}:{}", foreign.id));
        Some(content)
    };
    let mut upsert = Upsert::new(pm, tx, &content, report, options)?;
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
        current.set(&record.raw);
        drop(notes.take());
        let here = project.here(&tx.state, &record.id);
        let kept = kept_kind(&tx.state, here.as_ref().unwrap_or(&foreign.uid()), record);
        let foreign = Foreign {
            kind: kept.as_ref().map_or(record.kind, |(kind, _)| *kind),
            ..foreign
        };
        let (outcome, uid) = match (here, &record.written_from) {
            (Some(uid), Some((_, seen))) => {
                let outcome = own_exports::stage(pm, tx, &foreign, &uid, seen, &content, write)?;
                (outcome, uid)
            }
            _ => {
                let uid = foreign.uid();
                (upsert.stage(tx, &foreign, &uid)?, uid)
            }
        };
        let is_new = upsert.report.count(outcome, |reason| Skipped {
            id: Some(record.id.clone()),
            ..Skipped::file(&record.file, reason)
        });
        if !is_new {
            continue;
        }
        touched.push((at, uid));
        let (mut messages, others) = notes.take();
        if foreign.occurrence > 0 {
            messages.push(format!("{} has the same id as another record", record.file));
        }
        // What an export of its item says, too, is not news.
        messages.retain(|one| record.written_from.is_none() || !others.contains(one));
        messages.extend(kept.map(|(_, told)| told));
        messages.sort();
        messages.dedup();
        upsert.report.warn(None, &record.id, messages);
    }
    for (at, message) in import_cycles::closed(&tx.state, touched.iter().cloned())? {
        report.warn(None, &project.records[at].id, [message]);
    }
    Ok(touched.into_iter().map(|(_, uid)| uid).collect())
}
