//! git-lfs beside our hooks. It puts its own hooks in place when a file is first given to it, but not
//! where another tool's hook stands, and does not say so. Our pre-push then sends what it would have
//! sent (`hooks/lfs.sh`), and installing brings its hooks in.

use std::fs;
use std::path::PathBuf;

use super::folder::Folder;
use super::shim::{self, Owner};
use crate::store::git::process::Git;

/// The hooks of git-lfs besides pre-push. Missing ones concern only files that are locked.
const OTHERS: [&str; 3] = ["post-checkout", "post-commit", "post-merge"];

/// Whether files of the work tree are in git-lfs.
pub(super) fn in_use(git: &Git) -> bool {
    let attributes = ":(glob)**/.gitattributes";
    let asked = [
        "grep",
        "--cached",
        "-q",
        "-F",
        "filter=lfs",
        "--",
        attributes,
    ];
    git.run(&asked).is_ok_and(|found| found.ok())
}

/// Whether one of these hooks is git-lfs's or runs it.
pub(super) fn is_among(hooks: &[PathBuf]) -> bool {
    let speaks_of_it = |hook: &PathBuf| {
        fs::read(hook).is_ok_and(|text| text.windows(3).any(|three| three == b"lfs"))
    };
    hooks.iter().any(speaks_of_it)
}

/// Lets git-lfs install its hooks where it is in use and every place is free or ours. Returns whether it
/// did; our own shims have to be put in again.
pub(super) fn install_first(git: &Git, folder: &Folder) -> bool {
    let own = folder.hook("pre-push");
    let free = matches!(shim::owner(&own), Owner::Us | Owner::Nobody)
        && fs::symlink_metadata(folder.before("pre-push")).is_err()
        && OTHERS
            .iter()
            .all(|name| shim::owner(&folder.hook(name)) == Owner::Nobody);
    if !free || !in_use(git) || !git.run(&["lfs", "version"]).is_ok_and(|v| v.ok()) {
        return false;
    }
    // It would take ours for one that is in its way.
    let ours = fs::read(&own);
    let _ = fs::remove_file(&own);
    let done = git.run(&["lfs", "update"]).is_ok_and(|done| done.ok());
    if !done && let Ok(ours) = ours {
        let _ = shim::write(&own, &ours);
    }
    done
}
