//! An existing item as the fields of an issue, and its change to the values of that issue.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::RemoteIssue;
use super::mirror::Mirror;
use super::three_way::{
    ASSIGNEE, BLOCKED_BY, BODY, COMPLETED, Fields, LABELS, MILESTONE, NOT_PLANNED, OPEN, PARENT,
    STATE, TITLE, TYPE, body, numbers, numbers_of, text, texts, texts_of,
};
use crate::bridge::project::foreign_words::type_of_labels;
use crate::coordinate::gate::forge_rule::ForgeRule;
use crate::error::{Error, Result};
use crate::model::doc::{Doc, Reg};
use crate::model::id::ItemKind;
use crate::model::imported::is_of_record;
use crate::model::item::Item;
use crate::model::stamp::{parse_rfc3339, rfc3339};
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::transaction::Tx;
use crate::work::issue::close::end_in;
use crate::work::task::cycles::Cycles;
use crate::work::task::deps::{dep_add_in, dep_remove_in};
use crate::work::task::field_rules::{check_body, check_title};
use crate::work::task::status_verbs::{cancel_in, done_in, reopen_in};

/// The beginning of the label that stands for a milestone.
pub(super) const MILESTONE_LABEL: &str = "milestone:";

/// The numbers of the mirrored items, and what else an item is read with.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) rule: ForgeRule,
    /// The types that an issue can have there.
    pub(super) types: Vec<String>,
    /// The comments that are there, by their ids.
    pub(super) comments: BTreeMap<u64, Uid>,
    /// The issue of each mirrored item: its number.
    pub(super) numbers: BTreeMap<Uid, u64>,
    /// The item of each number, and the issue's id in the forge's database.
    pub(super) items: BTreeMap<u64, (Uid, u64)>,
}

impl Known {
    pub(super) fn learn(&mut self, uid: &Uid, number: u64, id: u64) {
        self.numbers.insert(uid.clone(), number);
        self.items.insert(number, (uid.clone(), id));
    }

    /// Learns that of an item, if it has an issue.
    pub(super) fn learn_mirror(&mut self, uid: &Uid, mirror: &Mirror) {
        if let (Some(number), Some(id)) = (mirror.number, mirror.id) {
            self.learn(uid, number, id);
        }
    }
}

/// An item as the fields of an issue; `base` is what both sides last agreed on. A field for which there is no
/// place on one side is missing.
pub(super) fn here(known: &Known, doc: &Doc, item: &Item, base: &Fields) -> Fields {
    let mut out = Fields::new();
    let mut put = |name: &str, value: Json| drop(out.insert(name.to_string(), value));
    put(TITLE, item.title.as_str().into());
    if !doc.body.is_conflicted() {
        put(BODY, body(doc.body.text()));
    }
    let was = text(base, STATE);
    let status = match (&item.status, was) {
        (status, _) if !item.deleted && !status.is_closed() => OPEN,
        // The reason of a closing is not changed afterwards.
        (_, Some(was)) if was != OPEN => was,
        (Status::Cancelled, _) => NOT_PLANNED,
        _ if item.deleted => NOT_PLANNED,
        _ => COMPLETED,
    };
    put(STATE, status.into());
    let mut labels = item.labels.iter().map(String::as_str);
    let is_plain = |label: &&str| !label.starts_with(MILESTONE_LABEL);
    put(LABELS, texts(labels.clone().filter(is_plain)));
    let milestone = labels.find_map(|label| label.strip_prefix(MILESTONE_LABEL));
    put(MILESTONE, milestone.into());
    let was = text(base, ASSIGNEE);
    match item.assignee.as_deref() {
        None => put(ASSIGNEE, Json::Null),
        Some(actor) if was.is_some_and(|was| known.rule.actor_of(was) == actor) => {
            put(ASSIGNEE, was.into())
        }
        Some(actor) => {
            if let Some(login) = known.rule.login_of(actor) {
                put(ASSIGNEE, login.into());
            }
        }
    }
    // The type that everything has by default, or that the labels say, says nothing.
    let default = default_type(item.kind);
    let kind = item.item_type.to_lowercase();
    let labelled = type_of_labels(item.labels.iter().map(String::as_str));
    if (kind == default || labelled == Some(kind.as_str())) && base.get(TYPE) == Some(&Json::Null) {
        put(TYPE, Json::Null);
    } else if known.types.contains(&kind) {
        put(TYPE, kind.into());
    }
    let above = item.epic.as_ref().or_else(|| item.parent());
    match above.map(|above| above.uid.as_ref().and_then(|uid| known.numbers.get(uid))) {
        None => put(PARENT, Json::Null),
        Some(Some(number)) => put(PARENT, (*number).into()),
        Some(None) => {}
    }
    let waits = item.depends_on.iter().filter(|one| !one.soft);
    let waits = waits.filter_map(|one| known.numbers.get(one.target.uid.as_ref()?));
    put(BLOCKED_BY, numbers(waits.copied()));
    out
}

/// The type of an item that has none of its own.
pub(super) fn default_type(kind: ItemKind) -> &'static str {
    if kind == ItemKind::Issue {
        "task"
    } else {
        "feature"
    }
}

/// The value of a field, to be shown beside the forge's.
pub(super) fn value_here(doc: &Doc, item: &Item, field: &str) -> Json {
    match field {
        TITLE => item.title.as_str().into(),
        BODY => body(doc.body.text()),
        STATE => item.status.as_str().into(),
        ASSIGNEE => item.assignee.as_deref().into(),
        TYPE => item.item_type.as_str().into(),
        PARENT => {
            let above = item.epic.as_ref().or_else(|| item.parent());
            above.map(|above| above.shown()).into()
        }
        _ => Json::Null,
    }
}

/// Changes one field of an item to the value of its issue.
///
/// # Errors
/// When a rule of the project forbids it, such as a cycle of dependencies.
pub(super) fn apply(
    pm: &Pm,
    tx: &mut Tx<'_>,
    known: &Known,
    uid: &Uid,
    (field, value): (&str, &Json),
    at: &str,
) -> Result<()> {
    let missing = || Error::not_found("the item cannot be read");
    let item = tx.state.item(uid).ok_or_else(missing)?.clone();
    let text = value.as_str().unwrap_or_default();
    match field {
        TITLE => {
            let title = check_title(text)?;
            tx.edit(uid, |doc, clock| doc.set("title", title, clock))?;
        }
        BODY => {
            check_body(text)?;
            tx.edit(uid, |doc, clock| doc.body.write_over_shown(text, clock))?;
        }
        STATE => set_state(pm, tx, &item, text, at)?,
        LABELS | MILESTONE => {
            let wanted: Vec<String> = match field {
                LABELS => texts_of(Some(value)).map(str::to_string).collect(),
                _ => Vec::from_iter(
                    value
                        .as_str()
                        .map(|name| format!("{MILESTONE_LABEL}{name}")),
                ),
            };
            tx.edit(uid, |doc, clock| {
                let is_kept = |one: &&str| one.starts_with(MILESTONE_LABEL) == (field == LABELS);
                let kept = doc.elements("labels").filter(is_kept);
                let all: Vec<String> = kept.map(str::to_string).chain(wanted).collect();
                doc.replace_elements("labels", &all, clock)
            })?;
        }
        ASSIGNEE => {
            let actor = value.as_str().map(|login| known.rule.actor_of(login));
            tx.edit(uid, |doc, clock| {
                doc.set("assignee", Value::from(actor), clock)
            })?;
        }
        TYPE => {
            // Without a type an item has its default one.
            let kind = value.as_str().unwrap_or(default_type(item.kind));
            tx.edit(uid, |doc, clock| doc.set("type", kind, clock))?;
        }
        PARENT => set_parent(tx, known, &item, value.as_u64())?,
        BLOCKED_BY => set_blockers(tx, known, &item, &numbers_of(Some(value)))?,
        _ => {}
    }
    Ok(())
}

/// Closes or reopens an item; `at` says where that was decided.
fn set_state(pm: &Pm, tx: &mut Tx<'_>, item: &Item, state: &str, at: &str) -> Result<()> {
    let is_closed = item.status.is_closed();
    match (state, is_closed) {
        (OPEN, true) => {
            reopen_in(tx, item.uid.as_str(), Some(&format!("reopened at {at}"))).map(drop)
        }
        (OPEN, false) if item.deleted => Err(Error::refused("the item was deleted")),
        (OPEN, false) => Ok(()),
        (_, true) => Ok(()),
        (state, false) => {
            let reason = format!("closed at {at}");
            let how = (Some(reason.as_str()), true);
            match (state, item.kind) {
                (NOT_PLANNED, _) => cancel_in(pm, tx, item, false, how, &[]),
                (_, ItemKind::Task) => done_in(pm, tx, item, false, how, &[]),
                _ => end_in(pm, tx, item, false, how, None),
            }
        }
    }
}

/// Gives an item that was closed there the time of that, unless it was started here since.
pub(super) fn date_closing(
    tx: &mut Tx<'_>,
    uid: &Uid,
    before: &Item,
    issue: &RemoteIssue,
) -> Result<()> {
    let moment = issue.closed_at.as_deref().and_then(parse_rfc3339);
    let Some(closed) = moment.map(rfc3339).filter(|_| !before.status.is_closed()) else {
        return Ok(());
    };
    tx.edit(uid, |doc, clock| {
        let is_after = doc
            .text("started_at")
            .is_none_or(|at| at <= closed.as_str());
        let has_time = doc.text("closed_at").is_some();
        is_after && has_time && doc.set("closed_at", closed.as_str(), clock)
    })?;
    Ok(())
}

/// Gives an item whose type is what its labels said, or the usual one, the type that they say now, unless it was set
/// here. This is no such setting either: the type can follow the labels again.
pub(super) fn take_type_back(tx: &mut Tx<'_>, uid: &Uid, before: &Item) -> Result<()> {
    let said = |item: &Item| {
        let labelled = type_of_labels(item.labels.iter().map(String::as_str));
        labelled.unwrap_or(default_type(item.kind))
    };
    let now = tx.state.item(uid).map(said);
    let Some(kind) = now.filter(|now| before.item_type == said(before) && *now != said(before))
    else {
        return Ok(());
    };
    tx.edit(uid, |doc, _| {
        let given = doc.regs.get("type").map(|given| given.stamp.clone());
        let Some(given) = given.filter(is_of_record) else {
            return false;
        };
        let reg = Reg {
            stamp: given.next(&given.replica),
            value: kind.into(),
        };
        doc.regs.insert("type".to_string(), reg);
        true
    })?;
    Ok(())
}

fn set_parent(tx: &mut Tx<'_>, known: &Known, item: &Item, number: Option<u64>) -> Result<()> {
    let missing = || Error::not_found("the issue that it is a part of has no item here");
    let above = number.map(|number| known.items.get(&number).ok_or_else(missing));
    let wanted = above.transpose()?;
    let wanted = wanted.and_then(|(uid, _)| tx.state.item(uid).cloned());
    if let Some(old) = item.parent() {
        let edge = format!("parent-child {old}");
        tx.edit(&item.uid, |doc, clock| {
            doc.set_element("edges", &edge, false, clock)
        })?;
    }
    let is_epic = |one: &Item| one.kind == ItemKind::Epic && item.kind == ItemKind::Task;
    let epic = wanted.as_ref().filter(|one| is_epic(one));
    let reference = epic.map_or(Value::Null, |epic| epic.reference().to_string().into());
    tx.edit(&item.uid, |doc, clock| doc.set("epic", reference, clock))?;
    if let Some(parent) = wanted.filter(|one| !is_epic(one)) {
        let (uid, parent) = (item.uid.as_str(), parent.uid.as_str());
        let cycles = &mut Cycles::refused();
        dep_add_in(tx, cycles, uid, parent, "parent-child", false)?;
    }
    Ok(())
}

fn set_blockers(tx: &mut Tx<'_>, known: &Known, item: &Item, wanted: &BTreeSet<u64>) -> Result<()> {
    let of = |uid: Option<&Uid>| uid.and_then(|uid| known.numbers.get(uid)).copied();
    let present: BTreeSet<u64> = (item.depends_on.iter())
        .filter(|one| !one.soft)
        .filter_map(|one| of(one.target.uid.as_ref()))
        .collect();
    for number in wanted.symmetric_difference(&present) {
        let missing = || Error::not_found("an issue that it waits for has no item here");
        let (on, _) = known.items.get(number).ok_or_else(missing)?;
        let (uid, on, cycles) = (item.uid.as_str(), on.as_str(), &mut Cycles::refused());
        match wanted.contains(number) {
            true => dep_add_in(tx, cycles, uid, on, "blocks", false)?,
            false => dep_remove_in(tx, uid, on, "blocks")?,
        };
    }
    Ok(())
}
