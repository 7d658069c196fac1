//! The git directory of a task whose agent runs in a sandbox: it has refs, an index and objects of
//! its own, and a file that names the worktree's directory in the shared repository. To its agent
//! the shared repository is read-only; everybody else works with the shared one.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The file with the path of the worktree's own git directory: `COMMON/worktrees/NAME`.
pub(crate) const SHARED: &str = "pm-worktree";

/// The reason of an error about a write that the runner has to make.
pub(crate) const ELSEWHERE: &str = "state.elsewhere";

/// The worktree's own git directory, if `git_dir` is that of a sandboxed task.
pub(super) fn shared(git_dir: &Path) -> Option<PathBuf> {
    let file = git_dir.join(SHARED);
    let plain = std::fs::symlink_metadata(&file).is_ok_and(|found| found.is_file());
    let path = plain
        .then(|| std::fs::read_to_string(file).ok())
        .flatten()?;
    Some(PathBuf::from(path.trim_end_matches('\n'))).filter(|path| path.is_absolute())
}

/// The directory that the worktrees share, above the git directory of one of them.
pub(super) fn common_of(own: &Path) -> Option<&Path> {
    own.ancestors().nth(2)
}

/// True if the sandbox of this process denies writing the state.
pub(super) fn is_denied(common: &Path) -> bool {
    let opened = OpenOptions::new().append(true).open(common.join("pm/lock"));
    opened.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// The error for a write of the state in a sandbox: some are handed over to the run.
pub(crate) fn elsewhere() -> Error {
    Error::refused(
        "this cannot be done in the sandbox of a task, nor does the run do it for an agent",
    )
    .because(ELSEWHERE)
    .hint("leave it to a human")
}
