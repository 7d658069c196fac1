//! Coordination between actors: reservations, messages, artifacts.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::request::{Answer, Call};
use super::super::route::{Method, Parameter, Returns, Route, flag, list, number, one, text};
use crate::coordinate::message::{Inbox, InboxOptions, MessageView, SendRequest, ThreadView};
use crate::coordinate::reserve::reservation_queries::{CheckReport, CheckRequest, ReservationView};
use crate::coordinate::reserve::reservation_verbs::{ReservationSelector, ReserveRequest};
use crate::error::Result;
use crate::pm::artifact_view::ArtifactView;

const RESERVATIONS: &[Parameter] = &[flag("all", "Include reservations that have ended")];

const INBOX: &[Parameter] = &[
    flag("all", "Include messages that were read"),
    number("limit", "The maximum number of messages, up to 1000"),
];

const ARTIFACTS: &[Parameter] = &[
    text("item", "Only those of this item"),
    flag("all", "Include all versions"),
];

const VERSION: &[Parameter] = &[text("version", "A version; the newest by default")];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/reservations",
            "Live reservations of paths",
            RESERVATIONS,
            Returns::Data(list::<ReservationView>),
            |call| Answer::list(&call.pm()?.reservations().list(call.flag("all"))?),
        ),
        Route::post(
            "/api/v1/reservations",
            "Reserve paths for the actor, in the clone where the server runs",
            Some(one::<ReserveBody>),
            Returns::Made(one::<ReservationView>),
            reserve,
        ),
        Route::post(
            "/api/v1/reservations/check",
            "Check whether the actor could change paths",
            Some(one::<CheckBody>),
            Returns::Data(one::<CheckReport>),
            check,
        ),
        Route::post(
            "/api/v1/reservations/{id}",
            "Release a reservation",
            None,
            Returns::Data(list::<ReservationView>),
            |call| {
                let which = ReservationSelector {
                    names: vec![call.part("id").to_string()],
                    task: None,
                };
                Answer::list(&call.pm_to_push()?.reservations().release(&which)?)
            },
        )
        .by(Method::Delete),
        Route::get(
            "/api/v1/messages",
            "The actor's messages",
            INBOX,
            Returns::Data(one::<Inbox>),
            inbox,
        ),
        Route::post(
            "/api/v1/messages",
            "Send a message",
            Some(one::<SendBody>),
            Returns::Made(one::<MessageView>),
            send,
        ),
        Route::get(
            "/api/v1/threads/{id}",
            "The messages and events of a thread, by its name or an item",
            &[],
            Returns::Data(one::<ThreadView>),
            |call| Answer::data(&call.pm()?.messages().thread(call.part("id"))?),
        ),
        Route::get(
            "/api/v1/artifacts",
            "Files that items published",
            ARTIFACTS,
            Returns::Data(list::<ArtifactView>),
            |call| {
                let artifacts = call.pm()?.artifacts();
                Answer::list(&artifacts.list(call.parameter("item"), call.flag("all"))?)
            },
        ),
        Route::get(
            "/api/v1/items/{id}/artifacts/{name}",
            "The content of an artifact",
            VERSION,
            Returns::Other("application/octet-stream"),
            |call| {
                let (item, name) = (call.part("id"), call.part("name"));
                let found = call
                    .pm()?
                    .artifacts()
                    .get(item, name, call.parameter("version"))?;
                Ok(Answer::File {
                    name: name.to_string(),
                    bytes: found.content,
                })
            },
        ),
    ]
}

/// Paths to reserve.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReserveBody {
    /// Globs from the repository root.
    patterns: Vec<String>,
    /// The task they are for.
    task: Option<String>,
    /// The duration in seconds; an hour by default.
    ttl_seconds: Option<u32>,
    /// Compatible with other shared reservations.
    #[serde(default)]
    shared: bool,
    /// `commit` (by default) or `edit`.
    mode: Option<String>,
    /// Only warn, and grant despite conflicts.
    #[serde(default)]
    advisory: bool,
    /// Accept patterns that match nothing yet and do not look like paths.
    #[serde(default)]
    new: bool,
    /// The reason.
    reason: Option<String>,
}

fn reserve(call: &Call) -> Result<Answer> {
    let body: ReserveBody = call.json()?;
    let request = ReserveRequest {
        patterns: body.patterns,
        task: body.task,
        ttl_ms: body.ttl_seconds.map(|seconds| u64::from(seconds) * 1000),
        shared: body.shared,
        mode: body.mode.unwrap_or_else(|| "commit".into()),
        advisory: body.advisory,
        new: body.new,
        reason: body.reason,
    };
    let made = call.pm_to_push()?.reservations().add(&request)?;
    Answer::with_version(201, &made, None)
}

/// Paths to check.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CheckBody {
    /// Paths from the repository root.
    paths: Vec<String>,
}

fn check(call: &Call) -> Result<Answer> {
    let body: CheckBody = call.json()?;
    let request = CheckRequest::Paths(body.paths);
    Answer::data(&call.pm()?.reservations().check(&request)?)
}

fn inbox(call: &Call) -> Result<Answer> {
    let options = InboxOptions {
        all: call.flag("all"),
        limit: call.number("limit", super::find::LIST_MAX)?,
        ..InboxOptions::default()
    };
    Answer::data(&call.pm()?.messages().inbox(&options)?)
}

/// A message.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SendBody {
    /// Actors, `role:NAME`, `owner:ID` or `all`.
    to: Vec<String>,
    /// The item it is about.
    item: Option<String>,
    /// low, normal, high or urgent.
    importance: Option<String>,
    /// Ask for an acknowledgement.
    #[serde(default)]
    ack: bool,
    /// One line.
    subject: String,
    /// Markdown.
    text: String,
    /// Accept recipients that are not known in this repository yet.
    #[serde(default)]
    new: bool,
}

fn send(call: &Call) -> Result<Answer> {
    let body: SendBody = call.json()?;
    let request = SendRequest {
        to: body.to,
        item: body.item,
        importance: body.importance,
        ack: body.ack,
        subject: body.subject,
        text: body.text,
        new: body.new,
        ..SendRequest::default()
    };
    let sent = call.pm()?.messages().send(&request)?;
    Answer::with_version(201, &sent, None)
}
