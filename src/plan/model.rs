//! A plan as it stands in the state: what the planner drew, with what people changed since. Values
//! only.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Edge, Key, Milestone, Note, Strategy, Stream, Task};
use crate::model::id::ItemRef;
use crate::model::uid::Uid;

/// The fields of a task that people can set, as `plan set` names them.
pub(super) const TASK_FIELDS: &[&str] = &[
    "title",
    "description",
    "type",
    "estimate",
    "points",
    "risk",
    "validation",
    "stream",
    "milestone",
    "paths",
    "auto_policy",
    "acceptance",
];

/// Whether `plan set` can set a field.
pub fn is_task_field(name: &str) -> bool {
    TASK_FIELDS.contains(&name)
}

/// A task of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// What the planner or a person said of it.
    pub task: Task,
    /// The number by which people name it within the plan; unique, from 1.
    pub number: u32,
    /// What became of it by an approval.
    pub item: Option<ItemRef>,
    /// Who added it by hand; nobody where the planner drew it.
    pub added_by: Option<String>,
    /// The fields that somebody set by hand, with who did it last.
    pub by_hand: BTreeMap<String, String>,
    /// Whether the document no longer speaks of it; such a task stays only as long as an item came
    /// of it.
    pub is_gone: bool,
}

/// An edge of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// What the planner or a person drew.
    pub edge: Edge,
    /// Who drew it by hand.
    pub added_by: Option<String>,
}

impl Wait {
    /// Whether it follows from a validation strategy, and from nothing that is kept.
    pub(super) fn is_of_test(&self) -> bool {
        self.edge.rule.starts_with("test-")
    }
}

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanStatus {
    /// It can be edited; nothing came of it yet.
    Draft,
    /// Its tasks are there. It can still be edited; what is added comes in by another approval.
    Approved,
}

/// A plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The name that never changes.
    pub uid: Uid,
    /// The document it was drawn from.
    pub prd: ItemRef,
    /// Its title, which the epic gets.
    pub title: String,
    /// Where it stands.
    pub status: PlanStatus,
    /// SHA-256 of the text it was drawn from, in hexadecimal.
    pub document: String,
    /// How the document was read.
    pub strategy: Strategy,
    /// How many tasks the document is good for.
    pub threshold: usize,
    /// The pattern of branches, once somebody chose one: `single-branch`, `feature-branches` or
    /// `stacked-branches`.
    pub branches: Option<String>,
    /// The tasks in their order.
    pub tasks: Vec<Planned>,
    /// The keys of tasks that somebody took out.
    pub removed: BTreeSet<Key>,
    /// What waits for what, between tasks that are there.
    pub waits: Vec<Wait>,
    /// Phases in their order.
    pub milestones: Vec<Milestone>,
    /// Decisions to make.
    pub questions: Vec<Note>,
    /// What is left for later.
    pub deferred: Vec<Note>,
    /// What others have to provide.
    pub external: Vec<Note>,
    /// What must not be done.
    pub guards: Vec<Note>,
    /// What holds before work on a task begins.
    pub ready: Vec<Note>,
    /// What holds when any task is done.
    pub done: Vec<Note>,
    /// The epic that an approval made.
    pub epic: Option<ItemRef>,
    /// When it was approved last, RFC 3339.
    pub approved_at: Option<String>,
    /// Who approved it last.
    pub approved_by: Option<String>,
    /// How that approval was given: `terminal` or `advisory`.
    pub approval: Option<String>,
    /// How many changes people made by hand before the first approval.
    pub edits: usize,
    /// SHA-256 of the text for which somebody decided that the plan stands although it changed.
    pub accepted_document: Option<String>,
}

impl Plan {
    /// The task with this key.
    pub fn task(&self, key: &str) -> Option<&Planned> {
        self.tasks.iter().find(|planned| planned.task.key == key)
    }

    /// The tasks that the document asks for, without those that a validation strategy added.
    pub fn counted(&self) -> impl Iterator<Item = &Planned> {
        self.tasks.iter().filter(|p| p.task.tests.is_none())
    }

    /// What a task waits for.
    pub fn waits_of<'p>(&'p self, key: &'p str) -> impl Iterator<Item = &'p Edge> {
        let edges = self.waits.iter().map(|wait| &wait.edge);
        edges.filter(move |edge| edge.task == key)
    }

    /// The tasks that wait for one.
    pub fn dependents_of(&self, key: &str) -> Vec<&Planned> {
        let waiting: BTreeSet<&str> = self
            .waits
            .iter()
            .filter(|wait| wait.edge.on == key)
            .map(|wait| wait.edge.task.as_str())
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

    /// The plan as a draft, for the rules that judge drafts.
    pub fn as_draft(&self, kind: crate::plan::document::DocumentKind) -> Draft {
        Draft {
            title: self.title.clone(),
            document_kind: kind,
            strategy: self.strategy,
            threshold: self.threshold,
            tasks: self.tasks.iter().map(|p| p.task.clone()).collect(),
            edges: self.waits.iter().map(|w| w.edge.clone()).collect(),
            milestones: self.milestones.clone(),
            streams: self.streams(),
            questions: self.questions.clone(),
            deferred: self.deferred.clone(),
            external: self.external.clone(),
            guards: self.guards.clone(),
            ready: self.ready.clone(),
            done: self.done.clone(),
            findings: Vec::new(),
            suggestions: Vec::new(),
        }
    }

    /// Tasks in levels: those of a level wait for no other of it, and each for one of the level
    /// before, by hard edges and the gates of milestones. Keys of tasks that wait for a cycle are in none.
    pub fn levels(&self) -> Vec<Vec<Key>> {
        super::net::Net::of(self).levels()
    }
}
