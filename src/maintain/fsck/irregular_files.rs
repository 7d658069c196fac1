//! Files at git's paths that are no files, such as FIFOs.

use std::path::{Path, PathBuf};

use super::fsck_report::{Finding, Repaired};
use crate::coordinate::worktree::links::git_dir_of;
use crate::coordinate::worktree::remove::MADE;
use crate::error::Result;
use crate::pm::Pm;
use crate::store::env::Env;
use crate::store::git::irregular;

const CODE: &str = "irregular-file";

/// All of a repository, each with true if it is git pm's to move: not in a work tree of the user's.
fn all(common: &Path) -> Vec<(PathBuf, bool)> {
    let own = irregular::in_git_dir(common).into_iter();
    let mut found: Vec<(PathBuf, bool)> = own.map(|file| (file, true)).collect();
    let entries = std::fs::read_dir(common.join("worktrees"));
    let mut places: Vec<(PathBuf, bool)> = (entries.into_iter().flatten().flatten())
        .filter_map(|entry| {
            let link = irregular::read(&entry.path().join("gitdir"))?;
            let place = entry.path().join(link.trim_end()).parent()?.to_path_buf();
            git_dir_of(&place, common).ok()?;
            Some((place, entry.path().join(MADE).is_file()))
        })
        .collect();
    let main = common.parent().filter(|_| common.ends_with(".git"));
    places.extend(main.map(|main| (main.to_path_buf(), false)));
    for (place, ours) in places {
        let files = irregular::in_worktree(&place).into_iter();
        found.extend(files.map(|file| (file, ours)));
    }
    found
}

pub(super) fn findings(pm: &Pm) -> Vec<Finding> {
    let finding = |(file, ours): (PathBuf, bool)| {
        let kind = irregular::kind(&file).unwrap_or("no file");
        let message = format!("it is {kind}, which git would wait for");
        let found = Finding::fault(CODE, &file.to_string_lossy(), message);
        match ours {
            true => found.repairable(),
            false => found.fix("remove it"),
        }
    };
    let all = all(pm.store.repo().common_dir());
    all.into_iter().map(finding).collect()
}

/// Moves them aside, also where they prevent that the repository is opened. A ref gets the value
/// that its log ends with.
///
/// # Errors
/// When one cannot be renamed.
pub fn set_irregular_aside(env: &Env) -> Result<Vec<Repaired>> {
    let Some((_, common, _)) = irregular::around(&env.cwd, env.var("GIT_DIR")) else {
        return Ok(Vec::new());
    };
    let mut done = Vec::new();
    for (file, _) in all(&common).into_iter().filter(|(_, ours)| *ours) {
        let to = irregular::set_aside(&file, env.now_ms())?;
        let to = format!("moved to {}", to.display());
        done.push(Repaired::new(CODE, &file.to_string_lossy(), to));
    }
    Ok(done)
}
