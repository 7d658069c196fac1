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

/// The criteria that can be accepted, with their numbers, from 1. The text is read only where there is no list.
fn numbered(state: &State<'_>, item: &Item) -> impl Iterator<Item = (usize, Criterion)> {
    let text = match item.acceptance.is_empty() {
        true => text(state, item),
        false => None,
    };
    let all = criterion::shown(&item.acceptance, text).into_iter();
    all.filter_map(|one| Some((one.number?, one.criterion)))
}

/// The numbers of the criteria that are not accepted.
pub(crate) fn open_criteria(state: &State<'_>, item: &Item) -> Vec<usize> {
    let open = numbered(state, item).filter(|(_, one)| !one.done);
    open.map(|(n, _)| n).collect()
}

/// Says which criteria are not accepted, by their texts.
pub(super) fn open_names(state: &State<'_>, item: &Item) -> String {
    let open = numbered(state, item).filter(|(_, one)| !one.done);
    let names: Vec<String> = open.map(|(_, one)| one.text).collect();
    format!("not accepted: {}", first_of(&names, NAMED))
}

/// The number of criteria.
pub(crate) fn count(state: &State<'_>, item: &Item) -> usize {
    numbered(state, item).count()
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

/// The text with the criteria of an item that has no list of its own.
pub(super) fn text<'s>(state: &'s State<'_>, item: &Item) -> Option<&'s str> {
    state.doc(&item.uid)?.text(criterion::TEXT)
}
