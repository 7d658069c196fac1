//! Moves a target branch forward by the changes of another branch: squash, merge or rebase.
//!
//! The new commits are made without a checkout; the target's ref is swapped by compare-and-swap, so a
//! lost race changes nothing; then the checkouts of the target are updated. No hook of the user runs:
//! the caller has run the gates, and the hook that completes the message.
//!
//! Needs git 2.40 (`merge-tree --merge-base`).

mod combine;
mod landed;
mod lock;
mod replay;
mod stacked;
mod target_checkouts;

use crate::coordinate::worktree::{branch, path, save};
use crate::error::{Error, Reason, Result};
use crate::model::id::{branch_word, word};
use crate::model::vocabulary::terms;
use crate::store::git::process::Git;
pub(crate) use combine::{Combined, combine};
pub use landed::{Landed, landed};
pub(super) use lock::{hold_checkout, hold_queue};
pub use stacked::Brought;
use target_checkouts::Checkout;

terms! {
    /// The way in which a branch becomes part of its target.
    Strategy in "merge strategy" {
        /// One new commit with all changes.
        Squash = "squash",
        /// A merge commit, also where a fast-forward is possible.
        Merge = "merge",
        /// Its commits one by one on top of the target, with their authors and messages.
        Rebase = "rebase",
    }
}

/// Options of an integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntegrateOptions {
    /// The branch that has the work.
    pub branch: String,
    /// The branch that moves.
    pub target: String,
    /// Squash, merge or rebase.
    pub strategy: Strategy,
    /// The message of the new commit; not used by a rebase.
    pub message: String,
    /// Name and address of the author of a squashed commit; otherwise the user.
    pub author: Option<(String, String)>,
}

/// The report of a merge.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct MergeView {
    /// The strategy.
    pub strategy: Strategy,
    /// The branch that was moved.
    pub target: String,
    /// The target's commit before.
    pub old: String,
    /// The target's commit now.
    pub new: String,
    /// The files that changed.
    pub touched: Vec<String>,
    /// True if the task's worktree was removed.
    pub worktree_removed: bool,
    /// The reason why it was not.
    pub worktree_kept: Option<String>,
    /// True if the task's branch was deleted in this clone.
    pub branch_deleted: bool,
    /// The remote at which it was deleted.
    pub remote_branch_deleted: Option<String>,
    /// The ref that keeps the branch's own commits.
    pub backup: Option<String>,
}

/// A merge of which only the outcome is known.
pub(super) fn earlier(strategy: Strategy, target: &str, commit: &str) -> MergeView {
    MergeView {
        strategy,
        target: target.to_string(),
        old: commit.to_string(),
        new: commit.to_string(),
        touched: Vec::new(),
        worktree_removed: false,
        worktree_kept: None,
        branch_deleted: false,
        remote_branch_deleted: None,
        backup: None,
    }
}

/// An integration whose commits exist, but which no ref shows yet.
#[derive(Clone, Debug)]
pub struct Prepared {
    git: Git,
    options: IntegrateOptions,
    branch: branch::Tip,
    target: branch::Tip,
    new: String,
    touched: Vec<target_checkouts::Touched>,
}

/// Makes the new commits. Writes objects only, which no ref reaches. The branch may be stacked on
/// others, which were `brought` into the target.
///
/// # Errors
/// Refused when there is nothing to merge, or the strategy does not fit the branch; conflict with
/// the files' names when it does not merge; not found when a branch does not exist.
pub fn prepare(git: &Git, options: &IntegrateOptions, brought: &[Brought]) -> Result<Prepared> {
    let IntegrateOptions { branch, target, .. } = options;
    if options.strategy != Strategy::Rebase && options.message.trim().is_empty() {
        return Err(
            Error::usage(format!("no message for the commit on `{target}`"))
                .hint("describe the change"),
        );
    }
    let from = branch::require_tip(git, branch)?;
    let onto = branch::require_tip(git, target)?;
    if from.full == onto.full {
        return Err(
            Error::usage(format!("`{branch}` is the target branch itself"))
                .hint("specify the branch that has the work"),
        );
    }
    let git = without_hooks(git)?;
    let combined = combine(&git, options, &onto.commit, &from.commit, brought)?;
    let new = require_commit(options, combined)?;
    let touched = target_checkouts::touched(&git, &onto.commit, &new)?;
    if touched.is_empty() {
        return Err(nothing(options));
    }
    Ok(Prepared {
        git,
        options: options.clone(),
        branch: from,
        target: onto,
        new,
        touched,
    })
}

/// Moves a branch and its checkouts forward to a commit that contains its own.
///
/// # Errors
/// As [`Prepared::apply`]; conflict if the branch got a commit meanwhile that the other one lacks.
pub fn fast_forward(git: &Git, target: &str, to: &str) -> Result<()> {
    let git = without_hooks(git)?;
    let onto = branch::require_tip(&git, target)?;
    if branch::merge_base(&git, &onto.commit, to)?.as_deref() != Some(onto.commit.as_str()) {
        return Err(Error::conflict(format!(
            "`{target}` was updated in the meantime; nothing was changed"
        ))
        .because(Reason::MergeBranchMoved)
        .about(target)
        .hint("run the command again to use the current commits of the branches"));
    }
    let options = IntegrateOptions {
        branch: target.to_string(),
        target: target.to_string(),
        strategy: Strategy::Rebase,
        message: String::new(),
        author: None,
    };
    let moved = Prepared {
        touched: target_checkouts::touched(&git, &onto.commit, to)?,
        git,
        options,
        branch: onto.clone(),
        target: onto,
        new: to.to_string(),
    };
    moved.apply().map(|_| ())
}

/// Updates the checkouts of a target that an earlier run moved before it died: otherwise they would
/// look as if the work had been reverted locally. One that is up to date, or has local changes in
/// those files, stays; the latter are returned, with the remedy.
///
/// # Errors
/// When git cannot be run, or another merge runs for too long.
pub fn follow_landed(git: &Git, target: &str, landed: &Landed) -> Result<Vec<String>> {
    let git = without_hooks(git)?;
    let common = git.common_dir()?;
    let _lock = lock::wait(&common)?;
    let onto = branch::require_tip(&git, target)?;
    let mut behind = Vec::new();
    for checkout in Checkout::all(&git, &common, &onto)? {
        // A two-tree merge: files already updated stay, local changes refuse.
        if let Err(reason) = checkout.follow_refreshed(&landed.old, &onto.commit)? {
            let shown = path::shown(&checkout.path);
            let place = path::word(&checkout.path);
            behind.push(format!(
                "the files in {shown} could not be updated to `{target}`: {reason}; update them \
                 with: git -C {place} read-tree -m -u {} {}",
                landed.old, onto.commit
            ));
        }
    }
    Ok(behind)
}

impl Prepared {
    /// The commit that the target will be moved to.
    pub fn new_commit(&self) -> &str {
        &self.new
    }

    /// The message of the new commit.
    pub fn message(&self) -> &str {
        &self.options.message
    }

    /// The commit of the branch that it was prepared from.
    pub fn branch_commit(&self) -> &str {
        &self.branch.commit
    }

    /// The commit of the target that it was prepared on.
    pub fn target_commit(&self) -> &str {
        &self.target.commit
    }

    /// The files that will change in the target.
    pub fn touched(&self) -> Vec<String> {
        self.touched
            .iter()
            .map(target_checkouts::Touched::name)
            .collect()
    }

    /// Moves the target and its checkouts, either all or none: a checkout that cannot be updated
    /// refuses before the swap, and one that fails after it rolls the swap back.
    ///
    /// # Errors
    /// Refused when a checkout of the target has local changes in the touched files or is in the
    /// middle of a merge or rebase; conflict when the target or the branch moved meanwhile.
    pub fn apply(self) -> Result<MergeView> {
        let common = self.git.common_dir()?;
        // Between a swap and their update, checkouts look dirty: no other integration may read them
        // then.
        let _lock = lock::wait(&common)?;
        self.require_unmoved()?;
        let target = &self.options.target;
        let (old, new) = (self.target.commit.as_str(), self.new.as_str());
        let checkouts = Checkout::all(&self.git, &common, &self.target)?;
        for checkout in &checkouts {
            checkout
                .require_movable(target, old, new, &self.touched)
                // A process without our lock may have moved it meanwhile.
                .map_err(|e| self.require_unmoved().err().unwrap_or(e))?;
        }
        let backup = self.swap()?;
        for (at, checkout) in checkouts.iter().enumerate() {
            // If git's answer was lost, asking again shows if the files were updated: those that
            // were, stay. A git that cannot be started has changed nothing.
            let followed = checkout.follow(old, new);
            let followed = followed.or_else(|_| checkout.follow(old, new));
            if let Err(reason) = followed.unwrap_or_else(|e| Err(e.message().to_string())) {
                return Err(self.roll_back(&checkouts[..at], checkout, &reason));
            }
        }
        Ok(MergeView {
            old: old.to_string(),
            touched: self.touched(),
            backup,
            ..earlier(self.options.strategy, target, new)
        })
    }

    /// Reports a conflict when the target or the branch is no longer at the commit it was prepared
    /// from.
    fn require_unmoved(&self) -> Result<()> {
        let IntegrateOptions { branch, target, .. } = &self.options;
        for (name, was) in [(target, &self.target), (branch, &self.branch)] {
            if branch::tip(&self.git, name)?.as_ref() != Some(was) {
                return Err(Error::conflict(format!(
                    "`{name}` was updated in the meantime; nothing was changed"
                ))
                .because(Reason::MergeBranchMoved)
                .about(name)
                .hint("run the command again to use the current commits of the branches"));
            }
        }
        Ok(())
    }

    /// Moves the target and keeps the squashed commits, in one transaction. Returns the ref that
    /// keeps them.
    fn swap(&self) -> Result<Option<String>> {
        let IntegrateOptions {
            branch,
            target,
            strategy,
            ..
        } = &self.options;
        let backup = match strategy {
            Strategy::Squash => Some(free_backup(&self.git, branch)?),
            Strategy::Merge | Strategy::Rebase => None,
        };
        // The branch is verified too: a commit made there meanwhile would be left out silently.
        let (old, new) = (&self.target.commit, &self.new);
        let mut lines = format!("update {}\0{new}\0{old}\0", self.target.full);
        if self.branch.full != self.target.full {
            let (name, tip) = (&self.branch.full, &self.branch.commit);
            lines.push_str(&format!("verify {name}\0{tip}\0"));
        }
        if let Some(name) = &backup {
            lines.push_str(&format!("create {name}\0{}\0", self.branch.commit));
        }
        let reason = landed::reason(&self.options, *strategy, &self.branch.commit);
        let args = ["update-ref", "-m", &reason, "--stdin", "-z"];
        let out = self.git.run_with(&args, Some(lines.as_bytes()), None)?;
        if out.ok() {
            return Ok(backup);
        }
        self.require_unmoved()?;
        Err(
            Error::state(format!("cannot move `{target}`: {}", out.last_lines()))
                .hint("fix the cause, then run the command again"),
        )
    }

    /// Rolls back a swap that a checkout could not follow, and returns the error to report.
    fn roll_back(&self, followed: &[Checkout], failed: &Checkout, reason: &str) -> Error {
        let (old, new) = (self.target.commit.as_str(), self.new.as_str());
        let target = &self.options.target;
        let shown = path::shown(&failed.path);
        let place = path::word(&failed.path);
        let args = [
            "update-ref",
            "-m",
            "git pm: rolled back",
            &self.target.full,
            old,
            new,
        ];
        let back = self.git.run(&args).is_ok_and(|out| out.ok());
        if !back {
            return Error::state(format!(
                "`{target}` was updated, but the files in {shown} were not: {reason}"
            ))
            .hint(format!("inspect them: git -C {place} status"))
            .hint(format!(
                "update them: git -C {place} read-tree -m -u {old} {new}"
            ));
        }
        if let Err(also) = failed.restore(new, &self.touched) {
            return Error::state(format!(
                "`{target}` was not updated, but some files in {shown} were changed: {reason}; {}",
                also.message()
            ))
            .hint(format!("inspect them: git -C {place} status"));
        }
        // The backup ref stays: it only keeps commits that the branch has too.
        for checkout in followed {
            if !checkout.follow(new, old).is_ok_and(|done| done.is_ok()) {
                let shown = path::shown(&checkout.path);
                let place = path::word(&checkout.path);
                return Error::state(format!(
                    "`{target}` was not updated, but the files in {shown} were changed: {reason}"
                ))
                .hint(format!(
                    "restore them: git -C {place} read-tree -m -u {new} {old}"
                ));
            }
        }
        Error::refused(format!(
            "`{target}` was not updated, because the files in {shown} cannot be updated: {reason}"
        ))
        .hint(format!("inspect them: git -C {place} status"))
        .hint("then run the command again")
    }
}

/// The first free name for the squashed commits' ref, from the present time on.
fn free_backup(git: &Git, branch: &str) -> Result<String> {
    let start = save::seconds(git)?;
    for seconds in start.. {
        let name = format!("refs/pm-local/backup/{branch}/{seconds}");
        if !git.run(&["show-ref", "--verify", "--quiet", &name])?.ok() {
            return Ok(name);
        }
    }
    Err(Error::state("no name is left for a backup ref"))
}

/// A runner for which git runs no hooks. The merge itself ignores the user's configuration
/// ([`merge_tree`]); committer and checkouts follow it.
pub(crate) fn without_hooks(git: &Git) -> Result<Git> {
    git.with_outer_files()
        .with_config("core.hooksPath", "/dev/null")
}

/// The new commit of an integration, or the reason why there is none.
///
/// # Errors
/// As [`prepare`].
pub(super) fn require_commit(options: &IntegrateOptions, combined: Combined) -> Result<String> {
    let IntegrateOptions { branch, target, .. } = options;
    match combined {
        Combined::Commit(new) => Ok(new),
        Combined::Nothing => Err(nothing(options)),
        Combined::Unrelated => Err(Error::refused(format!(
            "`{branch}` and `{target}` share no history"
        ))
        .hint("create a branch from the target and apply the work there")
        .hint(
            "if another branch is the target, `git pm config pm.target BRANCH` says so; then `finish` \
             and `approve` again",
        )),
        Combined::Conflicts { files, at } => Err(conflict(options, &files, at.as_deref())),
    }
}

fn nothing(options: &IntegrateOptions) -> Error {
    let IntegrateOptions { branch, target, .. } = options;
    Error::refused(format!(
        "nothing to merge: `{target}` has everything that `{branch}` has"
    ))
    .hint(format!(
        "compare them with `git log {}`; is the work committed?",
        word(&format!("{target}..{branch}"))
    ))
}

fn conflict(options: &IntegrateOptions, files: &[String], commit: Option<&str>) -> Error {
    let IntegrateOptions { branch, target, .. } = options;
    let at = commit
        .map(|c| format!(" at commit {c}"))
        .unwrap_or_default();
    let bring = match options.strategy {
        Strategy::Rebase => format!("git rebase {}", branch_word(target)),
        Strategy::Squash | Strategy::Merge => format!("git merge {}", branch_word(target)),
    };
    Error::conflict(format!(
        "`{branch}` conflicts with `{target}`{at} in {}",
        path::some_of(files)
    ))
    .because(Reason::MergeConflict)
    .about(branch)
    .hint(format!(
        "in the worktree of `{branch}`, run `{bring}`, resolve the conflicts, then run this \
         command again"
    ))
}
