//! What a document still says of the tasks of its plan, where it does not state them as tasks.
//!
//! It says that they are done, later or no goal, or nothing clear.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{self, Accounted, Disposition, Key, NOT_PLANNED};
use super::moved_lines::MovedLines;
use super::plan_types::{Plan, Planned};
use super::sentences::says;
use super::sources::Reading;
use crate::store::state::State;

/// The tasks of a plan that a text of its document calls something else, each with that statement. That a
/// task is done counts before anything else, and says nothing of its test, which is in no document; any
/// other word counts for the test, too, once the task is gone.
pub(super) fn standings(
    state: &State<'_>,
    plan: &Plan,
    reading: &Reading,
) -> BTreeMap<Key, Accounted> {
    use Disposition::{Deferred, Done, NonGoal, Question, Uncovered};
    let mut all = draft::account(reading.verdicts(), &[]);
    all.retain(|one| {
        let is_open = one.disposition == Uncovered && one.reason != NOT_PLANNED;
        let is_aside = matches!(one.disposition, Done | Deferred | NonGoal | Question);
        (is_open || is_aside) && !one.text.is_empty()
    });
    all.sort_by_key(|one| one.disposition != Done);
    let moved = MovedLines::since(state, plan, reading);
    let standing = |planned: &Planned| {
        let task = &planned.task;
        let name = task.description.lines().next().unwrap_or_default();
        let now = moved.of(task.lines).map(|lines| lines.start);
        let mut all = all.iter();
        all.find(|one| {
            let names = |said: &str| says(&one.text, said);
            let is_there = now.is_some_and(|at| one.lines.start <= at && at <= one.lines.end);
            let is_its = says(&task.description, &one.text) || says(&task.title, &one.text);
            let is_named = names(&task.title) || names(name);
            // What moved to a section of done work has the same words there.
            is_its && is_named || is_there && (is_its || is_named)
        })
    };
    let own = plan.counted().filter_map(|planned| {
        let key = planned.task.key.clone();
        Some((key, standing(planned)?.clone()))
    });
    let mut found: BTreeMap<Key, Accounted> = own.collect();
    let tests = plan.tasks.iter().filter_map(|planned| {
        let of = planned.task.tests.as_ref()?;
        plan.task(of).filter(|tested| tested.is_gone)?;
        let said = found.get(of).filter(|one| one.disposition != Done)?;
        Some((planned.task.key.clone(), said.clone()))
    });
    let tests: Vec<(Key, Accounted)> = tests.collect();
    found.extend(tests);
    found
}

/// The keys of the tasks of a plan that a text of its document calls done.
pub(super) fn ticked(state: &State<'_>, plan: &Plan, reading: &Reading) -> BTreeSet<Key> {
    let all = standings(state, plan, reading).into_iter();
    let done = all.filter(|(_, one)| one.disposition == Disposition::Done);
    done.map(|(key, _)| key).collect()
}

/// What a statement is that is no task, in words: `line 9: its section is done, its box is open`.
pub(super) fn told(one: &Accounted) -> String {
    format!("line {}: {}", one.lines.start, one.reason)
}
