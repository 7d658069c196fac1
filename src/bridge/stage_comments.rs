//! Stages the comments of one record of another tracker: new ones, and those that were changed or removed there.

use super::content::{Content, Foreign, Remark};
use super::merge_record::{text, write};
use super::stage_record::{Upsert, revive};
use crate::error::Result;
use crate::model::doc::{Doc, EXTERNAL, IMPORT, UNDONE};
use crate::model::id::ItemRef;
use crate::model::imported::is_of_record;
use crate::model::stamp::Clock;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::state::State;
use crate::store::transaction::Tx;

impl Upsert<'_> {
    /// Stages the comments of a record; true if any changed.
    pub(super) fn comment(
        &mut self,
        tx: &mut Tx<'_>,
        record: &Foreign<'_>,
        item: &str,
        base: &Content,
        new: &Content,
    ) -> Result<bool> {
        let mut changed = false;
        if new.comments.is_empty() && base.comments.is_empty() {
            return Ok(false);
        }
        let own = own_comments(&tx.state, item);
        for remark in &new.comments {
            let Some(loaded) = tx.state.loaded(&remark.uid) else {
                if written_here(&own, remark).is_none() {
                    tx.insert(remark.to_doc(record.source, item))?;
                    self.report.comments += 1;
                    changed = true;
                }
                continue;
            };
            if loaded.doc.text(UNDONE) == Some(IMPORT) {
                changed |= tx.edit(&remark.uid, revive)?;
                self.report.comments += 1;
                continue;
            }
            if loaded.doc.kind != "comment" || loaded.doc.text("item") != Some(item) {
                continue;
            }
            // It was imported before the state of the clone that wrote it came.
            if written_here(&own, remark).is_some() {
                let drop = |doc: &mut Doc, clock: &Clock| doc.set("deleted", true, clock);
                changed |= tx.edit(&remark.uid, drop)?;
                continue;
            }
            if loaded.doc.value("deleted").is_true() {
                changed |= tx.edit(&remark.uid, |doc, _| restore(doc, record))?;
            }
            let was = base.comments.iter().find(|c| c.uid == remark.uid);
            if let Some(was) = was.filter(|was| was.text != remark.text) {
                changed |= tx.edit(&remark.uid, |doc, _| {
                    text(&mut doc.body, &was.text, &remark.text, &record.stamp())
                })?;
            }
        }
        if self.past.is_of_file && new.lists_comments {
            let is_gone = |was: &&Remark| new.comments.iter().all(|one| one.uid != was.uid);
            for was in base.comments.iter().filter(is_gone) {
                let uid = written_here(&own, was).unwrap_or(&was.uid).clone();
                // One from here can have got another id there.
                let is_listed = |doc: &Doc| new.comments.iter().any(|one| one.was_written_as(doc));
                let loaded = tx.state.loaded(&uid);
                if loaded.is_some_and(|loaded| !is_listed(&loaded.doc)) {
                    let is_removed = tx.edit(&uid, |doc, _| remove(doc, was, record))?;
                    self.report.comments_removed += usize::from(is_removed);
                    changed |= is_removed;
                }
            }
        }
        Ok(changed)
    }
}

/// The comments of an item that were written here.
fn own_comments(state: &State<'_>, item: &str) -> Vec<Doc> {
    let uid = ItemRef::parse(item).uid;
    let all = uid.map_or_else(Vec::new, |uid| state.comments_before(&uid));
    let own = all.into_iter().filter(|doc| doc.value(EXTERNAL).is_null());
    own.cloned().collect()
}

/// The one of them that was exported with another id.
fn written_here<'o>(own: &'o [Doc], remark: &Remark) -> Option<&'o Uid> {
    let same = own.iter().find(|doc| remark.was_written_as(doc));
    same.map(|doc| &doc.uid)
}

/// Deletes a comment that its record does not have any more, unless it was changed here. True if that changed it.
fn remove(doc: &mut Doc, was: &Remark, record: &Foreign<'_>) -> bool {
    let is_same = doc.kind == "comment" && doc.body.text() == was.text;
    is_same && write(&mut doc.regs, "deleted", true.into(), &record.stamp())
}

/// Restores a comment that an earlier record did not have. True if that changed it.
fn restore(doc: &mut Doc, record: &Foreign<'_>) -> bool {
    let deleted = doc.regs.get("deleted");
    let is_theirs = deleted.is_some_and(|reg| is_of_record(&reg.stamp));
    is_theirs && write(&mut doc.regs, "deleted", Value::Null, &record.stamp())
}
