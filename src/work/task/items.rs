//! Making and changing items: the fields, without their states.

use super::cycles::Cycles;
use super::field_rules::{
    check_body, check_external_ref, check_fields, check_label, check_path, check_title,
};
use super::transition::note_deferral;
use crate::error::{Error, Result};
use crate::graph::is_blocking;
use crate::model::doc::Doc;
use crate::model::id::{self, ItemKind};
use crate::model::item::Item;
use crate::model::settings::SyncMode;
use crate::model::stamp::{Clock, rfc3339};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::model::{long_texts, stop};
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::store::transaction::Tx;
use crate::work::new_item::{ItemEdit, NewItem};

/// The most of a title that goes into the first line of a commit's message, in characters.
pub(crate) const SUBJECT_MAX: usize = 120;

impl Tasks<'_> {
    /// Makes an item.
    ///
    /// # Errors
    /// When a field has a value it cannot have, or names what is not there.
    pub fn create(&self, kind: ItemKind, new: &NewItem) -> Result<ItemView> {
        self.pm.mutate(&format!("{kind} create"), |tx| {
            self.pm.create_in(tx, &mut Cycles::refused(), kind, new)
        })
    }

    /// Changes fields of an item.
    ///
    /// # Errors
    /// When there is no such item, it changed since the caller looked (`--if-version`), or a field
    /// has a value it cannot have.
    pub fn edit(&self, id: &str, edit: &ItemEdit) -> Result<ItemView> {
        self.pm.mutate("task edit", |tx| {
            self.pm.edit_in(tx, &mut Cycles::refused(), id, edit)
        })
    }

    /// Adds a comment to an item. It is meant for others, so it goes to the remote at once where it
    /// may; what keeps it here is told.
    ///
    /// # Errors
    /// When there is no such item, or the text is empty or too large.
    pub fn comment(&self, id: &str, text: &str) -> Result<ItemView> {
        let stage = |tx: &mut Tx<'_>| self.pm.comment_in(tx, id, text);
        let compare = |tx: &Tx<'_>, uid: &Uid| self.pm.compare_before(tx, uid);
        let uid = self.pm.mutate_unsent("task comment", stage, compare)?;
        if self.pm.sync_mode() == SyncMode::Always {
            self.pm.try_sync();
        }
        self.pm.send()?;
        self.pm.tell_ended();
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        self.pm.full_view(&state, &uid)
    }

    /// Ticks acceptance criteria, counted from 1.
    ///
    /// # Errors
    /// When there is no such item or criterion.
    pub fn accept(
        &self,
        id: Option<&str>,
        numbers: &[usize],
        all: bool,
        evidence: Option<&str>,
    ) -> Result<ItemView> {
        self.pm.mutate("task accept", |tx| {
            self.pm.accept_in(tx, id, numbers, all, evidence)
        })
    }
}

impl Pm {
    /// `Tasks::create` as part of a transaction.
    pub(crate) fn create_in(
        &self,
        tx: &mut Tx<'_>,
        cycles: &mut Cycles,
        kind: ItemKind,
        new: &NewItem,
    ) -> Result<Uid> {
        let uid = insert_item(tx, cycles, kind, new, self.now_ms())?;
        if !self.store.is_main() {
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

    /// `Tasks::edit` as part of a transaction.
    pub(crate) fn edit_in(
        &self,
        tx: &mut Tx<'_>,
        cycles: &mut Cycles,
        id: &str,
        edit: &ItemEdit,
    ) -> Result<Uid> {
        let item = tx.state.find(id)?.clone();
        let (uid, op) = (item.uid.clone(), format!("{} edit", item.kind));
        change_item(tx, cycles, &uid, edit, self.now_ms())?;
        if edit.fields.defer.is_some() {
            note_deferral(tx, &uid)?;
        }
        let id = shown(tx, &uid);
        tx.describe(&op, &[&id], &format!("{id}: {}", edited(edit)));
        Ok(uid)
    }

    /// `Tasks::comment` as part of a transaction.
    pub(crate) fn comment_in(&self, tx: &mut Tx<'_>, id: &str, text: &str) -> Result<Uid> {
        if text.trim().is_empty() {
            return Err(Error::usage("a comment needs a text")
                .hint("`git pm task comment ID TEXT`, or `-` to read it from standard input"));
        }
        check_body(text)?;
        let item = tx.state.find(id)?.clone();
        let birth = tx.fresh_stamp();
        let mut doc = Doc::new(tx.new_uid()?, "comment", "", birth.clone());
        doc.put("item", item.reference().to_string());
        doc.put("author", tx.actor());
        if let Some(agent) = tx.agent() {
            doc.put("agent", agent);
        }
        doc.put("created_at", rfc3339(tx.clock().wall_ms()));
        doc.put_body(text);
        tx.insert(doc)?;
        let id = tx.state.shown_id(&item);
        tx.describe(
            &format!("{} comment", item.kind),
            &[&id],
            &format!("on {id}"),
        );
        Ok(item.uid)
    }

    /// `Tasks::accept` as part of a transaction.
    pub(crate) fn accept_in(
        &self,
        tx: &mut Tx<'_>,
        id: Option<&str>,
        numbers: &[usize],
        all: bool,
        evidence: Option<&str>,
    ) -> Result<Uid> {
        if !all && numbers.is_empty() {
            return Err(
                Error::usage("say which criteria hold: their numbers, or `--all`")
                    .hint("`git pm show ID` lists them with numbers"),
            );
        }
        let uid = self.named_or_here(&tx.state, id)?;
        let Some(item) = tx.state.item(&uid).cloned() else {
            return Err(Error::not_found("there is no such item"));
        };
        let id = tx.state.shown_id(&item);
        let count = item.acceptance.len();
        if let Some(bad) = numbers.iter().find(|n| **n == 0 || **n > count) {
            let message = format!("{id} has {count} acceptance criteria, there is no number {bad}");
            return Err(Error::not_found(message).hint(format!("`git pm show {id}` lists them")));
        }
        let chosen = item
            .acceptance
            .iter()
            .enumerate()
            .filter(|(n, _)| all || numbers.contains(&(n + 1)));
        let mut ticked = Vec::new();
        for (n, criterion) in chosen {
            let actor = tx.actor().to_string();
            let changed = tx.edit(&uid, |doc, clock| {
                let mut changed = doc.set_entry("acceptance", &criterion.id, "done", true, clock);
                if changed {
                    doc.set_entry("acceptance", &criterion.id, "by", actor, clock);
                }
                if let Some(evidence) = evidence {
                    changed |=
                        doc.set_entry("acceptance", &criterion.id, "evidence", evidence, clock);
                }
                changed
            })?;
            if changed {
                ticked.push((n + 1).to_string());
            }
        }
        tx.describe(
            "task accept",
            &[&id],
            &format!("{id}: {}", ticked.join(", ")),
        );
        Ok(uid)
    }
}

/// The id to show for an item of a transaction.
pub(crate) fn shown(tx: &Tx<'_>, uid: &Uid) -> String {
    tx.state
        .item(uid)
        .map_or_else(|| uid.to_string(), |item| tx.state.shown_id(item))
}

/// Stages a new item and returns its uid.
pub(crate) fn insert_item(
    tx: &mut Tx<'_>,
    cycles: &mut Cycles,
    kind: ItemKind,
    new: &NewItem,
    now_ms: u64,
) -> Result<Uid> {
    let title = check_title(&new.title)?;
    check_body(&new.body)?;
    let uid = tx.new_uid()?;
    let parent = match &new.parent {
        Some(parent) => Some(tx.state.find(parent)?.clone()),
        None => None,
    };
    let born = match kind {
        ItemKind::Issue => new_hash_id(tx, &uid, parent.as_ref().map(|p| p.id.as_str())),
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
    for label in &new.labels {
        doc.put_element("labels", &check_label(label)?);
    }
    for path in &new.paths {
        doc.put_element("paths", &check_path(path)?);
    }
    for (n, text) in new.acceptance.iter().enumerate() {
        let id = tx.new_entry_id()?;
        doc.add_entry("acceptance", &id, birth.clone(), &criterion(text, n)?);
    }
    for target in &new.depends_on {
        let target = tx.state.find(target)?.reference();
        doc.put_element("depends_on", &target.to_string());
    }
    if let Some(parent) = &parent {
        doc.put_element("edges", &format!("parent-child {}", parent.reference()));
    }
    for text in &new.external_refs {
        doc.put_element("external_refs", &check_external_ref(text)?);
    }
    let edges = new_edges(tx, &mut doc, &new.edges)?;
    for (name, value) in check_fields(&tx.state, kind, &new.fields, now_ms)? {
        doc.regs.remove(name);
        doc.put(name, value);
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
    doc.put_body(&new.body);
    tx.insert(doc)?;
    // Nothing waits for a new item, but something may wait for the whole that it is a part of.
    if new.parent.is_some() {
        for target in &new.depends_on {
            cycles.checked_target(&tx.state, &uid, target)?;
        }
    }
    for (kind, target) in edges {
        if is_blocking(&kind) && new.parent.is_some() {
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

/// Puts typed edges into a new document. Returns them with their targets.
fn new_edges(
    tx: &Tx<'_>,
    doc: &mut Doc,
    edges: &[(String, String)],
) -> Result<Vec<(String, Item)>> {
    let mut out = Vec::new();
    for (kind, target) in edges {
        let kind = super::deps::edge_type(&tx.state, kind, false)?;
        let target = tx.state.find(target)?.clone();
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

/// A free hash id: a child's counts up below its parent.
fn new_hash_id(tx: &Tx<'_>, uid: &Uid, parent: Option<&str>) -> String {
    let taken = |id: &str| !tx.state.named(id).is_empty();
    if let Some(parent) = parent {
        return (1u32..)
            .map(|n| format!("{parent}.{n}"))
            .find(|id| !taken(id))
            .unwrap_or_default();
    }
    let length = id::hash_length(tx.state.count_about());
    let prefix = tx.state.repository.issue_prefix().to_string();
    (0u32..)
        .map(|nonce| id::hash_id(&prefix, uid, nonce, length + (nonce / 10) as usize))
        .find(|id| !taken(id))
        .unwrap_or_default()
}

fn criterion(text: &str, order: usize) -> Result<[(&'static str, Value); 2]> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::usage("an acceptance criterion needs a text")
            .hint("`--accept \"what has to hold\"`"));
    }
    let order = i64::try_from((order + 1) * 1000).unwrap_or(i64::MAX);
    Ok([("text", Value::from(text)), ("order", Value::Int(order))])
}

fn change_item(
    tx: &mut Tx<'_>,
    cycles: &mut Cycles,
    uid: &Uid,
    edit: &ItemEdit,
    now_ms: u64,
) -> Result<()> {
    let kind = tx.state.item(uid).map_or(ItemKind::Task, |item| item.kind);
    let title = edit.title.as_deref().map(check_title).transpose()?;
    if let Some(body) = &edit.body {
        check_body(body)?;
    }
    let fields = check_fields(&tx.state, kind, &edit.fields, now_ms)?;
    let each = |list: &Option<Vec<String>>, check: fn(&str) -> Result<String>| match list {
        Some(list) => list
            .iter()
            .map(|x| check(x))
            .collect::<Result<Vec<_>>>()
            .map(Some),
        None => Ok(None),
    };
    let labels = each(&edit.labels, check_label)?;
    let paths = each(&edit.paths, check_path)?;
    let external_refs = each(&edit.external_refs, check_external_ref)?;
    let depends_on = match &edit.depends_on {
        Some(ids) => {
            let mut refs = Vec::new();
            for target in ids {
                refs.push(cycles.checked_target(&tx.state, uid, target)?.to_string());
            }
            Some(refs)
        }
        None => None,
    };
    let parent = match edit.parent.as_deref() {
        None => None,
        Some("") => Some(None),
        Some(id) => {
            let parent = tx.state.find(id)?.clone();
            if let Some(item) = tx.state.item(uid) {
                cycles.require_no_ancestor(&tx.state, item, &parent)?;
            }
            Some(Some(format!("parent-child {}", parent.reference())))
        }
    };
    let criteria = match &edit.acceptance {
        Some(texts) => {
            let mut list = Vec::new();
            for (n, text) in texts.iter().enumerate() {
                list.push((tx.new_entry_id()?, criterion(text, n)?));
            }
            Some((list, tx.fresh_stamp()))
        }
        None => None,
    };
    let mut add = Vec::new();
    for label in &edit.add_labels {
        add.push(check_label(label)?);
    }
    tx.edit(uid, |doc, clock| {
        let mut changed = false;
        if let Some(title) = title {
            changed |= doc.set("title", title, clock);
        }
        if let Some(body) = &edit.body {
            changed |= doc.body.write_over_shown(body, clock);
        }
        for (name, value) in fields {
            changed |= long_texts::set(doc, name, value, clock);
        }
        for (set, list) in [
            ("labels", &labels),
            ("paths", &paths),
            ("depends_on", &depends_on),
            ("external_refs", &external_refs),
        ] {
            if let Some(list) = list {
                changed |= doc.replace_elements(set, list, clock);
            }
        }
        if let Some(parent) = &parent {
            changed |= replace_parent(doc, parent.as_deref(), clock);
        }
        for label in &add {
            changed |= doc.set_element("labels", label, true, clock);
        }
        for label in &edit.remove_labels {
            changed |= doc.set_element("labels", label, false, clock);
        }
        if let Some((list, at)) = &criteria {
            changed |= replace_criteria(doc, list, at, clock);
        }
        changed
    })?;
    Ok(())
}

/// Makes `parent` the only parent.
fn replace_parent(doc: &mut Doc, parent: Option<&str>, clock: &Clock) -> bool {
    let old: Vec<String> = doc
        .elements("edges")
        .filter(|e| e.starts_with("parent-child ") && Some(*e) != parent)
        .map(str::to_string)
        .collect();
    let mut changed = false;
    for edge in old {
        changed |= doc.set_element("edges", &edge, false, clock);
    }
    if let Some(parent) = parent {
        changed |= doc.set_element("edges", parent, true, clock);
    }
    changed
}

/// Makes the criteria exactly `list`; one whose text stays the same stays itself, tick and all.
fn replace_criteria(
    doc: &mut Doc,
    list: &[(String, [(&'static str, Value); 2])],
    at: &crate::model::stamp::Stamp,
    clock: &Clock,
) -> bool {
    let mut present: Vec<(String, String)> = doc
        .entries("acceptance")
        .map(|(id, e)| {
            (
                id.to_string(),
                e.text("text").unwrap_or_default().to_string(),
            )
        })
        .collect();
    let mut changed = false;
    for (new_id, fields) in list {
        let text = fields[0].1.as_str().unwrap_or_default();
        match present.iter().position(|(_, t)| t == text) {
            Some(n) => {
                let (id, _) = present.remove(n);
                changed |= doc.set_entry("acceptance", &id, "order", fields[1].1.clone(), clock);
            }
            None => {
                doc.add_entry("acceptance", new_id, at.clone(), fields);
                changed = true;
            }
        }
    }
    for (id, _) in present {
        changed |= doc.set_entry("acceptance", &id, "removed", true, clock);
    }
    changed
}

/// The words of a commit message for an edit.
fn edited(edit: &ItemEdit) -> String {
    let f = &edit.fields;
    let named = [
        ("title", edit.title.is_some()),
        ("body", edit.body.is_some()),
        ("acceptance", edit.acceptance.is_some()),
        ("paths", edit.paths.is_some()),
        ("dependencies", edit.depends_on.is_some()),
        (
            "labels",
            edit.labels.is_some() || !edit.add_labels.is_empty() || !edit.remove_labels.is_empty(),
        ),
        ("type", f.item_type.is_some()),
        ("priority", f.priority.is_some()),
        ("assignee", f.assignee.is_some()),
        ("estimate", f.estimate.is_some()),
        ("risk", f.risk.is_some()),
        ("validation", f.validation.is_some()),
        ("stream", f.stream.is_some()),
        ("epic", f.epic.is_some()),
        ("auto policy", f.auto_policy.is_some()),
        ("design", f.design.is_some()),
        ("acceptance", f.acceptance_criteria.is_some()),
        ("notes", f.notes.is_some()),
        ("spec", f.spec_id.is_some()),
        ("minutes", f.estimated_minutes.is_some()),
        ("due", f.due.is_some()),
        ("put off", f.defer.is_some()),
        ("metadata", f.metadata.is_some()),
        ("pinned", f.pinned.is_some()),
        ("template", f.template.is_some()),
        ("outside", edit.external_refs.is_some()),
        ("parent", edit.parent.is_some()),
    ];
    let words: Vec<&str> = named
        .iter()
        .filter(|(_, on)| *on)
        .map(|(w, _)| *w)
        .collect();
    if words.is_empty() {
        "nothing".into()
    } else {
        words.join(", ")
    }
}
