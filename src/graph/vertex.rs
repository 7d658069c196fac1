//! What the graph has to know of an item.
//!
//! A hundred thousand complete items take much memory, so a caller that shows few of them keeps all as
//! [`Light`]; the index has them as [`Record`]s.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::ready;
use super::resolve_edges::Relation;
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::{Item, PARENT_CHILD};
use crate::model::limits::DUE_SOON_MS;
use crate::model::stamp::parse_rfc3339;
use crate::model::status::Status;
use crate::model::uid::Uid;

/// A property of an item that does not depend on others.
#[derive(Clone, Copy, Debug)]
pub enum Is {
    /// It is a tombstone.
    Deleted,
    /// It is only a template for other items.
    Template,
    /// It can block others; see [`super::Graph`].
    Open,
    /// Its kind and type can be offered as work.
    Work,
    /// It could be offered regardless of other items, unless it is deferred.
    Candidate,
    /// Its status is `blocked`.
    Blocked,
    /// Its status is `deferred`.
    Deferred,
    /// Its status is that of closed items.
    Closed,
    /// Its status is that of items which can be started.
    Startable,
    /// Work on it was started and is not closed.
    UnderWay,
    /// It has a claim that has not ended.
    Held,
    /// Its text has concurrent versions.
    Conflicted,
    /// Its size is one of the two smallest.
    Small,
    /// It is the record of another tracker, which says when it was created.
    Imported,
}

const ALL: [Is; 14] = {
    use Is::*;
    [
        Deleted, Template, Open, Work, Candidate, Blocked, Deferred, Closed, Startable, UnderWay,
        Held, Conflicted, Small, Imported,
    ]
};

/// An item, as the graph needs it.
pub trait Vertex {
    /// The permanent name.
    fn uid(&self) -> &Uid;
    /// The current id.
    fn id(&self) -> &str;
    /// The greatest stamp in it, if it is known.
    fn version(&self) -> &str {
        ""
    }
    /// A sort key from the oldest to the youngest item.
    fn age(&self) -> u128;
    /// From 0 (highest) to 4.
    fn priority(&self) -> u8;
    /// The minutes of its own work, by its estimate.
    fn minutes(&self) -> Option<u64>;
    /// The end of its deferral, in milliseconds since the Unix epoch.
    fn defer_ms(&self) -> Option<u64>;
    /// The time at which it is due, if that is past or near at a moment.
    fn due_soon(&self, now_ms: u64) -> Option<u64>;
    /// The PRD whose plan it was made by.
    fn planned_from(&self) -> Option<&Uid>;
    /// True if it has a property.
    fn is(&self, what: Is) -> bool;
    /// Calls `each` with the references that the graph uses: the uid, if it is one of an item, and
    /// the birth id.
    fn references(&self, each: &mut dyn FnMut(Relation, Option<&Uid>, &str));
}

impl Vertex for Item {
    fn uid(&self) -> &Uid {
        &self.uid
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn age(&self) -> u128 {
        self.age
    }

    fn priority(&self) -> u8 {
        self.priority
    }

    fn minutes(&self) -> Option<u64> {
        self.estimated_minutes()
    }

    fn defer_ms(&self) -> Option<u64> {
        self.issue.defer_ms
    }

    fn due_soon(&self, now_ms: u64) -> Option<u64> {
        self.due_soon(now_ms)
    }

    fn planned_from(&self) -> Option<&Uid> {
        self.planned_from.as_ref()
    }

    fn is(&self, what: Is) -> bool {
        match what {
            Is::Deleted => self.deleted,
            Is::Template => self.issue.template,
            Is::Open => self.is_open(),
            Is::Work => ready::is_work(self),
            Is::Candidate => {
                let issue = &self.issue;
                ready::is_work(self)
                    && !(self.deleted || issue.pinned || issue.ephemeral || issue.template)
                    && self.status.is_startable()
                    && self.holder().is_none()
            }
            Is::Blocked => self.status == Status::Blocked,
            Is::Deferred => self.status == Status::Deferred,
            Is::Closed => self.status.is_closed(),
            Is::Startable => self.status.is_startable(),
            Is::Imported => self.is_imported,
            Is::UnderWay => ready::is_under_way(self),
            Is::Held => self.holder().is_some(),
            Is::Conflicted => self.conflicted,
            Is::Small => matches!(self.estimate.as_deref(), Some("XS" | "S")),
        }
    }

    fn references(&self, each: &mut dyn FnMut(Relation, Option<&Uid>, &str)) {
        let mut each = |via, target: &ItemRef| each(via, target.uid.as_ref(), &target.born);
        for dependency in &self.depends_on {
            let via = match dependency.soft {
                true => Relation::Soft,
                false => Relation::DependsOn,
            };
            each(via, &dependency.target);
        }
        for edge in &self.edges {
            let via = match edge.kind == PARENT_CHILD {
                true => Some(Relation::ParentChild),
                false => Relation::of(edge),
            };
            if let Some(via) = via {
                each(via, &edge.target);
            }
        }
        if let Some(target) = self.epic_apart() {
            each(Relation::Epic, target);
        }
    }
}

/// The parts of an item that the graph and its measures need of each. Times are those of a
/// [`Vertex`], in a form that takes half the memory.
#[derive(Debug, Serialize, Deserialize)]
pub struct Light {
    uid: Uid,
    id: Box<str>,
    age: u128,
    /// PRD, epic, task or issue.
    pub kind: ItemKind,
    priority: u8,
    /// One bit for each [`Is`].
    holds: u16,
    minutes: Option<NonZeroU64>,
    /// The time of its last change, in milliseconds since the Unix epoch.
    pub updated_ms: Option<NonZeroU64>,
    defer_ms: Option<NonZeroU64>,
    due_ms: Option<NonZeroU64>,
    planned_from: Option<Box<Uid>>,
    /// With the uid only, by which the graph finds them.
    references: Box<[(Relation, Option<Uid>)]>,
}

/// A row of the index: what the graph needs of an item, and what is added up once.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record<'i> {
    /// What the graph needs.
    pub light: Light,
    /// The status.
    pub status: &'i str,
    /// The type.
    pub item_type: &'i str,
    /// The planned paths.
    #[serde(borrow)]
    pub paths: Vec<&'i str>,
    /// The time of its creation, in milliseconds since the Unix epoch.
    pub created_ms: Option<u64>,
    /// The time at which its work was finished; `None` for open and cancelled items, and for those
    /// of which an import did not say when.
    pub finished_ms: Option<u64>,
}

impl<'i> Record<'i> {
    /// Extracts these parts from an item.
    pub fn of(item: &'i Item) -> Record<'i> {
        Record {
            light: Light::of(item),
            status: item.status.as_str(),
            item_type: &item.item_type,
            paths: item.paths.iter().map(String::as_str).collect(),
            created_ms: parse_rfc3339(&item.created_at),
            finished_ms: item.completed_at().and_then(parse_rfc3339),
        }
    }
}

impl Light {
    /// Extracts these parts from an item.
    pub fn of(item: &Item) -> Light {
        let mut references = Vec::new();
        item.references(&mut |via, uid, _| references.push((via, uid.cloned())));
        let due_ms = item.issue.due_at.as_deref().and_then(parse_rfc3339);
        // Only a deferral may end at the epoch, which is the same as none.
        let time = |ms: Option<u64>| NonZeroU64::new(ms?.max(1));
        Light {
            uid: item.uid.clone(),
            id: item.id.as_str().into(),
            age: item.age,
            kind: item.kind,
            priority: item.priority,
            holds: ALL
                .into_iter()
                .filter(|what| item.is(*what))
                .fold(0, |bits, what| bits | 1 << what as u16),
            minutes: time(item.minutes()),
            updated_ms: time(parse_rfc3339(&item.updated_at)),
            defer_ms: item.issue.defer_ms.and_then(NonZeroU64::new),
            due_ms: time(due_ms),
            planned_from: item.planned_from.clone().map(Box::new),
            references: references.into(),
        }
    }
}

impl Vertex for Light {
    fn uid(&self) -> &Uid {
        &self.uid
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn age(&self) -> u128 {
        self.age
    }

    fn priority(&self) -> u8 {
        self.priority
    }

    fn minutes(&self) -> Option<u64> {
        self.minutes.map(NonZeroU64::get)
    }

    fn defer_ms(&self) -> Option<u64> {
        self.defer_ms.map(NonZeroU64::get)
    }

    fn due_soon(&self, now_ms: u64) -> Option<u64> {
        let due = self.due_ms.map(NonZeroU64::get);
        due.filter(|due| *due <= now_ms.saturating_add(DUE_SOON_MS))
    }

    fn planned_from(&self) -> Option<&Uid> {
        self.planned_from.as_deref()
    }

    fn is(&self, what: Is) -> bool {
        self.holds & 1 << what as u16 != 0
    }

    fn references(&self, each: &mut dyn FnMut(Relation, Option<&Uid>, &str)) {
        for (via, uid) in &self.references {
            each(*via, uid.as_ref(), "");
        }
    }
}
