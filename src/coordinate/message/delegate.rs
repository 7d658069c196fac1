//! Delegation: a message that asks a recipient to take an item, and what became of it.
//!
//! The recipient starts the item, accepts first, or declines. The outcome follows from the item and
//! is shown with the request, in its thread and in the inbox of its sender.

use schemars::JsonSchema;
use serde::Deserialize;

use super::IMPORTANCE;
use super::message_view::{MessageView, view};
use super::read_marks::Reader;
use super::send::Draft;
use super::subject::subject_from;
use crate::coordinate::message::recipients;
use crate::coordinate::message::send;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Doc;
use crate::model::message::{self, Envelope, Topic};
use crate::model::short_id::{MESSAGE, short_id};
use crate::model::status::Status;
use crate::model::transitions::answers_to_request;
use crate::pm::arguments::Words;
use crate::pm::handles::Messages;
use crate::store::state::State;

/// A request to take an item.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct DelegateRequest {
    /// Recipient: an actor, `role:NAME` or `all` (repeatable).
    #[arg(long, value_name = "NAME", required = true)]
    pub to: Vec<String>,
    /// What the recipient should know.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    #[serde(default)]
    pub note: String,
    /// Importance: low, normal (default), high or urgent.
    #[arg(long, value_name = "WORD", value_parser = Words(IMPORTANCE))]
    pub importance: Option<String>,
    /// Accept recipients that are not known in this repository yet.
    #[arg(long)]
    #[serde(default)]
    pub new: bool,
    /// Send it even if it seems to contain a secret; for humans only.
    #[arg(long)]
    #[serde(default)]
    pub allow_secret: bool,
}

/// An answer to a request, or the acknowledgement of a message.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct AnswerRequest {
    /// Remark for the sender.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Write it even if the remark seems to contain a secret; for humans only.
    #[arg(long)]
    #[serde(default)]
    pub allow_secret: bool,
}

impl Messages<'_> {
    /// Asks a recipient to take an item.
    ///
    /// # Errors
    /// When there is no such item, it is closed or another actor holds it, or as for
    /// [`Messages::send`].
    pub fn delegate(&self, id: &str, request: &DelegateRequest) -> Result<MessageView> {
        let to = recipients::asked(self.pm, &request.to, request.new, "asks")?;
        send::post(self.pm, "msg delegate", |tx| {
            let item = tx.state.find(id)?.clone();
            let shown = tx.state.shown_id(&item);
            if item.status == Status::Proposed {
                return Err(Error::refused(format!(
                    "{shown} is proposed: it cannot be started yet"
                ))
                .because(Reason::ItemProposed)
                .about(&shown));
            }
            if item.status.is_closed() {
                return Err(Error::refused(format!("{shown} is {}", item.status.word()))
                    .because(Reason::MsgClosed)
                    .about(&shown)
                    .hint(Hint::run(["task", "reopen", &shown], "reopens it")));
            }
            if let Some(holder) = item.holder()
                && !to.contains(&holder.actor)
                && holder.actor != tx.actor()
            {
                let heard = holder.last_activity_text(self.pm.now_ms());
                return Err(Error::conflict(format!(
                    "{shown} is held by {}, {heard}",
                    holder.actor
                ))
                .because(Reason::ClaimHeld)
                .about(&shown)
                .hint(format!("`--to {}` asks its holder", holder.actor)));
            }
            let draft = Draft {
                to: to.clone(),
                subject: subject_from(&item.title, 150, "(no title)"),
                item: Some(item),
                topic: Some(message::REQUEST),
                importance: request.importance.clone(),
                ack: true,
                text: request.note.clone(),
                allow_secret: request.allow_secret,
                ..Draft::default()
            };
            send::stage_message(self.pm, tx, "msg delegate", draft)
        })
    }

    /// Accepts a request before starting its item.
    ///
    /// # Errors
    /// When there is no such request, it is not for the actor or no longer open, or the note is too
    /// large or seems to contain a secret.
    pub fn accept(&self, name: &str, request: &AnswerRequest) -> Result<MessageView> {
        self.answered("msg accept", name, "accepted", request)
    }

    /// Declines a request.
    ///
    /// # Errors
    /// As [`Messages::accept`].
    pub fn decline(&self, name: &str, request: &AnswerRequest) -> Result<MessageView> {
        self.answered("msg decline", name, "declined", request)
    }

    fn answered(
        &self,
        op: &'static str,
        name: &str,
        answer: &str,
        request: &AnswerRequest,
    ) -> Result<MessageView> {
        let names = [name.to_string()];
        let done = send::answer(self.pm, op, &names, Some(answer), request)?;
        let missing = || Error::not_found(format!("there is no request {name}"));
        done.into_iter().next().ok_or_else(missing)
    }
}

/// Refuses an answer to a message that is no request, is for others, or is settled.
pub(super) fn require_answerable(reader: &Reader, state: &State<'_>, doc: &Doc) -> Result<()> {
    let id = short_id(MESSAGE, &doc.uid);
    if message::topic(doc) != Topic::Request {
        return Err(Error::usage(format!("{id} is not a request"))
            .because(Reason::MsgNotARequest)
            .about(&id)
            .hint(Hint::run(["msg", "ack", &id], "acknowledges it"))
            .hint(Hint::run(["msg", "reply", &id, "TEXT"], "answers it")));
    }
    if !Envelope::of(doc).is_to(&reader.addresses) {
        return Err(
            Error::refused(format!("the request {id} is not for {}", reader.name))
                .because(Reason::MsgNotYours)
                .about(&id)
                .hint(Hint::run(["msg", "read", &id], "shows whom it is for")),
        );
    }
    let request = view(state, doc, false, false).request;
    match request.map(|request| request.state) {
        Some(settled) if answers_to_request(settled).is_empty() => Err(Error::refused(format!(
            "the request {id} is settled: its item is {settled}"
        ))
        .because(Reason::MsgSettled)
        .about(&id)),
        _ => Ok(()),
    }
}
