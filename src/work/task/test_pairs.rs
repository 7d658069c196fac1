//! The order of equally urgent items: a task and the task that tests it are one unit of work.
//!
//! So the actor who did one is offered the other, unless a human assigns that to another actor. They
//! remain two items, each with its own evidence.

use crate::model::item::Item;
use crate::model::planned_id::{plan_uid, planned_uid};
use crate::model::proposed::test_key;
use crate::store::state::State;

/// The task of the same plan that tests an item, if nobody has begun it: without the item it is no work.
pub(super) fn test_of<'s>(state: &'s State<'_>, item: &Item) -> Option<&'s Item> {
    let (_, part) = item.born.rsplit_once('.')?;
    let plan = plan_uid(item.planned_from.as_ref()?);
    let test = state.item(&planned_uid(&plan, &test_key(part)))?;
    let is_idle = test.status.is_startable() && test.holder().is_none() && !test.deleted;
    is_idle.then_some(test)
}

/// The type of items that test others.
const TEST: &str = "test";

/// The rank of an item among equally urgent ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The actor did the other half.
    Own,
    /// It has no other half, or that is not done yet, or it is assigned to the actor.
    Free,
    /// Another actor did the other half.
    Others,
}

/// The rank of an item for an actor.
pub(super) fn rank(state: &State<'_>, item: &Item, actor: &str) -> Rank {
    let workers: Vec<&str> = halves(state, item).filter_map(worker).collect();
    match workers.is_empty() {
        true => Rank::Free,
        false if workers.contains(&actor) => Rank::Own,
        // A human split the two.
        false if item.assignee.as_deref() == Some(actor) => Rank::Free,
        false => Rank::Others,
    }
}

/// The warning for an actor who starts one half after another actor did the other, as a sentence.
pub(super) fn done_by_another(state: &State<'_>, item: &Item, actor: &str) -> Option<String> {
    if rank(state, item, actor) != Rank::Others {
        return None;
    }
    let other = halves(state, item).find(|other| worker(other).is_some())?;
    let (id, by) = (state.shown_id(other), worker(other)?);
    let by = crate::model::text::actor(by);
    Some(match is_test(item) {
        true => format!("{by} worked on {id}, which this item tests: `git pm show {id}`"),
        false => format!("{by} wrote the tests of this item, {id}: `git pm show {id}`"),
    })
}

/// The other halves that an item waits for: the items it tests, or its tests where they come first.
fn halves<'s>(state: &'s State<'_>, item: &'s Item) -> impl Iterator<Item = &'s Item> {
    let hard = item.depends_on.iter().filter(|one| !one.soft);
    let others = hard.filter_map(|one| state.item(one.target.uid.as_ref()?));
    others.filter(|other| is_test(other) != is_test(item))
}

fn is_test(item: &Item) -> bool {
    item.item_type == TEST
}

/// The first words of the reasons for which a claim ended without work.
const WITHOUT_WORK: [&str; 4] = ["lost", "dropped", "undone", "abandoned"];

/// The actor who did an item: the last one who claimed it and did not lose the claim.
fn worker(item: &Item) -> Option<&str> {
    let idle = |why: &str| WITHOUT_WORK.iter().any(|word| why.starts_with(word));
    let worked = item.claims.iter();
    let worked = worked.filter(|claim| !claim.ended.as_deref().is_some_and(idle));
    Some(&worked.max_by(|a, b| a.at.cmp(&b.at))?.actor)
}
