//! Verifies the objects that a merge reads.
//!
//! Git trusts the names of objects, so a tree written into the object store under the name of the
//! approved one would bring other files.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Hint, Result};
use crate::model::item::Item;
use crate::pm::Pm;
use crate::store::git::process::Git;
use crate::store::git::repo::Repo;
use crate::store::git::verify_objects::each_true;
use crate::work::task::approval_validity;
use crate::work::task::integrate::{Brought, Strategy};
use crate::work::task::merge::move_target::Work;

/// The modes of a folder and of a submodule.
const TREE: &str = "040000";
const SUBMODULE: &str = "160000";

/// The content of a verified commit.
struct Commit {
    tree: String,
    parents: Vec<String>,
}

/// Refuses a merge that reads an object whose content does not match its name, or an approved
/// commit with such an object.
pub(super) fn verify_objects(
    pm: &Pm,
    git: &Git,
    item: &Item,
    work: &Work<'_>,
    strategy: Strategy,
    below: &[Brought],
) -> Result<()> {
    let by_commit = strategy != Strategy::Squash;
    let repo = pm.store.repo();
    let verify = |tip: &str| require_true((repo, git), tip, work.onto, by_commit, below);
    verify(work.tip)?;
    let is_compared = |approved: &String| approved != work.tip && repo.resolve(approved).is_some();
    match approval_validity::approved_commit(pm, item).filter(is_compared) {
        Some(approved) => verify(&approved),
        None => Ok(()),
    }
}

/// Reads everything that a merge of `tip` into `onto` reads: the commits that only one of them has
/// and their merge bases, all folders in which two of these differ, and the files whose content the
/// merge could use. `by_commit` is set if the commits are merged one by one; a commit `below` may be
/// the base of the merge.
fn require_true(
    (repo, git): (&Repo, &Git),
    tip: &str,
    onto: &str,
    by_commit: bool,
    below: &[Brought],
) -> Result<()> {
    let mut bases = git.run(&["merge-base", "--all", onto, tip])?.lines();
    let range = format!("{tip}...{onto}");
    let listed = git.require(&["rev-list", "--left-right", "--boundary", &range])?;
    let mut all: BTreeSet<String> = bases.iter().cloned().collect();
    all.extend([tip.to_string(), onto.to_string()]);
    let mut work = Vec::new();
    for line in listed.lines() {
        let id = line.trim_start_matches(['<', '>', '-']).to_string();
        if line.starts_with('<') {
            work.push(id.clone());
        }
        all.insert(id);
    }
    let below = below.iter().map(|one| one.tip.clone());
    bases.extend(below.filter(|tip| work.contains(tip)));
    let all: Vec<String> = all.into_iter().collect();
    let mut commits = BTreeMap::new();
    each_true(repo, git, &all, |id, content| {
        commits.insert(id.to_string(), read(content));
    })?;

    let pairs_to = |to: &str| -> Vec<[String; 2]> {
        let pair = |base: &String| [to.to_string(), base.clone()];
        bases.iter().map(pair).collect()
    };
    let (mut theirs, ours) = (pairs_to(tip), pairs_to(onto));
    for id in work.iter().filter(|_| by_commit) {
        let parents = commits.get(id).map_or(&[][..], |commit| &commit.parents);
        theirs.extend(parents.iter().map(|parent| [id.clone(), parent.clone()]));
    }
    let mut objects = BTreeSet::new();
    for id in theirs.iter().chain(&ours).flatten() {
        objects.extend(commits.get(id).map(|commit| commit.tree.clone()));
    }
    let mut paths = BTreeSet::new();
    let all = changes(git, theirs.iter().chain(&ours))?;
    let (ours, theirs): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.to == onto);
    for change in theirs {
        objects.extend(change.objects(|_| true));
        paths.insert(change.path);
    }
    for change in ours {
        // A file that only the target changed stays as it is there, unless it may be the other end
        // of a rename.
        let read = change.status != "M" || paths.contains(&change.path);
        objects.extend(change.objects(|mode| read || mode == TREE));
    }
    each_true(
        repo,
        git,
        &objects.into_iter().collect::<Vec<_>>(),
        |_, _| {},
    )
}

fn read(commit: &[u8]) -> Commit {
    let text = String::from_utf8_lossy(commit);
    let head = text.lines().take_while(|line| !line.is_empty());
    let mut commit = Commit {
        tree: String::new(),
        parents: Vec::new(),
    };
    for line in head {
        match line.split_once(' ') {
            Some(("tree", id)) => commit.tree = id.to_string(),
            Some(("parent", id)) => commit.parents.push(id.to_string()),
            _ => {}
        }
    }
    commit
}

/// An entry in which two trees differ.
struct Change {
    /// The commit that was compared with another.
    to: String,
    sides: [(String, String); 2],
    status: String,
    path: String,
}

impl Change {
    /// The objects of both sides that exist and have a matching mode.
    fn objects(&self, fits: impl Fn(&str) -> bool) -> Vec<String> {
        let sides = self.sides.iter();
        let sides = sides.filter(|(mode, id)| {
            mode != SUBMODULE && id.bytes().any(|b| b != b'0') && fits(mode.as_str())
        });
        sides.map(|(_, id)| id.clone()).collect()
    }
}

/// The differences between pairs of commits, folders included.
fn changes<'p>(git: &Git, pairs: impl Iterator<Item = &'p [String; 2]>) -> Result<Vec<Change>> {
    let input: String = pairs.map(|[to, from]| format!("{to} {from}\n")).collect();
    let args = ["diff-tree", "--stdin", "-r", "-t", "--raw", "--no-renames"];
    let out = git.run_with(&args, Some(input.as_bytes()), None)?;
    if !out.ok() {
        let why = format!("`git diff-tree` failed: {}", out.reason());
        return Err(
            crate::error::Error::state(why).hint(Hint::git(["fsck"], "lists the damaged objects"))
        );
    }
    let mut found = Vec::new();
    let mut commit = String::new();
    for line in out.lines() {
        let Some((entry, path)) = line.strip_prefix(':').and_then(|l| l.split_once('\t')) else {
            commit = line;
            continue;
        };
        let fields: Vec<&str> = entry.split(' ').collect();
        if let [old, new, from, to, status] = fields[..] {
            found.push(Change {
                to: commit.clone(),
                sides: [(old, from), (new, to)].map(|(m, id)| (m.to_string(), id.to_string())),
                status: status.to_string(),
                path: path.to_string(),
            });
        }
    }
    Ok(found)
}
