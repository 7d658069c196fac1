//! Stages one record of another tracker, as a new item or merged into an existing one.

use std::collections::BTreeSet;

use super::beads::Past;
use super::closing_fields::is_closed;
use super::content::{Content, Foreign, Remark, external};
use super::criteria;
use super::deleted_at_source::{keep_end, keep_ended};
use super::merge_record::{merge, renew, settle, write};
use super::newer_here::{NewerHere, Undone};
use super::overridden_values::{
    kept, kept_of_files, overridden, taken_back, told_changes, unseen_changes,
};
use super::people;
use super::transfer_report::{ImportOptions, ImportReport, Overruled, Remarked};
use crate::coordinate::claim::end_claims::end_void;
use crate::coordinate::claim::ownership;
use crate::error::Result;
use crate::model::codec::encode;
use crate::model::doc::{Doc, EXTERNAL, IMPORT, UNDONE};
use crate::model::id::ItemRef;
use crate::model::imported::is_of_record;
use crate::model::item::Item;
use crate::model::limits::{DOCUMENT_MAX, DOCUMENT_WRITTEN_MAX};
use crate::model::long_texts::{self, TEXTS, add_beside, drop_seen};
use crate::model::stamp::{Clock, Stamp};
use crate::model::stop;
use crate::model::text::actor;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::index::edges;
use crate::store::state::State;
use crate::store::transaction::{Tx, require_open};
use crate::work::ending::keeps_open;

/// The greatest size of a raw record, in bytes.
pub(crate) const RECORD_MAX: usize = DOCUMENT_MAX / 16;

/// The reason for skipping an older version of a record.
pub(crate) const OLDER: &str = "is older than the version here";

const NOT_A_RECORD: &str = "is not a valid record";

/// The size of a record from which the size of its document is checked before it is staged.
const SIZE_CHECKED: usize = 64 * 1024;

/// The result of staging a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Created,
    Updated,
    /// Only the raw record of its item changed: nothing that is shown.
    Recorded,
    /// It is the same as at its last import.
    Unchanged,
    /// It was not imported, for this reason.
    Skipped(String),
}

impl Outcome {
    pub(crate) fn skipped(reason: &str) -> Result<Outcome> {
        Ok(Outcome::Skipped(reason.into()))
    }
}

/// Stages records with `read`, the importer's function from a raw record to its content; `None` if
/// the text is not a record.
pub(crate) struct Upsert<'f> {
    pm: &'f Pm,
    read: &'f dyn Fn(&State<'_>, &Foreign<'_>) -> Option<Content>,
    /// Gets the number of new comments, and the values that were overridden on either side.
    pub(crate) report: &'f mut ImportReport,
    /// The last staged item is new or has new dependencies.
    pub(crate) rewired: bool,
    /// What exports of the next record's item said, as far as this clone knows: the present one, and the earlier one
    /// that the record is most like. What it has in common with one was not changed by the source. The one that it was
    /// made from comes first.
    pub(crate) exports: Vec<Content>,
    /// The next record has values of the first one that its last import did not have: what differs from that one was
    /// changed by the source, also back to what its last record said.
    pub(crate) saw_first: bool,
    /// What files said of the next record before: if the last import was that of another file, it is compared with the
    /// version from which it was made; and what its file had and lacks now, it removed.
    pub(crate) past: Past,
    /// When the next record was changed at its source, if that is earlier than the time with which it is staged.
    pub(crate) own_ms: Option<u64>,
    undone: Option<Undone>,
    /// The names that people have here, and whether this import gave any.
    users: Vec<(String, String)>,
    pub(crate) renames: bool,
}

impl<'f> Upsert<'f> {
    pub(crate) fn new(
        pm: &'f Pm,
        tx: &mut Tx<'_>,
        read: &'f dyn Fn(&State<'_>, &Foreign<'_>) -> Option<Content>,
        report: &'f mut ImportReport,
        options: &ImportOptions,
    ) -> Result<Self> {
        Ok(Upsert {
            users: people::remember(tx, &report.source, &options.users)?,
            renames: !options.users.is_empty(),
            pm,
            read,
            report,
            rewired: false,
            exports: Vec::new(),
            saw_first: false,
            past: Past::default(),
            own_ms: None,
            undone: None,
        })
    }

    /// The content of a record, with the names that people have here; and the names that they have there.
    fn contents(&self, state: &State<'_>, record: &Foreign<'_>) -> Option<[Content; 2]> {
        let mut content = (self.read)(state, record)?;
        let read = content.rename_people(&self.users);
        Some([content, read])
    }

    /// Stages a record: merged into the item `uid` if that exists, else as a new item. `uid` is the
    /// record's own, or that of an item created here that was exported before.
    ///
    /// # Errors
    /// When something cannot be staged; an invalid record is an outcome.
    pub(crate) fn stage(
        &mut self,
        tx: &mut Tx<'_>,
        record: &Foreign<'_>,
        uid: &Uid,
    ) -> Result<Outcome> {
        let record_ms = self.own_ms.take().unwrap_or(record.at_ms);
        self.undone = None;
        let Some(doc) = tx.state.doc_once(uid) else {
            return self.create(tx, record);
        };
        if doc.text(UNDONE) == Some(IMPORT) && !doc.purged {
            let mut doc = doc.into_owned();
            // After an undo, an older version of the record is accepted too.
            let mut again = record.clone();
            if let Some(seen) = doc.regs.get(EXTERNAL).map(|reg| reg.stamp.ms)
                && record.at_ms < seen
            {
                again.at_ms = seen + 1;
            }
            revive(&mut doc, tx.clock());
            if let left @ Outcome::Skipped(_) = replace(self.pm, tx, uid, doc, |_, _| ())? {
                return Ok(left);
            }
            let remarks = tx.state.comments_before(uid).into_iter();
            for remark in remarks.map(|doc| doc.uid.clone()).collect::<Vec<Uid>>() {
                self.report.comments += usize::from(tx.edit(&remark, revive)?);
            }
            let outcome = self.stage(tx, &again, uid)?;
            self.rewired = true;
            return Ok(match outcome {
                left @ Outcome::Skipped(_) => left,
                _ => Outcome::Created,
            });
        }
        let before = external(&doc, record.source, "record").map(str::to_string);
        let mut at = doc.regs.get(EXTERNAL).map(|reg| reg.stamp.clone());
        // An undo restored the previous record with a later stamp; to be imported again, the undone
        // version needs an even later one.
        let mut again = record.clone();
        if let Some(undone) = at.take_if(|at| !is_of_record(at)) {
            again.at_ms = again.at_ms.max(undone.ms + 1);
            let undo_ms = undone.ms;
            self.undone = Some(Undone { record_ms, undo_ms });
        }
        let record = &again;
        if before.as_deref() == Some(record.raw) && !self.renames {
            // Values of older versions remain only where several versions were joined.
            return match at.filter(|at| doc.birth < *at && !doc.purged) {
                Some(at) => self.settle(tx, record, uid, &at),
                None => Ok(Outcome::Unchanged),
            };
        }
        let (before, seen_ms) = match &self.past.seen {
            Some(seen) => (Some(seen.raw.clone()), 0),
            None => (before, at.map_or(0, |at| at.ms)),
        };
        let base = before.and_then(|raw| (self.read)(&tx.state, &record.saying(&raw)));
        self.update(tx, record, uid, &base.unwrap_or_default(), seen_ms)
    }

    /// Stages a record that is new.
    pub(crate) fn create(&mut self, tx: &mut Tx<'_>, record: &Foreign<'_>) -> Result<Outcome> {
        let (content, doc) = match self.new_item(tx, record) {
            Ok(new) => new,
            Err(reason) => return Ok(Outcome::Skipped(reason)),
        };
        let reference = ItemRef::to(record.id, &doc.uid).to_string();
        self.rewired = true;
        tx.insert(doc)?;
        self.comment(tx, record, &reference, &Content::default(), &content)?;
        Ok(Outcome::Created)
    }

    /// As [`Upsert::create`], for one of many that no other part of the write reads.
    pub(crate) fn create_unread(
        &mut self,
        tx: &mut Tx<'_>,
        record: &Foreign<'_>,
    ) -> Result<Outcome> {
        let (content, doc) = match self.new_item(tx, record) {
            Ok(new) => new,
            Err(reason) => return Ok(Outcome::Skipped(reason)),
        };
        let reference = ItemRef::to(record.id, &doc.uid).to_string();
        tx.file(doc)?;
        for remark in &content.comments {
            tx.file(remark.to_doc(record.source, &reference))?;
            self.report.comments += 1;
        }
        Ok(Outcome::Created)
    }

    /// The content and document of a new record, or the reason for skipping it.
    fn new_item(&self, tx: &Tx<'_>, record: &Foreign<'_>) -> Result<(Content, Doc), String> {
        let [content, read] = self.contents(&tx.state, record).ok_or(NOT_A_RECORD)?;
        let mut doc = content.to_doc(record);
        if !self.users.is_empty() {
            doc.put(EXTERNAL, content.external(record, &read, &read, &doc));
        }
        let closed = require_open(None, &doc, &self.pm.actor).err();
        let closed = closed.map(|error| error.message().to_string());
        match too_large(record, &doc).or(closed) {
            Some(reason) => Err(reason),
            None => Ok((content, doc)),
        }
    }

    /// Merges a record into the item `uid`. `base` is the record's content at its last import,
    /// `seen_ms` its time.
    pub(crate) fn update(
        &mut self,
        tx: &mut Tx<'_>,
        record: &Foreign<'_>,
        uid: &Uid,
        base: &Content,
        seen_ms: u64,
    ) -> Result<Outcome> {
        if record.at_ms < seen_ms {
            return Outcome::skipped(OLDER);
        }
        let Some([mut content, read]) = self.contents(&tx.state, record) else {
            return Outcome::skipped(NOT_A_RECORD);
        };
        let mut told = content.clone();
        let imported = base;
        let base = &match self.exports.first().filter(|_| self.saw_first) {
            Some(seen) => base.seen_as(seen, &told),
            None => base.clone(),
        };
        for exported in &self.exports {
            content.take_unedited(exported, base);
        }
        told.body.clone_from(&content.body);
        let Some(loaded) = tx.state.loaded(uid) else {
            return Outcome::skipped("its item cannot be read");
        };
        if loaded.doc.purged {
            return Outcome::skipped("was deleted here, and its content was removed");
        }
        let mut doc = loaded.doc.clone();
        let external = told.external(record, &read, base, &doc);
        let base = &match self.users.is_empty() {
            true => base.clone(),
            false => base.with_people_of(&read, &content, &doc),
        };
        let stamp = record.stamp();
        // Of an item that was created here, the base is what it says now.
        let imported = doc.regs.contains_key(EXTERNAL).then_some(imported);
        let spared = criteria::spare(&doc, &self.exports, (imported, base), &mut content);
        criteria::merge_boxes(&mut doc, base, &mut content, tx.clock());
        let newer = NewerHere::of(&doc, [base, &content], self.undone.take());
        merge(&mut doc, base, &content, &stamp);
        self.take_said(&mut told, &loaded.doc);
        if self.past.seen.is_none() && !self.past.is_edit {
            settle(&mut doc, &told, &stamp);
        }
        newer.keep(&mut doc);
        write(&mut doc.regs, EXTERNAL, external, &stamp);
        let others = self.renew(tx, record, &mut doc);
        let ended = keep_end(&loaded.doc, &mut doc, tx.clock());
        let stays = keep_ended(&loaded.doc, &mut doc, tx.clock()).or(ended);
        if let Some(reason) = too_large(record, &doc) {
            return Ok(Outcome::Skipped(reason));
        }
        let id = tx.state.item(uid).map(|item| tx.state.shown_id(item));
        let id = id.unwrap_or_else(|| doc.born.clone());
        let stand = kept(&id, &doc, base, &content, self.past.seen.is_some());
        for one in &stand {
            if TEXTS.contains(&one.field.as_str())
                && let (Some(_), Some(text)) = (one.kept.as_str(), one.lost.as_str())
            {
                add_beside(&mut doc, &one.field, text, &stamp);
            }
        }
        let others = kept_of_files(&id, &doc, others, &content);
        let unassigned = people::spare_holder(loaded, &mut doc, self.pm.now_ms());
        let earlier = self.past.earlier.as_deref();
        let earlier = earlier.and_then(|raw| (self.read)(&tx.state, &record.saying(raw)));
        let mut gave_way = overridden(&id, &loaded.doc, &doc, base);
        if let Some(earlier) = earlier {
            let docs = [&loaded.doc, &doc];
            gave_way.extend(taken_back(&id, docs, base, [&earlier, &content]));
        }
        let ends = ended_claim(loaded.item.as_ref(), &doc);
        let changed = told_changes(&loaded.doc, &doc);
        let mut told = changed.clone();
        let has_new = |one: &Remark| tx.state.doc(&one.uid).is_none();
        told.extend(
            content
                .comments
                .iter()
                .any(has_new)
                .then(|| "comments".into()),
        );
        let unseen = unseen_changes(&loaded.doc, &doc, &told);
        let was_conflicted = is_conflicted(&loaded.doc);
        let reference = ItemRef::to(&doc.born, uid).to_string();
        let waits = |state: &State<'_>| -> BTreeSet<(i64, Uid)> {
            let item = state.item(uid).into_iter();
            item.flat_map(edges)
                .map(|(kind, to)| (kind, to.clone()))
                .collect()
        };
        let before = waits(&tx.state);
        let replaced = replace(self.pm, tx, uid, doc, |doc, clock| {
            // A version that the source has seen is replaced, unless it was written here since.
            for name in TEXTS {
                if let Some(Value::Str(seen)) = base.regs.get(name)
                    && content.regs.get(name).and_then(Value::as_str) != Some(seen.as_str())
                {
                    drop_seen(doc, name, seen, clock);
                }
            }
        })?;
        if let Outcome::Skipped(_) = replaced {
            // What was said of it is no change of the item.
            self.comment(tx, record, &reference, base, &content)?;
            return Ok(replaced);
        }
        let told = unassigned
            .into_iter()
            .chain(unseen)
            .chain(stays)
            .chain(ends);
        for message in told.chain(spared) {
            let remark = Remarked::new(None, Some(&id), message);
            self.report.warnings.push(remark);
        }
        self.rewired = !waits(&tx.state).is_subset(&before);
        if let Some(doc) = tx.state.doc(uid) {
            // A text that is kept as a concurrent version has not lost.
            let is_gone = |lost: &Overruled| {
                let mut beside = long_texts::others(doc, &lost.field).into_iter();
                beside.all(|(_, text)| lost.lost != text)
            };
            let report = &mut self.report;
            report.kept.extend(stand.into_iter().filter(is_gone));
            report.kept.extend(others);
            report
                .overridden
                .extend(gave_way.into_iter().filter(is_gone));
            if is_conflicted(doc) && !was_conflicted {
                self.report.conflicts.push(id);
            }
        }
        let commented = self.comment(tx, record, &reference, base, &content)?;
        Ok(match replaced {
            _ if commented || !changed.is_empty() => Outcome::Updated,
            Outcome::Updated => Outcome::Recorded,
            other => other,
        })
    }

    /// Keeps what other files say, and returns the fields of which this one may mean to say otherwise.
    fn renew(&self, tx: &Tx<'_>, record: &Foreign<'_>, doc: &mut Doc) -> Vec<String> {
        if self.past.seen.is_none() {
            return Vec::new();
        }
        let at = doc.regs.get(EXTERNAL).map(|reg| reg.stamp.clone());
        let raw = external(doc, record.source, "record").map(str::to_string);
        let Some((at, raw)) = at.zip(raw) else {
            return Vec::new();
        };
        let newest = self.contents(&tx.state, &record.saying(&raw));
        let here = tx.clock().replica();
        let renewed = newest.map(|[newest, _]| renew(doc, &newest, &at, here));
        renewed.unwrap_or_default()
    }

    /// Takes from the item what the record says as an export of the item does or did: the export may say it
    /// otherwise, such as a holder as the assignee and a deletion as a status.
    fn take_said(&self, content: &mut Content, present: &Doc) {
        for (name, value) in &mut content.regs {
            let mut exports = self.exports.iter();
            if exports.any(|all| all.regs.get(name) == Some(&*value)) {
                *value = present.value(name).clone();
            }
        }
    }

    /// Removes values of older versions of a record that is unchanged since its import at `at`.
    fn settle(
        &mut self,
        tx: &mut Tx<'_>,
        record: &Foreign<'_>,
        uid: &Uid,
        at: &Stamp,
    ) -> Result<Outcome> {
        let Some([mut content, _]) = self.contents(&tx.state, record) else {
            return Ok(Outcome::Unchanged);
        };
        let Some(loaded) = tx.state.loaded(uid) else {
            return Ok(Outcome::Unchanged);
        };
        let present = &loaded.doc;
        self.take_said(&mut content, present);
        let mut doc = present.clone();
        settle(&mut doc, &content, at);
        let stays = keep_ended(present, &mut doc, tx.clock());
        if doc == *present {
            return Ok(Outcome::Unchanged);
        }
        people::spare_holder(loaded, &mut doc, self.pm.now_ms());
        let id = tx.state.item(uid).map(|item| tx.state.shown_id(item));
        let id = id.unwrap_or_else(|| doc.born.clone());
        let gave_way = overridden(&id, present, &doc, &content);
        let replaced = replace(self.pm, tx, uid, doc, |_, _| ())?;
        if !matches!(replaced, Outcome::Skipped(_)) {
            let report = &mut self.report;
            report.overridden.extend(gave_way);
            let stays = stays.map(|message| Remarked::new(None, Some(&id), message));
            report.warnings.extend(stays);
        }
        Ok(replaced)
    }
}

/// Stages the new version of an existing item; every change of one by an import goes through here.
/// A record with a change that the import may not make is skipped completely and imported later,
/// when it may. `also` makes further changes that do not count as one.
pub(super) fn replace(
    pm: &Pm,
    tx: &mut Tx<'_>,
    uid: &Uid,
    mut doc: Doc,
    also: impl FnOnce(&mut Doc, &Clock),
) -> Result<Outcome> {
    let Some(before) = tx.state.loaded(uid) else {
        return Outcome::skipped("its item cannot be read");
    };
    let reason = ownership::keeps_out(pm, &tx.state, before, &doc)
        .or_else(|| keeps_open(pm, &tx.state, before, &doc));
    if let Some(reason) = reason {
        return Ok(Outcome::Skipped(reason));
    }
    let was_closed = is_closed(&before.doc);
    stop::end_where_moved(&before.doc, &mut doc, tx.clock());
    let changed = tx.edit(uid, |present, clock| {
        let changed = *present != doc;
        *present = doc;
        also(present, clock);
        changed
    })?;
    if changed && (was_closed || tx.state.doc(uid).is_some_and(is_closed)) {
        end_void(tx, uid)?;
    }
    Ok(if changed {
        Outcome::Updated
    } else {
        Outcome::Unchanged
    })
}

/// Restores a document whose import was undone; true if it was one.
pub(super) fn revive(doc: &mut Doc, clock: &Clock) -> bool {
    let undone = doc.text(UNDONE) == Some(IMPORT) && !doc.purged;
    undone && doc.set(UNDONE, Value::Null, clock) && doc.set("deleted", Value::Null, clock)
}

/// What is said of a claim that ends because the item of a record is closed.
fn ended_claim(before: Option<&Item>, after: &Doc) -> Option<String> {
    let holder = before?.holder().filter(|_| is_closed(after))?;
    let by = actor(&holder.actor);
    Some(format!(
        "was closed at its source: the claim of {by} on it ends, with its reservations"
    ))
}

/// True if any text of an item has concurrent versions.
fn is_conflicted(doc: &Doc) -> bool {
    doc.body.is_conflicted() || long_texts::is_conflicted(doc)
}

fn too_large(record: &Foreign<'_>, doc: &Doc) -> Option<String> {
    if record.raw.len() < SIZE_CHECKED {
        return None;
    }
    let size = encode(doc).len();
    (size > DOCUMENT_WRITTEN_MAX).then(|| {
        format!("its document would be {size} bytes long; the limit is {DOCUMENT_WRITTEN_MAX}")
    })
}
