//! Renders the rules for news, and what was sent.

use git_pm::notifications::{Delivery, DeliveryStatus, NotifyRule, NotifyRules};

use super::page::Page;
use super::style::Label;

/// A rule that was added.
pub fn added(page: &mut Page, rule: &NotifyRule) {
    page.line(format!("Added the rule {}.", rule.name));
    page.next(&["git pm notify send --dry-run"]);
}

/// The rules, and which clone sends.
pub fn rules(page: &mut Page, all: &NotifyRules) {
    if all.rules.is_empty() {
        page.line("This clone has no rules for news.");
        page.next(&["git pm notify add NAME --to CHANNEL ADDRESS --on '*'"]);
    }
    page.rows("", 3, &all.rules, |_, rule| {
        let words: Vec<&str> = rule.on.iter().map(|want| want.as_str()).collect();
        let quiet = rule.quiet.as_ref().map(|quiet| format!("quiet {quiet}"));
        [
            Label::Id.of(&rule.name),
            Label::Text.of(rule.to.map_or("not valid", |to| to.as_str())),
            Label::Dim.of(rule.host.as_deref().unwrap_or_default()),
            Label::Text.of(words.join(", ")),
            Label::Dim.of(quiet.unwrap_or_default()),
        ]
    });
    for rule in &all.rules {
        if let Some(problem) = &rule.problem {
            page.warning(format!("{}: {problem}", rule.name));
        }
    }
    page.field("this clone", Label::Id, &all.clone);
    page.field("sender", Label::Id, &all.sender);
}

/// What became of the news of each rule.
pub fn deliveries(page: &mut Page, all: &[Delivery]) {
    if all.is_empty() {
        page.line("This clone has no rules for news.");
    }
    for one in all {
        delivery(page, one);
    }
}

/// What became of the news of one rule.
fn delivery(page: &mut Page, one: &Delivery) {
    let label = match one.status {
        DeliveryStatus::Sent | DeliveryStatus::Pending => Label::Good,
        DeliveryStatus::Failed => Label::Bad,
        _ => Label::Dim,
    };
    page.put(Label::Id, &one.rule).text(" ");
    page.put(label, one.status.as_str());
    if one.count > 0 {
        page.text(format!(" ({})", one.count));
    }
    if let Some(reason) = &one.reason {
        page.text(format!(": {reason}"));
    }
    page.end();
    if let Some(text) = &one.text {
        page.prose("  ", text);
    }
}
