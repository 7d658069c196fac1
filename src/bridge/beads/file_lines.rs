//! Which lines a file has had in git: in the history of the commit that is checked out, or in another branch only.
//!
//! A file that was edited in a branch was made from the versions that this branch has: what another one changed in it
//! was not taken back.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::Path;

use super::past_exports::SIZE_MAX;
use crate::pm::Pm;
use crate::store::git::repo::Oid;

/// The number of commits that changed the file, of the branch and of all, whose versions are read.
const HERE: &str = "--max-count=50";
const ANYWHERE: &str = "--max-count=200";

/// The hashes of the lines of a file's versions.
#[derive(Debug)]
pub struct FileLines {
    here: HashSet<u64>,
    anywhere: HashSet<u64>,
}

impl FileLines {
    /// Those of a file; `None` if it is not in a work tree, or if the commit that is checked out does not have it.
    pub fn of(pm: &Pm, file: &Path) -> Option<FileLines> {
        let top = pm.store.repo().workdir()?.canonicalize().ok()?;
        let path = file.canonicalize().ok()?;
        let path = path.strip_prefix(&top).ok()?.to_str()?.to_owned();
        let here = lines_of(pm, &["HEAD"], HERE, &path);
        if here.is_empty() {
            return None;
        }
        let anywhere = lines_of(pm, &["--branches", "--remotes"], ANYWHERE, &path);
        Some(FileLines { here, anywhere })
    }

    /// True if a version in the history of the commit that is checked out has a line.
    pub fn is_here(&self, line: &str) -> bool {
        self.here.contains(&hash_of(line))
    }

    /// True if only versions in other branches have a line.
    pub fn is_elsewhere(&self, line: &str) -> bool {
        !self.is_here(line) && self.anywhere.contains(&hash_of(line))
    }
}

fn hash_of(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

/// The lines of the versions of a file that some commits have, the newest ones as far as the size of copies allows.
fn lines_of(pm: &Pm, tips: &[&str], most: &str, path: &str) -> HashSet<u64> {
    let repo = pm.store.repo();
    let form = [
        "log",
        most,
        "--format=",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "-m",
    ];
    let args = [&form[..], tips, &["--", path]].concat();
    let Ok(out) = repo.git().plain().run(&args) else {
        return HashSet::new();
    };
    let (mut seen, mut lines, mut left) = (HashSet::new(), HashSet::new(), SIZE_MAX);
    for line in out.lines() {
        // `:100644 100644 <before> <after> M<tab>path`
        let Some(blob) = line.split(' ').nth(3).and_then(|hex| repo.parse_id(hex)) else {
            continue;
        };
        let most = usize::try_from(left).unwrap_or(0);
        let content = Some(blob).filter(|blob: &Oid| seen.insert(*blob));
        let content = content.and_then(|blob| repo.blob(blob, most).ok().flatten());
        if let Some(content) = content {
            left = left.saturating_sub(content.len() as u64);
            let text = String::from_utf8_lossy(&content);
            lines.extend(text.lines().map(hash_of));
        }
    }
    lines
}
