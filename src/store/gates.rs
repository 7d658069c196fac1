//! Gates that wait for a human: what an agent writes neither opens one nor takes one out of the way,
//! whatever command it is.

use super::handle::Actor;
use super::state::State;
use crate::error::{Error, Result};
use crate::model::item::Item;
use crate::model::uid::Uid;

/// Refuses a write of an agent after which a gate of a human's is no longer open, or somebody no
/// longer waits for it.
///
/// # Errors
/// Kind `Refused`.
pub(super) fn require_unopened(
    state: &State<'_>,
    before: Option<&Item>,
    now: Option<&Item>,
    agent: &Actor,
) -> Result<()> {
    let (Some(before), Some(now)) = (before, now) else {
        return Ok(());
    };
    if before.waits_for_a_human() && !now.waits_for_a_human() {
        return Err(refused(&state.shown_id(before), "opening", agent));
    }
    let stays = |uid: &Uid| {
        let mut edges = now.depends_on.iter();
        edges.any(|edge| edge.target.uid.as_ref() == Some(uid))
    };
    let targets = before.depends_on.iter();
    let gone = targets.filter_map(|edge| edge.target.uid.as_ref().filter(|uid| !stays(uid)));
    for gate in gone.filter_map(|uid| state.item(uid)) {
        if gate.waits_for_a_human() {
            return Err(refused(&state.shown_id(gate), "taking away", agent));
        }
    }
    Ok(())
}

fn refused(id: &str, what: &str, agent: &Actor) -> Error {
    Error::refused(format!(
        "{what} {id}, a gate that waits for a human, is for a human, and {} counts as an agent",
        agent.name
    ))
    .hint(format!(
        "ask in a comment: `git pm issue comment {id} TEXT`"
    ))
}
