//! Uncommitted work in worktrees of this clone whose items are not in progress here, and the command that helps.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::coordinate::claim::ownership;
use crate::coordinate::worktree::dirt::dirt_in;
use crate::coordinate::worktree::path::{shown, word};
use crate::coordinate::worktree::worktree_verbs::made_branches;
use crate::model::item::Item;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::shared_views::Here;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::task::branch_work;
use crate::work::task::start::missing_work;

/// A worktree that git pm made, whose item is not in progress.
pub(crate) struct Left {
    place: PathBuf,
    /// `T-0001 is done`.
    what: String,
    /// The command, and what it does.
    helps: String,
    /// Its item, if that is finished.
    done: Option<Uid>,
}

/// The worktrees that git pm made for items that are not in progress here any more.
pub(crate) fn left(pm: &Pm, state: &State<'_>, here: &Here) -> Vec<Left> {
    let found = |scan: Scan<'_>| state.scan(&scan, |_| true, 1).pop();
    let branches: BTreeSet<String> = made_branches(pm).collect();
    let left = branches.iter().filter_map(|branch| {
        let place = PathBuf::from(here.worktrees.get(branch)?);
        let leads = || format!("`cd {}` leads to it", word(&place));
        let item = found(Scan::Branch(branch)).or_else(|| found(Scan::Deleted(branch)));
        let Some(item) = item else {
            // As after it was merged in another clone, reopened and started on a new branch.
            let what = format!("{} is the branch of no item any more", one_line(branch));
            let helps = leads();
            return Some(Left {
                place,
                what,
                helps,
                done: None,
            });
        };
        let id = state.shown_id(item);
        let status = match item.deleted {
            true => "deleted".into(),
            false => item.status.word(),
        };
        let helps = if item.deleted || item.status.is_closed() {
            "`git pm worktree gc --force` saves it to a ref and removes the worktree".into()
        } else if is_begun(item) && is_held_here(pm, item) {
            // It is among the branches.
            return None;
        } else if is_to_start(pm, item) {
            format!("`git pm start {id}` resumes it")
        } else {
            leads()
        };
        let place_of_it = match item.holder() {
            Some(_) if is_begun(item) => " in another clone",
            _ => "",
        };
        let what = format!("{id} is {status}{place_of_it}");
        let is_done = !item.deleted && item.status.is_finished();
        Some(Left {
            place,
            what,
            helps,
            done: is_done.then(|| item.uid.clone()),
        })
    });
    left.collect()
}

fn is_begun(item: &Item) -> bool {
    !item.deleted && item.status.is_active()
}

fn is_held_here(pm: &Pm, item: &Item) -> bool {
    let mut claims = item.open_claims();
    claims.any(|claim| ownership::is_here(pm, &claim.replica))
}

fn is_to_start(pm: &Pm, item: &Item) -> bool {
    item.status.is_startable() && item.holder().is_none() && pm.may_take(item)
}

/// Says which finished items have a worktree here with commits that are not in their targets, as when another clone
/// found that the submitted ones were merged.
pub(crate) fn tell_unmerged(pm: &Pm, state: &State<'_>, left: &[Left]) {
    let done = left.iter().filter_map(|one| one.done.as_ref());
    for item in done.filter_map(|uid| state.item(uid)) {
        // What is merged elsewhere is said otherwise.
        if missing_work::not_here(pm, state, item).is_none()
            && let Ok(Some(left)) = branch_work::unmerged(pm, state, item)
        {
            let id = state.shown_id(item);
            pm.notice(format!(
                "{id} is done, but its worktree has {left}: `git pm task reopen {id}` takes it up again"
            ));
        }
    }
}

/// Says which of them have uncommitted work.
pub(crate) fn tell_dirty(pm: &Pm, left: &[Left]) {
    for one in left {
        // What git cannot look at is for `doctor`.
        let dirt = dirt_in(pm.store.repo().git(), &one.place).ok();
        if let Some(dirt) = dirt.filter(|dirt| !dirt.is_clean()) {
            let (what, place, helps) = (&one.what, shown(&one.place), &one.helps);
            pm.notice(format!(
                "{what}, but its worktree {place} has uncommitted work: {}; {helps}",
                dirt.summary()
            ));
        }
    }
}
