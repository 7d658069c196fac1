//! The history of the state: walking commits, newest first, comparing trees, and finding who wrote
//! what.

mod file;
mod overrides;
pub mod trees;

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::git::repo::{Commit, Oid, Repo};
use crate::error::Result;

pub use file::{Tracked, introduced};
pub use overrides::{Override, overrides};

/// Walks the commits that can be reached from `tip` and not from `hidden`, newest first, until
/// `visit` returns false.
///
/// # Errors
/// When a commit cannot be read and the history is not shallow.
pub fn walk(
    repo: &Repo,
    tip: Oid,
    hidden: &[Oid],
    mut visit: impl FnMut(&Commit) -> Result<bool>,
) -> Result<()> {
    let mut seen: HashSet<Oid> = HashSet::new();
    let mut hide: HashSet<Oid> = HashSet::new();
    let mut queue: BinaryHeap<Queued> = BinaryHeap::new();
    if !hidden.is_empty() {
        let mut stack = hidden.to_vec();
        while let Some(id) = stack.pop() {
            if hide.insert(id)
                && let Some(commit) = load(repo, id)?
            {
                stack.extend(commit.parents);
            }
        }
    }
    if !hide.contains(&tip) {
        queue.extend(load(repo, tip)?.map(Queued));
    }
    seen.insert(tip);
    while let Some(Queued(commit)) = queue.pop() {
        if !visit(&commit)? {
            return Ok(());
        }
        for parent in commit.parents {
            if !hide.contains(&parent) && seen.insert(parent) {
                queue.extend(load(repo, parent)?.map(Queued));
            }
        }
    }
    Ok(())
}

/// A commit; none where a shallow clone's history ends.
fn load(repo: &Repo, id: Oid) -> Result<Option<Commit>> {
    match repo.commit(id) {
        Ok(commit) => Ok(Some(commit)),
        Err(_) if repo.is_shallow() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A commit that waits for its turn: the newest comes first.
struct Queued(Commit);

impl Queued {
    fn key(&self) -> (i64, Oid) {
        (self.0.author.seconds, self.0.id)
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

/// How many commits can be reached from `tip` and not from `hidden`, at most `limit`.
///
/// # Errors
/// As [`walk`].
pub fn count(repo: &Repo, tip: Oid, hidden: &[Oid], limit: usize) -> Result<usize> {
    let mut n = 0;
    walk(repo, tip, hidden, |_| {
        n += 1;
        Ok(n < limit)
    })?;
    Ok(n)
}

/// A commit from which both can be reached, as new as can be told from the commits' times.
///
/// # Errors
/// As [`walk`].
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
