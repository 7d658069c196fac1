//! Renders findings and reviews.

use git_pm::Result;
use git_pm::error::{Hint, Reason};
use git_pm::findings::{
    FindingIssue, FindingStatus, FindingView, Found, RangeReview, ReviewReport, ReviewerReport,
    Severity,
};
use git_pm::items::ItemView;

use super::format::{counted, short};
use super::limits::ITEM_FINDINGS_MAX;
use super::next_steps::onward;
use super::page::Page;
use super::style::Label;
use super::table::{Cell, fit};

/// The width of a claim in a list, in characters.
const CLAIM: usize = 60;

fn label(finding: &FindingView) -> Label {
    match finding.severity {
        Severity::P0 | Severity::P1 => Label::Bad,
        Severity::P2 => Label::Active,
        Severity::P3 => Label::Dim,
    }
}

/// `src/a.rs:12`, or the path of a file as a whole.
fn place(finding: &FindingView) -> String {
    let path = finding.path.clone().unwrap_or_default();
    finding
        .line
        .map_or(path.clone(), |line| format!("{path}:{line}"))
}

/// The open findings of an item and its last review; of the findings, those that block are named.
pub fn of_item(page: &mut Page, item: &ItemView) {
    let Some(found) = &item.findings else {
        return;
    };
    page.heading("Findings");
    if let Some(last) = &found.last_review {
        let when = page.when(&last.at);
        page.dim(format!(
            "  last review: {}, by {}, {when}",
            last.verdict, last.reviewers
        ));
    }
    let of_each = found.by_severity.iter();
    let of_each: Vec<String> = of_each.map(|(of, n)| format!("{n} {of}")).collect();
    match found.open {
        0 if found.kept.is_empty() => _ = page.line("  none is open"),
        0 => {}
        open => _ = page.line(format!("  {open} open: {}", of_each.join(", "))),
    };
    let blocking = found.worst.iter().filter(|one| one.blocks);
    page.rows("  ", 2, blocking.take(ITEM_FINDINGS_MAX), |_, one| {
        [
            Label::Id.of(&one.id),
            Label::Bad.of(one.severity.as_str()),
            Label::Text.of(fit(&one.claim, CLAIM).0),
            Label::Path.of(one.place.as_deref().unwrap_or_default()),
            Label::Bad.of("blocks"),
        ]
    });
    for kept in &found.kept {
        page.text("  ").put(Label::Bad, "blocks").text("  ");
        page.line(kept.told(item));
    }
    if found.blocking > ITEM_FINDINGS_MAX {
        let more = found.blocking - ITEM_FINDINGS_MAX;
        page.dim(format!(
            "  and {more} more that block: `git pm finding list {}`",
            item.id
        ));
    }
}

/// What is unusual about a finding.
fn marks(finding: &FindingView) -> String {
    let mut marks: Vec<String> = Vec::new();
    if finding.status != FindingStatus::Open {
        marks.push(finding.status.to_string().replace('_', " "));
    }
    if !finding.confirmed {
        marks.push("unconfirmed".into());
    }
    if finding.private {
        marks.push("in this clone only".into());
    }
    marks.join(", ")
}

fn row(finding: &FindingView) -> [Cell; 5] {
    [
        Label::Id.of(&finding.id),
        label(finding).of(finding.severity.as_str()),
        Label::Text.of(fit(&finding.claim, CLAIM).0),
        Label::Path.of(place(finding)),
        Label::Active.of(marks(finding)),
    ]
}

/// Findings as a table.
pub fn list(page: &mut Page, findings: &[FindingView]) {
    page.list("No findings.", 2, findings, |_, one| row(one));
}

/// Findings with the issues made of them.
pub fn issues(page: &mut Page, made: &[FindingIssue]) {
    page.list("No open findings.", 2, made, |_, one| {
        [
            Label::Id.of(&one.finding),
            Label::Id.of(&one.issue),
            Label::Dim.of(if one.new { "made" } else { "made before" }),
        ]
    });
}

fn reviewers(page: &mut Page, all: &[ReviewerReport]) {
    for reviewer in all {
        page.text(format!("  {}: ", reviewer.name));
        match &reviewer.failed {
            Some(why) => page.put(Label::Bad, why).end(),
            None => {
                let mut said = counted(reviewer.findings, "finding");
                if reviewer.elsewhere > 0 {
                    said += &format!(", {} about lines that did not change", reviewer.elsewhere);
                }
                if reviewer.invented > 0 {
                    said += &format!(", {} about what is not there", reviewer.invented);
                }
                page.line(said)
            }
        };
    }
}

/// `src/a.rs:12: ` of a finding that is not recorded.
pub fn place_of(finding: &Found) -> String {
    let place = finding.place.as_ref();
    place.map_or(String::new(), |place| match place.line {
        _ if place.path.is_empty() => String::new(),
        Some(line) => format!("{}:{line}: ", place.path),
        None => format!("{}: ", place.path),
    })
}

/// The answer of a review of commits that belong to no item.
pub fn range(page: &mut Page, review: &RangeReview) {
    page.put(Label::Heading, &review.range).end();
    reviewers(page, &review.reviewers);
    for one in &review.findings {
        let place = place_of(one);
        page.text(format!("{}  {place}", one.severity));
        page.line(&one.claim);
    }
    page.gap();
    match review.passed {
        true => page.put(Label::Good, "No finding stops a merge.").end(),
        false => page.put(Label::Bad, "Not passed.").end(),
    };
}

/// The answer of a review, with what is next.
pub fn report(page: &mut Page, report: &ReviewReport, next: &Result<Option<Hint>>) {
    page.put(Label::Id, &report.id).text("  ");
    page.put(Label::Heading, &report.title).end();
    reviewers(page, &report.reviewers);
    if !report.fixed.is_empty() {
        page.put(Label::Good, "  fixed: ")
            .line(report.fixed.join(", "));
    }
    if !report.open.is_empty() {
        page.gap();
        list(page, &report.open);
    }
    if report.left_out > 0 {
        page.warning(format!(
            "{} are not kept",
            counted(report.left_out, "more finding")
        ));
    }
    if report.settled > 0 {
        let claims = counted(report.settled, "claim");
        page.dim(format!("{claims} left out, about what was settled before"));
    }
    if !report.owners.is_empty() {
        page.dim(format!("owners to ask: {}", report.owners.join(", ")));
    }
    if let Some(why) = &report.stopped {
        page.warning(format!("a human has to decide: {why}"));
    }
    page.gap();
    if !report.passed {
        page.put(Label::Bad, "Not passed.").end();
        let blocking = report.open.iter().find(|one| one.blocks);
        let show = blocking.map(|one| format!("git pm finding show {}", one.id));
        return onward(page, show, next);
    }
    let said = match (report.approved, page.agent()) {
        (true, _) if next.is_ok() => "Nothing stops the merge.",
        (true, _) => "No finding stops the merge.",
        (false, true) => "No finding stops the merge. A human has to approve it first.",
        (false, false) => "No finding stops the merge. It has to be approved first.",
    };
    page.put(Label::Good, said).end();
    let commit = short(&report.commit);
    match next {
        Err(stop) if stop.reason() == Reason::ActorNotHuman => {}
        _ if report.newer_than_approved && !page.agent() => {
            let command = format!("git pm task approve {} --commit {commit}", report.id);
            page.next(&[command]);
        }
        _ => onward(page, None, next),
    }
}

/// The end of a round of agents, in one line.
pub fn round(page: &mut Page, report: &ReviewReport) {
    for reviewer in &report.reviewers {
        if let Some(why) = &reviewer.failed {
            page.dim(format!("{} has no answer: {why}", reviewer.name));
        }
    }
    let Some(round) = report.round else { return };
    let blocking = report.open.iter().filter(|one| one.blocks).count();
    let new = counted(report.new.len(), "new finding");
    let block = if blocking == 1 { "blocks" } else { "block" };
    page.dim(format!(
        "round {round}: {new}, {blocking} open that {block}"
    ));
}

/// One sentence about a finding.
pub fn done(page: &mut Page, verb: &str, finding: &FindingView) {
    page.text(format!("{verb} ")).put(Label::Id, &finding.id);
    page.text(" ").line(&finding.claim);
}

/// A finding with all that is known.
pub fn full(page: &mut Page, finding: &FindingView) {
    page.put(Label::Id, &finding.id).text("  ");
    page.put(label(finding), finding.severity.as_str())
        .text("  ");
    page.put(Label::Heading, &finding.claim).end();
    let id = page.verbose().then(|| finding.uid.to_string());
    page.field("uid", Label::Dim, id);
    page.field("item", Label::Id, &finding.item);
    page.field("place", Label::Path, place(finding));
    page.field(
        "status",
        Label::Active,
        finding.status.as_str().replace('_', " "),
    );
    if finding.blocks {
        page.field("blocks", Label::Bad, "approval and merge");
    }
    if finding.private {
        page.field(
            "kept",
            Label::Active,
            "in this clone only, until it is shared",
        );
    }
    page.field("category", Label::Text, &finding.category);
    page.field("reviewer", Label::Actor, &finding.reviewer);
    page.field("model", Label::Dim, &finding.model);
    page.field("rule", Label::Dim, &finding.rule);
    page.field("commit", Label::Dim, &finding.commit);
    page.field("fixed by", Label::Dim, &finding.fixed_by);
    page.field("issue", Label::Id, &finding.issue);
    page.field("dismissed by", Label::Actor, &finding.dismissed_by);
    page.field("reason", Label::Text, &finding.reason);
    page.field("outcome", Label::Text, &finding.outcome);
    page.field("suggestion", Label::Text, &finding.suggestion);
    for other in &finding.agreed {
        page.field(
            "also said by",
            Label::Actor,
            format!("{}: {}", other.reviewer, other.claim),
        );
    }
    for answer in &finding.answers {
        let round = answer
            .round
            .map_or(String::new(), |n| format!(" in round {n}"));
        let why = answer.reason.as_ref();
        let why = why.map_or(String::new(), |why| format!(": {why}"));
        let said = answer.answer.replace('_', " ");
        page.field(
            "answered",
            Label::Actor,
            format!("{said}{round}, by {}{why}", answer.by),
        );
    }
    if let Some(quote) = &finding.quote {
        page.gap();
        page.prose("    ", quote);
    }
}
