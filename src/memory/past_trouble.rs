//! Trouble that items had: reopened, blocked, dropped, in conflict when merged, later than
//! estimated, or followed by bugs. Read from the state, and from the newest commits of its history.

use std::collections::{HashMap, HashSet};

use crate::error::Result;
use crate::history::log::LogFilter;
use crate::model::item::Item;
use crate::model::stamp::parse_rfc3339;
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

const DAY_MS: f64 = crate::model::stamp::DAY_MS as f64;

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
    /// The same in milliseconds since the Unix epoch; 0 if it is not a time.
    pub ms: u64,
    /// One line.
    pub text: String,
}

/// The history of some items.
#[derive(Default)]
pub(super) struct Account {
    /// Their trouble, newest first.
    pub trouble: Vec<Trouble>,
    /// The time at which each was first started, in milliseconds since the Unix epoch, as far as
    /// the history was searched.
    pub starts: HashMap<Uid, u64>,
    /// The time of the oldest commit that was searched, in the same form.
    pub since_ms: u64,
}

/// The trouble of these items, newest first.
pub(super) fn of_items(pm: &Pm, state: &State<'_>, items: &[&Item]) -> Result<Vec<Trouble>> {
    Ok(account_of(pm, state, items)?.trouble)
}

/// The history of these items.
pub(super) fn account_of(pm: &Pm, state: &State<'_>, items: &[&Item]) -> Result<Account> {
    let by_id: HashMap<String, &Uid> = items
        .iter()
        .map(|item| (state.shown_id(item), &item.uid))
        .collect();
    let mut out = Account::default();
    if items.is_empty() {
        return Ok(out);
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
                ms: parse_rfc3339(&bug.created_at).unwrap_or(0),
                text: shorten(&format!("{id} {}", bug.title), TEXT),
            });
        }
    }
    let mut left = COMMITS;
    pm.history().log_each(&LogFilter::default(), |entry| {
        left -= 1;
        let ms = parse_rfc3339(&entry.at).unwrap_or(0);
        out.since_ms = ms;
        let of_item = entry.items.iter().filter_map(|id| by_id.get(id));
        if entry.op.ends_with(" start") {
            // The newest comes first, so the first start stays.
            out.starts.extend(of_item.map(|uid| ((*uid).clone(), ms)));
        } else if let Some(kind) = TroubleKind::of_op(&entry.op) {
            found.extend(of_item.map(|uid| Trouble {
                kind,
                item: (*uid).clone(),
                at: entry.at.clone(),
                ms,
                text: shorten(&entry.message, TEXT),
            }));
        }
        Ok(left > 0)
    })?;
    found.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.item.cmp(&b.item)));
    out.trouble = found;
    Ok(out)
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
    let ms = parse_rfc3339(ended)?;
    let days = ms.saturating_sub(begun) as f64 / DAY_MS;
    let planned = (f64::from(estimate.hours()) / 8.0).max(1.0);
    (days > LATE * planned).then(|| Trouble {
        kind: TroubleKind::Late,
        item: item.uid.clone(),
        at: ended.clone(),
        ms,
        text: format!("took {days:.0} days, estimated {estimate}"),
    })
}
