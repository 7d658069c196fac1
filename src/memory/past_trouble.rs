//! What counts as trouble that an item had.
//!
//! It was reopened, blocked, dropped, in conflict when merged, later than estimated, or followed by
//! bugs. Read from the state, and from the newest commits of its history.

use std::collections::{HashMap, HashSet};

use crate::error::Result;
use crate::history::log::LogFilter;
use crate::model::item::Item;
use crate::model::stamp::parse_rfc3339;
use crate::model::statistics::days;
use crate::model::text::shorten;
use crate::model::uid::Uid;
use crate::model::vocabulary::{Estimate, terms};
use crate::pm::Pm;
use crate::store::state::State;

/// The maximum number of commits of the state that are searched, newest first.
const COMMITS: usize = 5_000;

/// The longest description, in characters.
const TEXT: usize = 200;

/// The factor by which work may exceed its estimate, in working days of eight hours.
const LATE: f64 = 3.0;

terms! {
    /// The kind of trouble that an item had.
    TroubleKind in "kind of trouble" {
        /// It was reopened after it had been closed.
        Reopened = "reopened",
        /// A bug was found in it, or while it was done.
        Bug = "bug",
        /// Its branch conflicted with its target.
        Conflict = "conflict",
        /// It was blocked by hand.
        Blocked = "blocked",
        /// It was given back unfinished.
        Dropped = "dropped",
        /// It took much longer than estimated.
        Late = "late",
    }
}

impl TroubleKind {
    /// The kind that an operation of the history shows.
    fn of_op(op: &str) -> Option<TroubleKind> {
        match op {
            "task reopen" | "issue reopen" => Some(TroubleKind::Reopened),
            "task block" => Some(TroubleKind::Blocked),
            "task drop" => Some(TroubleKind::Dropped),
            "merge conflict" => Some(TroubleKind::Conflict),
            _ => None,
        }
    }
}

/// One instance of trouble with one item.
pub(super) struct Trouble {
    pub kind: TroubleKind,
    pub item: Uid,
    /// RFC 3339.
    pub at: String,
    /// One line.
    pub text: String,
}

/// The trouble of these items, newest first.
pub(super) fn of_items(pm: &Pm, state: &State<'_>, items: &[&Item]) -> Result<Vec<Trouble>> {
    let by_id: HashMap<String, &Uid> = items
        .iter()
        .map(|item| (state.shown_id(item), &item.uid))
        .collect();
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Trouble> = items.iter().filter_map(|item| late(item)).collect();
    let known: HashSet<&Uid> = items.iter().map(|item| &item.uid).collect();
    for bug in state.items() {
        let from = bug.edges.iter().filter(|edge| is_origin(&edge.kind));
        let mut from = from.filter_map(|edge| edge.target.uid.as_ref());
        if let Some(item) = from.find(|uid| bug.item_type == "bug" && known.contains(uid)) {
            let id = state.shown_id(bug);
            found.push(Trouble {
                kind: TroubleKind::Bug,
                item: item.clone(),
                at: bug.created_at.clone(),
                text: shorten(&format!("{id} {}", bug.title), TEXT),
            });
        }
    }
    let mut left = COMMITS;
    pm.history().log_each(&LogFilter::default(), |entry| {
        left -= 1;
        if let Some(kind) = TroubleKind::of_op(&entry.op) {
            let of_item = entry.items.iter().filter_map(|id| by_id.get(id));
            found.extend(of_item.map(|uid| Trouble {
                kind,
                item: (*uid).clone(),
                at: entry.at.clone(),
                text: shorten(&entry.message, TEXT),
            }));
        }
        Ok(left > 0)
    })?;
    found.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.item.cmp(&b.item)));
    Ok(found)
}

/// True for edges of a bug to the item in which, or during which, it was found.
fn is_origin(edge: &str) -> bool {
    matches!(edge, "discovered-from" | "caused-by" | "regression-of")
}

/// The trouble of an item that took much longer than its estimate.
fn late(item: &Item) -> Option<Trouble> {
    let estimate: Estimate = item.estimate.as_deref()?.parse().ok()?;
    let ended = item.finished_at.as_ref().or(item.closed_at.as_ref())?;
    let begun = parse_rfc3339(item.started_at.as_deref()?)?;
    let days = days(begun, parse_rfc3339(ended)?);
    let planned = (f64::from(estimate.hours()) / 8.0).max(1.0);
    (days > LATE * planned).then(|| Trouble {
        kind: TroubleKind::Late,
        item: item.uid.clone(),
        at: ended.clone(),
        text: format!("took {days:.0} days, estimated {estimate}"),
    })
}
