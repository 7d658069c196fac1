//! The items that a plan becomes: its epic, milestones and tasks, with the uids and birth ids that follow
//! from the plan.

use std::collections::BTreeMap;

use super::create_items::{blank, lines, make, put_criteria, put_wait};
use super::draft::Milestone;
use super::plan_types::{Plan, Planned};
use super::record::word;
use crate::error::Result;
use crate::model::id::{ItemKind, ItemRef};
use crate::model::issue_fields::Gate;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::transaction::Tx;
use crate::work::task::field_rules::check_path;

impl Pm {
    /// The epic of a plan, created if necessary.
    pub(super) fn epic_in(&self, tx: &mut Tx<'_>, plan: &Plan, prd: &Item) -> Result<ItemRef> {
        // An epic that existed before and was broken down.
        if let Some(epic) = &plan.epic
            && let Some(item) = epic.uid.as_ref().and_then(|uid| tx.state.item(uid))
            && !item.deleted
        {
            return Ok(item.reference());
        }
        let uid = uid_of(plan, "epic");
        let born = born(prd, "epic");
        let reference = ItemRef::to(&born, &uid);
        let mut doc = blank(tx, ItemKind::Epic, &uid, &born, &plan.title);
        doc.put("planned_from", prd.uid.as_str());
        doc.put_element("edges", &format!("parent-child {}", prd.reference()));
        doc.put("branch_pattern", Value::from(plan.branches.clone()));
        doc.put_body(&epic_text(plan));
        make(tx, doc)?;
        Ok(reference)
    }

    /// A milestone: an epic of that type in the plan's epic, with its outcomes as acceptance.
    pub(super) fn milestone_in(
        &self,
        tx: &mut Tx<'_>,
        plan: &Plan,
        prd: &Item,
        milestone: &Milestone,
        epic: &ItemRef,
    ) -> Result<ItemRef> {
        let name = format!("milestone.{}", milestone.key);
        let uid = uid_of(plan, &name);
        let born = born(prd, &milestone.key);
        let reference = ItemRef::to(&born, &uid);
        let mut doc = blank(tx, ItemKind::Epic, &uid, &born, &milestone.title);
        doc.put("type", "milestone");
        doc.put("planned_from", prd.uid.as_str());
        doc.put("source_lines", lines(milestone.lines));
        doc.put_element("edges", &format!("parent-child {epic}"));
        let at = doc.birth.clone();
        let all = milestone.deliverables.iter().chain(&milestone.success);
        put_criteria(&mut doc, &milestone.key, all, &at);
        doc.put_body(milestone.goal.as_deref().unwrap_or_default());
        make(tx, doc)?;
        Ok(reference)
    }

    /// Creates a task of a plan. Returns its id.
    pub(super) fn task_in(
        &self,
        tx: &mut Tx<'_>,
        plan: &Plan,
        prd: &Item,
        planned: &Planned,
        place: &Place<'_>,
        made: &BTreeMap<String, ItemRef>,
    ) -> Result<String> {
        let task = &planned.task;
        let uid = uid_of(plan, &task.key);
        let mut doc = blank(tx, ItemKind::Task, &uid, &born(prd, &task.key), &task.title);
        for (name, value) in [
            ("type", word(task.item_type)),
            ("estimate", word(task.estimate)),
            ("risk", word(task.risk)),
            ("validation", word(task.validation)),
            ("auto_policy", word(task.auto_policy)),
        ] {
            doc.regs.remove(name);
            doc.put(name, value);
        }
        if task.auto_policy == super::draft::AutoPolicy::None {
            // The default: whoever starts a run decides. Only a task's own `none` forbids it.
            doc.regs.remove("auto_policy");
        }
        doc.put("stream", task.stream.as_str());
        doc.put("epic", place.epic.to_string());
        doc.put("planned_from", prd.uid.as_str());
        doc.put("source_lines", lines(task.lines));
        doc.put("requirement", Value::from(task.requirement.clone()));
        doc.put("points", Value::from(task.points.map(i64::from)));
        if let Some(priority) = task.priority {
            doc.regs.remove("priority");
            doc.put("priority", priority);
        }
        doc.put("story", Value::from(task.story.clone()));
        let minutes = i64::from(task.hours) * 60;
        doc.put("estimated_minutes", minutes);
        for path in &task.paths {
            doc.put_element("paths", &check_path(path)?);
        }
        let at = doc.birth.clone();
        put_criteria(&mut doc, &task.key, task.acceptance.iter(), &at);
        for edge in plan.waits_of(&task.key) {
            if let Some(on) = made.get(&edge.on) {
                put_wait(&mut doc, on, edge, &at);
            }
        }
        if let Some(milestone) = place.milestone {
            doc.put_element("edges", &format!("parent-child {milestone}"));
        }
        if let Some(gate) = place.gate {
            let edge = format!("waits-for {gate}");
            doc.put_element("edges", &edge);
            let metadata = Value::from(Gate::AllChildren.metadata());
            let class = [("metadata", metadata), ("rule", "phase-gate".into())];
            doc.add_entry("edge_attributes", &edge, at.clone(), &class);
        }
        doc.put_body(&task.description);
        let is_loose = tx
            .state
            .item(&uid)
            .is_some_and(|there| there.epic.is_none());
        let made = make(tx, doc)?;
        if is_loose && !made {
            // A task that `seed` created before the epic existed.
            let epic = place.epic.to_string();
            tx.edit(&uid, |doc, clock| doc.set("epic", epic, clock))?;
        }
        Ok(crate::work::task::create::shown(tx, &uid))
    }
}

/// The parents and gates of a task.
pub(super) struct Place<'p> {
    pub(super) epic: &'p ItemRef,
    pub(super) milestone: Option<&'p ItemRef>,
    /// The milestone whose tasks have to be done first.
    pub(super) gate: Option<&'p ItemRef>,
}

/// The uid of the item for a part of a plan, the same in every clone.
pub(super) fn uid_of(plan: &Plan, part: &str) -> Uid {
    planned_uid(&plan.uid, part)
}

/// Like [`uid_of`], for a plan that may not exist yet.
pub(super) fn planned_uid(plan: &Uid, part: &str) -> Uid {
    Uid::derived(&["planned", plan.as_str(), part])
}

/// Its birth id: two clones that approve one plan create the same items, whatever number each
/// assigns.
pub(super) fn born(prd: &Item, part: &str) -> String {
    format!("{}.{part}", prd.born)
}

/// The description of an epic: non-goals, prerequisites, decisions, definition of done.
fn epic_text(plan: &Plan) -> String {
    let mut out = String::new();
    for (heading, notes) in [
        ("Not part of it", &plan.guards),
        ("Provided by others", &plan.external),
        ("Open questions", &plan.questions),
        ("Left for later", &plan.deferred),
        ("Ready when", &plan.ready),
        ("Done when", &plan.done),
    ] {
        if notes.is_empty() {
            continue;
        }
        out.push_str(&format!("## {heading}\n\n"));
        for note in notes {
            out.push_str(&format!("- {}\n", note.text));
        }
        out.push('\n');
    }
    shorten_text(out)
}

fn shorten_text(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}
