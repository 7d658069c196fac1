//! Merges that this clone lacks: of parts of an epic, without which it is not whole, and of closed items.

use std::path::Path;

use super::remote_branch::{bring_forward, fetch_branch_of};
use super::start::missing_work;
use super::work_commit::{branch_now, short};
use crate::coordinate::worktree::{followed_branch, integrated, target};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::item::Item;
use crate::model::text::{actor, one_line};
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::state::State;

/// Brings the branch of an epic forward to the work on its tasks that others pushed.
pub(super) fn bring(pm: &Pm, state: &State<'_>, epic: &Item) -> Result<()> {
    let Some(branch) = epic.branch.as_deref().filter(|_| epic.is_epic()) else {
        return Ok(());
    };
    fetch_branch_of(pm, epic)?;
    bring_forward(pm, state, epic, branch)
}

/// Refuses to end an epic of which a part was merged into its branch by a commit that neither that branch nor
/// the epic's target has here.
///
/// # Errors
/// Reason `start.not_reached`.
pub(crate) fn require_here(pm: &Pm, state: &State<'_>, epic: &Item) -> Result<()> {
    let Some(branch) = epic.branch.as_deref().filter(|_| epic.is_epic()) else {
        return Ok(());
    };
    let mut tips = followed_branch::sides(pm, &target::target_of(pm, state, epic, None)?)?;
    tips.extend(branch_now(pm, branch)?);
    for part in state.children(&epic.uid) {
        let merged = missing_work::merged_into(pm, state, part, branch);
        if let Some(merged) = merged
            && let Some(error) = lacking(pm, state, (epic, part, branch), merged, &tips)?
        {
            return Err(error);
        }
    }
    Ok(())
}

fn lacking(
    pm: &Pm,
    state: &State<'_>,
    (epic, part, branch): (&Item, &Item, &str),
    merged: Oid,
    tips: &[Oid],
) -> Result<Option<Error>> {
    let git = pm.store.repo().git().plain();
    let place = missing_work::place(pm, state, part, merged);
    if let Some(at) = place {
        if followed_branch::is_in(pm, at, tips) {
            return Ok(None);
        }
        for tip in tips {
            if integrated(&git, &at.to_string(), &tip.to_string())?.is_some() {
                return Ok(None);
            }
        }
    }
    let doc = state.doc(&part.uid);
    let by = doc.and_then(|doc| doc.text("closed_by")).map(actor);
    let by = by.unwrap_or_else(|| "another clone".into());
    let (id, part_id, shown) = (state.shown_id(epic), state.shown_id(part), one_line(branch));
    let error = Error::refused(format!(
        "{id} is not whole here: {by} merged {part_id} into {shown} at {}, which this clone's {shown} lacks",
        short(&merged.to_string())
    ))
    .because(Reason::StartNotReached)
    .about(&id);
    let Some(at) = place else {
        return Ok(Some(error.hint(format!(
            "ask {by} to push {shown}; then `git pm finish {id}` fetches it"
        ))));
    };
    let there = followed_branch::tip_there(pm, branch)?;
    let is_there = there.is_some_and(|tip| followed_branch::is_behind(pm, at, tip));
    let from = there.filter(|_| is_there).unwrap_or(at).to_string();
    let checkout = pm.here().worktrees.remove(branch);
    let checkout = checkout.filter(|place| Path::new(place).exists());
    let at = checkout.as_deref().map(|place| ["-C", place]);
    let args = at.into_iter().flatten().chain(["merge", short(&from)]);
    Ok(Some(error.hint(Hint::git(args, format!("brings it into {shown}")))))
}

/// Where the work of a closed item went, if that includes this commit, and whether this clone has it: the epic into
/// whose branch it was merged may have been merged as one commit.
pub(crate) fn delivered(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    tip: Oid,
) -> Option<(String, bool)> {
    let (repo, doc) = (pm.store.repo(), state.doc(&item.uid)?);
    let merged = missing_work::merged_commit(pm, item)?;
    let approved = item.approval.as_ref().map(|one| one.commit.as_str());
    let mut submitted = doc.text("finished_commit").into_iter().chain(approved);
    let has_tip = |commit: Oid| commit == tip || followed_branch::is_behind(pm, tip, commit);
    if !submitted.any(|hex| repo.parse_id(hex).is_some_and(has_tip)) {
        return None;
    }
    let into = doc.text("merged_into");
    let epic = item.epic.as_ref().and_then(|epic| epic.uid.as_ref());
    let epic = epic.and_then(|epic| state.item(epic));
    let epic = epic.filter(|epic| epic.branch.as_deref() == into);
    let with = epic.and_then(|epic| Some((epic, missing_work::merged_commit(pm, epic)?)));
    let (of, at) = with.unwrap_or((item, merged));
    let doc = state.doc(&of.uid)?;
    let by = doc.text("closed_by").map_or_else(|| "another clone".into(), actor);
    let into = one_line(doc.text("merged_into").unwrap_or("its target"));
    let is_here = missing_work::place(pm, state, of, at).is_some();
    Some((
        format!(
            "{by} merged {} into {into} at {}{}",
            state.shown_id(of),
            short(&at.to_string()),
            if is_here { "" } else { ", which is not in this clone yet" }
        ),
        is_here,
    ))
}
