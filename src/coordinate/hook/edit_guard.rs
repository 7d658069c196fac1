//! The check before an agent's tool edits files: paths that another holder reserved in mode `edit`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::coordinate::here;
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
        let inside = |file: &PathBuf| Some(file.strip_prefix(&root).ok()?.to_str()?.to_string());
        let named = files.iter().flat_map(|file| readings(&cwd.join(file)));
        let paths: BTreeSet<String> = named.filter_map(|file| inside(&file)).collect();
        let paths: Vec<String> = paths.into_iter().collect();
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let state = self.pm.store.snapshot()?;
        let (now, case) = (self.pm.now_ms(), here::case(self.pm));
        let ranked = queue::ranked_near(&state, now, case, &paths);
        let guard = Guard::new(&state, &ranked, case);
        let mut held = guard.held(&paths, &self.pm.requester());
        held.retain(|conflict| conflict.mode == Mode::Edit.as_str());
        Ok(held)
    }
}

/// The files that some paths name, by the worktree in which to check them: the nearest folder that
/// has an entry `.git`, else the nearest folder that exists. Relative paths are from `cwd`.
pub fn files_by_worktree(cwd: &Path, paths: &[PathBuf]) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    let mut found: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    let files: BTreeSet<PathBuf> = paths
        .iter()
        .flat_map(|path| readings(&cwd.join(path)))
        .collect();
    for file in files {
        let folders = || file.ancestors().skip(1);
        let root = folders().find(|folder| folder.join(".git").symlink_metadata().is_ok());
        let root = root.or_else(|| folders().find(|folder| folder.is_dir()));
        if let Some(root) = root.map(Path::to_path_buf) {
            found.entry(root).or_default().push(file);
        }
    }
    found
}

/// The files that a path may name: `..` is the parent of the folder that a link leads to, as the
/// system reads it, or of the folder before it in the text, as in many tools.
fn readings(path: &Path) -> BTreeSet<PathBuf> {
    let mut text = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                text.pop();
            }
            part => text.push(part),
        }
    }
    [path, &text].into_iter().filter_map(real_path).collect()
}

/// A path without links and `..`; the file itself and folders above it need not exist. A missing
/// folder and the `..` after it cancel out.
fn real_path(path: &Path) -> Option<PathBuf> {
    let mut names = Vec::new();
    let mut left = 0_usize;
    let mut folder = path;
    loop {
        if let Ok(mut real) = folder.canonicalize() {
            (0..left).for_each(|_| _ = real.pop());
            real.extend(names.iter().rev());
            return Some(real);
        }
        match folder.components().next_back()? {
            Component::ParentDir => left += 1,
            Component::Normal(_) if left > 0 => left -= 1,
            Component::Normal(name) => names.push(name),
            _ => {}
        }
        folder = folder.parent()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_no_links_and_no_missing_folders() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::os::unix::fs::symlink(root.join("a/b"), root.join("link")).unwrap();
        for (given, real) in [
            ("a/b/c.rs", "a/b/c.rs"),
            ("a/new/c.rs", "a/new/c.rs"),
            ("no/../a/c.rs", "a/c.rs"),
            ("no/such/../../a/c.rs", "a/c.rs"),
            ("a/no/../../c.rs", "c.rs"),
            ("link/c.rs", "a/b/c.rs"),
            ("link/no/../c.rs", "a/b/c.rs"),
            ("link/../c.rs", "a/c.rs"),
            ("link/no/../../c.rs", "a/c.rs"),
        ] {
            assert_eq!(
                real_path(&root.join(given)),
                Some(root.join(real)),
                "{given}"
            );
        }
        let both = [root.join("a/c.rs"), root.join("c.rs")];
        assert_eq!(readings(&root.join("link/../c.rs")), both.into());
    }
}
