//! The API: each route is a library call that returns the JSON of `--json`. What a declared verb does
//! is a `POST` to its words.

mod find;
mod history;
mod items;
mod plans;
mod runs;
mod talk;
mod verbs;

use super::request::Answer;
use super::route::{Needs, Returns, Route, get, one};

/// The health of the server.
#[derive(serde::Serialize, schemars::JsonSchema)]
struct Health {
    ok: bool,
}

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let document = Returns::Other("application/json");
    let own = [
        get(super::routes::HEALTH, "Health check")
            .needing(Needs::Nothing)
            .answers(Returns::Plain(one::<Health>), |_| {
                Ok(Answer::Plain("{\"ok\":true}".into()))
            }),
        get(
            "/metrics",
            "Metrics for Prometheus, in the OpenMetrics format",
        )
        .answers(
            Returns::Other(super::metrics::CONTENT_TYPE),
            super::metrics::metrics,
        ),
        get("/api/v1/openapi.json", "This OpenAPI document")
            .needing(Needs::Nothing)
            .answers(document, |_| {
                Ok(Answer::Plain(super::openapi::document().to_string()))
            }),
    ];
    own.into_iter()
        .chain(find::routes())
        .chain(items::routes())
        .chain(verbs::routes())
        .chain(plans::routes())
        .chain(runs::routes())
        .chain(talk::routes())
        .chain(history::routes())
        .collect()
}
