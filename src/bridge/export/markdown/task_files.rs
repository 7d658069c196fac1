//! The layout with one file for each item, named by its id.

use super::Files;
use super::front_matter::Head;
use crate::coordinate::here;
use crate::error::Result;
use crate::model::id::parse_sequential;
use crate::model::text::slug;
use crate::pm::Pm;
use crate::pm::shared_views::ItemView;
use crate::store::layout::Family;
use crate::store::state::State;

/// Puts every item.
pub(super) fn files(pm: &Pm, state: &State<'_>, files: &mut Files) -> Result<()> {
    for item in state.items() {
        let folder = Family::Item(item.kind).folder();
        let view = here::full_view(pm, state, &item.uid)?;
        // Ids in the state are unchecked; only a plain one is used as a file name.
        let name = match parse_sequential(&view.id) {
            Some(_) => view.id.clone(),
            None => format!("{}-{}", slug(&view.id, 40), item.uid.suffix(4)),
        };
        files.insert(format!("{folder}/{name}.md"), text(&view));
    }
    Ok(())
}

fn text(item: &ItemView) -> String {
    let mut head = Head::default();
    head.text("id", &item.id);
    head.text("title", &item.title);
    head.text("type", &item.item_type);
    head.number("priority", u32::from(item.priority));
    head.list("depends_on", &item.depends_on);
    head.text("status", item.status.as_str());
    head.maybe("owner", item.owner());
    head.maybe("estimate", item.estimate.as_ref());
    if let Some(points) = item.points.and_then(|points| points.try_into().ok()) {
        head.number("points", points);
    }
    let ticks = item.acceptance.iter();
    let ticks = ticks.map(|c| format!("[{}] {}", if c.done { "x" } else { " " }, c.text));
    head.list("acceptance", ticks);
    head.text("auto_policy", &item.auto_policy);
    head.maybe("risk", item.risk.as_ref());
    head.maybe("validation", item.validation.as_ref());
    head.maybe("stream", item.stream.as_ref());
    head.maybe("epic", item.epic.as_ref());
    head.list("labels", &item.labels);
    head.list("paths", &item.paths);
    let edges = item.edges.iter().filter(|edge| edge.kind != "blocks");
    head.list("edges", edges.map(|e| format!("{} {}", e.kind, e.target)));
    head.list("external_refs", &item.external_refs);
    let issue = &item.issue;
    head.maybe("spec_id", issue.spec_id.as_ref());
    head.maybe("due_at", issue.due_at.as_ref());
    head.maybe("defer_until", issue.defer_until.as_ref());
    let minutes = issue.estimated_minutes.map(|minutes| minutes.to_string());
    head.maybe("estimated_minutes", minutes);
    head.maybe("metadata", item.texts.metadata.as_ref());
    head.maybe("branch", item.branch.as_ref());
    head.maybe("reason", item.reason.as_ref());
    head.text("created_at", &item.created_at);
    head.maybe("created_by", item.created_by.as_ref());
    head.text("updated_at", &item.updated_at);
    head.maybe("closed_at", item.closed_at.as_ref());
    head.text("uid", item.uid.as_str());
    let mut body = item.body.clone().unwrap_or_default().trim().to_string();
    for (name, text) in [
        ("Design", &item.texts.design),
        ("Acceptance criteria", &item.texts.acceptance_criteria),
        ("Notes", &item.texts.notes),
    ] {
        if let Some(text) = text {
            body += &format!("\n\n## {name}\n\n{}", text.trim());
        }
    }
    for comment in item.comments.iter().flatten() {
        let (author, at) = (&comment.author, &comment.created_at);
        let lines = comment.body.trim().lines().map(|line| format!("> {line}"));
        let text = lines.collect::<Vec<_>>().join("\n");
        body += &format!("\n\n> **{author}**, {at}\n>\n{text}");
    }
    head.file(&body)
}
