//! What history knows of a file: versions that could be read, files that are there no more.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::scan::{What, read};
use crate::error::Result;
use crate::model::codec;
use crate::model::doc::Doc;
use crate::store::diff;
use crate::store::git::repo::{Oid, Repo};

/// How many commits are looked at for one file.
const COMMITS_MAX: usize = 500;

/// Every version of a file that could be read, newest first.
///
/// # Errors
/// When git cannot be started.
pub fn versions(repo: &Repo, tips: &[Oid], path: &str) -> Result<Vec<Doc>> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for commit in commits_of(repo, tips, path)? {
        let Ok(Some(oid)) = blob_at(repo, commit, path) else {
            continue;
        };
        if !seen.insert(oid) {
            continue;
        }
        if let Ok(Some(bytes)) = repo.blob(oid, codec::MAX_FILE)
            && let What::Doc { doc, .. } = read(&bytes, path)
        {
            out.push(*doc);
        }
    }
    Ok(out)
}

/// Whether any of these paths was ever there.
///
/// # Errors
/// When git cannot be started.
pub fn ever(repo: &Repo, tips: &[Oid], paths: &[String]) -> Result<bool> {
    let mut args = log_args(tips, &["-1", "--format=%H"]);
    args.extend(paths.iter().map(|path| literal(path)));
    let output = repo.git().run(&args)?;
    // Where git cannot tell, it may well have been.
    Ok(!output.ok() || !output.text().is_empty())
}

/// The paths of documents that some commit took away. What of the history cannot be read is passed
/// over: it is told elsewhere.
pub fn taken_away(repo: &Repo, tip: Oid) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut trees: HashMap<Oid, Oid> = HashMap::new();
    let mut tree_of = |id: Oid| match trees.get(&id) {
        Some(tree) => Some(*tree),
        None => {
            let tree = repo.commit(id).ok()?.tree;
            trees.insert(id, tree);
            Some(tree)
        }
    };
    let mut seen = HashSet::from([tip]);
    let mut stack = vec![tip];
    while let Some(id) = stack.pop() {
        let Ok(commit) = repo.commit(id) else {
            continue;
        };
        for parent in commit.parents {
            if let Some(before) = tree_of(parent) {
                gone(repo, before, commit.tree, &mut out);
            }
            if seen.insert(parent) {
                stack.push(parent);
            }
        }
    }
    out
}

/// The files that one tree has and the next one has not.
fn gone(repo: &Repo, before: Oid, after: Oid, out: &mut BTreeSet<String>) {
    if let Ok(Some(changes)) = diff::changes(repo, before, after, usize::MAX) {
        let gone = changes.into_iter().filter(|change| change.new.is_none());
        out.extend(gone.map(|change| change.path));
        return;
    }
    // Links, or copies of a folder: everything is listed that counts.
    if let (Ok(before), Ok(after)) = (diff::files(repo, before), diff::files(repo, after)) {
        let here: HashSet<String> = after.files.into_iter().map(|file| file.path).collect();
        let files = before.files.into_iter().map(|file| file.path);
        out.extend(files.filter(|path| !here.contains(path)));
    }
}

fn log_args(tips: &[Oid], options: &[&str]) -> Vec<String> {
    let mut args: Vec<String> = ["log", "--full-history"].map(str::to_string).to_vec();
    args.extend(options.iter().map(ToString::to_string));
    args.extend(tips.iter().map(ToString::to_string));
    args.push("--".into());
    args
}

/// A path as git takes it literally, from the root, wherever git runs.
fn literal(path: &str) -> String {
    format!(":(top,literal){path}")
}

fn commits_of(repo: &Repo, tips: &[Oid], path: &str) -> Result<Vec<Oid>> {
    let limit = format!("-{COMMITS_MAX}");
    let mut args = log_args(tips, &[limit.as_str(), "-m", "--format=%H %P"]);
    args.push(literal(path));
    let output = repo.git().run(&args)?;
    // A commit that touched the file, and what was there before it.
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for line in output.lines() {
        for id in line.split(' ').filter_map(|hex| repo.parse_id(hex)) {
            if seen.insert(id) {
                out.push(id);
            }
        }
    }
    Ok(out)
}

/// The file at a path of a commit.
fn blob_at(repo: &Repo, commit: Oid, path: &str) -> Result<Option<Oid>> {
    repo.file_at(repo.commit(commit)?.tree, path)
}
