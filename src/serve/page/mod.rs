//! The page: templates that the server renders, readable without JavaScript.
//!
//! The script adds to each change the proof that it was made here. Each handler is a few library
//! calls and one template. Text from the state reaches a page in only two ways: through a template,
//! which escapes it, or through [`markdown`], which emits no tags but its own.

mod actions;
mod activity;
mod board;
mod branch_diff;
mod changes;
mod charts;
mod diff;
mod edit;
mod error_page;
mod filter_menu;
mod filters;
mod forms;
mod frame;
mod graph;
mod inbox;
mod item;
mod limits;
mod list;
mod markdown;
mod menu;
mod plans;
mod reservations;
mod runs;
mod statistics;
mod status_changes;
#[cfg(test)]
mod tests;

use super::request::{Answer, Call, Scope};
use super::route::{Needs, Returns, Route, get, post};
use crate::error::Result;

pub(super) use error_page::failure;
pub(super) use frame::part;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let asset = |path, content: &'static str, text: &'static str| {
        get(path, "A static asset").needing(Needs::Nothing).answers(
            Returns::Other(content),
            move |_| {
                Ok(Answer::Document {
                    content_type: content,
                    bytes: text.into(),
                    keep: limits::ASSET_SECONDS_MAX,
                })
            },
        )
    };
    let script = |path, text| asset(path, "text/javascript; charset=utf-8", text);
    let own = [
        asset(
            "/assets/page.css",
            "text/css; charset=utf-8",
            include_str!("assets/page.css"),
        ),
        script("/assets/page.js", include_str!("assets/page.js")),
        script("/assets/select.js", include_str!("assets/select.js")),
        script("/assets/keys.js", include_str!("assets/keys.js")),
        script("/assets/inline.js", include_str!("assets/inline.js")),
        script("/assets/filter.js", include_str!("assets/filter.js")),
        script("/assets/graph.js", include_str!("assets/graph.js")),
        asset(
            "/assets/icon.svg",
            "image/svg+xml",
            include_str!("assets/icon.svg"),
        ),
        page("/sign-in", "The sign-in form", error_page::sign_in).needing(Needs::Nothing),
    ];
    own.into_iter()
        .chain(board::routes())
        .chain(item::routes())
        .chain(forms::routes())
        .chain(branch_diff::routes())
        .chain(actions::routes())
        .chain(list::routes())
        .chain(filter_menu::routes())
        .chain(graph::routes())
        .chain(plans::routes())
        .chain(runs::routes())
        .chain(reservations::routes())
        .chain(inbox::routes())
        .chain(activity::routes())
        .chain(statistics::routes())
        .collect()
}

/// A page.
fn page(path: &'static str, about: &'static str, handler: fn(&Call) -> Result<Answer>) -> Route {
    get(path, about).answers(Returns::Other("text/html"), handler)
}

/// The route that a form of the page submits to.
fn form(
    path: &'static str,
    about: &'static str,
    scope: Scope,
    handler: fn(&Call) -> Result<Answer>,
) -> Route {
    let route = post(path, about).needing(Needs::Token(scope));
    route.answers(Returns::Other("text/html"), handler)
}
