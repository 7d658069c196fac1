//! The target of a merge at its remote: when this clone follows it, and when it is pushed.
//!
//! The remote has the truth: this clone's branch follows it before work is merged, and goes there
//! with each merge where a person has said so.

use crate::coordinate::worktree::branch::merge_base;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::target;
use crate::error::{Error, Reason, Result};
use crate::model::id::{branch_word, word};
use crate::model::settings;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::store::git::repo::Oid;
use crate::store::remote_names::Remote;
use crate::store::sync::push::Brought;
use crate::work::task::integrate::fast_forward;
use crate::work::task::remote_branch;
use crate::work::task::work_commit::short;

/// Commits of a target that its remote lacks.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct UnpushedTarget {
    /// The branch.
    pub target: String,
    /// The remote's name.
    pub remote: String,
    /// The branch at the remote.
    pub there: String,
    /// The number of commits that the remote lacked when it was last asked.
    pub commits: usize,
}

/// A branch here and at its remote, as last fetched.
struct Followed {
    remote: Remote,
    there: String,
    own: Oid,
    other: Oid,
}

impl Tasks<'_> {
    /// The commits of a target that its remote lacks, if a person at a terminal is to be asked
    /// about them: `pm.pushTarget` is `ask`.
    ///
    /// # Errors
    /// When git cannot count them.
    pub fn unpushed_to_ask_about(&self, target: &str) -> Result<Option<UnpushedTarget>> {
        match pushes_target(self.pm, "ask") {
            true => unpushed(self.pm, Some(target)),
            false => Ok(None),
        }
    }

    /// Pushes a target as `git push` does; nothing is forced.
    ///
    /// # Errors
    /// Kind `Remote` with the words of the hook or the server that refused it.
    pub fn push_target(&self, target: &str) -> Result<()> {
        let Some((remote, there)) = remote_of(self.pm, target) else {
            return Ok(());
        };
        let own = format!("refs/heads/{target}");
        match remote.push_commit(&self.pm.store, &own, &there)? {
            Brought::Done => Ok(()),
            Brought::Apart => Err(moved(target, &remote)),
            Brought::Refused(said) | Brought::Failed(said) => Err(Error::remote(format!(
                "{} was not pushed to {}: {said}",
                one_line(target),
                remote.shown()
            ))
            .because(Reason::MergeNotPushed)
            .about(target)),
        }
    }
}

/// The remote that has a branch, and its name there: as git is configured, else the branch of
/// that name at the remote that holds branches.
fn remote_of(pm: &Pm, branch: &str) -> Option<(Remote, String)> {
    let (name, there) = followed_branch::upstream_of(pm, branch)?;
    let repo = pm.store.repo();
    let remote = Remote::named(repo, &name).ok()?;
    repo.remotes().contains(&name).then_some((remote, there))
}

fn followed(pm: &Pm, target: &str) -> Result<Option<Followed>> {
    let Some((remote, there)) = remote_of(pm, target) else {
        return Ok(None);
    };
    let repo = pm.store.repo();
    let own = repo.ref_target(&format!("refs/heads/{target}"))?;
    let other = repo.ref_target(&format!("refs/remotes/{}/{there}", remote.name))?;
    Ok(own.zip(other).map(|(own, other)| Followed {
        remote,
        there,
        own,
        other,
    }))
}

/// Moves the default target, and its checkouts, forward to its branch at the remote.
///
/// # Errors
/// As for a merge.
pub(crate) fn follow_default_target(pm: &Pm) -> Result<()> {
    follow_remote(pm, &target::default_target(pm)?)
}

/// Fetches a target from the remote that it follows, if that can be asked.
pub(super) fn fetch_followed(pm: &Pm, target: &str) -> Result<()> {
    match remote_of(pm, target).filter(|_| pm.is_online()) {
        Some((remote, there)) => remote_branch::fetch_target(pm, &remote, &there),
        None => Ok(()),
    }
}

/// Moves a target, and its checkouts, forward to its branch at the remote, which is asked
/// first.
///
/// # Errors
/// Kind `Conflict` when the two have diverged; `Refused` when a checkout has local changes in
/// the files that differ.
pub(super) fn follow_remote(pm: &Pm, target: &str) -> Result<()> {
    fetch_followed(pm, target)?;
    let Some(at) = followed(pm, target)? else {
        return Ok(());
    };
    let git = &pm.store.repo().git().plain();
    let (own, other) = (at.own.to_string(), at.other.to_string());
    let base = merge_base(git, &own, &other)?;
    match base.as_deref() {
        // Without a common commit, as in a shallow clone, neither is known to be newer.
        None => Ok(()),
        Some(base) if base == other => Ok(()),
        Some(base) if base == own => fast_forward(git, target, &other),
        Some(_) => {
            let (name, there) = (one_line(target), one_line(&at.there));
            let remote = at.remote.shown();
            Err(Error::conflict(format!(
                "{name} ({}) and {remote}/{there} ({}) have diverged, so nothing can be merged \
                     into it",
                short(&own),
                short(&other)
            ))
            .because(Reason::MergeTargetDiverged)
            .about(target)
            .hint(format!(
                "in a checkout of {name}, run `git pull --no-rebase {} {}`, then run the \
                     command again",
                word(&at.remote.name),
                branch_word(&at.there)
            )))
        }
    }
}

/// Pushes the commit to which a target is about to move, if a person has said so: what the
/// remote has taken is not lost. A refusal is said, and the work is merged here only.
///
/// # Errors
/// Kind `Conflict` when the remote's branch has moved on.
pub(super) fn push_before_move(pm: &Pm, target: &str, commit: &str) -> Result<()> {
    let is_pushed = pushes_target(pm, "always") && pm.is_online();
    let Some((remote, there)) = remote_of(pm, target).filter(|_| is_pushed) else {
        return Ok(());
    };
    match remote.push_commit(&pm.store, commit, &there)? {
        Brought::Done => {}
        Brought::Apart => return Err(moved(target, &remote)),
        Brought::Refused(said) | Brought::Failed(said) => pm.notice(format!(
            "{} was not pushed to {}: {said}",
            one_line(target),
            remote.shown()
        )),
    }
    Ok(())
}

/// Says which commits of a target its remote lacks.
pub(super) fn notice_unpushed(pm: &Pm, target: &str) -> Result<()> {
    if pushes_target(pm, "never") {
        return Ok(());
    }
    let Some(unpushed) = unpushed(pm, Some(target))? else {
        return Ok(());
    };
    let (name, remote) = (one_line(target), word(&unpushed.remote));
    let mut said = format!("{}: `git push {remote} {}`", unpushed, branch_word(target));
    if unpushed.there != target {
        said = format!("{unpushed}: `git push {remote} {name}:{}`", unpushed.there);
    }
    if pushes_target(pm, "ask") {
        said.push_str("; `git pm config pm.pushTarget always` pushes it with each merge");
    }
    pm.notice(said);
    Ok(())
}

fn pushes_target(pm: &Pm, when: &str) -> bool {
    pm.store.repo().text_of(&settings::PUSH_TARGET) == when
}

/// The commits of a target, by default the one that work is merged into, that its remote lacks.
///
/// # Errors
/// When there is no such target, or git cannot count them.
pub(crate) fn unpushed(pm: &Pm, target: Option<&str>) -> Result<Option<UnpushedTarget>> {
    let repo = pm.store.repo();
    let target = match target {
        Some(target) => target.to_string(),
        None => target::default_target(pm)?,
    };
    let Some(at) = followed(pm, &target)?.filter(|at| at.own != at.other) else {
        return Ok(None);
    };
    let range = format!("{}..{}", at.other, at.own);
    let count = repo
        .git()
        .plain()
        .require(&["rev-list", "--count", &range, "--"])?;
    let commits = count.text().parse().unwrap_or(0);
    Ok((commits > 0).then(|| UnpushedTarget {
        target,
        remote: at.remote.shown(),
        there: at.there,
        commits,
    }))
}

impl std::fmt::Display for UnpushedTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let commits = match self.commits {
            1 => "commit",
            _ => "commits",
        };
        write!(
            f,
            "{} is {} {commits} ahead of {}/{}",
            one_line(&self.target),
            self.commits,
            self.remote,
            one_line(&self.there)
        )
    }
}

fn moved(target: &str, remote: &Remote) -> Error {
    Error::conflict(format!(
        "{} moved at {} in the meantime; nothing was changed",
        one_line(target),
        remote.shown()
    ))
    .because(Reason::MergeTargetMoved)
    .about(target)
    .hint("run the command again to merge into the new commit")
}
