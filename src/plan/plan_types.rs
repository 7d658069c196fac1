//! A plan in the state: the draft with manual changes, and which of its tasks count.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Lines;
use super::draft::{
    Disposition, Edge, Key, Milestone, Note, Scope, Strategy, Stream, Task, Verdicts, scope,
};
use crate::model::id::ItemRef;
use crate::model::stamp::Stamp;
use crate::model::uid::Uid;
use crate::model::value::Value;

/// The fields of a task that can be set, as `plan set` names them.
pub(super) const TASK_FIELDS: &[&str] = &[
    "title",
    "description",
    "type",
    "estimate",
    "points",
    "priority",
    "risk",
    "validation",
    "stream",
    "milestone",
    "paths",
    "auto_policy",
    "acceptance",
];

/// True if `plan set` can set a field.
pub fn is_task_field(name: &str) -> bool {
    TASK_FIELDS.contains(&name)
}

/// A task of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Its content.
    pub task: Task,
    /// The number that names it within the plan; unique, from 1.
    pub number: u32,
    /// Its name in the plan's text: given by its author, else its requirement's id or its number.
    /// Unique.
    pub name: String,
    /// The item that an approval created.
    pub item: Option<ItemRef>,
    /// The actor who added it; `None` if the planner did.
    pub added_by: Option<String>,
    /// The fields that were set manually, with the actor who did so last.
    pub by_hand: BTreeMap<String, String>,
    /// When that was, by field.
    pub(super) set_at: BTreeMap<String, Stamp>,
    /// Set if it is no longer in the document; such a task is kept only if there is an item for it, or if a person or
    /// agent wrote it.
    pub is_gone: bool,
    /// Those of its lines, now, that were reworded after it was written.
    pub reworded: Vec<Lines>,
    /// Those that a person accepted in the work that was begun before; once it is finished, they are compared with it.
    pub accepted: Vec<Lines>,
    /// The lines of the tasks that were merged into it.
    pub merged: Vec<Lines>,
    /// Its research notes, the oldest first.
    pub research_notes: Vec<ResearchNote>,
    /// Values of its item that no document states, by their names: its labels, its assignee.
    pub(super) own: Vec<(&'static str, Value)>,
}

impl Planned {
    /// True if a person or an agent wrote its lines or criteria, not the planner.
    pub(super) fn is_written(&self) -> bool {
        let by_hand = |name: &str| self.by_hand.contains_key(name);
        self.added_by.is_some() || by_hand("lines") || by_hand("acceptance")
    }
}

/// A research note of a task.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "ResearchNoteView")]
pub struct ResearchNote {
    /// Its text.
    pub text: String,
    /// The learning (by short id) or item (by reference, and in views by id) that it was collected from.
    pub about: Option<String>,
    /// The actor who added it.
    pub by: String,
}

/// A decision about a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutAside {
    /// Its disposition.
    pub disposition: Disposition,
    /// The reason.
    pub reason: String,
    /// The statement.
    pub text: String,
    /// Its first line when it was decided.
    pub line: i64,
    /// The actor who decided it.
    pub by: String,
}

/// A task or criterion that was removed by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its lines.
    pub lines: Lines,
    /// True for a task and its criteria; false for a criterion of a task that stays.
    pub is_task: bool,
    /// The actors who wrote it.
    pub authors: BTreeSet<String>,
    /// The actor who removed it.
    pub by: String,
}

impl Removed {
    /// True if a statement begins in its lines.
    pub(super) fn holds(&self, statement: Lines) -> bool {
        (self.lines.start..=self.lines.end).contains(&statement.start)
    }
}

/// The status of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlanStatus {
    /// It can be edited and has no items yet.
    Draft,
    /// Its items exist. It can still be edited; another approval creates items for what was added.
    Approved,
}

impl PlanStatus {
    /// What is said of a plan with this status, whose changed document may wait for a decision.
    pub(super) fn said(self, undecided: bool) -> &'static str {
        match self {
            PlanStatus::Draft => "draft",
            PlanStatus::Approved if undecided => "approved, changes wait for a decision",
            PlanStatus::Approved => "approved",
        }
    }
}

/// A plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Its permanent name.
    pub uid: Uid,
    /// The PRD it was drafted from.
    pub prd: ItemRef,
    /// Its title, which the epic gets.
    pub title: String,
    /// Its status.
    pub status: PlanStatus,
    /// SHA-256 of the text it was drafted from, in hexadecimal.
    pub document: String,
    /// A hash for each of its lines.
    pub line_hashes: String,
    /// The structure from which the tasks were read.
    pub strategy: Strategy,
    /// The recommended number of tasks.
    pub threshold: usize,
    /// The branch pattern, if set: `single-branch`, `feature-branches` or `stacked-branches`.
    pub branches: Option<String>,
    /// The tasks in their order.
    pub tasks: Vec<Planned>,
    /// The tasks that were removed by hand, by their keys.
    pub removed: BTreeMap<Key, Task>,
    /// The work that was said to meet such a task, by its key.
    pub met_by: BTreeMap<Key, ItemRef>,
    /// What was removed by hand.
    pub removed_parts: Vec<Removed>,
    /// The statements that were put aside by hand, by their anchors.
    pub put_aside: BTreeMap<String, PutAside>,
    /// The edges between existing tasks.
    pub waits: Vec<Edge>,
    /// The tasks of new work after a closed task, present or removed, each with that task.
    pub follow_ups: BTreeMap<Key, Key>,
    /// The phases, in order.
    pub milestones: Vec<Milestone>,
    /// Open questions.
    pub questions: Vec<Note>,
    /// Work for later.
    pub deferred: Vec<Note>,
    /// Prerequisites that others provide.
    pub external: Vec<Note>,
    /// Work that must not be done.
    pub guards: Vec<Note>,
    /// The definition of ready.
    pub ready: Vec<Note>,
    /// The definition of done.
    pub done: Vec<Note>,
    /// The epic that an approval created.
    pub epic: Option<ItemRef>,
    /// Time of the last approval, RFC 3339.
    pub approved_at: Option<String>,
    /// Actor of the last approval.
    pub approved_by: Option<String>,
    /// Kind of the last approval: `terminal` or `advisory`.
    pub approval: Option<String>,
    /// Number of manual changes before the first approval.
    pub edits: usize,
    /// SHA-256 of the text that was approved last.
    pub approved_document: Option<String>,
    /// SHA-256 of the changed text despite which the plan was kept.
    pub accepted_document: Option<String>,
}

impl Plan {
    /// True if it was approved, and neither approved nor kept for the text that it is of.
    pub(in crate::plan) fn is_unapproved(&self) -> bool {
        let is_other = |text: &String| *text != self.document;
        let is_kept = self.accepted_document.as_ref() == Some(&self.document);
        self.approved_document.as_ref().is_some_and(is_other) && !is_kept
    }

    /// Gives what it has from the document its lines in another text; 0 is none.
    pub(super) fn move_lines(&mut self, now: impl Fn(Lines) -> Lines) {
        for planned in &mut self.tasks {
            let criteria = planned.task.acceptance.iter_mut().map(|one| &mut one.lines);
            let all = criteria
                .chain(&mut planned.merged)
                .chain([&mut planned.task.lines]);
            all.for_each(|lines| *lines = now(*lines));
        }
        let phases = self.milestones.iter_mut();
        let results = phases.flat_map(|one| one.success.iter_mut().chain(&mut one.deliverables));
        results.for_each(|one| one.lines = now(one.lines));
        let removed = self.removed.values_mut();
        removed.for_each(|task| task.lines = now(task.lines));
        let removed = self.removed_parts.iter_mut();
        removed.for_each(|one| one.lines = now(one.lines));
    }

    /// The task with this key.
    pub fn task(&self, key: &str) -> Option<&Planned> {
        self.tasks.iter().find(|planned| planned.task.key == key)
    }

    /// True if a task is new work after another one, or after what follows that.
    pub(super) fn follows(&self, key: &str, on: &str) -> bool {
        let mut known = BTreeSet::new();
        let mut at = self.follow_ups.get(key);
        // Two clones may have them follow each other.
        while let Some(next) = at.filter(|next| known.insert(*next)) {
            if next == on {
                return true;
            }
            at = self.follow_ups.get(next);
        }
        false
    }

    /// The task that is an item now.
    pub(super) fn task_of(&self, item: &Uid) -> Option<&Planned> {
        let is_it =
            |one: &&Planned| one.item.as_ref().and_then(|own| own.uid.as_ref()) == Some(item);
        self.tasks.iter().find(is_it)
    }

    /// The tasks without the test tasks added by a validation strategy.
    pub fn counted(&self) -> impl Iterator<Item = &Planned> {
        self.tasks.iter().filter(|p| p.task.tests.is_none())
    }

    /// Those of them that the document still asks for.
    pub(super) fn present_tasks(&self) -> impl Iterator<Item = &Planned> {
        self.counted().filter(|planned| !planned.is_gone)
    }

    /// The edges of a waiting task.
    pub fn waits_of<'p>(&'p self, key: &'p str) -> impl Iterator<Item = &'p Edge> {
        let edges = self.waits.iter();
        edges.filter(move |edge| edge.task == key)
    }

    /// The tasks that wait for a task.
    pub fn dependents_of(&self, key: &str) -> Vec<&Planned> {
        let waiting: BTreeSet<&str> = self
            .waits
            .iter()
            .filter(|wait| wait.on == key)
            .map(|wait| wait.task.as_str())
            .collect();
        let is_waiting = |p: &&Planned| waiting.contains(p.task.key.as_str());
        self.tasks.iter().filter(is_waiting).collect()
    }

    /// The streams, in the order of their first tasks.
    pub fn streams(&self) -> Vec<Stream> {
        let mut out: Vec<Stream> = Vec::new();
        for planned in &self.tasks {
            let name = &planned.task.stream;
            match out.iter_mut().find(|stream| stream.name == *name) {
                Some(stream) => stream.tasks.push(planned.task.key.clone()),
                None => out.push(Stream {
                    name: name.clone(),
                    tasks: vec![planned.task.key.clone()],
                }),
            }
        }
        out
    }

    /// The number of some tasks that are not gone.
    pub(super) fn present(&self, keys: &[Key]) -> usize {
        let gone = self.tasks.iter().filter(|planned| planned.is_gone);
        let gone: BTreeSet<&Key> = gone.map(|planned| &planned.task.key).collect();
        keys.iter().filter(|key| !gone.contains(key)).count()
    }

    /// The amount of work that is planned.
    pub fn scope(&self, verdicts: &Verdicts) -> Scope {
        let tasks: Vec<&Task> = self.present_tasks().map(|planned| &planned.task).collect();
        scope(verdicts, &tasks, self.strategy, self.milestones.len())
    }

    /// Tasks in levels: each task waits for one of the previous level and for none of its own
    /// level, by hard edges and the gates of milestones. Tasks that wait for a cycle are in no
    /// level.
    pub fn levels(&self) -> Vec<Vec<Key>> {
        super::net::Net::of(self).levels()
    }
}
