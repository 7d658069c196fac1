//! Renders past items, differences, and undone operations.

use std::collections::BTreeMap;

use git_pm::log::words::{field_name, is_bookkeeping};
use git_pm::log::{
    DiffReport, Fate, ItemAt, ItemDiff, ListAt, PointView, ReservationDiff, UndoReport,
};
use git_pm::text::{bytes, shorten_ids};

use super::format::{counted, short, word};
use super::limits;
use super::page::Page;
use super::style::Label;

/// An item at a point of the history.
pub fn item_at(page: &mut Page, shown: &ItemAt) {
    as_of(page, &shown.as_of);
    super::item::full(page, &shown.item);
}

/// Items at a point of the history.
pub fn list_at(page: &mut Page, shown: &ListAt, none: &str) {
    as_of(page, &shown.as_of);
    super::item::list(page, &shown.items, none);
    page.more_unseen(shown.more);
}

fn as_of(page: &mut Page, at: &PointView) {
    page.put(Label::Dim, "as of ");
    point(page, at);
    page.end();
}

fn point(page: &mut Page, point: &PointView) {
    if point.commit.is_empty() {
        page.put(Label::Dim, &point.message);
        return;
    }
    let when = page.when(&point.at);
    page.put(Label::Id, short(&point.commit));
    for other in &point.with {
        page.text(" with ").put(Label::Id, short(other));
    }
    page.put(Label::Dim, format!(" ({when})"));
}

/// The changes between two states.
pub fn diff(page: &mut Page, report: &DiffReport) {
    point(page, &report.from);
    page.put(Label::Dim, " .. ");
    point(page, &report.to);
    page.end();
    let none = report.items.is_empty() && report.learnings.is_empty();
    if none && report.reservations.is_empty() && report.messages == 0 {
        page.line("No differences.");
    }
    for item in report.items.iter().chain(&report.learnings) {
        page.gap();
        changed(page, item);
    }
    if !report.reservations.is_empty() {
        page.gap();
    }
    reservations(page, &report.reservations);
    if report.messages > 0 {
        page.gap().line(counted(report.messages, "new notice"));
    }
    for path in &report.unreadable {
        page.warning(format!("{path} differs, but cannot be read"));
    }
}

fn changed(page: &mut Page, item: &ItemDiff) {
    let label = match item.change {
        Fate::Created | Fate::Restored => Label::Good,
        Fate::Deleted | Fate::Missing => Label::Bad,
        Fate::Changed => Label::Active,
    };
    page.put(Label::Id, &item.id).text("  ");
    page.put(Label::Heading, &item.title);
    if item.change != Fate::Changed {
        page.text("  ").put(label, word(&item.change));
    }
    page.end();
    let is_new = item.change == Fate::Created;
    for field in &item.fields {
        let in_title = matches!(field.field.as_str(), "id" | "title") && is_new;
        if in_title || (is_bookkeeping(&field.field) && !page.verbose()) {
            continue;
        }
        named(page, &field_name(&field.field));
        if !field.old.is_null() || !is_new {
            let old = page.value(&field.field, &field.old);
            page.put(Label::Bad, old).text(" -> ");
        }
        let new = match field.field.as_str() {
            "approval" if field.new.is_null() => "withdrawn".into(),
            name => page.value(name, &field.new),
        };
        page.put(Label::Good, new).end();
    }
    for list in &item.lists {
        named(page, &field_name(&list.field));
        let added = list.added.iter().map(|e| (Label::Good, format!("+{e}")));
        let removed = list.removed.iter().map(|e| (Label::Bad, format!("-{e}")));
        for (n, (label, element)) in removed.chain(added).enumerate() {
            page.text(if n == 0 { "" } else { " " });
            page.put(label, element);
        }
        page.end();
    }
    for criterion in &item.acceptance {
        let label = match criterion.change.as_str() {
            "added" | "ticked" => Label::Good,
            "removed" | "unticked" => Label::Bad,
            _ => Label::Active,
        };
        named(page, "acceptance");
        page.put(label, &criterion.change).text("  ");
        page.line(&criterion.text);
    }
    for claim in &item.claims {
        named(page, "claim");
        page.put(Label::Actor, &claim.actor).text(" ");
        changed_for(page, &claim.change, claim.reason.as_ref());
    }
    for comment in &item.comments {
        named(page, "comment");
        page.put(Label::Actor, &comment.author).text(" ");
        page.put(Label::Active, &comment.change).end();
        page.prose("    ", &comment.body);
    }
    for artifact in &item.artifacts {
        named(page, "artifact");
        page.put(Label::Path, &artifact.name).text(" ");
        let size = artifact.size.map(|size| format!(", {}", bytes(size)));
        let done = format!("{}{} by ", artifact.change, size.unwrap_or_default());
        page.put(Label::Active, done)
            .put(Label::Actor, &artifact.author)
            .end();
    }
    if let Some(body) = &item.body {
        page.put(Label::Dim, "  text").end();
        for line in body.lines() {
            let label = match line.as_bytes().first() {
                Some(b'+') => Label::Good,
                Some(b'-') => Label::Bad,
                Some(b'@') => Label::Dim,
                _ => Label::Text,
            };
            page.text("    ").put(label, line).end();
        }
    }
}

/// One line per group of items with the same changes.
fn together(page: &mut Page, items: &[ItemDiff]) {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in items {
        groups
            .entry(item.words(page.env(), false).join(", "))
            .or_default()
            .push(item.id.clone());
    }
    for (what, ids) in groups {
        page.put(Label::Id, in_short(&ids)).text("  ");
        page.line(&what);
    }
}

/// Ids in one line; of many without ranges, only the first.
fn in_short(ids: &[String]) -> String {
    let runs = shorten_ids(ids);
    match ids.first() {
        Some(first) if runs.len() > limits::GROUP_IDS_MAX => {
            format!("{first} and {} more", ids.len() - 1)
        }
        _ => runs.join(", "),
    }
}

fn named(page: &mut Page, name: &str) {
    page.put(Label::Dim, format!("  {name:<12} "));
}

fn reservations(page: &mut Page, list: &[ReservationDiff]) {
    for reservation in list {
        page.text("reservation of ");
        page.put(Label::Path, &reservation.patterns).text(" by ");
        page.put(Label::Actor, &reservation.holder).text(" ");
        changed_for(page, &reservation.change, reservation.reason.as_ref());
    }
}

/// Ends a line with a change and its reason.
fn changed_for(page: &mut Page, change: &str, reason: Option<&String>) {
    page.put(Label::Active, change);
    page.dim(reason.map(|reason| format!("  ({reason})")));
}

/// The report of `undo`.
pub fn undo(page: &mut Page, report: &UndoReport) {
    let done = match report.commit {
        Some(_) => "Undid ",
        None => "Would undo ",
    };
    page.text(done).put(Label::Id, short(&report.undone.commit));
    page.text(" ").line(&report.undone.message);
    if report.items.len() > limits::UNGROUPED_MAX && !page.verbose() {
        together(page, &report.items);
    } else {
        for item in &report.items {
            changed(page, item);
        }
    }
    reservations(page, &report.reservations);
    for kept in &report.kept {
        page.warning(format!("not undone: {kept}"));
    }
    for outside in &report.outside {
        page.put(Label::Hint, "note:").text(" ").line(outside);
    }
    // A claim stays ended, whatever is undone.
    if let ([item], Some(_)) = (&report.items[..], &report.commit)
        && item.change == Fate::Changed
        && item.claims.iter().any(|one| one.change == "ended")
    {
        page.put(Label::Dim, "start it again: ");
        page.put(Label::Command, format!("git pm start {}", item.id))
            .end();
    } else if let Some(commit) = &report.commit {
        // What was undone may have been an undo, that of an undo, and so on.
        let undos = report
            .undone
            .message
            .split(' ')
            .take_while(|word| *word == "undo");
        let again = match undos.count() % 2 == 1 {
            true => "undo it again: ",
            false => "redo it: ",
        };
        page.put(Label::Dim, again);
        page.put(Label::Command, format!("git pm undo {}", short(commit)))
            .end();
    }
}
