//! The commits whose events a reader lacks, in the order in which it gets them.
//!
//! Parents before children; of several the one with the lesser clock, then the lesser id.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::derive::Source;
use crate::error::Result;
use crate::model::stamp::{DAY_MS, Tick};
use crate::store::git::repo::{Commit, Oid, Repo};
use crate::store::history::{difference, walk};
use crate::store::join::commit::tick;

/// A tip as seen from an earlier commit.
pub(super) enum Position {
    /// The earlier one is in its history: the commits in between.
    After(Vec<Source>),
    /// The history was replaced, at least in part.
    Replaced,
}

/// The commits that `tip` reaches and `old` does not.
pub(super) fn found_between(repo: &Repo, old: Oid, tip: Oid) -> Result<Position> {
    // The base of a removed history may be gone before its last commit is.
    if !repo.is_ancestor(old, tip).unwrap_or(false) {
        return Ok(Position::Replaced);
    }
    let new = unseen(repo, &[old], &[tip])?;
    // The first commit of a generation holds the whole state, not a change of it.
    if new.iter().any(|commit| commit.parents.is_empty()) {
        return Ok(Position::Replaced);
    }
    let new = new.into_iter();
    Ok(Position::After(
        new.map(|commit| Source::Commit(commit.id)).collect(),
    ))
}

/// The commits that some tips reach and some earlier commits do not, in order.
pub(in crate::history) fn unseen(repo: &Repo, old: &[Oid], tips: &[Oid]) -> Result<Vec<Commit>> {
    let mut found = HashMap::new();
    let mut commits: HashMap<Oid, Commit> = HashMap::new();
    for tip in tips {
        for id in difference(repo, *tip, old)? {
            if let Entry::Vacant(place) = commits.entry(id) {
                let commit = place.insert(repo.commit(id)?);
                found.insert(id, (tick(commit), commit.parents.clone()));
            }
        }
    }
    // Where clocks were wrong by more than a day, commits that an old one reaches may be among
    // these. A child of a new commit is new; the few others are searched for.
    let mut new: HashSet<Oid> = HashSet::new();
    let mut out = Vec::new();
    for id in ordered(&found) {
        let mut is_new = found[&id].1.iter().any(|parent| new.contains(parent));
        if !is_new {
            is_new = true;
            for old in old {
                is_new = is_new && !repo.is_ancestor(id, *old)?;
            }
        }
        if is_new {
            new.insert(id);
            out.extend(commits.remove(&id));
        }
    }
    Ok(out)
}

/// The commits that `tip` reaches, from a time on.
pub(super) fn found_since(repo: &Repo, tip: Oid, since_ms: u64) -> Result<Vec<Source>> {
    let mut found = HashMap::new();
    walk(repo, tip, |commit| {
        // Commits come newest first, but clocks differ.
        if commit.ms().saturating_add(DAY_MS) < since_ms {
            return Ok(false);
        }
        if commit.ms() >= since_ms {
            found.insert(commit.id, (tick(commit), commit.parents.clone()));
        }
        Ok(true)
    })?;
    Ok(ordered(&found).into_iter().map(Source::Commit).collect())
}

/// Commits with their clocks and parents, in order.
fn ordered(found: &HashMap<Oid, (Tick, Vec<Oid>)>) -> Vec<Oid> {
    let mut children: HashMap<Oid, Vec<Oid>> = HashMap::new();
    let mut waits: HashMap<Oid, usize> = HashMap::new();
    let mut ready = BinaryHeap::new();
    for (id, (clock, parents)) in found {
        let parents: HashSet<&Oid> = parents
            .iter()
            .filter(|id| found.contains_key(*id))
            .collect();
        if parents.is_empty() {
            ready.push(Reverse((*clock, *id)));
        }
        waits.insert(*id, parents.len());
        for parent in parents {
            children.entry(*parent).or_default().push(*id);
        }
    }
    let mut out = Vec::with_capacity(found.len());
    while let Some(Reverse((_, id))) = ready.pop() {
        out.push(id);
        for child in children.get(&id).into_iter().flatten() {
            if let Some(left) = waits.get_mut(child) {
                *left -= 1;
                if *left == 0 {
                    ready.push(Reverse((found[child].0, *child)));
                }
            }
        }
    }
    out
}
