//! Coordination between actors: messages, artifacts.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::request::{Answer, Call};
use super::super::route::{Parameter, Returns, Route, flag, get, number, post, text};
use crate::coordinate::message::{InboxOptions, MessageView, SendRequest};
use crate::error::Result;

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
        get("/api/v1/messages", "The actor's messages")
            .with(INBOX)
            .one(|call| {
                let options = InboxOptions {
                    all: call.flag("all"),
                    limit: call.number("limit", super::find::LIST_MAX)?,
                    ..InboxOptions::default()
                };
                call.pm()?.messages().inbox(&options)
            }),
        post("/api/v1/messages", "Send a message")
            .takes::<SendBody>()
            .made(send),
        get(
            "/api/v1/threads/{id}",
            "The messages and events of a thread, by its name or an item",
        )
        .one(|call| call.pm()?.messages().thread(call.part("id"))),
        get("/api/v1/artifacts", "Files that items published")
            .with(ARTIFACTS)
            .list(|call| {
                let artifacts = call.pm()?.artifacts();
                artifacts.list(call.parameter("item"), call.flag("all"))
            }),
        get(
            "/api/v1/items/{id}/artifacts/{name}",
            "The content of an artifact",
        )
        .with(VERSION)
        .answers(Returns::Other("application/octet-stream"), |call| {
            let (item, name) = (call.part("id"), call.part("name"));
            let artifacts = call.pm()?.artifacts();
            let found = artifacts.get(item, name, call.parameter("version"))?;
            Ok(Answer::File {
                name: name.to_string(),
                bytes: found.content,
            })
        }),
    ]
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

fn send(call: &Call) -> Result<MessageView> {
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
    call.pm()?.messages().send(&request)
}
