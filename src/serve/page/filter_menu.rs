//! The menus that narrow a board or a list: each is a page of the values of a field, which write the query.
//!
//! The page is read when its menu is opened, so that a board costs the same with thousands of labels.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use askama::Template;

use super::super::filter::filter;
use super::super::request::{Answer, Call};
use super::super::route::{Parameter, Route, flag, text};
use super::filters;
use super::frame::{Frame, html, query};
use super::limits;
use crate::error::{Error, Reason, Result};
use crate::model::id::ItemKind;
use crate::model::status::status_word;
use crate::pm::shared_views::ItemView;
use crate::query::{Expr, Field, Op, Pattern, Test};
use crate::work::list::ListFilter;

/// The fields that have a menu.
const FIELDS: [Field; 6] = [
    Field::Status,
    Field::Type,
    Field::Label,
    Field::Epic,
    Field::Assignee,
    Field::Priority,
];

/// The parameters of the board and of the list, which a menu keeps.
const KEPT: [&str; 5] = ["by", "lanes", "kind", "sort", "all"];

const FILTER: &[Parameter] = &[
    text("field", "The field"),
    text("at", "`list`; the board by default"),
    text("words", "Only values that contain this"),
    text("by", "The columns of the board"),
    text("lanes", "Its lanes"),
    text("kind", "The kind in the list"),
    text("sort", "The order of the list"),
    flag("all", "Include closed items"),
    text("q", "The query that is narrowed"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        super::page(
            "/filter",
            "The values of a field, to narrow a board or list",
            values,
        )
        .with(FILTER),
    ]
}

/// A menu beside the query.
pub(super) struct FilterMenu {
    pub name: &'static str,
    /// The value that the query has.
    pub chosen: Option<String>,
    pub href: String,
}

/// The menus of a board or list.
pub(super) fn menus(call: &Call, at: &str) -> Vec<FilterMenu> {
    let q = call.parameter("q").unwrap_or_default();
    let parts = parts(q);
    let menu = |field: Field| {
        let own = parts.iter().find(|part| is_about(part, field));
        let own = own.map(ToString::to_string);
        let own_address = [("field", field.name()), ("at", at)];
        FilterMenu {
            name: field.name(),
            chosen: own.and_then(|own| Some(own.split_once(':')?.1.to_string())),
            href: format!("/filter?{}", address(call, own_address, q)),
        }
    };
    FIELDS.into_iter().map(menu).collect()
}

/// The conditions of a query that all have to be met; none if it is wrong.
fn parts(query: &str) -> Vec<Expr> {
    match Expr::parse(query) {
        Ok(Expr::All(list)) => list,
        Ok(one) => vec![one],
        Err(_) => Vec::new(),
    }
}

/// True if a condition is that a field has a value.
fn is_about(part: &Expr, field: Field) -> bool {
    let Expr::Test(Test::Value(of, _) | Test::Rank(of, ..) | Test::Item(of, _)) = part else {
        return false;
    };
    *of == field
}

/// The parameters that a menu keeps, with another query.
fn address(call: &Call, more: [(&str, &str); 2], q: &str) -> String {
    let kept = KEPT.into_iter();
    let kept = kept.filter_map(|name| Some((name, call.parameter(name)?)));
    query(more.into_iter().chain(kept).chain([("q", q)]))
}

/// A value of the field with the number of items that have it.
struct Choice {
    name: String,
    count: usize,
    href: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/filter.html")]
struct FilterPage {
    frame: Frame,
    field: &'static str,
    /// The address without a condition for the field.
    any: String,
    choices: Vec<Choice>,
    more: usize,
}

fn values(call: &Call) -> Result<Answer> {
    let known = call.parameter("field").and_then(Field::named);
    let Some(field) = known.filter(|field| FIELDS.contains(field)) else {
        return Err(Error::usage("unknown field").because(Reason::ArgumentsInvalid));
    };
    let (path, at) = match call.parameter("at") {
        Some("list") => ("/list", "list"),
        _ => ("/", ""),
    };
    let all = parts(call.parameter("q").unwrap_or_default());
    let (own, others): (Vec<Expr>, Vec<Expr>) =
        all.into_iter().partition(|part| is_about(part, field));
    let link = |q: &Expr| format!("{path}?{}", address(call, [("", ""); 2], &q.to_string()));
    let mut wanted = ListFilter {
        query: Some(Expr::All(others.clone())),
        ..filter(call)?
    };
    // A query by status states itself whether closed items are meant, and a board has them anyway.
    wanted.all |= field == Field::Status;
    let items = call.pm()?.items().list(&wanted)?.into_iter();
    let is_card = |item: &ItemView| matches!(item.kind, ItemKind::Task | ItemKind::Issue);
    let items = items.filter(|item| at == "list" || is_card(item));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for value in items.flat_map(|item| values_of(item, field)) {
        *counts.entry(value).or_default() += 1;
    }
    let words = call.parameter("words").unwrap_or_default().to_lowercase();
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.retain(|(value, _)| value.to_lowercase().contains(words.trim()));
    if field != Field::Priority {
        counts.sort_by_key(|(_, count)| Reverse(*count));
    }
    let more = counts.len().saturating_sub(limits::FILTER_VALUES_MAX);
    counts.truncate(limits::FILTER_VALUES_MAX);
    let choices = counts.into_iter().map(|(value, count)| {
        let test = Expr::Test(test(field, &value));
        Choice {
            is_chosen: own.contains(&test),
            href: link(&Expr::All(others.clone()).and(test)),
            name: match field {
                Field::Status => status_word(&value).into_owned(),
                Field::Priority => format!("P{value}"),
                _ => value,
            },
            count,
        }
    });
    html(&FilterPage {
        choices: choices.collect(),
        any: link(&Expr::All(others.clone())),
        frame: Frame::of(call, format!("Filter by {}", field.name()), path),
        field: field.name(),
        more,
    })
}

/// The values of an item in a field.
fn values_of(item: ItemView, field: Field) -> Vec<String> {
    match field {
        Field::Status => vec![item.status.as_str().to_string()],
        Field::Type => vec![item.item_type.clone()],
        Field::Label => item.labels.clone(),
        Field::Epic => item.epic.iter().cloned().collect(),
        Field::Assignee => item.owner().map(str::to_string).into_iter().collect(),
        _ => vec![item.priority.to_string()],
    }
}

/// The condition that a field has a value.
fn test(field: Field, value: &str) -> Test {
    match field {
        Field::Epic => Test::Item(field, vec![value.to_string()]),
        Field::Priority => Test::Rank(field, Op::Is, value.parse().into_iter().collect()),
        _ => Test::Value(field, vec![Pattern::Text(value.to_string())]),
    }
}
