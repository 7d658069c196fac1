//! New ids for unpublished items that share an id with another item, part of the settlement.

use super::settle::{Renumbered, Settled};
use crate::error::Result;
use crate::model::doc::EXTERNAL;
use crate::model::id;
use crate::model::item::Item;
use crate::model::value::Value;
use crate::store::sync::publish::Facts;
use crate::store::transaction::Tx;

/// Gives new ids to this clone's unpublished items that share an id with another item. Imported
/// items keep their ids, which are duplicates at their source as well.
pub(super) fn renumber(tx: &mut Tx<'_>, facts: &Facts<'_>, settled: &mut Settled) -> Result<()> {
    let is_published = |item: &Item| facts.published.contains(&item.uid);
    let is_imported = |tx: &Tx<'_>, item: &Item| {
        let doc = tx.state.doc(&item.uid);
        doc.is_some_and(|doc| !doc.value(EXTERNAL).is_null())
    };
    let mut movers: Vec<Item> = Vec::new();
    for id in tx.state.shared_ids() {
        let mut group: Vec<Item> = tx.state.bearers(&id).into_iter().cloned().collect();
        group.sort_by_key(|item| item.uid.clone());
        // A published item keeps the id, else the oldest one.
        let keeper = group.iter().position(is_published).unwrap_or(0);
        let keeper = group[keeper].uid.clone();
        movers.extend(
            group
                .into_iter()
                .filter(|item| item.uid != keeper && !is_published(item))
                .filter(|item| !is_imported(tx, item)),
        );
    }
    movers.sort_by_key(|item| (item.id.clone(), item.uid.clone()));
    for item in movers {
        let new = match id::parse_sequential(&item.id) {
            Some((kind, _)) => id::sequential(kind, tx.state.next_number(kind)),
            None => free_hash_id(tx, &item),
        };
        tx.edit(&item.uid, |doc, clock| {
            doc.set("id", Value::from(new.as_str()), clock)
        })?;
        settled.renumbered.push(Renumbered {
            old: item.id.clone(),
            new,
            alias: item.alias(),
            title: item.title.clone(),
        });
    }
    Ok(())
}

fn free_hash_id(tx: &Tx<'_>, item: &Item) -> String {
    let taken = |id: &String| tx.state.named(id).iter().any(|other| other.id == *id);
    // A child keeps its parent's id in front.
    if let Some((parent, _)) = item.id.rsplit_once('.') {
        let free = (1u32..)
            .map(|n| format!("{parent}.{n}"))
            .find(|id| !taken(id));
        return free.unwrap_or_else(|| item.alias());
    }
    let length = id::hash_length(tx.state.count_about());
    let prefix = tx.state.repository.issue_prefix().to_string();
    (0..)
        .map(|nonce| id::hash_id(&prefix, &item.uid, nonce, length + (nonce / 10) as usize))
        .find(|id| !taken(id))
        .unwrap_or_else(|| item.alias())
}
