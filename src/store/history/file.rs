//! The commits that changed one document, told by its path alone: a commit whose tree has the same
//! entry there as a parent's did not touch it.

use std::collections::HashMap;

use super::trees::item_doc;
use super::walk;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::uid::Uid;
use crate::store::git::repo::{Commit, Entry, EntryType, Oid, Repo};

/// How many looked-up folders are remembered. Neighbouring commits share nearly all of theirs.
const REMEMBERED: usize = 4_096;

/// How many whole folders are.
const FOLDERS: usize = 16;

/// Looks the same paths up in many trees.
pub struct Tracked<'r> {
    repo: &'r Repo,
    /// Each path in its components.
    paths: Vec<Vec<String>>,
    /// What lies below a folder, by the folder and the path with the number of components done.
    seen: HashMap<(Oid, usize, usize), Option<Oid>>,
    /// Folders as they were read, for the other paths through them.
    folders: HashMap<Oid, Vec<Entry>>,
}

impl<'r> Tracked<'r> {
    /// Tracks some paths: files or folders.
    pub fn new(repo: &'r Repo, paths: &[String]) -> Self {
        let split = |path: &String| path.split('/').map(str::to_string).collect();
        Tracked {
            repo,
            paths: paths.iter().map(split).collect(),
            seen: HashMap::new(),
            folders: HashMap::new(),
        }
    }

    /// The objects at the paths of a tree.
    fn at(&mut self, tree: Oid) -> Result<Vec<Option<Oid>>> {
        (0..self.paths.len())
            .map(|path| self.below(tree, path, 0))
            .collect()
    }

    fn below(&mut self, folder: Oid, path: usize, done: usize) -> Result<Option<Oid>> {
        if let Some(found) = self.seen.get(&(folder, path, done)) {
            return Ok(*found);
        }
        let entry = self.entry(folder, path, done)?;
        let last = done + 1 == self.paths[path].len();
        let found = match entry {
            Some(entry) if last && entry.kind != EntryType::Other => Some(entry.oid),
            Some(entry) if entry.kind == EntryType::Tree => {
                self.below(entry.oid, path, done + 1)?
            }
            _ => None,
        };
        if self.seen.len() >= REMEMBERED {
            self.seen.clear();
        }
        self.seen.insert((folder, path, done), found);
        Ok(found)
    }

    fn entry(&mut self, folder: Oid, path: usize, done: usize) -> Result<Option<Entry>> {
        if !self.folders.contains_key(&folder) {
            if self.folders.len() >= FOLDERS {
                self.folders.clear();
            }
            self.folders.insert(folder, self.repo.tree(folder)?);
        }
        let name = self.paths[path][done].as_bytes();
        let entries = self.folders.get(&folder).into_iter().flatten();
        Ok(entries.into_iter().find(|e| e.name == name).cloned())
    }

    /// Whether a commit changed what lies there: it differs from every parent's.
    ///
    /// # Errors
    /// When an object is not here and the history is not shallow.
    pub fn is_touched(&mut self, commit: &Commit) -> Result<bool> {
        let here = self.at(commit.tree)?;
        if commit.parents.is_empty() {
            return Ok(here.iter().any(Option::is_some));
        }
        for parent in &commit.parents {
            let Some(parent) = super::load(self.repo, *parent)? else {
                continue;
            };
            if self.at(parent.tree)? == here {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The commit that wrote something into an item's document: `has` holds for what it left and for
/// no parent's. It is looked for from `tip` back to `end`.
///
/// # Errors
/// When an object is not here.
pub fn introduced(
    repo: &Repo,
    tip: Oid,
    end: Option<Oid>,
    (born, uid): (&str, &Uid),
    has: impl Fn(&Doc) -> bool,
) -> Result<Option<Commit>> {
    let mut tracked = Tracked::new(repo, &super::trees::item_paths(born, uid));
    let holds = |tree: Oid| -> Result<bool> {
        Ok(item_doc(repo, tree, born, uid)?.is_some_and(|doc| has(&doc)))
    };
    let mut found = None;
    walk(repo, tip, &[], |commit| {
        if Some(commit.id) == end {
            return Ok(false);
        }
        if !tracked.is_touched(commit)? || !holds(commit.tree)? {
            return Ok(true);
        }
        for parent in &commit.parents {
            if let Some(parent) = super::load(repo, *parent)?
                && holds(parent.tree)?
            {
                return Ok(true);
            }
        }
        found = Some(commit.clone());
        Ok(false)
    })?;
    Ok(found)
}
