//! Work that is left to others: its branch is pushed, and what this clone alone has of it is said.

use super::arrived;
use super::branch_work;
use super::remote_branch::{push_command, share_branch};
use super::secrets_in_work;
use crate::coordinate::claim::ownership;
use crate::coordinate::merged_branches::remote_to_push;
use crate::coordinate::worktree::save::{IGNORED, OF, commands_back};
use crate::coordinate::worktree::{followed_branch, integrated, target};
use crate::error::Result;
use crate::model::id::word;
use crate::model::item::{Claim, Item};
use crate::model::text::{one_line, slug};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The register of a claim with the commit at which its holder left the work.
pub(super) const LEFT: &str = "left";

/// Records in the claims of this clone that end the commit with their unmerged work, so that another clone can tell
/// that it lacks it.
pub(super) fn note_left(pm: &Pm, tx: &mut Tx<'_>, item: &Item) -> Result<()> {
    let repo = pm.store.repo();
    let left = || -> Option<String> {
        let name = format!("refs/heads/{}", item.branch.as_deref()?);
        let tip = repo.ref_target(&name).ok()??;
        let target = target::target_of(pm, &tx.state, item, None).ok()?;
        let sides = followed_branch::sides(pm, &target).ok()?;
        (!followed_branch::is_in(pm, tip, &sides)).then(|| tip.to_string())
    };
    let Some(left) = left() else { return Ok(()) };
    let is_here = |claim: &&Claim| ownership::is_here(pm, &claim.replica);
    let claims = item.open_claims().filter(is_here);
    tx.edit(&item.uid, |doc, clock| {
        claims.fold(false, |changed, claim| {
            doc.set_entry("claims", &claim.id, LEFT, left.as_str(), clock) | changed
        })
    })?;
    Ok(())
}

/// The branch of an item with commits that this clone alone has, as far as its remote-tracking branch shows, though
/// they are left to others: who began it here gave it up, or, with `is_given`, does so now. With
/// its tip, and the command that pushes it.
fn left_here(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    is_given: bool,
) -> Option<(String, Oid, String)> {
    let branch = item.branch.as_deref()?;
    let is_lost = |why: &String| why.starts_with("lost");
    let was_won = |c: &&Claim| c.branch.is_some() && !c.ended.as_ref().is_some_and(is_lost);
    let begun = item.claims.iter().filter(was_won);
    let begun = begun.max_by(|a, b| a.at.cmp(&b.at))?;
    let is_left = !item.status.is_closed() && (is_given || item.holder().is_none());
    if !is_left || !ownership::is_here(pm, &begun.replica) {
        return None;
    }
    let remote = remote_to_push(pm, branch).or_else(|| followed_branch::branch_remote(pm))?;
    let (own, there) = followed_branch::tips_of(pm, &remote, branch).ok()?;
    let own = own?;
    if there.is_some_and(|there| there == own || followed_branch::is_behind(pm, own, there)) {
        return None;
    }
    branch_work::unmerged(pm, state, item).ok()??;
    let push = push_command(pm, &remote, branch).ok()?;
    Some((branch.into(), own, push))
}

/// What [`left_here`] finds, of all items: the uid, a sentence, and the command.
pub(crate) fn all_left_here(pm: &Pm, state: &State<'_>) -> Result<Vec<(Uid, String, String)>> {
    if followed_branch::branch_remote(pm).is_none() {
        return Ok(Vec::new());
    }
    let branches = pm.store.repo().refs_under("refs/heads/")?.into_keys();
    let left = branches.filter_map(|name| {
        let name = name.strip_prefix("refs/heads/")?;
        let is_free = |item: &Item| item.holder().is_none() && !item.status.is_closed();
        let item = state.scan(&Scan::Branch(name), is_free, 1).pop()?;
        let (branch, _, push) = left_here(pm, state, item, false)?;
        let (id, branch) = (state.shown_id(item), one_line(&branch));
        let what = format!(
            "{id} can be continued by others, but only this clone has the commits of {branch}"
        );
        Some((item.uid.clone(), what, push))
    });
    Ok(left.collect())
}

/// As [`share_left`], of all items, in an exchange: what had arrived at the remote is not pushed again.
pub(crate) fn share_all_left(pm: &Pm) -> Result<()> {
    for (uid, ..) in all_left_here(pm, &pm.store.state()?)? {
        share(pm, uid.as_str(), false, true)?;
    }
    Ok(())
}

/// Pushes what this clone alone has of work that is left to others ([`left_here`]). Obstacles become notices, with
/// the command that pushes it.
pub(crate) fn share_left(pm: &Pm, id: &str, is_given: bool) -> Result<()> {
    share(pm, id, is_given, false)
}

fn share(pm: &Pm, id: &str, is_given: bool, only_new: bool) -> Result<()> {
    let state = pm.store.state()?;
    let item = state.find(id)?;
    let Some((branch, tip, push)) = left_here(pm, &state, item, is_given) else {
        return Ok(());
    };
    if only_new
        && let Some(remote) = remote_to_push(pm, &branch)
        && !arrived::has_to_arrive(pm, &remote, &branch, tip)?
    {
        return Ok(());
    }
    let shared = secrets_in_work::require_none(pm, &state, item, (&branch, &tip.to_string()))
        .and_then(|()| share_branch(pm, &branch, None));
    let shown = one_line(&branch);
    match shared {
        Ok(Some(to)) => pm.notice(format!(
            "{shown} was pushed to {to}, for the actor who continues"
        )),
        Ok(None) if remote_to_push(pm, &branch).is_none() && !pm.is_handed() => pm.notice(format!(
            "{shown} was not pushed (pm.push=never), so others cannot continue it until `{push}`"
        )),
        Ok(None) => {}
        Err(error) => pm.notice(format!(
            "{}; once that is corrected, `{push}` shares it",
            error.message()
        )),
    }
    Ok(())
}

/// Says where work of an item was saved, as when its worktree was removed, and what brings it back or removes it, until
/// its branch has it.
pub(crate) fn tell_saved(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    let (repo, id) = (pm.store.repo(), state.shown_id(item));
    let (all, own) = ("refs/pm-local/saved/", slug(&id, 60).to_uppercase());
    let branch = item.branch.as_deref().unwrap_or_default();
    let tip = repo.ref_target(&format!("refs/heads/{branch}"))?;
    let is_in = |tip: Oid, saved: Oid| integrated(repo.git(), &saved.to_string(), &tip.to_string());
    for (name, saved) in repo.refs_under(all)? {
        let commit = repo.commit(saved).ok();
        let is_own = match commit.as_ref().and_then(|commit| commit.trailer(OF)) {
            Some(uid) => uid == item.uid.as_str(),
            None => name[all.len()..].split('/').next() == Some(own.as_str()),
        };
        if !is_own || tip.is_some_and(|tip| is_in(tip, saved).is_ok_and(|found| found.is_some())) {
            continue;
        }
        let shown = word(&name);
        let (what, back) = match name.ends_with(IGNORED) {
            true => ("ignored files", commands_back(repo.git(), &name, &id)?),
            false => ("work", format!("`git cherry-pick -n -m 1 {shown}`")),
        };
        pm.notice(format!(
            "saved {what} of {id} can be brought back in its worktree: {back}; `git update-ref -d {shown}` removes it"
        ));
    }
    Ok(())
}
