//! Item queries: by filter, by words, as a board, and items that can be started.

use super::super::filter::{filter, kind};
use super::super::request::Call;
use super::super::route::{Parameter, Route, flag, get, number, text, texts};
use crate::error::Result;
use crate::pm::shared_views::ItemView;
use crate::work::board::{BoardOptions, CARDS};
use crate::work::list::ListFilter;
use crate::work::search::{SearchHit, SearchOptions};

/// The maximum number of items in a list.
pub(super) const LIST_MAX: usize = 1_000;

/// The maximum number of cards in one cell of a board.
const CARDS_MAX: usize = 200;

const FILTER: [Parameter; 5] = [
    text(
        "q",
        "A query, as in `git pm list`: `status:queued label:auth`",
    ),
    text("kind", "prd, epic, task or issue"),
    texts("status", "One of these statuses"),
    texts("label", "All of these labels"),
    flag("all", "Include closed items"),
];

const LIST: &[Parameter] = &{
    let [q, kind, status, label, all] = FILTER;
    [
        q,
        kind,
        status,
        label,
        all,
        text("owner", "Only items held by or assigned to this actor"),
        text("epic", "Only items of this epic"),
        text(
            "sort",
            "Comma-separated fields to sort by; `-updated` sorts by `updated` in descending order",
        ),
        number("limit", "The maximum number of items, up to 1000"),
        number("offset", "The number of items to skip"),
    ]
};

const BOARD: &[Parameter] = &{
    let [q, kind, status, label, all] = FILTER;
    [
        q,
        kind,
        status,
        label,
        all,
        text(
            "by",
            "The field whose values are the columns: state, status, owner, epic, stream, priority, \
             …",
        ),
        text("lanes", "The field whose values are the lanes"),
        number(
            "cards",
            "The maximum number of cards in one cell, up to 200",
        ),
    ]
};

const SEARCH: &[Parameter] = &[
    text("q", "The words to search for"),
    text("kind", "prd, epic, task or issue"),
    flag("all", "Include closed items"),
    number("limit", "The maximum number of hits, up to 1000"),
];

const READY: &[Parameter] = &[number("limit", "The maximum number of items, up to 1000")];

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/items", "Items by filter")
            .with(LIST)
            .list(items),
        get("/api/v1/ready", "Items that can be started, best first")
            .with(READY)
            .list(|call| call.pm()?.tasks().ready(call.number("limit", LIST_MAX)?)),
        get(
            "/api/v1/search",
            "Items that contain given words, best first",
        )
        .with(SEARCH)
        .list(search),
        get("/api/v1/board", "The board")
            .with(BOARD)
            .one(|call| call.pm()?.items().board(&board_options(call)?)),
    ]
}

fn items(call: &Call) -> Result<Vec<ItemView>> {
    let offset = call.number("offset", usize::MAX)?.unwrap_or(0);
    let limit = call.number("limit", LIST_MAX)?.unwrap_or(100);
    let filter = ListFilter {
        limit: Some(offset.saturating_add(limit)),
        ..filter(call)?
    };
    let mut found = call.pm()?.items().list(&filter)?;
    found.drain(..offset.min(found.len()));
    Ok(found)
}

fn search(call: &Call) -> Result<Vec<SearchHit>> {
    let options = SearchOptions {
        all: call.flag("all"),
        kind: kind(call)?,
        limit: call.number("limit", LIST_MAX)?,
    };
    let words = call.parameter("q").unwrap_or_default();
    call.pm()?.items().search(words, &options)
}

/// The options of a board.
fn board_options(call: &Call) -> Result<BoardOptions> {
    let by = call.parameter("by").map(str::parse).transpose()?;
    Ok(BoardOptions {
        by: by.unwrap_or(BoardOptions::default().by),
        lanes: call.parameter("lanes").map(str::parse).transpose()?,
        filter: filter(call)?,
        cards: call.number("cards", CARDS_MAX)?.unwrap_or(CARDS),
    })
}
