//! Renders a list with chosen columns.

use git_pm::issues::reading;
use git_pm::items::{Field, ItemView};

use super::page::Page;
use super::style::Label;
use super::table::{Cell, Table};

/// Items with these fields, or `none` if there are no items.
pub fn list(page: &mut Page, items: &[ItemView], fields: &[Field], none: &str) {
    if items.is_empty() {
        page.line(none);
        return;
    }
    let title = fields.iter().position(|field| *field == Field::Title);
    let mut table = Table::new(title.unwrap_or(fields.len().saturating_sub(1)));
    let names = fields.iter().map(|field| field.name().to_uppercase());
    let names: Vec<String> = names.collect();
    if page.is_at_terminal() {
        table = table.with_head(names.iter().map(String::as_str));
    }
    for item in items {
        let cells = fields.iter().map(|field| cell(page, item, *field));
        table.row(cells.collect::<Vec<_>>());
    }
    page.table("", &table);
}

/// The parent of an item.
pub fn parent(item: &ItemView) -> Option<&str> {
    let mut edges = item.edges.iter();
    let edge = edges.find(|edge| edge.kind == "parent-child")?;
    Some(&edge.target)
}

fn cell(page: &Page, item: &ItemView, field: Field) -> Cell {
    let approval = item.approval.as_deref();
    let when = |at: &Option<String>| Label::Dim.of(at.as_deref().map(|at| page.when(at)));
    // Scripts read the columns that they choose as they are.
    let id = match page.is_at_terminal() {
        true => Label::Id,
        false => Label::Text,
    };
    match field {
        Field::Id => id.of(&item.id),
        Field::Kind => Label::Text.of(item.kind.as_str()),
        Field::Title => Label::Text.of(&item.title),
        Field::Type => Label::Text.of(&item.item_type),
        Field::Status => Cell::status(page.status(item)),
        Field::Priority => Cell::priority(item.priority),
        Field::Owner | Field::Assignee => Label::Actor.of(item.owner()),
        Field::Claim => Label::Actor.of(item.claim.as_ref().map(|claim| &claim.actor)),
        Field::Estimate => Label::Text.of(&item.estimate),
        Field::Points => Label::Text.of(item.points.map(|points| points.to_string())),
        Field::Risk => Label::Text.of(&item.risk),
        Field::Validation => Label::Text.of(&item.validation),
        Field::Stream => Label::Text.of(&item.stream),
        Field::Epic => id.of(&item.epic),
        Field::Parent => id.of(parent(item)),
        Field::Label => Label::Dim.of(&item.labels),
        Field::DependsOn => id.of(&item.depends_on),
        Field::Edge => {
            let edges = item.edges.iter();
            let edges = edges.map(|edge| format!("{} {}", reading(&edge.kind), edge.target));
            id.of(edges.collect::<Vec<_>>())
        }
        Field::Acceptance => {
            let all = item.acceptance.len();
            let done = item.acceptance.iter().filter(|c| c.done).count();
            Label::Text.of((all > 0).then(|| format!("{done}/{all}")))
        }
        Field::Path => Label::Path.of(&item.paths),
        Field::External => Label::Text.of(&item.external_refs),
        Field::AutoPolicy => Label::Text.of(&item.auto_policy),
        Field::Branch => Label::Path.of(&item.branch),
        Field::Reason => Label::Text.of(&item.reason),
        Field::Created => Label::Dim.of(page.when(&item.created_at)),
        Field::CreatedBy => Label::Actor.of(&item.created_by),
        Field::Updated => Label::Dim.of(page.when(&item.updated_at)),
        Field::Started => when(&item.started_at),
        Field::Submitted => when(&item.finished_at),
        Field::Finished => when(&item.closed_at.clone().filter(|_| item.status.is_finished())),
        Field::Approved => Label::Dim.of(approval.map(|one| page.when(&one.at))),
        Field::ApprovedBy => Label::Actor.of(approval.map(|one| &one.by)),
        Field::Closed => when(&item.closed_at),
        Field::Due => when(&item.issue.due_at),
        Field::Defer => when(&item.issue.defer_until),
        Field::Spec => Label::Text.of(&item.issue.spec_id),
        Field::Source => Label::Text.of(&item.issue.source_system),
        // These are not available as columns.
        Field::Blocks | Field::Linked | Field::Under => Label::Text.of(""),
    }
}
