//! The commits that changed one document, told by its path alone: a commit whose tree has the same
//! entry there as a parent's did not touch it.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::trees::item_doc;
use super::walk;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::uid::Uid;
use crate::store::git::repo::{Commit, EntryType, Oid, Repo};

/// How many looked-up folders are remembered. Neighbouring commits share nearly all of theirs.
const REMEMBERED: usize = 4_096;

/// Looks the same paths up in many trees.
pub struct Tracked<'r> {
    repo: &'r Repo,
    /// The folders on the way to the paths; the first one is the root.
    folders: Vec<Folder>,
    /// What a tree has at the place of a folder: the paths below it that are there.
    seen: HashMap<(Oid, usize), Found>,
}

/// A folder on the way: the names in it that matter, each a path's end or a folder again.
#[derive(Default)]
struct Folder {
    ends: BTreeMap<String, usize>,
    folders: BTreeMap<String, usize>,
}

/// Paths by number, with the objects there.
pub(super) type Found = Rc<[(usize, Oid)]>;

impl<'r> Tracked<'r> {
    /// Tracks some paths: files or folders, none of which lies in another.
    pub fn new(repo: &'r Repo, paths: &[String]) -> Self {
        let mut folders = vec![Folder::default()];
        for (number, path) in paths.iter().enumerate() {
            let mut here = 0;
            let (way, end) = path.rsplit_once('/').unwrap_or(("", path));
            for name in way.split('/').filter(|name| !name.is_empty()) {
                here = match folders[here].folders.get(name) {
                    Some(below) => *below,
                    None => {
                        folders.push(Folder::default());
                        let below = folders.len() - 1;
                        folders[here].folders.insert(name.to_string(), below);
                        below
                    }
                };
            }
            folders[here].ends.insert(end.to_string(), number);
        }
        Tracked {
            repo,
            folders,
            seen: HashMap::new(),
        }
    }

    /// What a tree has at the place of a folder.
    fn at(&mut self, tree: Oid, folder: usize) -> Result<Found> {
        if let Some(found) = self.seen.get(&(tree, folder)) {
            return Ok(found.clone());
        }
        let Folder { ends, folders } = &self.folders[folder];
        // Of a name that stands twice the last one counts.
        let mut here: BTreeMap<usize, Oid> = BTreeMap::new();
        let mut below: BTreeMap<usize, Oid> = BTreeMap::new();
        self.repo.each_entry(tree, |name, kind, oid| {
            let Ok(name) = std::str::from_utf8(name) else {
                return;
            };
            match (ends.get(name), folders.get(name)) {
                (Some(number), _) if kind != EntryType::Other => {
                    here.insert(*number, oid);
                }
                (_, Some(folder)) if kind == EntryType::Tree => {
                    below.insert(*folder, oid);
                }
                _ => {}
            }
        })?;
        let mut found: Vec<(usize, Oid)> = here.into_iter().collect();
        for (folder, tree) in below {
            found.extend(self.at(tree, folder)?.iter());
        }
        let found: Found = found.into();
        if self.seen.len() >= REMEMBERED {
            self.seen.clear();
        }
        self.seen.insert((tree, folder), found.clone());
        Ok(found)
    }

    /// What a tree has at the paths.
    pub(super) fn at_root(&mut self, tree: Oid) -> Result<Found> {
        self.at(tree, 0)
    }

    /// Whether a commit changed what lies there: it differs from every parent's.
    ///
    /// # Errors
    /// When an object is not here and the history is not shallow.
    pub fn is_touched(&mut self, commit: &Commit) -> Result<bool> {
        let here = self.at(commit.tree, 0)?;
        if commit.parents.is_empty() {
            return Ok(!here.is_empty());
        }
        for parent in &commit.parents {
            let Some(parent) = super::load(self.repo, *parent)? else {
                continue;
            };
            if self.at(parent.tree, 0)? == here {
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
    walk(repo, tip, |commit| {
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
