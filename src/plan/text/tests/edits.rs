//! Edits of a text, and the changes expected from them.

use crate::plan::Plan;
use crate::plan::change::Change;
use crate::plan::text::{Problem, parse, render};

/// The result of replacing one part, which occurs once, in the text.
pub(super) fn edited(plan: &Plan, old: &str, new: &str) -> Result<Vec<Change>, Vec<Problem>> {
    let text = render(plan);
    assert_eq!(text.matches(old).count(), 1, "{old:?} in\n{text}");
    parse(&text.replace(old, new), plan)
}

/// The only problem of such a text: its line and message.
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

/// A problem of a text: its line and message. The first may be a consequence of it.
pub(super) fn problem_in(plan: &Plan, old: &str, new: &str, at: usize) -> (String, String) {
    let problems = edited(plan, old, new).unwrap_err();
    let text = render(plan).replace(old, new);
    let line = text.lines().nth(problems[at].line as usize - 1).unwrap();
    (line.to_string(), problems[at].message.clone())
}

/// A heading that occurs once in [`shop`](super::shop).
pub(super) const GUIDE: &str = "### 3. Write the guide";
