//! Renders `gc` and `redact`.

use git_pm::state::{GcReport, RedactReport};
use git_pm::text::bytes;

use super::format::counted;
use super::page::Page;
use super::style::Label;

/// The report of `redact`.
pub fn redact(page: &mut Page, report: &RedactReport) {
    page.rows("", 3, &report.places, |_, place| {
        let when = if place.current { "now" } else { "in history" };
        [
            Label::Id.of(&place.item),
            Label::Heading.of(&place.field),
            Label::Dim.of(when),
            Label::Text.of(&place.becomes),
        ]
    });
    let what = format!(
        "{}, {} and {}",
        counted(report.values, "value"),
        counted(report.texts, "text"),
        counted(report.messages, "commit message")
    );
    if report.dry_run {
        page.line(format!("Would remove {what}, and the history."));
    } else {
        page.line(format!("Removed {what}, and the history."));
        page.line(format!(
            "Removed {} of the old history from this clone.",
            counted(report.objects, "object")
        ));
    }
    for place in &report.beyond {
        page.warning(format!("cannot be redacted: {place}"));
    }
    for left in &report.left {
        page.warning(left);
    }
    if report.dry_run {
        page.next(&["repeat with --yes"]);
        return;
    }
    if let Some(remote) = &report.remote {
        after_cut(page, remote);
    }
    page.line("Rotate the secret in any case: anyone who fetched it may still have it.");
}

/// The report of `gc`.
pub fn gc(page: &mut Page, report: &GcReport) {
    let verb = if report.dry_run {
        "to remove"
    } else {
        "removed"
    };
    for (what, names) in [
        ("branches", &report.branches),
        ("refs", &report.refs),
        ("logs", &report.logs),
        ("drafts", &report.drafts),
        ("temporary files", &report.temporary),
        ("tombstones", &report.tombstones),
        ("ephemeral issues", &report.ephemeral),
    ] {
        page.field(&format!("{what} {verb}"), Label::Path, names);
    }
    if let Some(count) = report.history {
        let commits = counted(count, "commit");
        let day = report.history_since.as_deref().unwrap_or_default();
        let since = match day.split('T').next() {
            Some("") | None => String::new(),
            Some(day) => format!(" since {day}"),
        };
        page.line(match report.dry_run {
            true => format!("The history would be removed: {commits}{since}."),
            false => format!("Removed the history, {commits}{since}; the state is unchanged."),
        });
    }
    if report.objects > 0 {
        page.line(format!(
            "Removed {} from an old history.",
            counted(report.objects, "object")
        ));
    }
    if report.packed > 0 {
        page.line(format!(
            "Packed {}.",
            counted(report.packed, "loose object")
        ));
    }
    for left in &report.left {
        page.warning(left);
    }
    let (before, after) = (bytes(report.size_before), bytes(report.size_after));
    page.line(match report.dry_run {
        true => format!("Size of the object store now: {before}. The state would be packed."),
        false => format!("Size of the object store: {before} before, {after} after."),
    });
    if let Some(remote) = &report.remote {
        after_cut(page, remote);
    }
}

/// The next steps after the history was removed.
fn after_cut(page: &mut Page, remote: &str) {
    page.line(format!(
        "{remote} still has the old history: the next sync replaces it there, and later in every \
         clone that syncs."
    ));
    page.line(
        "Unreachable objects stay on the server until it collects garbage: ask the host's \
         support to do so, or run `git gc --prune=now` there.",
    );
    page.next(&["git pm sync"]);
}
