//! A target that has commits which its remote lacks: what is said of them, and the command that helps.

use std::collections::BTreeSet;

use super::remote_target::{followed, remote_of};
use crate::coordinate::claim::ownership;
use crate::coordinate::worktree::branch::merge_base;
use crate::coordinate::worktree::followed_branch::{self, is_behind};
use crate::coordinate::worktree::target;
use crate::error::Result;
use crate::model::id::{branch_word, word};
use crate::model::text::{actor, one_line};
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::work::task::work_commit::short;

/// The number of earlier tips at the remote that are compared.
const EARLIER: usize = 20;

/// The greatest number of commits that are read for the items that they name.
const READ: &str = "--max-count=100";

/// Commits of a target that its remote lacks.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct UnpushedTarget {
    /// The branch.
    pub target: String,
    /// The remote's name.
    pub remote: String,
    /// The branch at the remote.
    pub there: String,
    /// The number of commits that the remote lacked when it was last asked; 0 if it lacks the branch.
    pub commits: usize,
    /// The number of commits of the remote's branch that are not in the target.
    pub behind: usize,
    /// The newest commit of the target that the remote's branch had, and lost as it was moved back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped_at: Option<String>,
    /// The open items that these commits name and others hold in another clone, each with its holder.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<String>,
}

/// The commits of a target that its remote lacks.
///
/// # Errors
/// When there is no such target, or git cannot count them.
pub(crate) fn unpushed(pm: &Pm, target: &str) -> Result<Option<UnpushedTarget>> {
    let Some(at) = followed(pm, target)?.filter(|at| at.own != at.other) else {
        return not_at_remote(pm, target);
    };
    let git = pm.store.repo().git().plain();
    let [own, other] = [at.own, at.other].map(|tip| tip.to_string());
    let range = format!("{own}...{other}");
    let count = git.require(&["rev-list", "--left-right", "--count", &range, "--"])?;
    let count = count.text();
    let mut counts = count.split_whitespace().map(|n| n.parse().unwrap_or(0));
    let (commits, behind) = (counts.next().unwrap_or(0), counts.next().unwrap_or(0));
    if commits == 0 {
        return Ok(None);
    }
    Ok(Some(UnpushedTarget {
        target: target.to_string(),
        dropped_at: dropped(pm, &at.remote.name, &at.there, (at.own, at.other))?,
        held: held(pm, &format!("{other}..{own}"))?,
        remote: at.remote.shown(),
        there: at.there,
        commits,
        behind,
    }))
}

/// The newest commit of a target that its branch at the remote has lost, as far as the reflog shows it.
fn dropped(pm: &Pm, remote: &str, there: &str, (own, other): (Oid, Oid)) -> Result<Option<String>> {
    let repo = pm.store.repo();
    for old in repo.moved_back(&format!("refs/remotes/{remote}/{there}"), EARLIER)? {
        let base = merge_base(&repo.git().plain(), &own.to_string(), &old.to_string())?;
        let base = base.and_then(|hex| repo.parse_id(&hex));
        if let Some(base) = base.filter(|base| !is_behind(pm, *base, other)) {
            return Ok(Some(base.to_string()));
        }
    }
    Ok(None)
}

/// The open items that the commits of a range name, and others hold in another clone.
fn held(pm: &Pm, range: &str) -> Result<Vec<String>> {
    let form = "--format=%(trailers:key=Task,valueonly,separator=%x2C)";
    let git = pm.store.repo().git().plain();
    let out = git.require(&["log", READ, form, range, "--"])?;
    let (state, mut held) = (pm.store.state()?, Vec::new());
    let lines = out.lines();
    let names = lines.iter().flat_map(|line| line.split(',')).map(str::trim);
    let names: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
    for name in names {
        // A name that no item has is not looked for further: that reads every item.
        let is_known = !state.known_as(name).is_empty();
        let Some(item) = is_known.then(|| state.find(name).ok()).flatten() else {
            continue;
        };
        let elsewhere = item
            .holder()
            .filter(|claim| !item.status.is_closed() && !ownership::is_here(pm, &claim.replica));
        if let Some(claim) = elsewhere {
            let one = format!("{} ({})", state.shown_id(item), actor(&claim.actor));
            if !held.contains(&one) {
                held.push(one);
            }
        }
    }
    Ok(held)
}

/// A target other than the default one that its remote lacks, as far as this clone knows.
fn not_at_remote(pm: &Pm, target: &str) -> Result<Option<UnpushedTarget>> {
    let repo = pm.store.repo();
    let here = repo.ref_target(&format!("refs/heads/{target}"))?;
    if here.is_none() || target == target::default_target(pm)? {
        return Ok(None);
    }
    let Some((remote, there)) = remote_of(pm, target) else {
        return Ok(None);
    };
    let known = followed_branch::tip_there(pm, target)?;
    Ok(known.is_none().then(|| UnpushedTarget {
        target: target.to_string(),
        remote: remote.shown(),
        there,
        commits: 0,
        behind: 0,
        dropped_at: None,
        held: Vec::new(),
    }))
}

impl UnpushedTarget {
    /// True if the target has to follow its remote before it is pushed: the remote has commits that it lacks, or has
    /// dropped some of it, which a push would bring back.
    pub fn has_to_follow(&self) -> bool {
        self.behind > 0 || self.dropped_at.is_some()
    }

    /// The command that pushes it; where it has to follow its remote first, the one that does that in a checkout.
    pub fn command(&self) -> String {
        let (name, remote) = (branch_word(&self.target), word(&self.remote));
        let there = branch_word(&self.there);
        match &self.dropped_at {
            Some(last) => format!("git rebase --onto {remote}/{there} {}", short(last)),
            None if self.behind > 0 => format!("git pull --no-rebase {remote} {there}"),
            None if self.there == self.target => format!("git push {remote} {name}"),
            None => format!("git push {remote} {name}:{there}"),
        }
    }

    /// What is said after the command: where it is given, or what to do first if it is rejected, as the remote has
    /// commits that were not fetched.
    pub fn after_command(&self) -> String {
        let (remote, there) = (word(&self.remote), branch_word(&self.there));
        let name = one_line(&self.target);
        match self.has_to_follow() {
            true => format!("in a checkout of {name}{}", self.dropped()),
            false => format!(
                "if that is rejected, first `git pull --no-rebase {remote} {there}` in a checkout of {name}"
            ),
        }
    }

    /// What a command does with what the remote has dropped.
    pub(super) fn dropped(&self) -> String {
        let last = self.dropped_at.iter();
        let said = last.map(|last| {
            format!(
                ": it leaves out what was dropped there, up to {}, and keeps the rest",
                short(last)
            )
        });
        said.collect()
    }
}

impl std::fmt::Display for UnpushedTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, there) = (one_line(&self.target), one_line(&self.there));
        if self.commits == 0 {
            return write!(f, "{name} is not at {}", self.remote);
        }
        let at = format!("{}/{there}", self.remote);
        let words = match self.commits {
            1 => "commit",
            _ => "commits",
        };
        let commits = format!("{} {words}", self.commits);
        match self.behind {
            0 => write!(f, "{name} is {commits} ahead of {at}")?,
            behind => write!(
                f,
                "{name} and {at} have diverged: {commits} ahead, {behind} behind"
            )?,
        }
        if let Some(last) = &self.dropped_at {
            write!(f, "; {at} was moved back and no longer has {}", short(last))?;
        }
        match self.held.is_empty() {
            true => Ok(()),
            false => write!(
                f,
                "; it has work of {}, so agree with them first",
                self.held.join(", ")
            ),
        }
    }
}
