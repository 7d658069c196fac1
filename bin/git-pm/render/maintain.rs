//! How cleaning up and redacting read.

use git_pm::maintain::gc::GcReport;
use git_pm::maintain::redact::RedactReport;
use git_pm::model::text::bytes;

use super::page::Page;
use super::style::Label;
use super::table::Table;

/// What went for good, or would.
pub fn redact(page: &mut Page, report: &RedactReport) {
    let mut table = Table::new(3);
    for place in &report.places {
        let when = if place.current { "now" } else { "in history" };
        table.row([
            (Label::Id, place.item.as_str()),
            (Label::Heading, place.field.as_str()),
            (Label::Dim, when),
            (Label::Text, place.becomes.as_str()),
        ]);
    }
    page.table("", &table);
    let what = format!(
        "{} values, {} texts and {} commit messages",
        report.values, report.texts, report.messages
    );
    if report.dry_run {
        page.line(&format!("Would remove {what}, and the history with them."));
    } else {
        page.line(&format!("Removed {what}, and the history with them."));
        page.line(&format!(
            "{} objects of the old history went from this clone.",
            report.objects
        ));
    }
    for place in &report.beyond {
        page.warning(&format!("cannot be redacted: {place}"));
    }
    for left in &report.left {
        page.warning(left);
    }
    if report.dry_run {
        page.next(&["the same with --yes"]);
        return;
    }
    if let Some(remote) = &report.remote {
        after_cut(page, remote);
    }
    page.line("Change the secret all the same: whoever has fetched it may have kept it.");
}

/// What `gc` did, or would do.
pub fn gc(page: &mut Page, report: &GcReport) {
    let verb = if report.dry_run { "would go" } else { "gone" };
    let listed = |page: &mut Page, what: &str, names: &[String]| {
        if !names.is_empty() {
            page.field(&format!("{what} {verb}"), Label::Path, &names.join(", "));
        }
    };
    listed(page, "refs", &report.refs);
    listed(page, "drafts", &report.drafts);
    listed(page, "temporary files", &report.temporary);
    listed(page, "tombstones", &report.tombstones);
    listed(page, "ephemeral issues", &report.ephemeral);
    if report.commit.is_some() {
        page.line("The history was cut off; the state is as it was.");
    }
    if report.objects > 0 {
        page.line(&format!(
            "{} objects of an old history went.",
            report.objects
        ));
    }
    if report.packed > 0 {
        page.line(&format!("{} loose objects were packed.", report.packed));
    }
    for left in &report.left {
        page.warning(left);
    }
    page.line(&format!(
        "The object store took {} and takes {}.",
        bytes(report.size_before),
        bytes(report.size_after)
    ));
    if let Some(remote) = &report.remote {
        after_cut(page, remote);
    }
}

/// What is left to do after a cut.
fn after_cut(page: &mut Page, remote: &str) {
    page.line(&format!(
        "{remote} still has the old history: the next sync replaces it, and every clone that syncs \
         after that follows."
    ));
    page.line(
        "What nothing reaches there any more stays on the server until its own gc: ask the host's \
         support, or run `git gc --prune=now` there.",
    );
    page.next(&["git pm sync"]);
}
