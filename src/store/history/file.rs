//! The commits that changed one document, told by its path alone: a commit whose tree has the same
//! entry there as a parent's did not touch it.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::rc::Rc;

use super::trees::{item_doc, item_paths};
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

    /// What a tree has at the paths.
    pub(super) fn at_root(&mut self, tree: Oid) -> Result<Found> {
        self.at(tree, 0)
    }
}

/// Something in an item's document whose commit is looked for.
pub struct Sought<'a> {
    /// Birth id and uid of the item.
    pub item: (&'a str, &'a Uid),
    /// Whether a document has it.
    pub has: Box<dyn Fn(&Doc) -> bool + 'a>,
    /// Whether the commit that wrote it is looked for, which has it while no parent has it, and not
    /// just the newest one that has it.
    pub written: bool,
}

/// Looks for commits while a history is walked, newest first.
pub struct Finder<'r, 'a> {
    repo: &'r Repo,
    sought: Vec<Sought<'a>>,
    /// The numbers of the paths of each.
    places: Vec<Range<usize>>,
    tracked: Tracked<'r>,
    found: Vec<Option<Commit>>,
}

impl<'r, 'a> Finder<'r, 'a> {
    /// A finder that found nothing yet.
    pub fn new(repo: &'r Repo, sought: Vec<Sought<'a>>) -> Self {
        let mut paths: Vec<String> = Vec::new();
        let mut known: HashMap<&Uid, Range<usize>> = HashMap::new();
        let mut places = Vec::new();
        for one in &sought {
            let (born, uid) = one.item;
            let numbers = known.entry(uid).or_insert_with(|| {
                let begin = paths.len();
                paths.extend(item_paths(born, uid));
                begin..paths.len()
            });
            places.push(numbers.clone());
        }
        Finder {
            repo,
            places,
            tracked: Tracked::new(repo, &paths),
            found: vec![None; sought.len()],
            sought,
        }
    }

    /// Whether all was found.
    pub fn is_done(&self) -> bool {
        self.found.iter().all(Option::is_some)
    }

    /// The commits, in the order in which they were asked for.
    pub fn found(self) -> Vec<Option<Commit>> {
        self.found
    }

    /// Looks at one more commit.
    ///
    /// # Errors
    /// When an object is not here and the history is not shallow.
    pub fn visit(&mut self, commit: &Commit) -> Result<()> {
        if self.is_done() {
            return Ok(());
        }
        let here = self.tracked.at_root(commit.tree)?;
        let mut parents = Vec::new();
        for parent in &commit.parents {
            if let Some(parent) = super::load(self.repo, *parent)? {
                let there = self.tracked.at_root(parent.tree)?;
                if here == there {
                    return Ok(());
                }
                parents.push((parent, there));
            }
        }
        for number in 0..self.sought.len() {
            let of = |found: &Found| -> Vec<(usize, Oid)> {
                let mine = found.iter();
                let mine = mine.filter(|(place, _)| self.places[number].contains(place));
                mine.copied().collect()
            };
            let mine = of(&here);
            let is_touched = match parents.is_empty() {
                true => !mine.is_empty(),
                false => parents.iter().all(|(_, there)| of(there) != mine),
            };
            if is_touched && self.found[number].is_none() {
                self.found[number] = self.judge(number, commit, &parents)?;
            }
        }
        Ok(())
    }

    fn judge(
        &self,
        number: usize,
        commit: &Commit,
        parents: &[(Commit, Found)],
    ) -> Result<Option<Commit>> {
        let sought = &self.sought[number];
        let (born, uid) = sought.item;
        let has = |commit: &Commit| -> Result<bool> {
            let doc = item_doc(self.repo, commit.tree, born, uid)?;
            Ok(doc.is_some_and(|doc| (sought.has)(&doc)))
        };
        let here = has(commit)?;
        if here && !sought.written {
            return Ok(Some(commit.clone()));
        }
        if !here && sought.written {
            return Ok(None);
        }
        for (parent, _) in parents {
            if has(parent)? {
                return Ok((!sought.written).then(|| parent.clone()));
            }
        }
        Ok(here.then(|| commit.clone()))
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
    item: (&str, &Uid),
    has: impl Fn(&Doc) -> bool,
) -> Result<Option<Commit>> {
    let sought = Sought {
        item,
        has: Box::new(has),
        written: true,
    };
    let mut finder = Finder::new(repo, vec![sought]);
    walk(repo, tip, |commit| {
        if Some(commit.id) == end {
            return Ok(false);
        }
        finder.visit(commit)?;
        Ok(!finder.is_done())
    })?;
    Ok(finder.found().pop().flatten())
}
