//! Git in a submodule of a worktree, or in another repository inside it.
//!
//! An agent in the worktree can write the whole of that repository, so git gets a copy of what says
//! which commits and files it has, without its configuration and hooks, which could name programs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::path;
use crate::error::{Error, Reason, Result};
use crate::store::fsck::local::VERIFYING;
use crate::store::git::irregular;
use crate::store::git::process::Git;
use crate::store::{beneath, lock, random};

/// What is not copied: what names programs or other folders, and what is not needed.
const LEFT_OUT: [&str; 9] = [
    "commondir",
    "config",
    "config.worktree",
    "gitdir",
    "hooks",
    "info",
    "logs",
    "objects",
    "worktrees",
];

/// A submodule or other repository with a copy of its git directory, which is deleted when dropped.
pub(super) struct Inside {
    git: Git,
    copy: PathBuf,
}

impl Inside {
    /// The repository at a path of the worktree that `git` runs in, with explicit folders.
    ///
    /// # Errors
    /// Refused when its git directory is neither in it nor in that of the worktree.
    pub(super) fn of(git: &Git, name: &str) -> Result<Inside> {
        let folder = git.dir().join(name);
        let own = own_git_dir(git, &folder)?.ok_or_else(|| {
            Error::refused(format!(
                "the git directory of the repository {} is elsewhere",
                crate::model::text::one_line(name)
            ))
            .because(Reason::SubmoduleUnsaved)
            .about(name)
            .hint("save what you need from it, and remove its folder")
        })?;
        let odd = irregular::in_git_dir(&own);
        odd.iter().try_for_each(|file| irregular::refuse(file))?;
        let place = lock::folder(&git.common_dir()?);
        let copy = place.join(format!("{VERIFYING}{}", random::name()?));
        let inside = Inside {
            git: git.in_own_repository(&copy, Some(&folder)),
            copy,
        };
        inside.fill(&own).map_err(|error| {
            Error::unwritten(format!("cannot write {}", path::shown(&inside.copy)), error)
        })?;
        Ok(inside)
    }

    /// Runs git in the submodule.
    pub(super) fn git(&self) -> &Git {
        &self.git
    }

    fn fill(&self, own: &Path) -> io::Result<()> {
        let mut objects = own.join("objects").into_os_string();
        objects.push("\n");
        fs::create_dir_all(self.copy.join("objects/info"))?;
        fs::write(
            self.copy.join("objects/info/alternates"),
            objects.as_encoded_bytes(),
        )?;
        copy(own, &self.copy, &LEFT_OUT)?;
        // The submodules in it count as work there, whatever is in them.
        match own.join("modules").exists() {
            true => fs::create_dir_all(self.copy.join("modules")),
            false => Ok(()),
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let _ = beneath::remove(&self.copy);
    }
}

/// Copies plain files and folders; links are left out.
fn copy(from: &Path, to: &Path, left_out: &[&str]) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        if left_out.iter().any(|out| name == *out) {
            continue;
        }
        if kind.is_file() {
            let copied = to.join(name);
            fs::copy(entry.path(), &copied)?;
            // By the time of the index, git knows which files it has to compare by their content.
            fs::File::open(copied)?.set_modified(entry.metadata()?.modified()?)?;
        } else if kind.is_dir() && name != "modules" {
            fs::create_dir_all(to.join(&name))?;
            copy(&entry.path(), &to.join(name), &[])?;
        }
    }
    Ok(())
}

/// True if a folder is a repository without a work tree.
pub(super) fn is_bare(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).symlink_metadata().is_ok();
    !has(".git") && folder.join("HEAD").is_file() && has("objects") && has("refs")
}

/// The git directory of a repository, in it or in that of its worktree, without links on the way.
fn own_git_dir(git: &Git, folder: &Path) -> Result<Option<PathBuf>> {
    let real = |path: &Path| path.canonicalize().ok();
    let file = folder.join(".git");
    let linked = irregular::link(&file).map(|to| folder.join(to));
    let modules = git.git_dir()?.join("modules");
    let top = real(git.dir());
    let is_straight =
        top.and_then(|top| Some(top.join(folder.strip_prefix(git.dir()).ok()?))) == real(folder);
    let found = match linked {
        Some(to) => real(&to).filter(|to| real(&modules).is_some_and(|all| to.starts_with(all))),
        None if is_bare(folder) => real(folder),
        None => real(&file).filter(|found| {
            found.is_dir() && real(folder).is_some_and(|top| found == &top.join(".git"))
        }),
    };
    Ok(found.filter(|_| is_straight))
}
