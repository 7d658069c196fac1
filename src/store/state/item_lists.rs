//! Many items at once: all, counts, those around some others, and full-text search.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::State;
use crate::git::repo::Oid;
use crate::graph::{Is, Light, Record, Vertex, is_under_way};
use crate::index::neighborhood::around;
use crate::index::{self, Alike, Among, Index, Reach, Scan, Source};
use crate::layout::Family;
use crate::model::id::{self, ItemKind};
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::{is_same_name, plain_title};
use crate::model::uid::Uid;
use crate::tree_diff::{self, Change};

/// The number of rows in a batch.
const BATCH: usize = 4_096;

/// The number of items around others up to which they are looked up one by one; for more of them
/// all are taken.
const NEAR: usize = 5_000;

impl State<'_> {
    /// All items that were not deleted, in the order of kind and id.
    pub fn items(&self) -> Vec<&Item> {
        let mut all = self.every_item();
        all.retain(|item| !item.deleted);
        in_order(&mut all);
        all
    }

    /// The results of `keep` for every item, deleted ones too, in no order; if the index has the
    /// same answers as this state, nothing else stays in memory.
    pub fn of_every_item<T>(&self, keep: impl Fn(&Item) -> T) -> Vec<T> {
        if self.is_exact()
            && self.every.get().is_none()
            && let Some(kept) = self.ask(|index| index.of_every_item(|item| keep(&item)))
        {
            return kept;
        }
        self.every_item().into_iter().map(keep).collect()
    }

    /// Every item that was not deleted as far as graphs need it, in no order, and the sums to which
    /// `add` adds each.
    pub fn vertices<A: Default>(&self, add: impl Fn(&mut A, &Record<'_>)) -> (A, Vec<Light>) {
        let gather = |(sum, lights): &mut (A, Vec<Light>), record: Record<'_>| {
            if !record.light.is(Is::Deleted) {
                add(sum, &record);
                lights.push(record.light);
            }
        };
        let mut all = Default::default();
        if self.is_exact() && self.every.get().is_none() {
            let asked = self.ask(|index| index.each_vertex(|record| gather(&mut all, record)));
            if asked.is_some() {
                return all;
            }
            all = Default::default();
        }
        let items = self.every_item().into_iter();
        items.for_each(|item| gather(&mut all, Record::of(item)));
        all
    }

    /// The uids of the items whose files differ from those of another tree; every uid if the files
    /// cannot be compared.
    pub fn items_unlike(&self, other: Oid) -> BTreeSet<Uid> {
        let Ok(Some(changes)) = tree_diff::changes(self.repo, other, self.tree, super::FAR) else {
            return self.item_uids();
        };
        let mut out = BTreeSet::new();
        for change in changes {
            let Some(oid) = change
                .new
                .filter(|_| matches!(change.family, Family::Item(_)))
            else {
                continue;
            };
            out.extend(self.uid_in(oid, &change));
        }
        // Staged documents are in no tree yet.
        out.extend(self.changed.borrow().iter().cloned());
        out.retain(|uid| self.item(uid).is_some());
        out
    }

    /// The uids of the items without a file in another tree; none if there are more than `most`, or the files cannot
    /// be compared.
    pub fn items_beyond(&self, other: Oid, most: usize) -> Option<Vec<Uid>> {
        let changes = tree_diff::changes(self.repo, other, self.tree, super::FAR).ok()??;
        let is_new =
            |change: &&Change| change.old.is_none() && matches!(change.family, Family::Item(_));
        let new: Vec<&Change> = changes.iter().filter(is_new).take(most + 1).collect();
        let uids = |change: &&Change| change.new.and_then(|oid| self.uid_in(oid, change).ok());
        (new.len() <= most).then(|| new.iter().filter_map(uids).collect())
    }

    /// The ids that more than one item has, deleted ones not counted.
    pub fn shared_ids(&self) -> BTreeSet<String> {
        let none = self.all[0].get().is_none()
            && self.ask(|index| index.tally(index::DUPLICATES)) == Some(0);
        let mut suspects: BTreeSet<String> = if none {
            let changed = self.changed.borrow().clone();
            let items = changed.iter().filter_map(|uid| self.item(uid));
            items.map(|item| item.id.clone()).collect()
        } else {
            let ids = self.of_every_item(|item| (!item.deleted).then(|| item.id.clone()));
            let mut seen = HashSet::new();
            let again = |id: &String| !seen.insert(id.clone());
            ids.into_iter().flatten().filter(again).collect()
        };
        suspects.retain(|id| self.bearers(id).len() > 1);
        suspects
    }

    /// The number of items, deleted ones not counted.
    pub fn count(&self) -> usize {
        if self.is_exact()
            && let Some(n) = self.ask(Index::count)
        {
            return n;
        }
        self.items().len()
    }

    /// About the number of items: deleted ones may count, and one that was changed here may count twice.
    /// Cheap enough to call for each of many new items.
    pub fn count_about(&self) -> usize {
        if let Some(docs) = self.all[0].get() {
            return docs.len();
        }
        let indexed = self.indexed.get_or_init(|| self.ask(Index::count));
        match indexed {
            Some(n) => n + self.changed.borrow().len(),
            None => self.item_docs().len(),
        }
    }

    /// The uids of all items, deleted ones too.
    pub fn item_uids(&self) -> BTreeSet<Uid> {
        self.known(
            |index| index.family(Family::Item(ItemKind::Task)),
            |names| names.all(),
        )
    }

    /// The items that a scan selects and `keep` keeps, at most `limit` of them.
    pub fn scan(
        &self,
        which: &Scan<'_>,
        mut keep: impl FnMut(&Item) -> bool,
        limit: usize,
    ) -> Vec<&Item> {
        if limit == 0 {
            return Vec::new();
        }
        if self.is_exact() {
            let mut found: Vec<Item> = Vec::new();
            let asked = self.ask(|index| {
                index.scan(which, |item| {
                    if keep(&item) {
                        found.push(item);
                    }
                    found.len() < limit
                })
            });
            if asked.is_some() {
                let cached = found.into_iter().map(|item| self.cached(item));
                return cached.collect();
            }
        }
        let mut all: Vec<&Item> = match which {
            Scan::Ready(now_ms)
            | Scan::Blocked(now_ms)
            | Scan::ReadyOwned(now_ms)
            | Scan::BlockedOwned(now_ms) => self.evaluated(which, *now_ms),
            _ => self.scanned(which),
        };
        all.retain(|item| keep(item));
        all.truncate(limit);
        all
    }

    /// Passes every item of an exact state to `each`, on as many threads as there are processors,
    /// and the results, in order and some thousand at a time, to `sink`, until it returns false.
    /// False if the index failed on the way: the results passed until then remain valid.
    ///
    /// # Errors
    /// The errors of `sink`.
    pub fn scan_parallel<T: Send, E>(
        &self,
        which: &Scan<'_>,
        each: impl Fn(Item) -> Option<T> + Sync,
        mut sink: impl FnMut(Vec<T>) -> std::result::Result<bool, E>,
    ) -> std::result::Result<bool, E> {
        let threads = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(8);
        let work = |rows: &[Vec<u8>]| -> index::Result<Vec<T>> {
            let mut made = Vec::with_capacity(rows.len());
            for row in rows {
                made.extend(each(index::decode(row)?));
            }
            Ok(made)
        };
        let mut failed: Option<E> = None;
        let mut rows: Vec<Vec<u8>> = Vec::new();
        let mut batch = |rows: &mut Vec<Vec<u8>>| -> index::Result<bool> {
            let share = rows.len().div_ceil(threads).max(1);
            let made: Vec<index::Result<Vec<T>>> = std::thread::scope(|scope| {
                let (first, rest) = rows.split_at(share.min(rows.len()));
                let others: Vec<_> = rest
                    .chunks(share)
                    .map(|part| scope.spawn(|| work(part)))
                    .collect();
                let mut made = vec![work(first)];
                let stopped = || index::Fault::Doubt("a reader stopped");
                made.extend(others.into_iter().map(|h| h.join().map_err(|_| stopped())?));
                made
            });
            rows.clear();
            for part in made {
                match sink(part?) {
                    Ok(true) => {}
                    Ok(false) => return Ok(false),
                    Err(error) => {
                        failed = Some(error);
                        return Ok(false);
                    }
                }
            }
            Ok(true)
        };
        let asked = self.ask(|index| {
            let mut on = true;
            index.scan_rows(which, |row| {
                rows.push(row.to_vec());
                if rows.len() == BATCH {
                    on = batch(&mut rows)?;
                }
                Ok(on)
            })?;
            if on {
                batch(&mut rows)?;
            }
            Ok(())
        });
        if let Some(error) = failed {
            return Err(error);
        }
        Ok(asked.is_some())
    }

    pub(super) fn cached(&self, item: Item) -> &Item {
        match self.items.get(&item.uid) {
            Some(known) => known,
            None => self.items.insert(item.uid.clone(), Box::new(item)),
        }
    }

    /// The ready or blocked items of the graph of all items at a moment.
    fn evaluated(&self, which: &Scan<'_>, now_ms: u64) -> Vec<&Item> {
        let items = self.items();
        let graph = self.graph(&items, now_ms);
        let uids = match which {
            Scan::Ready(_) | Scan::ReadyOwned(_) => graph.ready(),
            _ => graph.blocked(),
        };
        let found = uids.iter().filter_map(|uid| self.item(uid));
        match which {
            Scan::Ready(_) | Scan::Blocked(_) => found.collect(),
            _ => found.filter(|item| item.owner().is_some()).collect(),
        }
    }

    /// The answer of the index, corrected by the differences of this state.
    fn scanned(&self, which: &Scan<'_>) -> Vec<&Item> {
        let mut out: Vec<&Item> = Vec::new();
        let narrow = !matches!(which, Scan::All(_) | Scan::Open(_));
        let asked = (narrow && self.all[0].get().is_none())
            .then(|| {
                self.ask_again(|index| {
                    let mut found: Vec<Item> = Vec::new();
                    index.scan(which, |item| {
                        found.push(item);
                        true
                    })?;
                    Ok(found)
                })
            })
            .flatten();
        match asked {
            Some(mut found) => {
                let changed = self.changed.borrow();
                let hidden = self.hidden.borrow();
                found.retain(|i| !changed.contains(&i.uid) && !hidden.contains(&i.uid));
                out.extend(found.into_iter().map(|item| self.cached(item)));
                let other = changed
                    .iter()
                    .filter(|uid| self.some.get(uid).is_some() || self.settled.may_fit(uid, which))
                    .filter_map(|uid| self.here(uid)?.item.as_ref());
                out.extend(other.filter(|item| fits(which, item)));
                in_order(&mut out);
            }
            None => {
                out = self.items();
                out.retain(|item| fits(which, item));
            }
        }
        out
    }

    /// The items around some others: enough for the graph to give the same answers about these as
    /// with all items.
    pub fn around(&self, start: &[&Uid], reach: Reach) -> Vec<&Item> {
        let beside = start.iter().flat_map(|uid| self.proposed_beside(uid));
        let mut beside: BTreeMap<&Uid, &Item> = beside.map(|item| (&item.uid, item)).collect();
        if !beside.is_empty() {
            let waits = beside.values().flat_map(|item| &item.depends_on);
            let ends = waits.filter_map(|wait| wait.target.uid.as_ref());
            let ends = ends.chain(start.iter().copied());
            let ends: Vec<&Uid> = ends.filter(|uid| !beside.contains_key(*uid)).collect();
            if !ends.is_empty() {
                let stored = self.around(&ends, reach).into_iter();
                beside.extend(stored.map(|item| (&item.uid, item)));
            }
            return beside.into_values().collect();
        }
        let start: BTreeSet<Uid> = start.iter().map(|uid| (*uid).clone()).collect();
        if self.all[0].get().is_none() {
            let near = self.while_served(|| match self.is_exact() {
                true => self.ask(|index| index.near(&start, reach, NEAR)),
                false => around(&Here { state: self }, &start, reach, NEAR).ok(),
            });
            if let Some(Some(near)) = near {
                return near.into_values().map(|item| self.kept(item)).collect();
            }
        }
        self.every_item()
    }

    /// An item and those that can be reached from it over at most so many edges of any kind, in either
    /// direction; `None` if only a look at all items can tell.
    pub fn linked(&self, start: &Uid, depth: usize) -> Option<BTreeSet<Uid>> {
        self.is_exact()
            .then(|| self.ask(|index| index.linked(start, depth, NEAR)))??
    }

    fn kept(&self, item: Item) -> &Item {
        match self.here(&item.uid).and_then(|l| l.item.as_ref()) {
            Some(known) => known,
            None => self.cached(item),
        }
    }

    /// The number of tasks and issues in each state at a time, as people read it, deleted ones not
    /// counted; 0 for a state that only epics and documents have.
    pub fn counts(&self, now_ms: u64) -> BTreeMap<String, usize> {
        if self.is_exact()
            && let Some(counts) = self.ask(Index::counts)
            && let Some(put_off) = self.ask(|index| index.put_off(now_ms))
        {
            let mut counts: BTreeMap<String, usize> = counts.into_iter().collect();
            for (status, n) in put_off {
                if let Some(count) = counts.get_mut(&status) {
                    *count = count.saturating_sub(n);
                }
                *counts.entry(Status::Deferred.to_string()).or_default() += n;
            }
            return counts;
        }
        let mut counts = BTreeMap::new();
        for item in self.items() {
            let is_group = matches!(item.kind, ItemKind::Epic | ItemKind::Prd);
            let count: &mut usize = counts
                .entry(item.status_at(now_ms).to_string())
                .or_default();
            *count += usize::from(!is_group);
        }
        counts
    }

    /// The number of items that wait for others at a moment (milliseconds since the Unix epoch), or
    /// were stopped by hand.
    pub fn count_blocked(&self, now_ms: u64) -> usize {
        if self.is_exact()
            && let Some(n) = self.ask(|index| index.count_blocked(now_ms))
        {
            return n;
        }
        self.evaluated(&Scan::Blocked(now_ms), now_ms).len()
    }

    /// The number of open items that could be started at a moment (milliseconds since the Unix epoch), but for their
    /// open parts.
    pub fn count_containers(&self, now_ms: u64) -> usize {
        if self.is_exact()
            && let Some(n) = self.ask(|index| index.count_containers(now_ms))
        {
            return n;
        }
        let (work, _) = self.open_work(now_ms, None);
        let kept = work
            .iter()
            .filter(|one| one.status.is_startable() && !(one.begun || one.ready || one.blocked));
        kept.map(|one| usize::try_from(one.items).unwrap_or(0))
            .sum()
    }

    /// The number of items that can be started at a moment (milliseconds since the Unix epoch).
    pub fn count_ready(&self, now_ms: u64) -> usize {
        if self.is_exact()
            && let Some(n) = self.ask(|index| index.count_ready(now_ms))
        {
            return n;
        }
        self.evaluated(&Scan::Ready(now_ms), now_ms).len()
    }

    /// The open work in sums, and epics by status; of all items, or of some.
    pub fn open_work(
        &self,
        now_ms: u64,
        among: Option<&HashSet<Uid>>,
    ) -> (Vec<Alike>, Vec<(String, usize)>) {
        if among.is_none()
            && self.is_exact()
            && let Some(sums) = self.ask(|index| index.open_work(now_ms))
            && let Some(epics) = self.ask(Index::epics)
        {
            return (sums, epics);
        }
        let items = self.items();
        let graph = self.graph(&items, now_ms);
        let blocked: BTreeSet<Uid> = graph.blocked().into_iter().collect();
        let mut items = items;
        items.retain(|item| among.is_none_or(|among| among.contains(&item.uid)));
        let work = items.iter().filter_map(|item| {
            Some(Alike {
                minutes: index::open_minutes(item)?,
                status: item.status_at(now_ms).clone(),
                begun: is_under_way(item),
                ready: graph.is_ready(&item.uid),
                blocked: blocked.contains(&item.uid),
                items: 1,
            })
        });
        let epics = items.iter().filter(|item| item.kind == ItemKind::Epic);
        let epics = epics.map(|epic| (epic.status.to_string(), 1));
        (work.collect(), epics.collect())
    }

    /// The best hits of a full-text expression, best first.
    pub fn search(&self, among: Among, expression: &str, limit: usize) -> Vec<index::Hit> {
        if self.is_exact()
            && let Some(mut hits) =
                self.ask(|index| index.search(self.repo, among, expression, limit))
        {
            for item in hits.iter_mut().filter_map(|hit| hit.row.take()) {
                self.cached(item);
            }
            return hits;
        }
        let families = match among {
            Among::Words | Among::Titles => vec![self.item_docs(), self.comment_docs()],
            Among::Messages => vec![self.message_docs()],
            Among::Learnings => vec![self.learning_docs()],
        };
        let docs = families.into_iter().flat_map(|docs| docs.values());
        let docs = docs.map(|loaded| &loaded.doc);
        index::search_docs(docs, among, expression, limit).unwrap_or_default()
    }
}

/// Sorts by kind, id in natural order, uid.
fn in_order(items: &mut [&Item]) {
    items.sort_by_cached_key(|item| (item.kind, id::rank(&item.id), item.uid.clone()));
}

/// True if a scan selects an item; readiness is decided by the graph.
pub(super) fn fits(which: &Scan<'_>, item: &Item) -> bool {
    let open = !item.status.is_closed();
    let of = |kind: &Option<ItemKind>| kind.is_none_or(|kind| kind == item.kind);
    item.deleted == matches!(which, Scan::Deleted(_))
        && match which {
            Scan::All(kind) => of(kind),
            Scan::Open(kind) => open && of(kind),
            Scan::Ready(_) | Scan::Blocked(_) | Scan::ReadyOwned(_) | Scan::BlockedOwned(_) => {
                false
            }
            Scan::Begun => index::open_minutes(item).is_some() && is_under_way(item),
            Scan::Owner(name) => {
                open && item.owner().is_some_and(|owner| is_same_name(owner, name))
            }
            Scan::Branch(name) | Scan::Deleted(name) => item.branch.as_deref() == Some(name),
            Scan::Active => item.status.is_active(),
            Scan::Branched => item.status.is_active() && item.branch.is_some(),
            Scan::Submitted => item.status.is_active() && item.status != Status::InProgress,
            Scan::Held => item.claims.iter().any(|c| c.ended.is_none()),
            Scan::Unheld(name) => {
                item.status == Status::InProgress
                    && item.claims.iter().all(|c| c.ended.is_some())
                    && item.owner().is_none_or(|owner| is_same_name(owner, name))
            }
            Scan::Conflicted => item.conflicted,
            Scan::Titled(title) => open && plain_title(&item.title) == plain_title(title),
            Scan::Epics => item.is_epic(),
            Scan::Typed(word) => open && item.item_type.eq_ignore_ascii_case(word),
            Scan::Epic(uid) => item.whole().and_then(|e| e.uid.as_ref()) == Some(uid),
        }
}

/// The state as a source of items.
struct Here<'s, 'r> {
    state: &'s State<'r>,
}

impl Source for Here<'_, '_> {
    fn item(&self, uid: &Uid) -> index::Result<Option<Item>> {
        Ok(self.state.item(uid).cloned())
    }

    fn sources(&self, target: &Uid, kind: i64) -> index::Result<Vec<Uid>> {
        let found = self.state.known(
            |index| index.sources(target, kind),
            |names| names.sources(target, kind).cloned().collect(),
        );
        Ok(found.into_iter().collect())
    }
}
