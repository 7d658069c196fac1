//! Merges that were not pushed when they were recorded: their targets, and their commits after a rebase.

use std::collections::BTreeSet;

use crate::coordinate::sync;
use crate::coordinate::worktree::followed_branch::{is_behind, tip_there, upstream_of};
use crate::coordinate::worktree::name_template::check_branch;
use crate::coordinate::worktree::{rewritten, target};
use crate::error::Result;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::task::integrate::{MergeView, Strategy, earlier};
use crate::work::task::merge::record;

/// The refs of their commits, each named by its item's uid.
const UNPUSHED: &str = "refs/pm-local/unpushed/";

/// Notes a merge that the remote's target does not have yet.
pub(super) fn note(pm: &Pm, uid: &Uid, merged: &MergeView) -> Result<()> {
    let repo = pm.store.repo();
    let Some(commit) = repo.parse_id(&merged.new) else {
        return Ok(());
    };
    let there = tip_there(pm, &merged.target)?;
    if upstream_of(pm, &merged.target).is_some()
        && !there.is_some_and(|tip| is_behind(pm, commit, tip))
    {
        let name = format!("{UNPUSHED}{uid}");
        let set = ["update-ref", &name, &merged.new];
        repo.git_at_home().require(&set)?;
    }
    Ok(())
}

/// The targets that this clone watches, the default one first: that, the branches of open epics, and those into which
/// it has merged what their remotes did not have then.
///
/// # Errors
/// When the refs cannot be listed.
pub(crate) fn targets(pm: &Pm, state: &State<'_>) -> Result<Vec<String>> {
    // A repository without commits has none.
    let default = target::default_target(pm).ok();
    let epics = state.scan(&Scan::Branched, Item::is_epic, usize::MAX);
    let epics = epics.into_iter().filter_map(|epic| epic.branch.clone());
    let mut others: BTreeSet<String> = epics.collect();
    for name in pm.store.repo().refs_under(UNPUSHED)?.into_keys() {
        let uid = name.strip_prefix(UNPUSHED).and_then(Uid::new);
        let doc = uid.as_ref().and_then(|uid| state.doc_once(uid));
        others.extend(doc.and_then(|doc| Some(doc.text("merged_into")?.to_string())));
    }
    others.retain(|name| Some(name) != default.as_ref() && check_branch(name).is_ok());
    Ok(default.into_iter().chain(others).collect())
}

/// Records which commit a merge has become that was rebased before it was pushed: other clones know only
/// that one, and start what waits for it.
///
/// # Errors
/// When git cannot be started, or the state cannot be read or written.
pub(crate) fn follow(pm: &Pm) -> Result<()> {
    let (repo, mut found) = (pm.store.repo(), false);
    let git = repo.git_at_home().plain();
    for (name, commit) in repo.refs_under(UNPUSHED)? {
        let state = pm.store.state()?;
        let uid = name.strip_prefix(UNPUSHED).and_then(Uid::new);
        let doc = uid.as_ref().and_then(|uid| state.doc(uid));
        let text = |name: &str| doc.and_then(|doc| doc.text(name)).unwrap_or_default();
        let target = text("merged_into").to_string();
        // It may have been reopened, and merged again.
        let is_current = commit == *text("merged_commit");
        let is_at = |tip: Option<Oid>| tip.is_some_and(|tip| is_behind(pm, commit, tip));
        let there = tip_there(pm, &target)?;
        if is_current && !is_at(there) {
            let here = repo.ref_target(&format!("refs/heads/{target}"))?;
            let (Some(tip), false) = (there, is_at(here)) else {
                continue;
            };
            let parents = repo.commit(commit)?.parents;
            let now = rewritten(&git, &commit.to_string(), &parents, &tip.to_string())?;
            let (Some(uid), Some(now)) = (&uid, now) else {
                continue;
            };
            drop(state);
            record::record_merge(pm, uid, &earlier(Strategy::Merge, &target, &now))?;
            found = true;
        }
        git.require(&["update-ref", "-d", &name, &commit.to_string()])?;
    }
    if found {
        sync::try_sync(pm);
    }
    Ok(())
}
