//! How a branch that is stacked on another one is merged, once that one is in the target.
//!
//! A squash brings the work of the lower branch into the target under a new commit, so git would
//! merge that work a second time with the upper branch, and find conflicts in it. The upper branch is
//! merged over the lower one's last commit instead.

use crate::coordinate::worktree::branch;
use crate::coordinate::worktree::merge_tree::{self, Merged};
use crate::error::Result;
use crate::store::git::process::Git;

/// A branch whose work was brought into a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// The branch's last commit.
    pub tip: String,
    /// The target's commit with its work.
    pub merged: String,
}

/// The number of merges that are compared for one branch: each is a few calls of git.
const COMPARED: usize = 30;

/// The last commit of the branch `from` whose work `onto` has in another commit, if there is one.
/// The record of a merge comes from the state, so it is used only if git reproduces the merge: then
/// everything that the lower branch changed is in the target.
pub(super) fn base_of(
    git: &Git,
    onto: &str,
    from: &str,
    brought: &[Brought],
) -> Result<Option<String>> {
    let mut left = COMPARED;
    find(git, onto, from, brought, &mut left)
}

fn find(
    git: &Git,
    onto: &str,
    from: &str,
    brought: &[Brought],
    left: &mut usize,
) -> Result<Option<String>> {
    let mut best: Option<&str> = None;
    for (n, one) in brought.iter().enumerate() {
        if *left == 0 {
            break;
        }
        let tip = one.tip.as_str();
        let is_below = is_ancestor(git, tip, from)?
            && !is_ancestor(git, tip, onto)?
            && is_ancestor(git, &one.merged, onto)?
            // A branch that has the target's commit needs no other base.
            && !is_ancestor(git, &one.merged, from)?;
        if !is_below || best.map_or(Ok(false), |best| is_ancestor(git, tip, best))? {
            continue;
        }
        *left -= 1;
        let others: Vec<Brought> = (brought.iter().enumerate())
            .filter(|(other, _)| *other != n)
            .map(|(_, other)| other.clone())
            .collect();
        if has_the_work(git, one, &others, left)? {
            best = Some(tip);
        }
    }
    Ok(best.map(str::to_string))
}

/// True if git, merging the branch into the target's commit before, makes the merged commit's
/// files.
fn has_the_work(git: &Git, one: &Brought, others: &[Brought], left: &mut usize) -> Result<bool> {
    let before = format!("{}^1", one.merged);
    let found = git.run(&["rev-parse", "--verify", "--quiet", &before])?;
    if !found.ok() {
        return Ok(false);
    }
    let before = found.text();
    if branch::merge_base(git, &before, &one.tip)?.is_none() {
        return Ok(false);
    }
    let own = find(git, &before, &one.tip, others, left)?;
    let made = merge_tree::merge(git, own.as_deref(), &before, &one.tip)?;
    Ok(made == Merged::Clean(branch::tree_of(git, &one.merged)?))
}

/// False also if one of them is not in this clone.
fn is_ancestor(git: &Git, ancestor: &str, descendant: &str) -> Result<bool> {
    let args = ["merge-base", "--is-ancestor", ancestor, descendant];
    Ok(git.run(&args)?.ok())
}
