//! Repositories of their own inside a worktree, which would be deleted with it.
//!
//! They are looked for in ignored folders too; their commits and files would be lost.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::dirt;
use super::submodule::{Inside, is_bare};
use crate::error::Result;
use crate::store::git::irregular;
use crate::store::git::process::Git;

/// The number of repositories that are reported at most.
const MAX_REPORTED: usize = 20;

/// The repositories inside the worktree that git runs in, except those in `known`, that have commits
/// or changes which exist nowhere else, or that cannot be checked.
pub(super) fn unsaved(git: &Git, known: &[String]) -> Vec<String> {
    let top = git.dir();
    let is_known = |name: &String| known.iter().any(|k| k.trim_end_matches('/') == name);
    let found = repositories(top).into_iter();
    let names = found.filter_map(|folder| {
        let inside = folder.strip_prefix(top).ok()?;
        Some(inside.to_string_lossy().into_owned())
    });
    names
        .filter(|name| !is_known(name) && has_unsaved(git, name).unwrap_or(true))
        .take(MAX_REPORTED)
        .collect()
}

/// The folders below `top` that are repositories. Links are not followed.
fn repositories(top: &Path) -> Vec<PathBuf> {
    let is_ours = |entry: &DirEntry| entry.depth() == 0 || entry.file_name() != ".git";
    let is_folder = |entry: &DirEntry| entry.file_type().is_dir() && is_ours(entry);
    // A folder that cannot be read cannot be removed either.
    let folders = WalkDir::new(top)
        .into_iter()
        .filter_entry(is_folder)
        .flatten();
    let is_repository = |folder: &Path| {
        let has_own = folder != top && is_git_dir(&folder.join(".git"));
        has_own || (folder.join("objects").is_dir() && is_bare(folder))
    };
    let folders = folders.map(DirEntry::into_path);
    folders.filter(|folder| is_repository(folder)).collect()
}

/// True if a `.git` is a git directory, or leads to one: not in a fixture or a leftover.
fn is_git_dir(path: &Path) -> bool {
    let linked = irregular::link(path).map(|to| path.with_file_name("").join(to));
    linked.as_deref().unwrap_or(path).join("HEAD").is_file()
}

/// True if a repository has changes, or commits that were neither fetched from a remote nor are on
/// one. Commits of tags count as fetched where others were.
fn has_unsaved(git: &Git, name: &str) -> Result<bool> {
    let inside = Inside::of(git, name)?;
    let inner = inside.git();
    if !is_bare(inner.dir()) {
        let dirt = dirt::dirt(inner)?;
        if !dirt.is_clean() || !dirt.submodules.is_empty() {
            return Ok(true);
        }
    }
    let remotes = inner.require(&["for-each-ref", "--count=1", "refs/remotes"])?;
    let fetched = !remotes.stdout.is_empty() || inner.git_dir()?.join("shallow").exists();
    let own: &[&[&str]] = match fetched {
        false => &[&["--all", "--not"]],
        true => &[
            &["--branches", "--glob=refs/stash*", "--not"],
            &["HEAD", "--not", "--branches", "--tags"],
        ],
    };
    for args in own {
        // HEAD may have no commit yet, and FETCH_HEAD may not be there.
        let begin = ["rev-list", "--max-count=1", "--ignore-missing"];
        let args = [&begin, *args, &["--remotes", "FETCH_HEAD"]].concat();
        if !inner.require(&args)?.stdout.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
