//! The same repository for another thread.

use std::path::PathBuf;

use super::{Eyes, Git, Repo};

/// A repository on its way to another thread.
pub struct ForThread {
    inner: gix::ThreadSafeRepository,
    git: Git,
    common_dir: PathBuf,
    git_dir: PathBuf,
    workdir: Option<PathBuf>,
}

impl ForThread {
    /// The repository, for the thread that calls this.
    pub fn open(self) -> Repo {
        let mut inner = self.inner.to_thread_local();
        // Whoever reads everything meets the same trees and delta bases again and again.
        inner.object_cache_size(1 << 22);
        Repo {
            inner,
            git: self.git,
            common_dir: self.common_dir,
            git_dir: self.git_dir,
            workdir: self.workdir,
            eyes: Eyes::default(),
        }
    }
}

impl Repo {
    /// What another thread needs to open this repository for itself.
    pub fn for_thread(&self) -> ForThread {
        ForThread {
            inner: self.inner.clone().into_sync(),
            git: self.git.clone(),
            common_dir: self.common_dir.clone(),
            git_dir: self.git_dir.clone(),
            workdir: self.workdir.clone(),
        }
    }
}
