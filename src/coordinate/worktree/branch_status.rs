//! The status of a branch against its target: ahead, behind, conflicts, merged, uncommitted work.

use std::path::Path;

use super::dirt::Dirt;
use super::{branch, dirt, merge_tree, merged_branch};
use crate::error::{Command, Error, Result};
use crate::store::git::process::Git;

/// The status of a branch against its target.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct BranchState {
    /// Commits that the target lacks.
    pub ahead: u32,
    /// Commits of the target that the branch lacks.
    pub behind: u32,
    /// Files that would conflict in a merge.
    pub conflicts: Vec<String>,
    /// The reason why it counts as merged, if it does; also for a branch without commits of its
    /// own.
    pub merged: Option<String>,
    /// Set if the branch exists; else all other fields are empty.
    pub exists: bool,
    /// Set if the two share no history, and cannot be merged.
    pub unrelated: bool,
    /// Set if the given worktree has uncommitted work; none without one, or if it is gone.
    pub dirty: Option<bool>,
    /// The reason why git is not run in that worktree, such as a link that was changed.
    pub problem: Option<String>,
    /// The command that repairs the link, if that is the reason.
    pub mends: Option<String>,
}

/// The status of `branch` against `target` (a branch, or any name of a commit) and of the worktree
/// at `worktree`.
///
/// # Errors
/// Not found when there is no such target. A missing branch is an answer, not an error.
pub fn branch_state(
    git: &Git,
    branch: &str,
    target: &str,
    worktree: Option<&Path>,
) -> Result<BranchState> {
    let dirt = dirt_at(git, worktree);
    branch_state_with(git, branch, target, dirt.as_ref())
}

/// The uncommitted work at `worktree`; none without one, or if it is gone.
pub(crate) fn dirt_at(git: &Git, worktree: Option<&Path>) -> Option<Result<Dirt>> {
    let there = worktree.filter(|w| w.join(".git").symlink_metadata().is_ok());
    there.map(|w| dirt::dirt_in(git, w))
}

/// As [`branch_state`], where the worktree was looked at.
pub(crate) fn branch_state_with(
    git: &Git,
    branch: &str,
    target: &str,
    dirt: Option<&Result<Dirt>>,
) -> Result<BranchState> {
    let mut state = BranchState::default();
    match dirt {
        Some(Ok(dirt)) => state.dirty = Some(!dirt.is_clean()),
        Some(Err(error)) => {
            state.problem = Some(with_remedy(error));
            state.mends = repair_of(error);
        }
        None => {}
    }
    if let Some(tip) = branch::tip(git, branch)? {
        stand(git, &tip.commit, target, &mut state)?;
    }
    Ok(state)
}

/// What an error says, and what helps first.
pub(crate) fn with_remedy(error: &Error) -> String {
    match error.hints().first() {
        Some(hint) => format!("{}; {hint}", error.message()),
        None => error.message().to_string(),
    }
}

/// The command of git that repairs a worktree, if an error names one.
fn repair_of(error: &Error) -> Option<String> {
    let mut commands = error
        .hints()
        .iter()
        .filter_map(|hint| hint.command.as_ref());
    let is_repair = |one: &&Command| one.args.starts_with(&["worktree".into(), "repair".into()]);
    commands.find(is_repair).map(ToString::to_string)
}

/// As [`branch_state`], for a commit, such as the tip of a remote's branch.
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
            && let merge_tree::Merged::Conflicts(files) =
                merge_tree::merge(git, None, &target, tip)?
        {
            state.conflicts = files;
        }
    }
    Ok(())
}
