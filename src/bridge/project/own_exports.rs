//! Imports files that were exported from this store and may have been edited since.
//!
//! They are compared with a new export.

use crate::bridge::Outcome;
use crate::bridge::content::{Content, Foreign, Remark};
use crate::bridge::merge_record::merge;
use crate::bridge::stage_record::replace;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::stamp::Clock;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::history::trees::item_doc;
use crate::store::history::walk;
use crate::store::state::State;
use crate::store::transaction::Tx;

use super::{Writer, own_criteria};

/// Reads a record of a state.
type Read<'r> = dyn Fn(&State<'_>, &Foreign<'_>) -> Option<Content> + 'r;

/// The greatest number of commits in which the exported version of an item is looked for.
const COMMITS_MAX: usize = 10_000;

/// Stages the differences between a file and a new export. `seen` is the item's last change at the
/// time of the old export: if the item has other values since, the file is outdated.
pub(super) fn stage(
    pm: &Pm,
    tx: &mut Tx<'_>,
    record: &Foreign<'_>,
    uid: &Uid,
    seen: &str,
    read: &Read<'_>,
    write: &Writer<'_>,
) -> Result<Outcome> {
    let Some(now) = write(&tx.state, uid) else {
        return Outcome::skipped("its item has no place in this layout");
    };
    if now == record.raw {
        return Ok(Outcome::Unchanged);
    }
    let base = record.saying(&now);
    let (Some(mut base), Some(mut new)) = (read(&tx.state, &base), read(&tx.state, record)) else {
        return Outcome::skipped("is not a valid record");
    };
    if base == new {
        return Ok(Outcome::Unchanged);
    }
    let updated = tx.state.item(uid).map(|item| item.updated_at.clone());
    if updated.as_deref() != Some(seen)
        && !is_as_exported(pm, &tx.state, record, (uid, seen), &base, (read, write))?
    {
        return Outcome::skipped("was exported before its item changed here; export it again");
    }
    let (Some(item), Some(doc)) = (tx.state.item(uid), tx.state.doc(uid)) else {
        return Outcome::skipped("its item cannot be read");
    };
    own_criteria::name(doc, &mut base, &mut new);
    let reference = item.reference().to_string();
    let mut after = doc.clone();
    let mut changed = apply(&mut after, &mut base, &mut new, tx.clock());
    if changed {
        match replace(pm, tx, uid, after, |_, _| ())? {
            left @ Outcome::Skipped(_) => return Ok(left),
            replaced => changed = replaced == Outcome::Updated,
        }
    }
    for remark in &new.comments {
        let Some(old) = base.comments.iter().find(|old| old.uid == remark.uid) else {
            tx.insert(remark.to_doc(record.source, &reference))?;
            changed = true;
            continue;
        };
        let differs = old.text != remark.text;
        let present = differs.then(|| comment(&tx.state, uid, old)).flatten();
        if let Some(present) = present {
            changed |= tx.edit(&present, |doc, clock| doc.body.write(&remark.text, clock))?;
        }
    }
    Ok(match changed {
        true => Outcome::Updated,
        false => Outcome::Unchanged,
    })
}

/// True if an item has the values with which it was exported, as after the undo of what changed it since.
fn is_as_exported(
    pm: &Pm,
    state: &State<'_>,
    record: &Foreign<'_>,
    (uid, seen): (&Uid, &str),
    now: &Content,
    (read, write): (&Read<'_>, &Writer<'_>),
) -> Result<bool> {
    let (Some(tip), Some(item)) = (state.commit, state.item(uid)) else {
        return Ok(false);
    };
    let (repo, mut then, mut left) = (pm.store.repo(), None, COMMITS_MAX);
    walk(repo, tip, |commit| {
        let doc = item_doc(repo, commit.tree, &item.born, uid)?;
        let old = doc.and_then(|doc| Item::from_doc(&doc).ok());
        let is_it = old.is_some_and(|old| old.updated_at == seen);
        then = is_it.then_some(commit.id);
        left -= 1;
        Ok(then.is_none() && left > 0)
    })?;
    let Some(then) = then else {
        return Ok(false);
    };
    let then = pm.store.state_at(repo, then)?;
    let Some(raw) = write(&then, uid) else {
        return Ok(false);
    };
    let exported = record.saying(&raw);
    Ok(read(&then, &exported).is_some_and(|old| old == *now))
}

/// Writes the changes in a file, newer than all current values, which its editor had seen.
pub(in crate::bridge) fn apply(
    doc: &mut Doc,
    base: &mut Content,
    new: &mut Content,
    clock: &Clock,
) -> bool {
    let (was, is) = (
        std::mem::take(&mut base.body),
        std::mem::take(&mut new.body),
    );
    // Who empties a cell means that.
    new.inferred.clear();
    let above = clock.stamp(Some(doc.latest()));
    let changed = merge(doc, base, new, &above);
    changed | (was != is && doc.body.write(&is, clock))
}

/// The stored comment that a file shows.
fn comment(state: &State<'_>, item: &Uid, shown: &Remark) -> Option<Uid> {
    let all = state.comments_on(item).into_iter();
    let mut same = all.filter(|doc| {
        doc.text("author") == Some(&shown.author)
            && doc.text("created_at") == Some(&shown.created_at)
            && doc.body.text().trim() == shown.text
    });
    same.next().map(|doc| doc.uid.clone())
}
