//! Documents that a commit lacks although an ancestor has them.
//!
//! No regular write removes a document: it gets a tombstone, and stays. So a descendant that lacks
//! one is joined with its ancestor instead of being taken as it is. Two trees are compared by their
//! differing folders; if none lacks anything, no file is read but those that a repair moved.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::moved_items::moved_like;
use super::tree::{Pair, group};
use crate::canonical_paths::CanonicalPaths;
use crate::error::Result;
use crate::git::repo::{Commit, Entry, EntryType, Oid, Pending, Repo};
use crate::layout::{self, Family, below};
use crate::model::limits::{TREE_DEPTH_MAX, VANISHED_COMMITS_MAX};
use crate::model::uid::Uid;
use crate::read_document::read_doc;

/// The number of folders and files read for it. Beyond that it is not named: otherwise the pushed
/// states would decide the cost of the search.
const READ: usize = 10_000;

/// The number of files of the tree `old` that the tree `new` lacks, if at least one of them counts:
/// a document in its place that `new` has under no other name, or a file of an unknown family.
pub fn vanished(repo: &Pending, old: Oid, new: Oid) -> Result<usize> {
    let mut walk = Walk::new(repo);
    walk.trees(old, new)?;
    Ok(if walk.counts { walk.files } else { 0 })
}

/// The commit between `old` and its descendant `new` that removed files; `None` if it is not among
/// the first that are searched.
pub fn culprit(repo: &Pending, old: Oid, new: Oid) -> Result<Option<Commit>> {
    let mut walk = Walk::new(repo);
    walk.left = Some(READ);
    let before = repo.commit(old)?.tree;
    let mut at = repo.commit(new)?;
    for _ in 0..VANISHED_COMMITS_MAX {
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
    repo: &'r Pending,
    /// The pairs of folders that were compared, as in the join: one that occurs at a million places
    /// is compared once, and again only where a document in it belongs.
    met: HashSet<Pair>,
    canonical_paths: CanonicalPaths,
    files: usize,
    counts: bool,
    /// If only the existence of such files matters: the number of folders and files that may still
    /// be read.
    left: Option<usize>,
}

impl<'r> Walk<'r> {
    fn new(repo: &'r Pending) -> Self {
        Walk {
            repo,
            met: HashSet::new(),
            canonical_paths: CanonicalPaths::default(),
            files: 0,
            counts: false,
            left: None,
        }
    }

    /// Compares two states; items that the format moved are where they were.
    fn trees(&mut self, old: Oid, new: Oid) -> Result<()> {
        let old = moved_like(self.repo, old, new)?;
        self.folder(Some(old), Some(new), "", 0)
    }

    /// True if anything that counts vanished; `None` if the search was cut short.
    fn any(&mut self, old: Oid, new: Oid) -> Result<Option<bool>> {
        self.met.clear();
        self.counts = false;
        self.trees(old, new)?;
        Ok((self.counts || self.left != Some(0)).then_some(self.counts))
    }

    /// True if the search ends: there is an answer, or it cost enough.
    fn is_over(&self) -> bool {
        self.left.is_some_and(|left| self.counts || left == 0)
    }

    /// Counts reads before they are made.
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
        if depth > TREE_DEPTH_MAX || self.is_over() {
            return Ok(());
        }
        self.reads(1);
        let family = Family::of_path(path).map(Family::folder);
        if !self.met.insert((old, new, depth, family)) {
            let Some(tree) = old else { return Ok(()) };
            if self.left.is_some() {
                self.reads(self.repo.tree(tree)?.len());
            }
            if !self.canonical_paths.belongs_at(self.repo, tree, path) {
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

    /// True if one of the files that a folder lacks counts.
    fn any_counts(&mut self, gone: &[Entry], new: Option<Oid>, folder: &str) -> Result<bool> {
        let Some(family) = Family::of_path(folder) else {
            return Ok(true);
        };
        let repo: &Repo = self.repo;
        let uid_in = |entry: &Entry| {
            let path = below(folder, &entry.name);
            let doc = read_doc(repo, entry.oid, &path, family).ok();
            doc.map(|doc| doc.uid)
        };
        // An item beside another with the same birth id and end of the uid is renamed.
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
