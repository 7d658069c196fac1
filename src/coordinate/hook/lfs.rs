//! Coexistence with git-lfs: its hooks are installed and run beside ours.
//!
//! It installs them when a file is first tracked with it, but silently skips one that another tool's
//! hook occupies. Our pre-push then sends what it would have sent (`hooks/lfs.sh`), and `install`
//! adds its hooks.

use std::fs;
use std::path::PathBuf;

use super::previous_hooks::Folder;
use super::shim::{self, Owner};
use crate::store::git::process::Git;

/// The hooks of git-lfs other than pre-push. Missing ones affect only locked files.
const OTHERS: [&str; 3] = ["post-checkout", "post-commit", "post-merge"];

/// True if files of the work tree are in git-lfs.
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

/// True if one of these hooks belongs to git-lfs or runs it.
pub(super) fn is_among(hooks: &[PathBuf]) -> bool {
    let speaks_of_it = |hook: &PathBuf| {
        fs::read(hook).is_ok_and(|text| text.windows(3).any(|three| three == b"lfs"))
    };
    hooks.iter().any(speaks_of_it)
}

/// Lets git-lfs install its hooks if it is in use and every path is free or ours. Returns true if
/// it did; then our own shims have to be installed again.
pub(super) fn install_first(git: &Git, folder: &Folder) -> bool {
    let own = folder.hook("pre-push");
    let free = matches!(shim::owner(&own), Owner::Us | Owner::Free)
        && fs::symlink_metadata(folder.before("pre-push")).is_err()
        && OTHERS
            .iter()
            .all(|name| shim::owner(&folder.hook(name)) == Owner::Free);
    if !free || !in_use(git) || !git.run(&["lfs", "version"]).is_ok_and(|v| v.ok()) {
        return false;
    }
    // It would refuse because of our hook.
    let ours = fs::read(&own);
    let _ = fs::remove_file(&own);
    let done = git.run(&["lfs", "update"]).is_ok_and(|done| done.ok());
    if !done && let Ok(ours) = ours {
        let _ = shim::write(&own, &ours);
    }
    done
}
