//! The layout of ccpm, with additional front matter.
//!
//! `git pm import ccpm` reads it: into another store as new items, into the same one as changes of
//! the existing items.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::front_matter::Head;
use super::{Files, unique_slug};
use crate::bridge::project::markdown::{has_fields, marked};
use crate::model::doc::Doc;
use crate::model::id::{ItemKind, ItemRef, parse_sequential};
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::store::state::State;

/// The folder of tasks without an epic.
const LOOSE: &str = "tasks";

/// The names of items in the layout.
pub(in crate::bridge) struct Names {
    /// PRDs and epics.
    slugs: HashMap<Uid, String>,
    /// Tasks.
    numbers: HashMap<Uid, u32>,
}

impl Names {
    pub(in crate::bridge) fn of(state: &State<'_>) -> Names {
        let mut names = Names {
            slugs: HashMap::new(),
            numbers: HashMap::new(),
        };
        // Folder names with another meaning.
        let kept = [LOOSE, "archived"].map(|name| (ItemKind::Epic, name.to_string()));
        let mut taken: BTreeSet<(ItemKind, String)> = kept.into();
        let mut used = BTreeSet::new();
        let mut later = Vec::new();
        for item in state.items() {
            match item.kind {
                ItemKind::Prd | ItemKind::Epic => {
                    let mut take = |name: &str| taken.insert((item.kind, name.to_string()));
                    let name = unique_slug(&item.title, &item.uid, &mut take);
                    names.slugs.insert(item.uid.clone(), name);
                }
                ItemKind::Task => match parse_sequential(&item.id) {
                    Some((_, number)) if used.insert(number) => {
                        names.numbers.insert(item.uid.clone(), number);
                    }
                    _ => later.push(item.uid.clone()),
                },
                ItemKind::Issue => {}
            }
        }
        let free = used.last().map_or(1, |last| last + 1);
        names.numbers.extend(later.into_iter().zip(free..));
        names
    }

    fn slug(&self, target: &ItemRef) -> Option<&str> {
        let slug = self.slugs.get(target.uid.as_ref()?);
        slug.map(String::as_str)
    }

    fn number(&self, target: &ItemRef) -> Option<u32> {
        self.numbers.get(target.uid.as_ref()?).copied()
    }
}

/// The fields that the layout does not have.
const LEFT_OUT: [&str; 6] = [
    "design",
    "notes",
    "acceptance_criteria",
    "metadata",
    "spec_id",
    "estimated_minutes",
];

/// Puts PRDs, epics and tasks. Returns the number of other items, and of items with each field that the
/// layout does not have.
pub(super) fn files(state: &State<'_>, files: &mut Files) -> (usize, BTreeMap<String, usize>) {
    let names = Names::of(state);
    let (mut left_out, mut fields) = (0, BTreeMap::new());
    for item in state.items() {
        let name = names.slugs.get(&item.uid);
        let path = match (item.kind, name) {
            (ItemKind::Prd, Some(name)) => format!(".claude/prds/{name}.md"),
            (ItemKind::Epic, Some(name)) => format!(".claude/epics/{name}/epic.md"),
            (ItemKind::Task, _) => {
                let epic = item.epic.as_ref().and_then(|epic| names.slug(epic));
                let number = names.numbers.get(&item.uid).copied().unwrap_or_default();
                format!(".claude/epics/{}/{number:03}.md", epic.unwrap_or(LOOSE))
            }
            _ => {
                left_out += 1;
                continue;
            }
        };
        for field in state
            .doc(&item.uid)
            .into_iter()
            .flat_map(|doc| lost(doc, item))
        {
            *fields.entry(field).or_default() += 1;
        }
        if let Some(text) = text(state, &names, item) {
            files.insert(path, text);
        }
    }
    (left_out, fields)
}

/// What an item has that its file will not have.
fn lost(doc: &Doc, item: &Item) -> Vec<String> {
    let fields = LEFT_OUT.into_iter();
    let mut lost: Vec<&str> = fields.filter(|name| !doc.value(name).is_null()).collect();
    if doc
        .text("auto_policy")
        .is_some_and(|policy| policy != "none")
    {
        lost.push("auto_policy");
    }
    if item
        .acceptance
        .iter()
        .any(|criterion| criterion.evidence.is_some())
    {
        lost.push("evidence");
    }
    if item.depends_on.iter().any(|one| one.soft) {
        lost.push("soft dependencies");
    }
    let is_kept = |kind: &str| matches!(kind, "parent-child" | "conflicts-with");
    if item.edges.iter().any(|edge| !is_kept(&edge.kind)) {
        lost.push("edges");
    }
    lost.into_iter().map(str::to_string).collect()
}

/// The text of an item's file.
pub(in crate::bridge) fn text(state: &State<'_>, names: &Names, item: &Item) -> Option<String> {
    let doc = state.doc(&item.uid)?;
    let mut head = Head::default();
    head.text("name", &item.title);
    head.text("status", status(item));
    head.text("created", &item.created_at);
    head.text("updated", &item.updated_at);
    head.maybe("closed", item.closed_at.as_ref());
    head.maybe("due", item.issue.due_at.as_ref());
    head.maybe("defer", item.issue.defer_until.as_ref());
    for edge in &item.edges {
        let target = &edge.target;
        match (edge.kind.as_str(), names.slug(target), names.number(target)) {
            ("parent-child", Some(slug), _) if item.kind == ItemKind::Epic => {
                head.text("prd", slug);
            }
            ("parent-child", _, Some(number)) => head.number("parent", number),
            _ => {}
        }
    }
    if item.kind == ItemKind::Task {
        let numbers = |targets: &mut dyn Iterator<Item = &ItemRef>| -> Vec<String> {
            let found = targets.filter_map(|target| names.number(target));
            found.map(|n| n.to_string()).collect()
        };
        let depends = numbers(&mut item.depends_on.iter().map(|d| &d.target));
        head.plain_list("depends_on", &depends);
        let of = |kind: &'static str| {
            let edges = item.edges.iter().filter(move |edge| edge.kind == kind);
            edges.map(|edge| &edge.target)
        };
        head.plain_list("conflicts_with", &numbers(&mut of("conflicts-with")));
        head.text("type", &item.item_type);
    }
    head.number("priority", u32::from(item.priority));
    head.maybe("assignee", item.owner());
    head.maybe("estimate", item.estimate.as_ref());
    if let Some(points) = item.points.and_then(|points| points.try_into().ok()) {
        head.number("points", points);
    }
    head.maybe("risk", item.risk.as_ref());
    head.maybe("validation", item.validation.as_ref());
    head.maybe("stream", item.stream.as_ref());
    head.list("labels", &item.labels);
    head.list("paths", &item.paths);
    head.list("external_refs", &item.external_refs);
    head.maybe("reason", item.reason.as_ref());
    head.maybe("created_by", item.created_by.as_ref());
    head.text("pm", &item.reference().to_string());
    Some(head.file(&body(state, doc, item)))
}

fn status(item: &Item) -> &str {
    match (&item.status, item.kind) {
        (Status::Queued, _) => "open",
        (Status::InProgress, _) => "in-progress",
        (Status::InReview, _) => "in-review",
        (Status::ReadyForIntegration, _) => "ready-for-integration",
        (Status::Done, ItemKind::Task) => "closed",
        (status, ItemKind::Prd) if status.is_closed() => "completed",
        (_, ItemKind::Prd) => "active",
        (status, ItemKind::Epic) if status.is_closed() => "completed",
        (Status::Other(word), _) if word == "open" => "backlog",
        (status, _) => status.as_str(),
    }
}

fn body(state: &State<'_>, doc: &Doc, item: &Item) -> String {
    let mut out = doc.body.text().trim().to_string();
    // The text may have sections of its own with the names of ours.
    if has_fields(&out) {
        out = marked(&out);
    }
    let own = item.acceptance.iter();
    let mut own = own.filter(|one| one.nth_box().is_none()).peekable();
    if own.peek().is_some() {
        out += "\n\n## Acceptance Criteria\n\n";
        let ticks = own.map(|criterion| {
            let tick = if criterion.done { "x" } else { " " };
            format!(
                "- [{tick}] {}",
                crate::model::text::one_line(&criterion.text)
            )
        });
        out += &ticks.collect::<Vec<_>>().join("\n");
    }
    let comments = crate::pm::shared_views::comments(state, &item.uid);
    if !comments.is_empty() {
        out += "\n\n## Comments\n\n<!-- COMMENTS:BEGIN -->\n";
        for comment in comments {
            // A line of dashes would end the comment.
            let text = comment.body.trim().replace("\n---\n", "\n- - -\n");
            out += &format!(
                "author: {}\ncreated: {}\n---\n{text}\n---\n",
                crate::model::text::one_line(&comment.author),
                comment.created_at
            );
        }
        out += "<!-- COMMENTS:END -->";
    }
    out
}
