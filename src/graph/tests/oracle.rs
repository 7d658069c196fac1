//! A second implementation of the readiness rule, directly from its text and without regard to speed.
//!
//! It shares no code with the one under test.

use std::collections::BTreeSet;

use crate::model::id::{ItemKind, ItemRef};
use crate::model::issue_fields::Gate;
use crate::model::item::Item;
use crate::model::status::Status;

/// The items and the current time.
pub struct Oracle<'a>(pub &'a [Item], pub u64);

impl Oracle<'_> {
    fn at(&self, reference: &ItemRef) -> Option<usize> {
        let uid = reference.uid.as_ref()?;
        self.0.iter().position(|i| i.uid == *uid && !i.deleted)
    }

    pub fn open(&self, i: usize) -> bool {
        let over = ["done", "cancelled", "closed", "tombstone", "pinned"];
        let item = &self.0[i];
        let kept = item.issue.pinned || item.issue.template;
        !item.deleted && !kept && !over.contains(&item.status.as_str())
    }

    /// The targets of hard edges, including ignored ones.
    pub fn hard(&self, i: usize) -> BTreeSet<usize> {
        let item = &self.0[i];
        if item.deleted {
            return BTreeSet::new();
        }
        let hard = ["blocks", "conditional-blocks", "waits-for"];
        let dependencies = item.depends_on.iter().filter(|d| !d.soft);
        let edges = item.edges.iter();
        let edges = edges.filter(|e| hard.contains(&e.kind.as_str()));
        let all = dependencies
            .map(|d| &d.target)
            .chain(edges.map(|e| &e.target));
        all.filter_map(|t| self.at(t)).collect()
    }

    fn named_parents(&self, i: usize) -> BTreeSet<usize> {
        let item = &self.0[i];
        if item.deleted {
            return BTreeSet::new();
        }
        let edges = item.edges.iter().filter(|e| e.kind == "parent-child");
        let all = edges.map(|e| &e.target).chain(&item.epic);
        all.filter_map(|t| self.at(t)).collect()
    }

    /// True if `from` leads to `to` by parents named by items not younger than `youngest`.
    fn leads_up(
        &self,
        from: usize,
        to: usize,
        youngest: usize,
        seen: &mut BTreeSet<usize>,
    ) -> bool {
        from == to
            || (seen.insert(from)
                && self.0[from].uid <= self.0[youngest].uid
                && self
                    .named_parents(from)
                    .into_iter()
                    .any(|p| self.leads_up(p, to, youngest, seen)))
    }

    pub fn parents(&self, i: usize) -> BTreeSet<usize> {
        let named = self.named_parents(i).into_iter();
        named
            .filter(|p| !self.leads_up(*p, i, i, &mut BTreeSet::new()))
            .collect()
    }

    pub fn children(&self, i: usize) -> BTreeSet<usize> {
        (0..self.0.len())
            .filter(|c| self.parents(*c).contains(&i))
            .collect()
    }

    pub fn ancestors(&self, i: usize) -> BTreeSet<usize> {
        let mut all = BTreeSet::new();
        for parent in self.parents(i) {
            all.insert(parent);
            all.extend(self.ancestors(parent));
        }
        all
    }

    /// True if the end of an item waits for the start of another one; hard edges from items for
    /// which `allowed` is false are omitted.
    pub fn end_waits_for_start(
        &self,
        end: usize,
        start: usize,
        allowed: &dyn Fn(usize) -> bool,
    ) -> bool {
        let mut ends = BTreeSet::from([end]);
        let mut starts = BTreeSet::new();
        loop {
            let before = (ends.len(), starts.len());
            for e in ends.clone().into_iter().filter(|e| self.open(*e)) {
                starts.insert(e);
                ends.extend(self.children(e).into_iter().filter(|c| self.open(*c)));
            }
            for s in starts.clone() {
                starts.extend(self.ancestors(s));
                if self.open(s) && allowed(s) {
                    ends.extend(self.hard(s).into_iter().filter(|t| self.open(*t)));
                }
            }
            if before == (ends.len(), starts.len()) {
                return starts.contains(&start);
            }
        }
    }

    /// True if a hard edge between open items closes a cycle as the youngest edge of that cycle.
    pub fn broken(&self, from: usize, to: usize) -> bool {
        let older = |s: usize| self.0[s].uid < self.0[from].uid;
        self.end_waits_for_start(to, from, &older)
    }

    pub fn waits_for(&self, i: usize) -> BTreeSet<usize> {
        let targets = self.hard(i).into_iter();
        targets
            .filter(|t| self.open(i) && self.open(*t) && !self.broken(i, *t))
            .flat_map(|t| self.through(i, t))
            .collect()
    }

    /// The items that an edge to an open target waits for: the target, or some of its children.
    fn through(&self, i: usize, target: usize) -> BTreeSet<usize> {
        let item = &self.0[i];
        let there = |t: &ItemRef| self.at(t) == Some(target);
        let plain = item.depends_on.iter().any(|d| !d.soft && there(&d.target));
        let hard = ["blocks", "conditional-blocks", "waits-for"];
        let edges = item.edges.iter();
        let gates: Vec<_> = edges
            .filter(|e| hard.contains(&e.kind.as_str()) && there(&e.target))
            .map(|e| e.gate)
            .collect();
        let children = self.children(target);
        if plain || gates.contains(&None) || children.is_empty() {
            return BTreeSet::from([target]);
        }
        let all = gates.contains(&Some(Gate::AllChildren));
        if !all && children.iter().any(|c| !self.open(*c)) {
            return BTreeSet::new();
        }
        children.into_iter().filter(|c| self.open(*c)).collect()
    }

    pub fn deferred(&self, i: usize) -> bool {
        let item = &self.0[i];
        item.status == Status::Deferred || item.issue.defer_ms.is_some_and(|ms| ms > self.1)
    }

    pub fn held_up(&self, i: usize) -> bool {
        let stopped = self.0[i].status == Status::Blocked || self.deferred(i);
        self.0[i].issue.template || self.open(i) && (stopped || !self.waits_for(i).is_empty())
    }

    pub fn blocked(&self, i: usize) -> bool {
        let above = self.ancestors(i);
        !self.waits_for(i).is_empty() || above.into_iter().any(|a| self.held_up(a))
    }

    pub fn work(&self, i: usize) -> bool {
        let never =
            "epic merge-request gate molecule message agent role rig".split_ascii_whitespace();
        match self.0[i].kind {
            ItemKind::Task => true,
            ItemKind::Issue => never.into_iter().all(|t| t != self.0[i].item_type),
            _ => false,
        }
    }

    pub fn ready(&self, i: usize) -> bool {
        let item = &self.0[i];
        self.work(i)
            && !(item.deleted || self.deferred(i))
            && !(item.issue.pinned || item.issue.ephemeral || item.issue.template)
            && ["queued", "open"].contains(&item.status.as_str())
            && item.claims.iter().all(|c| c.ended.is_some())
            && self.children(i).into_iter().all(|c| !self.open(c))
            && !self.blocked(i)
    }
}
