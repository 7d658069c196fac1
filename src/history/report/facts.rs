//! What one commit did to the items, as far as reports count it: kept in the index by commit.
//!
//! A commit never changes, so it is read once; where the index cannot be written, each time.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::changes::{AT_ONCE_MS, Phase, Version};
use super::commits::Counted;
use super::periods::open_of;
use super::view::{Closed, OpenCount};
use crate::error::Result;
use crate::history::past_state::Past;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::stamp::parse_rfc3339;
use crate::model::status::Status;
use crate::model::text::{self, excerpt};
use crate::model::uid::Uid;
use crate::store::git::repo::{Commit, Oid};
use crate::store::history::trees::changed;
use crate::store::index::{OpenRow, PastItem};
use crate::store::layout::Family;
use crate::store::read_document::read_if_doc;
use crate::store::tree_diff::changes;
use crate::work::insight::is_work;

/// The most items created by one commit that are listed one by one; those of a larger one, such as an
/// import, are counted.
pub(super) const LISTED_MAX: usize = 1_000;

/// The longest title in a change, in characters.
const TITLE: usize = 200;

/// The scope of an item, as far as its fields define it.
pub(super) type Scope = (Vec<(String, String)>, Option<String>, Option<i64>);

/// What a commit did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Facts {
    /// The open work that its state has more than that of its first parent; none if the history begins
    /// here.
    pub open: Option<OpenCount>,
    /// The items that it created, those of them that were started, and those that were closed at a
    /// time that they do not state, if these are too many to be listed.
    pub counted: Option<[usize; 3]>,
    /// The changed items, by uid; of a merge none.
    pub items: Vec<ItemFact>,
    /// If very many were created, the number of those that had been closed: of these, `items` has only
    /// what a period needs, and the number is that of the others.
    pub apart: usize,
}

/// A created item that had been closed, of a commit that created very many.
type Apart = PastItem<ItemFact>;

/// What a commit did to one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ItemFact {
    pub uid: Uid,
    pub born: String,
    pub was: Option<Phase>,
    pub to: Phase,
    /// The new scope, if that of work in progress changed.
    pub scope: Option<Scope>,
    /// What a change of it shows, if there is one.
    pub shown: Option<Shown>,
}

/// An item in a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Shown {
    pub id: String,
    pub title: String,
    pub item_type: String,
    pub is_refactoring: bool,
    pub created: Option<u64>,
    pub started: Option<u64>,
    pub estimated: Option<f64>,
    /// Of a finished item: whose work it is, and whether that is an agent, if known.
    pub worker: Option<(String, Option<bool>)>,
    /// Of a closed item: when and by whom.
    pub closed: Closed,
}

/// What commits did, in their order, as far as it matters to a period that begins at `since`.
pub(super) fn of_all(past: &Past<'_>, commits: &[Counted], since: u64) -> Result<Vec<Facts>> {
    let index = past.store.index_now();
    let ids: Vec<Oid> = commits.iter().map(|one| one.commit.id).collect();
    let known = index.as_ref().map(|index| index.past_changes(&ids));
    let mut known: HashMap<Oid, Facts> = known.and_then(|known| known.ok()).unwrap_or_default();
    let mut read: Vec<(Oid, Facts)> = Vec::new();
    let mut apart: Vec<(Oid, Vec<Apart>)> = Vec::new();
    for one in commits
        .iter()
        .filter(|one| !known.contains_key(&one.commit.id))
    {
        let (facts, closed) = of(past, &one.commit, true)?;
        read.push((one.commit.id, facts));
        if !closed.is_empty() {
            apart.push((one.commit.id, closed));
        }
    }
    // The history of a shallow clone may yet become longer.
    let whole: Vec<_> = read
        .iter()
        .filter(|(_, facts)| facts.open.is_some())
        .collect();
    if let Some(index) = index.as_ref().filter(|_| !whole.is_empty()) {
        // If that fails, they are read again.
        let _ = index.keep_past_changes(&whole, &apart);
    }
    known.extend(read);
    let all = ids.iter().map(|id| known.remove(id).unwrap_or_default());
    let mut all: Vec<Facts> = all.collect();
    let large: Vec<usize> = (0..all.len()).filter(|n| all[*n].apart > 0).collect();
    // What was created twice is closed twice, until the last state says which closing it has.
    let since = if large.len() > 1 { 0 } else { since };
    let from_ms = i64::try_from(since).unwrap_or(i64::MAX);
    for n in large {
        // What the other commits changed as well.
        let others = all.iter().enumerate().filter(|(other, _)| *other != n);
        let others = others.flat_map(|(_, facts)| &facts.items);
        let others: HashSet<Uid> = others.map(|fact| fact.uid.clone()).collect();
        let read_now = apart.iter().position(|(id, _)| *id == ids[n]);
        let read_now = read_now.map(|at| apart.swap_remove(at).1);
        let kept = match (&read_now, &index) {
            (None, Some(index)) => index.past_items(ids[n], from_ms, &others).ok(),
            _ => None,
        };
        let found: Vec<ItemFact> = match kept {
            Some(kept) => kept,
            None => {
                let closed = match read_now {
                    Some(closed) => closed,
                    None => of(past, &commits[n].commit, true)?.1,
                };
                let needed = closed.into_iter();
                let needed = needed.filter(|one| one.ms >= from_ms || others.contains(&one.uid));
                needed.map(|one| one.change).collect()
            }
        };
        let facts = &mut all[n];
        facts.apart = facts.apart.saturating_sub(found.len());
        facts.items.extend(found);
        facts.items.sort_by(|a, b| a.uid.cmp(&b.uid));
    }
    Ok(all)
}

/// What one commit did. With `counts`, very many created items are counted and not listed, and those of
/// them that had been closed are returned apart; the index gives those that are still the same.
pub(super) fn of(past: &Past<'_>, commit: &Commit, counts: bool) -> Result<(Facts, Vec<Apart>)> {
    let Some(parent) = commit.parents.first() else {
        return Ok(Default::default());
    };
    let repo = &past.repo;
    let parent = match repo.commit(*parent) {
        Ok(parent) => parent,
        Err(_) if repo.is_shallow() => return Ok(Default::default()),
        Err(error) => return Err(error),
    };
    let mut sum = Sum {
        lists: commit.parents.len() == 1,
        ..Sum::default()
    };
    let Ok(Some(mut all)) = changes(repo, parent.tree, commit.tree, usize::MAX) else {
        let found = changed(repo, Some(parent.tree), Some(commit.tree))?;
        let items = found.pairs.values();
        for pair in items.filter(|pair| matches!(pair.family, Family::Item(_))) {
            sum.add(pair.old.as_ref(), pair.new.as_ref());
        }
        return Ok(sum.facts());
    };
    all.retain(|change| matches!(change.family, Family::Item(_)));
    // A file that moved is paired by its uid.
    let mut moved: BTreeMap<Uid, [Option<Doc>; 2]> = BTreeMap::new();
    let read = |oid: Option<Oid>, path: &str| match oid {
        Some(oid) => read_if_doc(repo, oid, path),
        None => Ok(None),
    };
    for change in all.iter().filter(|change| change.old.is_some()) {
        let (old, new) = (
            read(change.old, &change.path)?,
            read(change.new, &change.path)?,
        );
        match (&old, &new) {
            (Some(a), Some(b)) if a.uid == b.uid => sum.add(old.as_ref(), new.as_ref()),
            _ => {
                for (side, doc) in [old, new].into_iter().enumerate() {
                    if let Some(uid) = doc.as_ref().map(|doc| doc.uid.clone()) {
                        moved.entry(uid).or_default()[side] = doc;
                    }
                }
            }
        }
    }
    let alone = all.iter().filter(|change| change.old.is_none()).count();
    sum.counts = counts && sum.lists && alone > LISTED_MAX && commit.op() != "merge";
    let mut done = vec![false; all.len()];
    if sum.counts
        && moved.is_empty()
        && let Some(index) = past.store.index_now()
    {
        // Found by their objects without a second table: there may be a million.
        all.sort_unstable_by_key(|change| change.new);
        let _ = index.each_item_of(|oid, open, whole| {
            let found = all.binary_search_by_key(&Some(oid), |change| change.new);
            let Some(n) = found.ok().filter(|n| all[*n].old.is_none() && !done[*n]) else {
                return Ok(());
            };
            // Before a stop it may have been started: only its document says so.
            let is_stopped = |status: &Status| matches!(status, Status::Blocked | Status::Deferred);
            if let Some(open) = open.filter(|open| !is_stopped(&open.status))
                && let to @ (Phase::Waiting | Phase::Active) = Phase::of_status(&open.status)
            {
                done[n] = true;
                sum.open = sum.open.plus(open_row(&open), 1);
                sum.created(to);
                return Ok(());
            }
            let (item, closed_by) = whole()?;
            let to = match item.deleted {
                true => Phase::Deleted,
                false => Phase::of_status(&item.status),
            };
            let over_ms = over_ms(to, &item);
            if is_stopped(&item.status) || !is_counted(to, &item) && over_ms.is_none() {
                return Ok(());
            }
            done[n] = true;
            match over_ms {
                _ if !is_work(&item) => {}
                Some(ms) => sum.set_apart(ms, &item, to, closed_by),
                None => {
                    sum.open = sum.open.plus(open_of(&item), 1);
                    sum.created(to);
                }
            }
            Ok(())
        });
    }
    let rest = all.iter().zip(done);
    for (change, _) in rest.filter(|(change, done)| change.old.is_none() && !done) {
        let Some(doc) = read(change.new, &change.path)? else {
            continue;
        };
        match moved.get_mut(&doc.uid) {
            Some(pair) => pair[1] = Some(doc),
            None => sum.add(None, Some(&doc)),
        }
    }
    for [old, new] in moved.into_values().filter(|[old, new]| old != new) {
        sum.add(old.as_ref(), new.as_ref());
    }
    Ok(sum.facts())
}

/// An open item as [`open_of`] counts it.
fn open_row(open: &OpenRow) -> OpenCount {
    OpenCount {
        open: 1,
        in_progress: i64::from(open.begun),
        open_hours: open.minutes as f64 / 60.0,
    }
}

/// The facts of a commit while its items are read.
#[derive(Default)]
struct Sum {
    /// False for a merge: its changes are those of both sides.
    lists: bool,
    /// True if created items are counted.
    counts: bool,
    open: OpenCount,
    counted: [usize; 3],
    items: Vec<ItemFact>,
    apart: Vec<Apart>,
}

/// Of a created item that had been closed, where it states when that was and when it was created: the
/// end of the time at which it can count as created or closed, whatever its commit counts at. A period that
/// begins later only has to know how many there are.
fn over_ms(to: Phase, item: &Item) -> Option<i64> {
    let is_closed = matches!(to, Phase::Finished | Phase::Cancelled) && item.status.is_closed();
    let closed = item.closed_at.as_deref().filter(|_| is_closed)?;
    let closed = parse_rfc3339(closed).filter(|at| *at > 0)?;
    let created = parse_rfc3339(&item.created_at)?;
    i64::try_from(closed.max(created).saturating_add(AT_ONCE_MS)).ok()
}

/// True if a created item in this phase need not be listed where there are very many: false if it
/// was submitted, or closed at a known time.
fn is_counted(to: Phase, item: &Item) -> bool {
    to != Phase::Review && (to.is_open() || item.closed_at.is_none())
}

impl Sum {
    fn facts(mut self) -> (Facts, Vec<Apart>) {
        self.items.sort_by(|a, b| a.uid.cmp(&b.uid));
        let facts = Facts {
            open: Some(self.open),
            counted: self.counts.then_some(self.counted),
            items: self.items,
            apart: self.apart.len(),
        };
        (facts, self.apart)
    }

    /// Takes in a created item that had been closed.
    fn set_apart(&mut self, ms: i64, item: &Item, to: Phase, closed_by: Option<String>) {
        self.apart.push(PastItem {
            uid: item.uid.clone(),
            ms,
            change: ItemFact {
                uid: item.uid.clone(),
                born: item.born.clone(),
                was: None,
                to,
                scope: None,
                shown: Some(Shown::of(None, item, to, closed_by)),
            },
        });
    }

    /// Counts a created item.
    fn created(&mut self, to: Phase) {
        let counts = match to {
            Phase::Deleted => return,
            Phase::Active => [1, 1, 0],
            Phase::Finished | Phase::Cancelled => [1, 0, 1],
            Phase::Review | Phase::Waiting => [1, 0, 0],
        };
        for (sum, one) in self.counted.iter_mut().zip(counts) {
            *sum += one;
        }
    }

    fn add(&mut self, old: Option<&Doc>, new: Option<&Doc>) {
        let (old, new) = (old.and_then(Version::of), new.and_then(Version::of));
        for (version, sign) in [(&old, -1), (&new, 1)] {
            if let Some(version) = version {
                self.open = self.open.plus(open_of(&version.item), sign);
            }
        }
        let Some(new) = new.filter(|_| self.lists) else {
            return;
        };
        let closed_by = new.doc.text("closed_by").map(text::actor);
        if old.is_none() && self.counts {
            if is_counted(new.phase, &new.item) {
                return self.created(new.phase);
            }
            if let Some(ms) = over_ms(new.phase, &new.item) {
                return self.set_apart(ms, &new.item, new.phase, closed_by);
            }
        }
        let was = old.as_ref().map(|old| old.phase);
        let begun = old.as_ref().filter(|old| old.phase.is_begun());
        let before = begun.map(Version::scope);
        let scope = before.and_then(|scope| Some(new.scope()).filter(|now| *now != scope));
        let is_shown = was != Some(new.phase) || scope.is_some();
        self.items.push(ItemFact {
            uid: new.item.uid.clone(),
            born: new.item.born.clone(),
            was,
            to: new.phase,
            scope,
            shown: is_shown.then(|| {
                let old = old.as_ref().map(|old| &old.item);
                Shown::of(old, &new.item, new.phase, closed_by)
            }),
        });
    }
}

impl Shown {
    fn of(old: Option<&Item>, item: &Item, phase: Phase, closed_by: Option<String>) -> Shown {
        let holder = old.and_then(Item::holder);
        let last = item.claims.iter().max_by(|a, b| a.at.cmp(&b.at));
        let worker = match holder.or(last) {
            Some(claim) => Some((claim.actor.clone(), Some(claim.agent.is_some()))),
            // Work that came finished is that of its assignee, not of who imported it.
            None => {
                let by = closed_by.as_ref().or(item.assignee.as_ref());
                by.map(|by| (by.clone(), None))
            }
        };
        let estimated = item.estimated_minutes();
        Shown {
            id: item.id.clone(),
            title: excerpt(&item.title, TITLE),
            item_type: item.item_type.clone(),
            is_refactoring: is_refactoring(item),
            created: parse_rfc3339(&item.created_at),
            started: item.started_at.as_deref().and_then(parse_rfc3339),
            estimated: estimated.map(|minutes| minutes as f64 / 60.0),
            worker: worker.filter(|_| phase == Phase::Finished),
            closed: match phase {
                Phase::Finished | Phase::Cancelled => (item.closed_at.clone(), closed_by),
                _ => (None, None),
            },
        }
    }
}

/// True for refactoring work: of the type refactor, or with such a label.
fn is_refactoring(item: &Item) -> bool {
    let named = |word: &str| {
        let word = word.to_lowercase();
        matches!(word.as_str(), "refactor" | "refactoring")
    };
    named(&item.item_type) || item.labels.iter().any(|l| named(l))
}
