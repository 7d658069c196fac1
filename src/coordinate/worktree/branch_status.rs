//! How a branch stands against its target: ahead, behind, would it merge, is it merged already,
//! is anything uncommitted. Reads only.

use std::path::Path;

use super::{branch, dirt, merged_branch, simulate};
use crate::error::Result;
use crate::store::git::process::Git;

/// A branch against its target.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct BranchState {
    /// Commits that the target lacks.
    pub ahead: u32,
    /// Commits of the target that the branch lacks.
    pub behind: u32,
    /// Files that would conflict in a merge.
    pub conflicts: Vec<String>,
    /// Why it counts as merged, if it does. True of a branch without commits of its own as well.
    pub merged: Option<String>,
    /// The branch exists; else everything else here is empty.
    pub exists: bool,
    /// The two share no history, and cannot be merged.
    pub unrelated: bool,
    /// Whether the given worktree holds anything uncommitted; none without one, or if it is gone.
    pub dirty: Option<bool>,
}

/// How `branch` stands against `target` (a branch, or any name of a commit), and whether the
/// worktree at `worktree` is dirty.
///
/// # Errors
/// Not found when there is no such target. A missing branch is an answer, not an error.
pub fn branch_state(
    git: &Git,
    branch: &str,
    target: &str,
    worktree: Option<&Path>,
) -> Result<BranchState> {
    let mut state = BranchState {
        // Without a `.git` of its own, git would answer for the repository around the folder.
        dirty: worktree
            .filter(|w| w.join(".git").symlink_metadata().is_ok())
            .and_then(|w| dirt::dirt(&git.at(w)).ok())
            .map(|dirt| !dirt.is_clean()),
        ..BranchState::default()
    };
    if let Some(tip) = branch::tip(git, branch)? {
        stand(git, &tip.commit, target, &mut state)?;
    }
    Ok(state)
}

/// How a commit stands against `target`, as [`branch_state`]: that of a branch of a remote.
///
/// # Errors
/// As [`branch_state`].
pub fn commit_state(git: &Git, commit: &str, target: &str) -> Result<BranchState> {
    let mut state = BranchState::default();
    stand(git, commit, target, &mut state)?;
    Ok(state)
}

fn stand(git: &Git, tip: &str, target: &str, state: &mut BranchState) -> Result<()> {
    let target = branch::require_commit(git, &merged_branch::full_name(git, target)?)?;
    state.exists = true;
    let range = format!("{target}...{tip}");
    let counts = git.require(&["rev-list", "--left-right", "--count", &range])?;
    let counts = counts.text();
    let mut counts = counts.split_whitespace().map(|n| n.parse().unwrap_or(0));
    state.behind = counts.next().unwrap_or(0);
    state.ahead = counts.next().unwrap_or(0);
    state.merged = merged_branch::integrated(git, tip, &target)?.map(|r| r.to_string());
    if state.merged.is_none() {
        state.unrelated = branch::merge_base(git, &target, tip)?.is_none();
        if !state.unrelated
            && let simulate::Merged::Conflicts(files) = simulate::merge(git, None, &target, tip)?
        {
            state.conflicts = files;
        }
    }
    Ok(())
}
