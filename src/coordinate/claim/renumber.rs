//! New ids for unpublished items that share an id with another item, part of the settlement.

use std::collections::BTreeSet;

use super::settle::{Renumbered, SettlementReport};
use crate::coordinate::message::notice::RENUMBERED;
use crate::coordinate::message::{self, Notice};
use crate::error::Result;
use crate::model::doc::{Doc, EXTERNAL};
use crate::model::id::{self, parse_sequential};
use crate::model::item::Item;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::state::State;
use crate::store::sync::publish::Facts;
use crate::store::sync::published::{self, Known};
use crate::store::transaction::Tx;

/// Gives new ids to this clone's unpublished items that share an id with another item. Imported
/// items keep the ids of their source, which are duplicates there as well.
pub(super) fn renumber(
    tx: &mut Tx<'_>,
    facts: &Facts<'_>,
    report: &mut SettlementReport,
) -> Result<()> {
    restore_published(tx, facts, report)?;
    let mut movers: Vec<Item> = Vec::new();
    for id in tx.state.shared_ids() {
        let found = movers_of(&tx.state, &id, facts.published).into_iter();
        movers.extend(found.cloned());
    }
    movers.sort_by_key(|item| (item.id.clone(), item.uid.clone()));
    for item in movers {
        let moved = move_away(tx, &item, "another clone", &|_| false)?;
        report.renumbered.push(moved);
    }
    Ok(())
}

/// Gives items that two clones created alike, as the tasks of a plan that both approved, the numbers
/// that they were published with, which are in branches and commits.
fn restore_published(
    tx: &mut Tx<'_>,
    facts: &Facts<'_>,
    report: &mut SettlementReport,
) -> Result<()> {
    let Some(remote) = facts.remote else {
        return Ok(());
    };
    for uid in tx.state.items_unlike(remote.tree) {
        if let (Some(item), Some(there)) = (tx.state.item(&uid).cloned(), remote.item(&uid))
            && item.id != there.id
            && parse_sequential(&there.id).is_some()
        {
            let moved = give(tx, &item, there.id.clone(), "another clone")?;
            report.renumbered.push(moved);
        }
    }
    Ok(())
}

/// Gives an item a new id, which is not `taken`, since `by` had used its number.
pub(crate) fn move_away(
    tx: &mut Tx<'_>,
    item: &Item,
    by: &str,
    taken: &dyn Fn(&str) -> bool,
) -> Result<Renumbered> {
    let new = match parse_sequential(&item.id) {
        Some((kind, _)) => id::sequential(kind, tx.state.next_number(kind)),
        None => {
            let has = |id: &str| tx.state.named(id).iter().any(|other| other.id == *id);
            // A child keeps its parent's id in front.
            let parent = item.id.rsplit_once('.').map(|(parent, _)| parent);
            let free = tx
                .state
                .free_hash_id(&item.uid, parent, |id| taken(id) || has(id));
            free.unwrap_or_else(|| item.alias())
        }
    };
    give(tx, item, new, by)
}

/// Gives an item another id, and says so.
fn give(tx: &mut Tx<'_>, item: &Item, new: String, by: &str) -> Result<Renumbered> {
    tx.edit(&item.uid, |doc, clock| {
        doc.set("id", Value::from(new.as_str()), clock)
    })?;
    tell(tx, item, &new, by)?;
    Ok(Renumbered::of(item, item.id.clone(), new))
}

/// Tells the author of an item its new id, where they look for news.
fn tell(tx: &mut Tx<'_>, item: &Item, new: &str, by: &str) -> Result<()> {
    // Of what was imported, the author is somebody of its source.
    let is_own = |doc: &Doc| doc.value(EXTERNAL).is_null();
    let author = item.created_by.clone();
    let Some(author) = author.filter(|_| tx.state.doc(&item.uid).is_some_and(is_own)) else {
        return Ok(());
    };
    let moved = tx.state.item(&item.uid).cloned();
    let notice = Notice {
        topic: RENUMBERED,
        subject: format!("{} is now {new}: {by} had used the number", item.id),
        body: format!("`{}` still finds it.\n", item.alias()),
    };
    message::notify(tx, &author, None, moved.as_ref(), notice)
}

/// Those of the items with an id that get new ones.
fn movers_of<'s>(state: &'s State<'_>, id: &str, published: &Known<'_>) -> Vec<&'s Item> {
    let is_published = |item: &&Item| published.contains(&item.uid);
    let is_fixed = |item: &Item| state.doc(&item.uid).is_some_and(has_id_of_source);
    let mut group = state.bearers(id);
    group.sort_by_key(|item| item.uid.clone());
    // A published item keeps the id, else the oldest one.
    let keeper = group.iter().position(is_published).unwrap_or(0);
    let mut place = 0..;
    group.retain(|item| place.next() != Some(keeper) && !is_published(item) && !is_fixed(item));
    group
}

/// True if an item has the id that it has at its source: the number that an import gives is one of this project.
pub(crate) fn has_id_of_source(doc: &Doc) -> bool {
    let number = parse_sequential(doc.shown_id()).filter(|(kind, _)| kind.as_str() == doc.kind);
    number.is_none() && !doc.value(EXTERNAL).is_null()
}

/// Adds the items that an exchange, from one commit of this clone to another, gave other numbers than they had
/// here, and says what has the former ones now.
///
/// # Errors
/// When a state cannot be read.
pub(crate) fn tell_former(
    pm: &Pm,
    renumbered: &mut Vec<Renumbered>,
    [before, after]: [Oid; 2],
) -> Result<()> {
    let lost = pm.store.lost_between(pm.store.repo(), [before, after]);
    if lost.is_empty() {
        return Ok(());
    }
    let state = pm.store.snapshot()?;
    for (old, uid) in lost {
        let Some(item) = state.item(&uid) else {
            continue;
        };
        let mut known = renumbered.iter();
        if !known.any(|one| one.old == old && one.new == item.id) {
            renumbered.push(Renumbered::of(item, old, item.id.clone()));
        }
    }
    for one in renumbered {
        let bearers = state.bearers(&one.old);
        one.taken_by = bearers.first().map(|item| item.title.clone());
    }
    Ok(())
}

/// The ids that several items have and keep, as each was published or imported with it.
///
/// # Errors
/// When the published state cannot be read.
pub(crate) fn lasting_duplicates(pm: &Pm, state: &State<'_>) -> Result<BTreeSet<String>> {
    let mut shared = state.shared_ids();
    if !shared.is_empty() {
        let published = published::fetched(&pm.store)?;
        shared.retain(|id| {
            let stay = state.bearers(id).len() - movers_of(state, id, &published).len();
            stay > 1
        });
    }
    Ok(shared)
}
