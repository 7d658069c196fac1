//! The names of a run's agents (agent-1, agent-2, …): the first that is free in this clone, and which names are a run's.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::index::Scan;
use crate::store::state::State;

/// The number of letters of the clone's id in the name of an agent.
const CLONE: usize = 4;

/// The name of an agent of this clone's runs by its number, from 1. With a remote it ends in
/// letters of the clone's id, as the runs of other clones have agents, too.
pub(super) fn agent_name(pm: &Pm, number: usize) -> String {
    let clone = pm.main_remote().and(pm.store.known_replica());
    let clone = clone.and_then(|clone| Some(format!("-{}", clone.as_str().get(..CLONE)?)));
    format!("agent-{number}{}", clone.unwrap_or_default())
}

/// True for the name of an agent of this clone's runs.
pub(super) fn is_agent_here(pm: &Pm, name: &str) -> bool {
    let number = name
        .split('-')
        .nth(1)
        .and_then(|number| number.parse().ok());
    number.is_some_and(|number| agent_name(pm, number) == name)
}

/// True for a name that [`agent_name`] returns in some clone. Names in the state are other
/// actors' data, and a run acts under no other name.
pub(super) fn is_agent_name(name: &str) -> bool {
    let is_number = |text: &str| text.parse::<usize>().is_ok_and(|n| n.to_string() == text);
    let is_clone =
        |text: &str| text.len() == CLONE && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let rest = name.strip_prefix("agent-").unwrap_or_default();
    match rest.split_once('-') {
        Some((number, clone)) => is_number(number) && is_clone(clone),
        None => is_number(rest),
    }
}

/// The agent of this clone to whom an item was returned, if it is idle. `working` are the run's agents at work.
pub(super) fn returned_to(
    pm: &Pm,
    item: &Uid,
    working: impl Iterator<Item = String>,
) -> Result<Option<String>> {
    let state = pm.store.state()?;
    let returned = state.item(item).and_then(|item| item.returned.as_deref());
    let author = returned.map(|one| &one.to);
    let author = author.filter(|to| is_agent_here(pm, to));
    let idle = author.filter(|author| !names_in_use(pm, &state, working).contains(*author));
    Ok(idle.cloned())
}

/// The first agent name that is not in use in this clone.
pub(super) fn free_name(pm: &Pm, working: impl Iterator<Item = String>) -> Result<String> {
    let state = pm.store.state()?;
    let used = names_in_use(pm, &state, working);
    let free = (1..).map(|number| agent_name(pm, number));
    let mut free = free.filter(|name| !used.contains(name));
    free.next()
        .ok_or_else(|| Error::state("all agent names are in use"))
}

/// The names of actors that hold items in this clone, and of the run's agents.
fn names_in_use(
    pm: &Pm,
    state: &State<'_>,
    working: impl Iterator<Item = String>,
) -> BTreeSet<String> {
    let here = pm.here().replica;
    let held = state.scan(&Scan::Held, |_| true, usize::MAX);
    let holders = held.into_iter().filter_map(|item| item.holder());
    let holders = holders.filter(|holder| Some(&holder.replica) == here.as_ref());
    holders
        .map(|one| one.actor.clone())
        .chain(working)
        .collect()
}
