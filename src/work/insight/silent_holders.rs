//! Claims whose holders may have stopped: they gave no sign of life for long, or their lease is over.
//!
//! Items that wait for such an item may wait forever, so every overview reports it, with the command
//! that helps.

use std::cmp::Reverse;
use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::claim::ownership;
use crate::error::HolderAction;
use crate::graph::Graph;
use crate::model::item::{Claim, Item};
use crate::model::stamp::span;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::shared_views::{ClaimView, claim_view};
use crate::store::index::Scan;
use crate::store::state::State;

/// The number of silent claims that are reported, the most urgent ones; pushed state may have any
/// number.
const SILENT: usize = 200;

/// The number of items behind them that are read in all; counts beyond it are too small.
const BEHIND: usize = 2_000;

/// The number of items directly behind one that are read in any case, before those of the next one.
const SHARE: usize = 200;

/// A claim whose holder may have stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SilentClaim {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its holder, with the last sign of life.
    pub claim: ClaimView,
    /// True if the lease is over, so that other actors may take it over.
    pub due: bool,
    /// The number of open items that wait for it, directly or through others; large numbers are
    /// cut.
    pub waiting: usize,
    /// One sentence.
    pub message: String,
    /// The command that helps: a comment to the holder, or taking over.
    pub command: String,
}

/// The claims whose holders may have stopped, the most urgent ones, those with the most waiting
/// items first.
pub(crate) fn silent_claims(pm: &Pm, state: &State<'_>) -> Vec<SilentClaim> {
    let now = pm.now_ms();
    let silent = |item: &Item| {
        let stale = item.holder().is_some_and(|claim| claim.is_stale(now));
        // Work in review waits for other actors, and so does work stopped by hand.
        stale && item.status == Status::InProgress
    };
    let mut found = state.scan(&Scan::Held, silent, usize::MAX);
    found.sort_by_key(|item| (item.priority, item.holder().map(|claim| claim.lease_ms)));
    found.truncate(SILENT);
    let behind = Behind::new(state, &found, now);
    let mut out: Vec<SilentClaim> = found
        .into_iter()
        .filter_map(|item| Some(silent_claim(pm, state, item, item.holder()?, &behind)))
        .collect();
    out.sort_by_key(|one| Reverse(one.waiting));
    out
}

/// The command that helps where a claim's holder is silent; `None` otherwise.
pub(crate) fn helps(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    claim: &Claim,
) -> Option<HolderAction> {
    let now = pm.now_ms();
    if item.status != Status::InProgress || !claim.is_stale(now) {
        return None;
    }
    let id = state.shown_id(item);
    let own = ownership::is_here(pm, &claim.replica)
        && ownership::made(pm, &claim.actor, claim.agent.as_deref(), &claim.replica);
    Some(if own {
        HolderAction::Start(format!("git pm start {id} --resume"))
    } else if claim.may_be_taken_over(now) {
        HolderAction::Start(format!("git pm start {id}"))
    } else {
        let words = "are you still working on this?";
        HolderAction::Ask(format!("git pm task comment {id} \"{words}\""))
    })
}

fn silent_claim(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    claim: &Claim,
    behind: &Behind<'_>,
) -> SilentClaim {
    let (now, here) = (pm.now_ms(), pm.here());
    let (id, waiting) = (state.shown_id(item), behind.graph.behind(&item.uid));
    let view = claim_view(claim, &here);
    let heard = if view.here {
        ""
    } else {
        ", as of the last sync"
    };
    let who = &claim.actor;
    let what = match claim.last_sign(now) {
        Some(sign) if now <= claim.lease_ms => {
            let silence = span(now.saturating_sub(sign));
            format!("{who} has been inactive on {id} for {silence}{heard}")
        }
        _ => {
            let expired = claim.expired_text(now);
            format!("the lease of {who} on {id} {expired}{heard}")
        }
    };
    let waits = match waiting {
        0 => String::new(),
        n if behind.is_cut => format!("; {n}+ items wait for it"),
        1 => "; 1 item waits for it".into(),
        n => format!("; {n} items wait for it"),
    };
    SilentClaim {
        title: item.title.clone(),
        due: claim.may_be_taken_over(now),
        waiting,
        message: format!("{what}{waits}"),
        command: helps(pm, state, item, claim).map_or_else(String::new, |help| help.to_string()),
        claim: view,
        id,
    }
}

/// The items that wait for some items, directly or through others.
struct Behind<'s> {
    graph: Graph<'s>,
    /// True if more items wait than were read.
    is_cut: bool,
}

impl<'s> Behind<'s> {
    fn new(state: &'s State<'_>, items: &[&'s Item], now_ms: u64) -> Self {
        let mut near = items.to_vec();
        let mut seen: HashSet<&Uid> = near.iter().map(|item| &item.uid).collect();
        let share = (BEHIND / items.len().max(1)).max(SHARE);
        let (mut at, mut is_cut) = (0, false);
        while at < near.len() {
            let room = BEHIND.saturating_sub(near.len());
            if room == 0 {
                is_cut = true;
                break;
            }
            let (after, all) = state.next_behind(&near[at].uid, room.min(share));
            is_cut |= !all;
            at += 1;
            let open = after.into_iter().filter(|item| !item.status.is_closed());
            near.extend(open.filter(|item| seen.insert(&item.uid)));
        }
        let graph = Graph::new(&near, now_ms);
        Behind { graph, is_cut }
    }
}
