//! Renders reservations and their conflicts.

use git_pm::error::ReservationConflict;
use git_pm::reservations::{CheckReport, ReservationView};

use super::page::Page;
use super::style::Label;
use super::table::Table;

/// The number of characters of a reservation's name that are shown: its end, which is enough to
/// select it.
const SHOWN: usize = 6;

/// Reservations as a table.
pub fn list(page: &mut Page, reservations: &[ReservationView]) {
    if reservations.is_empty() {
        page.line("No reservations.");
    }
    let table = table(page, reservations);
    page.table("", &table);
}

/// Reservations as a table.
pub fn table(page: &Page, reservations: &[ReservationView]) -> Table {
    let mut table = Table::new(1);
    for reservation in reservations {
        let mut marks = vec![reservation.mode.as_str()];
        for (mark, shown) in [
            ("shared", reservation.shared),
            ("advisory", reservation.advisory),
            ("waiting", reservation.waiting),
            ("tentative", !reservation.confirmed),
        ] {
            if shown {
                marks.push(mark);
            }
        }
        let name = if page.verbose() {
            reservation.uid.as_str()
        } else {
            end(&reservation.uid)
        };
        let when = page.when(&reservation.expires_at);
        table.row([
            (Label::Id, name),
            (Label::Path, &reservation.patterns.join(" ")),
            (Label::Actor, &reservation.holder),
            (Label::Id, reservation.task.as_deref().unwrap_or("")),
            (Label::Text, &marks.join(", ")),
            match &reservation.ended {
                Some(how) => (Label::Dim, how.as_str()),
                None => (Label::Dim, &when),
            },
        ]);
    }
    table
}

fn end(uid: &str) -> &str {
    let skip = uid.chars().count().saturating_sub(SHOWN);
    uid.char_indices()
        .nth(skip)
        .map_or(uid, |(at, _)| &uid[at..])
}

/// A new reservation.
pub fn made(page: &mut Page, reservation: &ReservationView) {
    page.text("Reserved ")
        .put(Label::Path, &reservation.patterns.join(" "));
    if let Some(task) = &reservation.task {
        page.text(" for ").put(Label::Id, task);
    }
    let when = page.when(&reservation.expires_at);
    page.put(Label::Dim, &format!(", ends {when}")).end();
    page.field("name", Label::Id, end(&reservation.uid));
    if reservation.waiting {
        page.warning("it is not in effect yet: an earlier reservation has precedence");
    }
    if !reservation.confirmed {
        page.field("settled", Label::Waiting, "not yet: run `git pm sync`");
    }
}

/// Reservations that were changed.
pub fn done(page: &mut Page, what: &str, reservations: &[ReservationView]) {
    match reservations.len() {
        0 => page.line("None of your reservations matches."),
        1 => page.line(&format!("{what} 1 reservation.")),
        count => page.line(&format!("{what} {count} reservations.")),
    };
    let table = table(page, reservations);
    page.table("  ", &table);
}

/// The result of a check.
pub fn check(page: &mut Page, report: &CheckReport) {
    for conflict in &report.conflicts {
        line(page, Label::Bad, "reserved", conflict);
    }
    for conflict in &report.warnings {
        line(page, Label::Active, "advised", conflict);
    }
    if report.conflicts.is_empty() {
        page.line("Free.");
    }
}

fn line(page: &mut Page, label: Label, word: &str, conflict: &ReservationConflict) {
    let when = page.when(&conflict.expires_at);
    page.put(label, word)
        .text("  ")
        .put(Label::Path, &conflict.path);
    page.text("  by ").put(Label::Actor, &conflict.holder);
    if let Some(task) = &conflict.task {
        page.text(" for ").put(Label::Id, task);
    }
    page.put(
        Label::Dim,
        &format!(", ends {when} ({}, {})", conflict.pattern, conflict.mode),
    );
    page.end();
}
