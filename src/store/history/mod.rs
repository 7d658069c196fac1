//! The history of the state: walks, compared trees, and the writer of a value.
//!
//! Commits are walked newest first.

mod commits_of_item;
mod file_history;
pub mod override_notes;
mod overrides;
pub mod trees;
mod value_origin;

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::git::repo::{Commit, Oid, Repo};
use super::join::commit::tick;
use crate::error::Result;
use crate::model::stamp::Tick;

pub use commits_of_item::Named;
pub use file_history::{Finder, Sought, Tracked, introduced};
pub use overrides::{
    BODY, Override, overrides, overrides_in, overrides_settled, overrides_unlike, settles,
};
pub use value_origin::{Origin, Trail, Wanted, origins};

/// Walks the commits that can be reached from `tip`, newest first, until `visit` returns false.
///
/// # Errors
/// When a commit cannot be read and the history is not shallow.
pub fn walk(repo: &Repo, tip: Oid, mut visit: impl FnMut(&Commit) -> Result<bool>) -> Result<()> {
    let mut seen: HashSet<Oid> = HashSet::new();
    let mut queue: BinaryHeap<Queued> = BinaryHeap::new();
    queue.extend(load(repo, tip)?.map(Queued));
    seen.insert(tip);
    while let Some(Queued(commit)) = queue.pop() {
        if !visit(&commit)? {
            return Ok(());
        }
        for parent in commit.parents {
            if seen.insert(parent) {
                queue.extend(load(repo, parent)?.map(Queued));
            }
        }
    }
    Ok(())
}

/// A commit; `None` where a shallow clone's history ends.
fn load(repo: &Repo, id: Oid) -> Result<Option<Commit>> {
    match repo.commit(id) {
        Ok(commit) => Ok(Some(commit)),
        Err(_) if repo.is_shallow() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A queued commit: the newest comes first. The clock is above those of the parents, so that no
/// operation comes before one that builds on it, also within one second.
struct Queued(Commit);

impl Queued {
    fn key(&self) -> (Tick, i64, Oid) {
        (tick(&self.0), self.0.author.seconds, self.0.id)
    }
}

impl Ord for Queued {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Queued {}

/// The number of commits that can be reached from `tip` and not from `hidden`, at most `limit`. The
/// common part is not walked: a commit's clock is above those of its parents, so once everything
/// queued is hidden and older than all counted commits, none of these can turn out to be hidden.
pub fn count(repo: &Repo, tip: Oid, hidden: &[Oid], limit: usize) -> Result<usize> {
    count_over(tip, hidden, limit, |id| {
        let commit = load(repo, id)?;
        Ok(commit.map(|commit| (tick(&commit), commit.parents)))
    })
}

/// The commits that can be reached from `tip` and not from `hidden`, in any order; found as by
/// [`count`].
pub fn difference(repo: &Repo, tip: Oid, hidden: &[Oid]) -> Result<Vec<Oid>> {
    let found = difference_over(tip, hidden, usize::MAX, |id| {
        let commit = load(repo, id)?;
        Ok(commit.map(|commit| (tick(&commit), commit.parents)))
    })?;
    Ok(found.into_keys().collect())
}

/// As [`count`], over any source of clocks and parents.
fn count_over(
    tip: Oid,
    hidden: &[Oid],
    limit: usize,
    commit: impl FnMut(Oid) -> Result<Option<(Tick, Vec<Oid>)>>,
) -> Result<usize> {
    let found = difference_over(tip, hidden, limit, commit)?;
    Ok(found.len().min(limit))
}

/// The commits of [`difference`], at least `limit` of them if there are as many.
fn difference_over(
    tip: Oid,
    hidden: &[Oid],
    limit: usize,
    mut commit: impl FnMut(Oid) -> Result<Option<(Tick, Vec<Oid>)>>,
) -> Result<HashMap<Oid, Tick>> {
    let mut ends: HashMap<Oid, bool> = HashMap::new();
    let mut queue: BinaryHeap<(Tick, Oid)> = BinaryHeap::new();
    let mut parents: HashMap<Oid, Vec<Oid>> = HashMap::new();
    let mut counted: HashMap<Oid, Tick> = HashMap::new();
    let mut open = 0_usize;
    let mut begin = vec![(tip, false)];
    begin.extend(hidden.iter().map(|id| (*id, true)));
    loop {
        for (id, hide) in begin.drain(..) {
            match ends.get(&id) {
                Some(true) => continue,
                Some(false) if !hide => continue,
                // It is queued and no longer counts, or was counted and has to be processed again.
                Some(false) => match counted.remove(&id) {
                    Some(clock) => queue.push((clock, id)),
                    None => open = open.saturating_sub(1),
                },
                None => {
                    let Some((clock, above)) = commit(id)? else {
                        continue;
                    };
                    open += usize::from(!hide);
                    queue.push((clock, id));
                    parents.insert(id, above);
                }
            }
            ends.insert(id, hide);
        }
        // Looked up only once nothing that counts is queued: there may be very many.
        let settled = open == 0 && {
            let oldest = counted.values().min();
            let newest = queue.peek().map(|(clock, _)| clock);
            oldest.is_none() || newest < oldest
        };
        if settled || counted.len() >= limit {
            return Ok(counted);
        }
        let Some((clock, id)) = queue.pop() else {
            return Ok(counted);
        };
        let hide = ends.get(&id).copied().unwrap_or(true);
        if !hide {
            open = open.saturating_sub(1);
            counted.insert(id, clock);
        }
        let above = parents.get(&id).into_iter().flatten();
        begin.extend(above.map(|parent| (*parent, hide)));
    }
}

/// A common ancestor of both commits: the newest, as far as commit times can be trusted.
pub fn common_ancestor(repo: &Repo, a: Oid, b: Oid) -> Result<Option<Oid>> {
    const LEFT: u8 = 1;
    const BOTH: u8 = 3;
    let mut sides: HashMap<Oid, u8> = HashMap::new();
    let mut queue: BinaryHeap<Queued> = BinaryHeap::new();
    for (id, side) in [(a, LEFT), (b, BOTH - LEFT)] {
        *sides.entry(id).or_default() |= side;
        queue.extend(load(repo, id)?.map(Queued));
    }
    while let Some(Queued(commit)) = queue.pop() {
        let side = sides.get(&commit.id).copied().unwrap_or_default();
        if side == BOTH {
            return Ok(Some(commit.id));
        }
        for parent in commit.parents {
            let seen = sides.entry(parent).or_default();
            if *seen | side != *seen {
                *seen |= side;
                queue.extend(load(repo, parent)?.map(Queued));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(n: usize) -> Oid {
        let mut bytes = [0u8; 20];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        Oid::from_bytes_or_panic(&bytes)
    }

    /// Commits by number: the advance of the clock over the parents', and the parents, all older.
    fn histories() -> impl Strategy<Value = Vec<(u64, Vec<usize>)>> {
        let one = (
            0..3u64,
            prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        );
        prop::collection::vec(one, 1..40).prop_map(|all| {
            let parents = |n: usize, above: Vec<prop::sample::Index>| match n {
                0 => Vec::new(),
                _ => above.into_iter().map(|index| index.index(n)).collect(),
            };
            let all = all.into_iter().enumerate();
            all.map(|(n, (on, above))| (on, parents(n, above)))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn the_count_equals_the_number_of_reachable_commits(
            history in histories(),
            tip in any::<prop::sample::Index>(),
            hidden in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        ) {
            let mut clocks: Vec<u64> = Vec::new();
            for (on, parents) in &history {
                clocks.push(on + parents.iter().map(|p| clocks[*p]).max().unwrap_or(0));
            }
            let reach = |from: Vec<usize>| {
                let (mut seen, mut todo) = (HashSet::new(), from);
                while let Some(n) = todo.pop() {
                    if seen.insert(n) {
                        todo.extend(&history[n].1);
                    }
                }
                seen
            };
            let tip = tip.index(history.len());
            let hidden: Vec<usize> = hidden.iter().map(|h| h.index(history.len())).collect();
            let wanted = reach(vec![tip]).difference(&reach(hidden.clone())).count();
            let of = |id: Oid| {
                let n = usize::from_be_bytes(id.as_bytes()[..8].try_into().unwrap());
                let clock = Tick { ms: clocks[n], counter: 0 };
                Ok(Some((clock, history[n].1.iter().map(|p| self::id(*p)).collect())))
            };
            let hidden: Vec<Oid> = hidden.into_iter().map(id).collect();
            prop_assert_eq!(count_over(id(tip), &hidden, 1000, of).unwrap(), wanted);
        }
    }

    #[test]
    fn the_common_history_is_not_walked() {
        let mut read = 0;
        let counted = count_over(id(10_002), &[id(10_000)], 1000, |id| {
            read += 1;
            let n = usize::from_be_bytes(id.as_bytes()[..8].try_into().unwrap());
            let clock = Tick {
                ms: n as u64,
                counter: 0,
            };
            Ok(Some((
                clock,
                n.checked_sub(1).map(self::id).into_iter().collect(),
            )))
        });
        assert_eq!(counted.unwrap(), 2);
        assert!(read < 8, "{read} commits were read");
    }
}
