//! The two ends of a piece of work: where it left its target, here and at the remote, and its last commit.

use std::collections::{HashSet, VecDeque};

use super::{followed_branch, merge_tree, target};
use crate::error::{Error, Result};
use crate::model::item::Item;
use crate::pm::Pm;
use crate::store::git::process::Output;
use crate::store::git::repo::{ChangedPath, Oid, Repo};
use crate::store::state::State;

/// The most commits that are looked at in process: more than nearly any piece of work has.
const NEWEST: usize = 100;

/// The two ends of a piece of work.
pub(crate) struct Ends {
    pub(crate) target: String,
    pub(crate) onto: Oid,
    pub(crate) commit: Oid,
    /// The commits of the work, in the words of `git rev-list`: no side of the target has them.
    range: Vec<String>,
    /// Where the work left the target, and its commit; where that are several commits, none of which
    /// has all that the work could undo: the target, and what a merge makes of it.
    pub(crate) compared: [String; 2],
}

impl Ends {
    /// The ends of an item's work that ends with a commit; none if the target is not in this clone.
    pub(crate) fn of(pm: &Pm, state: &State<'_>, item: &Item, commit: Oid) -> Result<Option<Ends>> {
        let target = target::target_of(pm, state, item, None)?;
        let sides = followed_branch::sides(pm, &target)?;
        let Some(onto) = sides.first() else {
            return Ok(None);
        };
        Ends::between(pm, target, (*onto, sides.get(1).copied()), commit).map(Some)
    }

    /// The ends of what a commit has beyond the tip of a target, and beyond the one at the remote
    /// ([`followed_branch::sides`]).
    pub(crate) fn between(
        pm: &Pm,
        target: String,
        (onto, other): (Oid, Option<Oid>),
        commit: Oid,
    ) -> Result<Ends> {
        let git = pm.store.repo().git();
        let [from, to] = [onto, commit].map(|id| id.to_string());
        let is_on_tip = other.is_none() && is_ahead(pm.store.repo(), onto, commit);
        let other = other.map(|id| id.to_string());
        let bases = match is_on_tip {
            true => vec![from.clone()],
            false => {
                // Of the first one and what a merge of the others would be.
                let mut args = vec!["merge-base", "--all", &to, &from];
                args.extend(other.as_deref());
                git.plain().run(&args)?.lines()
            }
        };
        let mut range = vec![to.clone(), format!("^{from}")];
        range.extend(other.as_ref().map(|other| format!("^{other}")));
        let compared = match (&bases[..], &other) {
            ([], _) => [from, to],
            ([base], _) => [base.clone(), to],
            // The work has both.
            ([a, b], Some(other)) if [[a, b], [b, a]].contains(&[&from, other]) => {
                [merge_tree::tree(git, &from, other)?, to]
            }
            _ => {
                let tree = merge_tree::tree(git, &from, &to)?;
                [from, tree]
            }
        };
        Ok(Ends {
            target,
            onto,
            commit,
            range,
            compared,
        })
    }

    /// Lists the commits of the work, by this command of git.
    pub(crate) fn commits(&self, repo: &Repo, command: &[&str]) -> Result<Output> {
        let range = self.range.iter().map(String::as_str);
        let args = command.iter().copied().chain(range).chain(["--"]);
        repo.git().plain().require(&args.collect::<Vec<&str>>())
    }

    /// Compares the ends of the work. By `diff-tree`, which leaves the user's settings for `git
    /// diff` aside.
    pub(crate) fn compared(&self, repo: &Repo, form: &[&str], paths: &[&str]) -> Result<Output> {
        let [from, to] = &self.compared;
        let mut args = vec![
            "-c",
            "core.quotePath=false",
            "--literal-pathspecs",
            "diff-tree",
            "-r",
            "--no-renames",
            "--no-color",
        ];
        args.extend(form);
        args.extend([from.as_str(), to, "--"]);
        args.extend(paths);
        repo.git().plain().require(&args)
    }

    /// The trees of both ends.
    ///
    /// # Errors
    /// When one of them is not in this clone.
    pub(crate) fn trees(&self, repo: &Repo) -> Result<[Oid; 2]> {
        let tree = |id: &String| -> Result<Oid> {
            let missing = || Error::not_found(format!("{id} is not in this clone"));
            let parsed = repo.parse_id(id).ok_or_else(missing)?;
            match repo.is_commit(parsed) {
                true => Ok(repo.commit(parsed)?.tree),
                false => Ok(parsed),
            }
        };
        let [from, to] = &self.compared;
        Ok([tree(from)?, tree(to)?])
    }

    /// True if the changed files have at most so many bytes together, before and after, and so many
    /// changed lines, which `form` makes git count.
    pub(crate) fn is_within(
        &self,
        repo: &Repo,
        form: &[&str],
        paths: &[&str],
        (bytes, lines): (u64, u64),
    ) -> Result<bool> {
        let [from, to] = self.trees(repo)?;
        let changed = changed_paths(repo, from, to)?;
        let is_meant = |path: &str| {
            let below = |one: &&str| path.strip_prefix(*one);
            let mut found = paths.iter().filter_map(below);
            paths.is_empty() || found.any(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let changed = changed.iter().filter(|one| is_meant(&one.path));
        let ids = changed.flat_map(|one| one.objects).flatten();
        let sizes: Vec<Option<u64>> = ids.map(|id| repo.size_of(id)).collect();
        let size = sizes.iter().flatten().copied();
        let size = size.fold(0, u64::saturating_add);
        if size > bytes {
            return Ok(false);
        }
        // Each line has a byte.
        if size <= lines && sizes.iter().all(Option::is_some) {
            return Ok(true);
        }
        let stat = self.compared(repo, form, paths)?.text();
        let counts = stat.lines().flat_map(|line| line.split('\t').take(2));
        let counts = counts.filter_map(|count| count.parse().ok());
        Ok(counts.fold(0, u64::saturating_add) <= lines)
    }
}

/// True if a commit is seen to have all that a target has, so that it left it at its tip: no other
/// commit is a merge base, and a merge gives the commit's files. Else git has to be asked, which is
/// quicker in a long history: only the newest commits are looked at.
pub(crate) fn is_ahead(repo: &Repo, onto: Oid, commit: Oid) -> bool {
    let (mut seen, mut open) = (HashSet::from([commit]), VecDeque::from([commit]));
    while let Some(id) = open.pop_front() {
        if id == onto {
            return true;
        }
        if seen.len() > NEWEST {
            return false;
        }
        // The history of a shallow clone ends somewhere.
        let parents = repo.commit(id).map_or(Vec::new(), |commit| commit.parents);
        open.extend(parents.into_iter().filter(|parent| seen.insert(*parent)));
    }
    false
}

/// The paths at which two trees differ.
///
/// # Errors
/// When a tree of them is missing or damaged.
pub(crate) fn changed_paths(repo: &Repo, from: Oid, to: Oid) -> Result<Vec<ChangedPath>> {
    let [old, new] = [from, to].map(|tree| tree.to_string());
    let asked = ["diff-tree", "-r", "--raw", &old, &new];
    with_trees(repo, &asked, || repo.changed_paths(from, to))
}

/// The paths of all files of a tree.
///
/// # Errors
/// When a tree of it is missing or damaged.
pub(crate) fn paths(repo: &Repo, tree: Oid) -> Result<Vec<String>> {
    let asked = ["ls-tree", "-r", "--name-only", &tree.to_string()];
    with_trees(repo, &asked, || repo.paths(tree))
}

/// Reads trees; of a partial clone, once more after git was asked the same, which fetches what is missing.
fn with_trees<T>(repo: &Repo, asked: &[&str], read: impl Fn() -> Result<T>) -> Result<T> {
    read().or_else(|_| {
        repo.git().plain().require(asked)?;
        read()
    })
}
