//! Which items a plan stands for: its epic, milestones and tasks.
//!
//! Their uids and birth ids follow from the plan.

use std::collections::{BTreeMap, BTreeSet};

use super::anchors::anchors;
use super::coverage::account;
use super::create_items::{blank, put_criteria, put_edge, put_task};
use super::draft::{Disposition, Milestone, Note};
use super::plan_types::{Plan, Planned, PutAside};
use super::record::lines_text;
use super::sources;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::planned_id::{planned_born, planned_uid};
use crate::model::proposed::{put_milestone, put_notes};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::state::State;

/// The parts of a plan as items: what an approval creates, and what existing items are compared with.
pub(super) struct Parts<'p> {
    plan: &'p Plan,
    prd: &'p Item,
    /// The epic: that of the plan, or one that existed before and was broken down.
    pub(super) epic: ItemRef,
    /// The epic is one that the plan makes.
    makes_epic: bool,
    /// The items of tasks, by key.
    tasks: BTreeMap<&'p str, ItemRef>,
}

impl<'p> Parts<'p> {
    pub(super) fn of(state: &State<'_>, plan: &'p Plan, prd: &'p Item) -> Self {
        let known = plan.epic.as_ref().and_then(|epic| epic.uid.as_ref());
        let known = known.and_then(|uid| state.item(uid));
        let known = known.filter(|epic| !epic.deleted);
        let derived = uid_of(plan, "epic");
        let makes_epic = known.is_none_or(|epic| epic.uid == derived);
        let epic = match known {
            Some(epic) => epic.reference(),
            None => ItemRef::to(&born(prd, "epic"), &derived),
        };
        let item = |planned: &'p Planned| {
            let key = planned.task.key.as_str();
            match &planned.item {
                Some(item) => Some((key, item.clone())),
                None if planned.is_gone => None,
                None => Some((key, ItemRef::to(&born(prd, key), &uid_of(plan, key)))),
            }
        };
        Parts {
            plan,
            prd,
            epic,
            makes_epic,
            tasks: plan.tasks.iter().filter_map(item).collect(),
        }
    }

    /// The item of a task.
    pub(super) fn item_of(&self, key: &str) -> Option<&ItemRef> {
        self.tasks.get(key)
    }

    /// The epic, unless it is not the plan's own, and the milestones.
    pub(super) fn groups(&self, state: &State<'_>) -> Vec<Doc> {
        let epic = self.makes_epic.then(|| self.epic_doc(state));
        let milestones = self.plan.milestones.iter();
        let milestones = milestones.map(|milestone| self.milestone_doc(milestone));
        epic.into_iter().chain(milestones).collect()
    }

    fn epic_doc(&self, state: &State<'_>) -> Doc {
        let (plan, prd) = (self.plan, self.prd);
        let uid = uid_of(plan, "epic");
        let mut doc = blank(ItemKind::Epic, &uid, &born(prd, "epic"), &plan.title);
        doc.put("planned_from", prd.uid.as_str());
        doc.put_element("edges", &format!("parent-child {}", prd.reference()));
        doc.put("branch_pattern", Value::from(plan.branches.clone()));
        doc.put_body(&epic_text(plan, &Stated::of(state, plan, prd)));
        doc
    }

    /// A milestone: an epic of that type in the plan's epic, with its outcomes as acceptance.
    fn milestone_doc(&self, milestone: &Milestone) -> Doc {
        let (uid, born) = self.milestone(&milestone.key);
        let mut doc = blank(ItemKind::Epic, &uid, &born, &milestone.title);
        doc.put("type", "milestone");
        doc.put("planned_from", self.prd.uid.as_str());
        doc.put("source_lines", lines_text(milestone.lines));
        doc.put_element("edges", &format!("parent-child {}", self.epic));
        let all = milestone.deliverables.iter().chain(&milestone.success);
        put_criteria(&mut doc, &milestone.key, all);
        doc.put_body(milestone.goal.as_deref().unwrap_or_default());
        doc
    }

    /// The uid and the birth id of a milestone's item.
    fn milestone(&self, key: &str) -> (Uid, String) {
        let uid = uid_of(self.plan, &format!("milestone.{key}"));
        (uid, born(self.prd, key))
    }

    /// A task.
    ///
    /// # Errors
    /// If one of its paths is not valid.
    pub(super) fn task_doc(&self, planned: &Planned) -> Result<Doc> {
        let (plan, prd, task) = (self.plan, self.prd, &planned.task);
        let uid = uid_of(plan, &task.key);
        let mut doc = blank(ItemKind::Task, &uid, &born(prd, &task.key), &task.title);
        let mut own = planned.own.clone();
        let by = planned.by_hand.get("auto_policy");
        own.extend(by.map(|by| ("by_auto_policy", by.as_str().into())));
        put_task(&mut doc, task, &own, prd)?;
        // Of two clones that approve the plan, the one that knows a change by hand keeps it.
        for (field, at) in &planned.set_at {
            if let Some(reg) = doc.regs.get_mut(field) {
                reg.stamp = at.clone();
            }
        }
        doc.put("epic", self.epic.to_string());
        put_criteria(&mut doc, &task.key, task.acceptance.iter());
        for edge in plan.waits_of(&task.key) {
            if let Some(on) = self.item_of(&edge.on) {
                put_edge(&mut doc, on, edge);
            }
        }
        let own = task.milestone.as_deref();
        let own = own.and_then(|key| plan.milestones.iter().find(|m| m.key == key));
        if let Some(milestone) = own {
            // The milestone whose tasks have to be done first.
            let gate = milestone.after.as_ref();
            let gate = gate.filter(|key| plan.milestones.iter().any(|m| m.key == **key));
            let gate = gate.map(|key| self.milestone_ref(key));
            put_milestone(&mut doc, &self.milestone_ref(&milestone.key), gate.as_ref());
        }
        let notes = planned.research_notes.iter();
        put_notes(&mut doc, notes.map(|note| note.text.as_str()));
        Ok(doc)
    }

    fn milestone_ref(&self, key: &str) -> ItemRef {
        let (uid, born) = self.milestone(key);
        ItemRef::to(&born, &uid)
    }
}

/// The uid of the item for a part of a plan, the same in every clone.
pub(super) fn uid_of(plan: &Plan, part: &str) -> Uid {
    planned_uid(&plan.uid, part)
}

/// The birth id of the item for a part of a plan: two clones that approve one plan create the same
/// items, regardless of the numbers that they assign.
pub(super) fn born(prd: &Item, part: &str) -> String {
    planned_born(&prd.born, part)
}

/// What the document of a plan states now.
#[derive(Default)]
struct Stated {
    /// The anchors of its statements that no task carries; `None` if it cannot be read.
    free: Option<BTreeSet<String>>,
    /// The anchors of the others.
    carried: BTreeSet<String>,
    /// The first lines of these.
    carried_lines: BTreeSet<u32>,
    /// What applies to all tasks and is in none of them.
    limits: Vec<Note>,
}

impl Stated {
    fn of(state: &State<'_>, plan: &Plan, prd: &Item) -> Stated {
        let Ok(reading) = sources::reading_of(state, prd) else {
            return Stated::default();
        };
        let (mut stated, mut free) = (Stated::default(), BTreeSet::new());
        let found = account(plan, &reading);
        let anchors = anchors(&reading.text, &found);
        // Some of it has a heading of its own.
        let noted = plan.ready.iter().chain(&plan.done).chain(&plan.external);
        let noted: BTreeSet<u32> = noted.map(|note| note.lines.start).collect();
        for (one, anchor) in found.iter().zip(anchors) {
            let is_noted = noted.contains(&one.lines.start) || one.text.is_empty();
            if one.applies_to_all() && !is_noted {
                stated.limits.push(Note {
                    key: anchor.clone(),
                    text: one.text.clone(),
                    lines: one.lines,
                });
            }
            if one.tasks.is_empty() {
                free.insert(anchor);
            } else {
                stated.carried.insert(anchor);
                stated.carried_lines.insert(one.lines.start);
            }
        }
        stated.free = Some(free);
        stated
    }

    /// True if the document still has what was put aside by hand, and it is not work by now.
    fn is_aside(&self, anchor: &str, aside: &PutAside) -> bool {
        let is_there = |free: &BTreeSet<String>| {
            free.contains(anchor) || self.carried.contains(anchor) && may_be_work(aside.disposition)
        };
        self.free.as_ref().is_none_or(is_there)
    }
}

/// True for what can be part of a task and stay what it is called.
fn may_be_work(disposition: Disposition) -> bool {
    !matches!(disposition, Disposition::Deferred | Disposition::NonGoal)
}

/// The headings of what an epic says about all of its tasks.
const LIMITS: &str = "Limits";
const READY: &str = "Ready when";
const DONE: &str = "Done when";

/// What the text of an epic says about all of its tasks, one statement on each line.
pub(crate) fn for_all(epic: &str) -> String {
    let (mut said, mut heading) = (String::new(), "");
    for line in epic.lines() {
        match (line.strip_prefix("## "), line.strip_prefix("- ")) {
            (Some(name), _) => heading = name.trim(),
            (None, Some(text)) if heading == LIMITS => said.push_str(&format!("- {text}\n")),
            (None, Some(text)) if [READY, DONE].contains(&heading) => {
                said.push_str(&format!("- {heading}: {text}\n"));
            }
            _ => {}
        }
    }
    said
}

/// The description of an epic: non-goals, prerequisites, limits, definition of done.
fn epic_text(plan: &Plan, stated: &Stated) -> String {
    let mut out = String::new();
    let asides = plan.put_aside.iter();
    let asides = asides.filter(|(anchor, aside)| stated.is_aside(anchor, aside));
    let asides: Vec<&PutAside> = asides.map(|(_, aside)| aside).collect();
    let accounted = |disposition: Disposition| {
        let mut all = asides.clone();
        all.retain(|aside| aside.disposition == disposition && !aside.text.is_empty());
        all.sort_by_key(|aside| aside.line);
        all.into_iter().map(|aside| match aside.reason.is_empty() {
            true => aside.text.clone(),
            false => format!("{} ({})", aside.text, aside.reason),
        })
    };
    use Disposition::{Constraint, Deferred, NonGoal, Question, Risk};
    let none: &Vec<Note> = &Vec::new();
    for (heading, notes, by_hand) in [
        ("Not part of it", &plan.guards, Some(NonGoal)),
        ("Provided by others", &plan.external, None),
        (LIMITS, &stated.limits, Some(Constraint)),
        ("Risks", none, Some(Risk)),
        ("Open questions", &plan.questions, Some(Question)),
        ("Left for later", &plan.deferred, Some(Deferred)),
        (READY, &plan.ready, None),
        (DONE, &plan.done, None),
    ] {
        // What a person called otherwise, or made work, is not that any more.
        let is_other = |note: &&Note| {
            let mut asides = asides.iter();
            let is_work = by_hand.is_some_and(|called| !may_be_work(called));
            is_work && stated.carried_lines.contains(&note.lines.start)
                || asides.any(|aside| aside.text == note.text && Some(aside.disposition) != by_hand)
        };
        let notes: Vec<&Note> = notes.iter().filter(|note| !is_other(note)).collect();
        let by_hand = by_hand.into_iter().flat_map(accounted);
        let known = |text: &String| notes.iter().any(|note| note.text == *text);
        let by_hand = by_hand.filter(|text| !known(text));
        let texts: Vec<String> = notes
            .iter()
            .map(|note| note.text.clone())
            .chain(by_hand)
            .collect();
        if texts.is_empty() {
            continue;
        }
        out.push_str(&format!("## {heading}\n\n"));
        for text in texts {
            out.push_str(&format!("- {text}\n"));
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
