//! The words that a finished task was done with: work that was begun does not follow its plan.

use super::draft::Task;
use super::new_work::closed;
use super::plan_types::{Plan, Planned};
use super::task_changes::planned_at;
use crate::model::stamp::Stamp;
use crate::store::layout::Family;
use crate::store::state::State;

/// A finished task with the words of its item, where the plan got other ones only after these were written.
pub(super) fn as_done(state: &State<'_>, plan: &Plan, planned: &Planned) -> Option<Task> {
    let (item, doc) = closed(state, planned)?;
    let record = &state.found_by_path(Family::Plan, &plan.uid)?.doc;
    let is_older = |name: &str, at: &Stamp| {
        let now = planned_at(record, &planned.task.key, name);
        at.is_derived() || now.is_some_and(|now| *at < now)
    };
    let mut task = planned.task.clone();
    let title = doc
        .regs
        .get("title")
        .filter(|_| item.status.is_finished())?;
    if let Some(own) = title.value.as_str()
        && is_older("title", &title.stamp)
    {
        own.clone_into(&mut task.title);
    }
    let body = doc.body.newest().filter(|_| !doc.body.is_hidden());
    if body.is_some_and(|own| is_older("description", &own.stamp)) {
        doc.body
            .shown()
            .trim_end()
            .clone_into(&mut task.description);
    }
    let is_same =
        task.title == planned.task.title && task.description == planned.task.description.trim_end();
    (!is_same).then_some(task)
}
