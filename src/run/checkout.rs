//! The checkout in which an agent reads a commit: a git repository of its own outside the project.
//!
//! It shares the project's objects and nothing else, so what the agent changes there changes nothing.

use super::private_folder::{PrivateFolder, REVIEW};
use crate::error::{Error, Result};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::beneath;

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

/// Makes the checkout with a number of a run, and puts files into a folder in it.
pub(super) fn checkout(
    pm: &Pm,
    of_run: (&Uid, usize),
    commit: &str,
    (folder, files): (&str, &[(&'static str, String)]),
) -> Result<PrivateFolder> {
    let checkout = PrivateFolder::new(REVIEW, of_run)?;
    let place = checkout.path();
    let fail = |error| Error::unwritten(format!("cannot create {}", place.display()), error);
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
