//! Builders of items for the tests of the graph.
//!
//! An item is named by a number, which is in its id and, as the time, in its uid: a greater number is
//! a younger item.

use crate::model::doc::Doc;
use crate::model::id::{ItemKind, ItemRef, sequential};
use crate::model::issue_fields::Gate;
use crate::model::item::{Claim, Dependency, Edge, Item};
use crate::model::status::Status;
use crate::model::uid::Uid;

pub fn uid(n: u64) -> Uid {
    Uid::from_parts(n, [0; 10])
}

pub fn number(uid: &Uid) -> u64 {
    (0..100_000).find(|n| self::uid(*n) == *uid).unwrap()
}

pub fn numbers(uids: &[Uid]) -> Vec<u64> {
    uids.iter().map(number).collect()
}

pub fn reference(n: u64) -> ItemRef {
    ItemRef::to("X-1", &uid(n))
}

pub fn task(n: u64) -> Item {
    numbered(ItemKind::Task, n)
}

pub fn epic(n: u64) -> Item {
    numbered(ItemKind::Epic, n)
}

fn numbered(kind: ItemKind, n: u64) -> Item {
    item(kind, n, &sequential(kind, u32::try_from(n).unwrap()))
}

pub fn issue(n: u64) -> Item {
    item(ItemKind::Issue, n, &format!("pm-{n:03}"))
}

pub fn item(kind: ItemKind, n: u64, id: &str) -> Item {
    let birth = "0.0.r".parse().unwrap();
    Item::from_doc(&Doc::new(uid(n), kind.as_str(), id, birth)).unwrap()
}

/// The properties that a test sets on an item.
pub trait Build {
    fn needs(self, n: u64) -> Self;
    fn soft(self, n: u64) -> Self;
    fn edge(self, kind: &str, n: u64) -> Self;
    fn gate(self, gate: Gate, n: u64) -> Self;
    fn deferred(self, until_ms: u64) -> Self;
    fn child_of(self, n: u64) -> Self;
    fn epic(self, n: u64) -> Self;
    fn is(self, status: &str) -> Self;
    fn held_by(self, actor: &str, until_ms: u64) -> Self;
    fn priority(self, priority: u8) -> Self;
    fn estimate(self, estimate: &str) -> Self;
    fn typed(self, item_type: &str) -> Self;
}

impl Build for Item {
    fn needs(mut self, n: u64) -> Self {
        let (target, soft) = (reference(n), false);
        self.depends_on.push(Dependency { target, soft });
        self
    }

    fn soft(mut self, n: u64) -> Self {
        let (target, soft) = (reference(n), true);
        self.depends_on.push(Dependency { target, soft });
        self
    }

    fn edge(mut self, kind: &str, n: u64) -> Self {
        self.edges.push(Edge {
            kind: kind.to_string(),
            target: reference(n),
            gate: None,
        });
        self
    }

    fn gate(mut self, gate: Gate, n: u64) -> Self {
        self = self.edge("waits-for", n);
        if let Some(edge) = self.edges.last_mut() {
            edge.gate = Some(gate);
        }
        self
    }

    fn deferred(mut self, until_ms: u64) -> Self {
        self.issue.defer_until = Some(format!("at {until_ms}"));
        self.issue.defer_ms = Some(until_ms);
        self
    }

    fn child_of(self, n: u64) -> Self {
        self.edge("parent-child", n)
    }

    fn epic(mut self, n: u64) -> Self {
        self.epic = Some(reference(n));
        self
    }

    fn is(mut self, status: &str) -> Self {
        self.status = Status::parse(self.kind, status).unwrap();
        self
    }

    fn held_by(mut self, actor: &str, until_ms: u64) -> Self {
        self.claims.push(Claim {
            id: format!("claim-of-{actor}"),
            actor: actor.to_string(),
            agent: None,
            replica: "r".into(),
            at: "1.0.r".parse().unwrap(),
            branch: None,
            lease_ms: until_ms,
            length_ms: 0,
            confirmed: true,
            ended: None,
        });
        self
    }

    fn priority(mut self, priority: u8) -> Self {
        self.priority = priority;
        self
    }

    fn estimate(mut self, estimate: &str) -> Self {
        self.estimate = Some(estimate.into());
        self
    }

    fn typed(mut self, item_type: &str) -> Self {
        self.item_type = item_type.into();
        self
    }
}
