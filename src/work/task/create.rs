//! Creating items: the fields of a new item, and its id.

use super::cycles::Cycles;
use super::edit::criterion;
use super::field_rules::{check_body, check_external_ref, check_fields, check_label, check_title};
use crate::coordinate::reserve::path_arguments;
use crate::error::Result;
use crate::graph::is_blocking;
use crate::model::doc::Doc;
use crate::model::id::{self, ItemKind};
use crate::model::item::Item;
use crate::model::stamp::rfc3339;
use crate::model::stop;
use crate::model::text::plain_title;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::store::index::Scan;
use crate::store::transaction::Tx;
use crate::work::new_item::{NewEdge, NewItem, texts};
use crate::work::task::hand_over;

/// The number of characters of a title in the first line of a commit message.
pub(crate) const SUBJECT_MAX: usize = 120;

impl Tasks<'_> {
    /// Creates an item.
    ///
    /// # Errors
    /// When a value is not valid for its field, or names a missing object.
    pub fn create(&self, kind: ItemKind, new: &NewItem) -> Result<ItemView> {
        let (pm, op) = (self.pm, format!("{kind} create"));
        hand_over::tell_unknown(pm, new.fields.assignee.as_deref())?;
        let made = pm.write(&op);
        let made = made.view(|tx| create_in(pm, tx, &mut Cycles::refused(), kind, new))?;
        note_same_title(pm, &made)?;
        Ok(made)
    }
}

/// Notes an open item that has the title of a new one, ignoring case and blanks.
fn note_same_title(pm: &Pm, made: &ItemView) -> Result<()> {
    let state = pm.store.snapshot()?;
    let is_other =
        |item: &Item| item.uid != made.uid && plain_title(&item.title) == plain_title(&made.title);
    if let Some(other) = state.scan(&Scan::Titled(&made.title), is_other, 1).first() {
        let (id, status) = (state.shown_id(other), other.status.word());
        pm.notice(format!("{id} has the same title, and is {status}"));
    }
    Ok(())
}

/// `Tasks::create` as part of a transaction.
pub(crate) fn create_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    cycles: &mut Cycles,
    kind: ItemKind,
    new: &NewItem,
) -> Result<Uid> {
    let uid = insert_item(pm, tx, cycles, kind, new)?;
    if !pm.store.is_main() {
        tx.edit(&uid, |doc, _| {
            doc.put("ephemeral", true);
            true
        })?;
    }
    let id = shown(tx, &uid);
    let title = crate::model::text::shorten(new.title.trim(), SUBJECT_MAX);
    tx.describe(&format!("{kind} create"), &[&id], &format!("{id}: {title}"));
    Ok(uid)
}

/// The id to show for an item of a transaction.
pub(crate) fn shown(tx: &Tx<'_>, uid: &Uid) -> String {
    tx.state
        .item(uid)
        .map_or_else(|| uid.to_string(), |item| tx.state.shown_id(item))
}

/// Stages a new item and returns its uid.
fn insert_item(
    pm: &Pm,
    tx: &mut Tx<'_>,
    cycles: &mut Cycles,
    kind: ItemKind,
    new: &NewItem,
) -> Result<Uid> {
    let title = check_title(&new.title)?;
    let given = &new.fields;
    let body = given.body.as_deref().unwrap_or_default();
    check_body(body)?;
    let uid = tx.new_uid()?;
    let parent = match given.parent.as_deref().filter(|id| !id.is_empty()) {
        Some(parent) => Some(tx.state.find(parent)?.clone()),
        None => None,
    };
    let born = match kind {
        ItemKind::Issue => {
            let parent = parent.as_ref().map(|p| p.id.as_str());
            let taken = |id: &str| !tx.state.named(id).is_empty();
            let free = tx.state.free_hash_id(&uid, parent, taken);
            free.unwrap_or_default()
        }
        _ => id::sequential(kind, tx.state.next_number(kind)),
    };
    let birth = tx.fresh_stamp();
    let mut doc = Doc::new(uid.clone(), kind.as_str(), &born, birth.clone());
    doc.put("title", title);
    let status = if kind == ItemKind::Task {
        "queued"
    } else {
        "open"
    };
    doc.put("status", status);
    doc.put("priority", 2);
    doc.put("created_at", rfc3339(tx.clock().wall_ms()));
    doc.put("created_by", tx.actor());
    match kind {
        ItemKind::Task => doc.put("type", "feature"),
        ItemKind::Issue => doc.put("type", "task"),
        ItemKind::Epic | ItemKind::Prd => {}
    }
    for label in listed(&given.labels) {
        doc.put_element("labels", &check_label(label)?);
    }
    let paths: Vec<String> = listed(&given.paths).cloned().collect();
    for path in path_arguments::patterns(pm, &paths)? {
        doc.put_element("paths", path.text());
    }
    for (n, text) in listed(&given.acceptance).enumerate() {
        let id = tx.new_entry_id()?;
        doc.add_entry("acceptance", &id, birth.clone(), &criterion(text, n)?);
    }
    for target in listed(&given.depends_on) {
        let target = tx.state.find(target)?.reference();
        doc.put_element("depends_on", &target.to_string());
    }
    if let Some(parent) = &parent {
        doc.put_element("edges", &format!("parent-child {}", parent.reference()));
    }
    for text in listed(&given.external_refs) {
        doc.put_element("external_refs", &check_external_ref(text)?);
    }
    let edges = new_edges(tx, &mut doc, &new.edges)?;
    for (name, value) in check_fields(pm, &tx.state, kind, given)? {
        doc.regs.remove(name);
        doc.put(name, value);
    }
    // The parts of a template are only copied, too.
    if parent.as_ref().is_some_and(|parent| parent.issue.template) && kind == ItemKind::Issue {
        doc.put("template", true);
    }
    if tx.agent().is_none() && doc.text("defer_until").is_some() {
        let by = tx.actor().to_string();
        stop::note_deferral(&mut doc, Some(by), tx.clock());
    }
    if let Some(gate) = &new.gate {
        doc.put("await_type", gate.await_type.as_str());
        doc.put("await_id", Value::from(gate.await_id.as_deref()));
        let ns = gate
            .timeout_ms
            .and_then(|ms| i64::try_from(ms).ok()?.checked_mul(1_000_000));
        doc.put("timeout_ns", Value::from(ns));
    }
    doc.put_body(body);
    tx.insert(doc)?;
    // Nothing waits for a new item, but an item may wait for its parent.
    if parent.is_some() {
        for target in listed(&given.depends_on) {
            cycles.checked_target(&tx.state, &uid, target)?;
        }
    }
    for (kind, target) in edges {
        if is_blocking(&kind) && parent.is_some() {
            cycles.require_acyclic(&tx.state, &uid, &target)?;
        }
        if kind == "parent-child"
            && let Some(item) = tx.state.item(&uid).cloned()
        {
            cycles.require_no_ancestor(&tx.state, &item, &target)?;
        }
    }
    Ok(uid)
}

/// The texts of a list, if it is given.
fn listed(list: &Option<Vec<String>>) -> impl Iterator<Item = &String> {
    texts(list.as_deref().unwrap_or_default())
}

/// Adds typed edges to a new document. Returns them with their targets.
fn new_edges(tx: &Tx<'_>, doc: &mut Doc, edges: &[NewEdge]) -> Result<Vec<(String, Item)>> {
    let mut out = Vec::new();
    for edge in edges {
        let kind = super::deps::edge_type(&tx.state, &edge.kind, false)?;
        let target = tx.state.find(&edge.target)?.clone();
        let reference = target.reference().to_string();
        if kind == "blocks" {
            doc.put_element("depends_on", &reference);
        } else {
            doc.put_element("edges", &format!("{kind} {reference}"));
        }
        out.push((kind, target));
    }
    Ok(out)
}
