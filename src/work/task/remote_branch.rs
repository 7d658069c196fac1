//! Task branches at the remote: when they are pushed, fetched, and where new work starts.
//!
//! `finish` pushes a task's branch, commands that read the work fetch it, and new work starts at the
//! remote's target where that is newer.

use std::path::Path;

use super::integrate::fast_forward;
use super::work_commit::{self, short};
use crate::coordinate::claim::ownership;
use crate::coordinate::hook::{self, users_hooks};
use crate::coordinate::merged_branches::{self, remote_to_push};
use crate::coordinate::rules::target_branches;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::name_template::check_branch;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::{branch_word, word};
use crate::model::item::Item;
use crate::model::settings;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::index::Scan;
use crate::store::remote_names::Remote;
use crate::store::state::State;
use crate::store::sync::fetch::Asked;
use crate::store::sync::push::Brought;
use crate::work::task::{absent_work, arrived, gates, gone_branch};

/// The number of submitted branches that are fetched at once.
const FETCHED_AT_ONCE: usize = 50;

/// The worktree of an item that only persons of this clone have worked on: the hooks of a push
/// start programs that lie there.
pub(crate) fn own_place(pm: &Pm, item: &Item) -> Result<Option<String>> {
    if pm.of_run.is_some() || pm.actor.is_agent || !gates::is_own_work(pm, item)? {
        return Ok(None);
    }
    let branch = item.branch.as_deref().unwrap_or_default();
    Ok(pm.here().worktrees.get(branch).cloned())
}

/// Pushes a task's branch as `git push` does in `place`, its worktree, or else in the main one,
/// whose files are not an agent's; never by force. Returns the remote's name; a
/// remote that cannot be reached becomes a notice, as the work can be submitted offline.
///
/// # Errors
/// When the remote or a hook refuses it: others could not see the work.
pub(crate) fn share_branch(pm: &Pm, branch: &str, place: Option<&str>) -> Result<Option<String>> {
    let Some(remote) = remote_to_push(pm, branch) else {
        return Ok(None);
    };
    if target_branches::is_target(pm, branch) {
        pm.notice(format!(
            "{} was not pushed because it is a merge target",
            one_line(branch)
        ));
        return Ok(None);
    }
    let place = place.map(Path::new);
    let repo = pm.store.repo();
    let tip = repo.ref_target(&format!("refs/heads/{branch}"))?;
    let pushed = match pm.is_online() {
        true => remote.push_branch(&pm.store, branch, place, &pm.actor.name),
        false => Ok(Brought::Failed("offline, or pm.sync=manual".into())),
    };
    let (own, shown, branch) = (branch, one_line(branch), branch_word(branch));
    let name = word(&remote.shown());
    let said = match pushed {
        Ok(Brought::Done) => {
            if let Some(tip) = tip {
                arrived::note(pm, &remote.name, own, tip);
            }
            return Ok(Some(remote.shown()));
        }
        Ok(Brought::Apart) => {
            let refusal = push_refusal(pm, &remote, own, true)?;
            return refusal.map_or(Ok(None), Err);
        }
        // A sandbox keeps its agent from the remote; the run pushes the branch.
        Ok(Brought::Refused(said)) if !pm.actor.is_confined => {
            let error = Error::refused(format!("{shown} was not pushed to {name}: {said}"))
                .because(Reason::FinishNotPushed)
                .about(&shown);
            let home = pm.store.repo().git_at_home();
            let has_hook = users_hooks(&home)("pre-push").is_some();
            let error = match has_hook && (place.is_none() || remote.is_relative(&pm.store)) {
                true => error.hint("the pre-push hook ran in the main worktree"),
                false => error,
            };
            let tip = tip.map(|tip| tip.to_string()).unwrap_or_default();
            if let Ok(Some(held)) = hook::stops_push(pm, &pm.store.state()?, own, &tip) {
                let error = error.hint(hook::remedy(pm, &held));
                return Err(match pm.actor.is_agent {
                    true => error,
                    false => error.hint(
                        "in an emergency: `GIT_PM_BYPASS=REASON git pm finish`, which is recorded",
                    ),
                });
            }
            return Err(error
                .hint("correct what was refused, then run the command again")
                .hint(Hint::run(
                    ["config", settings::PUSH.key, "never"],
                    "leaves pushing task branches to you",
                )));
        }
        Ok(Brought::Refused(said) | Brought::Failed(said)) => said,
        Err(error) => error.message().to_string(),
    };
    arrived::forget(pm, &remote.name, own);
    // Git takes a URL that is a relative path from the folder in which it runs.
    let home = pm.store.repo().git_at_home();
    let at = match remote.is_relative(&pm.store) {
        true => format!(" -C {}", word(&home.dir().to_string_lossy())),
        false => String::new(),
    };
    pm.notice(format!(
        "{shown} was not pushed ({said}), so others cannot see it until `git pm sync`, or \
             `git{at} push {name} {branch}`"
    ));
    Ok(None)
}

/// The refusal of a push of a branch that its remote has with other commits, as far as is known or because it
/// was `rejected`.
pub(super) fn push_refusal(
    pm: &Pm,
    remote: &Remote,
    branch: &str,
    rejected: bool,
) -> Result<Option<Error>> {
    let repo = pm.store.repo();
    let (own, there) = followed_branch::tips_of(pm, remote, branch)?;
    let there =
        there.filter(|tip| own.is_none_or(|own| !followed_branch::is_behind(pm, *tip, own)));
    if there.is_none() && !rejected {
        return Ok(None);
    }
    let (shown, name) = (one_line(branch), word(&remote.shown()));
    let refused = |what: &str| {
        let error = Error::refused(format!("{shown} was not pushed: {name} has {what}"));
        Some(error.because(Reason::FinishNotPushed).about(&shown))
    };
    let logged = || repo.logged(&format!("refs/heads/{branch}"));
    // It was this branch, as a rebase or an amended commit left it.
    if let Some(was) = there.filter(|tip| logged().contains(tip)) {
        // Git takes a URL that is a relative path from the folder in which it runs.
        let home = repo.git_at_home();
        let home = home.dir().to_string_lossy();
        let at = remote.is_relative(&pm.store).then_some(["-C", &*home]);
        let lease = format!("--force-with-lease={branch}:{}", short(&was.to_string()));
        let args = ["push", &lease, &remote.name, branch];
        let args = at.into_iter().flatten().chain(args);
        let replaces = Hint::git(args, "replaces it there; then run the command again");
        let error = refused("it as it was before it was rewritten here");
        return Ok(error.map(|error| error.hint(replaces)));
    }
    let range = format!("{branch}..{}/{branch}", remote.name);
    let pull = format!(
        "if they belong to this work: in its worktree, run `git pull --no-rebase {name} {}`, then run the \
         command again",
        branch_word(branch)
    );
    let error = refused("commits of this branch that this clone lacks");
    Ok(error.map(|error| {
        error
            .hint(Hint::git(["log", &range], "shows whose they are"))
            .hint(pull)
    }))
}

/// Refuses a branch that a submission would push in vain, as far as this clone knows its remote.
///
/// # Errors
/// As a submission.
pub(super) fn require_forward(pm: &Pm, branch: &str) -> Result<()> {
    let is_pushed = pm.is_online() && !target_branches::is_target(pm, branch);
    let remote = remote_to_push(pm, branch).filter(|_| is_pushed);
    let refused = remote.map(|to| push_refusal(pm, &to, branch, false));
    refused.transpose()?.flatten().map_or(Ok(()), Err)
}

/// The command that brings a branch to a remote.
///
/// # Errors
/// When its refs cannot be read.
pub(super) fn push_command(pm: &Pm, remote: &Remote, branch: &str) -> Result<String> {
    let refusal = push_refusal(pm, remote, branch, false)?;
    let mut hints = refusal.iter().flat_map(Error::hints);
    let pushes = hints.find_map(|hint| hint.command.as_ref().filter(|one| one.args[0] != "log"));
    let plain = || format!("git push {} {}", word(&remote.shown()), branch_word(branch));
    Ok(pushes.map_or_else(plain, ToString::to_string))
}

/// Pushes the branches of work that was submitted in this clone and has not arrived at its remote: the push may have
/// failed, or its process was killed. One that was deleted here is made again. Obstacles become notices.
pub(crate) fn share_submitted(pm: &Pm, open: &[Item]) -> Result<()> {
    let (repo, state) = (pm.store.repo(), pm.store.state()?);
    let lags = |item: &Item| {
        let is_own = item
            .holder()
            .is_some_and(|one| ownership::is_here(pm, &one.replica));
        let branch = item.branch.as_deref().filter(|_| is_own)?;
        let remote = remote_to_push(pm, branch)?;
        let finished = state.doc(&item.uid)?.text("finished_commit")?;
        let finished = repo.parse_id(finished)?;
        let has = |tip: Oid| tip == finished || followed_branch::is_behind(pm, finished, tip);
        let here = repo.ref_target(&format!("refs/heads/{branch}")).ok()?;
        let deleted = here.is_none();
        let found = (
            state.shown_id(item),
            branch.to_string(),
            remote,
            finished,
            deleted,
        );
        here.is_none_or(has).then_some(found)
    };
    let branches: Vec<_> = open.iter().filter_map(lags).collect();
    drop(state);
    for (id, branch, remote, commit, deleted) in branches {
        if !arrived::has_to_arrive(pm, &remote, &branch, commit)?
            || deleted && !gone_branch::restore(pm, &id, &branch, commit)
        {
            continue;
        }
        match share_branch(pm, &branch, None) {
            Ok(Some(to)) => pm.notice(format!(
                "{}, which was submitted but not pushed, was pushed to {to}",
                one_line(&branch)
            )),
            Ok(None) => {}
            Err(error) => pm.notice(error.message().to_string()),
        }
    }
    Ok(())
}

/// Pushes the branches of open epics that never arrived at the remote: other clones merge the work of their tasks
/// into them. What is merged into one later is pushed as a target is. Obstacles become notices.
pub(crate) fn share_epics(pm: &Pm) -> Result<()> {
    let (repo, state) = (pm.store.repo(), pm.store.state()?);
    let epics = state.scan(&Scan::Branched, Item::is_epic, usize::MAX);
    let branches = epics.into_iter().filter_map(|epic| epic.branch.clone());
    let branches: Vec<String> = branches.filter(|name| check_branch(name).is_ok()).collect();
    drop(state);
    for branch in branches {
        if let Some(tip) = repo.ref_target(&format!("refs/heads/{branch}"))?
            && followed_branch::at_remote(pm, &branch).is_none()
            && let Some(remote) = remote_to_push(pm, &branch)
        {
            let first = arrived::at(pm, &remote, &branch).unwrap_or(tip);
            if arrived::has_to_arrive(pm, &remote, &branch, first)? {
                share_epic(pm, &branch);
            }
        }
    }
    Ok(())
}

/// Pushes the branch of an epic. Obstacles become notices.
pub(super) fn share_epic(pm: &Pm, branch: &str) {
    match share_branch(pm, branch, None) {
        Ok(Some(to)) => pm.notice(format!(
            "{} was pushed to {to}: work on the tasks of its epic is merged into it",
            one_line(branch)
        )),
        Ok(None) => {}
        Err(error) => pm.notice(error.message().to_string()),
    }
}

/// Moves a branch of this clone forward to the newest of its submitted commit and its branch at
/// the remote, if it is merely behind, and one that was left here to the latter. An obstacle becomes a notice.
pub(crate) fn bring_forward(pm: &Pm, state: &State<'_>, item: &Item, branch: &str) -> Result<()> {
    let repo = pm.store.repo();
    let Some(own) = repo.ref_target(&format!("refs/heads/{branch}"))? else {
        return Ok(());
    };
    let doc = state.doc(&item.uid);
    let finished = doc.and_then(|doc| repo.parse_id(doc.text("finished_commit")?));
    let there = match followed_branch::at_remote(pm, branch) {
        Some(name) => repo.ref_target(&name)?,
        None => None,
    };
    let git = repo.git().plain();
    let has_finished = finished.is_some_and(|tip| followed_branch::is_behind(pm, tip, own));
    if let Some(there) = there.filter(|there| !followed_branch::is_behind(pm, own, *there))
        && !has_finished
        && work_commit::is_left(pm, branch, own)
    {
        let deleted = merged_branches::delete_at(pm, &git, branch, own, true)?;
        deleted.checked("cannot update a branch")?;
        git.require(&["branch", "--no-track", "--", branch, &there.to_string()])?;
        return Ok(());
    }
    let newer = |tip: &Oid| {
        *tip != own && repo.has_object(*tip) && followed_branch::is_behind(pm, own, *tip)
    };
    let mut found = [finished, there].into_iter().flatten().filter(newer);
    let Some(mut newest) = found.next() else {
        return Ok(());
    };
    for other in found {
        if followed_branch::is_behind(pm, newest, other) {
            newest = other;
        }
    }
    let moved = fast_forward(&git, branch, &newest.to_string());
    if let Err(error) = moved {
        pm.notice(format!(
            "{} is behind {}: {}",
            one_line(branch),
            short(&newest.to_string()),
            error.message()
        ));
    }
    Ok(())
}

/// Fetches the branch of an item on which another clone has worked, or may have merged the work of its parts.
pub(super) fn fetch_branch_of(pm: &Pm, item: &Item) -> Result<()> {
    let mut claims = item.claims.iter();
    let elsewhere = item.is_epic() || claims.any(|claim| !ownership::is_here(pm, &claim.replica));
    let Some(branch) = item
        .branch
        .as_deref()
        .filter(|_| elsewhere && pm.is_online())
    else {
        return Ok(());
    };
    if let Some(remote) = followed_branch::branch_remote(pm)
        && let Asked::Failed(why) = remote.fetch_branch(&pm.store, branch)?
    {
        let (name, branch) = (remote.shown(), one_line(branch));
        pm.notice(format!("{name}: cannot fetch {branch} ({why})"));
    }
    Ok(())
}

/// Fetches the branches of work in review or approved whose commits are not here, in one go. An
/// obstacle becomes a notice.
pub(crate) fn fetch_submitted(pm: &Pm, open: &[Item]) -> Result<()> {
    let remote = followed_branch::branch_remote(pm).filter(|_| pm.is_online());
    let (Some(remote), state) = (remote, pm.store.state()?) else {
        return Ok(());
    };
    let is_missing = |item: &&Item| {
        let commit = work_commit::reviewed(pm, &state, item);
        commit.is_some_and(|commit| !pm.store.repo().has_object(commit))
    };
    let names = open
        .iter()
        .filter(is_missing)
        .filter_map(|item| item.branch.clone());
    let names = names.filter(|name| check_branch(name).is_ok());
    let names: Vec<String> = names.take(FETCHED_AT_ONCE).collect();
    if !names.is_empty()
        && let Asked::Failed(why) = remote.fetch_branches(&pm.store, &names)?
    {
        let name = remote.shown();
        pm.notice(format!(
            "{name}: cannot fetch the submitted branches ({why})"
        ));
        return Ok(());
    }
    let asked = open.iter().filter(is_missing);
    let asked = asked.filter(|item| item.branch.as_ref().is_some_and(|one| names.contains(one)));
    let commits = asked.filter_map(|item| work_commit::reviewed(pm, &state, item));
    absent_work::remember(pm, commits);
    Ok(())
}

/// Fetches the branch of finished work if the submitted commit is not here.
pub(crate) fn fetch_work(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    let repo = pm.store.repo();
    let finished = state
        .doc(&item.uid)
        .and_then(|doc| doc.text("finished_commit"))
        .and_then(|hex| repo.parse_id(hex));
    let (Some(branch), Some(finished)) = (item.branch.as_deref(), finished) else {
        return Ok(());
    };
    if !matches!(item.status, Status::InReview | Status::ReadyForIntegration)
        || repo.commit(finished).is_ok()
    {
        return Ok(());
    }
    let remote = followed_branch::branch_remote(pm);
    let asked = match remote.as_ref().filter(|_| pm.is_online()) {
        Some(remote) => Some(remote.fetch_branch(&pm.store, branch)?),
        None => None,
    };
    if let (Some(remote), Some(Asked::Fetched)) = (&remote, &asked)
        && let Ok(target) = target::target_of(pm, state, item, None)
    {
        // Where the work left its target decides what its changes are.
        remote.fetch_branch(&pm.store, &target)?;
    }
    if repo.commit(finished).is_ok() {
        return Ok(());
    }
    if matches!(asked, Some(Asked::Absent | Asked::Fetched)) {
        absent_work::remember(pm, [finished]);
    }
    let (id, who) = (state.shown_id(item), absent_work::author(state, item));
    let Some(remote) = remote else {
        pm.notice(format!(
            "the work of {id} is in the clone of {who}, and this clone has no remote from \
                 which it could be fetched"
        ));
        return Ok(());
    };
    let (place, name) = (word(&remote.shown()), branch_word(branch));
    let is_absent = absent_work::is_absent(pm, finished);
    let finished = finished.to_string();
    // Also where the branch was deleted.
    let from = word(&format!("{}:refs/heads/{branch}", short(&finished)));
    let branch = one_line(branch);
    pm.notice(match asked {
        None if is_absent => format!(
            "the work of {id} is not in this clone, and {place} lacked it when it was asked: {}",
            absent_work::has_to_push(state, item)
        ),
        None => format!(
            "the work of {id} is not in this clone (offline, or pm.sync=manual): \
                 `git fetch {place} {name}` fetches it if {who} pushed it"
        ),
        Some(Asked::Failed(why)) => format!(
            "the work of {id} is not in this clone, and {branch} cannot be fetched from \
                 {place}: {why}"
        ),
        Some(Asked::Absent) => format!(
            "the work of {id} is in the clone of {who}, who has to push it (`git push {place} {from}`), or to \
                 run `git pm sync` there if it was merged and its branch deleted"
        ),
        Some(Asked::Fetched) => format!(
            "{branch} on {place} lacks {}, the commit at which {id} was submitted: that commit \
                 is in the clone of {who}, who has to merge both branches and push",
            short(&finished)
        ),
    });
    Ok(())
}

/// The base of work on a target: the remote's branch of that name, if this clone's own is
/// behind it. The remote is queried first; the clone's own branch is not moved.
pub(super) fn newest_of(pm: &Pm, target: &str) -> Result<String> {
    let Some(remote) = followed_branch::branch_remote(pm) else {
        return Ok(format!("refs/heads/{target}"));
    };
    if pm.is_online() {
        fetch_target_or_say(pm, &remote, target)?;
    }
    let newest = followed_branch::counted_against(pm, target)?;
    if newest == format!("refs/heads/{target}")
        && let (Some(own), Some(other)) = followed_branch::tips_of(pm, &remote, target)?
        && own != other
        && !followed_branch::is_behind(pm, other, own)
    {
        pm.notice(format!(
            "{target} and {}/{target} have diverged; work starts at {target}",
            remote.shown()
        ));
    }
    Ok(newest)
}

/// Fetches a target into its remote-tracking branch. Obstacles are said. Returns the default branch of a
/// remote that has another one than this clone and lacks the target: it may have been renamed.
pub(super) fn fetch_target(pm: &Pm, remote: &Remote, target: &str) -> Result<Option<String>> {
    let (name, shown) = (remote.shown(), one_line(target));
    match remote.fetch_branch(&pm.store, target)? {
        Asked::Fetched => {}
        Asked::Absent => {
            // A branch of an epic may not have been pushed.
            let is_default = target::default_target(pm).is_ok_and(|name| name == target);
            let head = match is_default {
                true => remote.head(&pm.store)?,
                false => None,
            };
            return Ok(head.filter(|head| head != target));
        }
        Asked::Failed(why) => pm.notice(format!(
            "{name}: cannot fetch {shown} ({why}); its newest commits may be missing"
        )),
    }
    Ok(None)
}

/// What is said of a target that its remote has under another name, as far as is known.
pub(super) fn renamed(remote: &Remote, target: &str, head: &str) -> String {
    format!(
        "{} has no branch {}; its default branch is {}, so the branch may have been renamed",
        remote.shown(),
        one_line(target),
        one_line(head)
    )
}

/// As [`fetch_target`]; that it may have been renamed is said as well.
pub(super) fn fetch_target_or_say(pm: &Pm, remote: &Remote, target: &str) -> Result<()> {
    if let Some(head) = fetch_target(pm, remote, target)? {
        let (what, name) = (renamed(remote, target, &head), remote.shown());
        pm.notice(format!(
            "{what}: `git fetch {name}`, then `git remote set-head {name} --auto`"
        ));
    }
    Ok(())
}
