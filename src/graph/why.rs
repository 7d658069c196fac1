//! Why an item is ready or not: the direct reasons, and the chain to the root of them.

use super::Graph;
use super::ready::is_work;
use super::resolve_edges::{Absence, Relation};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::status::Status;
use crate::model::uid::Uid;

/// What stands directly in an item's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// The other item.
    pub uid: Uid,
    /// How it stands in the way: a hard relation, or [`Relation::Ancestor`].
    pub via: Relation,
}

/// One step from an item towards the root of its waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The item that the one before waits for.
    pub uid: Uid,
    /// Why: a hard relation; [`Relation::Ancestor`]; [`Relation::Child`] where the one before is a
    /// container that is done when its children are.
    pub via: Relation,
}

/// One thing that decides whether an item can be started, or that is worth a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It can be started now.
    Ready,
    /// It was deleted.
    Deleted,
    /// It is over.
    Closed(Status),
    /// Its kind is no work: an epic or a PRD.
    Kind(ItemKind),
    /// Issues of its type are no work.
    Type(String),
    /// Its state is none to start from.
    Status(Status),
    /// Somebody works on it.
    Held {
        /// Who.
        actor: String,
        /// Whether the claim's lease is over, so that it may be taken over.
        lapsed: bool,
    },
    /// It is a container with open children.
    Container(Vec<Uid>),
    /// It waits for an open item.
    BlockedBy(Blocker),
    /// An ancestor waits for an open item.
    AncestorBlocked {
        /// The ancestor.
        ancestor: Uid,
        /// What it waits for.
        by: Blocker,
    },
    /// An ancestor is blocked or deferred by hand.
    AncestorStopped {
        /// The ancestor.
        ancestor: Uid,
        /// Its state.
        status: Status,
    },
    /// It is put off for a time.
    Deferred {
        /// Until when, RFC 3339.
        until: String,
    },
    /// An ancestor is put off for a time.
    AncestorDeferred {
        /// The ancestor.
        ancestor: Uid,
        /// Until when, RFC 3339.
        until: String,
    },
    /// It is pinned, ephemeral or a template: not offered as work.
    Mark(&'static str),
    /// An ancestor is a template.
    AncestorTemplate(Uid),
    /// Warning: an edge of it does not count because it closes a cycle.
    CycleBroken(Blocker),
    /// Warning: the target of a soft dependency is open.
    SoftOpen(Uid),
    /// Warning: the target of an edge is not there.
    Missing {
        /// What the edge refers to.
        target: ItemRef,
        /// What the edge says.
        via: Relation,
        /// Why the target is not there.
        why: Absence,
    },
}

impl Reason {
    /// Whether it holds nobody up, and is only worth knowing.
    pub fn is_warning(&self) -> bool {
        matches!(
            self,
            Reason::CycleBroken(_) | Reason::SoftOpen(_) | Reason::Missing { .. }
        )
    }
}

impl Graph<'_> {
    /// The open items that an item waits for itself, by id.
    pub fn waits_for(&self, uid: &Uid) -> impl Iterator<Item = Blocker> {
        self.find(uid).into_iter().flat_map(|i| self.direct(i))
    }

    /// What an item waits for itself, then some ancestors.
    pub(super) fn direct_and(
        &self,
        i: usize,
        ancestors: impl IntoIterator<Item = usize>,
    ) -> impl Iterator<Item = Blocker> {
        let ancestors = ancestors.into_iter().map(|a| Blocker {
            uid: self.uid(a),
            via: Relation::Ancestor,
        });
        self.direct(i).chain(ancestors)
    }

    /// Why an item is ready or not, then the warnings. Empty for an unknown item.
    pub fn reasons(&self, uid: &Uid) -> Vec<Reason> {
        self.causes().reasons(uid, usize::MAX).0
    }

    /// The same, from the ancestors that are held up, and whether these are not all; ends soon after
    /// so many reasons.
    pub(super) fn first_reasons(
        &self,
        i: usize,
        most: usize,
        (stuck, mut more): (Vec<usize>, bool),
    ) -> (Vec<Reason>, bool) {
        let item = self.items[i];
        if item.deleted {
            return (vec![Reason::Deleted], false);
        }
        if item.status.is_closed() {
            return (vec![Reason::Closed(item.status.clone())], false);
        }
        let mut reasons = self.own_reasons(i);
        let one_more = most.saturating_add(1);
        reasons.extend(self.direct(i).map(Reason::BlockedBy).take(one_more));
        for a in stuck {
            if reasons.len() > most {
                more = true;
                break;
            }
            let above = self.items[a];
            let ancestor = self.uid(a);
            if above.issue.template {
                reasons.push(Reason::AncestorTemplate(ancestor));
                continue;
            }
            if matches!(above.status, Status::Blocked | Status::Deferred) {
                reasons.push(Reason::AncestorStopped {
                    ancestor: ancestor.clone(),
                    status: above.status.clone(),
                });
            }
            if let Some(until) = self.deferred_until(a) {
                reasons.push(Reason::AncestorDeferred {
                    ancestor: ancestor.clone(),
                    until,
                });
            }
            let waits = self.direct(a).map(|by| Reason::AncestorBlocked {
                ancestor: ancestor.clone(),
                by,
            });
            reasons.extend(waits.take(one_more));
        }
        if reasons.is_empty() {
            reasons.push(Reason::Ready);
        }
        reasons.extend(self.warnings(i).take(one_more));
        (reasons, more)
    }

    fn own_reasons(&self, i: usize) -> Vec<Reason> {
        let item = self.items[i];
        let mut reasons = Vec::new();
        if !is_work(item) {
            reasons.push(match item.kind {
                ItemKind::Issue => Reason::Type(item.item_type.clone()),
                kind => Reason::Kind(kind),
            });
        }
        if !item.status.is_startable() {
            reasons.push(Reason::Status(item.status.clone()));
        }
        let marks = [
            ("pinned", item.issue.pinned),
            ("ephemeral", item.issue.ephemeral),
            ("template", item.issue.template),
        ];
        reasons.extend(marks.into_iter().filter(|m| m.1).map(|m| Reason::Mark(m.0)));
        reasons.extend(
            self.deferred_until(i)
                .map(|until| Reason::Deferred { until }),
        );
        if let Some(claim) = item.holder() {
            reasons.push(Reason::Held {
                actor: claim.actor.clone(),
                lapsed: claim.is_over(self.now_ms),
            });
        }
        let open: Vec<_> = self.open_children(i).map(|child| self.uid(child)).collect();
        if !open.is_empty() {
            reasons.push(Reason::Container(open));
        }
        reasons
    }

    /// The time until which it is put off, if that is still to come.
    fn deferred_until(&self, i: usize) -> Option<String> {
        let issue = &self.items[i].issue;
        let until = issue.is_deferred_at(self.now_ms);
        until.then(|| issue.defer_until.clone()).flatten()
    }

    fn warnings(&self, i: usize) -> impl Iterator<Item = Reason> {
        let uid = &self.items[i].uid;
        let broken = self.cycles.broken_from(i).map(|arc| {
            Reason::CycleBroken(Blocker {
                uid: self.uid(arc.to),
                via: arc.via,
            })
        });
        let soft = self.soft.of(i).iter().filter(|to| self.is_open(**to));
        let soft = soft.map(|to| Reason::SoftOpen(self.uid(*to)));
        // Sorted by uid first.
        let first = self.missing.partition_point(|m| m.uid < *uid);
        let missing = self.missing[first..].iter().take_while(|m| m.uid == *uid);
        let missing = missing.map(|m| Reason::Missing {
            target: m.target.clone(),
            via: m.via,
            why: m.why,
        });
        broken.chain(soft).chain(missing)
    }

    /// What it waits for itself.
    fn direct(&self, i: usize) -> impl Iterator<Item = Blocker> {
        self.waits.of(i).iter().map(|arc| Blocker {
            uid: self.uid(arc.to),
            via: arc.via,
        })
    }
}
