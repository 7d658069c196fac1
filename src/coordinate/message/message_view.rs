//! A message as commands and JSON output show it.

use schemars::JsonSchema;
use serde::Serialize;

use super::TEXT_MAX;
use super::read_marks::Reader;
use super::subject::present_subject;
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::model::doc::Doc;
use crate::model::message::{self, ALL, Ack, Envelope, Handoff, Topic};
use crate::model::short_id::{MESSAGE, end_of, short_id};
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text;
use crate::model::uid::Uid;
use crate::store::index::RequestEnd;
use crate::store::layout::Family;
use crate::store::state::State;

/// The state of a request without an answer.
pub(super) const OPEN: &str = "open";

/// The state of a request whose item is done.
const DONE: &str = "done";

/// The state of a request whose item is cancelled or gone.
const CANCELLED: &str = "cancelled";

/// The longest subject that is shown, in characters.
const SUBJECT: usize = 300;

/// The maximum number of recipients and acknowledgements that are shown.
const LISTED: usize = 100;

/// The maximum number of entries of a list of a handoff that are shown.
const ENTRIES: usize = 500;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MessageView {
    /// `M-` and the end of the uid.
    pub id: String,
    /// Permanent.
    pub uid: String,
    /// The actor who wrote it.
    pub from: String,
    /// The writer's own name, if it is an agent.
    pub agent: Option<String>,
    /// Actors, `role:NAME`, or `all`.
    pub to: Vec<String>,
    /// One line, beginning with the item's id: `[T-0012] …`.
    pub subject: String,
    /// The item it is about.
    pub item: Option<String>,
    /// The item's id, else the id of the first message.
    pub thread: String,
    /// The id of the message that it answers.
    pub reply_to: Option<String>,
    /// `request`, `handoff`, or the topic of a notice; none for other messages.
    pub topic: Option<String>,
    /// low, normal, high or urgent.
    pub importance: String,
    /// RFC 3339.
    pub created_at: String,
    /// Set if the actor has not read it in this clone.
    pub unread: bool,
    /// The sender asks for an acknowledgement.
    pub ack_required: bool,
    /// The reader of this clone is asked to acknowledge it, or to answer the request, and has not.
    pub ack_wanted: bool,
    /// The acknowledgements, by actor.
    pub acks: Vec<AckView>,
    /// The request to take an item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestView>,
    /// The state of work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handoff: Option<Handoff>,
    /// Set in a human's inbox if it is the newest of this many messages by agents that no human
    /// answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rounds: Option<u64>,
    /// Markdown; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// An acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AckView {
    /// The actor.
    pub by: String,
    /// The actor's own name, if it is an agent.
    pub agent: Option<String>,
    /// RFC 3339.
    pub at: String,
    /// `accepted` or `declined`, in answer to a request.
    pub answer: Option<String>,
    /// A remark.
    pub note: Option<String>,
}

/// A request to take an item, with its state as it follows from the item and the answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RequestView {
    /// The item.
    pub item: Option<String>,
    /// `open`, `accepted`, `started`, `submitted`, `done`, `declined`, or `cancelled`.
    pub state: &'static str,
    /// The actor who brought it into this state.
    pub by: Option<String>,
}

/// A text of the state, on one line and shortened.
fn line(text: Option<&str>, max: usize) -> String {
    text::excerpt(text::head(text.unwrap_or_default(), 4 * max), max)
}

/// A recipient in the form in which it is typed.
pub(super) fn shown_recipient(to: &str) -> String {
    match to {
        ALL => "all".into(),
        name => text::actor(name),
    }
}

/// The state of a message's request; it is not stored.
fn request(state: &State<'_>, doc: &Doc) -> RequestView {
    let reference = message::item(doc);
    let uid = reference.as_ref().and_then(|item| item.uid.as_ref());
    let item = uid.and_then(|uid| state.item(uid));
    let answers: Vec<Ack> = message::acks(doc)
        .filter(|ack| ack.answer.is_some())
        .collect();
    let answered = |word| answers.iter().find(|a| a.answer.as_deref() == Some(word));
    let sender = message::author(doc);
    let (word, by) = match item {
        None => (CANCELLED, None),
        Some(item) if item.deleted || item.status == Status::Cancelled => (CANCELLED, None),
        Some(item) => {
            let owner = item.owner().filter(|owner| *owner != sender);
            let last = item.claims.iter().rev().map(|c| c.actor.as_str()).next();
            let worker = owner.or(last).map(str::to_string);
            let begun = item.open_claims().any(|c| c.actor != sender);
            match &item.status {
                status if status.is_closed() => (DONE, worker),
                Status::InReview | Status::ReadyForIntegration => ("submitted", worker),
                _ if begun => ("started", worker),
                _ => match answered("accepted") {
                    Some(ack) => ("accepted", Some(ack.by.clone())),
                    None => match declined(doc, &answers) {
                        Some(by) => ("declined", Some(by)),
                        None => (OPEN, None),
                    },
                },
            }
        }
    };
    RequestView {
        item: reference.map(|item| state.shown_ref(&item)),
        state: word,
        by: by.map(|by| text::actor(&by)),
    }
}

/// The state of a request whose item has ended.
pub(super) fn state_at(end: RequestEnd) -> &'static str {
    match end {
        RequestEnd::Done => DONE,
        RequestEnd::Cancelled => CANCELLED,
    }
}

/// The last actor who declined, if every recipient did. A role has declined if no actor is left to
/// wait for: one answer is enough, because its actors are not known.
fn declined(doc: &Doc, answers: &[Ack]) -> Option<String> {
    let said_no = |ack: &&Ack| ack.answer.as_deref() == Some("declined");
    let no: Vec<&Ack> = answers.iter().filter(said_no).collect();
    let mut named = doc.elements("to").filter(|to| {
        let open = *to == ALL || to.starts_with(message::ROLE);
        !open
    });
    let all = named.all(|to| {
        no.iter()
            .any(|ack| ack.by == to || ack.agent.as_deref() == Some(to))
    });
    no.last().filter(|_| all).map(|ack| ack.by.clone())
}

/// True if a reader is asked to acknowledge a message and has not; the sender is not, and an agent
/// under a human's name acknowledges for itself. `request` is the message's state if it is one.
pub(super) fn wants_ack(doc: &Doc, request: Option<&RequestView>, reader: &Reader) -> bool {
    let is_reader =
        |by: &str, agent: Option<&str>| by == reader.name && agent == reader.agent.as_deref();
    doc.value("ack_required").is_true()
        && request.is_none_or(|request| request.state == OPEN)
        && !is_reader(message::author(doc), doc.text("agent"))
        && Envelope::of(doc).is_to(&reader.addresses)
        && !message::acks(doc).any(|ack| is_reader(&ack.by, ack.agent.as_deref()))
}

/// The view of a message for an actor who did not ask for it; see [`super::inbox::Unread::view`].
pub(super) fn view(state: &State<'_>, doc: &Doc, unread: bool, whole: bool) -> MessageView {
    let text = |name: &str| doc.text(name);
    let item = message::item(doc).map(|item| state.shown_ref(&item));
    let short = |uid: &Uid| short_id(MESSAGE, uid);
    let named = |name: &str| text(name).and_then(Uid::new).map(|uid| short(&uid));
    let id = short(&doc.uid);
    let thread = item.clone().or_else(|| named("thread"));
    let importance = text("importance").unwrap_or("normal");
    let topic = message::topic(doc);
    let note = |note: String| line(Some(&note), SUBJECT);
    MessageView {
        thread: thread.unwrap_or_else(|| id.clone()),
        id,
        uid: doc.uid.to_string(),
        from: text::actor(message::author(doc)),
        agent: text("agent").map(text::actor),
        to: doc
            .elements("to")
            .take(LISTED)
            .map(shown_recipient)
            .collect(),
        subject: line(Some(&present_subject(state, doc)), SUBJECT),
        item,
        reply_to: named("reply_to"),
        topic: text("topic").map(|topic| line(Some(topic), 40)),
        importance: line(Some(importance), 20),
        created_at: rfc3339(doc.birth.ms),
        unread,
        ack_required: doc.value("ack_required").is_true(),
        ack_wanted: false,
        acks: message::acks(doc)
            .take(LISTED)
            .map(|ack| AckView {
                by: text::actor(&ack.by),
                agent: ack.agent.as_deref().map(text::actor),
                at: rfc3339(ack.at.ms),
                answer: ack.answer.map(|answer| line(Some(&answer), 20)),
                note: ack.note.map(note),
            })
            .collect(),
        request: (topic == Topic::Request).then(|| request(state, doc)),
        handoff: (topic == Topic::Handoff && whole).then(|| shortened(Handoff::of(doc))),
        rounds: None,
        body: whole.then(|| text::head(doc.body.shown(), TEXT_MAX).to_string()),
    }
}

/// A handoff whose lists have a bounded length.
pub(crate) fn shortened(mut handoff: Handoff) -> Handoff {
    let lists = [
        &mut handoff.done,
        &mut handoff.next,
        &mut handoff.decisions,
        &mut handoff.files,
        &mut handoff.questions,
    ];
    for list in lists {
        list.truncate(ENTRIES);
        for entry in list {
            *entry = line(Some(entry), SUBJECT);
        }
    }
    handoff
}

/// A message by its short id, a longer end of its uid, or its uid.
///
/// # Errors
/// When there is none, or more than one.
pub(super) fn find<'s>(state: &'s State<'_>, name: &str) -> Result<&'s Doc> {
    let shown = line(Some(name), 40);
    let missing = || {
        Error::not_found(format!("there is no message {shown}"))
            .because(Reason::MsgMissing)
            .about(&shown)
            .hint(Hint::run(["msg", "inbox", "--all"], "lists your messages"))
    };
    let end = end_of(MESSAGE, name).ok_or_else(missing)?;
    let found = state.ending_with(Family::Message, &end);
    match &found[..] {
        [one] => state.doc(one).ok_or_else(missing),
        [] => Err(missing()),
        several => {
            let uids: Vec<&str> = several.iter().map(Uid::as_str).collect();
            Err(Error::new(
                Kind::Ambiguous,
                format!(
                    "{shown} matches several messages: {}",
                    text::first_of(&uids, 5)
                ),
            )
            .because(Reason::MsgAmbiguous)
            .about(&shown)
            .hint("specify more characters from the end of one of these"))
        }
    }
}
