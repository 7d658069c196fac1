//! Statements that one actor had planned, that another one removed, and that no task carries now.
//!
//! A removed task whose lines are open again is reported as uncovered; this names what was put aside
//! or counts as no work.

use super::{Check, Severity, Subject};
use crate::model::text::shorten;
use crate::plan::coverage::take_up;
use crate::plan::draft::Disposition;

pub(super) fn findings(subject: &Subject<'_>) -> Vec<Check> {
    let statements = subject.statements.iter().filter(|one| {
        one.tasks.is_empty() && !one.text.is_empty() && one.disposition != Disposition::Uncovered
    });
    let found = statements.filter_map(|one| {
        let parts = subject
            .plan
            .removed_parts
            .iter()
            .filter(|part| (one.by.is_some() || !part.is_task) && part.holds(one.lines));
        let (author, by) = parts
            .filter_map(|part| {
                let mut others = part.authors.iter().filter(|author| **author != part.by);
                Some((others.next()?, &part.by))
            })
            .next()?;
        let (line, text) = (one.lines.start, shorten(&one.text, 70));
        let reason = match one.by.is_some() && !one.reason.is_empty() {
            true => format!(" ({})", shorten(&one.reason, 50)),
            false => String::new(),
        };
        let message =
            format!("{by} removed line {line}, which {author} had planned{reason}: \"{text}\"");
        let add = take_up(subject.plan, one.lines, &format!("- L{line}"));
        Some(Check {
            lines: Some(one.lines),
            fix: Some(format!("{add}, or ask {author}")),
            ..Check::of_plan("dropped", Severity::Warning, message)
        })
    });
    found.collect()
}
