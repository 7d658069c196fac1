//! The rebase without a checkout.
//!
//! Each commit of the branch is merged onto the one before, over its own parent.

use super::{Combined, IntegrateOptions};
use crate::coordinate::worktree::branch;
use crate::coordinate::worktree::merge_tree::{self, Merged};
use crate::error::{Error, Result};
use crate::model::id::{branch_word, word};
use crate::store::git::process::Git;

/// Replays `base..tip` on top of `target` up to the last new commit. Commits that become
/// empty are left out, as `git rebase` does; those that were empty are kept.
pub(super) fn replay(
    git: &Git,
    options: &IntegrateOptions,
    base: &str,
    target: &str,
    tip: &str,
) -> Result<Combined> {
    let range = format!("{target}..{tip}");
    let commits = git.require(&["rev-list", "--reverse", "--topo-order", "--parents", &range])?;
    let mut steps = Vec::new();
    for line in commits.lines() {
        let names: Vec<&str> = line.split(' ').collect();
        let [commit, parent] = names[..] else {
            return Err(not_a_line(options, names.first().unwrap_or(&"")));
        };
        steps.push((commit.to_string(), parent.to_string()));
    }
    if base == target {
        return Ok(Combined::Commit(tip.to_string()));
    }
    let committer = git.require(&["var", "GIT_COMMITTER_IDENT"])?;
    let mut onto = target.to_string();
    for (commit, parent) in steps {
        let tree = match merge_tree::merge(git, Some(&parent), &onto, &commit)? {
            Merged::Clean(tree) => tree,
            Merged::Conflicts(files) => {
                let at = Some(commit);
                return Ok(Combined::Conflicts { files, at });
            }
        };
        let vanished = tree == branch::tree_of(git, &onto)?
            && branch::tree_of(git, &commit)? != branch::tree_of(git, &parent)?;
        if !vanished {
            onto = rewrite(git, &commit, &tree, &onto, committer.text().as_bytes())?;
        }
    }
    Ok(match onto == target {
        true => Combined::Nothing,
        false => Combined::Commit(onto),
    })
}

fn not_a_line(options: &IntegrateOptions, commit: &str) -> Error {
    let IntegrateOptions { branch, target, .. } = options;
    Error::refused(format!(
        "`{branch}` cannot be rebased: {commit} is a merge commit, or has no parent"
    ))
    .hint("use the strategy squash or merge")
    .hint(format!(
        "or linearize it first: git rebase {} {}",
        branch_word(target),
        word(branch)
    ))
}

/// Writes the commit again with another tree, parent and committer. Author, encoding and message
/// stay byte for byte; signatures are dropped, as they no longer match.
fn rewrite(git: &Git, commit: &str, tree: &str, parent: &str, committer: &[u8]) -> Result<String> {
    let raw = git.require(&["cat-file", "commit", commit])?.stdout;
    let end = raw
        .windows(2)
        .position(|w| w == b"\n\n")
        .map_or(raw.len(), |at| at + 1);
    let (head, body) = raw.split_at(end);
    let mut out = Vec::with_capacity(raw.len());
    out.extend_from_slice(format!("tree {tree}\nparent {parent}\n").as_bytes());
    let mut dropping = false;
    for line in head.split_inclusive(|b| *b == b'\n') {
        // A line that begins with a space continues the previous header.
        if line.starts_with(b" ") {
            if !dropping {
                out.extend_from_slice(line);
            }
            continue;
        }
        let name = line.split(|b| *b == b' ').next().unwrap_or_default();
        dropping = matches!(
            name,
            b"tree" | b"parent" | b"gpgsig" | b"gpgsig-sha256" | b"mergetag"
        );
        if name == b"committer" {
            out.extend_from_slice(b"committer ");
            out.extend_from_slice(committer);
            out.push(b'\n');
        } else if !dropping {
            out.extend_from_slice(line);
        }
    }
    out.extend_from_slice(body);
    let args = ["hash-object", "-t", "commit", "-w", "--stdin"];
    let written = git.run_with(&args, Some(&out), None)?;
    if !written.ok() {
        return Err(Error::state(format!(
            "cannot rewrite commit {commit}: {}",
            written.reason()
        ))
        .hint("use the strategy squash or merge"));
    }
    Ok(written.text())
}
