//! When a worktree that git pm made for a branch has something else checked out.
//!
//! That is another branch, or no branch (a detached HEAD). Commits made there are not on the branch
//! of its item.

use std::path::{Path, PathBuf};

use super::branch::{head_of, rebasing, tip};
use super::remove::MADE;
use super::{name_template, path};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::word;
use crate::model::text::one_line;
use crate::store::git::irregular;
use crate::store::git::process::Git;
use crate::store::git::process::place::git_dir_of;

/// The branch that git pm made a worktree for, from the record in its private git directory. None
/// if it did not make it, or an earlier version did.
pub(crate) fn made_for(private: &Path) -> Option<String> {
    let branch = irregular::read(&private.join(MADE))?;
    let branch = branch.trim_end();
    name_template::check_branch(branch).ok()?;
    Some(branch.to_string())
}

/// See the module.
pub(crate) struct Moved {
    pub(crate) place: PathBuf,
    /// The branch that it was made for.
    pub(crate) branch: String,
    /// The commit of that branch, if it exists.
    tip: Option<String>,
    /// The branch that is checked out; none if HEAD is detached.
    pub(crate) on: Option<String>,
    /// The checked-out commit.
    head: String,
    /// Number of commits there that the branch lacks.
    ahead: u32,
}

/// The worktree at `place`, if it has something else checked out than the branch that it was made
/// for. Runs no git for one that has not.
///
/// # Errors
/// When git cannot compare the two.
pub(crate) fn moved(git: &Git, place: &Path) -> Result<Option<Moved>> {
    let Ok(private) = git_dir_of(place, &git.common_dir()?) else {
        return Ok(None);
    };
    let on = head_of(&private).or_else(|| rebasing(&private));
    let is_there = |branch: &String| {
        on.as_ref() == Some(branch) || on.as_deref() == Some(aside(branch).as_str())
    };
    let Some(branch) = made_for(&private).filter(|branch| !is_there(branch)) else {
        return Ok(None);
    };
    let inside = git.in_worktree(place)?;
    let head = inside.run(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?;
    if !head.ok() {
        return Ok(None);
    }
    let head = head.text();
    let tip = tip(git, &branch)?;
    let mut args = vec!["rev-list", "--count", &head, "--not"];
    match &tip {
        Some(tip) => args.push(&tip.commit),
        None => args.push("--remotes"),
    }
    let ahead = git.require(&args)?.text().parse().unwrap_or(u32::MAX);
    Ok(Some(Moved {
        place: place.to_path_buf(),
        branch,
        tip: tip.map(|tip| tip.commit),
        on,
        head,
        ahead,
    }))
}

/// The command that goes on with a rebase that was not ended in a worktree.
pub(crate) fn goes_on(git: &Git, place: &Path) -> Option<Hint> {
    let private = git_dir_of(place, &git.common_dir().ok()?).ok()?;
    let shown = place.to_string_lossy();
    let args = ["-C", &*shown, "rebase", "--continue"];
    rebasing(&private).map(|_| Hint::git(args, "goes on, once conflicts are resolved"))
}

/// The name under which commits of others are set aside that a branch of this clone has in place of its work.
pub(crate) fn aside(branch: &str) -> String {
    format!("{branch}-own")
}

impl Moved {
    /// What is checked out there, such as `HEAD is detached at 1a2b3c4d5e6f; commits that
    /// task/T-0001 lacks: 1`.
    pub(crate) fn what(&self) -> String {
        let branch = &self.branch;
        let lacks = match (self.tip.is_some(), self.ahead) {
            (false, _) => format!("; there is no branch {branch}"),
            (true, 0) => String::new(),
            (true, n) => format!("; commits that {branch} lacks: {n}"),
        };
        match &self.on {
            Some(on) => format!("{} is checked out, not {branch}{lacks}", one_line(on)),
            None => format!("HEAD is detached at {:.12}{lacks}", self.head),
        }
    }

    /// The commands that bring the work back to the branch. Nothing is lost by them: git refuses
    /// to switch over uncommitted changes, and merges commits that have gone another way.
    pub(crate) fn command(&self) -> String {
        let (place, branch) = (path::word(&self.place), word(&self.branch));
        let switch = format!("git -C {place} switch");
        match (self.tip.is_some(), self.ahead) {
            (false, _) => format!("{switch} -c {branch}"),
            (true, 0) => format!("{switch} {branch}"),
            (true, _) => format!("{switch} {branch} && git -C {place} merge {}", self.head),
        }
    }

    /// True if there are commits that the branch lacks, or there is no such branch.
    pub(crate) fn has_work(&self) -> bool {
        self.ahead > 0 || self.tip.is_none()
    }

    /// True if HEAD is detached at the commit of the branch: a start goes on there.
    pub(crate) fn is_at_tip(&self) -> bool {
        self.on.is_none() && self.tip.as_ref() == Some(&self.head)
    }

    /// True if a start is refused: another worktree would begin without what is in this one.
    pub(crate) fn stops_start(&self) -> bool {
        !self.is_at_tip() && (self.on.is_none() || self.has_work())
    }

    /// A sentence about the worktree of the item `id`.
    pub(crate) fn sentence(&self, id: &str) -> String {
        let place = path::shown(&self.place);
        format!("the worktree {place} of {id} has moved: {}", self.what())
    }

    /// The error for a command that concerns the work of the item `id`.
    pub(crate) fn refusal(&self, id: &str) -> Error {
        Error::refused(self.sentence(id))
            .because(Reason::WorktreeMoved)
            .about(id)
            .hint(format!("`{}` brings it back", self.command()))
    }
}
