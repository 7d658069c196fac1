//! The files that a program may have read or written for it: those in a worktree of the repository.
//! The content read becomes part of the state, which is pushed, and a client may have been misled by
//! other content.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::coordinate::harmless_place;
use crate::pm::Pm;
use crate::store::layout::is_safe_name;

/// The real path of a file that exists, or may be created, in a worktree of the repository; the
/// folders of a new one may be missing. None for a path elsewhere, even through a link, and for
/// git's own files.
pub(crate) fn worktree_file(pm: &Pm, path: &str) -> Option<PathBuf> {
    let own = pm.store.repo().common_dir();
    real_path(pm, path).filter(|real| {
        let root = harmless_place::repo_around(pm, real).map(|(_, root)| root);
        let below = root.as_ref().and_then(|root| real.strip_prefix(root).ok());
        let is_own = |name: &OsStr| name.eq_ignore_ascii_case(".git");
        // A git directory may have another name.
        !real.starts_with(own) && below.is_some_and(|below| !below.iter().any(is_own))
    })
}

/// A path with links resolved; of a new file, those of the folders that exist.
fn real_path(pm: &Pm, path: &str) -> Option<PathBuf> {
    let asked = pm.store.env().cwd.join(path);
    let mut missing: Vec<&OsStr> = Vec::new();
    let mut folder = asked.as_path();
    // A link to nothing exists.
    while folder.symlink_metadata().is_err() {
        // None for `..`.
        let name = folder.file_name()?;
        // The file's own name is checked where it is used.
        if !missing.is_empty() && !is_safe_name(name.as_encoded_bytes()) {
            return None;
        }
        missing.push(name);
        folder = folder.parent()?;
    }
    let mut real = folder.canonicalize().ok()?;
    real.extend(missing.iter().rev());
    Some(real)
}
