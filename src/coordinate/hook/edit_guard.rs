//! The check before an agent's tool edits files: paths that another holder reserved in mode `edit`.

use std::path::{Path, PathBuf};

use crate::coordinate::reserve::guard::Guard;
use crate::coordinate::reserve::queue;
use crate::error::{ReservationConflict, Result};
use crate::model::reservation::Mode;
use crate::pm::handles::Hooks;

impl Hooks<'_> {
    /// The reservations of others in mode `edit` that hold these files. Files outside the current
    /// worktree are ignored; relative paths are from the current directory.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn check_edit(&self, files: &[PathBuf]) -> Result<Vec<ReservationConflict>> {
        let root = self.pm.store.repo().workdir();
        let Some(root) = root.and_then(|root| root.canonicalize().ok()) else {
            return Ok(Vec::new());
        };
        let cwd = &self.pm.store.env().cwd;
        let inside = |file: &PathBuf| {
            let real = real_path(&cwd.join(file))?;
            Some(real.strip_prefix(&root).ok()?.to_str()?.to_string())
        };
        let paths: Vec<String> = files.iter().filter_map(inside).collect();
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let state = self.pm.store.snapshot()?;
        let (now, case) = (self.pm.now_ms(), self.pm.case());
        let ranked = queue::ranked_near(&state, now, case, &paths);
        let guard = Guard::new(&state, &ranked, case);
        let mut held = guard.held(&paths, &self.pm.requester());
        held.retain(|conflict| conflict.mode == Mode::Edit.as_str());
        Ok(held)
    }
}

/// A path without links and `..`; the file itself need not exist.
fn real_path(path: &Path) -> Option<PathBuf> {
    if let Ok(real) = path.canonicalize() {
        return Some(real);
    }
    let mut names = Vec::new();
    let mut folder = path;
    loop {
        names.push(folder.file_name()?.to_os_string());
        folder = folder.parent()?;
        if let Ok(real) = folder.canonicalize() {
            names.reverse();
            return Some(names.into_iter().fold(real, |path, name| path.join(name)));
        }
    }
}
