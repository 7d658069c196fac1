//! The standing of the work at a moment, and the finished and open work of each actor.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::view::{
    ActorReport, BlockedLine, ChangeKind, DoneLine, OpenCount, ReportChange, Standing,
};
use crate::model::id::{ItemKind, rank};
use crate::model::item::Item;
use crate::model::statistics::rounded;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::shared_views::Here;
use crate::store::index::{Reach, Scan};
use crate::store::state::State;
use crate::work::cost::percent;
use crate::work::insight::{ItemLine, Stand, is_under_way, is_work};
use crate::work::task::readiness::explained_from;
use crate::work::task::start::obstacle::Obstacles;

/// The open work of one state.
pub(super) struct OpenWork<'s, 'r> {
    state: &'s State<'r>,
    now_ms: u64,
    pub count: OpenCount,
    /// The number of these with an estimate, and of those that are only kept from the caller.
    estimated: usize,
    kept: usize,
    /// By state: the number of epics.
    epics: Vec<(String, usize)>,
    /// Started items, in the order of ids.
    pub doing: Vec<&'s Item>,
    /// The first blocked items, and the first of each owner, most urgent first.
    blocked: Vec<(&'s Item, BlockedLine)>,
    /// The length of lists.
    limit: usize,
    /// By part of the open work: the number of items.
    parts: HashMap<Stand, usize>,
    /// The first items that can be started, and the first of each owner, most urgent first.
    ready: Vec<&'s Item>,
    owned: Vec<&'s Item>,
}

impl<'s, 'r> OpenWork<'s, 'r> {
    /// The open work of a state, of all items or of the chosen ones, as seen at the time of `here`.
    pub fn of(
        pm: &'s Pm,
        state: &'s State<'r>,
        chosen: Option<&HashSet<Uid>>,
        here: &Here,
        limit: usize,
    ) -> Self {
        let now_ms = here.now_ms;
        let is_chosen = |item: &Item| chosen.is_none_or(|chosen| chosen.contains(&item.uid));
        let (alike, epics) = state.open_work(now_ms, chosen);
        let (mut count, mut estimated) = (OpenCount::default(), 0);
        let mut parts: HashMap<Stand, usize> = HashMap::new();
        for one in alike {
            let part = Stand::with(&one.status, one.begun, one.ready, one.blocked);
            let items = usize::try_from(one.items).unwrap_or(0);
            *parts.entry(part).or_default() += items;
            estimated += if one.minutes > 0 { items } else { 0 };
            let in_progress = if one.begun { one.items } else { 0 };
            let open_hours = one.minutes as f64 / 60.0;
            let more = OpenCount {
                open: one.items,
                in_progress,
                open_hours,
            };
            count = count.plus(more, 1);
        }
        let kept = Obstacles::new(pm, state).kept(now_ms);
        let kept: BTreeMap<&Uid, &Item> = kept
            .into_iter()
            .filter(|(item, _)| is_chosen(item))
            .map(|(item, _)| (&item.uid, item))
            .collect();
        if let Some(ready) = parts.get_mut(&Stand::Ready) {
            *ready = ready.saturating_sub(kept.len());
            *parts.entry(Stand::Blocked).or_default() += kept.len();
        }
        let is_ours = |item: &Item| is_work(item) && is_chosen(item);
        let is_ready = |item: &Item| is_ours(item) && !kept.contains_key(&item.uid);
        let waits = |item: &Item| item.status == Status::Blocked || !is_under_way(item);
        let mut blocked = state.scan(&Scan::Blocked(now_ms), |i| is_ours(i) && waits(i), limit);
        let which = Scan::BlockedOwned(now_ms);
        let mut owned = state.first_of_owners(&which, is_ours, limit);
        owned.sort_by_cached_key(|item| (item.priority, item.age, rank(&item.id)));
        let mut first = OfEach::new(limit);
        blocked.extend(owned.into_iter().filter(|item| first.takes(item)));
        blocked.extend(kept.values());
        let mut seen: HashSet<&Uid> = HashSet::new();
        blocked.retain(|item| seen.insert(&item.uid));
        blocked.sort_by_cached_key(|item| (item.priority, item.age, rank(&item.id)));
        let uids: Vec<Uid> = blocked.iter().map(|item| item.uid.clone()).collect();
        let why = uids.chunks(TOGETHER).flat_map(|uids| {
            let around = state.around(&uids.iter().collect::<Vec<_>>(), Reach::Waits);
            explained_from(pm, state, &state.graph(&around, now_ms), uids, here)
        });
        let lines = blocked.into_iter().zip(why).map(|(item, why)| {
            let line = BlockedLine {
                item: ItemLine::of(state, item, now_ms),
                why: why.reasons,
                blocked_by: why.blocked_by,
            };
            (item, line)
        });
        let mut owned = state.first_of_owners(&Scan::ReadyOwned(now_ms), is_ready, limit);
        owned.sort_by_cached_key(|item| {
            let due = item.due_soon(now_ms).unwrap_or(u64::MAX);
            (item.priority, due, item.age, rank(&item.id))
        });
        let mut first = OfEach::new(limit);
        owned.retain(|item| first.takes(item));
        OpenWork {
            state,
            now_ms,
            count,
            estimated,
            kept: kept.len(),
            epics,
            doing: state.scan(&Scan::Begun, is_chosen, usize::MAX),
            blocked: lines.collect(),
            limit,
            parts,
            ready: state.scan(&Scan::Ready(now_ms), is_ready, limit),
            owned,
        }
    }

    /// The standing of the work.
    pub fn standing(&self) -> Standing {
        let count = |part: Stand| self.parts.get(&part).copied().unwrap_or(0);
        let blocked = self.blocked.iter();
        let blocked =
            blocked.filter(|(item, _)| item.status == Status::Blocked || !is_under_way(item));
        let blocked = blocked.take(self.limit);
        let epics = |keep: &dyn Fn(&Status) -> bool| -> usize {
            let status = |word: &str| Status::parse(ItemKind::Epic, word);
            let kept = self
                .epics
                .iter()
                .filter(|(word, _)| status(word).is_some_and(|s| keep(&s)));
            kept.map(|(_, n)| n).sum()
        };
        let all = epics(&|_| true);
        let cancelled = epics(&|status| *status == Status::Cancelled);
        let closed = epics(&|status| status.is_closed()) - cancelled;
        Standing {
            open: usize::try_from(self.count.open).unwrap_or(0),
            open_hours: rounded(self.count.open_hours),
            estimated: self.estimated,
            ready: count(Stand::Ready),
            in_progress: count(Stand::Started),
            blocked: count(Stand::Blocked),
            kept: self.kept,
            deferred: count(Stand::Deferred),
            containers: count(Stand::Container),
            epics: all,
            epics_closed: closed,
            epics_cancelled: cancelled,
            epics_percent: percent(closed as u64, (all - cancelled) as u64),
            doing: self.lines(self.doing.iter().copied()),
            blocked_items: blocked.map(|(_, line)| line.clone()).collect(),
            next: self.lines(self.ready.iter().copied()),
        }
    }

    fn lines<'i>(&self, items: impl IntoIterator<Item = &'i Item>) -> Vec<ItemLine> {
        items
            .into_iter()
            .map(|item| ItemLine::of(self.state, item, self.now_ms))
            .collect()
    }

    /// The finished and open work of each actor, or of one of them.
    pub fn actors(&self, changes: &[ReportChange], only: Option<&str>) -> Vec<ActorReport> {
        let mut all: BTreeMap<(String, bool), ActorReport> = BTreeMap::new();
        let finished = |c: &&ReportChange| c.kind == ChangeKind::Finished && !c.actor.is_empty();
        let of_claim = |item: &&'s Item| {
            let claim = item.holder()?;
            Some((claim.actor.as_str(), claim.agent.is_some()))
        };
        let done = changes.iter().filter(finished);
        let done = done.map(|one| (one.actor.as_str(), one.by_agent));
        let known: HashSet<(&str, bool)> =
            done.chain(self.doing.iter().filter_map(of_claim)).collect();
        // An assignee is a name alone: that of a human, unless only an agent of this name has worked.
        let whose = |item: &&'s Item| {
            let is_agent =
                |name: &str| known.contains(&(name, true)) && !known.contains(&(name, false));
            let assigned = || item.owner().map(|name| (name, is_agent(name)));
            of_claim(item).or_else(assigned)
        };
        for change in changes.iter().filter(finished) {
            let of = entry(&mut all, (change.actor.as_str(), change.by_agent));
            of.done.push(DoneLine {
                id: change.id.clone(),
                title: change.title.clone(),
                at: change.at.clone(),
                commit: change.commit.clone(),
            });
        }
        for item in &self.doing {
            if let Some(owner) = whose(item) {
                entry(&mut all, owner).doing.extend(self.lines([*item]));
            }
        }
        let mut first = OfEach::new(self.limit);
        for (item, line) in self.blocked.iter().filter(|(item, _)| first.takes(item)) {
            if let Some(owner) = whose(item) {
                entry(&mut all, owner).blocked.push(line.clone());
            }
        }
        for item in &self.owned {
            if let Some(owner) = whose(item) {
                entry(&mut all, owner).next.extend(self.lines([*item]));
            }
        }
        all.into_values()
            .filter(|one| only.is_none_or(|only| only == one.actor))
            .collect()
    }
}

/// The report of a name, of a human or of an agent.
fn entry<'a>(
    all: &'a mut BTreeMap<(String, bool), ActorReport>,
    (actor, is_agent): (&str, bool),
) -> &'a mut ActorReport {
    let new = || ActorReport {
        actor: actor.to_string(),
        is_agent,
        ..ActorReport::default()
    };
    all.entry((actor.to_string(), is_agent)).or_insert_with(new)
}

/// The number of blocked items that are explained together: of more, too many items are around.
const TOGETHER: usize = 8;

/// The first items of each owner.
struct OfEach {
    limit: usize,
    taken: HashMap<String, usize>,
}

impl OfEach {
    fn new(limit: usize) -> Self {
        let taken = HashMap::new();
        OfEach { limit, taken }
    }

    fn takes(&mut self, item: &Item) -> bool {
        let Some(owner) = item.owner() else {
            return false;
        };
        let taken = self.taken.entry(owner.to_string()).or_default();
        *taken += 1;
        *taken <= self.limit
    }
}
