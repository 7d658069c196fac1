//! Bringing the index up to date: the difference of two trees, applied row by row.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::document_row::{self, Content, Row, decode};
use super::readiness::{self, Changed};
use super::{DUPLICATES, Fault, Result, add_tally, message_rows, plan_decisions};
use super::{group_name, status_name};
use crate::git::repo::{Oid, Repo};
use crate::layout::Family;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::read_document::read_loaded;
use crate::tree_diff::{Change, changes};
use crate::tree_edit::Step;

/// Above this number of changed files, a rebuild costs no more.
pub const MANY: usize = 20_000;

/// Brings the index from one tree to another; `step` has the changes, if they are known.
pub(super) fn catch_up(
    db: &Connection,
    repo: &Repo,
    from: Oid,
    to: Oid,
    step: Option<&Step>,
) -> Result<()> {
    let changes = match step.and_then(|step| step.changes.as_deref()) {
        Some(changes) => Cow::Borrowed(changes),
        _ => Cow::Owned(
            changes(repo, from, to, MANY)
                .map_err(|_| Fault::Doubt("the trees cannot be compared"))?
                .ok_or(Fault::Doubt("too much has changed"))?,
        ),
    };
    let text = super::full_text::is_at(db, from)?;
    let mut changed = Changed::default();
    // The PRDs of which the text or the plan changes.
    let mut planned: BTreeSet<Uid> = BTreeSet::new();
    // The threads whose messages change.
    let mut threads: BTreeSet<String> = BTreeSet::new();
    // Before anything is removed: a document that returns keeps its number.
    let mut free = next_n(db)?;
    // The old path of a moved document is removed before the new one is added.
    let mut gone: BTreeMap<Uid, Gone> = BTreeMap::new();
    for change in changes.iter().filter(|c| c.old.is_some()) {
        if let Some(gone_now) = take_out(db, change)? {
            threads.extend(gone_now.thread.clone());
            if change.family == Family::Item(ItemKind::Prd) {
                planned.insert(gone_now.uid.clone());
            }
            gone.insert(gone_now.uid.clone(), gone_now);
        }
    }
    let plans = changes.iter().filter(|c| c.family == Family::Plan);
    planned.extend(plans.filter_map(|change| {
        plan_decisions::prd_of_plan(repo, change.new.or(change.old)?, &change.path)
    }));
    for change in changes.iter() {
        let Some(new) = change.new else { continue };
        if !change.family.is_indexed() {
            continue;
        }
        let loaded = match read_loaded(repo, new, &change.path, change.family) {
            Ok(loaded) => loaded,
            Err(error) => {
                super::put_damaged(db, &change.path, &error.to_string())?;
                continue;
            }
        };
        let words = text.then(|| super::full_text::words(&loaded.doc));
        let Some(row) = Row::new(&loaded.doc, loaded.item, &change.path, new) else {
            continue;
        };
        let before = gone.remove(&row.uid);
        let n = match &before {
            Some(gone) => gone.n,
            None => {
                free += 1;
                free - 1
            }
        };
        row.insert(db, n)?;
        if let Some(words) = words {
            super::full_text::replace(db, n, &words)?;
        }
        if let Content::Message(envelope) = &row.content {
            threads.insert(envelope.thread.clone());
        }
        if change.family == Family::Item(ItemKind::Prd) {
            planned.insert(row.uid.clone());
        }
        if let Content::Item(item) = &row.content {
            count(db, item, 1)?;
            note(
                &mut changed,
                before.and_then(|g| g.item).as_deref(),
                Some(item),
            );
        }
    }
    for gone in gone.into_values() {
        if text {
            super::full_text::remove(db, gone.n)?;
        }
        if let Some(item) = &gone.item {
            note(&mut changed, Some(item), None);
        }
    }
    for thread in &threads {
        message_rows::count_rounds(db, Some(thread))?;
    }
    changed
        .items
        .extend(plan_decisions::decide(db, repo, to, &planned)?);
    readiness::evaluate_changed(db, &changed)?;
    if text {
        super::full_text::set_tree(db, to)?;
    }
    Ok(())
}

/// A removed document, with the number it had.
struct Gone {
    n: i64,
    uid: Uid,
    item: Option<Box<Item>>,
    /// The thread of a message.
    thread: Option<String>,
}

fn take_out(db: &Connection, change: &Change) -> Result<Option<Gone>> {
    if !change.family.is_indexed() {
        return Ok(None);
    }
    let was_damaged = db
        .prepare_cached("DELETE FROM damaged WHERE path=?")?
        .execute([super::shown_path(&change.path)])?;
    if was_damaged > 0 {
        return Ok(None);
    }
    // The old name identifies the document: no index by path is needed.
    let Some((n, uid)) = find_by_path(db, change)? else {
        return Err(Fault::Doubt("a document is not where it was"));
    };
    let row: Option<(Vec<u8>, bool, bool)> = db
        .prepare_cached("SELECT data, ready, blocked FROM item WHERE n=?")?
        .query_row([n], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (ready, blocked) = row.as_ref().map_or((false, false), |row| (row.1, row.2));
    let item: Option<Box<Item>> = row.map(|(data, ..)| decode(&data)).transpose()?;
    let thread = match change.family {
        Family::Message => message_rows::thread_of(db, n)?,
        _ => None,
    };
    document_row::remove(db, n)?;
    // The readiness is removed with the row; the new row is evaluated again.
    if let Some(item) = &item {
        count(db, item, -1)?;
        add_tally(db, super::READY, -i64::from(ready))?;
        add_tally(db, super::BLOCKED, -i64::from(blocked))?;
    }
    Ok(Some(Gone {
        n,
        uid,
        item,
        thread,
    }))
}

fn find_by_path(db: &Connection, change: &Change) -> Result<Option<(i64, Uid)>> {
    let stem = change.path.rsplit('/').next().unwrap_or_default();
    let stem = stem.strip_suffix(".md").unwrap_or(stem);
    let mut find = if matches!(change.family, Family::Item(_)) {
        db.prepare_cached(
            "SELECT n, uid FROM doc WHERE oid=?2 AND path=?1 AND n IN
             (SELECT n FROM item WHERE id=?3 UNION ALL SELECT n FROM item WHERE born=?3)",
        )?
    } else {
        db.prepare_cached("SELECT n, uid FROM doc WHERE uid=?3 AND path=?1 AND oid=?2")?
    };
    let name = match change.family {
        Family::Item(_) => stem.rsplit_once('-').map_or(stem, |(born, _)| born),
        _ => stem,
    };
    let old = change.old.ok_or(Fault::Doubt("nothing was there"))?;
    let found: Option<(i64, String)> = find
        .query_row(params![change.path, old.as_bytes(), name], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let found = match found {
        Some(found) => Some(found),
        // Ids that cannot be file names have another one.
        None => db
            .prepare_cached("SELECT n, uid FROM doc WHERE path=?1 AND oid=?2")?
            .query_row(params![change.path, old.as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?,
    };
    Ok(found.and_then(|(n, uid)| Some((n, Uid::new(&uid)?))))
}

fn next_n(db: &Connection) -> Result<i64> {
    let last: i64 = db
        .prepare_cached("SELECT coalesce(max(n),0) FROM doc")?
        .query_row([], |row| row.get(0))?;
    Ok(last + 1)
}

/// Updates the counts that lists and `status` show.
pub(super) fn count(db: &Connection, item: &Item, by: i64) -> Result<()> {
    if item.deleted {
        return Ok(());
    }
    add_tally(db, &status_name(item.status.as_str()), by)?;
    if matches!(item.kind, ItemKind::Epic | ItemKind::Prd) {
        add_tally(db, &group_name(item.status.as_str()), by)?;
    }
    // On an insertion the row is already there, on a removal already gone.
    let same: i64 = db
        .prepare_cached("SELECT count(*) FROM item WHERE id=? AND deleted=0")?
        .query_row([&item.id], |row| row.get(0))?;
    let others = if by > 0 { same - 1 } else { same };
    if others == 1 {
        add_tally(db, DUPLICATES, by)?;
    }
    Ok(())
}

/// Notes the effects of a change of an item on others.
fn note(changed: &mut Changed, before: Option<&Item>, after: Option<&Item>) {
    let Some(uid) = after.or(before).map(|item| &item.uid) else {
        return;
    };
    changed.items.insert(uid.clone());
    let (old, new) = (
        before.map(readiness::influence),
        after.map(readiness::influence),
    );
    if old == new {
        return;
    }
    changed.influential.insert(uid.clone());
    let none = BTreeSet::new();
    let were = old.as_ref().map_or(&none, |influence| &influence.edges);
    let are = new.as_ref().map_or(&none, |influence| &influence.edges);
    let is_open =
        |influence: &Option<readiness::Influence>| influence.as_ref().is_some_and(|w| w.open);
    let opened = is_open(&new) && !is_open(&old);
    let waits = are.iter().any(|(kind, _)| *kind != super::schema::SOFT);
    if (opened && waits)
        || are
            .difference(were)
            .any(|(kind, _)| *kind != super::schema::SOFT)
    {
        changed.closing.insert(uid.clone());
    }
    let parents = were
        .union(are)
        .filter(|(kind, _)| *kind == super::schema::PARENT);
    changed.parents.extend(parents.map(|(_, uid)| uid.clone()));
}
