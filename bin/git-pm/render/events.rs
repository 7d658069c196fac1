//! Renders events, one line each.

use git_pm::log::{Event, EventChange, words};

use super::limits;
use super::page::Page;
use super::style::Label;

/// Fields that repeat what the line says, or mean nothing to a person.
const LEFT_OUT: &[&str] = &[
    "id",
    "author",
    "agent",
    "actor",
    "created_at",
    "created_by",
    "sha256",
    "replaces",
    "replica",
];

/// One event.
pub fn line(page: &mut Page, event: &Event) {
    page.put(Label::Dim, page.exact(&event.at)).text("  ");
    page.put(Label::Active, format!("{:<18}", event.kind))
        .text("  ");
    let about = event.item.as_ref().or(event.id.as_ref());
    page.put(Label::Id, about.map_or("", String::as_str));
    if let Some(id) = event.id.as_ref().filter(|id| Some(*id) != about) {
        page.text(" ").put(Label::Dim, id);
    }
    let shown = |change: &&EventChange| !LEFT_OUT.contains(&change.field.as_str());
    let changes: Vec<&EventChange> = event.changes.iter().filter(shown).collect();
    let mut parts: Vec<String> = changes
        .iter()
        .take(limits::EVENT_CHANGES_MAX)
        .map(|one| text(page, one))
        .collect();
    let more = changes.len().saturating_sub(limits::EVENT_CHANGES_MAX) + event.more_changes;
    if more > 0 {
        parts.push(format!("{more} more"));
    }
    if !parts.is_empty() {
        page.text("  ").text(parts.join(", "));
    }
    if let Some(actor) = &event.actor {
        page.text("  by ").put(Label::Actor, actor);
    }
    page.end();
}

/// One change: `status queued -> in progress`.
fn text(page: &Page, change: &EventChange) -> String {
    let name = change.field.as_str();
    let old = change.old.as_ref().filter(|old| !old.is_null());
    let said = match &change.new {
        Some(new) => words::field(page.env(), name, old, new),
        None => words::list(name, &change.added, &change.removed),
    };
    git_pm::text::excerpt(&said, limits::LINE_MAX)
}
