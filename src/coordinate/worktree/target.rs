//! The target branch: which branch the work of an item is merged into.

use crate::coordinate::worktree;
use crate::coordinate::worktree::branch;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::name_template::check_branch;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::{branch_word, word};
use crate::model::item::Item;
use crate::model::text::{actor, one_line};
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::index::Scan;
use crate::store::remote_names::Remote;
use crate::store::state::State;

/// The register of an item with the branch that its work is merged into.
pub(crate) const TARGET: &str = "target";

/// The branch that work is merged into unless another is given.
pub(crate) fn default_target(pm: &Pm) -> Result<String> {
    let repo = pm.store.repo();
    if let Some(branch) = repo.target_set() {
        return Ok(branch);
    }
    // As orchestrators name it; only a branch that is here.
    if let Some(branch) = pm.store.env().text("DEFAULT_BRANCH")
        && repo.ref_target(&format!("refs/heads/{branch}"))?.is_some()
    {
        return Ok(branch);
    }
    worktree::default_branch(repo)?.ok_or_else(|| {
        Error::state("the repository has no commits yet, so no branch can be created")
            .hint("make the first commit: `git commit --allow-empty -m \"Begin\"`")
    })
}

/// True if an epic's branch is still the base for its tasks: work merged into a closed epic's
/// branch would never reach the default branch.
pub(crate) fn is_open(state: &State<'_>, epic: &crate::model::id::ItemRef) -> bool {
    epic.uid
        .as_ref()
        .and_then(|uid| state.item(uid))
        .is_some_and(|epic| !epic.status.is_closed())
}

/// The branch that an item is merged into: the requested one, its own, the epic's, or the default one.
pub(crate) fn target_of(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    asked: Option<&str>,
) -> Result<String> {
    if let Some(target) = asked {
        return Ok(target.to_string());
    }
    if let Some((_, branch)) = named_target(state, item)
        && (is_here(pm, branch)? || followed_branch::at_remote(pm, branch).is_some())
    {
        return Ok(branch.to_string());
    }
    default_target(pm)
}

/// The branch that an item's work is merged into because it began there, or a human said so.
pub(crate) fn own_target<'s>(state: &'s State<'_>, item: &Item) -> Option<&'s str> {
    let branch = item.branch.as_deref()?;
    let target = state.doc(&item.uid)?.text(TARGET)?;
    let is_name = target != branch && check_branch(target).is_ok();
    (is_name && !is_over(state, target)).then_some(target)
}

/// True if a branch is that of an epic which is closed, so that what is merged there reaches nobody.
fn is_over(state: &State<'_>, branch: &str) -> bool {
    let epics = state.scan(&Scan::Branch(branch), Item::is_epic, usize::MAX);
    !epics.is_empty() && epics.iter().all(|epic| epic.status.is_closed())
}

/// What is said of work that is not merged where all other work is.
pub(crate) fn own_target_said(state: &State<'_>, item: &Item) -> Option<String> {
    let (id, target) = (state.shown_id(item), one_line(own_target(state, item)?));
    Some(format!(
        "{id} will be merged into {target}; `git pm task approve {id} --target BRANCH` chooses \
         another branch"
    ))
}

/// The value of [`TARGET`] for work that begins at a branch, here or at a remote: empty for the default
/// target. None for a tag, a commit, or the branch of an item, unless that is an open epic.
pub(crate) fn target_of_base(pm: &Pm, state: &State<'_>, base: &str) -> Result<Option<Value>> {
    let local = base.strip_prefix("refs/heads/").unwrap_or(base);
    let there = base.strip_prefix("refs/remotes/").unwrap_or(base);
    let remotes = pm.store.repo().remotes();
    let below = |remote: &String| there.strip_prefix(remote.as_str())?.strip_prefix('/');
    let at_remote = |name: &&str| followed_branch::at_remote(pm, name).is_some();
    let name = match is_here(pm, local)? {
        true => Some(local),
        false => remotes.iter().filter_map(below).find(at_remote),
    };
    let collects = |name: &str| {
        let of = state.scan(&Scan::Branch(name), |_| true, usize::MAX);
        let is_open_epic = |item: &&Item| item.is_epic() && !item.status.is_closed();
        of.is_empty() || of.iter().any(is_open_epic)
    };
    let name = name.filter(|name| check_branch(name).is_ok() && collects(name));
    let Some(name) = name else {
        return Ok(None);
    };
    let name = (name != default_target(pm)?).then_some(name);
    Ok(Some(Value::from(name)))
}

/// The item that names the target of an item, and that branch: itself, or its epic.
fn named_target<'s>(state: &'s State<'_>, item: &Item) -> Option<(&'s Item, &'s str)> {
    match own_target(state, item) {
        Some(own) => Some((state.item(&item.uid)?, own)),
        None => branch_of_epic(state, item),
    }
}

/// The open epic of an item and its branch, on which the work of its tasks is collected in all clones.
fn branch_of_epic<'s>(state: &'s State<'_>, item: &Item) -> Option<(&'s Item, &'s str)> {
    let epic = item.epic.as_ref().filter(|epic| is_open(state, epic))?;
    let epic = state.item(epic.uid.as_ref()?)?;
    let branch = epic.branch.as_deref()?;
    check_branch(branch).is_ok().then_some((epic, branch))
}

fn is_here(pm: &Pm, branch: &str) -> Result<bool> {
    let name = format!("refs/heads/{branch}");
    Ok(pm.store.repo().ref_target(&name)?.is_some())
}

/// As [`target_of`], where the work of an item begins: its own target, or the branch of its epic, is fetched.
///
/// # Errors
/// Kind `Refused` when that is a branch that is neither here nor at the remote: another clone would
/// bring the work somewhere else.
pub(crate) fn shared_target_of(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    asked: Option<&str>,
) -> Result<String> {
    if let Some((by, branch)) = named_target(state, item).filter(|_| asked.is_none())
        && !is_here(pm, branch)?
        && let Some(remote) = followed_branch::branch_remote(pm)
    {
        if pm.is_online() {
            remote.fetch_branch(&pm.store, branch)?;
        }
        if followed_branch::at_remote(pm, branch).is_none() {
            return Err(not_there(pm, state, (item, by), branch, &remote));
        }
    }
    target_of(pm, state, item, asked)
}

/// As [`shared_target_of`], where the work ends: a target that only the remote has is made here.
///
/// # Errors
/// As there.
pub(crate) fn require_target_of(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    asked: Option<&str>,
) -> Result<String> {
    let target = shared_target_of(pm, state, item, asked)?;
    if asked.is_none() && followed_branch::at_remote(pm, &target).is_some() {
        require_branch(pm, &target)?;
    }
    Ok(target)
}

/// Requires a named target to be here.
///
/// # Errors
/// Kind `NotFound` when it is not.
pub(crate) fn require_here(pm: &Pm, target: &str) -> Result<()> {
    match is_here(pm, target)? {
        true => Ok(()),
        false => Err(branch::missing(target)),
    }
}

/// Requires a named target; one that only the remote has is made here.
///
/// # Errors
/// When there is no such branch.
pub(crate) fn require_branch(pm: &Pm, target: &str) -> Result<()> {
    check_branch(target)?;
    if is_here(pm, target)? {
        return Ok(());
    }
    if followed_branch::at_remote(pm, target).is_none()
        && let Some(remote) = followed_branch::branch_remote(pm).filter(|_| pm.is_online())
    {
        remote.fetch_branch(&pm.store, target)?;
    }
    let there = followed_branch::at_remote(pm, target).ok_or_else(|| branch::missing(target))?;
    let git = pm.store.repo().git().plain();
    git.require(&["branch", "--no-track", "--", target, &there])?;
    Ok(())
}

fn not_there(
    pm: &Pm,
    state: &State<'_>,
    (item, by): (&Item, &Item),
    branch: &str,
    remote: &Remote,
) -> Error {
    let (id, name, there) = (state.shown_id(by), one_line(branch), remote.shown());
    let is_own = by.uid == item.uid;
    let what = match is_own {
        true => format!("the work of {id} is to be merged into {name}"),
        false => format!("the work on {id} is collected on {name}"),
    };
    let error = Error::refused(format!(
        "{what}, which is neither in this clone nor at {there}"
    ))
    .because(Reason::MergeTargetMissing)
    .about(&id);
    if is_own {
        let push = format!("git push {} {}", word(&there), branch_word(branch));
        return error
            .hint(format!("push it from the clone that has it: `{push}`"))
            .hint(Hint::run(
                ["task", "approve", &id, "--target", "BRANCH"],
                "chooses another branch (only a human can do this)",
            ));
    }
    let by = state.doc(&by.uid).and_then(|doc| doc.text("started_by"));
    let by = by.map_or_else(|| "the person who started it".into(), actor);
    let from = default_target(pm).unwrap_or_else(|_| "HEAD".into());
    error
        .hint(format!("ask {by} to run `git pm sync`, which pushes it"))
        .hint(Hint::git(
            ["branch", branch, &from],
            "begins it here, if no clone has it any more",
        ))
}
