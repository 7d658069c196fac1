//! The priority of a task, if its author stated it.
//!
//! By a label or column, by a mark in the title, or by the heading of a list (`Must have`, `P1`).

use super::facts::Facts;
use crate::model::priority::Priority;
use git_pm_document::{LabelKind, list, tokens};

/// The priority of a task: its own, or that of the nearest heading or entry above it.
pub(super) fn of(facts: &Facts, task: usize) -> Option<Priority> {
    std::iter::successors(Some(task), |at| facts.nodes()[*at].parent).find_map(|at| {
        let name = facts.nodes()[at].name();
        let mut labeled = facts.stated(at, LabelKind::Priority);
        let labeled = labeled.find_map(|(_, text)| first_of(text));
        let marks = name.split(['(', '[', '（', '【']).skip(1);
        let mut marks = marks.filter_map(|mark| mark.split([')', ']', '）', '】']).next());
        let marked = labeled.or_else(|| marks.find_map(whole));
        marked.or_else(|| whole(name).filter(|_| at != task))
    })
}

/// True if a text states a priority and nothing else.
pub(super) fn is_mark(text: &str) -> bool {
    whole(text).is_some()
}

fn number(word: &str) -> Option<Priority> {
    let mut all = ["p0", "p1", "p2", "p3", "p4"].into_iter();
    let found = all.position(|name| list(name).is(word))?;
    Priority::try_from(u8::try_from(found).ok()?).ok()
}

/// The first priority in the first three words of a label.
fn first_of(text: &str) -> Option<Priority> {
    tokens(text).iter().take(3).find_map(|word| number(word))
}

/// The priority in a text that states little else, or that begins with `P0` to `P4`.
fn whole(text: &str) -> Option<Priority> {
    let said = tokens(text);
    let first = said.first()?;
    let is_bare = |word: &String| list("priority-beside").is(word) || number(word).is_some();
    if matches!(first.as_bytes(), [b'p', b'0'..=b'4']) {
        return number(first);
    }
    let mut numbers = said.iter().filter_map(|word| number(word));
    let found = numbers.next();
    found.filter(|_| said.len() <= 4 && said.iter().all(is_bare))
}
