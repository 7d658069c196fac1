//! What a human put in the way of an item: gates that wait for a human, and stops of it and of what
//! it is a part of. What an agent writes takes none of that away, whatever command it is.

use std::collections::BTreeSet;

use super::handle::Actor;
use super::index::{ALL_CHILDREN, ANY_CHILD, HARD, PARENT, SOFT, Way, edges, lacking};
use super::state::{Loaded, State};
use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::stop::{self, Stop};
use crate::model::uid::Uid;

/// The registers, sets and records that decide what an item waits for and what waits for it.
const REGISTERS: [&str; 7] = [
    "type",
    "await_type",
    "status",
    "deleted",
    "pinned",
    "template",
    "epic",
];
const SETS: [&str; 2] = ["depends_on", "edges"];
const RECORD: &str = "edge_attributes";

/// Refuses an agent a write of an item after which something that a human put in its way, or in
/// that of others, is no longer there.
///
/// # Errors
/// Kind `Refused`, with the human or the gate.
pub(crate) fn require_kept(
    state: &State<'_>,
    before: &Loaded,
    (after, now): (&Doc, &Item),
    agent: &Actor,
    now_ms: u64,
) -> Result<()> {
    let Some(item) = &before.item else {
        return Ok(());
    };
    let moves = stop::moves(&before.doc, after);
    if after.purged || !(moves || rewires(&before.doc, after)) {
        return Ok(());
    }
    let ends = item.is_open() && !now.is_open();
    if (moves || ends)
        && let Some(stop) = Stop::of(&before.doc, item, now_ms)
    {
        return Err(stop.refusal(&state.shown_id(item)));
    }
    let id = || state.shown_id(item);
    if item.waits_for_a_human() && !now.waits_for_a_human() {
        return Err(gate_refused(&id(), "open", agent));
    }
    let left: Vec<Way<'_>> = ways(now).collect();
    if item.status.is_startable()
        && now.status.is_active()
        && let Some(by) = holding(state, left.iter().copied(), now_ms).first()
    {
        let start = format!("start {}", id());
        let error = refusal(state, by, now_ms, agent, ["pass", &start]);
        let is_gate = state.item(by).is_some_and(Item::waits_for_a_human);
        return Err(match is_gate {
            true => error.hint(
                "an open gate among the parts of what an item waits for holds agents also where the \
                 whole or another part is closed",
            ),
            false => error,
        });
    }
    let lost = lacking(&ways(item).collect::<Vec<_>>(), &left);
    if lost.is_empty() || lets_nobody_go(state, item, now) {
        return Ok(());
    }
    if item.waits_for_a_human() && lost.iter().any(|(kind, _)| *kind == PARENT) {
        // Others may wait for the parts of the whole that it was put into.
        return Err(gate_refused(&id(), "remove", agent));
    }
    let gone = holding(state, lost, now_ms);
    if gone.is_empty() {
        return Ok(());
    }
    let still = holding(state, left, now_ms);
    match gone.difference(&still).next() {
        Some(by) => {
            let take = format!("take {} out of it", id());
            Err(refusal(state, by, now_ms, agent, ["remove", &take]))
        }
        None => Ok(()),
    }
}

/// The refusal of what a gate or a stop holds up, in words for each of the two.
fn refusal(
    state: &State<'_>,
    by: &Uid,
    now_ms: u64,
    agent: &Actor,
    [of_gate, of_stop]: [&str; 2],
) -> Error {
    let loaded = state.loaded(by);
    let held = loaded.and_then(|loaded| Some((&loaded.doc, loaded.item.as_ref()?)));
    let id = held.map_or_else(|| by.to_string(), |(_, item)| state.shown_id(item));
    let stop = held.filter(|(_, item)| !item.waits_for_a_human());
    match stop.and_then(|(doc, item)| Stop::of(doc, item, now_ms)) {
        Some(stop) => stop.refusal_below(&id, of_stop),
        None => gate_refused(&id, of_gate, agent),
    }
}

/// Whether a write changes anything that decides what waits for what.
fn rewires(before: &Doc, after: &Doc) -> bool {
    REGISTERS
        .iter()
        .any(|name| before.value(name) != after.value(name))
        || SETS
            .iter()
            .any(|name| before.sets.get(*name) != after.sets.get(*name))
        || before.records.get(RECORD) != after.records.get(RECORD)
}

/// The edges of an item that hold it up, or pass on what holds up what it is a part of.
fn ways(item: &Item) -> impl Iterator<Item = Way<'_>> {
    let (open, deleted) = (item.is_open(), item.deleted);
    edges(item).filter(move |(kind, _)| match *kind {
        SOFT => false,
        PARENT => !deleted,
        _ => open,
    })
}

/// Whether an item is over by a write that sets nothing else going: nothing is below it or waits for
/// it, or its work was approved.
fn lets_nobody_go(state: &State<'_>, before: &Item, now: &Item) -> bool {
    let over = now.deleted || (before.is_open() && !now.is_open());
    let alone = || state.children(&now.uid).is_empty() && state.dependents(&now.uid).is_empty();
    let approved = now.status == Status::Done && before.status == Status::ReadyForIntegration;
    over && (approved || alone())
}

/// The gates of humans behind some edges, and what a human stopped among all that lies above.
fn holding<'i>(
    state: &State<'_>,
    edges_of: impl IntoIterator<Item = Way<'i>>,
    now_ms: u64,
) -> BTreeSet<Uid> {
    let mut found = BTreeSet::new();
    let (mut above, mut seen): (Vec<Uid>, BTreeSet<Uid>) = (Vec::new(), BTreeSet::new());
    let mut wholes = BTreeSet::new();
    for way in edges_of {
        follow(state, way, &mut found, &mut above, &mut wholes);
    }
    while let Some(uid) = above.pop() {
        if !seen.insert(uid.clone()) {
            continue;
        }
        let Some(item) = state.item(&uid).filter(|item| !item.deleted) else {
            continue;
        };
        let stopped = matches!(item.status, Status::Blocked | Status::Deferred);
        if item.is_open() && (stopped || item.issue.defer_ms.is_some()) {
            let doc = state.doc(&uid);
            if doc.and_then(|doc| Stop::of(doc, item, now_ms)).is_some() {
                found.insert(uid);
            }
        }
        for way in ways(item) {
            follow(state, way, &mut found, &mut above, &mut wholes);
        }
    }
    found
}

/// Notes the gates of humans behind an edge, and what it leads up to. Every open one among the parts
/// that are waited for counts, also where the graph waits no more because the whole or another part
/// is closed: an agent may close the one, and add and close the other.
fn follow(
    state: &State<'_>,
    (kind, target): Way<'_>,
    found: &mut BTreeSet<Uid>,
    above: &mut Vec<Uid>,
    wholes: &mut BTreeSet<Uid>,
) {
    let is_gate = |item: &&Item| item.waits_for_a_human();
    match kind {
        PARENT => above.push(target.clone()),
        HARD | ALL_CHILDREN | ANY_CHILD => {
            let gate = state.item(target).into_iter().filter(is_gate);
            found.extend(gate.map(|gate| gate.uid.clone()));
            if kind != HARD && wholes.insert(target.clone()) {
                let parts = state.children(target).into_iter().filter(is_gate);
                found.extend(parts.map(|gate| gate.uid.clone()));
            }
        }
        _ => {}
    }
}

fn gate_refused(id: &str, what: &str, agent: &Actor) -> Error {
    Error::refused(format!(
        "only a human may {what} {id}, a gate that waits for a human; {} counts as an agent",
        agent.name
    ))
    .hint(format!(
        "ask in a comment: `git pm issue comment {id} TEXT`"
    ))
}
