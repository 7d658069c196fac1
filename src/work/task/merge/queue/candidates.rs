//! The items of the merge queue, in the order of their merges.

use std::collections::{BTreeSet, HashMap};

use super::order::{Node, merge_order};
use super::report::LeftOut;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::target;
use crate::error::{self, Error, Result};
use crate::graph::{Graph, Reason};
use crate::model::id::rank;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::task::approval::approval_hint;
use crate::work::task::merge::remote_target;
use crate::work::task::merge::stacked_on;

/// An approved item that is not merged.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) uid: Uid,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) target: String,
}

/// The number of commits of a branch that are searched for the ends of others.
const COMMITS: &str = "--max-count=2000";

/// The approved items in the order of their merges, and those that wait for an approval: of the
/// items in `only`, or of all if there are none.
pub(super) fn queued(
    pm: &Pm,
    state: &State<'_>,
    only: &[String],
) -> Result<(Vec<Candidate>, Vec<LeftOut>)> {
    let only = only.iter().map(|id| Ok(state.find(id)?.uid.clone()));
    let only = only.collect::<Result<BTreeSet<Uid>>>()?;
    let is_wanted = |item: &Item| only.is_empty() || only.contains(&item.uid);
    let mut found = state.scan(&Scan::Submitted, is_wanted, usize::MAX);
    found.sort_by_cached_key(|item| rank(&item.id));
    let (approved, waiting): (Vec<&Item>, Vec<&Item>) = found
        .into_iter()
        .partition(|item| item.status == Status::ReadyForIntegration);
    let waiting = waiting.into_iter().map(|item| {
        let id = state.shown_id(item);
        let error = Error::refused(format!("{id} waits for approval"))
            .because(error::Reason::ApprovalMissing)
            .hint(approval_hint(pm, state, item, pm.actor.is_agent));
        LeftOut::new(&id, &item.title, &error, Vec::new())
    });
    let (mut candidates, mut left_out) = (Vec::new(), waiting.collect::<Vec<_>>());
    for n in merge_order(&nodes(pm, state, &approved)?) {
        let (item, id) = (approved[n], state.shown_id(approved[n]));
        let target = target::require_target_of(pm, state, item, None);
        let target = target.and_then(|target| {
            remote_target::require_no_pull(pm, &id, &target)?;
            Ok(target)
        });
        match target {
            Ok(target) => candidates.push(Candidate {
                uid: item.uid.clone(),
                id,
                title: item.title.clone(),
                target,
            }),
            Err(error) => left_out.push(LeftOut::new(&id, &item.title, &error, Vec::new())),
        }
    }
    Ok((candidates, left_out))
}

/// The facts that the order of the items depends on.
fn nodes(pm: &Pm, state: &State<'_>, items: &[&Item]) -> Result<Vec<Node>> {
    if items.len() < 2 {
        return Ok(vec![Node::default(); items.len()]);
    }
    let all = state.items();
    let graph = Graph::new(&all, pm.now_ms());
    let schedule = graph.schedule();
    let hours: HashMap<&Uid, u64> = (schedule.iter())
        .map(|slot| (&slot.uid, slot.tail))
        .collect();
    let places: HashMap<&Uid, usize> = (items.iter().enumerate())
        .map(|(n, item)| (&item.uid, n))
        .collect();
    let ends: Vec<BTreeSet<String>> = items.iter().map(|item| ends_of(pm, state, item)).collect();
    let mut nodes = Vec::new();
    for (n, item) in items.iter().enumerate() {
        let mut node = Node {
            hours: hours.get(&item.uid).copied().unwrap_or(0),
            priority: item.priority,
            rank: rank(&item.id),
            ..Node::default()
        };
        let place = |uid: &Uid| places.get(uid).copied();
        for reason in graph.reasons(&item.uid) {
            match reason {
                Reason::BlockedBy(by) => node.hard.extend(place(&by.uid)),
                Reason::Container(parts) => node.hard.extend(parts.iter().filter_map(place)),
                Reason::AncestorBlocked { by, .. } => node.soft.extend(place(&by.uid)),
                Reason::SoftOpen(on) => node.soft.extend(place(&on)),
                _ => {}
            }
        }
        // An epic comes after the tasks that are merged into its branch.
        let parts = items.iter().enumerate().filter(|(_, part)| {
            let epic = part.epic.as_ref().and_then(|epic| epic.uid.as_ref());
            epic == Some(&item.uid)
        });
        node.hard.extend(parts.map(|(part, _)| part));
        let commits = commits_below(pm, &ends[n])?;
        let is_below = |other: &usize| *other != n && !ends[*other].is_disjoint(&commits);
        node.soft.extend((0..items.len()).filter(is_below));
        nodes.push(node);
    }
    Ok(nodes)
}

/// The last commits of an item's work, as the state names them: the same in every clone.
fn ends_of(pm: &Pm, state: &State<'_>, item: &Item) -> BTreeSet<String> {
    let brought = stacked_on::brought_by(pm, state, item, "");
    brought.into_iter().map(|one| one.tip).collect()
}

/// The commits below the ends of a branch that are not in the default branch.
fn commits_below(pm: &Pm, ends: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let here = |end: &&String| pm.store.repo().resolve(end).is_some();
    let ends: Vec<&str> = ends.iter().filter(here).map(String::as_str).collect();
    if ends.is_empty() {
        return Ok(BTreeSet::new());
    }
    let sides = followed_branch::sides(pm, &target::default_target(pm)?)?;
    if sides.is_empty() {
        return Ok(BTreeSet::new());
    }
    let not: Vec<String> = sides.iter().map(|side| format!("^{side}")).collect();
    let mut args = vec!["rev-list", COMMITS];
    args.extend(&ends);
    args.extend(not.iter().map(String::as_str));
    let out = pm.store.repo().git().plain().run(&args)?;
    let listed = out
        .lines()
        .into_iter()
        .filter(|id| out.ok() && !ends.contains(&id.as_str()));
    Ok(listed.collect())
}
