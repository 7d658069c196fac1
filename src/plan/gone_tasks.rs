//! The existing tasks that are no longer in the plan of their document, and what ends each of them.

use std::collections::BTreeMap;

use super::begun::other_words;
use super::draft::Disposition;
use super::plan_types::{Plan, Planned};
use super::record::plan_uid;
use super::sources::{self, file_of};
use super::standing::{standings, told};
use super::task_changes::item_uid;
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::layout::Family;
use crate::store::state::State;

/// A task that is no longer in the plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct GoneTask {
    /// Its number in the plan.
    pub number: u32,
    /// The task's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its status.
    pub status: String,
    /// Set if the document calls it done; such a task is listed until it is closed.
    pub is_done: bool,
    /// What the document says about it instead, with the line, if it is not closed.
    pub said: Option<String>,
    /// The command that cancels or defers it, or closes it as done; `None` if it is closed, or if the
    /// document has its words, but does not say whether it is to be done.
    pub command: Option<String>,
}

/// The existing tasks of a plan that its document does not ask for any more, unless they were cancelled.
pub(super) fn gone(state: &State<'_>, plan: &Plan, prd: &Item) -> Vec<GoneTask> {
    let gone = plan.tasks.iter().filter(|planned| planned.is_gone);
    let gone: Vec<&Planned> = gone.collect();
    let reading = (!gone.is_empty()).then(|| sources::reading_of(state, prd).ok());
    let said = reading.flatten();
    let said = said.map_or_else(BTreeMap::new, |reading| standings(state, plan, &reading));
    // The person who closes a task that is done decides about its test.
    let is_left = |planned: &&Planned| {
        let tested = planned.task.tests.as_ref().and_then(|of| said.get(of));
        tested.is_none_or(|one| one.disposition != Disposition::Done)
    };
    let gone = gone.into_iter().filter(is_left).filter_map(|planned| {
        let item = state.stored(&item_uid(plan, planned))?;
        let id = state.shown_id(item);
        let one = said.get(&planned.task.key);
        let calls = |disposition| one.is_some_and(|one| one.disposition == disposition);
        let is_done = calls(Disposition::Done);
        let is_closed = item.status.is_closed();
        let is_over = item.status == Status::Cancelled || is_done && is_closed;
        (!item.deleted && !is_over).then(|| GoneTask {
            number: planned.number,
            title: item.title.clone(),
            status: item.status.to_string(),
            is_done,
            said: one.filter(|_| !is_closed).map(told),
            command: match () {
                () if is_closed => None,
                () if is_done => Some(done_command(&id)),
                () if calls(Disposition::Deferred) => Some(format!("git pm task defer {id}")),
                () if one.is_none() || calls(Disposition::NonGoal) => {
                    Some(format!("git pm task cancel {id}"))
                }
                // The document leaves it open, and has to be corrected.
                () => None,
            },
            id,
        })
    });
    gone.collect()
}

/// The command that closes a task that the document calls done.
pub(super) fn done_command(id: &str) -> String {
    format!("git pm task done {id} --evidence …")
}

/// The document of an item and its plan.
fn planned_from<'s>(state: &'s State<'_>, item: &Item) -> Option<(&'s Item, Plan)> {
    let prd = state.item(item.planned_from.as_ref()?)?;
    Some((prd, sources::plan_of(state, prd)?)).filter(|_| !prd.deleted)
}

/// What is to be known of an open task that its document does not ask for any more, with the command that ends it.
pub(crate) fn gone_said(pm: &Pm, item: &Item) -> Option<String> {
    if item.planned_from.is_none() || item.status.is_closed() {
        return None;
    }
    let state = pm.store.snapshot().ok()?;
    let prd = state.item(item.planned_from.as_ref()?)?;
    let record = &state.found_by_path(Family::Plan, &plan_uid(&prd.uid))?.doc;
    let is_it = |own: &str| ItemRef::parse(own).uid.as_ref() == Some(&item.uid);
    let mut all = record.all_entries("tasks");
    let (_, own) = all.find(|(_, one)| one.text("item").is_some_and(is_it))?;
    // Only these can be gone: a plan is long to read.
    let may_be = ["by", "tests"].iter().any(|name| own.text(name).is_some());
    if !own.is_removed() && !may_be {
        return None;
    }
    let (prd, plan) = planned_from(&state, item)?;
    let number = plan.task_of(&item.uid).filter(|one| one.is_gone)?.number;
    let mut all = gone(&state, &plan, prd).into_iter();
    let one = all.find(|one| one.number == number)?;
    let (id, file) = (&one.id, one_line(&file_of(&state, prd)));
    Some(match (&one.command, one.said.as_deref()) {
        (Some(command), None) => format!("{id} is no longer in {file}: `{command}` ends it"),
        (Some(command), Some(said)) => {
            format!("{id} is no task in {file} now ({said}): `{command}`")
        }
        (None, said) => format!(
            "{file} has {id}, but not as a task ({}): correct it there, or decide about {id}",
            said.unwrap_or_default()
        ),
    })
}

/// What is to be known of a task that was worked on, if its document asks for something else by now.
pub(crate) fn asks_otherwise(pm: &Pm, item: &Item) -> Option<String> {
    let gone = gone_said(pm, item);
    if gone.is_some() {
        return gone;
    }
    let state = pm.store.snapshot().ok()?;
    let (prd, plan) = planned_from(&state, item)?;
    let planned = plan.task_of(&item.uid).filter(|one| !one.is_gone)?;
    let is_reworded = !(planned.reworded.is_empty() && planned.accepted.is_empty());
    if !is_reworded && other_words(&state, item, prd).is_empty() {
        return None;
    }
    let (id, prd, file) = (
        state.shown_id(item),
        state.shown_id(prd),
        one_line(&file_of(&state, prd)),
    );
    Some(format!(
        "{file} asks for something else than {id} by now: `git pm plan show {prd}`"
    ))
}
