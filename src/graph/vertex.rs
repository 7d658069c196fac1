//! What the graph has to know of an item.
//!
//! A hundred thousand complete items take much memory, so a caller that needs only readiness keeps
//! them as [`Light`].

use super::ready;
use super::resolve_edges::Relation;
use crate::model::id::ItemRef;
use crate::model::item::{Item, PARENT_CHILD};
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
}

const ALL: [Is; 7] = [
    Is::Deleted,
    Is::Template,
    Is::Open,
    Is::Work,
    Is::Candidate,
    Is::Blocked,
    Is::Deferred,
];

/// An item, as the graph needs it.
pub trait Vertex {
    /// The permanent name.
    fn uid(&self) -> &Uid;
    /// The current id.
    fn id(&self) -> &str;
    /// The greatest stamp in it.
    fn version(&self) -> &str;
    /// A sort key from the oldest to the youngest item.
    fn age(&self) -> u128;
    /// From 0 (highest) to 4.
    fn priority(&self) -> u8;
    /// The end of its deferral, in milliseconds since the Unix epoch.
    fn defer_ms(&self) -> Option<u64>;
    /// The time at which it is due, if that is past or near at a moment.
    fn due_soon(&self, now_ms: u64) -> Option<u64>;
    /// The PRD whose plan it was made by.
    fn planned_from(&self) -> Option<&Uid>;
    /// True if it has a property.
    fn is(&self, what: Is) -> bool;
    /// Calls `each` with the references that the graph uses.
    fn references(&self, each: &mut dyn FnMut(Relation, &ItemRef));
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
        }
    }

    fn references(&self, each: &mut dyn FnMut(Relation, &ItemRef)) {
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
        if let Some(target) = &self.epic {
            each(Relation::Epic, target);
        }
    }
}

/// The parts of an item that the graph needs.
#[derive(Debug)]
pub struct Light {
    uid: Uid,
    id: Box<str>,
    age: u128,
    defer_ms: Option<u64>,
    planned_from: Option<Box<Uid>>,
    priority: u8,
    /// One bit for each [`Is`].
    holds: u8,
    /// With the uid only, by which the graph finds them.
    references: Box<[(Relation, ItemRef)]>,
}

impl Light {
    /// Extracts these parts from an item.
    pub fn of(item: &Item) -> Light {
        let mut references = Vec::new();
        item.references(&mut |via, target| {
            let uid = target.uid.clone();
            let born = String::new();
            references.push((via, ItemRef { born, uid }));
        });
        Light {
            uid: item.uid.clone(),
            id: item.id.as_str().into(),
            age: item.age,
            defer_ms: item.issue.defer_ms,
            planned_from: item.planned_from.clone().map(Box::new),
            priority: item.priority,
            holds: ALL
                .into_iter()
                .filter(|what| item.is(*what))
                .fold(0, |bits, what| bits | 1 << what as u8),
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

    fn version(&self) -> &str {
        ""
    }

    fn age(&self) -> u128 {
        self.age
    }

    fn priority(&self) -> u8 {
        self.priority
    }

    fn defer_ms(&self) -> Option<u64> {
        self.defer_ms
    }

    // No order is asked of a graph of these.
    fn due_soon(&self, _: u64) -> Option<u64> {
        None
    }

    fn planned_from(&self) -> Option<&Uid> {
        self.planned_from.as_deref()
    }

    fn is(&self, what: Is) -> bool {
        self.holds & 1 << what as u8 != 0
    }

    fn references(&self, each: &mut dyn FnMut(Relation, &ItemRef)) {
        for (via, target) in &self.references {
            each(*via, target);
        }
    }
}
