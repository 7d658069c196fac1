//! The tasks that a document calls done: their lines are ticked, or noted as done.

use std::collections::BTreeSet;

use super::draft::{self, Accounted, Disposition, Key, Task};
use super::moved_lines::{MovedLines, line_hashes};
use super::plan_types::Plan;
use super::sentences::says;
use super::sources::Reading;

/// The keys of the tasks of a plan that a text of its document calls done, with those of their tests.
pub(super) fn ticked(plan: &Plan, reading: &Reading) -> BTreeSet<Key> {
    let statements = draft::account(reading.verdicts(), &[]);
    let is_done = |one: &&Accounted| one.disposition == Disposition::Done && !one.text.is_empty();
    let done: Vec<&Accounted> = statements.iter().filter(is_done).collect();
    let moved = MovedLines::between(&plan.line_hashes, &line_hashes(&reading.text));
    let is_ticked = |task: &&Task| {
        let name = task.description.lines().next().unwrap_or_default();
        let now = moved.of(task.lines).map(|lines| lines.start);
        done.iter().any(|one| {
            let names = |said: &str| says(&one.text, said);
            let is_there = now.is_some_and(|at| one.lines.start <= at && at <= one.lines.end);
            let is_its = says(&task.description, &one.text) || says(&task.title, &one.text);
            let is_named = names(&task.title) || names(name);
            // What moved to a section of done work has the same words there.
            is_its && is_named || is_there && (is_its || is_named)
        })
    };
    let tasks = plan.counted().map(|planned| &planned.task);
    let mut keys: BTreeSet<Key> = tasks.filter(is_ticked).map(|one| one.key.clone()).collect();
    let tests = plan.tasks.iter().map(|planned| &planned.task);
    let tests = tests.filter(|one| one.tests.as_ref().is_some_and(|of| keys.contains(of)));
    let tests: Vec<Key> = tests.map(|one| one.key.clone()).collect();
    keys.extend(tests);
    keys
}
