//! A task and the task that tests it are one unit of work: who did the one is offered the other, until
//! a person gives it to somebody else. They remain two items, each with its own evidence.

use crate::model::item::Item;
use crate::store::state::State;

/// The type of items that test others.
const TEST: &str = "test";

/// Where an item stands in the order of what is equally urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// The actor did the other half.
    Own,
    /// It stands alone, nobody did the other half, or it is assigned to the actor.
    Free,
    /// Another one did the other half.
    Others,
}

/// Whose turn an item is.
pub(super) fn turn(state: &State<'_>, item: &Item, actor: &str) -> Turn {
    let workers: Vec<&str> = halves(state, item).filter_map(worker).collect();
    match workers.is_empty() {
        true => Turn::Free,
        false if workers.contains(&actor) => Turn::Own,
        // A person split the two.
        false if item.assignee.as_deref() == Some(actor) => Turn::Free,
        false => Turn::Others,
    }
}

/// What somebody should know who begins one half where another one did the other, as a sentence.
pub(super) fn done_by_another(state: &State<'_>, item: &Item, actor: &str) -> Option<String> {
    if turn(state, item, actor) != Turn::Others {
        return None;
    }
    let other = halves(state, item).find(|other| worker(other).is_some())?;
    let (id, by) = (state.shown_id(other), worker(other)?);
    let by = crate::model::text::actor(by);
    Some(match is_test(item) {
        true => format!("{by} did {id}, which this tests: `git pm show {id}`"),
        false => format!("{by} wrote the tests of this, {id}: `git pm show {id}`"),
    })
}

/// The other halves that an item waits for: what it tests, or its tests where they come first.
fn halves<'s>(state: &'s State<'_>, item: &'s Item) -> impl Iterator<Item = &'s Item> {
    let hard = item.depends_on.iter().filter(|one| !one.soft);
    let others = hard.filter_map(|one| state.item(one.target.uid.as_ref()?));
    others.filter(|other| is_test(other) != is_test(item))
}

fn is_test(item: &Item) -> bool {
    item.item_type == TEST
}

/// How the reasons begin for which a claim ended without work.
const WITHOUT_WORK: [&str; 4] = ["lost", "dropped", "undone", "abandoned"];

/// Who did an item: the last who claimed it, and kept it.
fn worker(item: &Item) -> Option<&str> {
    let idle = |why: &str| WITHOUT_WORK.iter().any(|word| why.starts_with(word));
    let worked = item.claims.iter();
    let worked = worked.filter(|claim| !claim.ended.as_deref().is_some_and(idle));
    Some(&worked.max_by(|a, b| a.at.cmp(&b.at))?.actor)
}
