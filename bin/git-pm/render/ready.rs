//! Renders the reasons why nothing is ready.

use git_pm::error::RootBlockers;
use git_pm::insights::Idle;
use git_pm::plans::Unready;

use super::limits;
use super::page::Page;
use super::style::Label;

/// The reason why nothing is ready, with hints.
pub fn idle(page: &mut Page, idle: Option<&Idle>) {
    if let Some(idle) = idle {
        page.line(format!("Nothing is ready: {}.", idle.why));
        waiting(page, &idle.waiting);
        page.hints(&idle.hints);
    }
}

/// The items that others wait for, with their holders.
pub fn waiting(page: &mut Page, waiting: &RootBlockers) {
    for one in waiting.named.iter().take(limits::AWAITED_MAX) {
        let message = page.marked(&one.message).into_owned();
        page.line(format!("  {message}"));
    }
    let named = waiting.named.len();
    page.more(waiting.more + named, named.min(limits::AWAITED_MAX));
}

/// Tasks that do not meet the definition of ready.
pub fn unready(page: &mut Page, tasks: &[Unready]) {
    if tasks.is_empty() {
        let all = "Every queued task meets the definition of ready.";
        page.put(Label::Good, all).end();
    }
    page.rows("", 1, tasks, |_, task| {
        [
            Label::Id.of(&task.id),
            Label::Text.of(&task.title),
            Label::Waiting.of(format!("no {}", task.missing.join(", no "))),
        ]
    });
}
