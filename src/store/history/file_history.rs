//! The commits that changed one document, found by its path alone.
//!
//! A commit whose tree has the same entry there as a parent's did not touch it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::trees::{item_doc, item_paths};
use super::walk;
use crate::error::Result;
use crate::git::repo::{Commit, EntryType, Oid, Repo};
use crate::model::doc::Doc;
use crate::model::uid::Uid;

/// The number of cached folders. Neighboring commits share nearly all of theirs.
const REMEMBERED: usize = 4_096;

/// The smallest and the largest number of commits of a run: it doubles while nothing is found.
const RUN_MIN: usize = 8;
const RUN_MAX: usize = 1_024;

/// Looks the same paths up in many trees.
pub struct Tracked<'r> {
    repo: &'r Repo,
    /// The folders on the way to the paths; the first one is the root.
    folders: Vec<Folder>,
    /// The contents of a folder in a tree, by folder number.
    seen: HashMap<(Oid, usize), Rc<Level>>,
    /// The commits of the last run that [`Tracked::is_touched_in_run`] looked at, and whether each
    /// changed something there.
    run: HashMap<Oid, bool>,
    /// The number of commits of the next run.
    run_length: usize,
}

/// A folder on the way: the relevant names in it, each the end of a path or another folder.
#[derive(Default)]
struct Folder {
    ends: BTreeMap<String, usize>,
    folders: BTreeMap<String, usize>,
}

/// The contents of such a folder in one tree.
#[derive(Default)]
struct Level {
    /// The paths that end here.
    ends: BTreeMap<usize, Oid>,
    /// The folders below it, by number.
    folders: BTreeMap<usize, Oid>,
}

impl<'r> Tracked<'r> {
    /// Tracks some paths: files or folders, none of which is in another.
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
            run: HashMap::new(),
            run_length: RUN_MIN,
        }
    }

    /// The contents of a folder in a tree.
    fn level(&mut self, tree: Oid, folder: usize) -> Result<Rc<Level>> {
        if let Some(found) = self.seen.get(&(tree, folder)) {
            return Ok(found.clone());
        }
        let Folder { ends, folders } = &self.folders[folder];
        // If a name occurs twice, the last entry counts.
        let mut found = Level::default();
        self.repo.each_entry(tree, |name, kind, oid| {
            let Ok(name) = std::str::from_utf8(name) else {
                return;
            };
            match (ends.get(name), folders.get(name)) {
                (Some(number), _) if kind != EntryType::Other => {
                    found.ends.insert(*number, oid);
                }
                (_, Some(folder)) if kind == EntryType::Tree => {
                    found.folders.insert(*folder, oid);
                }
                _ => {}
            }
        })?;
        let found = Rc::new(found);
        if self.seen.len() >= REMEMBERED {
            self.seen.clear();
        }
        self.seen.insert((tree, folder), found.clone());
        Ok(found)
    }

    /// The numbers of the paths at which two trees differ; only folders that differ are read. A
    /// file that only moved from one of the paths to another is the same.
    pub(super) fn differing(&mut self, before: Option<Oid>, after: Oid) -> Result<Vec<usize>> {
        let mut differing = BTreeMap::new();
        let mut todo = vec![(0, [before, Some(after)])];
        while let Some((folder, sides)) = todo.pop() {
            if sides[0] == sides[1] {
                continue;
            }
            let mut levels = [Rc::default(), Rc::default()];
            for (level, tree) in levels.iter_mut().zip(sides) {
                if let Some(tree) = tree {
                    *level = self.level(tree, folder)?;
                }
            }
            let ends = unlike(levels.each_ref().map(|level| &level.ends));
            differing.extend(ends);
            todo.extend(unlike(levels.each_ref().map(|level| &level.folders)));
        }
        let mut left: BTreeSet<Oid> = differing.values().filter_map(|[old, _]| *old).collect();
        let moved: BTreeSet<Oid> = differing
            .values()
            .filter_map(|[_, new]| new.filter(|new| left.remove(new)))
            .collect();
        differing.retain(|_, [old, new]| {
            let stays = |oid: &Option<Oid>| oid.is_some_and(|oid| !moved.contains(&oid));
            stays(old) || stays(new)
        });
        Ok(differing.into_keys().collect())
    }

    /// True if a tree has one of the paths.
    ///
    /// # Errors
    /// When an object is not here and the history is not shallow.
    pub fn is_in(&mut self, tree: Oid) -> Result<bool> {
        Ok(!self.differing(None, tree)?.is_empty())
    }

    /// True if a commit changed something there: it differs from every parent's.
    ///
    /// # Errors
    /// When an object is not here and the history is not shallow.
    pub fn is_touched(&mut self, commit: &Commit) -> Result<bool> {
        if commit.parents.is_empty() {
            return self.is_in(commit.tree);
        }
        for parent in &commit.parents {
            let Some(parent) = super::load(self.repo, *parent)? else {
                continue;
            };
            if self.differing(Some(parent.tree), commit.tree)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// As [`Tracked::is_touched`], for a walk through a long history, newest first: of a run of commits
    /// with one parent each only the two ends are compared where these are alike. So a change that the
    /// same run takes back byte for byte is passed over.
    ///
    /// # Errors
    /// When an object is not here and the history is not shallow.
    pub fn is_touched_in_run(&mut self, commit: &Commit) -> Result<bool> {
        if let Some(known) = self.run.remove(&commit.id) {
            return Ok(known);
        }
        let mut run = vec![(commit.id, commit.tree)];
        let mut parents = commit.parents.clone();
        while let [parent] = parents[..]
            && run.len() <= self.run_length
            && let Some(next) = super::load(self.repo, parent)?
        {
            run.push((next.id, next.tree));
            parents = next.parents;
        }
        if run.len() < 2 {
            return self.is_touched(commit);
        }
        self.run.clear();
        self.compare_run(&run)?;
        let is_quiet = !self.run.values().any(|touched| *touched);
        self.run_length = match is_quiet {
            true => RUN_MAX.min(self.run_length * 2),
            false => RUN_MIN,
        };
        Ok(self.run.remove(&commit.id).unwrap_or_default())
    }

    /// Notes for each commit of a run but the last whether it differs from the one after it, its parent.
    fn compare_run(&mut self, run: &[(Oid, Oid)]) -> Result<()> {
        let [newest, .., oldest] = run else {
            return Ok(());
        };
        let differs = !self.differing(Some(oldest.1), newest.1)?.is_empty();
        if differs && run.len() > 2 {
            let middle = run.len() / 2;
            self.compare_run(&run[..=middle])?;
            return self.compare_run(&run[middle..]);
        }
        let all = run[..run.len() - 1].iter();
        self.run.extend(all.map(|(id, _)| (*id, differs)));
        Ok(())
    }
}

/// The numbers for which two sides have different objects.
fn unlike(sides: [&BTreeMap<usize, Oid>; 2]) -> BTreeMap<usize, [Option<Oid>; 2]> {
    let mut all: BTreeMap<usize, [Option<Oid>; 2]> = BTreeMap::new();
    for (side, objects) in sides.into_iter().enumerate() {
        for (number, oid) in objects {
            all.entry(*number).or_default()[side] = Some(*oid);
        }
    }
    all.retain(|_, [before, after]| before != after);
    all
}

/// A part of an item's document whose commit is sought.
pub struct Sought<'a> {
    /// Birth id and uid of the item.
    pub item: (&'a str, &'a Uid),
    /// True for a document that has it.
    pub has: Box<dyn Fn(&Doc) -> bool + 'a>,
    /// Set to find the commit that wrote it, which has it while no parent has it, and not just the
    /// newest one that has it.
    pub written: bool,
}

/// Finds commits while a history is walked, newest first.
pub struct Finder<'r, 'a> {
    repo: &'r Repo,
    sought: Vec<Sought<'a>>,
    /// By document: the numbers of the parts sought in it.
    in_document: Vec<Vec<usize>>,
    /// By path: the document that can be there.
    at_path: Vec<usize>,
    tracked: Tracked<'r>,
    found: Vec<Option<Commit>>,
    /// The number of those not found yet.
    left: usize,
}

impl<'r, 'a> Finder<'r, 'a> {
    /// A finder that found nothing yet.
    pub fn new(repo: &'r Repo, sought: Vec<Sought<'a>>) -> Self {
        let mut paths: Vec<String> = Vec::new();
        let mut known: HashMap<&Uid, usize> = HashMap::new();
        let (mut in_document, mut at_path) = (Vec::<Vec<usize>>::new(), Vec::new());
        for (number, one) in sought.iter().enumerate() {
            let (born, uid) = one.item;
            let document = *known.entry(uid).or_insert_with(|| {
                paths.extend(item_paths(born, uid));
                at_path.resize(paths.len(), in_document.len());
                in_document.push(Vec::new());
                in_document.len() - 1
            });
            in_document[document].push(number);
        }
        Finder {
            repo,
            in_document,
            at_path,
            tracked: Tracked::new(repo, &paths),
            found: vec![None; sought.len()],
            left: sought.len(),
            sought,
        }
    }

    /// True if all were found.
    pub fn is_done(&self) -> bool {
        self.left == 0
    }

    /// The commits, in the order of the request.
    pub fn found(self) -> Vec<Option<Commit>> {
        self.found
    }

    /// Examines one more commit.
    ///
    /// # Errors
    /// When an object is not here and the history is not shallow.
    pub fn visit(&mut self, commit: &Commit) -> Result<()> {
        if self.is_done() {
            return Ok(());
        }
        let mut parents = Vec::new();
        let mut touched: Option<BTreeSet<usize>> = None;
        for parent in &commit.parents {
            if let Some(parent) = super::load(self.repo, *parent)? {
                let mut here = self.documents(Some(parent.tree), commit.tree)?;
                if let Some(before) = &touched {
                    here.retain(|document| before.contains(document));
                }
                if here.is_empty() {
                    return Ok(());
                }
                touched = Some(here);
                parents.push(parent);
            }
        }
        let touched = match touched {
            Some(touched) => touched,
            None => self.documents(None, commit.tree)?,
        };
        for document in touched {
            for at in 0..self.in_document[document].len() {
                let number = self.in_document[document][at];
                if self.found[number].is_none() {
                    self.found[number] = self.decide(number, commit, &parents)?;
                    self.left -= usize::from(self.found[number].is_some());
                }
            }
        }
        Ok(())
    }

    /// The documents in which two trees differ.
    fn documents(&mut self, before: Option<Oid>, after: Oid) -> Result<BTreeSet<usize>> {
        let places = self.tracked.differing(before, after)?;
        Ok(places
            .into_iter()
            .map(|place| self.at_path[place])
            .collect())
    }

    fn decide(&self, number: usize, commit: &Commit, parents: &[Commit]) -> Result<Option<Commit>> {
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
        for parent in parents {
            if has(parent)? {
                return Ok((!sought.written).then(|| parent.clone()));
            }
        }
        Ok(here.then(|| commit.clone()))
    }
}

/// The commit that wrote something into an item's document: `has` is true for its version and for
/// no parent's. The search goes from `tip` back to `end`.
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
