//! Items as a table: by query and by words.

use askama::Template;

use super::super::filter::filter;
use super::super::request::{Answer, Call};
use super::super::route::{Parameter, Route, flag, number, text};
use super::filters;
use super::frame::{Frame, html, query};
use super::limits;
use crate::error::Result;
use crate::pm::shared_views::ItemView;
use crate::work::list::ListFilter;
use crate::work::search::{SearchHit, SearchOptions};

const LIST: &[Parameter] = &[
    text(
        "q",
        "A query, as in `git pm list`: `status:queued label:auth`",
    ),
    text("kind", "prd, epic, task or issue"),
    text(
        "sort",
        "Comma-separated fields to sort by; `-updated` sorts by `updated` in descending order",
    ),
    flag("all", "Include closed items"),
    number("page", "The page number, starting at 1"),
];

const SEARCH: &[Parameter] = &[
    text("q", "The words to search for"),
    flag("all", "Include closed items"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        super::page("/list", "Items by query", list).with(LIST),
        super::page(
            "/search",
            "Items that contain given words, best first",
            search,
        )
        .with(SEARCH),
    ]
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/list.html")]
struct ListPage {
    frame: Frame,
    q: String,
    kind: String,
    sort: String,
    all: bool,
    /// The reason that there is no list.
    problem: Option<String>,
    hints: Vec<String>,
    items: Vec<ItemView>,
    number: usize,
    earlier: Option<String>,
    later: Option<String>,
}

fn list(call: &Call) -> Result<Answer> {
    let number = call
        .number("page", limits::LIST_PAGES_MAX)?
        .unwrap_or(1)
        .max(1);
    let own = |name: &str| call.parameter(name).unwrap_or_default().to_string();
    let (q, kind, sort, all) = (own("q"), own("kind"), own("sort"), call.flag("all"));
    let found = filter(call).and_then(|filter| {
        let filter = ListFilter {
            limit: Some(number * limits::LIST_ITEMS_MAX + 1),
            ..filter
        };
        call.pm()?.items().list(&filter)
    });
    // An invalid query can be corrected in the same form.
    let (mut items, problem, hints) = match found {
        Ok(items) => (items, None, Vec::new()),
        Err(error) if error.kind() == crate::error::Kind::Usage => {
            let hints = error.hints().iter().map(ToString::to_string).collect();
            (Vec::new(), Some(error.message().to_string()), hints)
        }
        Err(error) => return Err(error),
    };
    let has_more = items.len() > number * limits::LIST_ITEMS_MAX;
    items.truncate(number * limits::LIST_ITEMS_MAX);
    items.drain(..((number - 1) * limits::LIST_ITEMS_MAX).min(items.len()));
    let link = |page: usize| {
        let (page, all) = (page.to_string(), if all { "true" } else { "" });
        query([
            ("q", q.as_str()),
            ("kind", &kind),
            ("sort", &sort),
            ("all", all),
            ("page", &page),
        ])
    };
    html(&ListPage {
        frame: Frame::of(call, "List", "/list"),
        earlier: (number > 1).then(|| link(number - 1)),
        later: (has_more && number < limits::LIST_PAGES_MAX).then(|| link(number + 1)),
        q,
        kind,
        sort,
        all,
        problem,
        hints,
        items,
        number,
    })
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/search.html")]
struct SearchPage {
    frame: Frame,
    all: bool,
    hits: Vec<SearchHit>,
    most: usize,
}

fn search(call: &Call) -> Result<Answer> {
    let options = SearchOptions {
        all: call.flag("all"),
        limit: Some(limits::SEARCH_HITS_MAX),
        ..SearchOptions::default()
    };
    let words = call.parameter("q").unwrap_or_default();
    let hits = match words.trim() {
        "" => Vec::new(),
        words => call.pm()?.items().search(words, &options)?,
    };
    html(&SearchPage {
        frame: Frame {
            words: words.to_string(),
            ..Frame::of(call, "Search", "")
        },
        all: options.all,
        most: limits::SEARCH_HITS_MAX,
        hits,
    })
}
