//! Which lines a file has had in git: in the history of its present version, or in another branch only.
//!
//! A file that was edited in a branch was made from the versions that this branch has: what another one changed in it
//! was not taken back.

use std::cell::{OnceCell, RefCell};
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
    /// What commits made of the file, newest first.
    changes: Vec<Change>,
    /// What it was in each version.
    contents: HashMap<Oid, String>,
    /// The changes of its records, by id, newest first.
    edits: OnceCell<HashMap<String, Vec<Edit>>>,
}

/// What a commit made of the file, from one of its parents.
#[derive(Debug)]
struct Change {
    commit: Oid,
    parents: usize,
    /// None if it was added.
    before: Option<Oid>,
    after: Oid,
}

/// What one commit made of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// What it was, in each of the versions from which the commit was made.
    pub before: Vec<Option<String>>,
    pub after: String,
}

impl Versions {
    /// What a version says of a record.
    fn record(&self, version: Oid, id: &str) -> Option<&str> {
        let mut lines = self.contents.get(&version)?.lines();
        lines.find(|line| id_of(line).as_deref() == Some(id))
    }

    /// What commits made of a record, newest first. What a merge took from one side is no change.
    fn edits(&self, id: &str) -> &[Edit] {
        let all = self.edits.get_or_init(|| self.read_edits());
        all.get(id).map_or(&[], Vec::as_slice)
    }

    fn read_edits(&self) -> HashMap<String, Vec<Edit>> {
        let mut found: HashMap<String, Vec<Edit>> = HashMap::new();
        let lines = |version: &Oid| self.contents.get(version).map(String::as_str);
        for of_commit in self.changes.chunk_by(|a, b| a.commit == b.commit) {
            let mut edits: HashMap<String, Edit> = HashMap::new();
            for change in of_commit {
                // What is not read is not known.
                let before = match &change.before {
                    Some(version) => lines(version),
                    None => Some(""),
                };
                let Some((before, after)) = before.zip(lines(&change.after)) else {
                    continue;
                };
                let was: HashSet<&str> = before.lines().collect();
                let new: Vec<&str> = after.lines().filter(|line| !was.contains(line)).collect();
                let is: HashSet<&str> = after.lines().collect();
                let gone = was.iter().filter(|line| !is.contains(*line));
                let gone: HashMap<String, &str> = gone
                    .filter_map(|line| Some((id_of(line)?, *line)))
                    .collect();
                for line in new {
                    let Some(id) = id_of(line) else { continue };
                    let before = gone.get(&id).map(|line| (*line).to_string());
                    let edit = edits.entry(id).or_insert_with(|| Edit {
                        before: Vec::new(),
                        after: line.to_string(),
                    });
                    edit.before.push(before);
                }
            }
            let parents = of_commit.first().map_or(1, |one| one.parents.max(1));
            for (id, edit) in edits {
                if edit.before.len() == parents {
                    found.entry(id).or_default().push(edit);
                }
            }
        }
        found
    }
}

/// The lines of a file's versions.
#[derive(Debug)]
pub struct FileLines {
    path: String,
    head: Rc<Versions>,
    all: Rc<Versions>,
    /// Those of the histories of other commits.
    others: RefCell<HashMap<Oid, Rc<Versions>>>,
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
        (!head.changes.is_empty()).then(|| FileLines {
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

    /// What made a record what it is in the file, oldest first, as far as it is known.
    pub fn edits(&self, pm: &Pm, id: &str, line: &str) -> Vec<Edit> {
        let here = self.lineage(pm, line).here;
        let mut edits: Vec<Edit> = here.edits(id).iter().rev().cloned().collect();
        let newest = here.changes.first().map(|change| change.after);
        let committed = newest.and_then(|version| here.record(version, id));
        if committed != Some(line) {
            edits.push(Edit {
                before: vec![committed.map(str::to_string)],
                after: line.to_string(),
            });
        }
        edits
    }
}

/// The id of the record that a line is.
fn id_of(line: &str) -> Option<String> {
    Line::parse(line).ok()?.text("id").map(|id| id.to_string())
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
        "--format=%H %P",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "-m",
    ];
    let args = [&form[..], tips, &["--", path]].concat();
    let Ok(out) = repo.git().plain().run(&args) else {
        return Versions::default();
    };
    let (mut found, mut left) = (Versions::default(), SIZE_MAX);
    let (mut commit, mut parents) = (None, 0);
    for line in out.lines() {
        if line.is_empty() {
            continue;
        }
        // The commit and its parents, then `:100644 100644 <before> <after> M<tab>path`.
        let mut words = line.split(' ');
        if !line.starts_with(':') {
            let id = words.next().and_then(|hex| repo.parse_id(hex));
            (commit, parents) = (id.or(commit), words.filter(|word| !word.is_empty()).count());
            continue;
        }
        let mut ids = words.skip(2).map(|hex| repo.parse_id(hex));
        let ids = [ids.next().flatten(), ids.next().flatten()];
        let [before, after] = ids.map(|id| id.filter(|id| !id.is_null()));
        let Some((after, commit)) = after.zip(commit) else {
            continue;
        };
        if !found.contents.contains_key(&after) {
            let most = usize::try_from(left).unwrap_or(0);
            let Some(content) = repo.blob(after, most).ok().flatten() else {
                continue;
            };
            left = left.saturating_sub(content.len() as u64);
            let content = String::from_utf8_lossy(&content).into_owned();
            for line in content.lines() {
                found.lines.entry(hash_of(line)).or_insert(commit);
            }
            found.contents.insert(after, content);
        }
        found.changes.push(Change {
            commit,
            parents,
            before,
            after,
        });
    }
    found
}
