//! Items as a table: by query and by words.

use askama::Template;

use super::super::filter::filter;
use super::super::request::{Answer, Call, Scope};
use super::super::route::{Parameter, Route, flag, number, text};
use super::error_page::Advice;
use super::filter_menu::{FilterMenu, menus};
use super::filters;
use super::frame::{Frame, field, given, html, query, see};
use super::limits;
use crate::error::Result;
use crate::model::text::excerpt;
use crate::pm::shared_views::ItemView;
use crate::query::Expr;
use crate::work::list::{ListFilter, SavedView};
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
        super::form("/views", "Save a list as a view", Scope::Write, save),
    ]
}

/// A saved view as a link.
pub(super) struct ViewLink {
    pub name: String,
    pub query: String,
}

/// The saved views, as queries of the list, or of the board, which has an order of its own.
pub(super) fn views(call: &Call, sorted: bool) -> Result<Vec<ViewLink>> {
    let views = call.pm()?.items().saved_views()?.into_iter();
    let views = views.filter(|view| view.query.len() <= limits::BOARD_QUERY_MAX);
    let link = |view: SavedView| {
        let kind = view.kind.map(|kind| format!("kind:{kind} "));
        let q = format!("{}{}", kind.unwrap_or_default(), view.query);
        let sort = view.sort.filter(|_| sorted).unwrap_or_default();
        let all = if view.all { "true" } else { "" };
        let pairs = [("q", q.trim()), ("sort", &sort), ("all", all)];
        ViewLink {
            query: query(pairs),
            name: view.name,
        }
    };
    Ok(views.take(limits::VIEWS_MAX).map(link).collect())
}

/// Saves what a list shows under a name.
fn save(call: &Call) -> Result<Answer> {
    let form = call.form()?;
    let view = SavedView {
        name: field(&form, "name").trim().to_string(),
        query: field(&form, "q").into_owned(),
        kind: given(&form, "kind"),
        sort: given(&form, "sort"),
        all: field(&form, "all") == "true",
        ..SavedView::default()
    };
    call.pm()?.items().save_view(&view)?;
    let own = |text: &Option<String>| text.clone().unwrap_or_default();
    let (kind, sort) = (own(&view.kind), own(&view.sort));
    let shown = list_query(&view.query, &kind, &sort, view.all, "");
    see(format!("/list?{shown}"))
}

/// The parameters of a list.
fn list_query(q: &str, kind: &str, sort: &str, all: bool, page: &str) -> String {
    let all = if all { "true" } else { "" };
    let pairs = [("q", q), ("kind", kind), ("sort", sort)];
    query(pairs.into_iter().chain([("all", all), ("page", page)]))
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
    advice: Vec<Advice>,
    items: Vec<ItemView>,
    views: Vec<ViewLink>,
    menus: Vec<FilterMenu>,
    now_ms: u64,
    number: usize,
    earlier: Option<String>,
    later: Option<String>,
}

/// The columns of the table that sort it: the field and the heading.
const COLUMNS: [(&str, &str); 9] = [
    ("id", "Id"),
    ("title", "Title"),
    ("type", "Type"),
    ("status", "Status"),
    ("priority", "Priority"),
    ("owner", "Owner"),
    ("epic", "Epic"),
    ("due", "Due"),
    ("updated", "Updated"),
];

/// A heading of the table: the order in which it is, and the query that sorts by it.
struct Head {
    field: &'static str,
    title: &'static str,
    order: &'static str,
    query: String,
}

impl ListPage {
    fn heads(&self) -> Vec<Head> {
        let head = |(field, title): (&'static str, &'static str)| {
            let reversed = format!("-{field}");
            let (order, next) = match self.sort.as_str() {
                sort if sort == field => ("ascending", reversed.as_str()),
                sort if sort == reversed => ("descending", field),
                _ => ("none", field),
            };
            Head {
                query: list_query(&self.q, &self.kind, next, self.all, ""),
                field,
                title,
                order,
            }
        };
        COLUMNS.into_iter().map(head).collect()
    }

    fn is_overdue(&self, item: &ItemView) -> bool {
        item.is_overdue(self.now_ms)
    }
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
    let (mut items, problem, advice) = match found {
        Ok(items) => (items, None, Vec::new()),
        Err(error) if error.kind() == crate::error::Kind::Usage => {
            let message = error.message().to_string();
            (Vec::new(), Some(message), Advice::of(&error))
        }
        Err(error) => return Err(error),
    };
    let has_more = items.len() > number * limits::LIST_ITEMS_MAX;
    items.truncate(number * limits::LIST_ITEMS_MAX);
    items.drain(..((number - 1) * limits::LIST_ITEMS_MAX).min(items.len()));
    let link = |page: usize| list_query(&q, &kind, &sort, all, &page.to_string());
    html(&ListPage {
        frame: Frame::of(call, "List", "/list"),
        earlier: (number > 1).then(|| link(number - 1)),
        later: (has_more && number < limits::LIST_PAGES_MAX).then(|| link(number + 1)),
        q,
        kind,
        sort,
        all,
        views: views(call, true)?,
        menus: menus(call, "list"),
        now_ms: call.shared.env.now_ms(),
        problem,
        advice,
        items,
        number,
    })
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/search.html")]
struct SearchPage {
    frame: Frame,
    all: bool,
    /// True if closed items have the words, too, and are not shown.
    has_closed: bool,
    hits: Vec<SearchHit>,
    most: usize,
}

impl SearchPage {
    /// A text as parts, each with a mark if it is one of the words.
    fn marked(&self, text: &str) -> Vec<(bool, String)> {
        marked(&excerpt(text, limits::LINE_MAX), &self.frame.words)
    }

    /// As `marked`, for a part of a text that may begin and end within a word.
    fn cut(&self, text: &str) -> Vec<(bool, String)> {
        let text = excerpt(text, limits::LINE_MAX);
        let inner = text.trim_start_matches('…');
        let inner = match inner.len() < text.len() {
            true => inner.split_once(' ').map_or(inner, |(_, rest)| rest),
            false => inner,
        };
        let dots = if inner.len() < text.len() { "… " } else { "" };
        marked(&format!("{dots}{inner}"), &self.frame.words)
    }
}

fn marked(text: &str, words: &str) -> Vec<(bool, String)> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let lower = text.to_lowercase();
    let mut found: Vec<(bool, String)> = Vec::new();
    // Where a letter changes its length in lower case, the places would not be the same.
    if lower.len() != text.len() {
        return vec![(false, text.to_string())];
    }
    let (mut at, mut plain) = (0, 0);
    while at < text.len() {
        let is_here = |word: &&String| lower[at..].starts_with(word.as_str());
        match words.iter().filter(is_here).map(String::len).max() {
            Some(length) if text.is_char_boundary(at + length) => {
                if plain < at {
                    found.push((false, text[plain..at].to_string()));
                }
                found.push((true, text[at..at + length].to_string()));
                at += length;
                plain = at;
            }
            _ => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    if plain < text.len() {
        found.push((false, text[plain..].to_string()));
    }
    found
}

fn search(call: &Call) -> Result<Answer> {
    let options = SearchOptions {
        all: call.flag("all"),
        limit: Some(limits::SEARCH_HITS_MAX),
        ..SearchOptions::default()
    };
    let words = call.parameter("q").unwrap_or_default();
    // What names a field is a query.
    if words.contains(':') && Expr::parse(words).is_ok() {
        let all = call.parameter("all").unwrap_or_default();
        return see(format!("/list?{}", query([("q", words), ("all", all)])));
    }
    let hits = match words.trim() {
        "" => Vec::new(),
        words => call.pm()?.items().search(words, &options)?,
    };
    let mut frame = Frame::of(call, "Search", "");
    // The notice about closed items is for a terminal; the page has a link for them.
    let notices = std::mem::take(&mut frame.notices).into_iter();
    let (told, notices) = notices.partition(|one| one.contains("closed items contain"));
    frame.notices = notices;
    let told: Vec<String> = told;
    html(&SearchPage {
        frame: Frame {
            words: words.to_string(),
            ..frame
        },
        has_closed: !told.is_empty(),
        all: options.all,
        most: limits::SEARCH_HITS_MAX,
        hits,
    })
}
