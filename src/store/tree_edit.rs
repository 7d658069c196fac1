//! Setting and removing files in a tree: the effect of a write on the state.

use std::collections::BTreeMap;
use std::ops::Range;

use super::git::repo::{Entry, EntryType, Oid, Pending};
use super::index::MANY;
use super::layout::{self, Family};
use super::tree_diff::Change;
use crate::error::Result;

/// The files to set and those to remove: their paths in one text, as an import has a million.
#[derive(Default)]
pub struct Edits {
    paths: String,
    all: Vec<Edit>,
}

struct Edit {
    /// The place of the path in the text.
    at: usize,
    length: u32,
    new: Option<Oid>,
}

impl Edits {
    /// Sets or removes a file; the last edit of a path counts.
    pub fn insert(&mut self, path: &str, new: Option<Oid>) {
        let (at, length) = (self.paths.len(), path.len() as u32);
        self.paths.push_str(path);
        self.all.push(Edit { at, length, new });
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Their paths.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|edit| self.path(edit))
    }

    fn path(&self, edit: &Edit) -> &str {
        &self.paths[edit.at..][..edit.length as usize]
    }

    /// Sorts them by path, and keeps the last one of each.
    fn sort(&mut self) {
        let mut all = std::mem::take(&mut self.all);
        all.sort_unstable_by(|a, b| (self.path(a), b.at).cmp(&(self.path(b), a.at)));
        all.dedup_by(|a, b| self.path(a) == self.path(b));
        self.all = all;
    }
}

/// The changes from one tree to the next: known to the writer, so the trees need not be compared.
#[derive(Clone, Debug)]
pub struct Step {
    pub from: Oid,
    pub to: Oid,
    /// `None` if these are more than a comparison would list.
    pub changes: Option<Vec<Change>>,
}

/// Sets or removes files in a tree, or in an empty one; folders that become empty are removed.
pub(crate) fn edit_tree(
    repo: &Pending,
    tree: Option<Oid>,
    changes: &BTreeMap<String, Option<Oid>>,
) -> Result<Oid> {
    let mut edits = Edits::default();
    for (path, new) in changes {
        edits.insert(path, *new);
    }
    edit_root(repo, tree, &mut edits, &mut None)
}

/// As [`edit_tree`]. Returns the changes too, if all are of plain files.
pub(crate) fn edit_noting(
    repo: &Pending,
    from: Oid,
    edits: &mut Edits,
) -> Result<(Oid, Option<Step>)> {
    let is_large = edits.all.len() > MANY;
    let mut old = (!is_large).then(Vec::new);
    let to = edit_root(repo, Some(from), edits, &mut old)?;
    if is_large {
        let changes = None;
        return Ok((to, Some(Step { from, to, changes })));
    }
    let changes = old.and_then(|old| {
        // Contents of artifacts are in no index.
        let is_indexed = |(n, _): &(usize, _)| {
            let path = edits.path(&edits.all[*n]);
            layout::content_of_path(path).is_none()
        };
        let changes = old.into_iter().filter(is_indexed).map(|(n, old)| {
            let edit = &edits.all[n];
            let path = edits.path(edit).to_string();
            let (folder, _) = path.split_once('/')?;
            Some(Change {
                family: Family::of_folder(folder)?,
                old,
                new: edit.new,
                path,
            })
        });
        changes.collect::<Option<Vec<Change>>>()
    });
    let changes = changes.map(Some);
    Ok((to, changes.map(|changes| Step { from, to, changes })))
}

fn edit_root(repo: &Pending, tree: Option<Oid>, edits: &mut Edits, old: &mut Old) -> Result<Oid> {
    edits.sort();
    let all = 0..edits.all.len();
    let edited = edit_folder(repo, tree, (&*edits, all), 0, old)?;
    edited.map_or_else(|| repo.write_tree(Vec::new()), Ok)
}

/// The blob before each edit; `None` if not requested, or if it was not a plain file or
/// something else was left out.
type Old = Option<Vec<(usize, Option<Oid>)>>;

/// Makes some of the edits in a folder whose path is the first `depth` bytes of theirs. `None` if
/// nothing is left in the folder.
fn edit_folder(
    repo: &Pending,
    tree: Option<Oid>,
    (edits, some): (&Edits, Range<usize>),
    depth: usize,
    old: &mut Old,
) -> Result<Option<Oid>> {
    let mut entries: Vec<Entry> = match tree {
        Some(tree) => repo.tree(tree)?,
        None => Vec::new(),
    };
    let all = entries.len();
    entries.retain(|entry| entry.kind != EntryType::Other);
    if entries.len() < all {
        *old = None;
    }
    let mut folders: Vec<(&str, Range<usize>)> = Vec::new();
    for n in some {
        let edit = &edits.all[n];
        let name = &edits.path(edit)[depth..];
        if let Some((folder, _)) = name.split_once('/') {
            match folders.last_mut() {
                Some((last, below)) if *last == folder => below.end = n + 1,
                _ => folders.push((folder, n..n + 1)),
            }
            continue;
        }
        let at = entries.iter().position(|e| e.name == name.as_bytes());
        let before = at.map(|at| (entries[at].kind, entries[at].oid));
        match (&mut *old, before) {
            (Some(old), None) => old.push((n, None)),
            (Some(old), Some((EntryType::Blob, id))) => old.push((n, Some(id))),
            _ => *old = None,
        }
        put(&mut entries, at, name, EntryType::Blob, edit.new);
    }
    for (folder, below) in folders {
        let at = entries.iter().position(|e| e.name == folder.as_bytes());
        let present = at.filter(|at| entries[*at].kind == EntryType::Tree);
        if at.is_some() && present.is_none() {
            *old = None;
        }
        let tree = present.map(|at| entries[at].oid);
        let depth = depth + folder.len() + 1;
        let new = edit_folder(repo, tree, (edits, below), depth, old)?;
        put(&mut entries, at, folder, EntryType::Tree, new);
    }
    if entries.is_empty() {
        return Ok(None);
    }
    repo.write_tree(entries).map(Some)
}

/// Replaces, adds or removes an entry.
fn put(entries: &mut Vec<Entry>, at: Option<usize>, name: &str, kind: EntryType, new: Option<Oid>) {
    match (at, new) {
        (Some(at), Some(oid)) => {
            entries[at].kind = kind;
            entries[at].oid = oid;
        }
        (None, Some(oid)) => entries.push(Entry {
            name: name.as_bytes().to_vec(),
            kind,
            oid,
        }),
        (Some(at), None) => {
            entries.remove(at);
        }
        (None, None) => {}
    }
}
