//! The readable versions of a damaged file in the history, from which a repair takes one.
//!
//! Files that were removed are found too.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

use super::scan::{What, read};
use crate::error::Result;
use crate::git::repo::{Oid, Repo};
use crate::layout::{Levels, REPOSITORY};
use crate::model::doc::Doc;
use crate::model::limits::{DOCUMENT_MAX, REPAIR_VERSIONS_MAX};
use crate::tree_diff;

/// The versions of some files, newest first. One walk over the history finds them all, however many
/// files there are.
#[derive(Debug, Default)]
pub struct Past {
    blobs: HashMap<String, Vec<Oid>>,
}

impl Past {
    /// Walks everything that the tips reach. Unreadable parts are skipped: they are reported
    /// elsewhere.
    pub fn of(repo: &Repo, tips: &[Oid], paths: impl IntoIterator<Item = String>) -> Past {
        let blobs = paths.into_iter().map(|path| (path, Vec::new()));
        let mut past = Past {
            blobs: blobs.collect(),
        };
        if past.blobs.is_empty() {
            return past;
        }
        // In the order of `git log`: the latest commit of those that are next, and of two in the
        // same second the one met first.
        let mut next: BinaryHeap<(i64, Reverse<usize>, Oid)> = BinaryHeap::new();
        let mut trees: HashMap<Oid, Oid> = HashMap::new();
        let mut meet = |id: Oid, next: &mut BinaryHeap<_>| {
            if !trees.contains_key(&id)
                && let Ok(commit) = repo.commit(id)
            {
                next.push((commit.author.seconds, Reverse(trees.len()), id));
                trees.insert(id, commit.tree);
            }
            trees.get(&id).copied()
        };
        for tip in tips {
            meet(*tip, &mut next);
        }
        while let Some((_, _, id)) = next.pop() {
            let Ok(commit) = repo.commit(id) else {
                continue;
            };
            let parents = commit.parents.iter();
            let mut before: Vec<_> = parents.map(|id| meet(*id, &mut next)).collect();
            if before.is_empty() {
                before.push(None);
            }
            for before in before {
                past.step(repo, before, commit.tree);
            }
        }
        past
    }

    /// Notes the changes between a commit and one before it.
    fn step(&mut self, repo: &Repo, before: Option<Oid>, after: Oid) {
        let changes = before.and_then(|before| {
            let changes = tree_diff::changes(repo, before, after, usize::MAX);
            changes.ok().flatten()
        });
        let paths: Vec<String> = match changes {
            Some(changes) => {
                for change in changes {
                    self.note(&change.path, [change.new, change.old]);
                }
                // The one file outside all folders.
                vec![REPOSITORY.into()]
            }
            // The first commit, links, or copies of a folder: every file is checked.
            None => self.blobs.keys().cloned().collect(),
        };
        for path in &paths {
            if !self.knows(path) {
                continue;
            }
            let at = |tree| repo.file_at(tree, path).ok().flatten();
            self.note(path, [at(after), before.and_then(at)]);
        }
    }

    fn note(&mut self, path: &str, blobs: [Option<Oid>; 2]) {
        if let Some(known) = self.blobs.get_mut(path) {
            for oid in blobs.into_iter().flatten() {
                if known.len() < REPAIR_VERSIONS_MAX && !known.contains(&oid) {
                    known.push(oid);
                }
            }
        }
    }

    /// True if a file was looked for.
    pub fn knows(&self, path: &str) -> bool {
        self.blobs.contains_key(path)
    }

    /// Every readable version of a file, newest first; none for a file that was not looked for.
    pub fn versions(&self, repo: &Repo, path: &str) -> Vec<Doc> {
        let blobs = self.blobs.get(path).into_iter().flatten();
        let read = blobs.filter_map(|oid| {
            let bytes = repo.blob(*oid, DOCUMENT_MAX).ok()??;
            match read(&bytes, path, Levels::Two) {
                What::Doc { doc, .. } => Some(*doc),
                _ => None,
            }
        });
        read.collect()
    }
}

/// True if any of these paths ever existed.
pub fn ever(repo: &Repo, tips: &[Oid], paths: &[String]) -> Result<bool> {
    let mut args: Vec<String> = ["log", "--full-history", "-1", "--format=%H"]
        .map(str::to_string)
        .to_vec();
    args.extend(tips.iter().map(ToString::to_string));
    args.push("--".into());
    // Taken literally by git, from the root, wherever it runs.
    args.extend(paths.iter().map(|path| format!(":(top,literal){path}")));
    let output = repo.git().run(&args)?;
    // If git cannot tell, assume that it was.
    Ok(!output.ok() || !output.text().is_empty())
}

/// The paths of documents that some commit removed. Unreadable history is skipped: it is reported
/// elsewhere.
pub fn taken_away(repo: &Repo, tip: Oid) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut trees: HashMap<Oid, Oid> = HashMap::new();
    let mut tree_of = |id: Oid| match trees.get(&id) {
        Some(tree) => Some(*tree),
        None => {
            let tree = repo.commit(id).ok()?.tree;
            trees.insert(id, tree);
            Some(tree)
        }
    };
    let mut seen = HashSet::from([tip]);
    let mut stack = vec![tip];
    while let Some(id) = stack.pop() {
        let Ok(commit) = repo.commit(id) else {
            continue;
        };
        for parent in commit.parents {
            if let Some(before) = tree_of(parent) {
                gone(repo, before, commit.tree, &mut out);
            }
            if seen.insert(parent) {
                stack.push(parent);
            }
        }
    }
    out
}

/// The files of one tree that the next one lacks.
fn gone(repo: &Repo, before: Oid, after: Oid, out: &mut BTreeSet<String>) {
    if let Ok(Some(changes)) = tree_diff::changes(repo, before, after, usize::MAX) {
        let gone = changes.into_iter().filter(|change| change.new.is_none());
        out.extend(gone.map(|change| change.path));
        return;
    }
    // Links, or copies of a folder: list everything that counts.
    if let (Ok(before), Ok(after)) = (
        tree_diff::files(repo, before),
        tree_diff::files(repo, after),
    ) {
        let here: HashSet<String> = after.files.into_iter().map(|file| file.path).collect();
        let files = before.files.into_iter().map(|file| file.path);
        out.extend(files.filter(|path| !here.contains(path)));
    }
}
