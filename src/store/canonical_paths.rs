//! The folders in which the documents below a folder belong.
//!
//! A tree may hold the same folder at thousands of places, some levels deep at millions, and still be
//! a few kilobytes that anyone can push. A document belongs at one place only, so few places of a
//! folder count: a walk of a tree checks here before it enters a folder again, so that it terminates.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::git::repo::{Entry, EntryType, Oid, Repo};
use super::layout::{self, Levels};
use crate::error::Result;
use crate::model::codec::decode;
use crate::model::limits::DOCUMENT_MAX;

/// The depth at which documents are, folders counted: `messages/2025/11/20/`.
const DEEPEST: usize = 4;

/// The paths at which a folder holds entries that belong there, with these entries.
type Places = Rc<BTreeMap<String, Vec<Entry>>>;

/// The folders visited in one walk.
#[derive(Default)]
pub(crate) struct CanonicalPaths {
    met: HashSet<Oid>,
    known: HashMap<(Oid, usize), Places>,
}

/// The entries of a folder to visit.
pub(crate) enum Contents {
    /// Everything: not visited before.
    All(Vec<Entry>),
    /// Visited elsewhere: only entries that belong here, or contain something that does.
    Copy(Vec<Entry>),
}

impl CanonicalPaths {
    /// The entries to visit in a folder at `path`.
    pub fn contents(&mut self, repo: &Repo, tree: Oid, path: &str) -> Result<Contents> {
        if self.met.insert(tree) {
            return repo.tree(tree).map(Contents::All);
        }
        let places = self.places(repo, tree, path);
        let here = places.and_then(|places| places.get(path).cloned());
        Ok(Contents::Copy(here.unwrap_or_default()))
    }

    /// True if a document in a folder, or below, belongs there if the folder is at `path`.
    pub(crate) fn belongs_at(&mut self, repo: &Repo, tree: Oid, path: &str) -> bool {
        self.places(repo, tree, path)
            .is_some_and(|places| places.contains_key(path))
    }

    fn places(&mut self, repo: &Repo, tree: Oid, path: &str) -> Option<Places> {
        let levels = DEEPEST.checked_sub(path.split('/').count())?;
        Some(self.below(repo, tree, levels))
    }

    /// The places where a folder belongs, according to the documents in it and up to `levels`
    /// below.
    fn below(&mut self, repo: &Repo, tree: Oid, levels: usize) -> Places {
        if let Some(places) = self.known.get(&(tree, levels)) {
            return Rc::clone(places);
        }
        let mut out: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        // An unreadable folder holds nothing that could belong anywhere.
        for entry in repo.tree(tree).unwrap_or_default() {
            let places: Vec<String> = match entry.kind {
                EntryType::Blob => proper_folders(repo, entry.oid).unwrap_or_default(),
                EntryType::Tree if levels > 0 => self
                    .below(repo, entry.oid, levels - 1)
                    .keys()
                    .filter_map(|path| path.rsplit_once('/'))
                    .filter(|(_, folder)| folder.as_bytes() == entry.name)
                    .map(|(parent, _)| parent.to_string())
                    .collect(),
                _ => Vec::new(),
            };
            for place in places {
                out.entry(place).or_default().push(entry.clone());
            }
        }
        let places = Rc::new(out);
        self.known.insert((tree, levels), Rc::clone(&places));
        places
    }
}

/// The folders in which a file belongs, if it is a document: an item has one in each format.
fn proper_folders(repo: &Repo, blob: Oid) -> Option<Vec<String>> {
    let bytes = repo.blob(blob, DOCUMENT_MAX).ok()??;
    let doc = decode(&bytes).ok()?;
    let mut folders: Vec<String> = Levels::ALL
        .iter()
        .filter_map(|levels| layout::path_of(*levels, &doc))
        .filter_map(|path| Some(path.rsplit_once('/')?.0.to_string()))
        .collect();
    folders.dedup();
    Some(folders)
}
