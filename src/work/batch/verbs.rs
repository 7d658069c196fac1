//! The registry of a batch's operations and their keys. An operation is named by the words of its
//! command joined by dots; its keys are the command's long flags and, by their value name, its
//! positional arguments. A new verb is a row here and a request in [`super::requests`].

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::requests::{self, Operation};

/// The form of a key's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
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
            Shape::Text => "a text",
            Shape::Texts => "a text or a list of texts",
            Shape::Flag => "true or false",
            Shape::Priority => "a number from 0 (highest) to 4",
            Shape::Count => "a whole number from 0",
            Shape::Numbers => "a number from 1, or a list of them",
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
}

/// Parses the keys of a line as a request.
type Read = fn(Map<String, Value>) -> serde_json::Result<Box<dyn Operation>>;

/// An operation that a batch may have.
#[derive(Debug)]
pub struct Verb {
    /// Its name: `task.create`.
    pub op: &'static str,
    /// The result, for the summary: `created`.
    pub done: &'static str,
    keys: &'static [&'static [Key]],
    read: Read,
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

    pub(super) fn read(
        &self,
        fields: Map<String, Value>,
    ) -> serde_json::Result<Box<dyn Operation>> {
        (self.read)(fields)
    }
}

const fn needs(name: &'static str, shape: Shape) -> Key {
    Key {
        name,
        shape,
        required: true,
    }
}

const fn may(name: &'static str, shape: Shape) -> Key {
    Key {
        name,
        shape,
        required: false,
    }
}

const FIELDS: &[Key] = &[
    may("body", Shape::Text),
    may("type", Shape::Text),
    may("priority", Shape::Priority),
    may("accept", Shape::Texts),
    may("path", Shape::Texts),
    may("depends-on", Shape::Texts),
    may("epic", Shape::Text),
    may("label", Shape::Texts),
    may("estimate", Shape::Text),
    may("risk", Shape::Text),
    may("validation", Shape::Text),
    may("assignee", Shape::Text),
    may("stream", Shape::Text),
    may("auto-policy", Shape::Text),
    may("parent", Shape::Text),
    may("design", Shape::Text),
    may("acceptance", Shape::Text),
    may("notes", Shape::Text),
    may("spec-id", Shape::Text),
    may("minutes", Shape::Count),
    may("due", Shape::Text),
    may("defer", Shape::Text),
    may("external-ref", Shape::Texts),
    may("metadata", Shape::Text),
];

const TITLE: &[Key] = &[needs("title", Shape::Text)];

/// The item to change, and the version that it must still have.
const ITEM: &[Key] = &[needs("id", Shape::Text), may(IF_VERSION, Shape::Text)];

/// The global option that a line may have.
pub const IF_VERSION: &str = "if-version";

const REASON: &[Key] = &[may("reason", Shape::Text)];

const EDIT: &[&[Key]] = &[
    ITEM,
    &[may("title", Shape::Text)],
    FIELDS,
    &[
        may("add-label", Shape::Texts),
        may("remove-label", Shape::Texts),
    ],
];

const COMMENT: &[&[Key]] = &[
    ITEM,
    &[may("text", Shape::Text), may("message", Shape::Text)],
];

const CLOSE: &[Key] = &[may("reason", Shape::Text), may("force", Shape::Flag)];

const DELETE: &[Key] = &[
    may("reason", Shape::Text),
    may("force", Shape::Flag),
    may("cascade", Shape::Flag),
];

/// The fields of an issue by the names of beads' flags.
const ISSUE: &[Key] = &[
    may("description", Shape::Text),
    may("design", Shape::Text),
    may("acceptance", Shape::Text),
    may("notes", Shape::Text),
    may("type", Shape::Text),
    may("priority", Shape::Priority),
    may("assignee", Shape::Text),
    may("labels", Shape::Texts),
    may("parent", Shape::Text),
    may("estimate", Shape::Count),
    may("external-ref", Shape::Text),
    may("due", Shape::Text),
    may("defer", Shape::Text),
    may("spec-id", Shape::Text),
    may("metadata", Shape::Text),
];

const EDGE: &[Key] = &[needs("on", Shape::Text), may("type", Shape::Text)];

const fn verb(
    op: &'static str,
    done: &'static str,
    keys: &'static [&'static [Key]],
    read: Read,
) -> Verb {
    Verb {
        op,
        done,
        keys,
        read,
    }
}

/// Parses the keys as a request.
fn into<T: Operation + DeserializeOwned + 'static>(
    fields: Map<String, Value>,
) -> serde_json::Result<Box<dyn Operation>> {
    let request: T = serde_json::from_value(Value::Object(fields))?;
    Ok(Box::new(request))
}

/// All operations of a batch.
pub const VERBS: &[Verb] = &[
    verb(
        "task.create",
        "created",
        &[TITLE, FIELDS],
        into::<requests::CreateTask>,
    ),
    verb(
        "epic.create",
        "created",
        &[TITLE, FIELDS],
        into::<requests::CreateEpic>,
    ),
    verb("task.edit", "changed", EDIT, into::<requests::Edit>),
    verb(
        "task.comment",
        "commented on",
        COMMENT,
        into::<requests::Comment>,
    ),
    verb(
        "task.accept",
        "accepted",
        &[
            ITEM,
            &[
                may("n", Shape::Numbers),
                may("all", Shape::Flag),
                may("evidence", Shape::Text),
            ],
        ],
        into::<requests::Accept>,
    ),
    verb(
        "task.approve",
        "approved",
        &[
            ITEM,
            &[may("commit", Shape::Text), may("note", Shape::Text)],
        ],
        into::<requests::Approve>,
    ),
    verb(
        "task.done",
        "done",
        &[
            ITEM,
            &[may("evidence", Shape::Text), may("force", Shape::Flag)],
        ],
        into::<requests::Done>,
    ),
    verb(
        "task.cancel",
        "cancelled",
        &[ITEM, REASON],
        into::<requests::Cancel>,
    ),
    verb(
        "task.defer",
        "deferred",
        &[ITEM, REASON],
        into::<requests::Defer>,
    ),
    verb(
        "task.undefer",
        "no longer deferred",
        &[ITEM],
        into::<requests::Undefer>,
    ),
    verb(
        "task.block",
        "blocked",
        &[ITEM, &[needs("reason", Shape::Text)]],
        into::<requests::Block>,
    ),
    verb(
        "task.unblock",
        "unblocked",
        &[ITEM],
        into::<requests::Unblock>,
    ),
    verb(
        "task.reopen",
        "reopened",
        &[ITEM, REASON],
        into::<requests::Reopen>,
    ),
    verb(
        "task.reassign",
        "reassigned",
        &[ITEM, &[needs("to", Shape::Text)]],
        into::<requests::Reassign>,
    ),
    verb(
        "task.delete",
        "deleted",
        &[ITEM, DELETE],
        into::<requests::Delete>,
    ),
    verb("epic.edit", "changed", EDIT, into::<requests::Edit>),
    verb(
        "epic.close",
        "closed",
        &[ITEM, CLOSE],
        into::<requests::Close>,
    ),
    verb(
        "epic.reopen",
        "reopened",
        &[ITEM, REASON],
        into::<requests::Reopen>,
    ),
    verb(
        "epic.comment",
        "commented on",
        COMMENT,
        into::<requests::Comment>,
    ),
    verb(
        "epic.delete",
        "deleted",
        &[ITEM, DELETE],
        into::<requests::Delete>,
    ),
    verb(
        "prd.create",
        "created",
        &[TITLE, FIELDS],
        into::<requests::CreatePrd>,
    ),
    verb("prd.edit", "changed", EDIT, into::<requests::Edit>),
    verb(
        "prd.close",
        "closed",
        &[ITEM, CLOSE],
        into::<requests::Close>,
    ),
    verb(
        "prd.reopen",
        "reopened",
        &[ITEM, REASON],
        into::<requests::Reopen>,
    ),
    verb(
        "prd.comment",
        "commented on",
        COMMENT,
        into::<requests::Comment>,
    ),
    verb(
        "prd.delete",
        "deleted",
        &[ITEM, DELETE],
        into::<requests::Delete>,
    ),
    verb(
        "issue.create",
        "created",
        &[
            TITLE,
            ISSUE,
            &[
                may("deps", Shape::Texts),
                may("template", Shape::Flag),
                may("force", Shape::Flag),
            ],
        ],
        into::<requests::CreateIssue>,
    ),
    verb(
        "issue.update",
        "changed",
        &[
            ITEM,
            &[may("title", Shape::Text)],
            ISSUE,
            &[
                may("status", Shape::Text),
                may("reason", Shape::Text),
                may("append-notes", Shape::Text),
                may("add-label", Shape::Texts),
                may("remove-label", Shape::Texts),
                may("pinned", Shape::Flag),
                may("template", Shape::Flag),
                may("force", Shape::Flag),
            ],
        ],
        into::<requests::UpdateIssue>,
    ),
    verb("issue.edit", "changed", EDIT, into::<requests::Edit>),
    verb(
        "issue.close",
        "closed",
        &[ITEM, CLOSE],
        into::<requests::Close>,
    ),
    verb(
        "issue.reopen",
        "reopened",
        &[ITEM, REASON],
        into::<requests::Reopen>,
    ),
    verb(
        "issue.comment",
        "commented on",
        COMMENT,
        into::<requests::Comment>,
    ),
    verb(
        "issue.delete",
        "deleted",
        &[ITEM, DELETE],
        into::<requests::Delete>,
    ),
    verb(
        "issue.defer",
        "deferred",
        &[
            ITEM,
            &[may("until", Shape::Text), may("force", Shape::Flag)],
            REASON,
        ],
        into::<requests::Deferred>,
    ),
    verb(
        "issue.undefer",
        "no longer deferred",
        &[ITEM],
        into::<requests::TakeUp>,
    ),
    verb(
        "dep.add",
        "made to depend",
        &[
            ITEM,
            EDGE,
            &[
                may("soft", Shape::Flag),
                may("gate", Shape::Text),
                may("force", Shape::Flag),
            ],
        ],
        into::<requests::AddEdge>,
    ),
    verb(
        "dep.rm",
        "freed of an edge",
        &[ITEM, EDGE],
        into::<requests::RemoveEdge>,
    ),
];

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
    ("next", "claims through the remote"),
    ("issue.claim", "claims through the remote"),
    ("finish", "checks the worktree and runs gates"),
    ("task.finish", "checks the worktree and runs gates"),
    ("task.drop", "checks the worktree"),
    ("merge", "moves a branch"),
    ("reserve.", "is settled with the remote"),
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
