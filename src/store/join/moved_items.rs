//! Moving the items of a state of format 2 into the two levels of folders of format 3.
//!
//! Only names of files decide, so no document is read, and two states that are moved and joined are
//! what their join is when it is moved.

use std::collections::BTreeMap;

use super::tree::join_folders;
use crate::error::Result;
use crate::git::repo::{Entry, EntryType, Oid, Pending};
use crate::layout::{self, Family, Levels, REPOSITORY};
use crate::repository;

/// The tree of a state with its items where format 3 has them.
pub fn move_items(repo: &Pending, tree: Oid) -> Result<Oid> {
    let mut root = repo.tree(tree)?;
    let mut changed = false;
    for entry in root.iter_mut().filter(|e| e.kind == EntryType::Tree) {
        let name = String::from_utf8_lossy(&entry.name);
        let Some(family) = Family::of_folder(&name) else {
            continue;
        };
        if let Some(moved) = moved_folder(repo, tree, &name, family, entry.oid)? {
            changed = true;
            entry.oid = moved;
        }
    }
    if changed {
        repo.write_tree(root)
    } else {
        Ok(tree)
    }
}

/// The tree `old` as the state of the tree `new` would have it: with its items moved, if the format
/// was raised in between.
pub fn moved_like(repo: &Pending, old: Oid, new: Oid) -> Result<Oid> {
    let [before, after] = [
        repo.file_at(old, REPOSITORY)?,
        repo.file_at(new, REPOSITORY)?,
    ];
    if before == after {
        return Ok(old);
    }
    let [before, after] = [old, new].map(|tree| repository::read(repo, tree));
    match (before?.levels(), after?.levels()) {
        (Levels::One, Levels::Two) => move_items(repo, old),
        _ => Ok(old),
    }
}

/// The folder of a kind of items: the join of what stays and of what moves. `None` if nothing moves.
fn moved_folder(
    repo: &Pending,
    root: Oid,
    name: &str,
    family: Family,
    folder: Oid,
) -> Result<Option<Oid>> {
    let Family::Item(kind) = family else {
        return Ok(None);
    };
    let mut rest: BTreeMap<Vec<u8>, Entry> = BTreeMap::new();
    let mut moved: BTreeMap<[String; 2], BTreeMap<Vec<u8>, Entry>> = BTreeMap::new();
    for (name, mut group) in named(repo, folder)? {
        if group.kind != EntryType::Tree || !layout::is_safe_name(&name) {
            rest.insert(name, group);
            continue;
        }
        let at = String::from_utf8_lossy(&name);
        let all = named(repo, group.oid)?;
        let (count, mut stays) = (all.len(), Vec::new());
        for (name, entry) in all {
            let is_plain = entry.kind != EntryType::Other && layout::is_safe_name(&name);
            let to = layout::moved_to(kind, &at, &String::from_utf8_lossy(&name));
            match to.filter(|_| is_plain) {
                Some(to) => _ = moved.entry(to).or_default().insert(name, entry),
                None => stays.push(entry),
            }
        }
        if stays.len() < count {
            if stays.is_empty() {
                continue;
            }
            group.oid = repo.write_tree(stays)?;
        }
        rest.insert(name, group);
    }
    if moved.is_empty() {
        return Ok(None);
    }
    let mut above: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for ([first, second], entries) in moved {
        let oid = repo.write_tree(entries.into_values().collect())?;
        above
            .entry(first)
            .or_default()
            .push(folder_entry(second, oid));
    }
    let mut top = Vec::new();
    for (first, folders) in above {
        top.push(folder_entry(first, repo.write_tree(folders)?));
    }
    let moved = repo.write_tree(top)?;
    if rest.is_empty() {
        return Ok(Some(moved));
    }
    let rest = repo.write_tree(rest.into_values().collect())?;
    join_folders(repo, root, [rest, moved], name).map(Some)
}

/// The entries of a folder by name: of two with one name the last counts.
fn named(repo: &Pending, folder: Oid) -> Result<BTreeMap<Vec<u8>, Entry>> {
    let entries = repo.tree(folder)?.into_iter();
    Ok(entries.map(|entry| (entry.name.clone(), entry)).collect())
}

fn folder_entry(name: String, oid: Oid) -> Entry {
    Entry {
        name: name.into_bytes(),
        kind: EntryType::Tree,
        oid,
    }
}
