//! What an agent that writes a plan is told of the findings in it.

use super::super::approval_checks::{Check, Severity};
use super::other_plans::PLANNED_TWICE;
use crate::secret;

/// The findings that a person has to decide: the text of this plan corrects none of them.
const OF_PEOPLE: &[&str] = &[PLANNED_TWICE, "unknown-id"];

/// What an agent has to correct: errors and warnings, each with its place and the fix.
pub(crate) fn to_correct(checks: &[Check]) -> Vec<String> {
    let wrong = checks.iter();
    let wrong = wrong.filter(|check| check.severity != Severity::Note);
    let wrong = wrong.filter(|check| !OF_PEOPLE.contains(&check.rule.as_str()));
    wrong.map(finding).collect()
}

/// What it invented, for which no round is started.
pub(crate) fn invented(checks: &[Check]) -> Vec<String> {
    let invented = checks.iter().filter(|check| check.rule == "invented");
    invented.map(finding).collect()
}

fn finding(check: &Check) -> String {
    let line = check.lines.map(|lines| lines.start);
    let place = match (&check.name, line) {
        (Some(name), Some(line)) if check.rule == "unsaid" => format!("`{name}`, line {line}: "),
        (Some(name), _) => format!("`{name}`: "),
        (None, Some(line)) => format!("line {line} of the document: "),
        (None, None) => String::new(),
    };
    let fix = check.fix.as_deref();
    let fix = fix.map_or(String::new(), |fix| format!("; {fix}"));
    // A part of a statement may be a part of a secret, which nothing recognizes.
    let message = match check.rule.as_str() {
        "uncovered" => "no task covers it",
        "unsaid" => "a part of it is in no criterion",
        "dropped" => "another had planned it, and it was removed",
        _ => &check.message,
    };
    secret::redacted(&format!("{place}{message}{fix}")).0
}
