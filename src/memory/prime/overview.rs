//! The parts of a briefing without an item: where the actor is, what it holds, what is ready.

use std::collections::HashSet;

use super::task_parts::{push_list, reservation_line};
use super::{Part, tokens};
use crate::coordinate::claim::ownership;
use crate::coordinate::here;
use crate::coordinate::reserve::queue;
use crate::model::item::Item;
use crate::model::reservation::Reservation;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::task::start::obstacle::Obstacles;

/// The number of items in a list.
const ITEMS: usize = 10;

/// Adds the parts of an overview, and returns the next commands.
pub(super) fn overview_parts(pm: &Pm, state: &State<'_>, parts: &mut Vec<Part>) -> Vec<String> {
    let requester = pm.requester();
    let place = match requester.branch.as_deref() {
        Some(branch) => format!(
            "- on `{}`, which belongs to no task",
            tokens::line(branch, 60)
        ),
        None => "- no branch is checked out here".to_string(),
    };
    parts.push(Part::new("place", "## Where", vec![place]));
    let now_ms = pm.now_ms();
    let line = |item: &Item| {
        let (id, status) = (state.shown_id(item), tokens::line(item.status.as_str(), 20));
        let title = tokens::line(&item.title, 30);
        format!("- {id} ({status}, priority {}) {title}", item.priority)
    };
    let name = pm.actor.name.as_str();
    let mut elsewhere = Vec::new();
    let is_mine = |item: &Item| match ownership::held_under_own_name(pm, item) {
        None => true,
        Some(_) if elsewhere.len() >= ITEMS => false,
        Some(who) => {
            elsewhere.push(format!("{}: {}", line(item), tokens::line(&who, 60)));
            false
        }
    };
    let mut mine = match name {
        "" => Vec::new(),
        name => state.scan(&Scan::Owner(name), is_mine, usize::MAX),
    };
    let obstacles = Obstacles::new(pm, state);
    let can_start = |item: &Item| pm.may_take(item) && obstacles.is_free(item);
    let owned = state.scan(&Scan::ReadyOwned(now_ms), can_start, usize::MAX);
    let owned: HashSet<&Uid> = owned.into_iter().map(|item| &item.uid).collect();
    // What the actor holds, then what they can start, in the order of `next`, then what others have to act on.
    let rank = |item: &Item| match &item.status {
        Status::InProgress if item.holder().is_some() => 0,
        _ if owned.contains(&item.uid) || obstacles.is_left(item) => 1,
        _ => 2,
    };
    mine.sort_by_cached_key(|item| {
        let is_new = !item.is_returned_to(name);
        let due = item.due_soon(now_ms).unwrap_or(u64::MAX);
        (rank(item), is_new, item.priority, due, item.age)
    });
    mine.truncate(ITEMS);
    let lines: Vec<String> = mine.iter().map(|item| line(item)).collect();
    push_list(
        parts,
        Part::new("mine", "## Your items", lines)
            .keeping(3)
            .shown_by("git pm status"),
    );
    let part = Part::new("elsewhere", "## Under your name elsewhere", elsewhere);
    push_list(parts, part.keeping(3).shown_by("git pm status"));
    // As `next` has it.
    let may_take = |item: &Item| item.status == Status::InProgress || pm.may_take(item);
    let (ready, all, left) = obstacles.startable(may_take, ITEMS);
    let lines: Vec<String> = ready.iter().map(|item| line(item)).collect();
    let (_, of_all, _) = obstacles.startable(|_| true, ITEMS);
    let assigned = of_all.saturating_sub(all);
    let kinds = ["in progress to take over", "assigned to others"];
    let others = kinds.iter().zip([left, assigned]).filter(|(_, n)| *n > 0);
    let others: String = others.map(|(what, n)| format!("; {what}: {n}")).collect();
    let heading = format!(
        "## Ready to start ({}{others}; waiting or blocked: {})",
        all.saturating_sub(left),
        state.count_blocked(now_ms) + obstacles.kept(now_ms).len()
    );
    let part = Part::new("ready", heading, lines).keeping(3);
    parts.push(part.shown_by("git pm ready"));
    let ranked = queue::ranked(state, now_ms, here::case(pm));
    let others = ranked.iter().filter(|one| one.behind.is_none());
    let is_own = |r: &Reservation| ownership::made(pm, &r.actor, r.agent.as_deref(), &r.replica);
    let others = others.filter(|one| !is_own(&one.reservation));
    let lines = others
        .take(ITEMS)
        .map(|one| reservation_line(pm, state, &requester, one));
    let part = Part::new("reservations", "## Reserved by others", lines.collect());
    push_list(parts, part.keeping(3).shown_by("git pm reserve list"));
    let mut next = Vec::new();
    let at_hand = mine.first().filter(|item| rank(item) < 2);
    match (at_hand, ready.first(), mine.first()) {
        (Some(item), ..) | (None, None, Some(item)) => {
            next.push(format!("git pm prime {}", state.shown_id(item)));
        }
        (None, Some(_), _) => next.push("git pm next --claim".into()),
        (None, None, None) => next.push("git pm blocked".into()),
    }
    next.push("git pm show ID".into());
    next.push("git pm task create TITLE --accept TEXT".into());
    if pm.main_remote().is_some() {
        next.push("git pm sync".into());
    }
    next.into_iter()
        .map(|command| format!("- `{command}`"))
        .collect()
}
