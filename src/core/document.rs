//! Documents of a state: any of them by its fields, and the kinds that have a meaning of their own.

use std::fmt;

use serde_json::Value as Json;

use super::item::item_of;
use super::time::Timestamp;
use crate::coordinate::reserve::queue::{Case, Ranked};
use crate::model::doc::Doc;
use crate::model::learning::{self, LearningKind, LearningStatus};
use crate::model::message::author;
use crate::model::reservation::Mode;
use crate::model::uid::Uid;

/// A document of a [`State`](super::State): an item, a comment, a message, a reservation, a learning
/// or a document of another kind.
#[derive(Clone, Copy)]
pub struct Document<'s>(pub(super) &'s Doc);

impl<'s> Document<'s> {
    /// The permanent name.
    pub fn uid(&self) -> &'s Uid {
        &self.0.uid
    }

    /// The word for its kind: `task`, `comment`, `message`, …
    pub fn kind(&self) -> &'s str {
        &self.0.kind
    }

    /// The text below the fields, Markdown; of concurrent versions the newest.
    pub fn body(&self) -> &'s str {
        self.0.body.shown()
    }

    /// The value of a field with one value; `None` if it has none.
    pub fn field(&self, name: &str) -> Option<Json> {
        let value = self.0.value(name);
        (!value.is_null()).then(|| value.to_json())
    }

    /// The elements of a field that is a set, in order.
    pub fn elements(&self, name: &str) -> impl Iterator<Item = &'s str> {
        self.0.elements(name)
    }

    /// The actor who wrote it, for a comment, a message or a learning.
    pub fn author(&self) -> Option<&'s str> {
        self.0.text("author").map(|_| author(self.0))
    }

    /// The item that it is about, for a comment or a message.
    pub fn item(&self) -> Option<Uid> {
        item_of(self.0.text("item"))
    }
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A lock on paths that is in force.
#[derive(Clone, Debug)]
pub struct Reservation {
    pub(super) ranked: Ranked,
    pub(super) case: Case,
}

impl Reservation {
    /// The permanent name.
    pub fn uid(&self) -> &Uid {
        &self.ranked.reservation.uid
    }

    /// The holder.
    pub fn actor(&self) -> &str {
        &self.ranked.reservation.actor
    }

    /// The agent's own name; `None` if a human made it.
    pub fn agent(&self) -> Option<&str> {
        self.ranked.reservation.agent.as_deref()
    }

    /// Patterns from the repository root.
    pub fn patterns(&self) -> &[String] {
        &self.ranked.reservation.patterns
    }

    /// True if one of its patterns matches a path from the repository root, as git writes it
    /// (`src/main.rs`); an absolute path, or one with `./` or `../`, matches none.
    pub fn covers(&self, path: &str) -> bool {
        let mut patterns = self.ranked.patterns.iter();
        patterns.any(|pattern| pattern.matches(path, self.case))
    }

    /// The operations that it denies to others.
    pub fn mode(&self) -> Mode {
        self.ranked.reservation.mode
    }

    /// True if others may share the paths.
    pub fn is_shared(&self) -> bool {
        self.ranked.reservation.shared
    }

    /// True if it only warns.
    pub fn is_advisory(&self) -> bool {
        self.ranked.reservation.advisory
    }

    /// True if an earlier one conflicts with it: it denies nothing before that one has ended.
    pub fn is_waiting(&self) -> bool {
        self.ranked.behind.is_some()
    }

    /// The task that it is for.
    pub fn task(&self) -> Option<&Uid> {
        let task = self.ranked.reservation.task.as_ref();
        task.and_then(|task| task.uid.as_ref())
    }

    /// Free text.
    pub fn reason(&self) -> Option<&str> {
        self.ranked.reservation.reason.as_deref()
    }

    /// The time of its expiry; with a claim, the end of that claim's lease.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_millis(self.ranked.expires_ms)
    }
}

/// A pattern, gotcha or decision that the project wants to remember.
#[derive(Clone, Debug)]
pub struct Learning(pub(super) learning::Learning);

impl Learning {
    /// The permanent name, by which [`State::document`](super::State::document) has its text.
    pub fn uid(&self) -> &Uid {
        &self.0.uid
    }

    /// The id to show, such as `L-k3f9a2`.
    pub fn id(&self) -> String {
        self.0.id()
    }

    /// One line of text.
    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// Pattern, gotcha or decision.
    pub fn kind(&self) -> LearningKind {
        self.0.kind
    }

    /// Draft, accepted or retired.
    pub fn status(&self) -> LearningStatus {
        self.0.status
    }

    /// The item that it comes from.
    pub fn item(&self) -> Option<&Uid> {
        self.0.item.as_ref().and_then(|item| item.uid.as_ref())
    }

    /// The author.
    pub fn author(&self) -> Option<&str> {
        self.0.author.as_deref()
    }
}
