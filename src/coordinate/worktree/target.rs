//! The target branch: which branch the work of an item is merged into.

use crate::coordinate::worktree;
use crate::error::Error;
use crate::error::Result;
use crate::model::item::Item;
use crate::pm::Pm;
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
    let epic = item
        .epic
        .as_ref()
        .filter(|e| is_open(state, e))
        .and_then(|e| e.uid.as_ref())
        .and_then(|uid| state.item(uid))
        .and_then(|e| e.branch.clone());
    if let Some(branch) = epic {
        let here = pm
            .store
            .repo()
            .ref_target(&format!("refs/heads/{branch}"))?;
        if here.is_some() {
            return Ok(branch);
        }
    }
    default_target(pm)
}
