//! What the graph asks of an item. Of a hundred thousand items the rest takes more memory than all
//! else, so who needs verdicts alone keeps them as [`Light`].

use super::ready;
use super::resolve_edges::Relation;
use crate::model::id::ItemRef;
use crate::model::item::{Item, PARENT_CHILD};
use crate::model::status::Status;
use crate::model::uid::Uid;

/// Something that holds of an item, whatever the others are.
#[derive(Clone, Copy, Debug)]
pub enum Is {
    /// It was deleted.
    Deleted,
    /// It is only a pattern to make others from.
    Template,
    /// It can hold others up; see [`super::Graph`].
    Open,
    /// It is of a sort that can be offered.
    Work,
    /// It could be offered as far as the item itself goes, when it is not put off.
    Candidate,
    /// Its state is `blocked`.
    Blocked,
    /// Its state is `deferred`.
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

/// An item, as far as the graph asks for it.
pub trait Vertex {
    /// The name that never changes.
    fn uid(&self) -> &Uid;
    /// The id people use.
    fn id(&self) -> &str;
    /// The greatest stamp in it.
    fn version(&self) -> &str;
    /// Its place from the oldest to the youngest.
    fn age(&self) -> u128;
    /// 0 (highest) to 4.
    fn priority(&self) -> u8;
    /// Until when it is put off, in milliseconds since the Unix epoch.
    fn defer_ms(&self) -> Option<u64>;
    /// Whether something holds of it.
    fn is(&self, what: Is) -> bool;
    /// Calls `each` with the references that mean something to the graph.
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
            let via = match edge.kind.as_str() {
                PARENT_CHILD => Some(Relation::ParentChild),
                _ => Relation::of(edge),
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

/// What is left of an item that only the graph is asked about.
#[derive(Debug)]
pub struct Light {
    uid: Uid,
    id: Box<str>,
    age: u128,
    defer_ms: Option<u64>,
    priority: u8,
    /// One bit for each [`Is`].
    holds: u8,
    /// By uid alone, as the graph finds them.
    references: Box<[(Relation, ItemRef)]>,
}

impl Light {
    /// What is left of an item.
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

    fn is(&self, what: Is) -> bool {
        self.holds & 1 << what as u8 != 0
    }

    fn references(&self, each: &mut dyn FnMut(Relation, &ItemRef)) {
        for (via, target) in &self.references {
            each(*via, target);
        }
    }
}
