//! The files that a tool may read or write: those in a worktree of the repository. The content read
//! becomes part of the state, which is pushed, and a client may have been misled by other content.

use std::path::PathBuf;

use super::session::Session;
use crate::error::Result;
use crate::store::env::Env;
use crate::store::git::repo::Repo;

impl Session {
    /// The real path of a file that exists, or may be created, in a worktree of the repository;
    /// none for a path elsewhere, even through a link, and for git's own files.
    pub fn worktree_file(&self, path: &str) -> Result<Option<PathBuf>> {
        let own = self.pm()?.store.repo().common_dir();
        let found = self.real_path(path).filter(|real| {
            let Some(folder) = real.parent() else {
                return false;
            };
            // The repository there, regardless of the environment.
            let mut env = Env {
                cwd: folder.to_path_buf(),
                ..self.env().clone()
            };
            env.vars.retain(|name, _| !name.starts_with("GIT_"));
            let Ok(there) = Repo::open(&env) else {
                return false;
            };
            let root = there.workdir().and_then(|root| root.canonicalize().ok());
            let below = root.as_ref().and_then(|root| real.strip_prefix(root).ok());
            let is_own = |name: &std::ffi::OsStr| name.eq_ignore_ascii_case(".git");
            // A git directory may have another name.
            let is_own_folder = real.starts_with(own);
            !is_own_folder
                && there.common_dir() == own
                && below.is_some_and(|below| !below.iter().any(is_own))
        });
        Ok(found)
    }

    /// A path with links resolved; for a new file, those of its folder.
    fn real_path(&self, path: &str) -> Option<PathBuf> {
        let asked = self.cwd().join(path);
        let (folder, name) = (asked.parent()?, asked.file_name()?);
        match asked.symlink_metadata() {
            Ok(_) => asked.canonicalize().ok(),
            Err(_) => Some(folder.canonicalize().ok()?.join(name)),
        }
    }
}
