//! The standing of the work at a moment, and the finished and open work of each actor.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::periods::open_of;
use super::view::{
    ActorReport, BlockedLine, ChangeKind, DoneLine, OpenCount, ReportChange, Standing,
};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::statistics::rounded;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::shared_views::Here;
use crate::store::state::State;
use crate::work::cost::percent;
use crate::work::insight::{ItemLine, Stand, is_under_way, is_work};
use crate::work::task::readiness::explained_from;

/// The open work of one state.
pub(super) struct OpenWork<'s, 'r> {
    state: &'s State<'r>,
    now_ms: u64,
    pub count: OpenCount,
    epics: usize,
    epics_closed: usize,
    epics_cancelled: usize,
    /// Started items, in the order of ids.
    pub doing: Vec<&'s Item>,
    /// With those that are started.
    blocked: Vec<(&'s Item, BlockedLine)>,
    /// By part of the open work: the number of items.
    parts: HashMap<Stand, usize>,
    ready: Vec<&'s Item>,
}

impl<'s, 'r> OpenWork<'s, 'r> {
    /// The open work of a state, as seen at the time of `here`.
    pub fn of(state: &'s State<'r>, here: &Here) -> Self {
        let items = state.items();
        let graph = state.graph(&items, here.now_ms);
        let count = items
            .iter()
            .fold(OpenCount::default(), |sum, item| sum.plus(open_of(item), 1));
        let mut parts: HashMap<Stand, usize> = HashMap::new();
        for item in items.iter().filter(|item| open_of(item).open > 0) {
            let part = Stand::of(&graph, item, here.now_ms);
            *parts.entry(part).or_default() += 1;
        }
        let doing = items.iter().copied();
        let doing = doing.filter(|item| open_of(item).open > 0 && is_under_way(item));
        let found = |uids: Vec<Uid>| -> Vec<&'s Item> {
            let items = uids.iter().filter_map(|uid| state.item(uid));
            items.filter(|item| is_work(item)).collect()
        };
        let blocked = graph.blocked();
        let lines = explained_from(state, &graph, &blocked, here).into_iter();
        let lines = lines.zip(&blocked).filter_map(|(why, uid)| {
            let item = state.item(uid)?;
            let line = BlockedLine {
                item: ItemLine::of(state, item, here.now_ms),
                why: why.reasons,
                blocked_by: why.blocked_by,
            };
            is_work(item).then_some((item, line))
        });
        let epics = items.iter().filter(|item| item.kind == ItemKind::Epic);
        let epics: Vec<&Status> = epics.map(|epic| &epic.status).collect();
        let cancelled = epics.iter().filter(|one| ***one == Status::Cancelled);
        let cancelled = cancelled.count();
        let closed = epics.iter().filter(|one| one.is_closed()).count();
        OpenWork {
            state,
            now_ms: here.now_ms,
            count,
            epics: epics.len(),
            epics_closed: closed - cancelled,
            epics_cancelled: cancelled,
            doing: doing.collect(),
            blocked: lines.collect(),
            parts,
            ready: found(graph.ready()),
        }
    }

    /// The standing of the work.
    pub fn standing(&self, limit: usize) -> Standing {
        let count = |part: Stand| self.parts.get(&part).copied().unwrap_or(0);
        let blocked = self.blocked.iter();
        let blocked =
            blocked.filter(|(item, _)| item.status == Status::Blocked || !is_under_way(item));
        let blocked = blocked.take(limit);
        Standing {
            open: usize::try_from(self.count.open).unwrap_or(0),
            open_hours: rounded(self.count.open_hours),
            ready: self.ready.len(),
            in_progress: count(Stand::Started),
            blocked: count(Stand::Blocked),
            deferred: count(Stand::Deferred),
            containers: count(Stand::Container),
            epics: self.epics,
            epics_closed: self.epics_closed,
            epics_cancelled: self.epics_cancelled,
            epics_percent: percent(
                self.epics_closed as u64,
                (self.epics - self.epics_cancelled) as u64,
            ),
            doing: self.lines(self.doing.iter().copied()),
            blocked_items: blocked.map(|(_, line)| line.clone()).collect(),
            next: self.lines(self.ready.iter().copied().take(limit)),
        }
    }

    fn lines<'i>(&self, items: impl Iterator<Item = &'i Item>) -> Vec<ItemLine> {
        items
            .map(|item| ItemLine::of(self.state, item, self.now_ms))
            .collect()
    }

    /// The finished and open work of each actor, or of one of them.
    pub fn actors(
        &self,
        changes: &[ReportChange],
        limit: usize,
        only: Option<&str>,
    ) -> Vec<ActorReport> {
        let mut all: BTreeMap<String, ActorReport> = BTreeMap::new();
        let mut people: BTreeSet<String> = BTreeSet::new();
        let mut agents: BTreeSet<String> = BTreeSet::new();
        let mut note = |actor: &str, is_agent: bool| {
            let names = if is_agent { &mut agents } else { &mut people };
            names.insert(actor.to_string());
        };
        for change in changes.iter().filter(|c| c.kind == ChangeKind::Finished) {
            note(&change.actor, change.by_agent);
            entry(&mut all, &change.actor).done.push(DoneLine {
                id: change.id.clone(),
                title: change.title.clone(),
                at: change.at.clone(),
                commit: change.commit.clone(),
            });
        }
        for item in &self.doing {
            if let Some(claim) = item.holder() {
                note(&claim.actor, claim.agent.is_some());
            }
            if let Some(owner) = item.owner() {
                let line = ItemLine::of(self.state, item, self.now_ms);
                entry(&mut all, owner).doing.push(line);
            }
        }
        for (item, line) in &self.blocked {
            if let Some(owner) = item.owner() {
                entry(&mut all, owner).blocked.push(line.clone());
            }
        }
        for item in &self.ready {
            if let Some(owner) = item.owner() {
                let next = &mut entry(&mut all, owner).next;
                if next.len() < limit {
                    next.push(ItemLine::of(self.state, item, self.now_ms));
                }
            }
        }
        all.into_values()
            .filter(|one| only.is_none_or(|only| only == one.actor))
            .map(|one| ActorReport {
                is_agent: agents.contains(&one.actor) && !people.contains(&one.actor),
                ..one
            })
            .collect()
    }
}

fn entry<'a>(all: &'a mut BTreeMap<String, ActorReport>, actor: &str) -> &'a mut ActorReport {
    let new = || ActorReport {
        actor: actor.to_string(),
        is_agent: false,
        done: Vec::new(),
        doing: Vec::new(),
        blocked: Vec::new(),
        next: Vec::new(),
    };
    all.entry(actor.to_string()).or_insert_with(new)
}
