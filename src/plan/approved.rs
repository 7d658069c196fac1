//! Checks that a commit belongs to approved work: a `Task:` trailer alone proves nothing.

use crate::coordinate::worktree::branch::merge_base;
use crate::coordinate::worktree::followed_branch;
use crate::error::Result;
use crate::model::approval::Approval;
use crate::model::item::Item;
use crate::pm::Pm;
use crate::store::git::patch_id::patch_id;
use crate::store::git::repo::Oid;
use crate::store::state::State;

/// The number of commits of a branch that are searched for its start: each one runs git.
const LOOKED_AT: &str = "--max-count=50";

/// True if a commit is the approved commit of an item, belongs to the same work, or is a merged
/// form of it.
///
/// # Errors
/// If git cannot be run.
pub(super) fn is_of_the_approved(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    commit: &str,
) -> Result<bool> {
    let Some(approval) = &item.approval else {
        return Ok(false);
    };
    let repo = pm.store.repo();
    let here = |hex: &str| repo.parse_id(hex).filter(|id| repo.is_commit(*id));
    let Some(commit) = here(commit) else {
        return Ok(false);
    };
    let approved = here(&approval.commit);
    let doc = state.doc(&item.uid);
    let merged = doc.and_then(|doc| here(doc.text("merged_commit")?));
    if approved == Some(commit) || merged == Some(commit) {
        return Ok(true);
    }
    let Some(approved) = approved else {
        return Ok(false);
    };
    if repo.is_ancestor(commit, approved)? {
        let begins = match merged {
            Some(merged) if merged != approved => {
                let parents = repo.commit(merged)?.parents;
                parents.into_iter().take(1).collect()
            }
            // After a fast-forward, earlier commits also belong to the work.
            _ => begins_of(pm, approval, approved)?,
        };
        // Without a known start, a commit cannot be assigned to the work.
        let mut of_work = !begins.is_empty();
        for begin in begins {
            of_work &= !repo.is_ancestor(commit, begin)?;
        }
        return Ok(of_work);
    }
    // A rebase turns each approved commit into another one with the same changes.
    match merged {
        Some(merged) if repo.is_ancestor(commit, merged)? => {
            let (approved, commit) = (approved.to_string(), commit.to_string());
            let args = ["cherry", &approved, &commit, &format!("{commit}^")];
            let out = repo.git().plain().run(&args)?;
            Ok(out.ok() && out.lines().iter().any(|line| line.starts_with('-')))
        }
        _ => Ok(false),
    }
}

/// The commits after which approved work begins: the base recorded in the approval or, if there
/// is none, the point where the branch leaves its target.
fn begins_of(pm: &Pm, approval: &Approval, approved: Oid) -> Result<Vec<Oid>> {
    let repo = pm.store.repo();
    let git = repo.git().plain();
    let hex = approved.to_string();
    let mut left = Vec::new();
    let name = approval.target.as_deref().unwrap_or_default();
    let local = Some(format!("refs/heads/{name}"));
    for target in local
        .into_iter()
        .chain(followed_branch::at_remote(pm, name))
    {
        let Some(target) = repo.ref_target(&target)? else {
            continue;
        };
        let base = merge_base(&git, &target.to_string(), &hex)?;
        let base = base.and_then(|base| repo.parse_id(&base));
        left.extend(base.filter(|base| *base != approved));
    }
    let Some(patch) = &approval.patch else {
        return Ok(left);
    };
    let args = ["rev-list", "--first-parent", "--parents", LOOKED_AT, &hex];
    let lines = git.require(&args)?.lines();
    let parents = |line: &String| -> Vec<Oid> {
        let ids = line.split(' ').skip(1);
        ids.filter_map(|id| repo.parse_id(id)).collect()
    };
    let lines: Vec<Vec<Oid>> = lines.iter().map(parents).collect();
    // If the target was merged into the branch, the work begins at the merged commit.
    let merged = lines.iter().flat_map(|parents| parents.iter().skip(1));
    let line = lines.iter().filter_map(|parents| parents.first());
    for begin in left.iter().chain(merged).chain(line) {
        if patch_id(&git, &begin.to_string(), &hex)? == *patch {
            return Ok(vec![*begin]);
        }
    }
    Ok(left)
}
