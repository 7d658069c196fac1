//! How the absence of ready work and the definition of ready read.

use git_pm::error::Waiting;
use git_pm::plan::dor::Unready;
use git_pm::work::insight::Idle;

use super::page::Page;
use super::style::Label;
use super::table::Table;

/// Why nothing is ready, and what helps.
pub fn idle(page: &mut Page, idle: Option<&Idle>) {
    if let Some(idle) = idle {
        page.line(&format!("Nothing is ready: {}.", idle.why));
        waiting(page, &idle.waiting);
        page.hints(&idle.hints);
    }
}

/// How many of those that others wait for are named.
const WAITED: usize = 5;

/// What is waited for, and who holds it.
pub fn waiting(page: &mut Page, waiting: &Waiting) {
    for one in waiting.named.iter().take(WAITED) {
        page.line(&format!("  {}", one.message));
    }
    let more = waiting.more + waiting.named.len().saturating_sub(WAITED);
    if more > 0 {
        let more = format!("  and {more} more");
        page.put(Label::Dim, &more).end();
    }
}

/// Tasks that are not ready by definition.
pub fn unready(page: &mut Page, tasks: &[Unready]) {
    if tasks.is_empty() {
        page.put(
            Label::Good,
            "Every queued task meets the definition of ready.",
        )
        .end();
    }
    let mut table = Table::new(1);
    for task in tasks {
        table.row([
            (Label::Id, task.id.as_str()),
            (Label::Text, &task.title),
            (
                Label::Waiting,
                &format!("no {}", task.missing.join(", no ")),
            ),
        ]);
    }
    page.table("", &table);
}
