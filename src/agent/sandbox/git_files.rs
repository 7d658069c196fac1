//! The files outside of the repository that git reads on a user's behalf.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::error::Result;
use crate::pm::Pm;

/// Settings that name a file or folder that git reads, or hooks that it runs.
const NAMING: [&str; 3] = ["core.hooksPath", "core.excludesFile", "core.attributesFile"];

/// Git's configuration files, including included ones, and the files that they name. Git exits if
/// one exists that it cannot read.
pub(super) fn read_by_git(pm: &Pm) -> Result<BTreeSet<PathBuf>> {
    // Not in the caller's worktree, whose own configuration an agent can write.
    let git = pm.store.repo().git_at_home();
    let listed = git.require(&["config", "--list", "--show-origin", "--name-only", "-z"])?;
    let listed = listed.text();
    // Pairs of an origin and a name, which git writes in lower case.
    let (mut files, mut set) = (BTreeSet::new(), BTreeSet::new());
    for part in listed.split('\0') {
        match part.strip_prefix("file:") {
            Some(file) => drop(files.insert(git.dir().join(file))),
            None => drop(set.insert(part)),
        }
    }
    for setting in NAMING {
        if !set.contains(setting.to_ascii_lowercase().as_str()) {
            continue;
        }
        let named = git.run(&["config", "--type=path", "--get", setting])?;
        if named.ok() {
            files.insert(git.dir().join(named.text().trim_end()));
        }
    }
    // Even if they are empty or do not exist yet.
    for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"] {
        files.extend(pm.store.env().var(name).map(PathBuf::from));
    }
    Ok(files
        .into_iter()
        .filter(|file| file.is_absolute())
        .collect())
}
