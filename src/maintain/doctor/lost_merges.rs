//! Merged work that is no longer in its target, as after a forced push of it.

use std::collections::BTreeMap;

use crate::coordinate::changes;
use crate::coordinate::worktree::{followed_branch, integrated};
use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::model::item::Item;
use crate::model::text::one_line;
use crate::pm::Pm;

/// The number of items that notes name, and whose changes are looked for in the target.
const NAMED: usize = 10;

/// The number of earlier tips of a remote's branch that are asked whether they had the work.
const EARLIER: usize = 20;

pub(super) fn check_lost_merges(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let repo = pm.store.repo();
    let Ok(state) = pm.store.state() else {
        return Ok(());
    };
    let mut merged: BTreeMap<String, Vec<(&Item, String)>> = BTreeMap::new();
    for item in state.items() {
        let doc = state.doc(&item.uid).filter(|_| item.status.is_closed());
        let into = doc.and_then(|doc| doc.text("merged_into"));
        let commit = item
            .merged_commit
            .as_deref()
            .and_then(|hex| repo.parse_id(hex));
        // One that was never fetched says nothing about this clone's branches.
        let commit = commit.filter(|commit| repo.is_commit(*commit));
        if let Some((into, commit)) = into.zip(commit) {
            merged
                .entry(into.into())
                .or_default()
                .push((item, commit.to_string()));
        }
    }
    let mut is_any = false;
    for (target, items) in &merged {
        let git = repo.git().plain();
        let ids: Vec<String> = items.iter().map(|(_, commit)| commit.clone()).collect();
        let of = |tip: &str| changes::ancestors_filter(&git, &ids, tip);
        let there = followed_branch::at_remote(pm, target);
        let here = repo.ref_target(&format!("refs/heads/{target}"))?;
        let at = match &there {
            Some(name) => repo.ref_target(name)?,
            None => None,
        };
        let Some(tip) = at.or(here) else { continue };
        let mut kept = of(&tip.to_string())?;
        // What only this clone has was perhaps not pushed yet.
        if let Some(here) = here.filter(|here| *here != tip) {
            let known = there
                .as_deref()
                .map_or_else(Vec::new, |name| repo.logged(name));
            let mut was_there = Vec::new();
            for old in known
                .iter()
                .rev()
                .take(EARLIER)
                .filter(|old| repo.is_commit(**old))
            {
                was_there.extend(of(&old.to_string())?);
            }
            let own = of(&here.to_string())?;
            kept.extend(own.into_iter().filter(|commit| !was_there.contains(commit)));
        }
        let lost = items.iter().filter(|(_, commit)| !kept.contains(commit));
        let shown = one_line(target);
        for (item, commit) in lost.take(NAMED) {
            if integrated(&git, commit, &tip.to_string())?.is_some() {
                continue;
            }
            is_any = true;
            let (id, commit) = (state.shown_id(item), commit.get(..10).unwrap_or(commit));
            let message = format!(
                "{id} was merged into {shown} at {commit}, which {shown} no longer has: `git merge \
                     {commit}` there brings it back"
            );
            let reopen = format!("git pm task reopen {id}");
            report.note("merges", message, Some(&reopen));
        }
    }
    if !is_any {
        report.ok("merges", "merged work is in its target".into());
    }
    Ok(())
}
