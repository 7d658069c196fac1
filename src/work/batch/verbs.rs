//! The registry of a batch's operations and their keys. An operation is named by the words of its
//! command joined by dots; its keys are the command's long flags and, by their value name, its
//! positional arguments. A new verb is a row here and a request in [`super::requests`].

use serde_json::{Map, Value};

use super::requests::{
    Accept, AddEdge, Approve, Block, Cancel, Close, Comment, Defer, Deferred, Delete, Done, Edit,
    Read, Reassign, RemoveEdge, Reopen, Return, TakeUp, Unblock, Undefer, UpdateIssue, create,
    read,
};
use crate::model::id::ItemKind;
use crate::model::vocabulary::{AutoPolicy, Estimate, Risk, Validation, Vocabulary};
use Shape::{Count, Flag, Numbers, Priority, Text, Texts, Word};

/// The form of a key's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A word of a closed list; an empty text clears the field.
    Word(Vocabulary),
    /// A text or a list of texts.
    Texts,
    /// `true` or `false`.
    Flag,
    /// A number from 0 to 4.
    Priority,
    /// A whole number from 0.
    Count,
    /// A number from 1, or a list of them.
    Numbers,
}

impl Shape {
    /// Its description in an error.
    pub fn words(self) -> &'static str {
        match self {
            Text | Word(_) => "a string",
            Texts => "a string or a list of strings",
            Flag => "true or false",
            Priority => "a number from 0 (highest) to 4",
            Count => "a non-negative integer",
            Numbers => "a positive integer or a list of them",
        }
    }
}

/// A key of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The long flag without its dashes, or the positional argument's value name in lower case.
    pub name: &'static str,
    /// The form of its value.
    pub shape: Shape,
    /// True if the key is required.
    pub required: bool,
    /// The field of the request.
    pub(super) field: &'static str,
    /// True if a text may have several values, separated by commas.
    pub(super) split: bool,
}

/// An operation that a batch may have.
#[derive(Debug)]
pub struct Verb {
    /// Its name: `task.create`.
    pub op: &'static str,
    /// The result, for the summary: `created`.
    pub done: &'static str,
    keys: &'static [&'static [Key]],
    pub(super) read: fn(Map<String, Value>) -> Read,
}

impl Verb {
    /// Its keys. Those that change an item also take `if-version`.
    pub fn keys(&self) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().copied().flatten()
    }

    /// The words of its command: `task create`.
    pub fn command(&self) -> String {
        self.op.replace('.', " ")
    }

    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys().find(|key| key.name == name)
    }

    pub(super) fn key_names(&self) -> Vec<&'static str> {
        self.keys().map(|key| key.name).collect()
    }
}

const fn may(name: &'static str, shape: Shape) -> Key {
    Key {
        name,
        shape,
        required: false,
        field: name,
        split: false,
    }
}

const fn needs(name: &'static str, shape: Shape) -> Key {
    Key {
        required: true,
        ..may(name, shape)
    }
}

impl Key {
    /// The key of a field with another name.
    const fn of(self, field: &'static str) -> Key {
        Key { field, ..self }
    }

    /// The key of a field whose values are separated by commas.
    const fn split_into(self, field: &'static str) -> Key {
        Key {
            field,
            split: true,
            ..self
        }
    }
}

const FIELDS: &[Key] = &[
    may("body", Text),
    may("type", Text),
    may("priority", Priority),
    may("accept", Texts),
    may("path", Texts),
    may("depends-on", Texts),
    may("epic", Text),
    may("label", Texts),
    may("estimate", Word(Estimate::VOCABULARY)),
    may("risk", Word(Risk::VOCABULARY)),
    may("validation", Word(Validation::VOCABULARY)),
    may("assignee", Text),
    may("stream", Text),
    may("auto-policy", Word(AutoPolicy::VOCABULARY)),
    may("parent", Text),
    may("design", Text),
    may("acceptance", Text),
    may("notes", Text),
    may("spec-id", Text),
    may("minutes", Count),
    may("due", Text),
    may("defer", Text),
    may("external-ref", Texts),
    may("metadata", Text),
];

const TITLE: &[Key] = &[needs("title", Text)];

/// The item to change, and the version that it must still have.
const ITEM: &[Key] = &[needs("id", Text), may(IF_VERSION, Text)];

/// The global option that a line may have.
pub const IF_VERSION: &str = "if-version";

const REASON: &[Key] = &[may("reason", Text)];

const NEW_TITLE: &[Key] = &[may("title", Text)];

const SOME_LABELS: &[Key] = &[may("add-label", Texts), may("remove-label", Texts)];

const COMMENT: &[Key] = &[may("text", Text), may("message", Text)];

const CLOSE: &[Key] = &[may("reason", Text), may("force", Flag)];

const DELETE: &[Key] = &[
    may("reason", Text),
    may("force", Flag),
    may("cascade", Flag),
];

/// The fields of an issue by the names of beads' flags.
const ISSUE: &[Key] = &[
    may("description", Text).of("body"),
    may("design", Text),
    may("acceptance", Text),
    may("notes", Text),
    may("type", Text),
    may("priority", Priority),
    may("assignee", Text),
    may("labels", Texts).split_into("label"),
    may("parent", Text),
    may("estimate", Count).of("minutes"),
    may("external-ref", Text).split_into("external-ref"),
    may("due", Text),
    may("defer", Text),
    may("spec-id", Text),
    may("metadata", Text),
];

const NEW_ISSUE: &[Key] = &[
    may("deps", Texts).split_into("edges"),
    may("template", Flag),
    may("force", Flag),
];

const ISSUE_CHANGE: &[Key] = &[
    may("status", Text),
    may("reason", Text),
    may("append-notes", Text),
    may("add-label", Texts),
    may("remove-label", Texts),
    may("pinned", Flag),
    may("template", Flag),
    may("force", Flag),
];

const CRITERIA: &[Key] = &[may("n", Numbers), may("all", Flag), may("evidence", Text)];

const UNTIL: &[Key] = &[may("until", Text), may("force", Flag)];

const EDGE: &[Key] = &[needs("on", Text), may("type", Text)];

const NEW_EDGE: &[Key] = &[may("soft", Flag), may("gate", Text), may("force", Flag)];

/// A row for each operation: its name, its result, its keys, and the reader of its request.
macro_rules! verbs {
    ($($op:literal, $done:literal, [$($keys:expr),*], $read:expr;)*) => {
        &[$(Verb { op: $op, done: $done, keys: &[$($keys),*], read: $read },)*]
    };
}

/// All operations of a batch.
pub const VERBS: &[Verb] = verbs! {
    "task.create", "created", [TITLE, FIELDS], |keys| create(ItemKind::Task, keys);
    "epic.create", "created", [TITLE, FIELDS], |keys| create(ItemKind::Epic, keys);
    "task.edit", "changed", [ITEM, NEW_TITLE, FIELDS, SOME_LABELS], read::<Edit>;
    "task.comment", "commented on", [ITEM, COMMENT], read::<Comment>;
    "task.accept", "accepted", [ITEM, CRITERIA], read::<Accept>;
    "task.approve", "approved", [ITEM, &[may("commit", Text), may("note", Text)]], read::<Approve>;
    "task.return", "returned", [ITEM, &[needs("note", Text)]], read::<Return>;
    "task.done", "done", [ITEM, &[may("evidence", Text), may("force", Flag)]], read::<Done>;
    "task.cancel", "cancelled", [ITEM, REASON], read::<Cancel>;
    "task.defer", "deferred", [ITEM, REASON], read::<Defer>;
    "task.undefer", "no longer deferred", [ITEM], read::<Undefer>;
    "task.block", "blocked", [ITEM, &[needs("reason", Text)]], read::<Block>;
    "task.unblock", "unblocked", [ITEM], read::<Unblock>;
    "task.reopen", "reopened", [ITEM, REASON], read::<Reopen>;
    "task.reassign", "reassigned", [ITEM, &[needs("to", Text)]], read::<Reassign>;
    "task.delete", "deleted", [ITEM, DELETE], read::<Delete>;
    "epic.edit", "changed", [ITEM, NEW_TITLE, FIELDS, SOME_LABELS], read::<Edit>;
    "epic.close", "closed", [ITEM, CLOSE], read::<Close>;
    "epic.reopen", "reopened", [ITEM, REASON], read::<Reopen>;
    "epic.comment", "commented on", [ITEM, COMMENT], read::<Comment>;
    "epic.delete", "deleted", [ITEM, DELETE], read::<Delete>;
    "prd.create", "created", [TITLE, FIELDS], |keys| create(ItemKind::Prd, keys);
    "prd.edit", "changed", [ITEM, NEW_TITLE, FIELDS, SOME_LABELS], read::<Edit>;
    "prd.close", "closed", [ITEM, CLOSE], read::<Close>;
    "prd.reopen", "reopened", [ITEM, REASON], read::<Reopen>;
    "prd.comment", "commented on", [ITEM, COMMENT], read::<Comment>;
    "prd.delete", "deleted", [ITEM, DELETE], read::<Delete>;
    "issue.create", "created", [TITLE, ISSUE, NEW_ISSUE], |keys| create(ItemKind::Issue, keys);
    "issue.update", "changed", [ITEM, NEW_TITLE, ISSUE, ISSUE_CHANGE], read::<UpdateIssue>;
    "issue.edit", "changed", [ITEM, NEW_TITLE, FIELDS, SOME_LABELS], read::<Edit>;
    "issue.close", "closed", [ITEM, CLOSE], read::<Close>;
    "issue.reopen", "reopened", [ITEM, REASON], read::<Reopen>;
    "issue.comment", "commented on", [ITEM, COMMENT], read::<Comment>;
    "issue.delete", "deleted", [ITEM, DELETE], read::<Delete>;
    "issue.defer", "deferred", [ITEM, UNTIL, REASON], read::<Deferred>;
    "issue.undefer", "no longer deferred", [ITEM], read::<TakeUp>;
    "dep.add", "linked", [ITEM, EDGE, NEW_EDGE], read::<AddEdge>;
    "dep.rm", "unlinked", [ITEM, EDGE], read::<RemoveEdge>;
};

/// The operation of that name.
pub fn find(op: &str) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| verb.op == op)
}

/// Operations that do more than change the state, and the reason why a batch cannot have them. A
/// name that ends in a dot covers the whole group.
const ALONE: &[(&str, &str)] = &[
    ("start", "creates a branch and a worktree"),
    ("task.start", "creates a branch and a worktree"),
    ("epic.start", "creates a branch and a worktree"),
    ("next", "claims an item through the remote"),
    ("issue.claim", "claims an item through the remote"),
    ("finish", "checks the worktree and runs gates"),
    ("task.finish", "checks the worktree and runs gates"),
    ("task.drop", "checks the worktree"),
    ("merge", "moves a branch"),
    ("reserve.", "has to be confirmed by the remote"),
    ("sync", "uses remotes"),
    ("push", "uses remotes"),
    ("pull", "uses remotes"),
];

/// The reason why an existing operation cannot be part of a batch.
pub fn alone(op: &str) -> Option<&'static str> {
    ALONE
        .iter()
        .find(|(name, _)| *name == op || (name.ends_with('.') && op.starts_with(name)))
        .map(|(_, why)| *why)
}

#[cfg(test)]
mod tests;
