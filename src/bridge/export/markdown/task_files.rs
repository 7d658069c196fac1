//! The layout with one file for each item, named by its id.

use super::Files;
use super::front_matter::Head;
use crate::error::Result;
use crate::model::id::parse_sequential;
use crate::model::text::slug;
use crate::pm::Pm;
use crate::pm::shared_views::ItemView;
use crate::store::layout::Family;
use crate::store::state::State;

/// Puts every item. Returns the number of items without a place: 0.
pub(super) fn files(pm: &Pm, state: &State<'_>, files: &mut Files) -> Result<usize> {
    for item in state.items() {
        let folder = Family::Item(item.kind).folder();
        let view = pm.full_view(state, &item.uid)?;
        // Ids in the state are unchecked; only a plain one is used as a file name.
        let name = match parse_sequential(&view.id) {
            Some(_) => view.id.clone(),
            None => format!("{}-{}", slug(&view.id, 40), item.uid.suffix(4)),
        };
        files.insert(format!("{folder}/{name}.md"), text(&view));
    }
    Ok(0)
}

fn text(item: &ItemView) -> String {
    let mut head = Head::default();
    head.text("id", &item.id);
    head.text("title", &item.title);
    head.text("type", &item.item_type);
    head.number("priority", u32::from(item.priority));
    let depends: Vec<String> = item.depends_on.clone();
    head.list("depends_on", depends.iter().map(String::as_str));
    head.text("status", &item.status);
    head.maybe("owner", item.owner.as_deref());
    head.maybe("estimate", item.estimate.as_deref());
    let ticks: Vec<String> = item
        .acceptance
        .iter()
        .map(|c| format!("[{}] {}", if c.done { "x" } else { " " }, c.text))
        .collect();
    head.list("acceptance", ticks.iter().map(String::as_str));
    head.text("auto_policy", &item.auto_policy);
    head.maybe("risk", item.risk.as_deref());
    head.maybe("validation", item.validation.as_deref());
    head.maybe("stream", item.stream.as_deref());
    head.maybe("epic", item.epic.as_deref());
    head.list("labels", item.labels.iter().map(String::as_str));
    head.list("paths", item.paths.iter().map(String::as_str));
    let edges = item.edges.iter().filter(|edge| edge.kind != "blocks");
    let edges: Vec<String> = edges.map(|e| format!("{} {}", e.kind, e.target)).collect();
    head.list("edges", edges.iter().map(String::as_str));
    head.list(
        "external_refs",
        item.external_refs.iter().map(String::as_str),
    );
    head.maybe("branch", item.branch.as_deref());
    head.maybe("reason", item.reason.as_deref());
    head.text("created_at", &item.created_at);
    head.maybe("created_by", item.created_by.as_deref());
    head.text("updated_at", &item.updated_at);
    head.maybe("closed_at", item.closed_at.as_deref());
    head.text("uid", &item.uid);
    let mut body = item.body.clone().unwrap_or_default().trim().to_string();
    for comment in item.comments.iter().flatten() {
        body += &format!(
            "\n\n> **{}**, {}\n>\n{}",
            comment.author,
            comment.created_at,
            comment
                .body
                .trim()
                .lines()
                .map(|line| format!("> {line}"))
                .collect::<Vec<_>>()
                .join("\n")
        );
    }
    head.file(&body)
}
