//! Deletes items: a tombstone carries the deletion to every clone.

use std::collections::{BTreeMap, HashSet};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::coordinate::claim::ownership;
use crate::error::{Error, Reason, Result};
use crate::graph::is_blocking;
use crate::model::item::Item;
use crate::model::item::PARENT_CHILD;
use crate::model::limits::NAMES_SHOWN;
use crate::model::stamp::rfc3339;
use crate::model::stop::REMOVED_BY;
use crate::model::text::first_of;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Issues;
use crate::pm::shared_views::ItemView;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::ending::notice_unmerged;
use crate::work::list::descendants::below;
use crate::work::task::many_items;
use crate::work::task::status_verbs;

/// What the record of an idempotency key is about.
const OP: &str = "delete";

/// Options of deleting items.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[group(skip)]
pub struct DeleteOptions {
    /// Reason to record.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
    /// Delete items even if open items are below them or wait for them, or if another actor holds
    /// them (the holder is notified).
    #[arg(short, long)]
    pub force: bool,
    /// Also delete everything below them.
    #[arg(long)]
    pub cascade: bool,
}

impl Issues<'_> {
    /// Deletes items in one commit; `git pm gc` later removes the content that the tombstones still
    /// have. Edges to them stay and block nothing. Returns the deleted items.
    ///
    /// # Errors
    /// When one of them does not exist, another actor holds one, or an open item is below one or
    /// waits for it, without `force` or `cascade`; nothing is deleted then.
    pub fn delete(&self, ids: &[String], options: &DeleteOptions) -> Result<Vec<ItemView>> {
        if let Some(before) = many_items::repeated(self.pm, OP)? {
            return Ok(before);
        }
        let mut all: Vec<String> = Vec::new();
        for item in many_items::found(self.pm, ids)? {
            all.push(item.uid.to_string());
            if options.cascade {
                let state = self.pm.store.state()?;
                let below = below(&state, &item.uid);
                all.extend(below.iter().map(Uid::to_string));
            }
        }
        let doomed: Vec<Uid> = all.iter().filter_map(|uid| Uid::new(uid)).collect();
        many_items::settle_all(
            self.pm,
            OP,
            &all,
            |tx, item, is_final| delete_in(self.pm, tx, item, is_final, options, &doomed),
            Some(options.reason.as_deref().unwrap_or("deleted")),
        )
    }
}

/// `Issues::delete` of one item as part of a transaction that deletes `others` too.
pub(crate) fn delete_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    is_final: bool,
    options: &DeleteOptions,
    others: &[Uid],
) -> Result<()> {
    let id = tx.state.shown_id(item);
    ownership::require_leave(pm, &tx.state, item, options.reason.is_some(), options.force)?;
    // One check for all of them.
    if !options.force && others.first() == Some(&item.uid) {
        require_unneeded(&tx.state, others)?;
    }
    notice_unmerged(pm, &tx.state, item, "deleted");
    status_verbs::end_all(pm, tx, item, is_final, "deleted")?;
    let test = status_verbs::cancel_test(pm, tx, item, is_final, "deleted", others)?;
    let (now, actor) = (rfc3339(pm.now_ms()), tx.actor().to_string());
    let human = tx.agent().is_none().then(|| actor.clone());
    tx.edit(&item.uid, |doc, clock| {
        if human.is_some() {
            doc.set(REMOVED_BY, human, clock);
        }
        doc.set("deleted_at", now, clock);
        doc.set("deleted_by", actor, clock);
        doc.set(
            "delete_reason",
            options.reason.as_deref().map(str::to_string),
            clock,
        );
        doc.set("deleted", true, clock)
    })?;
    tx.describe(
        &format!("{} delete", item.kind),
        &std::iter::once(&*id)
            .chain(test.as_deref())
            .collect::<Vec<_>>(),
        &format!("{id}: {}", options.reason.as_deref().unwrap_or("deleted")),
    );
    Ok(())
}

/// Refuses to delete an item that is an ancestor or a dependency of open items, unless these are
/// deleted too.
fn require_unneeded(state: &State<'_>, doomed: &[Uid]) -> Result<()> {
    let Some((uid, names)) = needed(state, doomed) else {
        return Ok(());
    };
    let id = state.item(&uid).map(|item| state.shown_id(item));
    let id = id.unwrap_or_default();
    let names = first_of(&names, NAMES_SHOWN);
    let error = Error::refused(format!("{id} is needed by {names}"))
        .because(Reason::DeleteNeeded)
        .about(uid.to_string())
        .hint("`--force` deletes it anyway; the edges to it then block nothing");
    // Only where nothing else needs any of them.
    let parts = doomed.iter().flat_map(|uid| below(state, uid));
    let all: Vec<Uid> = doomed.iter().cloned().chain(parts).collect();
    Err(match needed(state, &all) {
        None => error.hint("`--cascade` deletes its descendants too"),
        Some(_) => error,
    })
}

/// The first of some items that others need, which are open and none of them, with the ids of these.
fn needed(state: &State<'_>, doomed: &[Uid]) -> Option<(Uid, Vec<String>)> {
    let doomed: HashSet<&Uid> = doomed.iter().collect();
    let mut needed: BTreeMap<Uid, Vec<String>> = BTreeMap::new();
    let proposed = doomed.iter().flat_map(|uid| state.proposed_dependents(uid));
    let proposed: BTreeMap<&Uid, &Item> = proposed.map(|item| (&item.uid, item)).collect();
    for item in state.items().into_iter().chain(proposed.into_values()) {
        if item.status.is_closed() || doomed.contains(&item.uid) {
            continue;
        }
        let waits = item.depends_on.iter().map(|d| &d.target);
        let edges = item.edges.iter();
        let edges = edges.filter(|e| is_blocking(&e.kind) || e.kind == PARENT_CHILD);
        let all = waits.chain(edges.map(|e| &e.target)).chain(&item.epic);
        for uid in all.filter_map(|target| target.uid.as_ref()) {
            if doomed.contains(uid) {
                let names = needed.entry(uid.clone()).or_default();
                names.push(state.shown_id(item));
            }
        }
    }
    let (uid, mut names) = needed.into_iter().next()?;
    names.dedup();
    Some((uid, names))
}
