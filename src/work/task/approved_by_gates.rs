//! Which commits of a target no human has approved, only gates: nothing of them decides what runs outside the sandbox.

use crate::error::Result;
use crate::pm::Pm;
use crate::store::git::repo::Oid;

/// The refs of the first commits of targets that have such work.
const UNSEEN: &str = "refs/pm-local/unseen/";

/// Notes that a commit, which is going to be a target's, brings work that no human approved.
pub(super) fn note_unseen(pm: &Pm, commit: &str) -> Result<()> {
    let repo = pm.store.repo();
    if let Some(id) = repo.parse_id(commit)
        && !has_unseen(pm, id)?
    {
        let name = format!("{UNSEEN}{commit}");
        repo.git_at_home().require(&["update-ref", &name, commit])?;
    }
    Ok(())
}

/// True if a commit has work that no human approved.
pub(crate) fn has_unseen(pm: &Pm, commit: Oid) -> Result<bool> {
    let repo = pm.store.repo();
    for (_, first) in repo.refs_under(UNSEEN)? {
        if repo.is_ancestor(first, commit)? {
            return Ok(true);
        }
    }
    Ok(false)
}
