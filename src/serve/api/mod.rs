//! The API: each route is a library call that returns the JSON of `--json`.
//!
//! A declared verb is a `GET` of its words if it only reads, else a `POST` to them.

mod items;
mod runs;
mod verbs;

use super::request::Answer;
use super::route::{Needs, Parameter, Returns, Route, get, one, text, texts};

/// The health of the server.
#[derive(serde::Serialize, schemars::JsonSchema)]
struct ServerHealth {
    ok: bool,
}

const FOLLOW: &[Parameter] = &[
    text(
        "since",
        "The id of an event, or a time; from now on by default",
    ),
    text("item", "Only events about this item"),
    texts(
        "kind",
        "Only events of these kinds; `claim` means all that begin with `claim.`",
    ),
];

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let document = Returns::Other("application/json");
    let own = [
        get(super::routes::HEALTH, "Health check")
            .needing(Needs::Nothing)
            .answers(Returns::Plain(one::<ServerHealth>), |_| {
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
        // The server opens the stream itself; only HEAD requests reach this handler.
        get(
            super::routes::EVENTS,
            "Server-sent events; `Last-Event-ID` resumes after the given event",
        )
        .with(FOLLOW)
        .answers(Returns::Other("text/event-stream"), |_| {
            Ok(Answer::Document {
                content_type: "text/event-stream",
                bytes: Vec::new(),
                keep: 0,
            })
        }),
    ];
    let own = own.into_iter().chain([super::github_webhook::route()]);
    own.into_iter()
        .chain(items::routes())
        .chain(verbs::routes())
        .chain(runs::routes())
        .collect()
}
