//! Renders `lfg` and `slfg`: the way from a document to merged work.

use git_pm::costs::UsageView;
use git_pm::learnings::DraftedLearning;
use git_pm::runs::{FullEvent, FullStepStatus, FullStepView, FullView, JobView, RunStatus};

use super::page::Page;
use super::style::Label;
use super::{debate, finding, plan_findings, runs};

/// A step that begins, and what happens in it.
pub fn event(page: &mut Page, event: &FullEvent) {
    match event {
        FullEvent::Begun(step) => {
            page.put(Label::Heading, format!("{step} …")).end();
        }
        // The answer has a line for each.
        FullEvent::Ended(_) => {}
        FullEvent::Run(event) => runs::event(page, event),
        FullEvent::Asked(run, names) => {
            page.dim(format!("{run}: {}", names.join(", ")));
        }
        FullEvent::Turn(turn) => debate::turn(page, turn),
        FullEvent::Review(report) => {
            page.dim(format!("review of {}", report.id));
            finding::round(page, report);
        }
    }
}

fn line(page: &mut Page, step: &FullStepView) {
    page.put(Label::Heading, format!("{:<8}", step.step.to_string()));
    page.put(label(step.status), step.status.to_string());
    if let Some(text) = &step.text {
        page.text(": ").text(text);
    }
    page.end();
}

fn label(status: FullStepStatus) -> Label {
    match status {
        FullStepStatus::Done => Label::Good,
        FullStepStatus::Failed => Label::Bad,
        FullStepStatus::Waits | FullStepStatus::Stopped => Label::Waiting,
        FullStepStatus::Planned => Label::Active,
        FullStepStatus::Nothing | FullStepStatus::NotReached => Label::Dim,
    }
}

fn tokens(used: &UsageView) -> u64 {
    used.input_tokens + used.cached_tokens + used.output_tokens
}

/// By whom, and what it cost.
fn receipt(by: &str, used: &UsageView) -> String {
    let by = if by.is_empty() {
        String::new()
    } else {
        format!("by {by}")
    };
    let tokens = match tokens(used) {
        0 => String::new(),
        n => format!(" {n} tokens"),
    };
    let price = used
        .cost_usd
        .map_or(String::new(), |usd| format!(" ${usd:.4}"));
    format!("{by}{tokens}{price}")
}

/// How far a document has come.
pub fn full(page: &mut Page, view: &FullView) {
    if let Some(prd) = &view.prd {
        page.put(Label::Id, prd).text("  ");
    }
    if let Some(title) = &view.title {
        page.text(title);
    }
    if view.prd.is_some() || view.title.is_some() {
        page.end();
    }
    for step in &view.steps {
        line(page, step);
    }
    if !view.findings.is_empty() {
        page.gap().heading("Findings");
        plan_findings::checks(page, &view.findings);
    }
    page.gap();
    page.section("New tasks", 0, &view.new_tasks, |_, title| {
        [Label::Text.of(title)]
    });
    if let Some(schedule) = &view.schedule {
        page.heading("Work");
        runs::plan(page, schedule);
    }
    page.section("Tasks", 2, &view.tasks, |_, task| {
        [
            Label::Id.of(&task.id),
            Label::Text.of(&task.status),
            Label::Text.of(&task.title),
            Label::Dim.of(receipt(&task.agents.join(", "), &task.used)),
        ]
    });
    if tokens(&view.spent) > 0 {
        page.line(format!(
            "  in all {}",
            receipt("", &view.spent).trim_start()
        ));
    }
    let runs = view.runs.iter().flat_map(|run| &run.tasks);
    let left: Vec<&JobView> = runs
        .filter(|task| task.status != RunStatus::Completed && task.reason.is_some())
        .collect();
    page.section("Not done", 1, &left, |_, task| {
        [
            Label::Id.of(&task.id),
            Label::Text.of(task.reason.as_deref().unwrap_or_default()),
        ]
    });
    page.section("For a human", 1, &view.review, |_, one| {
        [
            Label::Id.of(&one.id),
            Label::Text.of(&one.reason),
            Label::Text.of(&one.title),
        ]
    });
    let drafts = view.drafts.iter().flat_map(|one| &one.drafts);
    let drafts: Vec<&DraftedLearning> = drafts.collect();
    page.section("Drafted", 1, &drafts, |_, draft| {
        [
            Label::Id.of(draft.id.as_deref().unwrap_or_default()),
            Label::Text.of(&draft.title),
        ]
    });
    // Most of them are for humans only.
    if !page.agent() {
        page.gap();
        page.next(&view.next);
    }
}
