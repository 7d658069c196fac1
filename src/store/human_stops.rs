//! The blocks that a human placed on an item.
//!
//! Gates that wait for a human, and stops of the item or of an item that it is a part of. No command
//! of an agent removes any of them.

use std::collections::BTreeSet;

use super::actor::Actor;
use super::index::{ALL_CHILDREN, ANY_CHILD, HARD, PARENT, SOFT, Way, edges, lacking};
use super::state::State;
use crate::error::{Error, Reason, Result};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::stop::{self, Stop};
use crate::model::uid::Uid;
use crate::read_document::Loaded;

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

/// Refuses an agent's write of an item that removes a block that a human placed on it, or on other
/// items, or that changes a gate that waits for a human.
///
/// # Errors
/// Kind `Refused`, with the human or the gate.
pub fn require_kept(
    state: &State<'_>,
    before: &Loaded,
    (after, now): (&Doc, &Item),
    agent: &Actor,
    now_ms: u64,
) -> Result<()> {
    require_held(state, before, (after, now), agent, now_ms)?;
    let mut names = before.doc.regs.keys().chain(after.regs.keys());
    let is_other = |name: &String| before.doc.value(name) != after.value(name);
    match &before.item {
        // It may wait for more, so edges are free.
        Some(gate)
            if gate.waits_for_a_human()
                && !after.purged
                && (before.doc.body != after.body || names.any(is_other)) =>
        {
            Err(gate_refused(&state.shown_id(gate), "change", agent))
        }
        _ => Ok(()),
    }
}

/// As [`require_kept`], for what decides which items are held up.
fn require_held(
    state: &State<'_>,
    before: &Loaded,
    (after, now): (&Doc, &Item),
    agent: &Actor,
    now_ms: u64,
) -> Result<()> {
    let Some(item) = &before.item else {
        return Ok(());
    };
    let moves = stop::changes(&before.doc, after);
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
        return Err(gate_refused(&id(), "resolve", agent));
    }
    if let Some(gate) = softly_led_to(state, before, now) {
        let gate = state.shown_id(gate);
        return Err(gate_refused(&gate, "add a soft dependency on", agent));
    }
    let left: Vec<Way<'_>> = ways(now).collect();
    if item.status.is_startable()
        && now.status.is_active()
        && let Some(by) = holding(state, left.iter().copied(), now_ms).first()
    {
        return Err(held_up(
            state,
            by,
            now_ms,
            agent,
            &format!("start {}", id()),
        ));
    }
    let lost = lacking(&ways(item).collect::<Vec<_>>(), &left);
    if lost.is_empty() || lets_nobody_go(state, item, now) {
        return Ok(());
    }
    if item.waits_for_a_human() && lost.iter().any(|(kind, _)| *kind == PARENT) {
        // Others may wait for the parts of the item that it was put into.
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

/// Refuses an agent's merge of an item that a human's gate or a stop above it holds up, even where
/// the graph does not: edges in a cycle hold nothing up.
///
/// # Errors
/// Kind `Refused`, with the human or the gate.
pub fn require_way(state: &State<'_>, item: &Item, agent: &Actor, now_ms: u64) -> Result<()> {
    let id = state.shown_id(item);
    if let Some(by) = holding(state, firm(item), now_ms).first() {
        return Err(held_up(state, by, now_ms, agent, &format!("merge {id}")));
    }
    let above = containers(state, item);
    let of = |path: &str| {
        let mut above = above.iter().filter(|uid| state.item(uid).is_none());
        above.any(|uid| path.ends_with(&format!("-{}.md", &uid.as_str()[22..])))
    };
    let damaged = state.damaged().into_iter().find(|one| of(&one.path));
    damaged.map_or(Ok(()), |one| {
        let what = format!(
            "{id} is not merged: {}, which contains it, is damaged",
            one.path
        );
        Err(Error::refused(what + ", so a human may have stopped it")
            .because(Reason::MergeDamagedAbove)
            .hint("ask a human to run `git pm fsck --repair`"))
    })
}

/// The items that contain another one, directly or not.
pub fn containers(state: &State<'_>, item: &Item) -> BTreeSet<Uid> {
    let mut found = BTreeSet::new();
    let mut open = vec![item.uid.clone()];
    while let Some(uid) = open.pop() {
        let above = state.item(&uid).into_iter().flat_map(edges);
        let above = above.filter(|(kind, _)| *kind == PARENT);
        open.extend(
            above
                .map(|(_, uid)| uid.clone())
                .filter(|uid| found.insert(uid.clone())),
        );
    }
    found
}

/// Warnings for a human who merges an item: as [`require_way`], in sentences.
pub fn in_the_way(state: &State<'_>, item: &Item, now_ms: u64) -> Vec<String> {
    let id = state.shown_id(item);
    let sentence = |by: Uid| {
        let loaded = state.loaded(&by)?;
        let held = loaded.item.as_ref()?;
        let by = state.shown_id(held);
        Some(match Stop::of(&loaded.doc, held, now_ms) {
            Some(stop) => stop.above(&by, &id),
            None => {
                format!("{id} waits for the gate {by}, which a human has to resolve")
            }
        })
    };
    let found = holding(state, firm(item), now_ms);
    found.into_iter().filter_map(sentence).collect()
}

/// The refusal to continue with an item that a gate or a stop holds up.
fn held_up(state: &State<'_>, by: &Uid, now_ms: u64, agent: &Actor, what: &str) -> Error {
    let error = refusal(state, by, now_ms, agent, ["pass", what]);
    let is_gate = state.item(by).is_some_and(Item::waits_for_a_human);
    match is_gate {
        true => error.hint(
            "agents are blocked by an unresolved gate below an item that this one waits for, even \
             if that item or its other children are closed",
        ),
        false => error,
    }
}

/// The refusal for an item that a gate or a stop holds up, worded for each of the two.
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

/// True if a write changes anything that decides what waits for what.
fn rewires(before: &Doc, after: &Doc) -> bool {
    REGISTERS
        .iter()
        .any(|name| before.value(name) != after.value(name))
        || SETS
            .iter()
            .any(|name| before.sets.get(*name) != after.sets.get(*name))
        || before.records.get(RECORD) != after.records.get(RECORD)
}

/// The edges of an item that hold it up, or pass on a hold of an item that it is a part of.
fn ways(item: &Item) -> impl Iterator<Item = Way<'_>> {
    let (open, deleted) = (item.is_open(), item.deleted);
    edges(item).filter(move |(kind, _)| match *kind {
        SOFT => false,
        PARENT => !deleted,
        _ => open,
    })
}

/// All edges of an item except the soft ones.
fn firm(item: &Item) -> impl Iterator<Item = Way<'_>> {
    edges(item).filter(|(kind, _)| *kind != SOFT)
}

/// The open gate of a human to which a write adds a soft edge. An agent could thereby soften a hard
/// edge that it has not received yet: of two writes of one edge the later class wins.
fn softly_led_to<'s>(state: &'s State<'_>, before: &Loaded, now: &Item) -> Option<&'s Item> {
    let soft = |item: &Item| {
        let all = item.depends_on.iter().filter(|edge| edge.soft);
        let all = all.filter_map(|edge| edge.target.uid.clone());
        all.collect::<BTreeSet<Uid>>()
    };
    let known = before.item.as_ref().map(soft).unwrap_or_default();
    let mut new = soft(now).into_iter().filter(|uid| !known.contains(uid));
    new.find_map(|uid| state.item(&uid).filter(|to| to.waits_for_a_human()))
}

/// True if a write ends an item without releasing anything: nothing is below it or waits for it, or
/// its work was approved.
fn lets_nobody_go(state: &State<'_>, before: &Item, now: &Item) -> bool {
    let over = now.deleted || (before.is_open() && !now.is_open());
    let alone = || state.children(&now.uid).is_empty() && state.dependents(&now.uid).is_empty();
    let approved = now.status == Status::Done && before.status == Status::ReadyForIntegration;
    over && (approved || alone())
}

/// The gates of humans behind some edges, and the items above that a human stopped.
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
        // The document, not the status: a writer who had not received the stop may have continued.
        let doc = state.doc(&uid).filter(|_| item.is_open());
        if doc.and_then(|doc| Stop::of(doc, item, now_ms)).is_some() {
            found.insert(uid);
        }
        for way in ways(item) {
            follow(state, way, &mut found, &mut above, &mut wholes);
        }
    }
    found
}

/// Notes the gates of humans behind an edge, and the items above it. Every open one among the parts
/// that are waited for counts, also where the graph no longer waits because the whole or another
/// part is closed: an agent may close the one, and add and close the other.
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
        "{id} is a gate that waits for a human, so only a human may {what} it; {} is treated as an \
         agent",
        agent.name
    ))
    .because(Reason::ActorNotHuman)
    .about(id)
    .hint(format!(
        "ask in a comment: `git pm issue comment {id} TEXT`"
    ))
}
