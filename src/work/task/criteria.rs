//! The acceptance criteria of an item: which are open, and how they are accepted.

use crate::model::criterion::{self, Shown};
use crate::model::doc::Doc;
use crate::model::item::{Criterion, Item};
use crate::model::stamp::Clock;
use crate::model::text::first_of;
use crate::model::value::Value;
use crate::store::state::State;

/// The number of criteria that are named.
const NAMED: usize = 5;

/// All criteria of an item and the text about them, as [`criterion::shown`] has them.
pub(crate) fn shown(state: &State<'_>, item: &Item) -> Vec<Shown> {
    criterion::shown(&item.acceptance, text(state, item))
}

/// The numbers of the criteria that are not accepted, from 1.
pub(crate) fn open_criteria(item: &Item) -> Vec<usize> {
    let all = item.acceptance.iter().zip(1..);
    all.filter(|(one, _)| !one.done).map(|(_, n)| n).collect()
}

/// Says which criteria are not accepted, by their texts.
pub(super) fn open_names(item: &Item) -> String {
    let open = item.acceptance.iter().filter(|one| !one.done);
    let names: Vec<String> = open.map(|one| one.text.clone()).collect();
    format!("not accepted: {}", first_of(&names, NAMED))
}

/// Accepts a criterion of an item's own list. Returns whether that changed anything.
pub(super) fn accept(
    doc: &mut Doc,
    criterion: &Criterion,
    by: &str,
    evidence: Option<&str>,
    clock: &Clock,
) -> bool {
    let mut set =
        |name: &str, value: Value| doc.set_entry("acceptance", &criterion.id, name, value, clock);
    if criterion.elsewhere {
        // The tick is written anew: its time and clone say for which work it counts.
        set("done", false.into());
        set("evidence", Value::Null);
    }
    let ticked = set("done", true.into());
    if ticked {
        set("by", by.into());
    }
    let shown = evidence.is_some_and(|text| set("evidence", text.into()));
    ticked || shown
}

/// The text with criteria of an item.
pub(super) fn text<'s>(state: &'s State<'_>, item: &Item) -> Option<&'s str> {
    state.doc(&item.uid)?.text(criterion::TEXT)
}
