//! Items of every kind: find, explain, review and merge.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::session::Session;
use super::super::tool::{Effect, Tool};
use super::super::views::{Line, List, lines, list};
use super::{Id, Nothing};
use crate::error::Result;
use crate::model::text;
use crate::query::Expr;
use crate::work::list::ListFilter;
use crate::work::search::SearchOptions;
use crate::work::task::branch_work::WorkDiff;
use crate::work::task::deps::{DepView, TreeNode};
use crate::work::task::merge::MergeOptions;
use crate::work::task::readiness::WhyView;

use Effect::{Reaches, Reads};

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
        Tool::new(
            "task_diff",
            Reaches,
            "What the submitted work on an item changes",
            |s, a: Diff| Ok(Changes::of(s.pm()?.tasks().diff(&a.id, &a.paths)?, a.stat)),
        ),
        Tool::new("merge", Reaches, "Merge approved work", |s, a: Id| {
            let merged = s.pm()?.tasks().merge(&a.id, &MergeOptions::default())?;
            Ok(Line::of(&merged.item))
        }),
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
struct Tree {
    id: Option<String>,
}

fn deps(session: &Session, input: Id) -> Result<DepView> {
    session.pm()?.tasks().dependencies(&input.id)
}
