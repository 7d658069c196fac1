//! `import beads`: reads records and stages what is new.
//!
//! What the keys and statuses of a record mean is in `read_record`.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::beads_file::Written;
use super::export::renamed;
use super::file_edits::Writes;
use super::issue_prefix::{self, Chosen};
use super::json_line::Line;
use super::own_ids::{born_here, is_another, own_ids, stage_comments};
use super::past_exports::Kept;
use super::past_imports::{self, Past, PastImports, Seen, is_current, is_outdated};
use super::read_record::{self, SOURCE};
use super::records_file::{Row, Source};
use super::{beads_file, export_record, known_elsewhere, open_input, past_exports, records_file};
use crate::bridge;
use crate::bridge::content::{Content, Foreign, external, item_uid};
use crate::bridge::criteria;
use crate::bridge::stage_record::OLDER;
use crate::bridge::transfer_report::{ImportOptions, ImportReport, Remarked, Skipped};
use crate::bridge::{ImportFrom, NAMED_MAX, Outcome, Upsert, import_cycles};
use crate::coordinate::claim::renumber::move_away;
use crate::error::{Error, Result};
use crate::model::criterion;
use crate::model::doc::{Doc, EXTERNAL};
use crate::model::id::{ItemKind, ItemRef, rank};
use crate::model::item::Item;
use crate::model::limits::NAMES_SHOWN;
use crate::model::text::{excerpt, first_of, one_line};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::state::{State, former_ids};
use crate::store::sync::published;
use crate::store::transaction::Tx;

/// Imports a file of beads' JSON Lines, or the folder of a table dump.
pub(crate) fn import(
    pm: &Pm,
    from: ImportFrom<'_>,
    options: &ImportOptions,
) -> Result<ImportReport> {
    let (input, lines) = open_input::open(pm, from)?;
    let mut source = records_file::read(&lines, pm.now_ms())?;
    make_room(pm, lines.size, options)?;
    source.dialect.flat = input.flat;
    let file = past_imports::file_of(&input);
    if !options.dry_run {
        known_elsewhere::bring(pm, file.as_deref())?;
    }
    let skipped = std::mem::take(&mut source.skipped).into_iter();
    let warnings = std::mem::take(&mut source.warnings).into_iter();
    let found = ImportReport {
        source: SOURCE.into(),
        dialect: source.dialect.description(source.rows.len()),
        files: input.files,
        skipped: skipped.chain(input.skipped).collect(),
        warnings: warnings.chain(input.warnings).collect(),
        ..ImportReport::default()
    };
    let is_merged = lines.theirs_at.is_some();
    let (records, read) = (source.rows.len(), file.clone());
    // It has the data of the file, which are dropped after the write.
    let stage = move |tx: &mut Tx<'_>, report: &mut ImportReport| {
        let past = PastImports::new(pm, read.clone());
        stage(pm, tx, (&source, past), options, report)
    };
    let mut report = bridge::run_import(pm, &found, records, options, stage)?;
    // Of both sides, no version of the file is left.
    if let Some(file) = file.as_deref().filter(|_| !is_merged) {
        past_imports::keep(pm, file, &report);
    }
    report.skipped.sort_by_key(|skipped| skipped.line);
    report.warnings.sort_by_key(|warning| warning.line);
    if report.commit.is_some() {
        pm.store.follow();
    }
    Ok(report)
}

/// What a byte of a record becomes: its fields as a document, and the record as it was.
const GROWTH: u64 = 3;

/// Raises the limit of the size of the state for a human's own import that needs it; an agent's is
/// refused, before its work.
fn make_room(pm: &Pm, read: u64, options: &ImportOptions) -> Result<()> {
    let more = read.saturating_mul(GROWTH);
    let Some(mib) = pm.store.lacking_size(more)?.filter(|_| !options.dry_run) else {
        return Ok(());
    };
    if pm.actor.is_agent {
        let error = Error::refused("the state with this import would exceed the limit of its size");
        return Err(error.hint("ask a human to import the file"));
    }
    pm.store.accept_size("the state with this import", mib)
}

/// Stages the records. Returns the items that are new or changed, none if there are many.
fn stage(
    pm: &Pm,
    tx: &mut Tx<'_>,
    (source, past): (&Source<'_>, PastImports<'_>),
    options: &ImportOptions,
    report: &mut ImportReport,
) -> Result<Vec<Uid>> {
    let run = Run::new(pm, &tx.state, source, past)?;
    let missing = run.missing(&tx.state);
    let redactions = tx.state.repository.redactions();
    let read = |state: &State<'_>, record: &Foreign<'_>| run.read(state, record);
    let mut upsert = Upsert::new(pm, tx, &read, report, options)?;
    let (mut touched, mut rewired) = (Vec::new(), Vec::new());
    // The first import of a large file is written to disk while it is read.
    let many = run.known.is_empty() && source.rows.len() > NAMED_MAX;
    let alone = if many { source.alone()? } else { Vec::new() };
    let mut lines = source.lines.read()?;
    for (n, row) in source.rows.iter().enumerate() {
        let raw = lines.text(row.at)?;
        let masked = redactions.masked(raw);
        let raw = renamed(masked.as_deref().unwrap_or(raw), &run.own);
        let record = Foreign {
            id: run.own.get(&*row.id).map_or(&*row.id, String::as_str),
            ..row.record(source, &raw)
        };
        tx.step(record.raw.len())?;
        upsert.rewired = false;
        let is_alone = alone.get(n).is_some_and(|alone| *alone);
        let (outcome, uid) = match is_alone {
            true => (upsert.create_unread(tx, &record)?, record.uid()),
            false => run.stage(tx, &mut upsert, &record)?,
        };
        let line = row.line as usize;
        let skip = |reason| Skipped::line(line, Some(&row.id), reason);
        let is_new = upsert.report.count(outcome, skip);
        let notes = run.notes.take();
        if is_new {
            if upsert.rewired {
                rewired.push((line, uid.clone()));
            }
            if !many {
                touched.push(uid);
            }
            upsert.report.warn(Some(line), &row.id, notes);
        }
    }
    let kept = beads_file::stage(tx, source, run.known.len())?;
    report.memories = kept.memories;
    report.skipped.extend(kept.stale);
    if kept.order_lost {
        let message =
            "the file has too many lines to store their order; an export will be sorted by id";
        report.warnings.push(Remarked::new(None, None, message));
    }
    // A few records are no whole file.
    if !missing.is_empty() && missing.len() < source.rows.len() {
        let all = first_of(&missing, NAMES_SHOWN);
        let note = format!("imported records not in this file: {all}; their items are kept");
        report.warnings.push(Remarked::new(None, None, note));
    }
    if report.created > 0 {
        let first = !issue_prefix::has_issues(tx, &run.known);
        match issue_prefix::stage(tx, source, first)? {
            Some(Chosen::Set(prefix)) => report.issue_prefix = Some(prefix),
            Some(Chosen::Differs(note)) => report.warnings.push(note),
            None => {}
        }
    }
    for (line, message) in import_cycles::closed(&tx.state, rewired)? {
        let rows = &source.rows;
        let at = rows.binary_search_by_key(&line, |row| row.line as usize);
        let id = at.ok().map(|at| &*rows[at].id);
        let warning = Remarked::new(Some(line), id, message);
        report.warnings.push(warning);
    }
    Ok(touched)
}

impl Row {
    /// The row as a record, with its line.
    fn record<'r>(&'r self, source: &Source<'_>, raw: &'r str) -> Foreign<'r> {
        Foreign {
            source: SOURCE,
            id: &self.id,
            occurrence: self.occurrence as usize,
            kind: ItemKind::Issue,
            at_ms: self.at_ms,
            dialect: Some(source.dialect.escaping().as_str()),
            raw,
        }
    }
}

/// The lookups for reading records in one run of the transaction.
pub(super) struct Run<'s> {
    pub(super) pm: &'s Pm,
    /// The file.
    pub(super) source: &'s Source<'s>,
    /// The items from before the import.
    known: BTreeSet<Uid>,
    pub(super) now_ms: u64,
    /// Notes about the current record.
    notes: RefCell<BTreeSet<String>>,
    /// References by id, cached.
    references: RefCell<BTreeMap<String, (String, bool)>>,
    /// The form of the file that was imported last, cached.
    written: OnceCell<Written>,
    /// The ids in the file of items of this state, see [`own_ids`].
    own: HashMap<String, String>,
    /// They have the same ids here.
    pub(super) is_named_alike: bool,
    /// The records of the last exports, cached.
    past: OnceCell<HashMap<String, Vec<Kept>>>,
    /// Those of the last imports.
    pub(super) imported: PastImports<'s>,
    /// When the state was changed by what is no import.
    pub(super) writes: Writes,
}

impl<'s> Run<'s> {
    fn new(
        pm: &'s Pm,
        state: &State<'_>,
        source: &'s Source<'s>,
        imported: PastImports<'s>,
    ) -> Result<Self> {
        let known = state.item_uids();
        let own = own_ids(state, source, &known)?;
        Ok(Run {
            pm,
            is_named_alike: own.iter().all(|(there, here)| there == here),
            own,
            known,
            source,
            now_ms: pm.now_ms(),
            notes: RefCell::default(),
            references: RefCell::default(),
            written: OnceCell::new(),
            past: OnceCell::new(),
            imported,
            writes: Writes::default(),
        })
    }

    fn written(&self, state: &State<'_>) -> &Written {
        self.written.get_or_init(|| beads_file::known(state))
    }

    /// The ids of imported items whose records the file lacks.
    fn missing(&self, state: &State<'_>) -> Vec<String> {
        let is_here = |id: &str| self.source.last.contains_key(id) || self.own.contains_key(id);
        let is_missing = |item: &Item| {
            !item.deleted && !is_here(&item.born) && item.uid == item_uid(SOURCE, &item.born, 0)
        };
        let missing = |item: &Item| is_missing(item).then(|| item.born.clone());
        let mut all: Vec<String> = state.of_every_item(missing).into_iter().flatten().collect();
        all.sort_by_key(|id| rank(id));
        all
    }

    /// What the exports of this clone said of a record, newest first.
    pub(super) fn past(&self, id: &str) -> &[Kept] {
        let key = |id: String| {
            let is_here = self.source.last.contains_key(id.as_str());
            is_here.then(|| self.own.get(&id).cloned().unwrap_or(id))
        };
        let read = || {
            let mut past = past_exports::records(self.pm, key);
            for one in past.values_mut().flatten().filter(|_| !self.own.is_empty()) {
                one.raw = renamed(&one.raw, &self.own).into_owned();
            }
            past
        };
        let past = self.past.get_or_init(read);
        past.get(id).map_or(&[], Vec::as_slice)
    }

    pub(super) fn read(&self, state: &State<'_>, record: &Foreign<'_>) -> Option<Content> {
        let line = Line::parse(record.raw).ok()?;
        let missing = RefCell::new(BTreeSet::new());
        let reference = |id: &str| {
            let (reference, is_here) = self.reference(state, id);
            if !is_here {
                missing.borrow_mut().insert(id.to_string());
            }
            reference
        };
        // The last reading is that of the current version.
        let mut notes = self.notes.borrow_mut();
        notes.clear();
        let mut note = |text: String| {
            notes.insert(text);
        };
        let mut content = read_record::read(&line, record, self.now_ms, &reference, &mut note);
        content.lists_comments |= self.source.lists_comments;
        if content.regs.contains_key(criterion::TEXT)
            && let Some(doc) = self.item_of(state, record)
        {
            criteria::take_own(&mut content, doc);
        }
        for id in missing.into_inner() {
            note(format!(
                "depends on {}, which does not exist; the edge is kept",
                one_line(&id)
            ));
        }
        Some(content)
    }

    /// The document of the item of a record from before the import.
    fn item_of<'t>(&self, state: &'t State<'_>, record: &Foreign<'_>) -> Option<&'t Doc> {
        let uid = record.uid();
        if self.known.contains(&uid) {
            return state.doc(&uid);
        }
        let may_be_ours = record.occurrence == 0 && !self.known.is_empty();
        let born = || born_here(state, record.id);
        let item = may_be_ours.then(born).flatten()?;
        state.doc(&item.uid)
    }

    /// The reference to a record, with true if it exists: as an item of this import, or as one that
    /// was created here with that id.
    fn reference(&self, state: &State<'_>, id: &str) -> (String, bool) {
        if id.starts_with("external:") {
            return (id.to_string(), true);
        }
        let derived = item_uid(SOURCE, id, 0);
        let text = || ItemRef::to(id, &derived).to_string();
        if self.source.last.contains_key(id) && !self.own.contains_key(id) {
            return (text(), true);
        }
        if let Some(known) = self.references.borrow().get(id) {
            return known.clone();
        }
        let found = if self.known.contains(&derived) {
            (text(), true)
        } else {
            match born_here(state, id) {
                Some(item) => (item.reference().to_string(), true),
                None => (text(), false),
            }
        };
        let mut known = self.references.borrow_mut();
        known.insert(id.to_string(), found.clone());
        found
    }

    /// Stages a record: into its existing item, into the item created here that it was exported
    /// from, or as a new item.
    fn stage(
        &self,
        tx: &mut Tx<'_>,
        upsert: &mut Upsert<'_>,
        record: &Foreign<'_>,
    ) -> Result<(Outcome, Uid)> {
        let uid = record.uid();
        let is_staged = || self.source.lines.theirs_at.is_some() && tx.state.doc(&uid).is_some();
        if self.known.contains(&uid) || is_staged() {
            return Ok((self.merge(tx, upsert, record, &uid)?, uid));
        }
        if record.occurrence == 0
            && !self.known.is_empty()
            && let Some(item) = born_here(&tx.state, record.id)
        {
            let item = item.clone();
            return self.onto(tx, upsert, record, &item);
        }
        // What both sides of a merge changed is merged into what they had.
        if let Some(first) = self.first_version(record) {
            let first = Foreign {
                at_ms: past_imports::moment_of(&first)
                    .unwrap_or(record.at_ms)
                    .min(record.at_ms),
                ..record.saying(&first)
            };
            let outcome = upsert.create(tx, &first)?;
            if outcome == Outcome::Created {
                self.merge(tx, upsert, record, &uid)?;
            }
            return Ok((outcome, uid));
        }
        Ok((upsert.create(tx, record)?, uid))
    }

    /// Merges a record into its item, of which a record was imported before.
    fn merge(
        &self,
        tx: &mut Tx<'_>,
        upsert: &mut Upsert<'_>,
        record: &Foreign<'_>,
        uid: &Uid,
    ) -> Result<Outcome> {
        let doc = tx.state.doc(uid);
        let stored = doc.and_then(|doc| external(doc, SOURCE, "record"));
        let stored = stored.map(str::to_string);
        let is_known = stored.as_deref() == Some(record.raw);
        // Of items that have other ids here, and of the second one with an id, the last import is all that counts.
        let is_plain = !is_known && self.is_named_alike && record.occurrence == 0;
        let last = doc.zip(stored.as_deref()).filter(|_| is_plain);
        let key = |id: String| self.source.last.contains_key(id.as_str()).then_some(id);
        let past = last.map_or_else(Past::default, |(doc, stored)| {
            self.imported.of((record.id, record.raw), stored, doc, key)
        });
        let says_nothing = |seen: &Seen| !seen.is_guessed && seen.raw == record.raw;
        if past.seen.as_ref().is_some_and(says_nothing) && !upsert.renames {
            return Ok(Outcome::Unchanged);
        }
        if let Some(outcome) = self.merge_edits(tx, upsert, record, uid)? {
            return Ok(outcome);
        }
        let doc = tx.state.doc(uid);
        if !is_known && doc.is_some_and(|doc| is_outdated(doc, record.raw, past.seen.as_ref())) {
            return Outcome::skipped(OLDER);
        }
        // What came after an undo has a later stamp than its record has a time: that decides.
        let stamped_ms = doc.and_then(|doc| Some(doc.regs.get(EXTERNAL)?.stamp.ms));
        let is_current = |stored: &str| past.seen.is_none() && is_current(stored, record.raw);
        let is_later = !is_known && stored.as_deref().is_some_and(is_current);
        let later = stamped_ms.filter(|at_ms| is_later && record.at_ms < *at_ms);
        let later = later.map(|at_ms| Foreign {
            at_ms: at_ms + 1,
            ..record.clone()
        });
        upsert.own_ms = later.as_ref().map(|_| record.at_ms);
        let record = later.as_ref().unwrap_or(record);
        upsert.past = past;
        // An item that is as its record made it needs no export.
        let is_new = |doc: &&Doc| doc.regs.get(EXTERNAL).map(|reg| &reg.stamp) == Some(&doc.birth);
        let changed = doc.filter(|doc| !(is_known && is_new(doc)));
        let again = |doc| export_record::again(&tx.state, doc, self.written(&tx.state));
        let exported = changed.and_then(again);
        let is_own = exported.as_deref() == Some(record.raw);
        // An own export is no version of the source: as the base of the next merge, it would make
        // each older value of the source a change, and each value written here one that it knew.
        let is_gone = doc.is_some_and(|doc| doc.value("deleted").is_true());
        if is_own && !(is_known && is_gone) && !upsert.renames {
            return Ok(Outcome::Unchanged);
        }
        let is_edited = exported.is_some() && !is_known && !is_own;
        let before = match &upsert.past.seen {
            Some(seen) => Some(seen.raw.as_str()),
            None => stored.as_deref(),
        };
        let mut exports: Vec<String> = exported.into_iter().collect();
        let before = before.filter(|_| is_edited);
        upsert.saw_first = false;
        if let Some(before) = before {
            let first_ms = upsert.past.since_ms.unwrap_or(u64::MAX);
            let past = self.past(record.id).iter();
            let past: Vec<&Kept> = past.filter(|one| one.since_ms < first_ms).collect();
            upsert.saw_first = past_exports::seen(record.raw, before, &mut exports, &past);
        }
        let seen = before.zip(exports.first());
        let read = |raw: &str| self.read(&tx.state, &record.saying(raw));
        if let Some((before, _)) = seen.filter(|_| !upsert.saw_first) {
            let told = read(record.raw).zip(read(before));
            upsert.saw_first = told.is_some_and(|(told, was)| criteria::saw_own(&told, &was));
        }
        upsert.exports = exports.iter().filter_map(|raw| read(raw)).collect();
        upsert.stage(tx, record, uid)
    }

    /// Merges a record of an item that was created here, compared with its export; one of another
    /// item, which got the same id at its source, is staged beside it.
    fn onto(
        &self,
        tx: &mut Tx<'_>,
        upsert: &mut Upsert<'_>,
        record: &Foreign<'_>,
        item: &Item,
    ) -> Result<(Outcome, Uid)> {
        let it_is = |outcome| Ok((outcome, item.uid.clone()));
        let Some(doc) = tx.state.doc(&item.uid) else {
            return it_is(Outcome::Skipped("its item cannot be read".into()));
        };
        if external(doc, SOURCE, "record").is_some() {
            return it_is(self.merge(tx, upsert, record, &item.uid)?);
        }
        let seen_ms = doc.latest().ms;
        let raw = export_record::record_of(&tx.state, doc, self.written(&tx.state));
        if raw == record.raw {
            return it_is(Outcome::Unchanged);
        }
        let base = self.read(&tx.state, &record.saying(&raw));
        let new = self.read(&tx.state, record);
        if base == new {
            return it_is(Outcome::Unchanged);
        }
        let base = base.unwrap_or_default();
        if item.kind != ItemKind::Issue {
            let new = new.unwrap_or_default();
            return it_is(stage_comments(tx, upsert, record, item, [base, new])?);
        }
        match new {
            Some(new) if is_another(&base, &new) => self.beside(tx, upsert, record, item, &new),
            _ => {
                if let Some(outcome) = self.merge_edits(tx, upsert, record, &item.uid)? {
                    return it_is(outcome);
                }
                let past = self.past(record.id).iter().map(|one| one.raw.as_str());
                let earlier = past_exports::origin(past, record.raw);
                let saw = |earlier| past_exports::saw(record.raw, earlier, &raw, true);
                upsert.saw_first = earlier.is_some_and(saw);
                let earlier = earlier.and_then(|raw| self.read(&tx.state, &record.saying(raw)));
                upsert.exports = earlier.into_iter().collect();
                upsert.past = Past::default();
                it_is(upsert.update(tx, record, &item.uid, &base, seen_ms)?)
            }
        }
    }

    /// Stages a record of another issue than the one that was created here with its id: both trackers
    /// count children from 1. The one from here gets a new id, as one does that another clone had
    /// given too, unless other clones know it by this one.
    fn beside(
        &self,
        tx: &mut Tx<'_>,
        upsert: &mut Upsert<'_>,
        record: &Foreign<'_>,
        item: &Item,
        content: &Content,
    ) -> Result<(Outcome, Uid)> {
        let uid = record.uid();
        let title = excerpt(&item.title, TITLE_MAX);
        if published::fetched(&self.pm.store)?.contains(&item.uid) {
            if content.regs.contains_key("deleted") {
                return Ok((Outcome::Unchanged, uid));
            }
            let reason = format!(
                "is not the issue with that id here, \"{title}\", which other clones know by it; \
                 create it in beads again, where it gets another id, and delete this one there"
            );
            return Ok((Outcome::Skipped(reason), uid));
        }
        let outcome = upsert.create(tx, record)?;
        if outcome == Outcome::Created {
            let moved = move_away(tx, item, "beads", &|id| self.source.last.contains_key(id))?;
            let lost = vec![(item.id.clone(), item.uid.clone())];
            former_ids::note(tx.state.repo(), lost, self.now_ms);
            self.notes.borrow_mut().insert(format!(
                "was also the id of \"{title}\", which was created here and is now {} (also known as {})",
                moved.new, moved.alias
            ));
        }
        Ok((outcome, uid))
    }
}

/// The greatest length of a title in a message, in characters.
const TITLE_MAX: usize = 60;
