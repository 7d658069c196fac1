//! What one commit did to the items, as far as reports count it: kept in the index by commit.
//!
//! A commit never changes, so it is read once; where the index cannot be written, each time.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::changes::{Phase, Version};
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
}

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

/// What commits did, in their order.
pub(super) fn of_all(past: &Past<'_>, commits: &[Counted]) -> Result<Vec<Facts>> {
    let index = past.store.index_now();
    let ids: Vec<Oid> = commits.iter().map(|one| one.commit.id).collect();
    let known = index.as_ref().map(|index| index.past_changes(&ids));
    let mut known: HashMap<Oid, Facts> = known.and_then(|known| known.ok()).unwrap_or_default();
    let mut read: Vec<(Oid, Facts)> = Vec::new();
    for one in commits
        .iter()
        .filter(|one| !known.contains_key(&one.commit.id))
    {
        read.push((one.commit.id, of(past, &one.commit, true)?));
    }
    // The history of a shallow clone may yet become longer.
    let whole: Vec<_> = read
        .iter()
        .filter(|(_, facts)| facts.open.is_some())
        .collect();
    if let Some(index) = index.filter(|_| !whole.is_empty()) {
        // If that fails, they are read again.
        let _ = index.keep_past_changes(&whole);
    }
    known.extend(read);
    Ok(ids
        .iter()
        .map(|id| known.remove(id).unwrap_or_default())
        .collect())
}

/// What one commit did. With `counts`, very many created items are counted and not listed, of which the
/// index gives those that are still the same.
pub(super) fn of(past: &Past<'_>, commit: &Commit, counts: bool) -> Result<Facts> {
    let Some(parent) = commit.parents.first() else {
        return Ok(Facts::default());
    };
    let repo = &past.repo;
    let parent = match repo.commit(*parent) {
        Ok(parent) => parent,
        Err(_) if repo.is_shallow() => return Ok(Facts::default()),
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
        let _ = index.each_item_of(|oid, item| {
            let found = all.binary_search_by_key(&Some(oid), |change| change.new);
            let Some(n) = found.ok().filter(|n| all[*n].old.is_none() && !done[*n]) else {
                return;
            };
            // Before a stop it may have been started: only its document says so.
            let is_stopped = matches!(item.status, Status::Blocked | Status::Deferred);
            let to = match item.deleted {
                true => Phase::Deleted,
                false => Phase::of_status(&item.status),
            };
            if is_stopped || !is_counted(to, &item) {
                return;
            }
            done[n] = true;
            if is_work(&item) {
                sum.open = sum.open.plus(open_of(&item), 1);
                sum.created(to);
            }
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
}

/// True if a created item in this phase need not be listed where there are very many: false if it
/// was submitted, or closed at a known time.
fn is_counted(to: Phase, item: &Item) -> bool {
    to != Phase::Review && (to.is_open() || item.closed_at.is_none())
}

impl Sum {
    fn facts(mut self) -> Facts {
        self.items.sort_by(|a, b| a.uid.cmp(&b.uid));
        Facts {
            open: Some(self.open),
            counted: self.counts.then_some(self.counted),
            items: self.items,
        }
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
        if old.is_none() && self.counts && is_counted(new.phase, &new.item) {
            return self.created(new.phase);
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
            shown: is_shown.then(|| Shown::of(old.as_ref(), &new)),
        });
    }
}

impl Shown {
    fn of(old: Option<&Version<'_>>, new: &Version<'_>) -> Shown {
        let item = &new.item;
        let holder = old.and_then(|old| old.item.holder());
        let last = item.claims.iter().max_by(|a, b| a.at.cmp(&b.at));
        let closed_by = new.doc.text("closed_by").map(text::actor);
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
            worker: worker.filter(|_| new.phase == Phase::Finished),
            closed: match new.phase {
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
