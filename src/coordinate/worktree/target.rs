//! The target branch: which branch the work of an item is merged into.

use crate::coordinate::worktree;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::name_template::check_branch;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::item::Item;
use crate::model::text::{actor, one_line};
use crate::pm::Pm;
use crate::store::remote_names::Remote;
use crate::store::state::State;

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

/// The branch that an item is merged into: the requested one, the epic's, or the default one.
pub(crate) fn target_of(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    asked: Option<&str>,
) -> Result<String> {
    if let Some(target) = asked {
        return Ok(target.to_string());
    }
    if let Some((_, branch)) = branch_of_epic(state, item)
        && (is_here(pm, branch)? || followed_branch::at_remote(pm, branch).is_some())
    {
        return Ok(branch.to_string());
    }
    default_target(pm)
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

/// As [`target_of`], where the work of an item begins: a branch of its epic is fetched.
///
/// # Errors
/// Kind `Refused` when the epic has a branch that is neither here nor at the remote: another clone would
/// bring the work somewhere else.
pub(crate) fn shared_target_of(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    asked: Option<&str>,
) -> Result<String> {
    if let Some((epic, branch)) = branch_of_epic(state, item).filter(|_| asked.is_none())
        && !is_here(pm, branch)?
        && let Some(remote) = followed_branch::branch_remote(pm)
    {
        if pm.is_online() {
            remote.fetch_branch(&pm.store, branch)?;
        }
        if followed_branch::at_remote(pm, branch).is_none() {
            return Err(not_shared(pm, state, epic, branch, &remote));
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
    if asked.is_none()
        && !is_here(pm, &target)?
        && let Some(there) = followed_branch::at_remote(pm, &target)
    {
        let git = pm.store.repo().git().plain();
        git.require(&["branch", "--no-track", "--", &target, &there])?;
    }
    Ok(target)
}

fn not_shared(pm: &Pm, state: &State<'_>, epic: &Item, branch: &str, remote: &Remote) -> Error {
    let (id, shown) = (state.shown_id(epic), one_line(branch));
    let name = remote.shown();
    let by = state.doc(&epic.uid).and_then(|doc| doc.text("started_by"));
    let by = by.map_or_else(|| "the person who started it".into(), actor);
    let from = default_target(pm).unwrap_or_else(|_| "HEAD".into());
    Error::refused(format!(
        "the work on {id} is collected on {shown}, which is neither in this clone nor at {name}"
    ))
    .because(Reason::MergeTargetMissing)
    .about(&id)
    .hint(format!("ask {by} to run `git pm sync`, which pushes it"))
    .hint(Hint::git(
        ["branch", branch, &from],
        "begins it here, if no clone has it any more",
    ))
}
