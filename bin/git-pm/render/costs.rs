//! Renders use, cost and budgets of agents.

use git_pm::costs::{BudgetState, BudgetView, CostLine, CostReport, UsageView};
use git_pm::values::span;

use super::format::counted;
use super::page::Page;
use super::style::Label;
use super::table::Cell;

/// A cost report.
pub fn report(page: &mut Page, report: &CostReport) {
    let total = &report.total;
    if total.attempts == 0 && tokens(total) == 0 {
        page.line("No agent has worked on this in a run.");
        page.next(&["git pm run --dry-run"]);
        return;
    }
    page.line(format!(
        "{} in {}, {}",
        counted(total.attempts, "attempt"),
        counted(total.tasks, "task"),
        span(total.agent_seconds.saturating_mul(1_000))
    ));
    page.field("cost", Label::Text, cost(total));
    page.field("tokens", Label::Text, token_counts(total));
    page.field("responses", Label::Text, answers(total));
    if total.attempts_without_usage > 0 {
        let text = format!(
            "{} without a report",
            counted(total.attempts_without_usage, "attempt")
        );
        page.field("unknown", Label::Waiting, text);
    }
    if let Some(compared) = &report.baseline {
        let hours = compared
            .hours
            .map(|hours| format!(" ({hours:.1} estimated hours)"));
        let of = counted(compared.finished, "finished task");
        let text = format!(
            "{:.2} USD for {of}{}",
            compared.baseline_usd,
            hours.unwrap_or_default()
        );
        page.field("baseline", Label::Text, text);
        let text = match compared.savings_percent {
            Some(percent) if compared.is_partial => format!("at most {percent:.1}%"),
            Some(percent) => format!("{percent:.1}%"),
            None => "unknown".to_string(),
        };
        page.field("savings", Label::Text, text);
    }
    for group in &report.groups {
        page.section(&format!("By {}", group.by), 1, &group.lines, line);
    }
}

fn line(_: &Page, line: &CostLine) -> [Cell; 6] {
    let percent = |of: Option<f64>| of.map(|of| format!("{of:.1}%")).unwrap_or_default();
    [
        Label::Id.of(&line.name),
        Label::Text.of(line.title.as_deref().unwrap_or_default()),
        Label::Text.of(dollars(&line.used)),
        Label::Dim.of(percent(line.cost_percent)),
        Label::Text.of(format!("{} tokens", tokens(&line.used))),
        Label::Dim.of(counted(line.used.attempts, "attempt")),
    ]
}

fn tokens(used: &UsageView) -> u64 {
    let read = used.input_tokens.saturating_add(used.cached_tokens);
    read.saturating_add(used.output_tokens)
}

/// The cost alone, `~` before one that is computed at least in part.
fn dollars(used: &UsageView) -> String {
    match used.cost_usd {
        None => "-".to_string(),
        Some(usd) if used.computed_usd > 0.0 => format!("~{usd:.2} USD"),
        Some(usd) => format!("{usd:.2} USD"),
    }
}

/// The cost, with what it leaves out.
fn cost(used: &UsageView) -> String {
    let mut text = match used.cost_usd {
        None => "unknown".to_string(),
        Some(usd) => format!("{usd:.2} USD"),
    };
    if used.computed_usd > 0.0 {
        text += &format!(", {:.2} of it computed from tokens", used.computed_usd);
    }
    if used.unpriced_tokens > 0 && used.cost_usd.is_some() {
        text += &format!("; {} tokens have no price", used.unpriced_tokens);
    }
    text
}

fn token_counts(used: &UsageView) -> String {
    if tokens(used) == 0 {
        return String::new();
    }
    format!(
        "{} input, {} cached, {} output",
        used.input_tokens, used.cached_tokens, used.output_tokens
    )
}

fn answers(used: &UsageView) -> String {
    if used.messages == 0 && used.tools == 0 {
        return String::new();
    }
    let tools = counted(used.tools, "tool call");
    format!("{}, {tools}", used.messages)
}

/// Budgets as a table.
pub fn budgets(page: &mut Page, budgets: &[BudgetView]) {
    page.list("No budgets.", 1, budgets, |_, budget| {
        [
            Label::Id.of(budget.epic.as_deref().unwrap_or("each day")),
            Label::Text.of(budget.title.as_deref().unwrap_or_default()),
            Label::Text.of(amounts(budget)),
            label(budget.state).of(budget.state.to_string()),
            Label::Actor.of(&budget.set_by),
        ]
    });
    warnings(page, budgets);
    if budgets.is_empty() {
        page.next(&["git pm budget set --day 20usd"]);
    }
}

/// What agents used, on one line.
pub fn total(used: &UsageView) -> String {
    format!(
        "{}, {}, {} tokens, cost {}",
        counted(used.attempts, "attempt"),
        counted(used.messages, "response"),
        tokens(used),
        cost(used)
    )
}

/// What agents used today, and the budgets, on one line each.
pub fn status(page: &mut Page, used: Option<&UsageView>, budgets: &[BudgetView]) {
    if let Some(used) = used {
        page.line(format!("Agents today: {}", total(used)));
    }
    for budget in budgets {
        let of = budget.epic.as_deref().unwrap_or("each day");
        page.line(format!(
            "Budget for {of}: {} ({})",
            amounts(budget),
            budget.state
        ));
    }
}

/// `12.00 of 50.00 USD`.
fn amounts(budget: &BudgetView) -> String {
    format!("{:.2} of {:.2} USD", budget.spent_usd, budget.budget_usd)
}

fn label(state: BudgetState) -> Label {
    match state {
        BudgetState::Open => Label::Good,
        BudgetState::Warning => Label::Waiting,
        BudgetState::Spent | BudgetState::Doubted => Label::Bad,
    }
}

/// What limits the use of budgets.
fn warnings(page: &mut Page, budgets: &[BudgetView]) {
    for budget in budgets {
        let of = budget.epic.as_deref().unwrap_or("the day");
        if let Some(reason) = &budget.reason {
            page.warning(format!(
                "the budget for {of} is in doubt, so no task that it covers is started: {reason}; \
                 a human must set it with `git pm budget set`"
            ));
        }
        if budget.unpriced_tokens > 0 {
            page.warning(format!(
                "the budget for {of} does not count {} tokens without a price: `git pm config` \
                 explains pm.price",
                budget.unpriced_tokens
            ));
        }
    }
}
