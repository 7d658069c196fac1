//! The files of a tree, and those in which two trees differ, found in process.

use std::collections::{BTreeMap, BTreeSet};

use gix::objs::tree::EntryMode;

use super::{Oid, Repo};
use crate::error::{Error, Result};

/// The entries of a tree by name, with their modes.
pub(super) type Entries = BTreeMap<Vec<u8>, (EntryMode, Oid)>;

/// A path at which two trees differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedPath {
    /// From the top, lossily decoded.
    pub path: String,
    /// What is there in either tree: the object of a file, link or submodule.
    pub objects: [Option<Oid>; 2],
}

impl Repo {
    /// The paths of all files, links and submodules of a tree, as `git ls-tree -r --name-only` lists
    /// them.
    ///
    /// # Errors
    /// When a tree of it is missing or damaged.
    pub fn paths(&self, tree: Oid) -> Result<Vec<String>> {
        let all = self.compared_paths([None, Some(tree)])?;
        Ok(all.into_iter().map(|one| one.path).collect())
    }

    /// The paths at which two trees differ in content or mode, in order; a rename counts as two, as in
    /// `git diff-tree -r --no-renames`.
    ///
    /// # Errors
    /// When a tree of them is missing or damaged.
    pub fn changed_paths(&self, a: Oid, b: Oid) -> Result<Vec<ChangedPath>> {
        self.compared_paths([Some(a), Some(b)])
    }

    fn compared_paths(&self, trees: [Option<Oid>; 2]) -> Result<Vec<ChangedPath>> {
        let mut found = Vec::new();
        let mut open = vec![(Vec::new(), trees)];
        while let Some((folder, [a, b])) = open.pop() {
            let (left, right) = (self.entries(a)?, self.entries(b)?);
            let names: BTreeSet<&Vec<u8>> = left.keys().chain(right.keys()).collect();
            for name in names {
                let pair = [left.get(name), right.get(name)];
                if pair[0] == pair[1] {
                    continue;
                }
                let path = [&folder[..], &name[..]].concat();
                let of_kind = |is_tree: bool| {
                    pair.map(|one| {
                        one.filter(|one| one.0.is_tree() == is_tree)
                            .map(|one| one.1)
                    })
                };
                let (folders, files) = (of_kind(true), of_kind(false));
                if folders.iter().any(Option::is_some) {
                    open.push(([&path[..], b"/"].concat(), folders));
                }
                if files.iter().any(Option::is_some) {
                    found.push((path, files));
                }
            }
        }
        found.sort();
        let changed = found.into_iter().map(|(path, objects)| ChangedPath {
            path: String::from_utf8_lossy(&path).into_owned(),
            objects,
        });
        Ok(changed.collect())
    }

    /// The entries of a tree; `None` is one without entries. If a name occurs twice, the last entry
    /// counts.
    pub(super) fn entries(&self, tree: Option<Oid>) -> Result<Entries> {
        let data = self.tree_data(tree)?;
        let entries = gix::objs::TreeRefIter::from_bytes(&data, self.inner.object_hash());
        let damaged = |error| {
            let id = tree.unwrap_or(self.null_id());
            Error::state(format!("tree {id} is damaged: {error}"))
        };
        let read = |entry: gix::objs::tree::EntryRef<'_>| {
            (entry.filename.to_vec(), (entry.mode, entry.oid.to_owned()))
        };
        entries
            .map(|entry| entry.map(read).map_err(damaged))
            .collect()
    }
}
