//! What history knows of a file: versions that could be read, files that are there no more.

use std::collections::BTreeSet;

use super::scan::{What, read};
use crate::error::Result;
use crate::model::codec;
use crate::model::doc::Doc;
use crate::store::git::repo::{Oid, Repo};
use crate::store::layout;

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

/// The paths of documents that some commit took away.
///
/// # Errors
/// When git cannot be started.
pub fn taken_away(repo: &Repo, tip: Oid) -> Result<BTreeSet<String>> {
    let options = [
        "-m",
        "-z",
        "--no-renames",
        "--diff-filter=D",
        "--name-only",
        "--format=",
    ];
    let mut args = log_args(&[tip], &options);
    args.extend(layout::FOLDERS.iter().map(|(folder, _)| literal(folder)));
    let output = repo.git().run(&args)?;
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(names
        .split(['\0', '\n'])
        .filter(|name| !name.is_empty())
        .map(str::to_string)
        .collect())
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
