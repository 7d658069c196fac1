//! What a merge leaves out of the changes of one side.
//!
//! A commit with two parents may equal one of them where only the other has changed a file, although
//! git would take the change.

use std::collections::BTreeSet;

use crate::coordinate::worktree::merge_tree;
use crate::error::Result;
use crate::store::git::process::Git;

/// The paths at which a commit equals one of its parents, and another parent has changed the file
/// since the two separated, but the equal one has not. Where both have changed it, a commit that
/// takes one of the two resolves their conflict, and drops nothing.
///
/// `differs` gives the paths at which the commit differs from another commit or tree.
pub(super) fn dropped(
    git: &Git,
    parents: &[String],
    differs: impl Fn(&str) -> Result<BTreeSet<String>>,
) -> Result<BTreeSet<String>> {
    let mut dropped = BTreeSet::new();
    for (n, theirs) in parents.iter().enumerate() {
        for ours in &parents[..n] {
            let (tree, conflicts) = merge_tree::unrestricted(git, ours, theirs)?;
            let mut left = differs(&tree)?;
            left.retain(|path| !conflicts.contains(path));
            if left.is_empty() {
                continue;
            }
            for (equal, lost) in [(ours, theirs), (theirs, ours)] {
                let other = differs(equal)?;
                let changed: BTreeSet<String> = merge_tree::differing(git, &tree, lost)?;
                let is_lost = |path: &&String| !other.contains(*path) && !changed.contains(*path);
                dropped.extend(left.iter().filter(is_lost).cloned());
            }
        }
    }
    Ok(dropped)
}
