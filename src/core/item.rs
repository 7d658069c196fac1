//! Items and their claims as a state has them.

use std::fmt;

use super::document::Document;
use super::time::Timestamp;
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item;
use crate::model::priority::Priority;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::model::vocabulary::{Estimate, Risk, Validation};
use crate::store::state;

/// A PRD, epic, task or issue of a [`State`](super::State).
#[derive(Clone, Copy)]
pub struct Item<'s> {
    pub(super) item: &'s item::Item,
    pub(super) state: &'s state::State<'s>,
}

impl<'s> Item<'s> {
    /// The permanent name.
    pub fn uid(&self) -> &'s Uid {
        &self.item.uid
    }

    /// The id to show, such as `T-0042`; where two items have one id, with characters of the uid
    /// after it. It may change until it is published: keep the uid.
    pub fn id(&self) -> String {
        self.state.shown_id(self.item)
    }

    /// PRD, epic, task or issue.
    pub fn kind(&self) -> ItemKind {
        self.item.kind
    }

    /// One line of text.
    pub fn title(&self) -> &'s str {
        &self.item.title
    }

    /// The status.
    pub fn status(&self) -> &'s Status {
        &self.item.status
    }

    /// The priority.
    pub fn priority(&self) -> Priority {
        Priority::try_from(self.item.priority).unwrap_or_default()
    }

    /// The size of the work; `None` too if the text of the state is not a known size.
    pub fn estimate(&self) -> Option<Estimate> {
        self.item.estimate.as_deref().and_then(Estimate::parse)
    }

    /// The risk of the work; `None` too if the text of the state is not a known one.
    pub fn risk(&self) -> Option<Risk> {
        self.item.risk.as_deref().and_then(Risk::parse)
    }

    /// When the tests are written; `None` too if the text of the state is not a known one.
    pub fn validation(&self) -> Option<Validation> {
        self.item.validation.as_deref().and_then(Validation::parse)
    }

    /// The labels, sorted.
    pub fn labels(&self) -> &'s [String] {
        &self.item.labels
    }

    /// The holder of its claim, else the assignee.
    pub fn owner(&self) -> Option<&'s str> {
        self.item.owner()
    }

    /// The stream of work that it belongs to.
    pub fn stream(&self) -> Option<&'s str> {
        self.item.stream.as_deref()
    }

    /// The epic that owns it.
    pub fn epic(&self) -> Option<&'s Uid> {
        self.item.epic.as_ref().and_then(|epic| epic.uid.as_ref())
    }

    /// Its parent by an edge.
    pub fn parent(&self) -> Option<&'s Uid> {
        self.item.parent().and_then(|parent| parent.uid.as_ref())
    }

    /// The items that have to be closed first. References to other projects are left out.
    pub fn depends_on(&self) -> impl Iterator<Item = &'s Uid> {
        let hard = self.item.depends_on.iter().filter(|on| !on.soft);
        hard.filter_map(|on| on.target.uid.as_ref())
    }

    /// The acceptance criteria, in order.
    pub fn criteria(&self) -> impl Iterator<Item = Criterion<'s>> {
        self.item.acceptance.iter().map(|criterion| Criterion {
            text: &criterion.text,
            is_met: criterion.done,
            evidence: criterion.evidence.as_deref(),
        })
    }

    /// The open claims; the first one holds the item.
    pub fn claims(&self) -> impl Iterator<Item = Claim<'s>> {
        self.item.open_claims().map(Claim)
    }

    /// Its branch, once started.
    pub fn branch(&self) -> Option<&'s str> {
        self.item.branch.as_deref()
    }

    /// Why it was blocked, deferred, cancelled or closed.
    pub fn reason(&self) -> Option<&'s str> {
        self.item.reason.as_deref()
    }

    /// The actor who created it.
    pub fn created_by(&self) -> Option<&'s str> {
        self.item.created_by.as_deref()
    }

    /// The time of its creation; `None` if the text of the state is not a time.
    pub fn created_at(&self) -> Option<Timestamp> {
        Timestamp::stored(Some(&self.item.created_at))
    }

    /// The time of its last change; `None` if the text of the state is not a time.
    pub fn updated_at(&self) -> Option<Timestamp> {
        Timestamp::stored(Some(&self.item.updated_at))
    }

    /// The time it was closed.
    pub fn closed_at(&self) -> Option<Timestamp> {
        Timestamp::stored(self.item.closed_at.as_deref())
    }

    /// The time it is due.
    pub fn due_at(&self) -> Option<Timestamp> {
        Timestamp::stored(self.item.issue.due_at.as_deref())
    }

    /// True if more work is expected: it is neither closed nor deleted, and neither pinned nor a
    /// template.
    pub fn is_open(&self) -> bool {
        self.item.is_open()
    }

    /// True if concurrent versions of its text wait for a decision.
    pub fn is_conflicted(&self) -> bool {
        self.item.conflicted
    }

    /// The stamp of its last change: equal versions mean equal items.
    pub fn version(&self) -> &'s str {
        &self.item.version
    }

    /// Its document, with the text and the fields that have no method here (`type`, `paths`, `edges`,
    /// `started_at`, `deleted`), such as those of a program of your own.
    pub fn document(&self) -> Option<Document<'s>> {
        self.state.doc(&self.item.uid).map(Document)
    }
}

impl fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.item.fmt(f)
    }
}

/// An acceptance criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Criterion<'s> {
    /// The condition, in one line.
    pub text: &'s str,
    /// True once it was accepted.
    pub is_met: bool,
    /// The evidence that it is met.
    pub evidence: Option<&'s str>,
}

/// The assignment of an item to an actor in one clone.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'s>(&'s item::Claim);

impl<'s> Claim<'s> {
    /// The claimant.
    pub fn actor(&self) -> &'s str {
        &self.0.actor
    }

    /// The agent's own name; `None` if a human made it.
    pub fn agent(&self) -> Option<&'s str> {
        self.0.agent.as_deref()
    }

    /// The id of the clone that it was made in: the same actor in another clone is another claimant.
    pub fn replica(&self) -> &'s str {
        &self.0.replica
    }

    /// True once the remote has it; until then another clone may be first.
    pub fn is_confirmed(&self) -> bool {
        self.0.confirmed
    }

    /// True if the holder may be gone: the lease has ended, or an agent is silent.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.0.is_stale(now.as_millis())
    }

    /// True if the lease has ended for others too, so that they may take over.
    pub fn may_be_taken_over(&self, now: Timestamp) -> bool {
        self.0.may_be_taken_over(now.as_millis())
    }
}

/// The item that a document refers to.
pub(super) fn item_of(reference: Option<&str>) -> Option<Uid> {
    ItemRef::parse(reference?).uid
}
