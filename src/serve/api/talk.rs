//! Coordination between actors: messages, artifacts.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::request::{Answer, Call};
use super::super::route::{Parameter, Returns, Route, flag, list, number, one, text};
use crate::coordinate::message::{Inbox, InboxOptions, MessageView, SendRequest, ThreadView};
use crate::error::Result;
use crate::pm::artifact_view::ArtifactView;

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
