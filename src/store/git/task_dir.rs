//! The git directory of a task whose agent runs in a sandbox: it has refs, an index and objects of its own.
//!
//! To its agent the shared repository is read-only; everybody else works with the shared one.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::{Error, Reason};
use crate::process::is_inside;

/// The directory that the worktrees share, above the git directory of one of them.
pub(super) fn common_of(own: &Path) -> Option<&Path> {
    own.ancestors().nth(2)
}

/// True if the sandbox of this process denies writing the state.
pub(super) fn is_denied(common: &Path) -> bool {
    if !is_inside() {
        return false;
    }
    let opened = OpenOptions::new().append(true).open(common.join("pm/lock"));
    let denied = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem];
    opened.is_err_and(|error| denied.contains(&error.kind()))
}

/// The error for a write of the state in a sandbox: some are handed over to the run.
pub fn elsewhere() -> Error {
    Error::refused(
        "this cannot be done in the sandbox of a task, nor does the run do it for an agent",
    )
    .because(Reason::StateElsewhere)
    .hint("leave it to a human")
}
