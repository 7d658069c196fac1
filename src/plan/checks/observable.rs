//! Tasks whose every criterion is only vague: nothing tells that they are done.

use super::{Check, Severity, Subject, tasks};
use crate::model::text::shorten;
use crate::plan::document::{list, tokens};
use crate::plan::draft::Criterion;

/// A longer criterion says more than its vague words, in words.
const SHORT: usize = 9;

pub(super) fn findings(subject: &Subject<'_>) -> Vec<Check> {
    let is_vague = |planned: &&super::Planned| {
        let all = &planned.task.acceptance;
        !all.is_empty() && all.iter().all(is_only_vague)
    };
    let all = tasks(subject.plan).filter(is_vague);
    all.map(|planned| {
        let first = planned.task.acceptance.first();
        let text = first.map_or("", |one| one.text.as_str());
        let message = format!(
            "no criterion of `{}` says what can be observed: \"{}\"",
            planned.name,
            shorten(text, 70)
        );
        let fix = "add a criterion with a value, an output or an effect that a test can see";
        Check::of_task(planned, "not-observable", Severity::Warning, message, fix)
    })
    .collect()
}

fn is_only_vague(criterion: &Criterion) -> bool {
    let text = &criterion.text;
    let is_vague = !criterion.vague.is_empty() || list("hollow").has(text);
    let has_value = text.contains(|c: char| c.is_ascii_digit() || "`\"“«=:(".contains(c));
    is_vague && !has_value && tokens(text).len() <= SHORT
}
