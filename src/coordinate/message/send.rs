//! Sending messages, replies and acknowledgements, and when they are pushed.
//!
//! As they are meant for others, they are pushed at once if allowed, as comments are.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::TEXT_MAX;
use super::delegate::{AnswerRequest, require_answerable};
use super::message_view::{MessageView, find, shown_recipient, view};
use super::read_marks::Reader;
use super::recipients;
use super::subject::{prefixed, subject_from, without_prefix};
use crate::coordinate::message::read_marks;
use crate::coordinate::write;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::message::{self, Envelope};
use crate::model::short_id::{MESSAGE, short_id};
use crate::model::stamp::rfc3339;
use crate::model::text;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::arguments::Words;
use crate::pm::handles::Messages;
use crate::pm::who_acts::require_human;
use crate::secret;
use crate::store::transaction::Tx;

/// The levels of importance.
pub const IMPORTANCE: &[&str] = &["low", "normal", "high", "urgent"];

/// The longest subject, in characters, without the id of the item.
const SUBJECT: usize = 200;

/// Send a message
///
/// Messages are pushed at once if `pm.sync` allows it, else by the next sync. An unknown recipient is
/// an error; `all` and roles are always accepted.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm msg send --to ben --item T-0012 'Which port?' 'The docs say 80 and 8080.'
  git pm msg send --to owner:T-0012 --ack 'The API changes today'
  git pm msg send --to role:human --importance high 'Approval needed' -")]
pub struct SendRequest {
    /// Recipient (repeatable): an actor, `role:NAME`, `owner:ID` or `all`.
    ///
    /// `role:human` and `role:agent` always exist, and others are set with `pm.role`.
    #[arg(long, value_name = "NAME", required = true)]
    pub to: Vec<String>,
    /// Item that the message is about.
    #[arg(long, value_name = "ID")]
    pub item: Option<String>,
    /// Importance: low, normal (default), high or urgent.
    #[arg(long, value_name = "WORD", value_parser = Words(IMPORTANCE))]
    pub importance: Option<String>,
    /// Ask for an acknowledgement.
    #[arg(long)]
    #[serde(default)]
    pub ack: bool,
    /// Subject, in one line.
    pub subject: String,
    /// Text, in Markdown.
    #[arg(default_value = "", hide_default_value = true)]
    #[serde(default)]
    pub text: String,
    /// Accept recipients that are not known in this repository yet.
    #[arg(long)]
    #[serde(default)]
    pub new: bool,
    /// Send it even if it seems to contain a secret; for humans only.
    #[arg(long)]
    #[serde(default)]
    pub allow_secret: bool,
}

/// A reply to be sent.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ReplyRequest {
    /// Text, in Markdown.
    pub text: String,
    /// Importance: low, normal (default), high or urgent.
    #[arg(long, value_name = "WORD", value_parser = Words(IMPORTANCE))]
    pub importance: Option<String>,
    /// Ask for an acknowledgement.
    #[arg(long)]
    #[serde(default)]
    pub ack: bool,
    /// Send it even if it seems to contain a secret; for humans only.
    #[arg(long)]
    #[serde(default)]
    pub allow_secret: bool,
}

/// The parts of a new document.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) to: BTreeSet<String>,
    pub(crate) item: Option<Item>,
    /// The first message of a thread without an item.
    pub(crate) thread: Option<Uid>,
    pub(crate) reply_to: Option<Uid>,
    pub(crate) topic: Option<&'static str>,
    pub(crate) importance: Option<String>,
    pub(crate) ack: bool,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) allow_secret: bool,
}

impl Messages<'_> {
    /// Sends a message. Its subject begins with the id of the item that it is about.
    ///
    /// # Errors
    /// When a recipient is unknown, the subject is empty, or the text is too large or seems to
    /// contain a secret.
    pub fn send(&self, request: &SendRequest) -> Result<MessageView> {
        let to = recipients::recipients(self.pm, &request.to, request.new)?;
        post(self.pm, "msg send", |tx| {
            let item = match &request.item {
                Some(id) => Some(tx.state.find(id)?.clone()),
                None => None,
            };
            let draft = Draft {
                to: to.clone(),
                item,
                importance: request.importance.clone(),
                ack: request.ack,
                subject: request.subject.clone(),
                text: request.text.clone(),
                allow_secret: request.allow_secret,
                ..Draft::default()
            };
            stage_message(self.pm, tx, "msg send", draft)
        })
    }

    /// Replies to a message: to its author and its other recipients, in its thread.
    ///
    /// # Errors
    /// When there is no such message, or as for [`Messages::send`].
    pub fn reply(&self, name: &str, request: &ReplyRequest) -> Result<MessageView> {
        if request.text.trim().is_empty() {
            return Err(Error::usage("a reply cannot be empty").hint(Hint::run(
                ["msg", "ack", name],
                "acknowledges a message without a reply",
            )));
        }
        let mut answered = None;
        let reply = post(self.pm, "msg reply", |tx| {
            let doc = find(&tx.state, name)?.clone();
            answered = Some(doc.uid.clone());
            let draft = Draft {
                to: reply_recipients(self.pm, &doc),
                reply_to: Some(doc.uid.clone()),
                importance: request.importance.clone(),
                ack: request.ack,
                text: request.text.clone(),
                allow_secret: request.allow_secret,
                ..thread_of(tx, &doc)
            };
            stage_message(self.pm, tx, "msg reply", draft)
        })?;
        read_marks::try_mark_read(self.pm, answered.iter().map(Uid::as_str));
        Ok(reply)
    }

    /// Acknowledges messages, and marks them as read. The acknowledgements are part of the state,
    /// so that the senders see them; acknowledging twice changes nothing.
    ///
    /// # Errors
    /// When there is no such message, the caller is an agent that it is not for, or the note is too
    /// large or seems to contain a secret.
    pub fn ack(&self, names: &[String], request: &AnswerRequest) -> Result<Vec<MessageView>> {
        answer(self.pm, "msg ack", names, None, request)
    }
}

/// Refuses an agent that says of its own text that it holds no secret.
pub(crate) fn require_may_allow_secret(pm: &Pm) -> Result<()> {
    require_human(
        &pm.actor,
        "sending what seems to be a secret",
        "leave it out, or ask a human to send it",
    )
}

/// Writes one message, pushes it if allowed, and returns its view.
pub(crate) fn post(
    pm: &Pm,
    op: &'static str,
    stage: impl FnMut(&mut Tx<'_>) -> Result<Uid>,
) -> Result<MessageView> {
    write::require_no_version(pm, op)?;
    let uid = pm.write(op).uncompared().for_others().run(stage)?;
    sent(pm, op, &uid)
}

/// The view of a message that was just written.
pub(crate) fn sent(pm: &Pm, op: &str, uid: &Uid) -> Result<MessageView> {
    let state = pm.store.snapshot()?;
    let doc = state.doc(uid);
    let doc = doc.ok_or_else(|| Error::not_found(format!("there is no message {uid}")))?;
    // A broadcast is also delivered to its sender, who already knows it.
    let direct = doc.contains("to", &pm.writer(op).name);
    let sent = view(&state, doc, false, true);
    drop(state);
    if !direct {
        read_marks::try_mark_read(pm, [sent.uid.as_str()].into_iter());
    }
    Ok(sent)
}

/// The recipients of a reply: everyone in the conversation except the replying actor.
fn reply_recipients(pm: &Pm, doc: &Doc) -> BTreeSet<String> {
    let me = pm.writer("msg reply");
    let mut to = match doc.text("to_replica") {
        Some(_) => BTreeSet::new(),
        None => recipients::of(doc),
    };
    let author = text::actor(message::author(doc));
    let mine = author == me.name && to.iter().any(|to| *to != me.name);
    to.remove(&me.name);
    if let Some(own) = &me.own {
        to.remove(own);
    }
    if !mine && !author.is_empty() {
        to.insert(author);
    }
    to
}

/// Stages a message.
///
/// # Errors
/// As [`Messages::send`].
pub(super) fn stage_message(pm: &Pm, tx: &mut Tx<'_>, op: &str, draft: Draft) -> Result<Uid> {
    stage_message_with(pm, tx, op, draft, |_| {})
}

/// As [`stage_message`], with additional fields.
pub(crate) fn stage_message_with(
    pm: &Pm,
    tx: &mut Tx<'_>,
    op: &str,
    draft: Draft,
    more: impl FnOnce(&mut Doc),
) -> Result<Uid> {
    let subject = checked_subject(&draft.subject)?;
    check_text(&draft.text)?;
    let birth = tx.fresh_stamp();
    let mut doc = Doc::new(tx.new_uid()?, message::KIND, "", birth);
    doc.put("author", tx.actor());
    if let Some(agent) = tx.agent() {
        doc.put("agent", agent);
    }
    doc.put("created_at", rfc3339(tx.clock().wall_ms()));
    doc.put("importance", importance(draft.importance.as_deref())?);
    if let Some(topic) = draft.topic {
        doc.put("topic", topic);
    }
    if draft.ack {
        doc.put("ack_required", true);
    }
    for to in &draft.to {
        doc.put_element("to", to);
    }
    let id = draft.item.as_ref().map(|item| tx.state.shown_id(item));
    doc.put("subject", prefixed(id.as_deref(), &subject));
    if let Some(item) = &draft.item {
        doc.put("item", item.reference().to_string());
    } else if let Some(thread) = &draft.thread {
        doc.put("thread", thread.as_str());
    }
    if let Some(reply_to) = &draft.reply_to {
        doc.put("reply_to", reply_to.as_str());
    }
    doc.put_body(&draft.text);
    more(&mut doc);
    match draft.allow_secret {
        true => require_may_allow_secret(pm)?,
        false => require_no_secret(&doc)?,
    }
    let uid = doc.uid.clone();
    tx.insert(doc)?;
    let to: Vec<String> = draft.to.iter().map(|to| shown_recipient(to)).collect();
    let to = match to.is_empty() {
        true => String::new(),
        false => format!("to {}: ", text::first_of(&to, 3)),
    };
    let ids: Vec<&str> = id.iter().map(String::as_str).collect();
    let about = prefixed(id.as_deref(), &subject);
    tx.describe(op, &ids, &format!("{to}{}", text::excerpt(&about, 80)));
    Ok(uid)
}

/// Acknowledges messages in one commit, optionally with an answer to a request.
pub(super) fn answer(
    pm: &Pm,
    op: &'static str,
    names: &[String],
    answer: Option<&str>,
    request: &AnswerRequest,
) -> Result<Vec<MessageView>> {
    if let Some(note) = &request.note {
        check_text(note)?;
    }
    let note = request.note.as_deref().unwrap_or_default();
    require_no_secret_in(pm, "the note of the message", note, request.allow_secret)?;
    write::require_no_version(pm, op)?;
    let mut uids = Vec::new();
    pm.write(op).uncompared().for_others().run(|tx| {
        uids.clear();
        for name in names {
            let doc = find(&tx.state, name)?.clone();
            match answer {
                Some(_) => require_answerable(&read_marks::reader(pm), &tx.state, &doc)?,
                None => require_addressed(&read_marks::reader(pm), &doc)?,
            }
            uids.push(doc.uid.clone());
            stage_ack(tx, &doc, answer, request)?;
        }
        let shown: Vec<String> = names.iter().map(|name| text::excerpt(name, 40)).collect();
        tx.describe(op, &[], &text::first_of(&shown, 3));
        Ok(())
    })?;
    read_marks::try_mark_read(pm, uids.iter().map(Uid::as_str));
    let state = pm.store.snapshot()?;
    let docs = uids.iter().filter_map(|uid| state.doc(uid));
    Ok(docs.map(|doc| view(&state, doc, false, false)).collect())
}

/// Refuses an agent's acknowledgement of a message for others: its sender would take it for read. A
/// human may acknowledge what agents write to each other.
fn require_addressed(reader: &Reader, doc: &Doc) -> Result<()> {
    let to = Envelope::of(doc);
    if reader.agent.is_none() || to.addresses.is_empty() || to.is_to(&reader.addresses) {
        return Ok(());
    }
    let id = short_id(MESSAGE, &doc.uid);
    Err(
        Error::refused(format!("the message {id} is not for {}", reader.name))
            .because(Reason::MsgNotYours)
            .about(&id)
            .hint(Hint::run(["msg", "reply", &id, "TEXT"], "answers it"))
            .hint(Hint::run(["msg", "thread", &id], "shows its conversation")),
    )
}

/// Stages the acknowledgement of a message by the writer. A second one changes only the answer and
/// the note.
fn stage_ack(
    tx: &mut Tx<'_>,
    doc: &Doc,
    answer: Option<&str>,
    request: &AnswerRequest,
) -> Result<()> {
    let note = request.note.as_deref();
    let (actor, agent) = (tx.actor().to_string(), tx.agent().map(str::to_string));
    // An agent under a human's name acknowledges for itself.
    let id = match &agent {
        Some(agent) if *agent != actor => format!("{actor} {agent}"),
        _ => actor.clone(),
    };
    let at = tx.fresh_stamp();
    tx.edit(&doc.uid, |doc, clock| {
        let mut changed = false;
        if doc.entry("acks", &id).is_none() {
            let fields = [("by", actor.into()), ("agent", agent.into())];
            doc.add_entry("acks", &id, at, &fields);
            changed = true;
        }
        for (name, value) in [("answer", answer), ("note", note)] {
            if let Some(value) = value {
                changed |= doc.set_entry("acks", &id, name, value, clock);
            }
        }
        changed
    })?;
    Ok(())
}

/// A draft in the thread of a message, with its subject.
pub(super) fn thread_of(tx: &Tx<'_>, doc: &Doc) -> Draft {
    let item = message::item(doc).and_then(|item| item.uid);
    let item = item.and_then(|uid| tx.state.item(&uid)).cloned();
    let subject = doc.text("subject").unwrap_or_default();
    Draft {
        // Also that of an item that is not in this clone yet.
        thread: Uid::new(&message::thread(doc)),
        subject: subject_from(without_prefix(subject), SUBJECT, "(no subject)"),
        item,
        ..Draft::default()
    }
}

fn checked_subject(subject: &str) -> Result<String> {
    let subject = subject.trim();
    if subject.is_empty() {
        return Err(Error::usage("a message needs a subject").hint(Hint::run(
            ["msg", "send", "--to", "NAME", "SUBJECT", "TEXT"],
            "sends a message",
        )));
    }
    let length = subject.chars().count();
    if length > SUBJECT || subject.contains('\n') {
        return Err(Error::usage(match subject.contains('\n') {
            true => "a subject must be a single line".to_string(),
            false => format!("the subject has {length} characters; the limit is {SUBJECT}"),
        })
        .hint("put the details into the text"));
    }
    Ok(subject.to_string())
}

fn check_text(text: &str) -> Result<()> {
    text::refuse_nul(text, "text")?;
    if text.len() > TEXT_MAX {
        return Err(Error::usage(format!(
            "the text is {}; the limit for a message is {}",
            text::bytes(text.len() as u64),
            text::bytes(TEXT_MAX as u64)
        ))
        .because(Reason::MsgTooLarge)
        .hint("put it into a file in the repository and refer to it"));
    }
    Ok(())
}

fn importance(given: Option<&str>) -> Result<&'static str> {
    let given = given.unwrap_or("normal").to_ascii_lowercase();
    let known = IMPORTANCE.iter().find(|known| **known == given);
    known.copied().ok_or_else(|| {
        Error::usage(format!(
            "`{}` is not a valid importance",
            text::excerpt(&given, 40)
        ))
        .hint(format!("use one of: {}", IMPORTANCE.join(", ")))
    })
}

/// Refuses a message that seems to contain a secret: it cannot be taken back once it is pushed.
fn require_no_secret(doc: &Doc) -> Result<()> {
    match secret::in_document(doc).first() {
        Some(found) => Err(holds_secret(
            &format!(
                "the {} of the message",
                if found.field == "body" {
                    "text"
                } else {
                    &found.field
                }
            ),
            found.title,
        )),
        None => Ok(()),
    }
}

/// As [`require_no_secret`], of a text that goes out at once.
pub(crate) fn require_no_secret_in(pm: &Pm, place: &str, text: &str, allow: bool) -> Result<()> {
    match secret::scan(text).first() {
        _ if allow => require_may_allow_secret(pm),
        Some(hit) => Err(holds_secret(place, hit.title)),
        None => Ok(()),
    }
}

fn holds_secret(place: &str, title: &str) -> Error {
    Error::refused(format!(
        "{place} seems to contain {title}; everyone who can fetch the state could read it"
    ))
    .because(Reason::MsgSecret)
    .hint("say where the secret is kept instead of sending its value")
    .hint("if it is not a secret, `--allow-secret` sends it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_one_bounded_line() {
        assert!(checked_subject(" ").is_err());
        assert!(checked_subject("a\nb").is_err());
        assert!(checked_subject(&"x".repeat(SUBJECT + 1)).is_err());
        assert_eq!(checked_subject(" a ").unwrap(), "a");
    }

    #[test]
    fn importance_is_a_word_of_the_list() {
        assert_eq!(importance(None).unwrap(), "normal");
        assert_eq!(importance(Some("URGENT")).unwrap(), "urgent");
        assert!(importance(Some("asap")).is_err());
    }
}
