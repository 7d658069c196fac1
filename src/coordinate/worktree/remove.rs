//! Removes a worktree's folder and registration, never its branch, and never work that is saved
//! nowhere else.

use std::path::{Path, PathBuf};

use super::list::{Worktree, list};
use super::{dirt, path, save};
use crate::error::{Error, Result};
use crate::store::fault;
use crate::store::git::process::Git;

/// In a worktree's private git directory: nothing would be lost with the folder, and its removal
/// has begun.
pub(crate) const REMOVING: &str = "pm-removing";

/// In a worktree's private git directory: git pm made it, in this clone. What an item says of its
/// branch came from anywhere, so that nothing else is a reason to remove a folder.
const MADE: &str = "pm-made";

/// Notes that git pm made the worktree that git runs in.
pub(crate) fn mark(git_at_worktree: &Git) -> Result<()> {
    let mark = path::git_dir(git_at_worktree)?.join(MADE);
    std::fs::write(&mark, "").map_err(|e| Error::io(format!("writing {}", path::shown(&mark)), e))
}

/// Whether git pm made a worktree.
pub(crate) fn is_ours(worktree: &Worktree, common: &Path) -> bool {
    !worktree.main && worktree.private_dir(common).join(MADE).is_file()
}

/// What was removed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Removed {
    /// The folder, gone now.
    pub path: PathBuf,
    /// The branch it had checked out; it still exists.
    pub branch: Option<String>,
    /// The ref that holds the uncommitted work, where there was some.
    pub saved: Option<String>,
    /// Git ran inside it: whoever stands there stands in a folder that no longer exists.
    pub was_current: bool,
}

/// Removes the worktree at `folder`. Without `force` one that holds uncommitted work is refused,
/// and so is the one git runs in; with `force` the work is first saved to the ref `save_as`
/// (default `refs/pm-local/saved/<key>/<seconds>`). Ignored files go. The main work tree, a locked
/// one, and one that holds another repository or worktree are always refused.
///
/// # Errors
/// Refused as above; not found when there is no worktree at `folder`.
pub fn remove(git: &Git, folder: &Path, force: bool, save_as: Option<&str>) -> Result<Removed> {
    let folder = git.dir().join(folder);
    let worktrees = list(git)?;
    let Some(worktree) = worktrees.iter().find(|w| path::same(&w.path, &folder)) else {
        return Err(
            Error::not_found(format!("{} is not a worktree", path::shown(&folder)))
                .hint("list them with `git worktree list`"),
        );
    };
    let shown = path::shown(&worktree.path);
    let place = path::word(&worktree.path);
    if worktree.main {
        return Err(Error::refused(format!(
            "{shown} is the repository's main work tree, which is never removed"
        ))
        .hint("list the others with `git worktree list`"));
    }
    if let Some(reason) = &worktree.locked {
        let reason = crate::model::text::one_line(reason);
        let why = if reason.is_empty() {
            String::new()
        } else {
            format!(": {reason}")
        };
        return Err(Error::refused(format!("{shown} is locked{why}"))
            .hint(format!("unlock it with `git worktree unlock {place}`")));
    }
    let was_current = path::resolved(git.dir()).starts_with(path::resolved(&worktree.path));
    if was_current && !force {
        return Err(
            Error::refused(format!("{shown} is the folder you are in")).hint(format!(
                "run it from elsewhere, as in {}",
                path::shown(&worktrees[0].path)
            )),
        );
    }
    refuse_nested(worktree, &worktrees, &path::common_dir(git)?)?;
    let saved = if worktree.present() {
        secure(&git.at(&worktree.path), worktree, force, save_as)?
    } else if has_content(&worktree.path) {
        return Err(Error::refused(format!(
            "{shown} is no longer the worktree git has registered there, and is not empty"
        ))
        .hint("move the folder away, then run it again, or `git worktree repair`"));
    } else {
        None
    };
    discard(git, &worktree.path)?;
    Ok(Removed {
        path: worktree.path.clone(),
        branch: worktree.branch.clone(),
        saved,
        was_current,
    })
}

/// Another worktree, or the repository itself, inside the folder would go with it.
fn refuse_nested(worktree: &Worktree, all: &[Worktree], common: &Path) -> Result<()> {
    let own = path::resolved(&worktree.path);
    let others = all.iter().filter(|w| w.path != worktree.path);
    let mut inside = others
        .map(|w| w.path.as_path())
        .chain([common])
        .filter(|p| path::resolved(p).starts_with(&own));
    match inside.next() {
        None => Ok(()),
        Some(other) => Err(Error::refused(format!(
            "{} holds {}, which would go with it",
            path::shown(&worktree.path),
            path::shown(other)
        ))
        .hint(format!(
            "move that away first: `git worktree move {} NEW_PLACE`",
            path::shown(other)
        ))),
    }
}

/// Makes sure that nothing is lost with the worktree that git runs in; returns the ref that its
/// work was saved to, if there was some.
pub(crate) fn secure(
    git: &Git,
    worktree: &Worktree,
    force: bool,
    save_as: Option<&str>,
) -> Result<Option<String>> {
    let dirt = dirt::dirt_to_remove(git)?;
    if dirt.loses_nothing() {
        return Ok(None);
    }
    let shown = path::shown(&worktree.path);
    if !force {
        return Err(Error::refused(format!(
            "{shown} holds work that is saved nowhere else: {}",
            dirt.summary()
        ))
        .hint("commit it there")
        .hint("or run it again with --force, which saves it to a ref first"));
    }
    // A commit of ours cannot hold what another repository has.
    if !dirt.nested.is_empty() {
        return Err(Error::refused(format!(
            "{shown} holds repositories of their own: {}",
            path::some_of(&dirt.nested)
        ))
        .hint("move them elsewhere first"));
    }
    for name in &dirt.submodules {
        refuse_unsaved_submodule(&git.at(worktree.path.join(name)), name)?;
    }
    let only_submodules = dirt::Dirt {
        submodules: dirt.submodules.clone(),
        ..dirt::Dirt::default()
    };
    if dirt == only_submodules {
        return Ok(None);
    }
    let name = match save_as {
        Some(name) => name.to_string(),
        None => format!(
            "refs/pm-local/saved/{}/{}",
            worktree.key,
            save::seconds(git)?
        ),
    };
    let of = worktree.branch.as_deref().unwrap_or(&worktree.key);
    save::save(git, &name, &format!("git pm: saved work of {of}"))?;
    Ok(Some(name))
}

fn refuse_unsaved_submodule(git: &Git, name: &str) -> Result<()> {
    let inner = dirt::dirt(git)?;
    let alone = git.require(&[
        "rev-list",
        "--max-count=1",
        "HEAD",
        "--branches",
        "--not",
        "--remotes",
    ])?;
    if inner.loses_nothing() && alone.stdout.is_empty() {
        return Ok(());
    }
    let what = if inner.loses_nothing() {
        "commits that are on none of its remotes".to_string()
    } else {
        inner.summary()
    };
    let name = crate::model::text::one_line(name);
    Err(Error::refused(format!("the submodule {name} has {what}"))
        .hint(format!("commit and push inside {name} first")))
}

/// Whether something other than an empty folder is there.
pub(crate) fn has_content(folder: &Path) -> bool {
    match folder.symlink_metadata() {
        Err(_) => false,
        Ok(meta) if !meta.is_dir() => true,
        Ok(_) => std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()),
    }
}

/// Deletes what is in a folder, but for what makes it a worktree: should this break off, git still
/// knows it, and whoever goes on can tell what is gone from what somebody deleted.
fn empty(folder: &Path) -> std::io::Result<()> {
    if !folder.symlink_metadata()?.is_dir() {
        return Ok(());
    }
    let link = folder.join(".git");
    let text = std::fs::read_to_string(&link).unwrap_or_default();
    if let Some(private) = text.strip_prefix("gitdir:") {
        // Without it the rest looks like work that somebody has to look at.
        let _ = std::fs::write(folder.join(private.trim()).join(REMOVING), "");
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path() == link {
            continue;
        }
        fault::point("worktree-empty")?;
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Deletes the folder and git's registration of it, whatever is in there: callers have looked.
///
/// The folder goes first: git then lets go of the registration without being forced to, also
/// where it would refuse (filled submodules). Symbolic links are not followed.
pub(crate) fn discard(git: &Git, folder: &Path) -> Result<()> {
    let git = git.at(path::common_dir(git)?);
    if folder.symlink_metadata().is_ok() {
        fault::point("worktree-remove")
            .and_then(|()| empty(folder))
            .and_then(|()| std::fs::remove_dir_all(folder))
            .map_err(|e| Error::unwritten(format!("removing {}", path::shown(folder)), e))?;
    }
    let args = [
        "worktree".as_ref(),
        "remove".as_ref(),
        "--".as_ref(),
        folder.as_os_str(),
    ];
    git.require(&args).map(|_| ())
}
