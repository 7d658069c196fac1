//! The files that lead git from a worktree to its repository. Whoever changes one decides which
//! configuration git reads there, and with it which programs git runs; an agent can change them,
//! because they are in its worktree and beside its index.

use std::fs;
use std::path::{Path, PathBuf};

/// Longer files are none of these, in bytes.
const MOST: u64 = 1 << 20;

/// The files of a worktree and what they held before its agent started; `None` where there was none.
pub(super) struct WorktreeLinks(Vec<(PathBuf, Option<Vec<u8>>)>);

impl WorktreeLinks {
    /// Those of the worktree `place` with the git directory `git_dir`.
    pub(super) fn read(place: &Path, git_dir: &Path) -> WorktreeLinks {
        let beside = ["commondir", "gitdir", "config.worktree"].map(|name| git_dir.join(name));
        let files = [place.join(".git")].into_iter().chain(beside);
        WorktreeLinks(files.map(|file| (file.clone(), content(&file))).collect())
    }

    /// Puts back what was changed, and returns the names of those files. A worktree that is gone stays
    /// so.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(super) fn restore(&self) -> std::io::Result<Vec<String>> {
        let mut changed = Vec::new();
        for (file, before) in &self.0 {
            let folder = file.parent().is_some_and(Path::is_dir);
            if !folder || content(file) == *before {
                continue;
            }
            match fs::symlink_metadata(file) {
                Ok(found) if found.is_dir() => fs::remove_dir_all(file)?,
                Ok(_) => fs::remove_file(file)?,
                Err(_) => {}
            }
            if let Some(before) = before {
                fs::write(file, before)?;
            }
            changed.extend(file.file_name().map(|name| name.display().to_string()));
        }
        Ok(changed)
    }
}

/// The bytes of a plain file; `None` if there is none, or something that git would not read as one of
/// ours.
fn content(file: &Path) -> Option<Vec<u8>> {
    let found = fs::symlink_metadata(file).ok()?;
    let plain = found.is_file() && found.len() <= MOST;
    plain.then(|| fs::read(file).ok()).flatten()
}
