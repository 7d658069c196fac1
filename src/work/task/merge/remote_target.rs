//! The target of a merge at its remote: when this clone follows it, and when it is pushed.
//!
//! The remote has the truth: this clone's branch follows it before work is merged, and goes there
//! with each merge where a person has said so.

use crate::coordinate::rules;
use crate::coordinate::worktree::branch::merge_base;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::{branch_word, word};
use crate::model::issue_name::{GITHUB, LINKS};
use crate::model::settings;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::who_acts::require_human;
use crate::store::git::repo::Oid;
use crate::store::remote_names::Remote;
use crate::store::sync::push::Brought;
use crate::work::task::integrate::fast_forward;
use crate::work::task::merge::unpushed_target::{UnpushedTarget, unpushed};
use crate::work::task::remote_branch;
use crate::work::task::work_commit::short;

/// A branch here and at its remote, as last fetched.
pub(super) struct Followed {
    pub(super) remote: Remote,
    pub(super) there: String,
    pub(super) own: Oid,
    pub(super) other: Oid,
}

impl Tasks<'_> {
    /// The branch that an item would be merged into, as its remote names it (`origin/main`), if a person at a
    /// terminal is to be asked whether merges push it: `pm.pushTarget` is `ask`, and the merge is not by a pull
    /// request.
    ///
    /// # Errors
    /// When the item is not found.
    pub fn push_to_ask_about(&self, id: &str, target: Option<&str>) -> Result<Option<String>> {
        let pm = self.pm;
        if !pushes_target(pm, "ask") {
            return Ok(None);
        }
        let state = pm.store.state()?;
        let item = state.find(id)?;
        // Of anything else the merge is refused, so there is nothing to ask.
        if !matches!(
            item.status,
            Status::ReadyForIntegration | Status::InProgress
        ) {
            return Ok(None);
        }
        let target = target::target_of(pm, &state, item, target)?;
        let at = followed(pm, &target)?.filter(|_| !needs_pull(pm, &target));
        Ok(at.map(|at| format!("{}/{}", at.remote.shown(), one_line(&at.there))))
    }
}

impl Tasks<'_> {
    /// The target that has the merged work of an item here, if its remote lacked that work when it was last asked.
    ///
    /// # Errors
    /// When the item is not found, or git cannot count the commits.
    pub fn unpushed_merge(&self, id: &str) -> Result<Option<UnpushedTarget>> {
        let state = self.pm.store.state()?;
        let item = state.find(id)?;
        let doc = state.doc(&item.uid);
        let into = doc.and_then(|doc| doc.text("merged_into"));
        let merged = into.zip(item.merged_commit.as_deref());
        let Some((target, commit)) = merged else {
            return Ok(None);
        };
        let repo = self.pm.store.repo();
        let Some(at) = followed(self.pm, target)? else {
            return Ok(None);
        };
        let is_in = |tip| {
            let commit = repo.parse_id(commit)?;
            repo.is_ancestor(commit, tip).ok()
        };
        match (is_in(at.own), is_in(at.other)) {
            // What the remote has dropped is not pushed again.
            (Some(true), Some(false)) => {
                Ok(unpushed(self.pm, target)?.filter(|one| one.dropped_at.is_none()))
            }
            _ => Ok(None),
        }
    }

    /// Pushes the target that has the merged work of an item, unless `pm.pushTarget` is `never`. For people:
    /// what is pushed is everybody's.
    ///
    /// # Errors
    /// Kind `Refused` when there is nothing to push, or the remote or the settings refuse it; `Conflict` when the
    /// remote's branch has moved on; `Remote` when it cannot be reached.
    pub fn push_merged(&self, id: &str) -> Result<UnpushedTarget> {
        let pm = self.pm;
        require_human(&pm.actor, "pushing a target", "ask a human to push it")?;
        let nothing = || Error::refused("nothing that was merged has to be pushed").about(id);
        let unpushed = self.unpushed_merge(id)?.ok_or_else(nothing)?;
        let target = &unpushed.target;
        let at = followed(pm, target)?.ok_or_else(nothing)?;
        if pushes_target(pm, "never") {
            let said = "pm.pushTarget is `never`: targets are pushed by hand";
            return Err(Error::refused(said)
                .because(Reason::MergeNotPushed)
                .about(target));
        }
        let own = at.own.to_string();
        match at.remote.push_commit(&pm.store, &own, &at.there)? {
            Brought::Done => Ok(unpushed),
            Brought::Apart => Err(Error::conflict(format!(
                "{} has commits at {} that are not here",
                one_line(target),
                at.remote.shown()
            ))
            .because(Reason::MergeTargetMoved)
            .about(target)
            .hint("`git pull` in a checkout of it brings them")),
            Brought::Refused(said) => Err(refused_there(target, &at.remote, &said)),
            Brought::Failed(said) => Err(Error::remote(format!(
                "{} was not pushed to {}: {said}",
                one_line(target),
                at.remote.shown()
            ))),
        }
    }
}

/// The remote that has a branch, and its name there: as git is configured, else the branch of
/// that name at the remote that holds branches.
pub(super) fn remote_of(pm: &Pm, branch: &str) -> Option<(Remote, String)> {
    let (name, there) = followed_branch::upstream_of(pm, branch)?;
    let repo = pm.store.repo();
    let remote = Remote::named(repo, &name).ok()?;
    repo.remotes().contains(&name).then_some((remote, there))
}

pub(super) fn followed(pm: &Pm, target: &str) -> Result<Option<Followed>> {
    let Some((remote, there)) = remote_of(pm, target) else {
        return Ok(None);
    };
    let repo = pm.store.repo();
    let own = repo.ref_target(&format!("refs/heads/{target}"))?;
    let other = followed_branch::tip_there(pm, target)?;
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
pub(crate) fn fetch_followed(pm: &Pm, target: &str) -> Result<()> {
    match remote_of(pm, target).filter(|_| pm.is_online()) {
        Some((remote, there)) => remote_branch::fetch_target_or_say(pm, &remote, &there),
        None => Ok(()),
    }
}

/// Moves a target, and its checkouts, forward to its branch at the remote, which is asked
/// first.
///
/// # Errors
/// Kind `Conflict` when the two have diverged; `Refused` when a checkout has local changes in
/// the files that differ, or the remote has given the target another name: work that is merged here would
/// never get there.
pub(super) fn follow_remote(pm: &Pm, target: &str) -> Result<()> {
    match remote_of(pm, target).filter(|_| pm.is_online()) {
        Some((remote, there)) if follows_remote(pm, target) => {
            if let Some(head) = remote_branch::fetch_target(pm, &remote, &there)? {
                return Err(renamed(target, &remote, &there, &head));
            }
        }
        Some((remote, there)) => remote_branch::fetch_target_or_say(pm, &remote, &there)?,
        None => {}
    }
    match newer_there(pm, target)? {
        Some(newer) => fast_forward(&pm.store.repo().git().plain(), target, &newer),
        None => Ok(()),
    }
}

fn renamed(target: &str, remote: &Remote, there: &str, head: &str) -> Error {
    let name = remote.shown();
    Error::refused(remote_branch::renamed(remote, there, head))
        .because(Reason::MergeTargetMissing)
        .about(target)
        .hint(Hint::git(["fetch", &name], "fetches it"))
        .hint(Hint::git(
            ["remote", "set-head", &name, "--auto"],
            "makes it the target; then approve the work for it",
        ))
}

/// True if a target of this clone was made from a branch at the remote or pushed there, and no setting names it.
fn follows_remote(pm: &Pm, target: &str) -> bool {
    let repo = pm.store.repo();
    let upstream = repo.config(&format!("branch.{target}.merge"));
    upstream.is_some() && repo.target_set().is_none()
}

/// The commit of a target at the remote, as far as it was fetched, to which it can be moved forward.
///
/// # Errors
/// Kind `Conflict` when the two have diverged.
pub(super) fn newer_there(pm: &Pm, target: &str) -> Result<Option<String>> {
    let Some(at) = followed(pm, target)? else {
        return Ok(None);
    };
    let git = &pm.store.repo().git().plain();
    let (own, other) = (at.own.to_string(), at.other.to_string());
    let base = merge_base(git, &own, &other)?;
    match base.as_deref() {
        // Without a common commit, as in a shallow clone, neither is known to be newer.
        None => Ok(None),
        Some(base) if base == other => Ok(None),
        Some(base) if base == own => Ok(Some(other)),
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
            .hint(match unpushed(pm, target)? {
                Some(unpushed) => format!(
                    "in a checkout of {name}, run `{}`, then run the command again{}",
                    unpushed.command(),
                    unpushed.dropped()
                ),
                None => format!("`git fetch {}` shows it", word(&at.remote.name)),
            }))
        }
    }
}

/// Pushes the commit to which a target is about to move, if a person has said so: what the
/// remote has taken is not lost. If it cannot be reached, that is said, and the work is merged here only.
///
/// # Errors
/// Kind `Conflict` when the remote's branch has moved on; `Refused` when it does not take the commit.
pub(super) fn push_before_move(pm: &Pm, target: &str, commit: &str) -> Result<()> {
    let is_pushed = pushes_target(pm, "always") && pm.is_online();
    let Some((remote, there)) = remote_of(pm, target).filter(|_| is_pushed) else {
        return Ok(());
    };
    match remote.push_commit(&pm.store, commit, &there)? {
        Brought::Done => {}
        Brought::Apart => return Err(moved(target, &remote)),
        // A branch that is protected there would be called done here for ever.
        Brought::Refused(said) => {
            return Err(refused_there(target, &remote, &said).hint(
                "nothing was merged; where the branch moves only through pull requests, \
                 `git pm merge ID --pr` merges one",
            ));
        }
        Brought::Failed(said) => pm.notice(format!(
            "{} was not pushed to {}: {said}",
            one_line(target),
            remote.shown()
        )),
    }
    Ok(())
}

fn refused_there(target: &str, remote: &Remote, said: &str) -> Error {
    let (name, remote) = (one_line(target), remote.shown());
    Error::refused(format!("{name} was not pushed to {remote}: {said}"))
        .because(Reason::MergeNotPushed)
        .about(target)
        .hint(format!(
            "`git pm config pm.pullTargets {}` keeps work from being merged into it here",
            branch_word(target)
        ))
}

/// Refuses to move a target that moves only through pull requests.
///
/// # Errors
/// Kind `Refused`, reason `merge.needs_pull`.
pub(super) fn require_no_pull(pm: &Pm, id: &str, target: &str) -> Result<()> {
    if !needs_pull(pm, target) {
        return Ok(());
    }
    let error = Error::refused(format!(
        "{} moves only through pull requests (pm.pullTargets)",
        one_line(target)
    ))
    .because(Reason::MergeNeedsPull)
    .about(id);
    let state = pm.store.state()?;
    let mut links = state.repository.doc.entries(LINKS);
    if links.any(|(host, _)| host == GITHUB) {
        return Err(error
            .hint(Hint::run(
                ["merge", id, "--pr"],
                "merges the one of the item",
            ))
            .hint(Hint::run(["github", "pr", id], "opens one")));
    }
    let branch = state.find(id)?.branch.as_deref().unwrap_or("BRANCH");
    let remote = followed_branch::branch_remote(pm).map_or("REMOTE".into(), |one| one.shown());
    Err(error
        .hint(Hint::git(
            ["push", &remote, branch],
            format!(
                "gives the work to the host, where its merge into {} can be asked for: once it is \
                 merged there, `git pm sync` ends {id}",
                one_line(target)
            ),
        ))
        .hint(Hint::run(
            ["github", "link"],
            "links the project, if the host is GitHub: then `git pm merge ID --pr` merges it",
        )))
}

/// True if a branch is said to move only through pull requests.
pub(crate) fn needs_pull(pm: &Pm, target: &str) -> bool {
    rules::pull_targets(pm).iter().any(|name| name == target)
}

/// Says which commits of a target its remote lacks.
pub(super) fn notice_unpushed(pm: &Pm, target: &str) -> Result<()> {
    let Some(unpushed) = unpushed(pm, target)? else {
        return Ok(());
    };
    let mut said = format!("{unpushed}: `{}`", unpushed.command());
    if unpushed.has_to_follow() || !pm.is_online() {
        said = format!("{said}; {}", unpushed.after_command());
    }
    if !unpushed.has_to_follow() && pushes_target(pm, "ask") {
        said.push_str("; `git pm config pm.pushTarget always` pushes it with each merge");
    }
    pm.notice(said);
    Ok(())
}

fn pushes_target(pm: &Pm, when: &str) -> bool {
    let repo = pm.store.repo();
    // Asked anew: a person may have answered since the repository was opened.
    let set = repo.git().run(&["config", settings::PUSH_TARGET.key]);
    match set {
        Ok(out) if out.ok() => out.text() == when,
        _ => repo.text_of(&settings::PUSH_TARGET) == when,
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
