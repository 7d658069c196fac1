//! Renders a list with chosen columns.

use git_pm::items::{Field, ItemView};

use super::page::Page;
use super::style::{self, Label};
use super::table::Table;

/// Items with these fields, or `none` if there are no items.
pub fn list(page: &mut Page, items: &[ItemView], fields: &[Field], none: &str) {
    if items.is_empty() {
        page.line(none);
    }
    let title = fields.iter().position(|field| *field == Field::Title);
    let mut table = Table::new(title.unwrap_or(fields.len().saturating_sub(1)));
    for item in items {
        let cells = fields.iter().map(|field| cell(page, item, *field));
        table.push(cells.collect());
    }
    page.table("", &table);
}

/// The parent of an item.
pub fn parent(item: &ItemView) -> Option<&str> {
    let mut edges = item.edges.iter();
    let edge = edges.find(|edge| edge.kind == "parent-child")?;
    Some(&edge.target)
}

fn cell(page: &Page, item: &ItemView, field: Field) -> (Label, String) {
    let text = |label, value: &Option<String>| (label, value.clone().unwrap_or_default());
    let when = |at: &Option<String>| {
        let shown = at.as_deref().map(|at| page.when(at));
        (Label::Dim, shown.unwrap_or_default())
    };
    let list = |label, values: &[String]| (label, values.join(", "));
    match field {
        Field::Id => (Label::Id, item.id.clone()),
        Field::Kind => (Label::Text, item.kind.clone()),
        Field::Title => (Label::Text, item.title.clone()),
        Field::Type => (Label::Text, item.item_type.clone()),
        Field::Status => (style::status(&item.status), item.status.clone()),
        Field::Priority => (
            style::priority(item.priority),
            format!("P{}", item.priority),
        ),
        Field::Owner => text(Label::Actor, &item.owner),
        Field::Assignee => text(Label::Actor, &item.assignee),
        Field::Claim => {
            let holder = item.claim.as_ref().map(|claim| claim.actor.clone());
            (Label::Actor, holder.unwrap_or_default())
        }
        Field::Estimate => text(Label::Text, &item.estimate),
        Field::Risk => text(Label::Text, &item.risk),
        Field::Validation => text(Label::Text, &item.validation),
        Field::Stream => text(Label::Text, &item.stream),
        Field::Epic => text(Label::Id, &item.epic),
        Field::Parent => (Label::Id, parent(item).unwrap_or_default().to_string()),
        Field::Label => list(Label::Dim, &item.labels),
        Field::DependsOn => list(Label::Id, &item.depends_on),
        Field::Edge => {
            let edges = item.edges.iter();
            let edges: Vec<String> = edges.map(|e| format!("{} {}", e.kind, e.target)).collect();
            (Label::Id, edges.join(", "))
        }
        Field::Acceptance => {
            let all = item.acceptance.len();
            let done = item.acceptance.iter().filter(|c| c.done).count();
            let shown = (all > 0).then(|| format!("{done}/{all}"));
            (Label::Text, shown.unwrap_or_default())
        }
        Field::Path => list(Label::Path, &item.paths),
        Field::External => list(Label::Text, &item.external_refs),
        Field::AutoPolicy => (Label::Text, item.auto_policy.clone()),
        Field::Branch => text(Label::Path, &item.branch),
        Field::Reason => text(Label::Text, &item.reason),
        Field::Created => when(&Some(item.created_at.clone())),
        Field::CreatedBy => text(Label::Actor, &item.created_by),
        Field::Updated => when(&Some(item.updated_at.clone())),
        Field::Started => when(&item.started_at),
        Field::Finished => when(&item.finished_at),
        Field::Approved => when(&item.approved_at),
        Field::ApprovedBy => text(Label::Actor, &item.approved_by),
        Field::Closed => when(&item.closed_at),
        Field::Due => when(&item.issue.due_at),
        Field::Defer => when(&item.issue.defer_until),
        Field::Spec => text(Label::Text, &item.issue.spec_id),
        Field::Source => text(Label::Text, &item.issue.source_system),
        // These are not available as columns.
        Field::Blocks | Field::Linked | Field::Under => (Label::Text, String::new()),
    }
}
