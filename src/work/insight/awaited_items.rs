//! The items at the roots of all chains of blockers, with their holders.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::error::{RootBlocker, RootBlockers};
use crate::model::item::Item;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::shared_views::Here;
use crate::store::index::{Reach, Scan};
use crate::store::state::State;
use crate::work::insight::silent_holders;

/// The number of root items that are named.
const NAMED: usize = 20;

/// The items that all blocked items wait for, those with the most waiting items first.
pub(crate) fn waited_for(pm: &Pm, state: &State<'_>) -> RootBlockers {
    let (now, here) = (pm.now_ms(), pm.here());
    let blocked = state.scan(&Scan::Blocked(now), |_| true, usize::MAX);
    let uids: Vec<&Uid> = blocked.iter().map(|item| &item.uid).collect();
    let graph = state.graph(&state.around(&uids, Reach::Waits), now);
    let mut causes = graph.causes();
    let mut roots: BTreeMap<Uid, usize> = BTreeMap::new();
    for item in blocked {
        match causes.chain(&item.uid, 1).0.pop() {
            Some(root) => *roots.entry(root.uid).or_default() += 1,
            // Stopped by hand, it is itself the root for the items behind it.
            None => {
                roots.entry(item.uid.clone()).or_default();
            }
        }
    }
    let mut roots: Vec<(Uid, usize)> = roots.into_iter().collect();
    roots.sort_by_key(|(_, waiting)| Reverse(*waiting));
    let named: Vec<RootBlocker> = roots
        .iter()
        .take(NAMED)
        .filter_map(|(uid, waiting)| Some((state.item(uid)?, *waiting)))
        .map(|(item, waiting)| {
            let undecided = graph.awaits_decision(&item.uid);
            waited(pm, state, &here, item, (waiting, undecided))
        })
        .collect();
    RootBlockers {
        more: roots.len() - named.len(),
        named,
    }
}

/// An item, the number of items that wait for it, and whether it waits for a person's decision
/// about its plan.
fn waited(
    pm: &Pm,
    state: &State<'_>,
    here: &Here,
    item: &Item,
    (waiting, undecided): (usize, bool),
) -> RootBlocker {
    let id = state.shown_id(item);
    let sign = item.holder().and_then(|claim| claim.last_sign(here.now_ms));
    let how = match item.holder() {
        Some(claim) if item.status == Status::InProgress => {
            format!("held by {}", here.holder(claim))
        }
        _ if undecided => "whose document changed after the plan was approved".into(),
        _ => match item.owner() {
            Some(owner) => format!("which is {} and belongs to {owner}", item.status.word()),
            None => format!("which is {}", item.status.word()),
        },
    };
    RootBlocker {
        title: item.title.clone(),
        status: item.status.to_string(),
        owner: item.owner().map(str::to_string),
        last_sign: sign.map(rfc3339),
        message: match waiting {
            0 if undecided => format!("{id} waits for a decision about its changed document"),
            0 => format!("{id} is {}", item.status.word()),
            1 => format!("1 item waits for {id}, {how}"),
            n => format!("{n} items wait for {id}, {how}"),
        },
        command: item
            .holder()
            .and_then(|c| silent_holders::helps(pm, state, item, c)),
        waiting,
        id,
    }
}
