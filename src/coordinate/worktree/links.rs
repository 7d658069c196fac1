//! The files that lead git from a worktree to its repository. A change to one determines which
//! configuration git reads there, and thus which programs git runs; an agent can change them,
//! because they are in its worktree and beside its index.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The maximum size of such a file, in bytes.
const MOST: u64 = 1 << 20;

/// The files of a worktree with their content before its agent started; `None` if there was none.
pub(crate) struct WorktreeLinks(Vec<(PathBuf, Option<Vec<u8>>)>);

impl WorktreeLinks {
    /// Reads those of the worktree `place` with the git directory `git_dir`.
    pub(crate) fn read(place: &Path, git_dir: &Path) -> WorktreeLinks {
        let beside = ["commondir", "gitdir", "config.worktree"].map(|name| git_dir.join(name));
        let files = [place.join(".git")].into_iter().chain(beside);
        WorktreeLinks(files.map(|file| (file.clone(), content(&file))).collect())
    }

    /// Writes them to a file, from which [`WorktreeLinks::restore_saved`] restores them after this
    /// process was killed.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn save(&self, to: &Path) -> Result<()> {
        let saved: Vec<(&[u8], &Option<Vec<u8>>)> = self
            .0
            .iter()
            .map(|(file, before)| (file.as_os_str().as_bytes(), before))
            .collect();
        let bytes = serde_json::to_vec(&saved).map_err(std::io::Error::from);
        let written = bytes.and_then(|bytes| fs::write(to, bytes));
        written.map_err(|error| Error::unwritten(format!("cannot write {}", to.display()), error))
    }

    /// Restores the links of a saved file, as [`WorktreeLinks::restore`] does, and removes it.
    /// Without a complete file there is nothing to do, as the agent starts only after it is
    /// written.
    ///
    /// # Errors
    /// When a file cannot be written or removed.
    pub(crate) fn restore_saved(from: &Path) -> Result<Vec<String>> {
        let Ok(bytes) = fs::read(from) else {
            return Ok(Vec::new());
        };
        let saved: Vec<(Vec<u8>, Option<Vec<u8>>)> =
            serde_json::from_slice(&bytes).unwrap_or_default();
        let files = saved.into_iter();
        let files = files.map(|(file, before)| (OsString::from_vec(file).into(), before));
        let changed = WorktreeLinks(files.collect()).restore()?;
        fs::remove_file(from).map_err(|error| {
            Error::unwritten(format!("cannot remove {}", from.display()), error)
        })?;
        Ok(changed)
    }

    /// Restores the changed files and returns their names. A deleted worktree is not restored.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) fn restore(&self) -> Result<Vec<String>> {
        let mut changed = Vec::new();
        for (file, before) in &self.0 {
            let folder = file.parent().is_some_and(Path::is_dir);
            if !folder || content(file) == *before {
                continue;
            }
            replace(file, before.as_deref()).map_err(|error| {
                Error::unwritten(format!("cannot restore {}", file.display()), error)
            })?;
            changed.extend(file.file_name().map(|name| name.display().to_string()));
        }
        Ok(changed)
    }
}

fn replace(file: &Path, content: Option<&[u8]>) -> std::io::Result<()> {
    match fs::symlink_metadata(file) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(file)?,
        Ok(_) => fs::remove_file(file)?,
        Err(_) => {}
    }
    content.map_or(Ok(()), |content| fs::write(file, content))
}

/// The git directory of a linked worktree, without running git there.
///
/// # Errors
/// Kind `Refused`, reason `worktree.link_changed`, if it is not one of the repository with this
/// common directory.
pub(crate) fn git_dir_of(place: &Path, common: &Path) -> Result<PathBuf> {
    let file = place.join(".git");
    let linked = content(&file)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| {
            text.strip_prefix("gitdir: ")
                .map(|to| to.trim_end().to_string())
        })
        .and_then(|to| place.join(to).canonicalize().ok());
    let folder = common.join("worktrees").canonicalize().ok();
    linked
        .filter(|git_dir| git_dir.parent() == folder.as_deref())
        .filter(|git_dir| {
            content(&git_dir.join("commondir")).is_some_and(|to| to.trim_ascii_end() == b"../..")
        })
        .ok_or_else(|| {
            Error::refused(format!(
                "{} does not point to a linked worktree of this repository",
                file.display()
            ))
            .because("worktree.link_changed")
            .about(place.display().to_string())
            .hint("if an agent may have changed it, run no git command there, save what you need, and remove the folder")
        })
}

/// The bytes of a plain file; `None` if there is none, or if it is something that git would not
/// read as one of ours.
fn content(file: &Path) -> Option<Vec<u8>> {
    let found = fs::symlink_metadata(file).ok()?;
    let plain = found.is_file() && found.len() <= MOST;
    plain.then(|| fs::read(file).ok()).flatten()
}
