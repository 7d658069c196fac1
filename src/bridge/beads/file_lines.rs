//! Which lines a file has had in git: in the history of its present version, or in another branch only.
//!
//! A file that was edited in a branch was made from the versions that this branch has: what another one changed in it
//! was not taken back.

use std::cell::RefCell;
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::rc::Rc;

use super::json_line::Line;
use super::past_exports::SIZE_MAX;
use crate::pm::Pm;
use crate::store::git::repo::Oid;

/// The number of commits that changed the file, of a branch and of all, whose versions are read.
const OF_BRANCH: &str = "--max-count=50";
const OF_ALL: &str = "--max-count=200";

/// The versions of a file in a history.
#[derive(Debug, Default)]
struct Versions {
    /// The hashes of their lines, each with the newest commit that has it.
    lines: HashMap<u64, Oid>,
    /// Each version, newest first, with the hashes of its lines.
    each: Vec<(Oid, HashSet<u64>)>,
}

/// The lines of a file's versions.
#[derive(Debug)]
pub struct FileLines {
    path: String,
    head: Rc<Versions>,
    all: Rc<Versions>,
    /// Those of the histories of other commits.
    others: RefCell<HashMap<Oid, Rc<Versions>>>,
    /// The records of versions, by their ids.
    records: RefCell<HashMap<Oid, HashMap<String, String>>>,
}

/// The lines of the versions from which one of a file was made.
pub struct Lineage {
    here: Rc<Versions>,
    all: Rc<Versions>,
}

impl Lineage {
    /// True if a version in the history of this one has a line.
    pub fn is_here(&self, line: &str) -> bool {
        self.here.lines.contains_key(&hash_of(line))
    }

    /// True if only versions in other branches have a line.
    pub fn is_elsewhere(&self, line: &str) -> bool {
        !self.is_here(line) && self.all.lines.contains_key(&hash_of(line))
    }
}

impl FileLines {
    /// Those of a file; `None` if it is not in a work tree, or if the commit that is checked out does not have it.
    pub fn of(pm: &Pm, file: &Path) -> Option<FileLines> {
        let top = pm.store.repo().workdir()?.canonicalize().ok()?;
        let path = file.canonicalize().ok()?;
        let path = path.strip_prefix(&top).ok()?.to_str()?.to_owned();
        let head = lines_of(pm, &["HEAD"], OF_BRANCH, &path);
        let all = lines_of(pm, &["--branches", "--remotes"], OF_ALL, &path);
        (!head.each.is_empty()).then(|| FileLines {
            path,
            head: Rc::new(head),
            all: Rc::new(all),
            others: RefCell::default(),
            records: RefCell::default(),
        })
    }

    /// The versions from which the one with a line was made: those before the newest commit that has it, else before the
    /// commit that is checked out.
    pub fn lineage(&self, pm: &Pm, line: &str) -> Lineage {
        let hash = hash_of(line);
        let elsewhere = self
            .all
            .lines
            .get(&hash)
            .filter(|_| !self.head.lines.contains_key(&hash));
        let here = match elsewhere {
            None => Rc::clone(&self.head),
            Some(commit) => {
                let read = || lines_of(pm, &[&commit.to_string()], OF_BRANCH, &self.path);
                let mut others = self.others.borrow_mut();
                Rc::clone(others.entry(*commit).or_insert_with(|| Rc::new(read())))
            }
        };
        Lineage {
            here,
            all: Rc::clone(&self.all),
        }
    }

    /// What the file said of a record before it had one of its lines: in the version before the commits that brought
    /// it, or in the newest one if it is not committed.
    pub fn before(&self, pm: &Pm, id: &str, line: &str) -> Option<String> {
        let hash = hash_of(line);
        let here = self.lineage(pm, line).here;
        let mut each = here.each.iter();
        let (version, _) = each.find(|(_, lines)| !lines.contains(&hash))?;
        let mut records = self.records.borrow_mut();
        let records = records.entry(*version).or_insert_with(|| {
            let size_max = usize::try_from(SIZE_MAX).unwrap_or(usize::MAX);
            let content = pm.store.repo().blob(*version, size_max).ok().flatten();
            let content = content.unwrap_or_default();
            let content = String::from_utf8_lossy(&content);
            let id_of = |line: &str| Line::parse(line).ok()?.text("id").map(|id| id.to_string());
            let records = content
                .lines()
                .filter_map(|line| Some((id_of(line)?, line.to_string())));
            records.collect()
        });
        records.get(id).filter(|found| *found != line).cloned()
    }
}

fn hash_of(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

/// The lines of the versions of a file that some commits have, the newest ones as far as the size of copies allows.
fn lines_of(pm: &Pm, tips: &[&str], most: &str, path: &str) -> Versions {
    let repo = pm.store.repo();
    let form = [
        "log",
        most,
        "--format=%H",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "-m",
    ];
    let args = [&form[..], tips, &["--", path]].concat();
    let Ok(out) = repo.git().plain().run(&args) else {
        return Versions::default();
    };
    let (mut commit, mut seen) = (None, HashSet::new());
    let (mut found, mut left) = (Versions::default(), SIZE_MAX);
    for line in out.lines() {
        // The commit, then `:100644 100644 <before> <after> M<tab>path`.
        let Some(blob) = line.split(' ').nth(3).and_then(|hex| repo.parse_id(hex)) else {
            commit = repo.parse_id(line.trim()).or(commit);
            continue;
        };
        let most = usize::try_from(left).unwrap_or(0);
        let blob = Some(blob).filter(|blob: &Oid| seen.insert(*blob));
        let content = blob.and_then(|blob| repo.blob(blob, most).ok().flatten());
        if let Some(((content, blob), commit)) = content.zip(blob).zip(commit) {
            left = left.saturating_sub(content.len() as u64);
            let content = String::from_utf8_lossy(&content);
            let lines: HashSet<u64> = content.lines().map(hash_of).collect();
            for line in &lines {
                found.lines.entry(*line).or_insert(commit);
            }
            found.each.push((blob, lines));
        }
    }
    found
}
