//! Creates the items of a plan, the same in every clone.
//!
//! Their uids, birth ids and entries follow from the plan.

use super::draft::{Criterion, Edge, EdgeClass, Task};
use super::record::{lines_text, origin, task_fields};
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::id::{self, ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::proposed::{put_criterion, put_fields, put_wait};
use crate::model::stamp::{Clock, Stamp, rfc3339};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::transaction::Tx;
use crate::work::task::field_rules::check_path;
use crate::work::task::status_verbs::reopen_in;

/// Why an epic is open again.
const NEW_WORK: &str = "its plan has new tasks";

/// Creates an item with a fixed uid. An existing item is left unchanged; one that was deleted (by
/// undoing an approval) is restored with the present content of the plan. Returns true if it was
/// created or restored.
pub(super) fn make(tx: &mut Tx<'_>, fresh: Doc) -> Result<bool> {
    let uid = fresh.uid.clone();
    let Some(there) = tx.state.doc(&uid) else {
        insert(tx, fresh)?;
        return Ok(true);
    };
    if !there.value("deleted").is_true() {
        return Ok(false);
    }
    let at = tx.fresh_stamp();
    tx.edit(&uid, |doc, clock| {
        overwrite(doc, &fresh, clock, &at);
        true
    })?;
    Ok(true)
}

/// Adds a new item with the next number of its kind.
pub(super) fn insert(tx: &mut Tx<'_>, mut doc: Doc) -> Result<()> {
    if let Some(kind) = ItemKind::parse(&doc.kind) {
        doc.put("id", id::sequential(kind, tx.state.next_number(kind)));
    }
    doc.put("created_at", rfc3339(tx.clock().wall_ms()));
    doc.put("created_by", tx.actor());
    tx.insert(doc)
}

/// Makes a document equal to a new one, except for its id and time of creation.
fn overwrite(doc: &mut Doc, fresh: &Doc, clock: &Clock, at: &Stamp) {
    let kept = |name: &str| matches!(name, "id" | "created_at" | "created_by");
    let names: Vec<String> = doc.regs.keys().chain(fresh.regs.keys()).cloned().collect();
    for name in names.iter().filter(|name| !kept(name)) {
        doc.set(name, fresh.value(name).clone(), clock);
    }
    let sets: Vec<String> = doc.sets.keys().chain(fresh.sets.keys()).cloned().collect();
    for set in &sets {
        let elements: Vec<String> = fresh.elements(set).map(str::to_string).collect();
        doc.replace_elements(set, &elements, clock);
    }
    for record in ["acceptance", "edge_attributes"] {
        let gone: Vec<String> = doc
            .entries(record)
            .filter(|(id, _)| fresh.entry(record, id).is_none())
            .map(|(id, _)| id.to_string())
            .collect();
        for id in gone {
            doc.set_entry(record, &id, "removed", true, clock);
        }
        for (id, entry) in fresh.entries(record) {
            let fields: Vec<(&str, Value)> = entry
                .regs
                .iter()
                .map(|(name, reg)| (name.as_str(), reg.value.clone()))
                .collect();
            if doc.entry(record, id).is_none() {
                doc.add_entry(record, id, at.clone(), &fields);
                continue;
            }
            for (name, value) in fields.into_iter().chain([("removed", Value::Null)]) {
                doc.set_entry(record, id, name, value, clock);
            }
        }
    }
    doc.body.write(fresh.body.text(), clock);
}

/// Reopens what was done above a new item. Returns the ids.
///
/// # Errors
/// If it cannot be written.
pub(super) fn reopen_above(tx: &mut Tx<'_>, uid: &Uid) -> Result<Vec<String>> {
    let mut above = vec![uid.clone()];
    let mut reopened = Vec::new();
    let mut at = 0;
    // A hierarchy with a cycle ends where it began.
    while let Some(item) = above.get(at).map(|uid| tx.state.item(uid).cloned()) {
        at += 1;
        let Some(item) = item.filter(|item| !item.deleted) else {
            continue;
        };
        if item.status.is_finished() && item.uid != *uid {
            reopen_in(tx, item.uid.as_str(), Some(NEW_WORK))?;
            reopened.push(tx.state.shown_id(&item));
        }
        let parents = item.parent().into_iter().chain(&item.epic);
        for parent in parents.filter_map(|parent| parent.uid.clone()) {
            if !above.contains(&parent) {
                above.push(parent);
            }
        }
    }
    Ok(reopened)
}

/// A new item without an id, which it gets when it is added.
pub(super) fn blank(kind: ItemKind, uid: &Uid, born: &str, title: &str) -> Doc {
    let mut doc = Doc::new(uid.clone(), kind.as_str(), born, origin(uid));
    doc.regs.remove("id");
    doc.put("title", title);
    doc.put("priority", 2);
    let status = match kind {
        ItemKind::Task => "queued",
        _ => "open",
    };
    doc.put("status", status);
    doc
}

/// Puts the fields of a planned task that follow from the task alone.
///
/// # Errors
/// If one of its paths is not valid.
pub(super) fn put_task(
    doc: &mut Doc,
    task: &Task,
    own: &[(&'static str, Value)],
    prd: &Item,
) -> Result<()> {
    let mut fields = task_fields(task);
    fields.extend_from_slice(own);
    let paths: Result<Vec<String>> = task.paths.iter().map(|path| check_path(path)).collect();
    fields.push(("paths", paths?.join("\n").into()));
    // The last one counts.
    let value = |name: &str| {
        let found = fields.iter().rev().find(|(known, _)| *known == name);
        found.map_or(Value::Null, |(_, value)| value.clone())
    };
    put_fields(doc, &value);
    doc.put("planned_from", prd.uid.as_str());
    Ok(())
}

/// Adds criteria in their order.
pub(super) fn put_criteria<'c>(
    doc: &mut Doc,
    key: &str,
    criteria: impl Iterator<Item = &'c Criterion>,
) {
    for (n, criterion) in criteria.enumerate() {
        let fields = [
            ("source_lines", lines_text(criterion.lines).into()),
            ("requirement", Value::from(criterion.requirement.clone())),
        ];
        put_criterion(doc, key, n, &criterion.text, &fields);
    }
}

/// Adds the dependency that an edge stands for.
pub(super) fn put_edge(doc: &mut Doc, on: &ItemRef, edge: &Edge) {
    let fields = [
        ("rule", edge.rule.as_str().into()),
        ("line", i64::from(edge.line).into()),
        ("reason", edge.reason.as_str().into()),
    ];
    put_wait(doc, on, edge.class == EdgeClass::Soft, &fields);
}
