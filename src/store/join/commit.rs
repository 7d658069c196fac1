//! The join of two commits of the state. Two clones that merge the same pair make the same commit.

use super::tree::{Withheld, join_trees};
use super::vanished::vanished;
use crate::error::Result;
use crate::git::repo::{Commit, Oid, Pending, Person};
use crate::model::stamp::Tick;
use crate::repository;

/// Adds a commit of git pm itself, which contains no user's decision: every clone makes the same.
/// `subject` begins with the operation, and `clock` may have more trailers behind it.
pub(crate) fn own_commit(
    repo: &Pending,
    tree: Oid,
    parents: &[Oid],
    seconds: i64,
    subject: &str,
    clock: &str,
) -> Result<Oid> {
    let who = Person {
        name: "git pm".into(),
        email: "git-pm@localhost".into(),
        seconds,
    };
    let op = subject.split(':').next().unwrap_or_default();
    let message = format!("{subject}\n\nPM-Op: {op}\nPM-Clock: {clock}");
    repo.write_commit(tree, parents, [&who, &who], &message, None)
}

/// The trailer that keeps hosts from building a push of the state, where it has to be in a branch.
/// Merges always have it: they must not depend on one clone's configuration.
pub(crate) const SKIP_CI: &str = "PM-CI: [skip ci]\n";

/// A joined commit.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The commit: one of the two when it contains the other and lacks nothing of it.
    pub commit: Oid,
    /// Texts that were withheld because they replace a redacted version.
    pub withheld: Vec<Withheld>,
    /// Those of the two whose history it does not keep, because they are of different generations.
    pub forgotten: Vec<Oid>,
}

/// The `PM-Clock` of a commit; zero if there is none.
pub fn tick(commit: &Commit) -> Tick {
    commit
        .trailer("PM-Clock")
        .and_then(|t| t.parse().ok())
        .unwrap_or_default()
}

/// Joins two commits. New objects stay in memory.
pub fn join_commits(repo: &Pending, a: Oid, b: Oid) -> Result<Merged> {
    let plain = |commit| Merged {
        commit,
        withheld: Vec::new(),
        forgotten: Vec::new(),
    };
    if a == b {
        return Ok(plain(a));
    }
    let (left, right) = (repo.commit(a)?, repo.commit(b)?);
    let (ga, gb) = (
        repository::read(repo, left.tree)?.raises(),
        repository::read(repo, right.tree)?.raises(),
    );
    // Raises are never removed: a commit that lacks one that the other has cannot be its
    // descendant, and no history need be walked to find that out. If a descendant lacks documents
    // of its ancestor, no write of ours removed them: the two are joined like any others.
    let lacks = |old: &Commit, new: &Commit| vanished(repo, old.tree, new.tree);
    if ga.is_superset(&gb) && repo.is_ancestor(b, a)? && lacks(&right, &left)? == 0 {
        return Ok(plain(a));
    }
    if gb.is_superset(&ga) && repo.is_ancestor(a, b)? && lacks(&left, &right)? == 0 {
        return Ok(plain(b));
    }
    let joined = join_trees(repo, left.tree, right.tree)?;
    // A cut history must not return as a parent of the merge.
    let mut parents = if ga == gb {
        vec![a, b]
    } else if ga.is_superset(&gb) {
        vec![a]
    } else if gb.is_superset(&ga) {
        vec![b]
    } else {
        Vec::new()
    };
    parents.sort();
    let mut forgotten = vec![a, b];
    forgotten.retain(|side| !parents.contains(side));
    if let [one] = parents[..]
        && repo.commit(one)?.tree == joined.tree
    {
        return Ok(Merged {
            commit: one,
            withheld: joined.withheld,
            forgotten,
        });
    }
    let clock = format!("{}\n{SKIP_CI}", tick(&left).max(tick(&right)));
    let seconds = left.author.seconds.max(right.author.seconds);
    let subject = "merge: join two states";
    let commit = own_commit(repo, joined.tree, &parents, seconds, subject, &clock)?;
    Ok(Merged {
        commit,
        withheld: joined.withheld,
        forgotten,
    })
}
