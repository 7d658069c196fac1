//! A temporary folder of a run outside the project, which only its owner can read.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::model::uid::Uid;
use crate::store::beneath;

/// The most folders of a killed run that are looked for.
const FOLDERS: usize = 100;

/// What folders are for, as their names have it.
pub(super) const PLAN: &str = "plan";
pub(super) const REVIEW: &str = "review";

/// A folder, which is removed when this is dropped.
pub(super) struct PrivateFolder(PathBuf);

impl PrivateFolder {
    /// Creates the one with a number of a run.
    pub(super) fn new(kind: &str, (run, number): (&Uid, usize)) -> Result<PrivateFolder> {
        let place = place(kind, run, number);
        let fail = |error| Error::unwritten(format!("cannot create {}", place.display()), error);
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700).create(&place).map_err(fail)?;
        place.canonicalize().map(PrivateFolder).map_err(fail)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        // What cannot be removed only costs space.
        let _ = beneath::remove(&self.0);
    }
}

fn place(kind: &str, run: &Uid, number: usize) -> PathBuf {
    std::env::temp_dir().join(format!("git-pm-{kind}-{run}-{number}"))
}

/// Removes the folders of a run whose process was killed.
pub(super) fn clear(run: &Uid) {
    for kind in [PLAN, REVIEW] {
        for number in 0..FOLDERS {
            // What cannot be removed only costs space.
            let _ = beneath::remove(&place(kind, run, number));
        }
    }
}
