//! The files that lead git from a worktree to its repository.
//!
//! A change to one determines which configuration git reads there, and thus which programs git runs;
//! an agent can change them, because they are in its worktree and beside its index.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Hint, Reason, Result};
use crate::store::beneath;
use crate::store::git::irregular;
pub(crate) use crate::store::git::process::place::git_dir_of;
use crate::store::git::process::place::own_git_dir;

/// The maximum size of such a file, in bytes.
const MAX_LINK_FILE_SIZE: u64 = 1 << 20;

/// A file in the bytes of its path, with what it had.
type Saved<T> = Vec<(Vec<u8>, T)>;

/// The files of a worktree with their content before its agent started (`None` if there was none),
/// and the hooks that ran then, with their modes: a sandbox does not prevent that these are changed.
#[derive(Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct WorktreeLinks {
    files: Saved<Option<Vec<u8>>>,
    hooks: Saved<u32>,
}

impl WorktreeLinks {
    /// Reads those of the worktree `place` with the git directory `git_dir`.
    pub(crate) fn read(place: &Path, git_dir: &Path) -> WorktreeLinks {
        let beside = ["commondir", "gitdir", "config.worktree", "HEAD"];
        let beside = beside.map(|name| git_dir.join(name));
        let files = [place.join(".git")].into_iter().chain(beside);
        let common = git_dir.ancestors().nth(2).unwrap_or(git_dir);
        let hooks = ["hooks", "hooks-before-git-pm", "pm/hooks"].map(|name| common.join(name));
        let hooks = (hooks.iter().flat_map(fs::read_dir).flatten().flatten())
            .filter_map(|hook| Some((bytes(&hook.path()), mode(&hook.path())?)));
        WorktreeLinks {
            files: files
                .map(|file| (bytes(&file), beneath::plain(&file, MAX_LINK_FILE_SIZE)))
                .collect(),
            hooks: hooks.filter(|(_, mode)| mode & 0o111 != 0).collect(),
        }
    }

    /// Writes them to a file, from which [`WorktreeLinks::restore_saved`] restores them after this
    /// process was killed.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn save(&self, to: &Path) -> Result<()> {
        let bytes = serde_json::to_vec(self).map_err(std::io::Error::from);
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
        let saved: WorktreeLinks = serde_json::from_slice(&bytes).unwrap_or_default();
        let changed = saved.restore()?;
        fs::remove_file(from).map_err(|error| {
            Error::unwritten(format!("cannot remove {}", from.display()), error)
        })?;
        Ok(changed)
    }

    /// Restores the files and returns the names of those that the agent changed. A deleted worktree is not restored. A
    /// `HEAD` may be another, but has to be a file; whatever else in the git directory is none is
    /// removed, as nothing is in it.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) fn restore(&self) -> Result<Vec<String>> {
        let mut changed = Vec::new();
        let fail = |file: &Path, error| {
            Error::unwritten(format!("cannot restore {}", file.display()), error)
        };
        for (file, before) in &self.files {
            let file = path(file);
            let folder = file.parent().is_some_and(Path::is_dir);
            let now = beneath::plain(&file, MAX_LINK_FILE_SIZE);
            let may_change = file.ends_with("HEAD") && file.is_file();
            let same = may_change || now == *before;
            if !folder || (same && irregular::kind(&file).is_none()) {
                continue;
            }
            replace(&file, before.as_deref()).map_err(|error| fail(&file, error))?;
            if now.is_some_and(|link| is_lent(&link)) {
                continue;
            }
            changed.extend(file.file_name().map(|name| name.display().to_string()));
        }
        let git_dir = self.files.last().map(|(head, _)| path(head));
        let git_dir = git_dir.as_deref().and_then(Path::parent);
        for odd in git_dir.map(irregular::in_git_dir).unwrap_or_default() {
            fs::remove_file(&odd).map_err(|error| fail(&odd, error))?;
            changed.push(odd.display().to_string());
        }
        for (hook, before) in &self.hooks {
            let hook = path(hook);
            if mode(&hook).is_some_and(|now| now & 0o111 == 0) {
                set_mode(&hook, *before).map_err(|error| fail(&hook, error))?;
                changed.push(hook.display().to_string());
            }
        }
        Ok(changed)
    }
}

fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

fn path(bytes: &[u8]) -> PathBuf {
    OsString::from_vec(bytes.to_vec()).into()
}

/// The mode of a plain file.
fn mode(file: &Path) -> Option<u32> {
    let found = fs::symlink_metadata(file).ok()?;
    found.is_file().then(|| found.permissions().mode())
}

fn set_mode(file: &Path, mode: u32) -> std::io::Result<()> {
    fs::set_permissions(file, fs::Permissions::from_mode(mode))
}

/// Leads git in a worktree to a git directory in the folder of a run, until its links are restored.
///
/// # Errors
/// When `.git` cannot be written.
pub(crate) fn lend(place: &Path, git_dir: &Path) -> Result<()> {
    let file = place.join(".git");
    let link = [b"gitdir: ", git_dir.as_os_str().as_bytes(), b"\n"].concat();
    replace(&file, Some(&link))
        .map_err(|error| Error::unwritten(format!("cannot write {}", file.display()), error))
}

/// Refuses a worktree that still leads to the git directory of a run's agent, as after a run that was
/// killed: what is committed there with git is not on its branch.
///
/// # Errors
/// Kind `Refused`, reason `worktree.lent`.
pub(crate) fn require_returned(place: &Path) -> Result<()> {
    let link = irregular::link(&place.join(".git")).unwrap_or_default();
    if own_git_dir(place, &link)?.is_none() {
        return Ok(());
    }
    let shown = place.display().to_string();
    Err(Error::refused(format!(
        "the worktree {shown} is still lent to the agent of a run"
    ))
    .because(Reason::WorktreeLent)
    .about(shown)
    .hint(Hint::run(
        ["run", "stop"],
        "ends the run, and takes over what its agent has committed",
    )))
}

/// True for a link to the git directory of a sandboxed task.
fn is_lent(link: &[u8]) -> bool {
    String::from_utf8_lossy(link).contains("/pm/runs/")
}

fn replace(file: &Path, content: Option<&[u8]>) -> std::io::Result<()> {
    beneath::remove(file)?;
    content.map_or(Ok(()), |content| fs::write(file, content))
}
