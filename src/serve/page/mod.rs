//! The page: templates that the server renders, readable without JavaScript, which adds to each
//! change the proof that it was made here. Each handler is a few
//! library calls and one template. Text from the state reaches a page in only two ways: through a
//! template, which escapes it, or through [`markdown`], which emits no tags but its own.

mod actions;
mod activity;
mod board;
mod changes;
mod edit;
mod failure;
mod filters;
mod frame;
mod graph;
mod item;
mod list;
mod markdown;
mod moves;
mod numbers;
mod plans;
mod plot;
mod reservations;
mod runs;
#[cfg(test)]
mod tests;
mod work;

use super::request::{Answer, Call, Scope};
use super::route::{Needs, Parameter, Returns, Route};
use crate::error::Result;

pub(super) use failure::failure;
pub(super) use frame::part;

/// The time for which a browser caches an asset, in seconds.
const KEEP: u32 = 3600;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let asset = |path, content, handler| {
        Route::get(
            path,
            "A static asset",
            &[],
            Returns::Other(content),
            handler,
        )
        .needing(Needs::Nothing)
    };
    let own = [
        asset("/assets/page.css", "text/css", |_| {
            Ok(document(
                "text/css; charset=utf-8",
                include_str!("assets/page.css"),
            ))
        }),
        asset("/assets/page.js", "text/javascript", |_| {
            Ok(document(
                "text/javascript; charset=utf-8",
                include_str!("assets/page.js"),
            ))
        }),
        asset("/assets/icon.svg", "image/svg+xml", |_| {
            Ok(document("image/svg+xml", include_str!("assets/icon.svg")))
        }),
        page("/sign-in", "The sign-in form", &[], failure::sign_in).needing(Needs::Nothing),
    ];
    own.into_iter()
        .chain(board::routes())
        .chain(item::routes())
        .chain(work::routes())
        .chain(actions::routes())
        .chain(list::routes())
        .chain(graph::routes())
        .chain(plans::routes())
        .chain(runs::routes())
        .chain(reservations::routes())
        .chain(activity::routes())
        .chain(numbers::routes())
        .collect()
}

/// A page.
const fn page(
    path: &'static str,
    about: &'static str,
    parameters: &'static [Parameter],
    handler: fn(&Call) -> Result<Answer>,
) -> Route {
    Route::get(
        path,
        about,
        parameters,
        Returns::Other("text/html"),
        handler,
    )
}

/// The route that a form of the page submits to.
const fn form(
    path: &'static str,
    about: &'static str,
    scope: Scope,
    handler: fn(&Call) -> Result<Answer>,
) -> Route {
    Route::post(path, about, None, Returns::Other("text/html"), handler)
        .needing(Needs::Token(scope))
}

fn document(content_type: &'static str, text: &str) -> Answer {
    Answer::Document {
        content_type,
        bytes: text.as_bytes().to_vec(),
        keep: KEEP,
    }
}
