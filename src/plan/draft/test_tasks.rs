//! Which tasks get a test task: by their validation strategy, and none in a bare list of boxes.

use super::draft_types::{
    Criterion, Draft, Edge, EdgeClass, Estimate, ItemType, Risk, Task, Validation,
};
use super::rules::Verdicts;
use super::title;
use super::vague::vague;
use crate::model::proposed::{BY_HAND, test_key};
use git_pm_document::Lines;

impl Draft {
    /// True if the document only lists boxes, without criteria and ids: a word in one says too little to
    /// make two tasks of it.
    #[must_use]
    pub fn is_bare_list(&self, verdicts: &Verdicts) -> bool {
        let nodes = verdicts.facts.nodes();
        let is_box = |at: usize| nodes[at].checked.is_some() && nodes[at].id.is_none();
        let bare = |task: &Task| task.tests.is_some() || task.acceptance.is_empty();
        let mut listed = nodes.iter().filter(|node| node.is_listed());
        listed.all(|node| node.checked.is_some() || node.marked)
            && verdicts.tasks().all(is_box)
            && self.tasks.iter().all(bare)
    }

    /// The draft without test tasks: tests are left to the tasks themselves.
    #[must_use]
    pub fn without_tests(mut self) -> Draft {
        self.tasks.retain(|task| task.tests.is_none());
        self.edges.retain(|edge| !edge.is_of_test());
        self.tasks.iter_mut().for_each(Task::leave_tests);
        self
    }
}

impl Task {
    /// True if it has a test task that was not asked for.
    #[must_use]
    pub fn is_tested_by_default(&self) -> bool {
        self.validation != Validation::None && self.validation_reason != BY_HAND
    }

    /// Leaves its tests to itself.
    pub fn leave_tests(&mut self) {
        self.validation = Validation::None;
        "default: a bare list of boxes, or pm.planTests is off"
            .clone_into(&mut self.validation_reason);
    }
}

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
    let first = match task.validation {
        Validation::None => return (None, None),
        Validation::TestParallel => return (Some(test), None),
        Validation::TestFirst => true,
        Validation::TestAfter => false,
    };
    let (rule, reason) = match first {
        true => ("test-first", "its tests are written first"),
        false => ("test-after", "it tests the finished work"),
    };
    let edge = Edge {
        task: if first { &task.key } else { &test.key }.clone(),
        on: if first { &test.key } else { &task.key }.clone(),
        class: EdgeClass::Hard,
        rule: rule.to_owned(),
        line: task.lines.start,
        reason: reason.to_owned(),
    };
    (Some(test), Some(edge))
}

fn test_of(task: &Task) -> Task {
    let (first, last) = (task.acceptance.first(), task.acceptance.last());
    let first = first.map_or(task.lines, |criterion| criterion.lines);
    let end = last
        .map_or(0, |criterion| criterion.lines.end)
        .max(first.end);
    let hours = (task.hours / 2).clamp(1, 8);
    // It omits vague words, which are already reported for the tested task.
    let tested = match vague(&task.title).is_empty() {
        true => format!("of “{}”", task.title),
        false => "of the task that they test".to_owned(),
    };
    Task {
        key: test_key(&task.key),
        title: title::cut(&format!("Test: {}", task.title)),
        description: format!("Tests for “{}”.", task.title),
        item_type: ItemType::Test,
        acceptance: vec![Criterion {
            text: format!("The tests cover each acceptance criterion {tested}"),
            lines: Lines::of(first.start, end),
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
