//! Renders what the checks of a plan found, and what became of each line of its document.

use git_pm::plans::{Check, Coverage, Disposition, Severity};

use super::format::{counted, word};
use super::limits;
use super::page::Page;
use super::plan::{WIDTH, called, of_plan, range};
use super::style::Label;
use super::table::fit;

/// What the checks found, one line for each rule.
pub(super) fn open_checks(page: &mut Page, prd: &str, checks: &[Check]) {
    if checks.is_empty() {
        return;
    }
    page.heading("Findings");
    if page.verbose() {
        for check in checks {
            finding(page, check, None);
        }
        return;
    }
    // One of each rule: many of one rule would hide the others.
    let mut groups: Vec<(&Check, usize)> = Vec::new();
    for check in checks {
        let same = |(first, _): &&mut (&Check, usize)| first.rule == check.rule;
        match groups.iter_mut().find(same) {
            Some((_, more)) => *more += 1,
            None => groups.push((check, 0)),
        }
    }
    groups.truncate(limits::PLAN_RULES_MAX);
    for (check, more) in &groups {
        finding(page, check, Some(*more));
    }
    if checks.len() > groups.len() {
        let check = of_plan("check", prd);
        page.dim(format!("  (+N): N more like it. `{check}` shows all"));
    }
}

/// A finding: whole, or in one line with the number of others of its rule.
pub(super) fn finding(page: &mut Page, check: &Check, others: Option<usize>) {
    let label = match check.severity {
        Severity::Error => Label::Error,
        Severity::Warning => Label::Warning,
        Severity::Note => Label::Hint,
    };
    let word = word(&check.severity);
    let task = check.task.map(|task| format!(" task {task}"));
    let mut place = task.unwrap_or_default();
    if let Some(lines) = check.lines.filter(|lines| lines.start > 0) {
        place.push_str(&format!(" line {}", lines.start));
    }
    page.text("  ").put(label, &word);
    page.put(Label::Dim, &place).text(": ");
    let Some(others) = others else {
        page.line(&check.message);
        return;
    };
    let more = match others {
        0 => String::new(),
        count => format!(" (+{count})"),
    };
    let taken = 4 + word.len() + place.chars().count() + more.len();
    page.text(fit(&check.message, 79usize.saturating_sub(taken)).0);
    page.dim(more);
}

/// The findings of the checks.
pub fn checks(page: &mut Page, checks: &[Check]) {
    if checks.is_empty() {
        page.put(Label::Good, "No findings.").end();
    }
    for check in checks {
        finding(page, check, None);
    }
}

/// What became of each statement of a document.
pub fn coverage(page: &mut Page, coverage: &Coverage) {
    if coverage.outdated {
        let diff = of_plan("diff", &coverage.prd);
        page.warning(format!(
            "the document has changed since it was planned; `{diff}` shows the effect"
        ));
    }
    for statement in &coverage.statements {
        let account = &statement.account;
        if account.text.is_empty() {
            continue;
        }
        let lines = range(account.lines.start, account.lines.end);
        let label = match account.disposition {
            Disposition::Task
            | Disposition::Criterion
            | Disposition::Text
            | Disposition::Restatement => Label::Good,
            Disposition::Uncovered => Label::Warning,
            _ => Label::Dim,
        };
        page.put(Label::Dim, format!("{lines:>9}  "));
        page.put(label, format!("{:12}", word(&account.disposition)));
        let tasks: Vec<String> = statement.numbers.iter().map(u32::to_string).collect();
        page.put(Label::Id, format!("{:8}", fit(&tasks.join(","), 7).0));
        if !page.verbose() {
            page.line(fit(&account.text, WIDTH - 31).0);
            continue;
        }
        page.line(&account.text);
        let called = account
            .called
            .map(|other| format!("called {}", called(other)));
        let by = account.by.as_ref().map(|by| format!("by {by}"));
        let reason = Some(account.reason.clone()).filter(|reason| !reason.is_empty());
        let told: Vec<String> = [called, reason, by].into_iter().flatten().collect();
        if !told.is_empty() {
            page.dim(format!("{:31}{}", "", told.join(", ")));
        }
    }
    let label = match coverage.uncovered {
        0 => Label::Good,
        _ => Label::Warning,
    };
    let count = counted(coverage.uncovered, "statement");
    page.put(label, format!("uncovered: {count}")).end();
}
