//! What commits changed in the records of a file.

use std::cell::{OnceCell, RefCell};
use std::collections::hash_map::{DefaultHasher, Entry};
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::rc::Rc;

use super::json_line::Line;
use super::past_exports::SIZE_MAX;
use crate::pm::Pm;
use crate::store::git::repo::Oid;

/// The number of commits that changed the file, of one history and of all, whose versions are read.
const COMMITS: usize = 50;
const COMMITS_OF_ALL: usize = 200;

/// Where a version of the file can be from: any branch, or what is just merged or applied.
const OTHERS: [&str; 7] = [
    "--branches",
    "--remotes",
    "--ignore-missing",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REBASE_HEAD",
    "refs/stash",
];

/// The histories of a file.
#[derive(Debug)]
pub struct FileHistory {
    path: String,
    /// That of the commit that is checked out.
    head: Rc<Versions>,
    /// The lines of the versions in any branch, by their hashes, with the newest commit that has each.
    lines: OnceCell<HashMap<u64, Oid>>,
    /// The histories of other commits.
    others: RefCell<HashMap<Oid, Rc<Versions>>>,
}

/// The versions of a file in one history.
#[derive(Debug, Default)]
struct Versions {
    /// What commits made of the file, newest first.
    changes: Vec<Change>,
    /// What it was in each version.
    contents: HashMap<Oid, String>,
    /// There is nothing before these.
    is_whole: bool,
    /// The changes of its records, by id, newest first.
    edits: OnceCell<HashMap<String, Vec<Edit>>>,
    /// The records of the newest version, by id.
    newest: OnceCell<HashMap<String, String>>,
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
    /// What it was, in each of the versions from which the commit was made; nothing of a new one that is not committed.
    pub before: Vec<Option<String>>,
    pub after: String,
}

impl Edit {
    /// True if a version had the record before.
    pub fn is_of_known(&self) -> bool {
        self.before.iter().any(Option::is_some)
    }

    /// All versions of the record.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let all = self.before.iter().flatten().chain([&self.after]);
        all.map(String::as_str)
    }
}

impl FileHistory {
    /// That of a file; `None` if it is not in a work tree, or if the commit that is checked out does not have it.
    pub fn of(pm: &Pm, file: &Path) -> Option<FileHistory> {
        // Where a shallow clone ends, all seems to be new.
        let repo = Some(pm.store.repo()).filter(|repo| !repo.is_shallow())?;
        let top = repo.workdir()?.canonicalize().ok()?;
        let path = file.canonicalize().ok()?;
        let path = path.strip_prefix(&top).ok()?.to_str()?.to_owned();
        let head = Rc::new(read(pm, &["HEAD"], COMMITS, &path));
        (!head.changes.is_empty()).then(|| FileHistory {
            path,
            head,
            lines: OnceCell::new(),
            others: RefCell::default(),
        })
    }

    /// What made a record what it is in the file, oldest first; none if that goes beyond what is read, and none of the
    /// lines `known` is in it. A file can be that of another branch than the one that is checked out.
    pub fn edits(&self, pm: &Pm, id: &str, line: &str, known: &[&str]) -> Vec<Edit> {
        if self.head.committed(id) == Some(line) {
            return self.head.edits(id, line, known);
        }
        let lines = self.lines.get_or_init(|| {
            let all = read(pm, &OTHERS, COMMITS_OF_ALL, &self.path);
            let mut lines = HashMap::new();
            for change in &all.changes {
                let content = all.contents.get(&change.after).map(String::as_str);
                for line in content.unwrap_or_default().lines() {
                    lines.entry(hash_of(line)).or_insert(change.commit);
                }
            }
            lines
        });
        let Some(commit) = lines.get(&hash_of(line)) else {
            return self.head.edits(id, line, known);
        };
        let read = || Rc::new(read(pm, &[&commit.to_string()], COMMITS, &self.path));
        let mut others = self.others.borrow_mut();
        let other = others.entry(*commit).or_insert_with(read);
        other.edits(id, line, known)
    }
}

fn hash_of(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

impl Versions {
    /// What the newest version says of a record.
    fn committed(&self, id: &str) -> Option<&str> {
        let newest = self.newest.get_or_init(|| self.read_newest());
        newest.get(id).map(String::as_str)
    }

    fn edits(&self, id: &str, line: &str, known: &[&str]) -> Vec<Edit> {
        let all = self.edits.get_or_init(|| self.read_edits());
        let of_record = all.get(id).map_or(&[][..], Vec::as_slice);
        let mut edits: Vec<Edit> = of_record.iter().rev().cloned().collect();
        let committed = self.committed(id);
        if committed != Some(line) {
            edits.push(Edit {
                before: committed
                    .map(|line| Some(line.to_string()))
                    .into_iter()
                    .collect(),
                after: line.to_string(),
            });
        }
        let is_known = |edit: &Edit| edit.lines().any(|line| known.contains(&line));
        if !self.is_whole && !edits.iter().any(is_known) {
            edits.clear();
        }
        edits
    }

    fn read_newest(&self) -> HashMap<String, String> {
        let newest = self
            .changes
            .first()
            .and_then(|one| self.contents.get(&one.after));
        let lines = newest.map(String::as_str).unwrap_or_default().lines();
        lines
            .filter_map(|line| Some((id_of(line)?, line.to_string())))
            .collect()
    }

    /// What commits made of all records, newest first. What a merge took from one side is no change.
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

/// The id of the record that a line is.
fn id_of(line: &str) -> Option<String> {
    Line::parse(line).ok()?.text("id").map(|id| id.to_string())
}

/// The versions of a file, the newest ones as far as the size of copies allows.
fn read(pm: &Pm, tips: &[&str], most: usize, path: &str) -> Versions {
    let repo = pm.store.repo();
    let form = [
        "log",
        &format!("--max-count={most}"),
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
    let (mut commit, mut parents, mut commits) = (None, 0, HashSet::new());
    let mut is_whole = true;
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
        if let Entry::Vacant(place) = found.contents.entry(after) {
            let size = usize::try_from(left).unwrap_or(0);
            let Some(content) = repo.blob(after, size).ok().flatten() else {
                is_whole = false;
                continue;
            };
            left = left.saturating_sub(content.len() as u64);
            let content = String::from_utf8_lossy(&content).into_owned();
            place.insert(content);
        }
        commits.insert(commit);
        found.changes.push(Change {
            commit,
            parents,
            before,
            after,
        });
    }
    found.is_whole = is_whole && commits.len() < most;
    found
}
