//! Renders reservations and their conflicts.

use git_pm::error::ReservationConflict;
use git_pm::reservations::{CheckReport, ReservationView};

use super::format::counted;
use super::limits;
use super::page::Page;
use super::style::Label;

/// Reservations as a table.
pub fn list(page: &mut Page, reservations: &[ReservationView]) {
    if reservations.is_empty() {
        page.line("No reservations.");
    }
    rows(page, "", reservations);
}

/// A row per reservation.
pub fn rows(page: &mut Page, indent: &str, reservations: &[ReservationView]) {
    page.rows(indent, 1, reservations, |page, reservation| {
        let mut marks = vec![reservation.mode.as_str()];
        let more = [
            ("shared", reservation.shared),
            ("advisory", reservation.advisory),
            ("waiting", reservation.waiting),
            ("tentative", !reservation.confirmed),
        ];
        marks.extend(more.iter().filter(|mark| mark.1).map(|mark| mark.0));
        let name = match page.verbose() {
            true => reservation.uid.as_str(),
            false => end(&reservation.uid),
        };
        let ends = || page.when(&reservation.expires_at);
        [
            Label::Id.of(name),
            Label::Path.of(reservation.patterns.join(" ")),
            Label::Actor.of(reservation.shown_holder()),
            Label::Id.of(&reservation.task),
            Label::Text.of(marks.join(", ")),
            Label::Dim.of(reservation.ended.clone().unwrap_or_else(ends)),
        ]
    });
}

fn end(uid: &str) -> &str {
    let skip = uid
        .chars()
        .count()
        .saturating_sub(limits::RESERVATION_NAME_MAX);
    uid.char_indices()
        .nth(skip)
        .map_or(uid, |(at, _)| &uid[at..])
}

/// A new reservation.
pub fn made(page: &mut Page, reservation: &ReservationView) {
    page.text("Reserved ");
    page.put(Label::Path, reservation.patterns.join(" "));
    if let Some(task) = &reservation.task {
        page.text(" for ").put(Label::Id, task);
    }
    let when = page.when(&reservation.expires_at);
    page.dim(format!(", ends {when}"));
    page.field("name", Label::Id, end(&reservation.uid));
    if reservation.waiting {
        page.warning("it is not in effect yet: an earlier reservation has precedence");
    }
    if !reservation.confirmed {
        page.field("confirmed", Label::Waiting, "not yet: run `git pm sync`");
    }
}

/// Reservations that were changed.
pub fn done(page: &mut Page, what: &str, reservations: &[ReservationView]) {
    match reservations.len() {
        0 => page.line("None of your reservations matches."),
        count => page.line(format!("{what} {}.", counted(count, "reservation"))),
    };
    rows(page, "  ", reservations);
}

/// The result of a check.
pub fn check(page: &mut Page, report: &CheckReport) {
    for conflict in &report.conflicts {
        line(page, Label::Bad, "reserved", conflict);
    }
    for conflict in &report.warnings {
        line(page, Label::Active, "advisory", conflict);
    }
    if report.conflicts.is_empty() {
        page.line("Free.");
    }
}

fn line(page: &mut Page, label: Label, word: &str, conflict: &ReservationConflict) {
    let when = page.when(&conflict.expires_at);
    page.put(label, word).text("  ");
    page.put(Label::Path, &conflict.path);
    page.text("  by ")
        .put(Label::Actor, conflict.shown_holder());
    if let Some(task) = &conflict.task {
        page.text(" for ").put(Label::Id, task);
    }
    page.dim(format!(
        ", ends {when} ({}, {})",
        conflict.pattern, conflict.mode
    ));
}
