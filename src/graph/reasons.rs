//! Why an item is not ready: the direct reasons, such as an open dependency or gate.

use super::ready::is_work;
use super::resolve_edges::{Absence, Relation};
use super::{Graph, Vertex};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::status::Status;
use crate::model::uid::Uid;

/// An item that another one waits for, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// The item that is waited for.
    pub uid: Uid,
    /// A hard relation; [`Relation::Ancestor`]; or, in a chain, [`Relation::Child`] after a
    /// container that is done when its children are.
    pub via: Relation,
}

/// A fact that decides whether an item can be started, or that is worth a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It can be started now.
    Ready,
    /// It was deleted.
    Deleted,
    /// It is closed.
    Closed(Status),
    /// Its kind is not work: an epic or a PRD.
    Kind(ItemKind),
    /// Issues of its type are not work.
    Type(String),
    /// Its status does not allow a start.
    Status(Status),
    /// It is claimed.
    Held {
        /// The holder.
        actor: String,
        /// Set if the lease has ended, so that the claim may be taken over.
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
        /// The item that the ancestor waits for.
        by: Blocker,
    },
    /// An ancestor is blocked or deferred by hand.
    AncestorStopped {
        /// The ancestor.
        ancestor: Uid,
        /// The ancestor's status.
        status: Status,
    },
    /// The document of its plan, a PRD, changed after the approval.
    DocumentChanged(Uid),
    /// It is deferred until a time.
    Deferred {
        /// The time, RFC 3339.
        until: String,
    },
    /// An ancestor is deferred until a time.
    AncestorDeferred {
        /// The ancestor.
        ancestor: Uid,
        /// The time, RFC 3339.
        until: String,
    },
    /// It is pinned, ephemeral or a template: not offered as work.
    Mark(&'static str),
    /// An ancestor is a template.
    AncestorTemplate(Uid),
    /// Warning: one of its edges is ignored because it closes a cycle.
    CycleBroken(Blocker),
    /// Warning: the target of a soft dependency is open.
    SoftOpen(Uid),
    /// Warning: the target of an edge is missing.
    Missing {
        /// The reference.
        target: ItemRef,
        /// The relation.
        via: Relation,
        /// The reason why the target is missing.
        why: Absence,
    },
}

impl Reason {
    /// True for warnings, which do not prevent a start.
    pub fn is_warning(&self) -> bool {
        matches!(
            self,
            Reason::CycleBroken(_) | Reason::SoftOpen(_) | Reason::Missing { .. }
        )
    }

    /// True if an item with this reason cannot be started now.
    #[doc(hidden)]
    pub fn stops_start(&self) -> bool {
        !self.is_warning() && !matches!(self, Reason::Ready)
    }
}

impl<V: Vertex> Graph<'_, V> {
    /// The open items that the item itself waits for, by id.
    pub fn waits_for(&self, uid: &Uid) -> impl Iterator<Item = Blocker> {
        self.find(uid).into_iter().flat_map(|i| self.direct(i))
    }

    /// The items that an item itself waits for, then some ancestors.
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

    /// The items that an item itself waits for.
    fn direct(&self, i: usize) -> impl Iterator<Item = Blocker> {
        self.waits.of(i).iter().map(|arc| Blocker {
            uid: self.uid(arc.to),
            via: arc.via,
        })
    }
}

impl Graph<'_> {
    /// The reasons why an item is ready or not, then the warnings. Empty for an unknown item.
    pub fn reasons(&self, uid: &Uid) -> Vec<Reason> {
        self.causes().reasons(uid, usize::MAX).0
    }

    /// The same, given the ancestors that are held up and whether there are more of them; stops
    /// soon after `most` reasons.
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
        let undecided = item.planned_from.clone().filter(|_| self.is_undecided(i));
        reasons.extend(undecided.map(Reason::DocumentChanged));
        // Its author keeps the claim after the submission, but works on it no longer.
        let is_submitted = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
        if let Some(claim) = item.holder().filter(|_| !is_submitted) {
            reasons.push(Reason::Held {
                actor: claim.actor.clone(),
                lapsed: claim.may_be_taken_over(self.now_ms),
            });
        }
        let open: Vec<_> = self.open_children(i).map(|child| self.uid(child)).collect();
        if !open.is_empty() {
            reasons.push(Reason::Container(open));
        }
        reasons
    }

    /// The end of its deferral, if that is in the future.
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
        // Missing targets are sorted by uid first.
        let first = self.missing.partition_point(|m| m.uid < *uid);
        let missing = self.missing[first..].iter().take_while(|m| m.uid == *uid);
        let missing = missing.map(|m| Reason::Missing {
            target: m.target.clone(),
            via: m.via,
            why: m.why,
        });
        broken.chain(soft).chain(missing)
    }
}
