//! Renders the debate of a plan.

use git_pm::plans::{DebateReport, DebateTurn};

use super::finding;
use super::format::counted;
use super::page::Page;
use super::style::Label;

/// A turn, in one line.
pub fn turn(page: &mut Page, turn: &DebateTurn) {
    let what = match (&turn.critics, &turn.changed) {
        (Some(critics), None) => critics.clone(),
        (_, Some(changed)) => changed.lines().next().unwrap_or_default().to_string(),
        (None, None) => String::new(),
    };
    let tokens = match turn.tokens {
        0 => String::new(),
        n => format!(", {n} tokens"),
    };
    let dropped = match turn.dropped {
        0 => String::new(),
        n => format!(", {n} about what is not there"),
    };
    page.line(format!(
        "  v0.{} {}: {}, {what}{dropped}{tokens}",
        turn.round, turn.role, turn.verdict
    ));
}

/// Where the debate of a plan stands.
pub fn report(page: &mut Page, report: &DebateReport) {
    page.put(Label::Id, &report.id).text("  ");
    page.put(Label::Heading, &report.title).end();
    report.turns.iter().for_each(|one| turn(page, one));
    for duty in &report.duties {
        page.gap();
        page.heading(&duty.duty);
        match (duty.open.len(), duty.settled) {
            (0, 0) => page.dim("  nothing was found"),
            (_, 0) => page,
            (_, settled) => page.dim(format!("  {} settled", counted(settled, "finding"))),
        };
        if !duty.open.is_empty() {
            finding::list(page, &duty.open);
        }
    }
    page.gap();
    let all = &report.concerns;
    page.line(format!(
        "{} raised: {} addressed, {} withdrawn, {} dismissed, {} open",
        counted(all.raised, "concern"),
        all.addressed,
        all.withdrawn,
        all.dismissed,
        all.open
    ));
    if let Some(spend) = &report.spend {
        page.line(format!(
            "{}, {} tokens, ${:.4}: {} % by the architect, {} % by the critics",
            counted(report.rounds as usize, "round"),
            spend.tokens,
            spend.usd,
            spend.architect,
            spend.critics
        ));
        if spend.unusual {
            page.dim("usual are 40 % for the architect and 60 % for the critics");
        }
    }
    for check in &report.checks {
        page.dim(format!("  check: {check}"));
    }
    if let Some(why) = &report.stopped {
        page.warning(format!("a human has to decide: {why}"));
    }
    let id = &report.id;
    match report.airtight {
        true => page
            .put(Label::Good, "Airtight: nothing that matters is open.")
            .end()
            .next(&[format!("git pm plan approve {id}")]),
        false => {
            page.put(Label::Bad, "Not airtight: ");
            page.line(report.missing.join("; "));
            page.next(&[
                format!("git pm finding list {id}"),
                format!("git pm plan show {id}"),
            ])
        }
    };
}
