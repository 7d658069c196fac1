//! One commit for several items.

use std::cell::RefCell;
use std::collections::HashSet;

use crate::coordinate::here;
use crate::coordinate::idempotency;
use crate::coordinate::write::{Decided, Write};
use crate::error::{Error, Result};
use crate::model::item::Item;
use crate::model::text::first_of;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::shared_views::ItemView;
use crate::store::transaction::Tx;

/// The number of ids in the first line of a commit message.
const NAMED: usize = 3;

/// A change made to each of several items.
type OfEach<'a> = &'a mut dyn FnMut(&mut Tx<'_>, &Item) -> Result<()>;

/// Describes a commit about several items.
pub(crate) fn describe(tx: &mut Tx<'_>, op: &str, ids: &[String], what: &str) {
    let all = crate::model::id_run::shorten(ids);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let names = first_of(ids, NAMED);
    let text = if what.is_empty() {
        names
    } else {
        format!("{names}: {what}")
    };
    tx.describe(op, &all, &text);
}

/// A change of several items that also ends claims: through the remote if another clone holds
/// one of them. `stage` gets a flag that allows ending claims of other clones. Without `what` the
/// commit says what `stage` said.
pub(crate) fn settle_all(
    pm: &Pm,
    op: &str,
    ids: &[String],
    stage: impl FnMut(&mut Tx<'_>, &Item, bool) -> Result<()>,
    what: Option<&str>,
) -> Result<Vec<ItemView>> {
    settle_edited(pm, op, ids, |_, _| Ok(()), stage, what)
}

/// As [`settle_all`], for items whose texts and fields are edited first. An edit is based
/// on this clone's state, which its author saw, and not on the remote's, unless the author
/// named the version it is meant for.
pub(crate) fn settle_edited(
    pm: &Pm,
    op: &str,
    ids: &[String],
    edit: impl FnMut(&mut Tx<'_>, &Item) -> Result<()>,
    mut stage: impl FnMut(&mut Tx<'_>, &Item, bool) -> Result<()>,
    what: Option<&str>,
) -> Result<Vec<ItemView>> {
    let seen = found(pm, ids)?;
    let replica = pm.store.replica()?.to_string();
    let foreign = seen
        .iter()
        .any(|item| item.held_elsewhere(&replica).is_some());
    let uids = || -> Vec<Uid> { seen.iter().map(|item| item.uid.clone()).collect() };
    let each = |tx: &mut Tx<'_>, one: OfEach<'_>| -> Result<()> {
        let mut names = Vec::new();
        for item in &seen {
            // By uid: joining the remote's state may give the id to another actor's item.
            let item = tx.state.find(item.uid.as_str())?.clone();
            names.push(tx.state.shown_id(&item));
            one(tx, &item)?;
        }
        let Some(what) = what else { return Ok(()) };
        let kind = seen[0].kind;
        let named = match seen.iter().all(|item| item.kind == kind) {
            true => format!("{kind} {op}"),
            false => op.to_string(),
        };
        describe(tx, &named, &names, what);
        Ok(())
    };
    let edit = RefCell::new(edit);
    let mut whole = |tx: &mut Tx<'_>, edited: bool, is_final: bool| -> Result<Vec<Uid>> {
        each(tx, &mut |tx, item| {
            if !edited {
                edit.borrow_mut()(tx, item)?;
            }
            stage(tx, item, is_final)
        })?;
        Ok(uids())
    };
    let apart = foreign && pm.options.if_version.is_none();
    let mut edit_all = |tx: &mut Tx<'_>| each(tx, &mut *edit.borrow_mut());
    let write = pm.write(op).settled_if(foreign);
    let write = match apart {
        true => write.after(&mut edit_all),
        false => write,
    };
    here::views_of(
        pm,
        &write.run(|tx, settling| whole(tx, apart, settling.is_final))?,
    )
}

/// A change of several items that ends no claims, in one commit: all or none.
pub(crate) fn change_all<K: Decided>(
    pm: &Pm,
    write: Write<'_, K>,
    op: &str,
    ids: &[String],
    what: &dyn Fn() -> String,
    mut stage: impl FnMut(&mut Tx<'_>, &str) -> Result<Uid>,
) -> Result<Vec<ItemView>> {
    let seen = found(pm, ids)?;
    let uids = write.run(|tx| {
        let mut uids = Vec::new();
        for item in &seen {
            uids.push(stage(tx, item.uid.as_str())?);
        }
        let shown = uids.iter().filter_map(|uid| tx.state.item(uid));
        let names: Vec<String> = shown.map(|item| tx.state.shown_id(item)).collect();
        describe(tx, op, &names, &what());
        Ok(uids)
    })?;
    here::views_of(pm, &uids)
}

/// The items of an earlier run with the same idempotency key. What is looked up before a write may be
/// closed or deleted since.
pub(crate) fn repeated(pm: &Pm, op: &str) -> Result<Option<Vec<ItemView>>> {
    let before = match idempotency::key(pm) {
        Some(_) => idempotency::repeated_all(pm, &*pm.store.snapshot()?, op)?,
        None => None,
    };
    before.map(|uids| here::views_of(pm, &uids)).transpose()
}

/// The items that some ids name, each once, in the order of the ids.
pub(crate) fn found(pm: &Pm, ids: &[String]) -> Result<Vec<Item>> {
    let state = pm.store.snapshot()?;
    let mut out: Vec<Item> = Vec::new();
    let mut seen = HashSet::new();
    for id in ids {
        let item = state.find(id)?;
        if seen.insert(item.uid.clone()) {
            out.push(item.clone());
        }
    }
    if out.is_empty() {
        return Err(Error::usage("no item ids were given")
            .hint("give their ids, or `-` to read them from standard input"));
    }
    Ok(out)
}
