//! Analyses of the graph of all items: order, bottlenecks, the next step, the time it may take.
//!
//! The order is that of the work. All are read-only and use the index, except for the data that only
//! git's history or the texts have; the algorithms are in `graph`.

mod agent_work;
pub(crate) mod awaited_items;
mod execution_order;
mod forecast;
mod graph;
mod items_of_files;
mod mermaid;
mod next_item;
mod project_health;
pub(crate) mod silent_holders;
mod suggest;
mod triage;

pub use crate::work::nothing_to_start::Idle;
pub use agent_work::AgentWork;
pub(crate) use agent_work::is_as_submitted;
pub use execution_order::OrderedItem;
pub(crate) use execution_order::doable;
pub use forecast::{Dates, ForecastView, Percentiles};
pub use graph::{GraphEdge, GraphNode, GraphView};
pub use items_of_files::{ImpactItem, ImpactView};
pub use next_item::{NextCommands, NextItem};
pub use project_health::{Counts, Health, Stale, Staleness, Velocity};
pub use silent_holders::SilentClaim;
pub use suggest::DuplicateHint;
pub use triage::{
    Alert, BlockerToClear, Breakdown, Commands, Part, Pick, QuickRef, QuickWin, Recommendation,
    Severity, TriageView,
};

use std::num::NonZeroU64;

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::here;
use crate::graph::{Graph, Is, Light, Vertex};
pub(crate) use crate::graph::{is_counted as is_work, is_under_way};
use crate::model::id::{self, ItemKind};
use crate::model::item::Item;
use crate::model::stamp::DAY_MS;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::state::State;

/// The default length of a list.
pub const LIST_LENGTH_DEFAULT: usize = 10;

/// An item in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ItemLine {
    /// The id; with the end of the uid where two items share it.
    pub id: String,
    /// prd, epic, task or issue.
    pub kind: String,
    /// The title, a single line.
    pub title: String,
    /// feature, bug, …
    #[serde(rename = "type")]
    pub item_type: String,
    /// The status; `deferred` also while it is put off until a time.
    pub status: String,
    /// 0 (highest) to 4.
    pub priority: u8,
    /// The claim's holder, else the assignee.
    pub owner: Option<String>,
}

impl ItemLine {
    /// The line of an item of a state at a time.
    pub(crate) fn of(state: &State<'_>, item: &Item, now_ms: u64) -> ItemLine {
        ItemLine {
            id: state.shown_id(item),
            kind: item.kind.to_string(),
            title: item.title.clone(),
            item_type: item.item_type.clone(),
            status: item.status_at(now_ms).to_string(),
            priority: item.priority,
            owner: item.owner().map(str::to_string),
        }
    }
}

/// All items of a state and their graph, at one moment.
struct Survey<'s, 'r, V = Item> {
    state: &'s State<'r>,
    /// Complete ones in the order of kind and id.
    items: Vec<&'s V>,
    graph: Graph<'s, V>,
    now_ms: u64,
}

/// From this number of items on, all are read at once instead of one by one.
const MANY: usize = 2_000;

/// Reads all items of a state and their graph; damaged items that are left out are reported.
fn survey<'s, 'r>(pm: &Pm, state: &'s State<'r>) -> Survey<'s, 'r> {
    here::tell_damaged(pm, state);
    Survey::of(state, pm.now_ms())
}

impl<'s, 'r> Survey<'s, 'r> {
    fn of(state: &'s State<'r>, now_ms: u64) -> Self {
        Survey::of_items(state, state.items(), now_ms)
    }

    fn line(&self, item: &Item) -> ItemLine {
        ItemLine::of(self.state, item, self.now_ms)
    }
}

impl<'s, 'r> Survey<'s, 'r, Light> {
    /// Of what measures of the whole graph need; damaged items that are left out are reported.
    fn of_lights(pm: &Pm, state: &'s State<'r>, lights: &'s [Light]) -> Self {
        here::tell_damaged(pm, state);
        Survey::of_items(state, lights.iter().collect(), pm.now_ms())
    }

    /// The days since an item's last change.
    fn days_untouched(&self, item: &Light) -> u64 {
        let ms = item.updated_ms.map_or(self.now_ms, NonZeroU64::get);
        self.now_ms.saturating_sub(ms) / DAY_MS
    }

    /// The complete item.
    fn whole(&self, uid: &Uid) -> Option<&'s Item> {
        self.state.item(uid)
    }

    /// Prepares for so many complete items.
    fn prepare(&self, items: usize) {
        if items >= MANY {
            self.state.every_item();
        }
    }
}

/// True if an item could be started but for the date until which it is deferred.
fn is_put_off(item: &impl Vertex, now_ms: u64) -> bool {
    item.is(Is::Startable) && item.defer_ms() > Some(now_ms)
}

/// The first items in the order of a key, equal ones as they were; no others are sorted.
fn first_by_key<T, K: Ord>(
    items: impl IntoIterator<Item = T>,
    limit: usize,
    key: impl Fn(&T) -> K,
) -> Vec<T> {
    let keyed = items.into_iter().enumerate();
    let mut keyed: Vec<(K, usize, T)> = keyed.map(|(n, item)| (key(&item), n, item)).collect();
    let order = |a: &(K, usize, T), b: &(K, usize, T)| (&a.0, a.1).cmp(&(&b.0, b.1));
    if limit < keyed.len() {
        keyed.select_nth_unstable_by(limit, order);
        keyed.truncate(limit);
    }
    keyed.sort_unstable_by(order);
    keyed.into_iter().map(|(_, _, item)| item).collect()
}

/// The key by which lists are sorted: kind, id in natural order, uid.
fn id_order(item: &Light) -> (ItemKind, Vec<u8>, Uid) {
    (item.kind, id::rank(item.id()), item.uid().clone())
}

impl<'s, 'r, V: Vertex> Survey<'s, 'r, V> {
    fn of_items(state: &'s State<'r>, items: Vec<&'s V>, now_ms: u64) -> Self {
        Survey {
            state,
            graph: state.graph(&items, now_ms),
            items,
            now_ms,
        }
    }

    fn item(&self, uid: &Uid) -> Option<&'s V> {
        self.graph.vertex(uid)
    }

    /// The open items, as the graph defines them.
    fn open(&self) -> impl Iterator<Item = &'s V> {
        let items = self.items.iter().copied();
        items.filter(|item| item.is(Is::Open))
    }

    fn shown_id(&self, item: &V) -> String {
        self.state.shown_as(item.id(), item.uid())
    }

    fn id(&self, uid: &Uid) -> String {
        self.item(uid)
            .map_or_else(|| uid.to_string(), |item| self.shown_id(item))
    }

    fn ids(&self, uids: &[Uid]) -> Vec<String> {
        uids.iter().map(|uid| self.id(uid)).collect()
    }
}

/// The part of the open work that an item belongs to; each belongs to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Stand {
    /// It can be started now.
    Ready,
    /// It is started.
    Started,
    /// It waits for others, or was stopped by hand.
    Blocked,
    /// It is deferred, by its status or until a time.
    Deferred,
    /// It is not offered: its parts are the work, or a mark or a status of its own keeps it.
    Container,
}

impl Stand {
    /// The part of the open task or issue at a place at a time.
    fn of<V: Vertex>(graph: &Graph<'_, V>, place: usize, now_ms: u64) -> Stand {
        let item = graph.vertices()[place];
        let blocked = graph.is_blocked(place) || graph.is_undecided(place);
        let status = match item.is(Is::Blocked) {
            _ if is_put_off(item, now_ms) || item.is(Is::Deferred) => Status::Deferred,
            true => Status::Blocked,
            false => Status::Queued,
        };
        let begun = item.is(Is::UnderWay);
        Stand::with(&status, begun, graph.is_ready_at(place), blocked)
    }

    /// The part of open work with these marks.
    pub(crate) fn with(status: &Status, begun: bool, ready: bool, blocked: bool) -> Stand {
        match status {
            Status::Deferred => Stand::Deferred,
            Status::Blocked => Stand::Blocked,
            _ if begun => Stand::Started,
            _ if ready => Stand::Ready,
            _ if blocked => Stand::Blocked,
            _ => Stand::Container,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::first_by_key;

    #[test]
    fn the_first_by_a_key_are_those_of_a_stable_sort() {
        let items: Vec<(u32, u32)> = (0..50).map(|n| (n * 7 % 5, n)).collect();
        let mut sorted = items.clone();
        sorted.sort_by_key(|item| item.0);
        for limit in [0, 1, 9, 49, 50, 51, usize::MAX] {
            let first = first_by_key(items.clone(), limit, |item| item.0);
            assert_eq!(first, sorted[..limit.min(50)], "{limit}");
        }
    }
}
