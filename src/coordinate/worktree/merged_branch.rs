//! Checks whether a worktree's branch is completely merged into its target, and measures its folder.
//!
//! For uncommitted work see [`super::dirt()`].

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use super::list::Worktree;
use super::{branch, merge_tree};
use crate::error::{self, Error, Hint, Result};
use crate::store::git::process::Git;
use crate::store::git::repo::Oid;

/// The number of commits of the target that are compared by patch id: an older squash is not found,
/// and the worktree stays.
const COMPARED: &str = "--max-count=500";

/// The reason why a branch counts as integrated.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MergeEvidence {
    /// Branch and target are the same commit (as also right after the branch was made).
    SameCommit,
    /// The target contains the branch's commit.
    Ancestor,
    /// The branch changes nothing since its merge base.
    EmptyDiff,
    /// Branch and target have the same files.
    EqualTrees,
    /// Merging the branch into the target would change nothing.
    MergeAddsNothing,
    /// This commit of the target is the whole branch as one commit.
    EqualPatch(String),
    /// Each commit of the branch has one in the target with the same change.
    EqualCommits,
    /// The forge merged the pull request of this number.
    PullRequest(u64),
}

impl fmt::Display for MergeEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MergeEvidence::SameCommit => "it is at the same commit as the target",
            MergeEvidence::Ancestor => "its commits are in the target",
            MergeEvidence::EmptyDiff => "it changes nothing",
            MergeEvidence::EqualTrees => "it has the same files as the target",
            MergeEvidence::MergeAddsNothing => "merging it would change nothing",
            MergeEvidence::EqualCommits => "its commits were rebased onto the target",
            MergeEvidence::PullRequest(number) => {
                return write!(f, "pull request #{number} was merged");
            }
            MergeEvidence::EqualPatch(commit) => {
                return write!(
                    f,
                    "it was squashed into {}",
                    &commit[..commit.len().min(12)]
                );
            }
        })
    }
}

/// True if a worktree may be removed, as far as its commits are concerned.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Safety {
    /// Everything it has is in the target.
    Integrated(MergeEvidence),
    /// It has this many commits that the target lacks.
    Unmerged(u32),
    /// It must not be removed, with the reason.
    Kept(String),
}

impl Safety {
    /// True if no commit would be lost.
    pub fn is_safe(&self) -> bool {
        matches!(self, Safety::Integrated(_))
    }
}

impl fmt::Display for Safety {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Safety::Integrated(reason) => reason.fmt(f),
            Safety::Unmerged(1) => f.write_str("it has a commit that the target lacks"),
            Safety::Unmerged(n) => write!(f, "it has {n} commits that the target lacks"),
            Safety::Kept(why) => f.write_str(why),
        }
    }
}

/// Checks whether the worktree's branch (or its commit, if no branch is checked out) is completely
/// in `target`, any name of a commit.
///
/// # Errors
/// Not found when there is no such target.
pub fn removable(git: &Git, worktree: &Worktree, target: &str) -> Result<Safety> {
    if worktree.main {
        return Ok(Safety::Kept("it is the main worktree".into()));
    }
    if worktree.locked.is_some() {
        return Ok(Safety::Kept("it is locked".into()));
    }
    if worktree.branch.is_some() && worktree.branch.as_deref() == Some(target) {
        return Ok(Safety::Kept("it has the target itself checked out".into()));
    }
    let target = branch::require_commit(git, &full_name(git, target)?)?;
    let Some(head) = &worktree.head else {
        return Ok(Safety::Kept("it has no commits".into()));
    };
    match integrated(git, head, &target)? {
        Some(reason) => Ok(Safety::Integrated(reason)),
        None => {
            let range = format!("{target}..{head}");
            let count = git.require(&["rev-list", "--count", &range])?.text();
            Ok(Safety::Unmerged(count.parse().unwrap_or(u32::MAX)))
        }
    }
}

/// The full name of a branch, if there is one: a tag may have the same short name.
pub(crate) fn full_name(git: &Git, name: &str) -> Result<String> {
    let valid = super::name_template::check_branch(name).is_ok();
    Ok(match if valid { branch::tip(git, name)? } else { None } {
        Some(tip) => tip.full,
        None => name.to_string(),
    })
}

/// The reason why the commit `head` is completely in `target`, if it is. The cheap tests come
/// first.
pub(crate) fn integrated(git: &Git, head: &str, target: &str) -> Result<Option<MergeEvidence>> {
    if head == target {
        return Ok(Some(MergeEvidence::SameCommit));
    }
    let base = branch::merge_base(git, target, head)?;
    if base.as_deref() == Some(head) {
        return Ok(Some(MergeEvidence::Ancestor));
    }
    let tree = branch::tree_of(git, head)?;
    let target_tree = branch::tree_of(git, target)?;
    if let Some(base) = &base
        && branch::tree_of(git, base)? == tree
    {
        return Ok(Some(MergeEvidence::EmptyDiff));
    }
    if tree == target_tree {
        return Ok(Some(MergeEvidence::EqualTrees));
    }
    let Some(base) = base else {
        return Ok(None);
    };
    if merge_tree::merge(git, None, target, head)? == merge_tree::Merged::Clean(target_tree) {
        return Ok(Some(MergeEvidence::MergeAddsNothing));
    }
    if let Some(commit) = squashed(git, &base, head, target)? {
        return Ok(Some(MergeEvidence::EqualPatch(commit)));
    }
    let is_rebased = is_rebased(git, &base, head, target)?;
    Ok(is_rebased.then_some(MergeEvidence::EqualCommits))
}

/// The commit of `target` that brought the work of `head`; `None` if it cannot be told.
pub(crate) fn brought_by(
    git: &Git,
    evidence: &MergeEvidence,
    head: &str,
    target: &str,
) -> Result<Option<String>> {
    match evidence {
        MergeEvidence::EqualPatch(commit) => Ok(Some(commit.clone())),
        MergeEvidence::Ancestor => {
            let range = format!("{head}..{target}");
            let which = ["rev-list", "--first-parent", "--ancestry-path", "--parents"];
            let list = git.require(&[&which[..], &[&range]].concat())?;
            let lines = list.lines();
            let mut first = lines
                .last()
                .map(|line| line.split(' '))
                .into_iter()
                .flatten();
            let (commit, parent) = (first.next(), first.next());
            // The target may have been moved forward to it.
            let is_fast_forward = parent == Some(head);
            let commit = commit.filter(|_| !is_fast_forward).unwrap_or(head);
            Ok(Some(commit.to_string()))
        }
        MergeEvidence::EqualTrees | MergeEvidence::MergeAddsNothing => {
            match branch::merge_base(git, target, head)? {
                Some(base) => squashed(git, &base, head, target),
                None => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

/// The commit of `target` that has the change of a merge of which it lacks the commit, as it was rebased: that
/// of the merge itself or, where the rebase left merges out, of the last commit that it brought.
pub(crate) fn rewritten(
    git: &Git,
    merge: &str,
    parents: &[Oid],
    target: &str,
) -> Result<Option<String>> {
    let Some(onto) = parents.first().map(Oid::to_string) else {
        return Ok(None);
    };
    let found = squashed(git, &onto, merge, target)?;
    let Some(head) = parents
        .get(1)
        .map(Oid::to_string)
        .filter(|_| found.is_none())
    else {
        return Ok(found);
    };
    match branch::merge_base(git, &onto, &head)? {
        Some(base) if is_rebased(git, &base, &head, target)? => {
            squashed(git, &format!("{head}^"), &head, target)
        }
        _ => Ok(None),
    }
}

/// The form of patches that are compared. Full index lines and blobs of binary files, or two
/// different ones would look alike; no renames, so that both sides have the same form.
const PATCH: [&str; 8] = [
    "diff-tree",
    "-p",
    "-r",
    "--full-index",
    "--binary",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
];

/// True if each commit of `base..head` has one in `base..target` with the same change.
fn is_rebased(git: &Git, base: &str, head: &str, target: &str) -> Result<bool> {
    let commits = |which: &[&str], to: &str, paths: &[&str]| {
        let range = format!("{base}..{to}");
        let args = [
            &["--literal-pathspecs", "rev-list"],
            which,
            &[&range, "--"],
            paths,
        ];
        git.require(&args.concat())
    };
    // Commits that change none of the branch's files are ruled out.
    let names: Vec<String> = merge_tree::differing(git, base, head)?;
    let is_odd = |name: &String| name.contains(char::REPLACEMENT_CHARACTER);
    if names.len() > 100 || names.iter().any(is_odd) {
        return Ok(false);
    }
    let paths: Vec<&str> = names.iter().map(String::as_str).collect();
    let theirs = commits(&["--no-merges", "--full-history", COMPARED], target, &paths)?;
    if theirs.stdout.is_empty() {
        return Ok(false);
    }
    let own = commits(&["--max-count=101"], head, &[])?;
    let merges = commits(&["--merges", "--max-count=1"], head, &[])?;
    let count = own.lines().len();
    if count > 100 || !merges.stdout.is_empty() || theirs.lines().len() < count {
        return Ok(false);
    }
    let ids = |list: &[u8], more: &[&str]| -> Result<BTreeSet<String>> {
        let patches = git.feed(&[&PATCH[..], more, &["--stdin"]].concat(), list)?;
        let patches = patches.checked("cannot compare the target's commits")?;
        let ids = patch_ids(git, &patches.stdout)?;
        Ok(ids.into_iter().map(|(id, _)| id).collect())
    };
    // Without a change, as of an empty commit, there is none to be found.
    let (list, theirs) = (own.stdout, ids(&theirs.stdout, &[])?);
    let own = ids(&list, &[])?;
    if own.is_empty() || own.len() != count || !own.is_subset(&theirs) {
        return Ok(false);
    }
    // What was reverted may not be there any more.
    let reversed = ["-R", "--src-prefix=b/", "--dst-prefix=a/"];
    Ok(ids(&list, &reversed)?.is_disjoint(&theirs))
}

/// The commit of `base..target` whose change is that of the whole range `base..head`.
fn squashed(git: &Git, base: &str, head: &str, target: &str) -> Result<Option<String>> {
    let patch = |from, to| git.require(&[&PATCH[..], &[from, to]].concat());
    let [patch, reverse] = [patch(base, head)?, patch(head, base)?];
    // A squash changes every file of the range: commits that leave the first one unchanged are
    // ruled out.
    let names: Vec<String> = merge_tree::differing(git, base, head)?;
    let first = names.into_iter().next();
    let Some(first) = first.filter(|n| !n.contains(char::REPLACEMENT_CHARACTER)) else {
        return Ok(None);
    };
    let range = format!("{base}..{target}");
    let literal = format!(":(top,literal){first}");
    let candidates = git.require(&[
        "rev-list",
        "--no-merges",
        "--full-history",
        COMPARED,
        &range,
        "--",
        &literal,
    ])?;
    if candidates.stdout.is_empty() {
        return Ok(None);
    }
    let Some((wanted, _)) = patch_ids(git, &patch.stdout)?.into_iter().next() else {
        return Ok(None);
    };
    let mut args = PATCH.to_vec();
    args.push("--stdin");
    let patches = git
        .feed(&args, &candidates.stdout)?
        .checked("cannot compare the target's commits")?;
    let reverse = patch_ids(git, &reverse.stdout)?.into_iter().next();
    // The newest first: what was reverted since is not there.
    let ids = patch_ids(git, &patches.stdout)?.into_iter();
    let mut ids = ids.filter(|(id, _)| {
        *id == wanted || reverse.as_ref().is_some_and(|(reverse, _)| reverse == id)
    });
    Ok(ids
        .next()
        .filter(|(id, _)| *id == wanted)
        .map(|(_, commit)| commit))
}

/// The patch id and the commit of each patch.
fn patch_ids(git: &Git, patches: &[u8]) -> Result<Vec<(String, String)>> {
    // `--verbatim`: white space counts, as it is significant in some languages.
    let out = git
        .feed(&["patch-id", "--verbatim"], patches)?
        .checked("`git patch-id` failed")
        .map_err(|error| {
            let needed = "shows the version; 2.40 or newer is needed";
            let error = error.hint(Hint::git(["version"], needed));
            error.because(error::Reason::GitTooOld)
        })?;
    let pair = |line: &String| {
        let (id, commit) = line.split_once(' ')?;
        Some((id.to_string(), commit.to_string()))
    };
    Ok(out.lines().iter().filter_map(pair).collect())
}

/// The bytes of all files below a folder. Symbolic links count as themselves.
///
/// # Errors
/// When the folder itself cannot be read; files deleted meanwhile are not counted.
pub fn size(path: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in walkdir::WalkDir::new(path).follow_root_links(false) {
        match entry.and_then(|entry| entry.metadata()) {
            Ok(meta) if meta.is_dir() => {}
            Ok(meta) => bytes += meta.len(),
            Err(error) if error.depth() == 0 => {
                let message = format!("cannot read {}", super::path::shown(path));
                return Err(Error::io(message, error.into()));
            }
            Err(_) => {}
        }
    }
    Ok(bytes)
}
