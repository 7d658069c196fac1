//! Edits of a text, and the changes they are expected to be.

use crate::plan::Plan;
use crate::plan::change::Change;
use crate::plan::text::{Problem, parse, render};

/// What comes of a text in which one piece, which stands there once, was replaced.
pub(super) fn edited(plan: &Plan, old: &str, new: &str) -> Result<Vec<Change>, Vec<Problem>> {
    let text = render(plan);
    assert_eq!(text.matches(old).count(), 1, "{old:?} in\n{text}");
    parse(&text.replace(old, new), plan)
}

/// The only problem of such a text: what stands on its line, and its message.
pub(super) fn problem(plan: &Plan, old: &str, new: &str) -> (String, String) {
    let problems = edited(plan, old, new).unwrap_err();
    let [only] = &problems[..] else {
        panic!("{problems:?}");
    };
    let text = render(plan).replace(old, new);
    let line = text.lines().nth(only.line as usize - 1).unwrap();
    (line.to_string(), only.message.clone())
}

pub(super) fn set(task: &str, field: &str, value: &str) -> Change {
    let [task, field, value] = [task, field, value].map(String::from);
    Change::Set { task, field, value }
}

pub(super) fn free(task: &str, on: &str) -> Change {
    let [task, on] = [task, on].map(String::from);
    Change::Free { task, on }
}

pub(super) fn remove(task: &str) -> Change {
    let (task, force) = (task.to_string(), false);
    Change::Remove { task, force }
}

pub(super) fn order(tasks: &[&str]) -> Change {
    let tasks = tasks.iter().map(|task| task.to_string()).collect();
    Change::Order { tasks }
}

/// The section of a task, up to the next heading.
pub(super) fn section(plan: &Plan, number: u32) -> String {
    let text = render(plan);
    let start = text.find(&format!("\n### {number}. ")).unwrap();
    let rest = &text[start + 1..];
    let end = ["\n### ", "\n## "]
        .iter()
        .filter_map(|mark| rest.find(mark))
        .min();
    rest[..end.map_or(rest.len(), |end| end + 1)].to_string()
}

/// A problem of a text: what stands on its line, and its message. The first of them may be one
/// that follows from it.
pub(super) fn problem_in(plan: &Plan, old: &str, new: &str, at: usize) -> (String, String) {
    let problems = edited(plan, old, new).unwrap_err();
    let text = render(plan).replace(old, new);
    let line = text.lines().nth(problems[at].line as usize - 1).unwrap();
    (line.to_string(), problems[at].message.clone())
}

/// A heading that stands in [`shop`](super::shop) once.
pub(super) const GUIDE: &str = "### 3. Write the guide";
