//! Items of every kind: find, edit, depend, change the status.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::session::Session;
use super::super::tool::{Effect, Tool};
use super::super::views::{Detail, Line, List, lines, list};
use super::{Id, IdAndReason, Nothing};
use crate::error::Result;
use crate::model::text;
use crate::query::Expr;
use crate::work::list::ListFilter;
use crate::work::new_item::{Fields, ItemEdit};
use crate::work::search::SearchOptions;
use crate::work::task::branch_work::WorkDiff;
use crate::work::task::deps::{DepView, TreeNode};
use crate::work::task::merge::MergeOptions;
use crate::work::task::readiness::WhyView;
use crate::work::task::status_verbs::DoneOptions;

use Effect::{Reaches, Reads, Removes, Writes};

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::new(
            "list",
            Reads,
            "List items, by a query such as status:queued label:a",
            find,
        ),
        Tool::new("search", Reads, "Search titles, texts and comments", search),
        Tool::new(
            "why",
            Reads,
            "Why an item can or cannot be started",
            |s, a: Id| s.pm()?.tasks().why(&a.id),
        ),
        Tool::new(
            "blocked",
            Reads,
            "Blocked and waiting items, with the reasons",
            blocked,
        ),
        Tool::new("edit", Writes, "Change fields of an item", edit),
        Tool::new(
            "accept",
            Writes,
            "Accept criteria of an item as met",
            |s, a: Accept| {
                let tasks = s.pm()?.tasks();
                let evidence = a.evidence.as_deref();
                let item = tasks.accept(Some(&a.id), &a.numbers, a.numbers.is_empty(), evidence)?;
                Ok(Detail::of(&item))
            },
        ),
        Tool::new(
            "done",
            Writes,
            "Close an item manually, with evidence",
            |s, a: Done| {
                let options = DoneOptions {
                    evidence: Some(a.evidence),
                    force: false,
                };
                Ok(Line::of(&s.pm()?.tasks().done(&a.id, &options)?))
            },
        ),
        Tool::new(
            "task_diff",
            Reaches,
            "What the submitted work on an item changes",
            |s, a: Diff| Ok(Changes::of(s.pm()?.tasks().diff(&a.id, &a.paths)?, a.stat)),
        ),
        Tool::new(
            "return",
            Writes,
            "Return submitted work to its author, with a note",
            |s, a: Return| Ok(Line::of(&s.pm()?.tasks().return_work(&a.id, &a.note)?)),
        ),
        Tool::new("merge", Reaches, "Merge approved work", |s, a: Id| {
            let merged = s.pm()?.tasks().merge(&a.id, &MergeOptions::default())?;
            Ok(Line::of(&merged.item))
        }),
        Tool::new(
            "block",
            Writes,
            "Mark an item as blocked",
            |s, a: Reason| Ok(Line::of(&s.pm()?.tasks().block(&a.id, &a.reason)?)),
        ),
        Tool::new("unblock", Writes, "End a block", |s, a: Id| {
            Ok(Line::of(&s.pm()?.tasks().unblock(&a.id)?))
        }),
        Tool::new("defer", Writes, "Defer an item", |s, a: IdAndReason| {
            Ok(Line::of(
                &s.pm()?.tasks().defer(&a.id, a.reason.as_deref())?,
            ))
        }),
        Tool::new("undefer", Writes, "End a deferral", |s, a: Id| {
            Ok(Line::of(&s.pm()?.tasks().undefer(&a.id)?))
        }),
        Tool::new("cancel", Removes, "Cancel an item", |s, a: IdAndReason| {
            Ok(Line::of(
                &s.pm()?.tasks().cancel(&a.id, a.reason.as_deref())?,
            ))
        }),
        Tool::new(
            "reopen",
            Writes,
            "Reopen a closed item",
            |s, a: IdAndReason| {
                Ok(Line::of(
                    &s.pm()?.tasks().reopen(&a.id, a.reason.as_deref())?,
                ))
            },
        ),
        Tool::new(
            "dep_add",
            Writes,
            "Make an item wait for another",
            |s, a: Edge| {
                let kind = a.r#type.as_deref().unwrap_or("blocks");
                let tasks = s.pm()?.tasks();
                Ok(Line::of(
                    &tasks.add_dependency(&a.id, &a.on, kind, a.soft, false)?,
                ))
            },
        ),
        Tool::new(
            "dep_remove",
            Removes,
            "Remove a dependency",
            |s, a: Edge| {
                let kind = a.r#type.as_deref().unwrap_or("blocks");
                Ok(Line::of(
                    &s.pm()?.tasks().remove_dependency(&a.id, &a.on, kind)?,
                ))
            },
        ),
        Tool::new(
            "dep_list",
            Reads,
            "Dependencies of an item, in both directions",
            deps,
        ),
        Tool::new(
            "tree",
            Reads,
            "Items below an epic, or all",
            |s, a: Tree| Ok(list::<TreeNode>(s.pm()?.items().tree(a.id.as_deref())?)),
        ),
    ]
}

/// The default length of a list.
const LIMIT: usize = 50;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Find {
    #[serde(default)]
    query: String,
    /// Include closed items
    #[serde(default)]
    all: bool,
    /// Default 50
    #[serde(default, deserialize_with = "super::all_for_zero")]
    limit: Option<usize>,
}

fn find(session: &Session, input: Find) -> Result<List<Line>> {
    let filter = ListFilter {
        query: Some(Expr::parse(&input.query)?),
        all: input.all,
        limit: Some(input.limit.unwrap_or(LIMIT)),
        ..ListFilter::default()
    };
    Ok(lines(&session.pm()?.items().list(&filter)?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    query: String,
    /// Include closed items
    #[serde(default)]
    all: bool,
    /// Default 20
    #[serde(default, deserialize_with = "super::all_for_zero")]
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Hit {
    #[serde(flatten)]
    item: Line,
    snippet: Option<String>,
}

fn search(session: &Session, input: Search) -> Result<List<Hit>> {
    let options = SearchOptions {
        all: input.all,
        kind: None,
        limit: input.limit,
    };
    let hits = session.pm()?.items().search(&input.query, &options)?;
    let hit = |hit: &crate::work::search::SearchHit| Hit {
        item: Line::of(&hit.item),
        snippet: hit.snippet.clone(),
    };
    Ok(list(hits.iter().map(hit).collect()))
}

fn blocked(session: &Session, _: Nothing) -> Result<List<WhyView>> {
    let mut blocked = session.pm()?.tasks().blocked()?;
    // That of one item is in the reasons.
    let short = blocked.iter_mut().filter(|one| one.chain.len() <= 2);
    short.for_each(|one| one.chain.clear());
    Ok(list(blocked))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Edit {
    id: String,
    title: Option<String>,
    /// Markdown, replaces the text
    body: Option<String>,
    r#type: Option<String>,
    priority: Option<u8>,
    assignee: Option<String>,
    epic: Option<String>,
    /// Replace the acceptance criteria
    accept: Option<Vec<String>>,
    /// Replace the globs
    paths: Option<Vec<String>>,
    /// Replace the dependencies
    depends_on: Option<Vec<String>>,
    #[serde(default)]
    add_labels: Vec<String>,
    #[serde(default)]
    remove_labels: Vec<String>,
}

fn edit(session: &Session, input: Edit) -> Result<Line> {
    let edit = ItemEdit {
        title: input.title,
        body: input.body,
        fields: Fields {
            item_type: input.r#type,
            priority: input.priority,
            assignee: input.assignee,
            epic: input.epic,
            ..Fields::default()
        },
        acceptance: input.accept,
        paths: input.paths,
        depends_on: input.depends_on,
        add_labels: input.add_labels,
        remove_labels: input.remove_labels,
        ..ItemEdit::default()
    };
    Ok(Line::of(&session.pm()?.tasks().edit(&input.id, &edit)?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Accept {
    id: String,
    /// Default: all
    #[serde(default)]
    numbers: Vec<usize>,
    evidence: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Diff {
    id: String,
    /// Only these files and folders
    #[serde(default)]
    paths: Vec<String>,
    /// Only the names of the files
    #[serde(default)]
    stat: bool,
}

/// The maximum size of a difference that a tool returns, in bytes.
const DIFF_MAX: usize = 60_000;

#[derive(Serialize)]
struct Changes {
    id: String,
    target: Option<String>,
    commit: Option<String>,
    /// `path +added -removed`
    files: Vec<String>,
    diff: Option<String>,
    /// The command that shows all, if the difference is not complete.
    more: Option<String>,
}

impl Changes {
    fn of(work: WorkDiff, stat: bool) -> Changes {
        let whole = format!("git pm task diff {}", work.id);
        let files = work.work.iter().flat_map(|work| &work.files);
        let files = files.map(|file| match (file.added, file.removed) {
            (Some(added), Some(removed)) => format!("{} +{added} -{removed}", file.path),
            _ => format!("{} (binary)", file.path),
        });
        let files: Vec<String> = files.collect();
        let is_cut = work.diff.as_ref().is_none_or(|diff| diff.len() > DIFF_MAX);
        Changes {
            more: (is_cut && !stat && !files.is_empty()).then_some(whole),
            diff: work
                .diff
                .filter(|_| !stat)
                .map(|diff| text::head(&diff, DIFF_MAX).to_string()),
            target: work.work.as_ref().map(|work| work.target.clone()),
            commit: work.work.map(|work| work.commit),
            id: work.id,
            files,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Return {
    id: String,
    /// What to change; a line `path:line: text` is about a line of a file
    note: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Done {
    id: String,
    evidence: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    id: String,
    reason: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Edge {
    id: String,
    /// The item it waits for
    on: String,
    /// Default blocks
    r#type: Option<String>,
    #[serde(default)]
    soft: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Tree {
    id: Option<String>,
}

fn deps(session: &Session, input: Id) -> Result<DepView> {
    session.pm()?.tasks().dependencies(&input.id)
}
