//! Renders the check of a branch, for people and as annotations of GitHub Actions.

use git_pm::findings::{BranchCheck, CheckProblem};

use super::finding::place_of;
use super::format::counted;
use super::page::Page;
use super::style::Label;

/// The report for people.
pub fn report(page: &mut Page, report: &BranchCheck) {
    for one in &report.problems {
        let found = &one.finding;
        let label = if one.blocks { Label::Bad } else { Label::Dim };
        page.put(
            label,
            format!("{:<11} {}  ", one.check.as_str(), found.severity),
        );
        page.line(format!("{}{}", place_of(found), found.claim));
        if one.blocks
            && let Some(todo) = &found.suggestion
        {
            page.dim(format!("                {todo}"));
        }
    }
    if !report.problems.is_empty() {
        page.gap();
    }
    summary(page, report);
}

/// A workflow command of GitHub Actions for each problem; the runner reads one at the start of a line, so
/// no other line has a text of others.
pub fn annotations(page: &mut Page, report: &BranchCheck) {
    for one in &report.problems {
        page.line(annotation(one));
    }
    summary(page, report);
}

fn annotation(one: &CheckProblem) -> String {
    let found = &one.finding;
    let level = if one.blocks { "error" } else { "warning" };
    let mut properties = format!(
        "title={}",
        property(&format!("git pm check: {}", one.check))
    );
    let place = found.place.as_ref();
    if let Some(place) = place.filter(|place| !place.path.is_empty()) {
        properties += &format!(",file={}", property(&place.path));
        // Removed lines are none of the file.
        if let Some(line) = place.line.filter(|_| !place.removed) {
            properties += &format!(",line={line}");
        }
    }
    let todo = found.suggestion.iter().map(|todo| format!("\n{todo}"));
    let message = todo.fold(found.claim.clone(), |text, part| text + &part);
    format!("::{level} {properties}::{}", data(&message))
}

/// A text as the message of a workflow command.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as the value of a property of one.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn summary(page: &mut Page, report: &BranchCheck) {
    let commits = counted(report.commits, "commit");
    let blocking = report.problems.iter().filter(|one| one.blocks).count();
    match report.passed {
        true if report.commits == 0 => page.put(Label::Good, "Passed: the base has all commits."),
        true => page.put(
            Label::Good,
            format!("Passed: nothing stops a merge of {commits}."),
        ),
        false => {
            let said = format!("Not passed: {} of {commits}.", counted(blocking, "problem"));
            page.put(Label::Bad, said)
        }
    };
    page.end();
}
