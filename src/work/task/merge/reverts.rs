//! Which commits of a target later ones reverted: as git says in their messages, as a host does, or by what they have.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::error::Result;
use crate::pm::Pm;
use crate::store::git::repo::{Commit, Oid};

/// What git writes into the message of a revert before the name of the commit.
const BY_GIT: &str = "This reverts commit ";

/// What a host writes into that of a reverted pull request before its name, as in `Reverts acme/shop#12`.
const BY_HOST: &str = "Reverts ";

/// The number of commits of a target that are looked at usually.
pub(crate) const MOST: usize = 50;

/// The greatest number of commits of a reverted merge that are looked at.
const BROUGHT_MAX: usize = 1_000;

/// As [`reverted`], of the usual number of commits.
pub(crate) fn reverted_lately(pm: &Pm, tip: Oid) -> Result<BTreeMap<Oid, Oid>> {
    reverted(pm, tip, MOST)
}

/// The commits that the last ones of a target reverted, each with the commit that did; one that was itself reverted did
/// nothing.
pub(crate) fn reverted(pm: &Pm, tip: Oid, most: usize) -> Result<BTreeMap<Oid, Oid>> {
    let repo = pm.store.repo();
    let mut all: Vec<Commit> = Vec::new();
    let mut next = VecDeque::from([tip]);
    let mut seen = BTreeSet::from([tip]);
    while all.len() < most {
        let Some(id) = next.pop_front() else { break };
        // Beyond the end of a shallow clone.
        let Ok(commit) = repo.commit(id) else {
            continue;
        };
        next.extend(commit.parents.iter().filter(|parent| seen.insert(**parent)));
        all.push(commit);
    }
    let undone = undone(&all);
    let mut found = BTreeMap::new();
    for commit in &all {
        if found.contains_key(&commit.id) {
            continue;
        }
        let named = commit.message.split(BY_GIT).skip(1);
        let named = named.filter_map(|rest| {
            let hex = rest.split(|c: char| !c.is_ascii_hexdigit()).next()?;
            repo.parse_id(hex)
        });
        let mut named: Vec<Oid> = named.collect();
        if named.is_empty() {
            let number = pull_reverted_by(&commit.message);
            let pulled =
                |one: &&Commit| number.is_some_and(|number| is_of_pull(&one.message, number));
            let others = all.iter().filter(|one| one.id != commit.id);
            named.extend(others.filter(pulled).map(|one| one.id));
            named.extend(undone.get(&commit.id).into_iter().flatten());
        }
        for one in named {
            found.entry(one).or_insert(commit.id);
            for inner in merged_by(pm, one) {
                found.entry(inner).or_insert(commit.id);
            }
        }
    }
    Ok(found)
}

/// The commits that a merge brought, as the branch of a release brings those of its tasks.
fn merged_by(pm: &Pm, merge: Oid) -> Vec<Oid> {
    let repo = pm.store.repo();
    let parents = repo.commit(merge).map(|commit| commit.parents);
    let Some(first) = parents.ok().filter(|all| all.len() > 1).map(|all| all[0]) else {
        return Vec::new();
    };
    let (merge, not) = (merge.to_string(), format!("^{first}"));
    let most = format!("--max-count={BROUGHT_MAX}");
    let out = repo
        .git()
        .plain()
        .run(&["rev-list", &most, &merge, &not, "--"]);
    let lines = out.map(|out| out.lines()).unwrap_or_default();
    lines.iter().filter_map(|hex| repo.parse_id(hex)).collect()
}

/// The number of the pull request that a host says a commit reverts.
fn pull_reverted_by(message: &str) -> Option<&str> {
    let mut lines = message.lines();
    lines.find_map(|line| {
        let (_, number) = line.strip_prefix(BY_HOST)?.split_once('#')?;
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        is_number.then_some(number)
    })
}

/// True for the commit as which a host merged a pull request.
fn is_of_pull(message: &str, number: &str) -> bool {
    let subject = message.lines().next().unwrap_or_default().trim_end();
    let merge = format!("Merge pull request #{number} ");
    subject.ends_with(&format!("(#{number})")) || subject.starts_with(&merge)
}

/// For each commit that gave the target the tree of an earlier one again, the commits between: nothing of them is left.
fn undone(all: &[Commit]) -> BTreeMap<Oid, Vec<Oid>> {
    let known: BTreeMap<Oid, &Commit> = all.iter().map(|one| (one.id, one)).collect();
    let mut line: Vec<&Commit> = Vec::new();
    let mut next = all.first();
    while let Some(commit) = next {
        line.push(commit);
        next = commit
            .parents
            .first()
            .and_then(|parent| known.get(parent).copied());
    }
    let mut found = BTreeMap::new();
    for (n, commit) in line.iter().enumerate() {
        let below = line.get(n + 1..).unwrap_or_default();
        let has_changed = below.first().is_some_and(|one| one.tree != commit.tree);
        let same = below.iter().position(|one| one.tree == commit.tree);
        if let Some(same) = same.filter(|_| has_changed) {
            let between = below[..same].iter().map(|one| one.id);
            found.insert(commit.id, between.collect());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_names_the_pull_request_that_it_reverts() {
        let message = "Revert \"work\" (#2)\n\nReverts acme/shop#1";
        assert_eq!(pull_reverted_by(message), Some("1"));
        assert_eq!(pull_reverted_by("Reverts the idea"), None);
        assert!(is_of_pull("work (#1)\n\nText", "1"));
        assert!(is_of_pull("Merge pull request #1 from acme/x", "1"));
        assert!(!is_of_pull("work (#12)", "2") && !is_of_pull("work #1", "1"));
    }
}
