//! Removes a worktree's folder, never work that is saved nowhere else, nor many ignored files; `worktree_verbs.rs` decides when.

use std::path::Path;

use super::list::{Worktree, list};
use super::{dirt, path, save, submodule};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::limits::IGNORED_MAX;
use crate::store::beneath;
use crate::store::fault;
use crate::store::git::process::Git;
use crate::store::git::process::place::git_dir_of;

/// The mark in a worktree's private git directory that its removal has begun and would lose
/// nothing.
pub(crate) const REMOVING: &str = "pm-removing";

/// The mark in a worktree's private git directory that git pm made it in this clone, with the name of
/// the branch it was made for. Only this mark permits removing a folder, as an item's branch may come
/// from any clone.
pub(crate) const MADE: &str = "pm-made";

/// Records that git pm made the worktree that git runs in, and for which branch.
pub(crate) fn mark(git_at_worktree: &Git, branch: &str) -> Result<()> {
    let mark = git_at_worktree.git_dir()?.join(MADE);
    std::fs::write(&mark, format!("{branch}\n"))
        .map_err(|e| Error::io(format!("cannot write {}", path::shown(&mark)), e))
}

/// True if git pm made a worktree.
pub(crate) fn is_ours(worktree: &Worktree, common: &Path) -> bool {
    !worktree.main && worktree.private_dir(common).join(MADE).is_file()
}

/// Removes the worktree at `folder`. Without `force` one that holds uncommitted work is refused,
/// and so is the one git runs in; with `force` the work is first saved to the ref `save_as`, given
/// with the uid of its item (default `refs/pm-local/saved/<key>/<seconds>`). Also without, single
/// ignored files that the main work tree lacks or has otherwise are saved to `<save_as>-ignored`;
/// other ignored files are deleted. The main work tree, a locked one, one that contains another
/// repository or worktree, and one with too large ignored files are always refused. Returns the ref
/// with the saved work.
///
/// # Errors
/// Refused as above; not found when there is no worktree at `folder`.
pub fn remove(
    git: &Git,
    folder: &Path,
    force: bool,
    save_as: Option<(&str, &str)>,
) -> Result<Option<String>> {
    let folder = git.dir().join(folder);
    let worktrees = list(git)?;
    let Some(worktree) = worktrees.iter().find(|w| path::same(&w.path, &folder)) else {
        return Err(
            Error::not_found(format!("{} is not a worktree", path::shown(&folder)))
                .hint(Hint::git(["worktree", "list"], "lists the worktrees"))
                .because(Reason::WorktreeUnknown),
        );
    };
    let shown = path::shown(&worktree.path);
    if worktree.main {
        return Err(Error::refused(format!(
            "{shown} is the repository's main worktree, which is never removed"
        ))
        .hint(Hint::git(["worktree", "list"], "lists the others"))
        .because(Reason::WorktreeMain));
    }
    if let Some(reason) = &worktree.locked {
        let reason = crate::model::text::one_line(reason);
        let why = match reason.is_empty() {
            true => String::new(),
            false => format!(": {reason}"),
        };
        return Err(Error::refused(format!("{shown} is locked{why}"))
            .hint(Hint::git(["worktree", "unlock", &shown], "unlocks it"))
            .because(Reason::WorktreeLocked)
            .about(&shown));
    }
    let was_current = path::resolved(git.dir()).starts_with(path::resolved(&worktree.path));
    if was_current && !force {
        return Err(
            Error::refused(format!("{shown} is the current directory")).hint(format!(
                "run the command from another directory, such as {}",
                path::shown(&worktrees[0].path)
            )),
        );
    }
    refuse_nested(worktree, &worktrees, &git.common_dir()?)?;
    let saved = if worktree.present() {
        let there = git.in_worktree(&worktree.path)?;
        // The main one is the first.
        let ignored = ignored_to_save(&there, &worktrees[0].path)?;
        secure(&there, worktree, force, save_as, &ignored)?
    } else if has_content(&worktree.path) {
        return Err(Error::refused(format!(
            "{shown} is not empty, and is not the worktree that git has registered at this path"
        ))
        .hint("move the folder elsewhere, then run the command again")
        .hint(Hint::git(["worktree", "repair"], "registers it again")));
    } else {
        None
    };
    discard(git, &worktree.path)?;
    Ok(saved)
}

/// Refuses if another worktree, or the repository itself, is inside the folder.
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
            "{} contains {}, which would be removed with it",
            path::shown(&worktree.path),
            path::shown(other)
        ))
        .hint(Hint::git(
            ["worktree", "move", &path::shown(other), "NEW-PATH"],
            "moves the inner one elsewhere",
        ))
        .because(Reason::WorktreeNested)),
    }
}

/// The work that would be lost with the worktree that git runs in.
///
/// # Errors
/// Refused if there is some, without `force`; and with it, for what a commit of ours cannot hold:
/// other repositories.
pub(crate) fn savable(git: &Git, force: bool) -> Result<dirt::Dirt> {
    let dirt = dirt::dirt_to_remove(git)?;
    let shown = path::shown(git.dir());
    if !force && !dirt.loses_nothing() {
        return Err(Error::refused(format!(
            "{shown} has work that is saved nowhere else: {}",
            dirt.summary()
        ))
        .hint("commit it there; push nested repositories, or move them elsewhere")
        .hint("`--force` saves what is not in nested repositories to a ref first")
        .because(Reason::WorktreeDirty)
        .about(&shown));
    }
    if !dirt.nested.is_empty() {
        return Err(Error::refused(format!(
            "{shown} contains other repositories with work that is saved nowhere else: {}",
            path::some_of(&dirt.nested)
        ))
        .hint("push it, or move them elsewhere first")
        .because(Reason::WorktreeNested)
        .about(&shown));
    }
    for name in &dirt.submodules {
        refuse_unsaved_submodule(git, name)?;
    }
    Ok(dirt)
}

/// The ignored files of the worktree that git runs in, outside of ignored folders, that the `main` one does not have
/// with the same content, as one that was copied from there.
///
/// # Errors
/// Refused if they are too large to be saved in the repository.
pub(crate) fn ignored_to_save(git: &Git, main: &Path) -> Result<Vec<Vec<u8>>> {
    let (names, sizes): (Vec<Vec<u8>>, Vec<u64>) =
        dirt::ignored_files(git, main)?.into_iter().unzip();
    if sizes.into_iter().sum::<u64>() <= IGNORED_MAX {
        return Ok(names);
    }
    let shown = path::shown(git.dir());
    let lossy = |name: &Vec<u8>| String::from_utf8_lossy(name).into_owned();
    let names: Vec<String> = names.iter().map(lossy).collect();
    Err(Error::refused(format!(
        "{shown} has ignored files that the main worktree lacks or has otherwise, too large to be saved (more than {} MB): {}",
        IGNORED_MAX / 1_000_000,
        path::some_of(&names)
    ))
    .hint("move them elsewhere, or delete them, then run the command again")
    .because(Reason::WorktreeDirty)
    .about(&shown))
}

/// Ensures that nothing is lost with the worktree that git runs in, nor its `ignored` files, which are saved
/// apart; returns the ref that its work was saved to, if there was some.
pub(crate) fn secure(
    git: &Git,
    worktree: &Worktree,
    force: bool,
    save_as: Option<(&str, &str)>,
    ignored: &[Vec<u8>],
) -> Result<Option<String>> {
    let dirt = savable(git, force)?;
    if dirt.loses_nothing() && ignored.is_empty() {
        return Ok(None);
    }
    let name = match save_as {
        Some((name, _)) => name.to_string(),
        None => {
            let (key, at) = (&worktree.key, save::seconds(git)?);
            format!("refs/pm-local/saved/{key}/{at}")
        }
    };
    let what = worktree.branch.as_deref().unwrap_or(&worktree.key);
    let subject = format!("git pm: saved work of {what}");
    let (of, has_work) = (save_as.map(|one| one.1), !dirt.loses_nothing());
    save::save(git, &name, &subject, of, has_work, ignored)?;
    Ok(has_work.then_some(name))
}

/// Refuses if a submodule of the worktree that git runs in has work that is saved nowhere else.
pub(super) fn refuse_unsaved_submodule(git: &Git, name: &str) -> Result<()> {
    let inside = submodule::Inside::of(git, name)?;
    let inner = dirt::dirt(inside.git())?;
    let alone = inside.git().require(&[
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
        .hint(format!("commit and push inside {name} first"))
        .because(Reason::SubmoduleUnsaved)
        .about(name))
}

/// True if the path exists and is not an empty folder.
pub(crate) fn has_content(folder: &Path) -> bool {
    match folder.symlink_metadata() {
        Err(_) => false,
        Ok(meta) if !meta.is_dir() => true,
        Ok(_) => std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()),
    }
}

/// Deletes the content of a folder except its `.git`: if this is interrupted, git still knows the
/// worktree, and the next removal can distinguish these deletions from the user's.
fn empty(git: &Git, folder: &Path) -> std::io::Result<()> {
    if !folder.symlink_metadata()?.is_dir() {
        return Ok(());
    }
    let link = folder.join(".git");
    if let Ok(private) = git
        .common_dir()
        .and_then(|common| git_dir_of(folder, &common))
    {
        // Without the mark, the deletions look like the user's work.
        let _ = std::fs::File::create_new(private.join(REMOVING));
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path() == link {
            continue;
        }
        fault::point("worktree-empty")?;
        beneath::remove(&entry.path())?;
    }
    Ok(())
}

/// Deletes the folder with its content and git's registration; callers have checked it. The folder
/// is deleted first: git then removes the registration without force, also where it would refuse
/// (initialized submodules). Symbolic links are not followed.
pub(crate) fn discard(git: &Git, folder: &Path) -> Result<()> {
    let git = git.in_common_dir()?;
    if folder.symlink_metadata().is_ok() {
        fault::point("worktree-remove")
            .and_then(|()| empty(&git, folder))
            .and_then(|()| beneath::remove(folder))
            .map_err(|e| Error::unwritten(format!("cannot remove {}", path::shown(folder)), e))?;
    }
    let args = [
        "worktree".as_ref(),
        "remove".as_ref(),
        "--".as_ref(),
        folder.as_os_str(),
    ];
    git.require(&args).map(|_| ())
}
