//! Makes the commits of an integration from two commits: only objects are written, which no ref reaches.

use super::stacked::{Brought, base_of};
use super::{IntegrateOptions, Strategy, replay};
use crate::coordinate::worktree::merge_tree::{self, Merged};
use crate::coordinate::worktree::{branch, save};
use crate::error::{Error, Hint, Reason, Result};
use crate::store::git::process::Git;

/// The result of combining a branch with a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Combined {
    /// The target's new commit.
    Commit(String),
    /// The target has everything already.
    Nothing,
    /// The two share no history.
    Unrelated,
    /// These files conflict, with a rebase at this commit.
    Conflicts {
        files: Vec<String>,
        at: Option<String>,
    },
}

/// Combines the commit `from` of a branch with the commit `onto` of its target. `brought` names
/// branches of which the target has the work, but perhaps not the commits.
///
/// # Errors
/// When git fails, or the strategy does not fit the branch.
pub(crate) fn combine(
    git: &Git,
    options: &IntegrateOptions,
    onto: &str,
    from: &str,
    brought: &[Brought],
) -> Result<Combined> {
    let Some(base) = branch::merge_base(git, onto, from)? else {
        if branch::is_shallow(git)? {
            return Err(beyond(options));
        }
        return Ok(Combined::Unrelated);
    };
    if base == from {
        return Ok(Combined::Nothing);
    }
    if options.strategy == Strategy::Rebase {
        return replay::replay(git, options, &base, onto, from);
    }
    let own = base_of(git, onto, from, brought)?;
    let tree = match merge_tree::merge(git, own.as_deref(), onto, from)? {
        Merged::Clean(tree) => tree,
        Merged::Conflicts(files) => return Ok(Combined::Conflicts { files, at: None }),
    };
    if tree == branch::tree_of(git, onto)? {
        return Ok(Combined::Nothing);
    }
    let mut parents = vec![onto.to_string()];
    if options.strategy == Strategy::Merge {
        parents.push(from.to_string());
    }
    let git = &match &options.author {
        Some((name, address)) if options.strategy == Strategy::Squash => git
            .with_env("GIT_AUTHOR_NAME", name)
            .with_env("GIT_AUTHOR_EMAIL", address),
        _ => git.clone(),
    };
    save::commit_as_user(git, &tree, &parents, &options.message).map(Combined::Commit)
}

/// The error in a shallow clone, which lacks the commits that the two share.
fn beyond(options: &IntegrateOptions) -> Error {
    let IntegrateOptions { branch, target, .. } = options;
    Error::state(format!(
        "this is a shallow clone, whose history ends before that of `{branch}` and `{target}` meets"
    ))
    .because(Reason::GitShallow)
    .hint(Hint::git(
        ["fetch", "--unshallow"],
        "fetches the rest of the history",
    ))
}
