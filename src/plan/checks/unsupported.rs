//! Tasks that no statement of the document asks for.

use super::{Check, Severity, Subject, tasks};

pub(super) fn findings(subject: &Subject<'_>) -> Vec<Check> {
    let is_stated = |planned: &&super::Planned| {
        let mut criteria = planned.task.acceptance.iter();
        // Lines that are gone are a finding of their own.
        planned.task.lines.start > 0 || criteria.any(|one| !one.derived)
    };
    // A drafted one has no lines if it is closed, and the document asks for something else now.
    let all = tasks(subject.plan).filter(|planned| planned.is_written() && !is_stated(planned));
    all.map(|planned| {
        let message = format!("no line of the document asks for `{}`", planned.name);
        let fix = "name the lines that ask for it (`lines:`), or remove it";
        Check::of_task(planned, "unsupported", Severity::Warning, message, fix)
    })
    .collect()
}
