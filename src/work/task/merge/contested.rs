//! Files with merge conflicts, and from how many on an epic should be planned again.
//!
//! A plan records them. The next plan separates tasks that change the same one.

use std::collections::BTreeSet;

use crate::coordinate::worktree::merge_tree::{self, Merged};
use crate::coordinate::worktree::{branch, followed_branch, target};
use crate::error::{Error, Result};
use crate::model::item::Item;
use crate::model::planned_id::plan_uid;
use crate::model::stamp::rfc3339;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::index::Scan;
use crate::store::layout::Family;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::approval;
use crate::work::task::gone_branch;
use crate::work::task::merge::queue::report::Replan;

/// The name of a plan's record of conflicts.
const CONFLICTS: &str = "conflicts";

/// The smallest number of conflicts at which a plan should be changed.
const MANY: usize = 3;

/// The share of an epic's merges, in per cent, above which their conflicts are many too.
const SHARE: usize = 30;

/// The largest number of files recorded per conflict.
const FILES: usize = 200;

/// Records the files on which a branch conflicts with its target. Returns the error, with a
/// hint if the plan's tasks conflict so often that they should be divided differently. If
/// recording fails, the conflict itself is still reported.
pub(crate) fn with_contested(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    target: &str,
    error: Error,
) -> Error {
    let plan = item.planned_from.as_ref().and_then(|prd| state.item(prd));
    match note_conflict(pm, state, item, target) {
        Ok(count) if count >= MANY => error.hint(format!(
            "{count} merges of tasks of this plan conflicted: divide the work differently with \
                 `git pm plan edit {}`",
            plan.map_or("", |prd| prd.id.as_str())
        )),
        Ok(_) => error,
        Err(other) => error.hint(format!(
            "the conflict could not be recorded in the plan: {}",
            other.message()
        )),
    }
}

/// The files in which an item's work conflicts with its target.
///
/// # Errors
/// As [`conflicts_of`].
pub(crate) fn contested_by(pm: &Pm, state: &State<'_>, item: &Item) -> Result<Vec<String>> {
    let target = target::target_of(pm, state, item, None)?;
    conflicts_of(pm, state, item, &target)
}

/// True if the branch of an item is known to conflict with its target.
pub(crate) fn is_conflicting(pm: &Pm, state: &State<'_>, item: &Item) -> bool {
    let found = contested_by(pm, state, item);
    found.is_ok_and(|files| !files.is_empty())
}

/// The files with merge conflicts, of all plans.
pub(crate) fn contested_files(state: &State<'_>) -> BTreeSet<String> {
    contested(state).into_iter().collect()
}

/// The epics of items that have just conflicted, if too many merges of the epic conflicted.
pub(crate) fn epics_to_replan(state: &State<'_>, conflicted: &[Uid]) -> Vec<Replan> {
    let items = conflicted.iter().filter_map(|uid| state.item(uid));
    let epics = items.filter_map(|item| item.epic.as_ref()?.uid.clone());
    let epics: BTreeSet<Uid> = epics.collect();
    if epics.is_empty() {
        return Vec::new();
    }
    let plans = state.plan_docs();
    let recorded = plans
        .values()
        .flat_map(|loaded| loaded.doc.entries(CONFLICTS));
    let all: BTreeSet<&str> = (recorded.map(|(uid, _)| uid))
        .chain(conflicted.iter().map(Uid::as_str))
        .collect();
    let mut found = Vec::new();
    for epic in epics {
        let (mut conflicts, mut merges) = (0, 0);
        for part in state.scan(&Scan::Epic(&epic), |_| true, usize::MAX) {
            let has_conflicted = all.contains(part.uid.as_str());
            let doc = state.doc(&part.uid);
            let is_merged = doc.is_some_and(|doc| doc.text("merged_commit").is_some());
            conflicts += usize::from(has_conflicted);
            merges += usize::from(has_conflicted || is_merged);
        }
        let id = state.item(&epic).map(|epic| state.shown_id(epic));
        found.extend(id.and_then(|id| replan(&id, conflicts, merges)));
    }
    found
}

/// The suggestion for an epic, if too many of its merges conflicted.
fn replan(epic: &str, conflicts: usize, merges: usize) -> Option<Replan> {
    let many = conflicts >= MANY || conflicts * 100 > merges * SHARE;
    (conflicts > 0 && many).then(|| Replan {
        epic: epic.to_string(),
        conflicts,
        merges,
        text: format!(
            "{conflicts} of {merges} merges of tasks of {epic} conflicted: plan it again, so \
             that fewer of its tasks change the same files"
        ),
    })
}

/// The files in which the work of an item conflicts with a target; its branch need not be here.
///
/// # Errors
/// If its commit or the target is not in this clone.
pub(crate) fn conflicts_of(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    target: &str,
) -> Result<Vec<String>> {
    let Some(branch) = &item.branch else {
        return Ok(Vec::new());
    };
    let (repo, work) = (pm.store.repo(), approval::work_of(pm, state, item)?);
    if !repo.parse_id(&work).is_some_and(|id| repo.is_commit(id)) {
        return Err(gone_branch::not_here(pm, state, item, branch));
    }
    let tip = followed_branch::newest_tip(pm, target)?;
    let tip = tip.ok_or_else(|| branch::missing(target))?;
    let merged = merge_tree::merge(repo.git(), None, &tip.to_string(), &work)?;
    Ok(match merged {
        Merged::Conflicts(files) => files.into_iter().take(FILES).collect(),
        Merged::Clean(_) => Vec::new(),
    })
}

fn note_conflict(pm: &Pm, state: &State<'_>, item: &Item, target: &str) -> Result<usize> {
    let Some(prd) = &item.planned_from else {
        return Ok(0);
    };
    let uid = plan_uid(prd);
    let kept = conflicts_of(pm, state, item, target)?;
    if kept.is_empty() {
        return Ok(0);
    }
    let id = state.shown_id(item);
    let mut count = 0;
    let stage = |tx: &mut Tx<'_>| -> Result<()> {
        if tx.state.found_by_path(Family::Plan, &uid).is_none() {
            return Ok(());
        }
        let (at, now) = (tx.fresh_stamp(), rfc3339(tx.clock().wall_ms()));
        let fields = [
            ("files", Value::from(kept.join("\n"))),
            ("when", now.into()),
        ];
        // One entry per task: a repeated conflict is not counted twice.
        let entry = item.uid.as_str();
        tx.edit(&uid, |doc, clock| {
            let changed = match doc.entry(CONFLICTS, entry) {
                Some(known) if known.text("files") == Some(&kept.join("\n")) => false,
                Some(_) => {
                    let set = |(name, value): &(&str, Value)| {
                        doc.set_entry(CONFLICTS, entry, name, value.clone(), clock)
                    };
                    fields.iter().map(set).filter(|changed| *changed).count() > 0
                }
                None => {
                    doc.add_entry(CONFLICTS, entry, at, &fields);
                    true
                }
            };
            count = doc.entries(CONFLICTS).count();
            changed
        })?;
        tx.describe(
            "merge conflict",
            &[&id],
            &format!("{id}: {} files", kept.len()),
        );
        Ok(())
    };
    pm.store.write(&pm.writer("merge conflict"), stage)?;
    Ok(count)
}

/// The files with merge conflicts, of all plans.
pub(crate) fn contested(state: &State<'_>) -> Vec<String> {
    let mut files = BTreeSet::new();
    for loaded in state.plan_docs().values() {
        for (_, entry) in loaded.doc.entries(CONFLICTS) {
            let text = entry.text("files").unwrap_or_default();
            files.extend(text.lines().map(str::to_string));
        }
    }
    files.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ST-06
    #[test]
    fn an_epic_is_planned_again_after_three_conflicts_or_more_than_thirty_percent() {
        let of = |conflicts, merges| replan("E-0001", conflicts, merges).is_some();
        assert!(!of(0, 0) && !of(0, 5));
        assert!(of(3, 100) && !of(2, 100));
        // 30 % exactly is not more.
        assert!(!of(2, 7) && of(2, 6) && of(1, 3));
    }
}
