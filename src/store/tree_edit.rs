//! Setting and removing files in a tree: the effect of a write on the state.

use std::collections::BTreeMap;

use super::git::repo::{Entry, EntryType, Oid, Pending};
use super::layout::{self, Family};
use super::tree_diff::Change;
use crate::error::Result;

/// The files to set, by path, and those to remove.
pub type Edits = BTreeMap<String, Option<Oid>>;

/// The changes from one tree to the next: known to the writer, so the trees need not be compared.
#[derive(Clone, Debug)]
pub struct Step {
    pub from: Oid,
    pub to: Oid,
    pub changes: Vec<Change>,
}

/// Sets or removes files in a tree, or in an empty one; folders that become empty are removed.
pub(crate) fn edit_tree(repo: &Pending, tree: Option<Oid>, edits: &Edits) -> Result<Oid> {
    edit_root(repo, tree, edits, &mut None)
}

/// As [`edit_tree`]. Returns the changes too, if all are of plain files.
pub(crate) fn edit_noting(repo: &Pending, from: Oid, edits: &Edits) -> Result<(Oid, Option<Step>)> {
    let mut old = Some(Vec::new());
    let to = edit_root(repo, Some(from), edits, &mut old)?;
    let changes = old.and_then(|old| {
        // Contents of artifacts are in no index.
        let old = old
            .into_iter()
            .filter(|(path, _)| layout::content_of_path(path).is_none());
        let changes = old.map(|(path, old)| {
            let (folder, _) = path.split_once('/')?;
            Some(Change {
                family: Family::of_folder(folder)?,
                old,
                new: edits.get(&path).copied().flatten(),
                path,
            })
        });
        changes.collect::<Option<Vec<Change>>>()
    });
    Ok((to, changes.map(|changes| Step { from, to, changes })))
}

fn edit_root(repo: &Pending, tree: Option<Oid>, edits: &Edits, old: &mut Old) -> Result<Oid> {
    let edits: Vec<Edit<'_>> = edits
        .iter()
        .map(|(path, new)| (path.as_str(), *new))
        .collect();
    let edited = edit_folder(repo, tree, &edits, "", old)?;
    edited.map_or_else(|| repo.write_tree(Vec::new()), Ok)
}

/// A path below the current folder, and its new blob.
type Edit<'e> = (&'e str, Option<Oid>);

/// The blob at each path before; `None` if not requested, or if it was not a plain file or
/// something else was left out.
type Old = Option<Vec<(String, Option<Oid>)>>;

/// `None` if nothing is left in the folder.
fn edit_folder(
    repo: &Pending,
    tree: Option<Oid>,
    edits: &[Edit<'_>],
    path: &str,
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
    let mut below: BTreeMap<&str, Vec<Edit<'_>>> = BTreeMap::new();
    for (name, new) in edits {
        if let Some((folder, rest)) = name.split_once('/') {
            below.entry(folder).or_default().push((rest, *new));
            continue;
        }
        let at = entries.iter().position(|e| e.name == name.as_bytes());
        let before = at.map(|at| (entries[at].kind, entries[at].oid));
        match (&mut *old, before) {
            (Some(old), None) => old.push((format!("{path}{name}"), None)),
            (Some(old), Some((EntryType::Blob, id))) => {
                old.push((format!("{path}{name}"), Some(id)));
            }
            _ => *old = None,
        }
        put(&mut entries, at, name, EntryType::Blob, *new);
    }
    for (folder, edits) in below {
        let at = entries.iter().position(|e| e.name == folder.as_bytes());
        let present = at.filter(|at| entries[*at].kind == EntryType::Tree);
        if at.is_some() && present.is_none() {
            *old = None;
        }
        let tree = present.map(|at| entries[at].oid);
        let new = edit_folder(repo, tree, &edits, &format!("{path}{folder}/"), old)?;
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
