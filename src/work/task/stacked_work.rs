//! Work of other items that a merge brings along, such as where its branch is stacked on theirs.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::coordinate::worktree::followed_branch;
use crate::error::Result;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::stop::Stop;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::index::Scan;
use crate::store::state::State;

/// An item whose commits a merge brings along, although it is not approved or a human stopped it.
struct Carried {
    id: String,
    status: Status,
    stop: Option<Stop>,
}

/// Reports the items whose commits a commit brings into a target although they are not
/// approved, or a human stopped them.
pub(super) fn report_stacked_work(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    commit: &str,
    target: &str,
) -> Result<()> {
    let id = state.shown_id(item);
    for other in carried(pm, state, item, commit, target)? {
        let why = match &other.stop {
            Some(stop) => stop.statement(&other.id),
            None => format!("{} is not approved ({})", other.id, other.status.word()),
        };
        pm.notice(format!(
            "{id} brings commits of {} into {target}: {why}",
            other.id
        ));
    }
    Ok(())
}

/// The items whose commits a commit brings into a target although they are not approved.
pub(super) fn not_agreed_in(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    commit: &str,
    target: &str,
) -> Result<Vec<String>> {
    let carried = carried(pm, state, item, commit, target)?;
    Ok(carried.into_iter().map(|other| other.id).collect())
}

/// Refuses an agent's merge that brings commits of stopped items.
pub(super) fn require_nothing_stopped_in(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    commit: &str,
    target: &str,
) -> Result<()> {
    if !pm.actor.is_agent {
        return report_stacked_work(pm, state, item, commit, target);
    }
    let id = state.shown_id(item);
    let carried = carried(pm, state, item, commit, target)?;
    let stopped = carried.iter().find_map(|other| {
        let what = format!("merge its commits with {id}");
        Some(other.stop.as_ref()?.refusal_below(&other.id, &what))
    });
    stopped.map_or(Ok(()), Err)
}

/// The items whose commits a commit brings into a target: named by the commits' `Task:`
/// trailers, or open with their submitted or approved commit, or their branch, among the
/// commits.
fn carried(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    commit: &str,
    target: &str,
) -> Result<Vec<Carried>> {
    let repo = pm.store.repo();
    let format = "--format=%H%x1f%(trailers:key=Task,valueonly,separator=%x2C)";
    let sides = followed_branch::sides(pm, target)?;
    let not: Vec<String> = sides.iter().map(|side| format!("^{side}")).collect();
    let mut args = vec!["log", format, commit];
    args.extend(not.iter().map(String::as_str));
    args.push("--");
    let out = repo.git().plain().run(&args)?;
    let mut commits = HashSet::new();
    let mut names = BTreeSet::new();
    // Without one of the two, nothing is known.
    let is_known = out.ok() && !sides.is_empty();
    for line in out.lines().iter().filter(|_| is_known) {
        if let Some((id, named)) = line.split_once('\u{1f}') {
            commits.extend(repo.parse_id(id));
            names.extend(named.split(',').map(|name| name.trim().to_string()));
        }
    }
    if commits.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: BTreeMap<Uid, Item> = BTreeMap::new();
    let named = names.iter().filter(|name| !name.is_empty());
    for other in named.filter_map(|name| state.find(name).ok()) {
        found.insert(other.uid.clone(), other.clone());
    }
    let among = |hex: Option<&str>| {
        let id = hex.and_then(|hex| repo.parse_id(hex));
        id.is_some_and(|id| commits.contains(&id))
    };
    for other in state.scan(
        &Scan::Open(None),
        |other| other.branch.is_some(),
        usize::MAX,
    ) {
        let finished = state
            .doc(&other.uid)
            .and_then(|doc| doc.text("finished_commit"));
        let approved = other.approval.as_ref().map(|one| one.commit.as_str());
        if among(finished) || among(approved) {
            found.insert(other.uid.clone(), other.clone());
        }
    }
    for branch in branches_at(pm, &commits, target)? {
        for other in state.scan(&Scan::Branch(&branch), |_| true, usize::MAX) {
            if !is_built_on(other, item) {
                found.insert(other.uid.clone(), other.clone());
            }
        }
    }
    found.remove(&item.uid);
    let mut carried = Vec::new();
    for other in found.into_values() {
        let Some(doc) = state.doc(&other.uid) else {
            continue;
        };
        let stop = Stop::of(doc, &other, pm.now_ms());
        let over = doc.text("merged_commit").is_some() || other.status == Status::Done;
        let agreed = other.status.is_closed() || other.approval.is_some();
        if !over && (stop.is_some() || !agreed) {
            carried.push(Carried {
                id: state.shown_id(&other),
                status: other.status,
                stop,
            });
        }
    }
    Ok(carried)
}

/// The names of the branches, here and at remotes, that end at one of some commits, except
/// those that the remotes' target contains: a branch that only started there brings nothing.
fn branches_at(pm: &Pm, commits: &HashSet<Oid>, target: &str) -> Result<BTreeSet<String>> {
    let repo = pm.store.repo();
    let there = match followed_branch::at_remote(pm, target) {
        Some(name) => repo.ref_target(&name)?,
        None => None,
    };
    let mut prefixes = vec!["refs/heads/".to_string()];
    prefixes.extend(
        repo.remotes()
            .iter()
            .map(|name| format!("refs/remotes/{name}/")),
    );
    let mut found = BTreeSet::new();
    for prefix in prefixes {
        for (name, id) in repo.refs_under(&prefix)? {
            if !commits.contains(&id) {
                continue;
            }
            let is_there = match there {
                Some(there) => repo.is_ancestor(id, there)?,
                None => false,
            };
            if !is_there {
                found.insert(name[prefix.len()..].to_string());
            }
        }
    }
    Ok(found)
}

/// True if an item comes after another one, or is part of it: its branch at a commit of the other
/// then only started there.
fn is_built_on(item: &Item, other: &Item) -> bool {
    let targets = item.depends_on.iter().map(|on| &on.target);
    let wholes = item.parent().into_iter().chain(item.epic.as_ref());
    let mut all = targets.chain(wholes);
    all.any(|target| target.uid.as_ref() == Some(&other.uid))
}
