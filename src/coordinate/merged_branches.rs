//! The branches of merged work: deleted here and at the remote, once nothing would be lost.
//!
//! A branch goes only at a commit that was submitted or approved, or before it, after its worktree, and
//! if the target has that work. At the remote it goes once the target there has the merge: `merge` deletes it
//! if it pushes the target, else the next `sync`, `gc` or `worktree gc` does. An obstacle is a notice.

use std::collections::{BTreeMap, BTreeSet};

use crate::coordinate::rules::target_branches;
use crate::coordinate::worktree::branch::holders;
use crate::coordinate::worktree::followed_branch::{self, branch_remote, upstream_of};
use crate::coordinate::worktree::name_template::check_branch;
use crate::coordinate::worktree::path::some_of;
use crate::coordinate::worktree::{integrated, list};
use crate::error::Result;
use crate::model::item::Item;
use crate::model::returned::Returned;
use crate::model::settings;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::fault;
use crate::store::git::process::{Git, Output};
use crate::store::git::repo::Oid;
use crate::store::index::Scan;
use crate::store::remote_names::Remote;
use crate::store::state::State;
use crate::store::sync::fetch::Asked;
use crate::store::sync::push::Brought;

/// The number of epics, each merged into the branch of the next one, that a merge is followed through.
const EPICS_MAX: u8 = 4;

/// Where the branch of merged work was deleted, or would be in a dry run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeletedBranch {
    /// In this clone.
    pub(crate) here: bool,
    /// The remote at which it was deleted.
    pub(crate) at: Option<String>,
}

/// Work that was merged, of one branch.
struct Merge {
    branch: String,
    /// Its commits that were submitted or approved: a branch with others is not deleted.
    submitted: BTreeSet<Oid>,
    /// The commit at which it was last returned to its author: others may have a branch there.
    returned: Option<Oid>,
    /// The commit of the target that brought the work.
    commit: Oid,
    target: String,
    /// True if the caller merged it, and so decides about the branch at the remote.
    is_own: bool,
}

/// The remote to push a task's branch to, as `git push` chooses it: none with `pm.push=never`, nor
/// for what a sandboxed agent has handed over.
pub(crate) fn remote_to_push(pm: &Pm, branch: &str) -> Option<Remote> {
    let repo = pm.store.repo();
    if repo.text_of(&settings::PUSH) == "never" || pm.is_handed() {
        return None;
    }
    let own = repo.config(&format!("branch.{branch}.pushRemote"));
    let chosen = own.or_else(|| repo.config("remote.pushDefault"));
    let chosen = chosen.filter(|name| repo.remotes().contains(name));
    let named = chosen.and_then(|name| Remote::named(repo, &name).ok());
    branch_remote(pm).map(|remote| named.unwrap_or(remote))
}

/// Records that a branch is kept after its merge.
///
/// # Errors
/// When git's configuration cannot be written.
pub(crate) fn keep(pm: &Pm, branch: &str) -> Result<()> {
    let git = pm.store.repo().git_at_home();
    let set = ["config", &kept_key(branch), "true"];
    pm.store.configuring(|| git.require(&set)).map(|_| ())
}

fn kept_key(branch: &str) -> String {
    format!("branch.{branch}.pmKeep")
}

fn is_kept(pm: &Pm, branch: &str) -> bool {
    let repo = pm.store.repo();
    settings::KEEP_BRANCH.is_on(repo.config_bool(settings::KEEP_BRANCH.key))
        || repo.config_bool(&kept_key(branch)) == Some(true)
}

/// The repository as its main worktree sees it, if the command was given in a linked one: once that
/// is removed, nothing can be read or opened from there.
pub(crate) fn at_home(pm: &Pm) -> Result<Option<Pm>> {
    let home = pm.store.repo().git_at_home();
    if home.dir() == pm.store.repo().git().dir() {
        return Ok(None);
    }
    let mut env = pm.store.env().clone();
    env.cwd = home.dir().to_path_buf();
    Pm::open(env, pm.options.clone()).map(Some)
}

/// Deletes the branch of an item that was just merged, unless it is kept. An obstacle is a notice.
pub(crate) fn delete_of(pm: &Pm, item: &Item) -> DeletedBranch {
    let deleted = || -> Result<DeletedBranch> {
        let state = pm.store.state()?;
        let Some(merge) = merge_of(pm, &state, &item.uid) else {
            return Ok(DeletedBranch::default());
        };
        delete(pm, &state, &merge, false)
    };
    deleted().unwrap_or_else(|error| {
        pm.notice(format!(
            "the branch of {} was not deleted: {}",
            item.id,
            error.message()
        ));
        DeletedBranch::default()
    })
}

/// Deletes the branches of all merged work, or only lists them in a dry run. Returns a line for each.
pub(crate) fn delete_all(pm: &Pm, dry_run: bool) -> Result<Vec<String>> {
    delete_each(pm, dry_run, false)
}

/// As [`delete_all`], at the remote also those of work that others merged.
pub(crate) fn delete_everywhere(pm: &Pm, dry_run: bool) -> Result<Vec<String>> {
    delete_each(pm, dry_run, true)
}

fn delete_each(pm: &Pm, dry_run: bool, of_others: bool) -> Result<Vec<String>> {
    let repo = pm.store.repo();
    if settings::KEEP_BRANCH.is_on(repo.config_bool(settings::KEEP_BRANCH.key)) || pm.is_handed() {
        return Ok(Vec::new());
    }
    let mut prefixes = vec!["refs/heads/".to_string()];
    prefixes.extend(repo.remotes().iter().map(|r| format!("refs/remotes/{r}/")));
    let mut names = BTreeSet::new();
    for prefix in prefixes {
        let refs = repo.refs_under(&prefix)?.into_keys();
        names.extend(refs.filter_map(|name| Some(name.strip_prefix(&prefix)?.to_string())));
    }
    // Never those of tasks, so the index need not be asked.
    names.retain(|name| !["HEAD", "main", "master"].contains(&name.as_str()));
    let state = pm.store.state()?;
    let closed = |name: &String| {
        let over = |item: &Item| item.status.is_closed() && item.merged_commit.is_some();
        let item = state.scan(&Scan::Branch(name), over, 1).pop()?;
        Some((name.clone(), item))
    };
    let over: Vec<(String, &Item)> = names.iter().filter_map(closed).collect();
    if !dry_run {
        learn_of_merges(pm, &state, &over)?;
    }
    let mut lines = Vec::new();
    for (name, item) in over {
        let Some(mut merge) = merge_of(pm, &state, &item.uid) else {
            continue;
        };
        merge.is_own |= of_others;
        match delete(pm, &state, &merge, dry_run) {
            Ok(DeletedBranch { here, at }) => {
                let there = at.map(|at| format!("at {at}"));
                let places = here.then(|| "here".to_string()).into_iter().chain(there);
                let places = Vec::from_iter(places).join(" and ");
                if !places.is_empty() {
                    lines.push(format!("{} ({places})", one_line(&name)));
                }
            }
            Err(error) => pm.notice(error.message().to_string()),
        }
    }
    Ok(lines)
}

/// Fetches the targets of merges by others that this clone has branches of.
fn learn_of_merges(pm: &Pm, state: &State<'_>, over: &[(String, &Item)]) -> Result<()> {
    if !pm.is_online() {
        return Ok(());
    }
    let unknown = over.iter().filter_map(|(_, item)| {
        let merged = pm.store.repo().parse_id(item.merged_commit.as_deref()?)?;
        let into = state.doc(&item.uid)?.text("merged_into")?;
        let is_new = !pm.store.repo().has_object(merged) && check_branch(into).is_ok();
        is_new.then(|| into.to_string())
    });
    let targets: BTreeSet<String> = unknown.collect();
    for target in targets {
        if let Some((name, there)) = upstream_of(pm, &target) {
            // What is not reached now is with the next sync.
            let _ = Remote::named(pm.store.repo(), &name)?.fetch_branch(&pm.store, &there)?;
        }
    }
    Ok(())
}

/// As [`delete_all`], after other work: what was done, and an obstacle, are notices.
pub(crate) fn tidy_up(pm: &Pm, dry_run: bool) {
    match delete_all(pm, dry_run) {
        Ok(lines) if lines.is_empty() => {}
        Ok(lines) => {
            let done = if dry_run { "would be" } else { "were" };
            pm.notice(format!(
                "branches of merged work {done} deleted: {}",
                some_of(&lines)
            ));
        }
        Err(error) => pm.notice(error.message().to_string()),
    }
}

fn merge_of(pm: &Pm, state: &State<'_>, uid: &Uid) -> Option<Merge> {
    let repo = pm.store.repo();
    let item = state.item(uid)?;
    let branch = item.branch.clone()?;
    let doc = state.doc(uid)?;
    let approved = item.approval.as_ref().map(|one| one.commit.as_str());
    let submitted = [doc.text("finished_commit"), approved]
        .into_iter()
        .flatten();
    let submitted = submitted.filter_map(|hex| repo.parse_id(hex)).collect();
    let commit = repo.parse_id(item.merged_commit.as_deref()?)?;
    let is_merged = item.status.is_closed() && repo.has_object(commit);
    (is_merged && !is_kept(pm, &branch)).then(|| Merge {
        submitted,
        returned: Returned::last(doc).and_then(|one| repo.parse_id(&one.commit?)),
        commit,
        target: doc.text("merged_into").unwrap_or_default().to_string(),
        is_own: doc.text("closed_by") == Some(pm.actor.name.as_str()),
        branch,
    })
}

fn delete(pm: &Pm, state: &State<'_>, merge: &Merge, dry_run: bool) -> Result<DeletedBranch> {
    let (repo, branch) = (pm.store.repo(), &merge.branch);
    let of_branch = state.scan(&Scan::Branch(branch), |item| !item.status.is_closed(), 1);
    // The names come from the state, which others write.
    let is_free = of_branch.is_empty()
        && *branch != merge.target
        && !target_branches::is_target(pm, branch)
        && check_branch(branch).is_ok();
    if !is_free {
        return Ok(DeletedBranch::default());
    }
    let git = repo.git_at_home().plain();
    let git = git.with_config("core.hooksPath", "/dev/null")?;
    // First there: this clone's settings of the branch say where that is.
    let is_there = is_there(pm, state, &git, merge, EPICS_MAX)?;
    let at = match is_there {
        true => delete_there(pm, &git, merge, dry_run)?,
        false => None,
    };
    let here = delete_here(pm, &git, merge, is_there, dry_run)?;
    let is_left = |name: String| repo.ref_target(&name).ok().flatten().is_some();
    let tracked = |remote: &String| is_left(format!("refs/remotes/{remote}/{branch}"));
    if !dry_run
        && (here || at.is_some())
        && !is_left(format!("refs/heads/{branch}"))
        && !repo.remotes().iter().any(tracked)
    {
        // As `git branch -d` does; there may be none.
        let section = format!("branch.{branch}");
        let remove = ["config", "--remove-section", &section];
        let _ = pm.store.configuring(|| git.run(&remove));
    }
    Ok(DeletedBranch { here, at })
}

/// True if a commit of the branch is submitted work that the merge brought, or a part of it.
fn is_brought(pm: &Pm, git: &Git, merge: &Merge, tip: Oid) -> Result<bool> {
    let (repo, into) = (pm.store.repo(), merge.commit.to_string());
    for one in merge.submitted.iter().filter(|one| repo.has_object(**one)) {
        let has = *one == tip || followed_branch::is_behind(pm, tip, *one);
        if has && integrated(git, &one.to_string(), &into)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has_merge(pm: &Pm, merge: &Merge, name: &str) -> Result<bool> {
    let tip = pm.store.repo().ref_target(name)?;
    Ok(tip.is_some_and(|tip| followed_branch::is_behind(pm, merge.commit, tip)))
}

/// The ref of the target at its remote.
fn target_there(pm: &Pm, merge: &Merge) -> Option<String> {
    let (remote, there) = upstream_of(pm, &merge.target)?;
    Some(format!("refs/remotes/{remote}/{there}"))
}

/// True if the target at its remote has a merge: in the branch that it was made in, or, as the branch of
/// an epic ends with the epic, in that into which the epic's work was merged, of `most` such steps.
fn is_there(pm: &Pm, state: &State<'_>, git: &Git, merge: &Merge, most: u8) -> Result<bool> {
    let there = target_there(pm, merge);
    if there.map_or(Ok(false), |there| has_merge(pm, merge, &there))? {
        return Ok(true);
    }
    let over = |item: &Item| item.status.is_closed() && item.merged_commit.is_some();
    let whole = state.scan(&Scan::Branch(&merge.target), over, 1).pop();
    let whole = whole.and_then(|item| merge_of(pm, state, &item.uid));
    let Some(whole) = whole.filter(|_| most > 0) else {
        return Ok(false);
    };
    let is_part = is_brought(pm, git, &whole, merge.commit)?;
    Ok(is_part && is_there(pm, state, git, &whole, most - 1)?)
}

fn delete_here(pm: &Pm, git: &Git, merge: &Merge, is_there: bool, dry_run: bool) -> Result<bool> {
    let repo = pm.store.repo();
    let name = format!("refs/heads/{}", merge.branch);
    let Some(tip) = repo.ref_target(&name)? else {
        return Ok(false);
    };
    let target = format!("refs/heads/{}", merge.target);
    let is_in_target = is_there || has_merge(pm, merge, &target)?;
    if repo.symbolic_target(&name).is_some()
        || !is_in_target
        || !holders(repo.common_dir(), &list(git)?, &merge.branch).is_empty()
        || merge.returned != Some(tip) && !is_brought(pm, git, merge, tip)?
    {
        return Ok(false);
    }
    if dry_run {
        return Ok(true);
    }
    fault::step("branch-deletion")?;
    // Commits that the target has in another form, or only at the remote, stay until their backup expires.
    let keeps =
        !followed_branch::is_behind(pm, tip, merge.commit) || !has_merge(pm, merge, &target)?;
    let out = delete_at(pm, git, &merge.branch, tip, keeps)?;
    if !out.ok() {
        pm.notice(format!(
            "{} was not deleted: {}",
            one_line(&merge.branch),
            out.last_lines()
        ));
    }
    Ok(out.ok())
}

/// Deletes a branch of this clone that is at a commit, which a backup may keep.
pub(crate) fn delete_at(pm: &Pm, git: &Git, branch: &str, tip: Oid, keeps: bool) -> Result<Output> {
    let mut lines = format!("delete refs/heads/{branch}\0{tip}\0");
    let folder = format!("refs/pm-local/backup/{branch}/");
    let backups: BTreeMap<String, Oid> = pm.store.repo().refs_under(&folder)?;
    if keeps && !backups.values().any(|kept| *kept == tip) {
        lines.push_str(&format!("create {folder}{}\0{tip}\0", pm.now_ms() / 1000));
    }
    let args = ["update-ref", "--stdin", "-z"];
    git.run_with(&args, Some(lines.as_bytes()), None)
}

/// Deletes the branch at its remote, as far as this clone knows of it there. Returns the remote.
fn delete_there(pm: &Pm, git: &Git, merge: &Merge, dry_run: bool) -> Result<Option<String>> {
    let (repo, branch) = (pm.store.repo(), &merge.branch);
    let remote = remote_to_push(pm, branch)
        .filter(|_| merge.is_own && pm.is_online() && !pm.actor.is_confined);
    let Some(remote) = remote else {
        return Ok(None);
    };
    let tracking = format!("refs/remotes/{}/{branch}", remote.name);
    let Some(tip) = repo.ref_target(&tracking)? else {
        return Ok(None);
    };
    if !is_brought(pm, git, merge, tip)? {
        return Ok(None);
    }
    if dry_run {
        return Ok(Some(remote.shown()));
    }
    fault::step("remote-branch-deletion")?;
    let forget = || git.run(&["update-ref", "-d", &tracking, &tip.to_string()]);
    let (shown, name) = (one_line(branch), remote.shown());
    let said = match remote.delete_ref(&pm.store, &format!("refs/heads/{branch}"), tip)? {
        Brought::Done => {
            forget()?;
            return Ok(Some(name));
        }
        Brought::Failed(said) => said,
        Brought::Apart => String::new(),
        Brought::Refused(said) => said,
    };
    // Another clone may have been first, or have added commits.
    match remote.fetch_branch(&pm.store, branch)? {
        Asked::Absent => {
            forget()?;
            return Ok(None);
        }
        Asked::Fetched if repo.ref_target(&tracking)? != Some(tip) => pm.notice(format!(
            "{shown} was merged, but is kept at {name}: it has commits that were not submitted"
        )),
        Asked::Fetched | Asked::Failed(_) => pm.notice(format!(
            "{shown} was merged, but was not deleted at {name}: {said}; `--keep-branch`, or \
             `git pm config pm.keepBranch true`, keeps such branches"
        )),
    }
    Ok(None)
}
