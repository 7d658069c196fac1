//! Files of the state by place: all of a tree, or those in which two trees differ.
//!
//! Nothing is decoded here; folders with equal ids are skipped.

use std::collections::HashSet;

use super::canonical_paths::{CanonicalPaths, Contents};
use super::git::repo::{Entry, EntryType, Oid, Repo};
use super::layout::{self, Family};
use crate::error::{Error, Result};
use crate::model::limits::TREE_DEPTH_MAX;

/// A file at the place of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path in the state's tree.
    pub path: String,
    /// Its object.
    pub oid: Oid,
    /// The expected family.
    pub family: Family,
}

/// The files of a tree.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Files that can be documents, in the order of their paths.
    pub files: Vec<File>,
    /// Path and reason of everything that is never followed.
    pub damaged: Vec<(String, String)>,
}

/// A file in which two trees differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path in the state's tree.
    pub path: String,
    /// The expected family.
    pub family: Family,
    /// Its blob before; `None` if it was added.
    pub old: Option<Oid>,
    /// Its blob after; `None` if it was removed.
    pub new: Option<Oid>,
}

/// Every file of a tree at the place of a document.
pub fn files(repo: &Repo, tree: Oid) -> Result<Listing> {
    files_of(repo, tree, |_| true)
}

/// The files of some families.
pub fn files_of(repo: &Repo, tree: Oid, wanted: impl Fn(Family) -> bool) -> Result<Listing> {
    let mut listing = Listing::default();
    let root = repo.tree(tree)?;
    each_file(repo, &root, wanted, &mut |found| match found {
        Found::File(file) => listing.files.push(file),
        Found::Damaged(path, reason) => listing.damaged.push((path, reason)),
    });
    Ok(listing)
}

/// Something at the place of a document.
pub(crate) enum Found {
    /// A file that can be one.
    File(File),
    /// Path and reason of what is never followed.
    Damaged(String, String),
}

/// Visits the files of some families below the root of a tree, in the order of their paths.
pub(crate) fn each_file(
    repo: &Repo,
    root: &[Entry],
    wanted: impl Fn(Family) -> bool,
    each: &mut dyn FnMut(Found),
) {
    for (folder, family) in layout::FOLDERS.iter().filter(|(_, f)| wanted(*f)) {
        if let Some(entry) = root.iter().find(|e| e.name == folder.as_bytes()) {
            let mut canonical_paths = CanonicalPaths::default();
            list(repo, entry, folder, 0, *family, &mut canonical_paths, each);
        }
    }
}

/// The contents of artifacts in a tree, by path. Files in their folder with another name are left
/// out.
pub fn contents(repo: &Repo, tree: Oid) -> Vec<(String, Oid)> {
    let mut out = Vec::new();
    // Unreadable folders hold nothing that would be read.
    for folder in repo.folder_at(tree, layout::BLOBS).unwrap_or_default() {
        let path = layout::below(layout::BLOBS, &folder.name);
        for file in repo.folder_at(tree, &path).unwrap_or_default() {
            let path = layout::below(&path, &file.name);
            if file.kind == EntryType::Blob && layout::content_of_path(&path).is_some() {
                out.push((path, file.oid));
            }
        }
    }
    out
}

fn list(
    repo: &Repo,
    entry: &Entry,
    path: &str,
    depth: usize,
    family: Family,
    canonical_paths: &mut CanonicalPaths,
    each: &mut dyn FnMut(Found),
) {
    let mut damage = |reason: &str| each(Found::Damaged(path.to_string(), reason.to_string()));
    match entry.kind {
        EntryType::Other => damage("it is a link or a submodule, which is never followed"),
        EntryType::Tree if depth >= TREE_DEPTH_MAX => damage("it is nested too deeply"),
        EntryType::Tree => match canonical_paths.contents(repo, entry.oid, path) {
            Err(error) => damage(error.message()),
            Ok(contents) => {
                let entries = match contents {
                    Contents::All(entries) => entries,
                    Contents::Copy(entries) => {
                        damage("it is a copy of another folder");
                        entries
                    }
                };
                for child in entries {
                    let below = layout::below(path, &child.name);
                    if layout::is_safe_name(&child.name) {
                        list(
                            repo,
                            &child,
                            &below,
                            depth + 1,
                            family,
                            canonical_paths,
                            each,
                        );
                    } else {
                        let reason = "its name is not allowed in the state".to_string();
                        each(Found::Damaged(below, reason));
                    }
                }
            }
        },
        EntryType::Blob => each(Found::File(File {
            path: path.to_string(),
            oid: entry.oid,
            family,
        })),
    }
}

/// The files in which two trees differ, or `None` if these are more than `limit`, or are in copies
/// of one folder. If one of them is not a plain file or folder, that is an error: the caller then
/// reads everything.
///
/// # Errors
/// When a tree cannot be read, or contains something that is never followed.
pub fn changes(repo: &Repo, from: Oid, to: Oid, limit: usize) -> Result<Option<Vec<Change>>> {
    if from == to {
        return Ok(Some(Vec::new()));
    }
    let mut comparison = Comparison {
        repo,
        limit,
        met: HashSet::new(),
        out: Vec::new(),
    };
    let roots = repo.differing(Some(from), Some(to))?;
    for (folder, family) in layout::FOLDERS {
        let named = |entry: &Entry| entry.name == folder.as_bytes();
        let found = roots.iter().find(|pair| pair.iter().flatten().any(named));
        if let Some([old, new]) = found
            && !comparison.compare((old.as_ref(), new.as_ref()), folder, 0, *family)?
        {
            return Ok(None);
        }
    }
    Ok(Some(comparison.out))
}

struct Comparison<'r> {
    repo: &'r Repo,
    limit: usize,
    /// The pairs of folders that were compared. One that occurs again is a copy, which no regular
    /// write produces and which may occur at a million places.
    met: HashSet<(Option<Oid>, Option<Oid>)>,
    out: Vec<Change>,
}

impl Comparison<'_> {
    /// Notes the differences; false if there are too many.
    fn compare(
        &mut self,
        (old, new): (Option<&Entry>, Option<&Entry>),
        path: &str,
        depth: usize,
        family: Family,
    ) -> Result<bool> {
        let id = |entry: Option<&Entry>| entry.map(|e| (e.kind, e.oid));
        if id(old) == id(new) {
            return Ok(true);
        }
        let odd = |entry: Option<&Entry>| {
            entry.is_some_and(|e| {
                e.kind == EntryType::Other
                    || (depth > 0 && !layout::is_safe_name(&e.name))
                    || (e.kind == EntryType::Tree && depth >= TREE_DEPTH_MAX)
            })
        };
        if odd(old) || odd(new) {
            return Err(Error::state(format!(
                "{} is not a plain file or folder",
                crate::model::text::one_line(path)
            )));
        }
        let blob = |entry: Option<&Entry>| {
            let entry = entry.filter(|e| e.kind == EntryType::Blob);
            entry.map(|e| e.oid)
        };
        let tree = |entry: Option<&Entry>| {
            let entry = entry.filter(|e| e.kind == EntryType::Tree);
            entry.map(|e| e.oid)
        };
        if blob(old) != blob(new) {
            self.out.push(Change {
                path: path.to_string(),
                family,
                old: blob(old),
                new: blob(new),
            });
            if self.out.len() > self.limit {
                return Ok(false);
            }
        }
        if tree(old) == tree(new) {
            return Ok(true);
        }
        if !self.met.insert((tree(old), tree(new))) {
            return Ok(false);
        }
        for [old, new] in self.repo.differing(tree(old), tree(new))? {
            let Some(named) = old.as_ref().or(new.as_ref()) else {
                continue;
            };
            let below = layout::below(path, &named.name);
            if !self.compare((old.as_ref(), new.as_ref()), &below, depth + 1, family)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
