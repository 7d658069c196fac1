//! Criteria about all of something that say nowhere what all of it is.

use super::{Check, Severity, Subject, tasks};
use crate::model::text::shorten;
use crate::plan::document::list;

pub(super) fn findings(subject: &Subject<'_>) -> Vec<Check> {
    let found = tasks(subject.plan).filter_map(|planned| {
        let mut criteria = planned.task.acceptance.iter();
        let (one, word) = criteria.find_map(|one| Some((one, unbounded(&one.text)?)))?;
        let text = shorten(&one.text, 70);
        let message = format!(
            "`{}` does not say which cases \"{word}\" has: \"{text}\"",
            planned.name
        );
        let fix = "list the cases, or name the list, the folder or the test that has them";
        Some(Check {
            lines: Some(one.lines).filter(|lines| lines.start > 0),
            ..Check::of_task(planned, "unbounded", Severity::Note, message, fix)
        })
    });
    found.collect()
}

/// The word for all cases in a text that neither lists them nor names a set of its own. A step of a
/// scenario speaks of the cases of its example.
fn unbounded(text: &str) -> Option<String> {
    let word = list("universal").first(text)?;
    if list("scenario-steps").begins(text) {
        return None;
    }
    let has_list = text.contains(|c: char| c.is_ascii_digit() || "`(:[\"“„«/,".contains(c));
    (!has_list && !list("bounded").has(text)).then_some(word)
}
