//! Renders the merge queue.

use git_pm::tasks::{LeftOut, MergeRisk, QueueReport, QueuedItem};

use super::format::{counted, short};
use super::limits;
use super::page::Page;
use super::style::Label;

/// The report of `merge --queue`.
pub fn queue(page: &mut Page, report: &QueueReport) {
    let is_empty = report.order.is_empty() && report.left_out.is_empty();
    if is_empty && report.merged.is_empty() {
        page.line("The merge queue is empty: no item is in review or approved.");
        return;
    }
    if report.plan {
        expected(page, report);
    } else {
        for one in &report.merged {
            page.put(Label::Good, "Merged ").put(Label::Id, &one.id);
            page.text(" ").text(&one.title).end();
            let into = format!("{}, at {}", one.target, short(&one.commit));
            page.field("into", Label::Path, into);
            page.field("worktree", Label::Text, &one.worktree_kept);
        }
    }
    if !report.left_out.is_empty() {
        page.heading(match report.plan {
            true => "Would be left out",
            false => "Left out",
        });
    }
    for one in &report.left_out {
        left_out(page, one);
    }
    for epic in &report.replan {
        page.warning(&epic.text);
    }
    if !report.plan {
        let merged = counted(report.merged.len(), "item");
        page.gap();
        page.line(format!(
            "{merged} merged, {} left out",
            report.left_out.len()
        ));
    }
    match report.plan && !report.order.is_empty() {
        true => page.next(&["git pm merge --queue"]),
        false => page,
    };
}

fn expected(page: &mut Page, report: &QueueReport) {
    if report.order.is_empty() {
        page.line("No item can be merged now.");
        return;
    }
    page.heading("Merge order (nothing was changed)");
    for (n, one) in report.order.iter().enumerate() {
        page.text(format!("  {:>3} ", n + 1))
            .put(Label::Id, &one.id);
        page.text(" ").text(&one.title);
        page.put(Label::Dim, " into ").put(Label::Path, &one.target);
        risk(page, one);
    }
}

fn risk(page: &mut Page, one: &QueuedItem) {
    let Some(risk) = one.risk else {
        page.end();
        return;
    };
    let label = match risk {
        MergeRisk::None => Label::Good,
        MergeRisk::Low => Label::Waiting,
        MergeRisk::High | MergeRisk::Conflicts => Label::Bad,
    };
    page.put(Label::Dim, "  conflict risk ")
        .put(label, risk.as_str())
        .end();
    if one.paths.is_empty() {
        return;
    }
    let most = if page.verbose() {
        usize::MAX
    } else {
        limits::QUEUE_FILES_MAX
    };
    let mut paths: Vec<&str> = one.paths.iter().map(String::as_str).take(most).collect();
    let more = one.paths.len() - paths.len();
    let rest = format!("{more} more");
    if more > 0 {
        paths.push(&rest);
    }
    page.text("      ").put(Label::Path, paths.join(", "));
    if !one.with.is_empty() {
        page.put(Label::Dim, " also changed by ")
            .text(one.with.join(", "));
    }
    page.end();
}

fn left_out(page: &mut Page, one: &LeftOut) {
    let (first, more) = one.text.split_once('\n').unwrap_or((&one.text, ""));
    page.text("  ")
        .put(Label::Id, &one.id)
        .text(" ")
        .text(&one.title)
        .end();
    page.text("      ").put(Label::Bad, first).end();
    page.prose("        ", more);
    let hints = if page.quiet() { &[][..] } else { &one.hints };
    for hint in hints {
        page.text("      ")
            .put(Label::Hint, "hint:")
            .text(" ")
            .text(hint)
            .end();
    }
}
