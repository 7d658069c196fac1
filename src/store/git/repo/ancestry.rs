//! Reachability of one commit from another, without walking a whole history for a negative answer.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{Oid, Repo};
use crate::error::Result;

/// A walk from both commits at once, over a source of parents.
///
/// The walk from below searches for the ancestor; the walk from the ancestor collects the commits
/// behind it. Once every commit left to visit from below is behind the ancestor, it cannot be found
/// any more. Dates and clocks in commits are not trusted here. About as many commits are read as
/// the two histories do not share; a common part that both walks have reached costs nothing more.
struct Walk<F> {
    parents_of: F,
    parents: HashMap<Oid, Vec<Oid>>,
    below: HashSet<Oid>,
    below_queue: VecDeque<Oid>,
    behind: HashSet<Oid>,
    behind_queue: VecDeque<Oid>,
}

impl<F: FnMut(Oid) -> Result<Vec<Oid>>> Walk<F> {
    fn parents(&mut self, id: Oid) -> Result<Vec<Oid>> {
        if let Some(known) = self.parents.get(&id) {
            return Ok(known.clone());
        }
        let found = (self.parents_of)(id)?;
        self.parents.insert(id, found.clone());
        Ok(found)
    }

    /// One more commit from below; true if its parent is the ancestor.
    fn step_below(&mut self, ancestor: Oid) -> Result<bool> {
        while let Some(id) = self.below_queue.pop_front() {
            if self.behind.contains(&id) {
                continue;
            }
            for parent in self.parents(id)? {
                if parent == ancestor {
                    return Ok(true);
                }
                if self.below.insert(parent) {
                    self.below_queue.push_back(parent);
                }
            }
            return Ok(false);
        }
        Ok(false)
    }

    /// One more commit behind the ancestor, and everything whose parents are known already.
    fn step_behind(&mut self) -> Result<()> {
        let mut may_read = true;
        while let Some(id) = self.behind_queue.front().copied() {
            if !self.parents.contains_key(&id) && !std::mem::take(&mut may_read) {
                return Ok(());
            }
            self.behind_queue.pop_front();
            for parent in self.parents(id)? {
                if self.behind.insert(parent) {
                    // Commits that were read from below come first: they cost nothing, and end the
                    // walk soonest.
                    if self.parents.contains_key(&parent) {
                        self.behind_queue.push_front(parent);
                    } else {
                        self.behind_queue.push_back(parent);
                    }
                }
            }
        }
        Ok(())
    }

    fn is_exhausted(&mut self) -> bool {
        while let Some(id) = self.below_queue.front() {
            if !self.behind.contains(id) {
                return false;
            }
            self.below_queue.pop_front();
        }
        true
    }
}

/// True if `ancestor` is `descendant` or can be reached from it over `parents_of`.
fn reaches(
    ancestor: Oid,
    descendant: Oid,
    parents_of: impl FnMut(Oid) -> Result<Vec<Oid>>,
) -> Result<bool> {
    if ancestor == descendant {
        return Ok(true);
    }
    let mut walk = Walk {
        parents_of,
        parents: HashMap::new(),
        below: HashSet::from([descendant]),
        below_queue: VecDeque::from([descendant]),
        behind: HashSet::new(),
        behind_queue: VecDeque::from([ancestor]),
    };
    while !walk.is_exhausted() {
        if walk.step_below(ancestor)? {
            return Ok(true);
        }
        walk.step_behind()?;
        // The descendant is behind the ancestor, and histories have no cycles.
        if walk.behind.contains(&descendant) {
            return Ok(false);
        }
    }
    Ok(false)
}

impl Repo {
    /// True if `ancestor` is `descendant` or can be reached from it.
    pub fn is_ancestor(&self, ancestor: Oid, descendant: Oid) -> Result<bool> {
        reaches(ancestor, descendant, |id| match self.commit(id) {
            Ok(commit) => Ok(commit.parents),
            // A shallow clone's history ends somewhere, and one that we do not have has no parents.
            Err(_) if self.is_shallow() => Ok(Vec::new()),
            Err(error) => Err(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u32) -> Oid {
        let mut bytes = [0u8; 20];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        Oid::from_bytes_or_panic(&bytes)
    }

    /// The answer, and how many commits were read for it.
    fn ask(parents: &HashMap<u32, Vec<u32>>, ancestor: u32, descendant: u32) -> (bool, usize) {
        let numbers: HashMap<Oid, u32> = parents.keys().map(|n| (id(*n), *n)).collect();
        let mut read = 0;
        let answer = reaches(id(ancestor), id(descendant), |oid| {
            read += 1;
            Ok(parents[&numbers[&oid]].iter().map(|p| id(*p)).collect())
        })
        .unwrap();
        (answer, read)
    }

    fn reachable(parents: &HashMap<u32, Vec<u32>>, from: u32) -> HashSet<u32> {
        let (mut seen, mut stack) = (HashSet::from([from]), vec![from]);
        while let Some(n) = stack.pop() {
            for parent in &parents[&n] {
                if seen.insert(*parent) {
                    stack.push(*parent);
                }
            }
        }
        seen
    }

    #[test]
    fn two_sides_of_a_long_history_are_compared_without_reading_the_shared_part() {
        // 0..1000 is shared; 2000.. and 3000.. are the sides.
        let mut parents: HashMap<u32, Vec<u32>> = (1..1000).map(|n| (n, vec![n - 1])).collect();
        parents.insert(0, vec![]);
        for (first, length) in [(2000, 5), (3000, 40)] {
            for n in first..first + length {
                parents.insert(n, vec![if n == first { 999 } else { n - 1 }]);
            }
        }
        let (answer, read) = ask(&parents, 2004, 3039);
        assert!(!answer && read <= 100, "{read} commits read for a no");
        let (answer, read) = ask(&parents, 3039, 2004);
        assert!(!answer && read <= 100, "{read} commits read for a no");
        let (answer, read) = ask(&parents, 999, 3039);
        assert!(answer && read <= 85, "{read} commits read for a yes");
        // The descendant of an old commit is not its ancestor.
        let (answer, read) = ask(&parents, 3039, 999);
        assert!(!answer && read <= 90, "{read} commits read for a no");
    }

    #[test]
    fn the_answers_are_those_of_a_plain_walk() {
        let mut seed = 7u32;
        let mut next = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % below
        };
        for _ in 0..60 {
            let mut parents: HashMap<u32, Vec<u32>> = HashMap::new();
            for n in 0..24u32 {
                let count = if n == 0 { 0 } else { next(3) };
                let list = (0..count).map(|_| next(n)).collect();
                parents.insert(n, list);
            }
            for a in 0..24 {
                for b in 0..24 {
                    let expected = reachable(&parents, b).contains(&a);
                    assert_eq!(ask(&parents, a, b).0, expected, "{a} {b} {parents:?}");
                }
            }
        }
    }
}
