//! The test tasks that a validation strategy adds.

use super::draft_types::{Criterion, Edge, EdgeClass, Estimate, ItemType, Risk, Task, Validation};
use super::key::key;
use super::title;
use super::vague::vague;
use crate::plan::document::Lines;

/// Adds the test tasks of the validation strategies, each after the task it tests.
pub(super) fn with_tests(tasks: Vec<Task>, mut edges: Vec<Edge>) -> (Vec<Task>, Vec<Edge>) {
    let mut all = Vec::with_capacity(tasks.len() * 2);
    for task in tasks {
        let (test, edge) = test_task(&task);
        edges.extend(edge);
        all.push(task);
        all.extend(test);
    }
    (all, edges)
}

/// The test task for another task, as its validation strategy requires, and the edge between them.
pub fn test_task(task: &Task) -> (Option<Task>, Option<Edge>) {
    let test = test_of(task);
    let (waits, on, rule, reason) = match task.validation {
        Validation::None => return (None, None),
        Validation::TestParallel => return (Some(test), None),
        Validation::TestFirst => (
            &task.key,
            &test.key,
            "test-first",
            "its tests are written first",
        ),
        Validation::TestAfter => (
            &test.key,
            &task.key,
            "test-after",
            "it tests the finished work",
        ),
    };
    let edge = Edge {
        task: waits.clone(),
        on: on.clone(),
        class: EdgeClass::Hard,
        rule: rule.to_owned(),
        line: task.lines.start,
        reason: reason.to_owned(),
    };
    (Some(test), Some(edge))
}

fn test_of(task: &Task) -> Task {
    let lines = task
        .acceptance
        .first()
        .map_or(task.lines, |criterion| criterion.lines);
    let end = task
        .acceptance
        .last()
        .map_or(lines.end, |criterion| criterion.lines.end.max(lines.end));
    let text = covering(task);
    let hours = (task.hours / 2).clamp(1, 8);
    Task {
        key: key(&["test", &task.key]),
        title: title::finish(&format!("Test: {}", task.title)),
        description: format!("Tests for “{}”.", task.title),
        item_type: ItemType::Test,
        acceptance: vec![Criterion {
            text,
            lines: Lines {
                start: lines.start,
                end,
            },
            requirement: task.requirement.clone(),
            derived: true,
            vague: Vec::new(),
        }],
        estimate: Estimate::of_hours(hours),
        hours,
        estimate_reason: "half the estimate of the task it tests".to_owned(),
        points: None,
        risk: Risk::Low,
        risk_reason: "it adds tests only".to_owned(),
        validation: Validation::None,
        validation_reason: "it is itself a test".to_owned(),
        paths: Vec::new(),
        covers: Vec::new(),
        story: None,
        tests: Some(task.key.clone()),
        ..task.clone()
    }
}

/// The criterion of a test task. It omits vague words, which are already reported for the tested
/// task.
fn covering(task: &Task) -> String {
    let which = match task.acceptance.len() {
        0 | 1 => "the acceptance criterion".to_owned(),
        count => format!("each of the {count} criteria"),
    };
    if vague(&task.title).is_empty() {
        format!("The tests cover {which} of “{}”", task.title)
    } else {
        format!("The tests cover {which} of the task that they test")
    }
}
