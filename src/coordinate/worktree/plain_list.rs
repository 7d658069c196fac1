//! The worktrees of a repository by their files alone, where all of them are plain ones.
//!
//! Every start and end of work, and several steps of a merge, ask which worktrees there are. What is not
//! plain (a bare repository, a folder that is gone, a lock) only git can tell.

use std::path::{Component, Path, PathBuf};

use super::branch;
use super::list::{MAIN, Worktree, key_of};
use crate::store::git::irregular;
use crate::store::git::process::Git;

/// All worktrees, the main one first and the others by path; `None` if git has to be asked. `private` has
/// the private git directories' names, with the folder each is for.
pub(super) fn read(
    git: &Git,
    common: &Path,
    private: &[(String, PathBuf)],
) -> Option<Vec<Worktree>> {
    // With GIT_WORK_TREE, nothing in the work tree names the repository.
    if git.is_explicit() && !git.dir().join(".git").exists() {
        return None;
    }
    let common = common.canonicalize().ok()?;
    let top = common.parent().filter(|_| common.ends_with(".git"))?;
    // Settings of the main worktree alone can say that there is none.
    let is_own = common.join("config.worktree").symlink_metadata().is_ok();
    if is_own || !is_plain(&irregular::read(&common.join("config"))?) {
        return None;
    }
    let mut linked = Vec::new();
    for (name, folder) in private {
        let dir = common.join("worktrees").join(name);
        let link = irregular::read(&dir.join("gitdir"))?;
        let named = Path::new(link.strip_suffix('\n')?.strip_suffix("/.git")?);
        let is_direct =
            named.is_absolute() && !named.components().any(|c| c == Component::ParentDir);
        let is_there = folder.join(".git").symlink_metadata().is_ok();
        let is_locked = dir.join("locked").symlink_metadata().is_ok();
        if named != folder || !is_direct || !is_there || is_locked {
            return None;
        }
        linked.push(Worktree {
            path: folder.clone(),
            key: key_of(private, folder),
            ..checked_out(git, &dir)?
        });
    }
    linked.sort_by(|a, b| a.path.as_os_str().cmp(b.path.as_os_str()));
    let mut found = vec![Worktree {
        path: top.to_path_buf(),
        key: MAIN.to_string(),
        main: true,
        ..checked_out(git, &common)?
    }];
    found.append(&mut linked);
    Some(found)
}

/// True if a configuration says nothing about where the main work tree is, or that there is none.
fn is_plain(config: &str) -> bool {
    let mut lines = config.lines().map(|line| line.trim().to_ascii_lowercase());
    lines.all(|line| {
        let is_key_after_section = line.starts_with('[') && line.contains('=');
        let is_bare = line.starts_with("bare") && !line.ends_with("false");
        !is_key_after_section && !is_bare && !line.starts_with("worktree")
    })
}

/// What the `HEAD` in a private git directory names.
fn checked_out(git: &Git, dir: &Path) -> Option<Worktree> {
    let head = irregular::read(&dir.join("HEAD"))?;
    let head = head.strip_suffix('\n')?;
    if branch::is_hash(head) {
        return Some(Worktree {
            head: Some(head.to_string()),
            detached: true,
            ..Worktree::default()
        });
    }
    let name = head.strip_prefix("ref: refs/heads/")?;
    let tip = branch::tip_here(git, name)?;
    // A symbolic branch stands for the one that it names.
    let full = tip.as_ref().map(|tip| tip.full.as_str());
    let real = full.map_or(Some(name), |full| full.strip_prefix("refs/heads/"))?;
    Some(Worktree {
        branch: Some(real.to_string()),
        head: tip.map(|tip| tip.commit),
        ..Worktree::default()
    })
}
