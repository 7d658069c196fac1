//! What a commit lacks of what an ancestor of it has. No honest write takes a document away: it
//! gets a tombstone, and stays. So a descendant that lacks one is joined with its ancestor instead
//! of being taken as it is. Two trees are compared by their differing folders, and of those that
//! lack nothing no file is read but the ones that a repair moved.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::tree::{Pair, below, group, top};
use crate::error::Result;
use crate::model::uid::Uid;
use crate::store::canonical_paths::CanonicalPaths;
use crate::store::git::repo::{Commit, Entry, EntryType, Oid, Repo};
use crate::store::layout::{self, Family};
use crate::store::read_document::MAX_DEPTH;
use crate::store::read_document::read_doc;

/// How many commits are looked at to find the one in which files vanished.
const LOOK: usize = 1_000;

/// How many folders and files are read for it. Beyond that it is not named: the states that somebody
/// pushed decide what the search costs.
const READ: usize = 10_000;

/// How many files of the tree `old` the tree `new` lacks, if at least one of them counts: a
/// document in its place that `new` has under no other name, or a file of no known family.
///
/// # Errors
/// When a tree cannot be read.
pub(crate) fn vanished(repo: &Repo, old: Oid, new: Oid) -> Result<usize> {
    let mut walk = Walk::new(repo);
    walk.folder(Some(old), Some(new), "", 0)?;
    Ok(if walk.counts { walk.files } else { 0 })
}

/// The commit between `old` and its descendant `new` that took files away; none where it is not
/// among the first that are looked at.
pub(crate) fn culprit(repo: &Repo, old: Oid, new: Oid) -> Result<Option<Commit>> {
    let mut walk = Walk::new(repo);
    walk.left = Some(READ);
    let before = repo.commit(old)?.tree;
    let mut at = repo.commit(new)?;
    for _ in 0..LOOK {
        let mut lacking = None;
        for parent in &at.parents {
            let parent = repo.commit(*parent)?;
            match walk.any(parent.tree, at.tree)? {
                Some(true) => return Ok(Some(at)),
                Some(false) => {}
                None => return Ok(None),
            }
            if lacking.is_none() {
                match walk.any(before, parent.tree)? {
                    Some(true) => lacking = Some(parent),
                    Some(false) => {}
                    None => return Ok(None),
                }
            }
        }
        let Some(parent) = lacking else {
            break;
        };
        at = parent;
    }
    Ok(None)
}

struct Walk<'r> {
    repo: &'r Repo,
    /// The pairs of folders that were compared, as the join knows them: one that lies at a million
    /// places is compared once, and again only where a document in it belongs.
    met: HashSet<Pair>,
    canonical_paths: CanonicalPaths,
    files: usize,
    counts: bool,
    /// Where only whether anything counts is asked: how many folders and files may still be read.
    left: Option<usize>,
}

impl<'r> Walk<'r> {
    fn new(repo: &'r Repo) -> Self {
        Walk {
            repo,
            met: HashSet::new(),
            canonical_paths: CanonicalPaths::default(),
            files: 0,
            counts: false,
            left: None,
        }
    }

    /// Whether anything that counts vanished; none where that cost too much to find out.
    fn any(&mut self, old: Oid, new: Oid) -> Result<Option<bool>> {
        self.met.clear();
        self.counts = false;
        self.folder(Some(old), Some(new), "", 0)?;
        Ok((self.counts || self.left != Some(0)).then_some(self.counts))
    }

    /// Whether to go no further: the question is answered, or it cost enough.
    fn is_over(&self) -> bool {
        self.left.is_some_and(|left| self.counts || left == 0)
    }

    /// Counts what is about to be read.
    fn reads(&mut self, count: usize) {
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(count);
        }
    }

    fn folder(
        &mut self,
        old: Option<Oid>,
        new: Option<Oid>,
        path: &str,
        depth: usize,
    ) -> Result<()> {
        if depth > MAX_DEPTH || self.is_over() {
            return Ok(());
        }
        self.reads(1);
        let family = Family::of_folder(top(path)).map(Family::folder);
        if !self.met.insert((old, new, depth, family)) {
            let Some(tree) = old else { return Ok(()) };
            if self.left.is_some() {
                self.reads(self.repo.tree(tree)?.len());
            }
            if !self.canonical_paths.is_home(self.repo, tree, path) {
                return Ok(());
            }
        }
        let mut gone = Vec::new();
        for [before, after] in self.repo.differing(old, new)? {
            let Some(before) = before.filter(|e| layout::is_safe_name(&e.name)) else {
                continue;
            };
            let same_kind = after.filter(|e| e.kind == before.kind);
            match (before.kind, same_kind) {
                (EntryType::Tree, after) => {
                    let path = below(path, &before.name);
                    self.folder(Some(before.oid), after.map(|e| e.oid), &path, depth + 1)?;
                }
                (EntryType::Blob, None) => gone.push(before),
                _ => {}
            }
        }
        self.files += gone.len();
        if !self.counts && !gone.is_empty() {
            self.reads(gone.len());
            self.counts = self.any_counts(&gone, new, path)?;
        }
        Ok(())
    }

    /// Whether one of the files that a folder lacks counts.
    fn any_counts(&mut self, gone: &[Entry], new: Option<Oid>, folder: &str) -> Result<bool> {
        let Some(family) = Family::of_folder(top(folder)) else {
            return Ok(true);
        };
        let repo = self.repo;
        let uid_in = |entry: &Entry| {
            let path = below(folder, &entry.name);
            let doc = read_doc(repo, entry.oid, &path, family).ok();
            doc.map(|doc| doc.uid)
        };
        // An item that has another one's birth id and end of the uid beside it is renamed.
        let mut renamed: BTreeMap<_, BTreeSet<Uid>> = BTreeMap::new();
        let there = match (family, new) {
            (Family::Item(_), Some(new)) => self.repo.tree(new)?,
            _ => Vec::new(),
        };
        let groups: BTreeSet<_> = gone.iter().filter_map(|entry| group(&entry.name)).collect();
        for entry in &there {
            if let Some(group) = group(&entry.name).filter(|group| groups.contains(group)) {
                if self.is_over() {
                    return Ok(false);
                }
                self.reads(1);
                renamed.entry(group).or_default().extend(uid_in(entry));
            }
        }
        Ok(gone.iter().any(|entry| {
            let group = group(&entry.name).and_then(|group| renamed.get(&group));
            uid_in(entry).is_some_and(|uid| !group.is_some_and(|uids| uids.contains(&uid)))
        }))
    }
}
