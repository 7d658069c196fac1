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

use super::past_exports::SIZE_MAX;
use crate::pm::Pm;
use crate::store::git::repo::Oid;

/// The number of commits that changed the file, of a branch and of all, whose versions are read.
const OF_BRANCH: &str = "--max-count=50";
const OF_ALL: &str = "--max-count=200";

/// The hashes of lines, each with the newest commit that has it.
type Lines = Rc<HashMap<u64, Oid>>;

/// The lines of a file's versions.
#[derive(Debug)]
pub struct FileLines {
    path: String,
    head: Lines,
    all: Lines,
    /// Those of the histories of other commits.
    others: RefCell<HashMap<Oid, Lines>>,
}

/// The lines of the versions from which one of a file was made.
pub struct Lineage {
    here: Lines,
    all: Lines,
}

impl Lineage {
    /// True if a version in the history of this one has a line.
    pub fn is_here(&self, line: &str) -> bool {
        self.here.contains_key(&hash_of(line))
    }

    /// True if only versions in other branches have a line.
    pub fn is_elsewhere(&self, line: &str) -> bool {
        !self.is_here(line) && self.all.contains_key(&hash_of(line))
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
        (!head.is_empty()).then(|| FileLines {
            path,
            head: Rc::new(head),
            all: Rc::new(all),
            others: RefCell::default(),
        })
    }

    /// The versions from which the one with a line was made: those before the newest commit that has it, else before the
    /// commit that is checked out.
    pub fn lineage(&self, pm: &Pm, line: &str) -> Lineage {
        let hash = hash_of(line);
        let elsewhere = self
            .all
            .get(&hash)
            .filter(|_| !self.head.contains_key(&hash));
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
}

fn hash_of(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

/// The lines of the versions of a file that some commits have, the newest ones as far as the size of copies allows.
fn lines_of(pm: &Pm, tips: &[&str], most: &str, path: &str) -> HashMap<u64, Oid> {
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
        return HashMap::new();
    };
    let (mut commit, mut seen) = (None, HashSet::new());
    let (mut lines, mut left) = (HashMap::new(), SIZE_MAX);
    for line in out.lines() {
        // The commit, then `:100644 100644 <before> <after> M<tab>path`.
        let Some(blob) = line.split(' ').nth(3).and_then(|hex| repo.parse_id(hex)) else {
            commit = repo.parse_id(line.trim()).or(commit);
            continue;
        };
        let most = usize::try_from(left).unwrap_or(0);
        let content = Some(blob).filter(|blob: &Oid| seen.insert(*blob));
        let content = content.and_then(|blob| repo.blob(blob, most).ok().flatten());
        if let Some((content, commit)) = content.zip(commit) {
            left = left.saturating_sub(content.len() as u64);
            for line in String::from_utf8_lossy(&content).lines() {
                lines.entry(hash_of(line)).or_insert(commit);
            }
        }
    }
    lines
}
