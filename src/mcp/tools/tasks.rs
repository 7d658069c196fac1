//! Items of every kind: find, explain, review and merge.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::session::Session;
use super::super::tool::{Effect, Tool};
use super::super::views::{Line, List, lines, list};
use crate::error::Result;
use crate::query::Expr;
use crate::work::list::ListFilter;
use crate::work::search::SearchOptions;

use Effect::Reads;

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::new(
            "list",
            Reads,
            "List items, by a query such as status:queued label:a",
            find,
        ),
        Tool::new("search", Reads, "Search titles, texts and comments", search),
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
