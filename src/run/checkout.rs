//! The checkout in which an agent reads a commit: a git repository of its own outside the project.
//!
//! It shares the project's objects and nothing else, so what the agent changes there changes nothing.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::beneath;

/// The most checkouts of a killed run that are looked for.
const CHECKOUTS: usize = 100;

/// What agents read as their own settings, in which a project can name commands: reviewed work does not
/// configure its reviewers. `DIFF.patch` has what it changes there.
const SETTINGS: [&str; 9] = [
    ".aider.conf.yml",
    ".claude",
    ".codex",
    ".cursor",
    ".gemini",
    ".mcp.json",
    ".opencode",
    "opencode.json",
    "opencode.jsonc",
];

/// A checkout, which is removed when this is dropped.
pub(super) struct Checkout(PathBuf);

impl Checkout {
    /// Makes the one with a number of a run, and puts files into a folder in it.
    pub(super) fn new(
        pm: &Pm,
        (run, number): (&Uid, usize),
        commit: &str,
        (folder, files): (&str, &[(&'static str, String)]),
    ) -> Result<Checkout> {
        let place = place(run, number);
        let fail = |error| Error::unwritten(format!("cannot create {}", place.display()), error);
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700).create(&place).map_err(fail)?;
        let checkout = Checkout(place.canonicalize().map_err(fail)?);
        let place = checkout.path();
        let git = pm.store.repo().git().plain();
        let from = pm.store.repo().common_dir().display().to_string();
        let to = place.display().to_string();
        let clone = [
            "clone",
            "--quiet",
            "--shared",
            "--no-checkout",
            "--template=",
            "--",
        ];
        git.require(&[&clone[..], &[&from, &to]].concat())?;
        let own = git.in_own_repository(&place.join(".git"), Some(place));
        own.require(&["remote", "remove", "origin"])?;
        own.require(&["checkout", "--quiet", "--detach", commit, "--"])?;
        let info = place.join(".git/info");
        let folder_path = place.join(folder);
        for name in SETTINGS {
            beneath::remove(&place.join(name)).map_err(fail)?;
        }
        // The work may have something of this name.
        beneath::remove(&folder_path).map_err(fail)?;
        for one in [&info, &folder_path] {
            std::fs::create_dir_all(one).map_err(fail)?;
        }
        std::fs::write(info.join("exclude"), format!("/{folder}/\n")).map_err(fail)?;
        for (name, text) in files {
            std::fs::write(folder_path.join(name), text).map_err(fail)?;
        }
        Ok(checkout)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        // What cannot be removed only costs space.
        let _ = beneath::remove(&self.0);
    }
}

fn place(run: &Uid, number: usize) -> PathBuf {
    std::env::temp_dir().join(format!("git-pm-review-{run}-{number}"))
}

/// Removes the checkouts of a run whose process was killed.
pub(super) fn clear(run: &Uid) {
    for number in 0..CHECKOUTS {
        // What cannot be removed only costs space.
        let _ = beneath::remove(&place(run, number));
    }
}
