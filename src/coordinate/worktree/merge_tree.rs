//! A merge without a work tree: the resulting tree, or the conflicting files. Writes only objects.

use std::collections::BTreeSet;

use super::path;
use crate::error::{Error, Hint, Reason, Result};
use crate::store::git::process::Git;

/// The result of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Merged {
    /// It merges; the resulting tree.
    Clean(String),
    Conflicts(Vec<String>),
}

/// Merges `theirs` into `ours`, over `base` or else their merge bases. All three are commits.
pub(crate) fn merge(git: &Git, base: Option<&str>, ours: &str, theirs: &str) -> Result<Merged> {
    let base = base.map(|b| format!("--merge-base={b}"));
    let (tree, conflicts) = merged(git, base.as_deref(), ours, theirs)?;
    Ok(conflicts.map_or(Merged::Clean(tree), Merged::Conflicts))
}

/// The tree that a merge gives, in which conflicting files have both sides.
pub(crate) fn tree(git: &Git, ours: &str, theirs: &str) -> Result<String> {
    Ok(merged(git, None, ours, theirs)?.0)
}

/// The tree that a merge gives, also of commits without a common ancestor, and the conflicting files.
pub(crate) fn unrestricted(git: &Git, ours: &str, theirs: &str) -> Result<(String, Vec<String>)> {
    let merged = merged(git, Some("--allow-unrelated-histories"), ours, theirs)?;
    Ok((merged.0, merged.1.unwrap_or_default()))
}

/// The files in which two commits or trees differ; a rename counts as two.
pub(crate) fn differing<T: FromIterator<String>>(git: &Git, old: &str, new: &str) -> Result<T> {
    let compare = ["diff-tree", "-r", "-z", "--name-only", "--no-renames"];
    let trees = ["--end-of-options", old, new];
    Ok(git.require(&[&compare[..], &trees].concat())?.names())
}

/// The resulting tree, and the conflicting files if there are any.
fn merged(
    git: &Git,
    option: Option<&str>,
    ours: &str,
    theirs: &str,
) -> Result<(String, Option<Vec<String>>)> {
    // Attributes (merge drivers, line ends) come from the side that is merged into, as in its
    // checkout, and not from the worktree that git runs in. Git before 2.41 does not know the
    // variable.
    let git = git.plain().with_env("GIT_ATTR_SOURCE", ours);
    let mut args = vec![
        "merge-tree",
        "--write-tree",
        "-z",
        "--name-only",
        "--no-messages",
    ];
    args.extend(option);
    args.extend([ours, theirs]);
    let out = git.run(&args)?;
    match out.code {
        // Of what is no commit, it prints nothing.
        Some(code @ (0 | 1)) if !out.stdout.is_empty() => {
            let names: Vec<String> = out.names();
            let mut names = names.into_iter();
            let tree = names.next().unwrap_or_default();
            let files: BTreeSet<String> = names.collect();
            let files = (code == 1).then(|| files.into_iter().collect());
            Ok((tree.trim_end().to_string(), files))
        }
        Some(129) => Err(Error::state(
            "this version of git cannot merge without a working tree: git 2.40 or newer is required",
        )
        .hint(Hint::git(["version"], "shows the version"))
        .because(Reason::GitTooOld)),
        _ => Err(Error::state(format!(
            "`git merge-tree` failed in {}: {}",
            path::shown(git.dir()),
            out.reason()
        ))),
    }
}
