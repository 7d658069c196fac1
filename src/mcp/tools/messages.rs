//! Messages between actors. `message` and `handoff` are always offered; requests to take an item
//! are a group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::session::Session;
use super::super::tool::{Effect, Shown, Tool};
use super::super::views::bounded;
use super::Id;
use super::actions::{Takes, given};
use crate::coordinate::message::{
    AnswerRequest, DelegateRequest, HandoffRequest, InboxOptions, MessageView, ReplyRequest,
    SendRequest,
};
use crate::error::Result;
use crate::model::message::Handoff;
use crate::model::text;

use Effect::{Reads, Writes};

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::new("delegate", Writes, "Ask an actor to take an item", delegate),
        Tool::new(
            "delegate_accept",
            Writes,
            "Accept a request to take an item",
            |s, a: Answer| {
                let done = s.pm()?.messages().accept(&a.id, &answer(a.note))?;
                Ok(Message::of(&done))
            },
        ),
        Tool::new(
            "delegate_decline",
            Writes,
            "Decline a request to take an item",
            |s, a: Answer| {
                let done = s.pm()?.messages().decline(&a.id, &answer(a.note))?;
                Ok(Message::of(&done))
            },
        ),
        Tool::new(
            "handoff_show",
            Reads,
            "The newest handoff of an item",
            |s, a: Id| {
                let messages = s.pm()?.messages();
                let found = messages.handoff(Some(&a.id))?;
                Ok(HandoffRead {
                    message: Message::of(&found),
                    lists: found.handoff,
                })
            },
        ),
    ]
}

/// The tools that are always offered.
pub(super) fn offered() -> [Tool; 2] {
    [
        Tool::new(
            "handoff",
            Writes,
            "Leave the state of your work for the next agent or human",
            hand_off,
        ),
        Tool::shown(
            "message",
            Writes,
            "Messages between agents and people: send, inbox (unread), read, reply, ack, thread",
            act,
        ),
    ]
}

/// The maximum size of a message's text that is returned, in bytes.
const TEXT_MAX: usize = 4_000;

/// The maximum number of messages returned at once.
const AT_ONCE: usize = 10;

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Action {
    Send,
    Inbox,
    Read,
    Reply,
    Ack,
    Thread,
}

impl Action {
    const fn takes(self) -> Takes {
        let (action, required, optional): (_, &[_], &[_]) = match self {
            Action::Send => ("send", &["to", "subject"], &["text", "item", "ack", "new"]),
            Action::Inbox => ("inbox", &[], &[]),
            Action::Read => ("read", &[], &["id"]),
            Action::Reply => ("reply", &["id", "text"], &["ack"]),
            Action::Ack => ("ack", &["id"], &["text"]),
            Action::Thread => ("thread", &["id"], &[]),
        };
        Takes {
            action,
            required,
            optional,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MessageInput {
    action: Action,
    /// send: names, role:NAME, owner:ID, all
    #[serde(default)]
    to: Vec<String>,
    subject: Option<String>,
    /// Markdown
    text: Option<String>,
    /// send: item it is about
    item: Option<String>,
    /// Message ID; for thread also an item ID
    id: Option<String>,
    /// Ask for an acknowledgement
    #[serde(default)]
    ack: bool,
    /// send: accept unknown names
    #[serde(default)]
    new: bool,
}

#[derive(Serialize)]
struct Messages {
    unread: Option<usize>,
    messages: Vec<Message>,
}

#[derive(Serialize)]
pub(in crate::mcp) struct Message {
    id: String,
    from: String,
    to: Vec<String>,
    subject: String,
    thread: String,
    at: String,
    /// You have not acknowledged it
    ack_wanted: bool,
    text: Option<String>,
}

impl Message {
    fn of(view: &MessageView) -> Message {
        let body = view.body.as_deref().filter(|body| !body.is_empty());
        let more = format!("git pm msg read {}", view.id);
        Message {
            id: view.id.clone(),
            from: view.from.clone(),
            to: view.to.clone(),
            subject: view.subject.clone(),
            thread: view.thread.clone(),
            at: view.created_at.clone(),
            ack_wanted: view.ack_wanted,
            text: body.map(|body| bounded(body, TEXT_MAX, &more)),
        }
    }
}

/// Messages as text.
pub(in crate::mcp) fn as_text(views: &[MessageView]) -> String {
    let texts: Vec<String> = views.iter().map(|one| Message::of(one).line()).collect();
    texts.join("\n")
}

impl Message {
    fn line(&self) -> String {
        let ack = if self.ack_wanted {
            " (acknowledge it)"
        } else {
            ""
        };
        let head = format!("{} from {}: {}{ack}", self.id, self.from, self.subject);
        match &self.text {
            Some(body) => format!("{}\n  {}", text::one_line(&head), text::block(body)),
            None => text::one_line(&head),
        }
    }
}

impl Shown for Messages {
    fn text(&self) -> String {
        let mut lines: Vec<String> = self.messages.iter().map(Message::line).collect();
        if let Some(unread) = self.unread {
            lines.insert(0, format!("{unread} unread"));
        }
        match lines.is_empty() {
            true => "no messages".into(),
            false => lines.join("\n"),
        }
    }
}

fn act(session: &Session, input: MessageInput) -> Result<Messages> {
    input.action.takes().check(
        "message",
        &[
            ("to", !input.to.is_empty()),
            ("subject", given(&input.subject)),
            ("text", given(&input.text)),
            ("item", given(&input.item)),
            ("id", given(&input.id)),
            ("ack", input.ack),
            ("new", input.new),
        ],
    )?;
    let messages = session.pm()?.messages();
    let id = input.id.filter(|id| !id.is_empty());
    let named = id.clone().unwrap_or_default();
    let mut unread = None;
    let mut found = match input.action {
        Action::Send => vec![messages.send(&SendRequest {
            to: input.to,
            item: input.item.filter(|item| !item.is_empty()),
            ack: input.ack,
            new: input.new,
            subject: input.subject.unwrap_or_default(),
            text: input.text.unwrap_or_default(),
            ..SendRequest::default()
        })?],
        Action::Reply => {
            let request = ReplyRequest {
                text: input.text.unwrap_or_default(),
                ack: input.ack,
                ..ReplyRequest::default()
            };
            vec![messages.reply(&named, &request)?]
        }
        Action::Ack => messages.ack(&[named], &answer(input.text))?,
        Action::Inbox => {
            let inbox = messages.inbox(&InboxOptions::default())?;
            unread = Some(inbox.unread);
            inbox.items
        }
        Action::Read => {
            let ids: Vec<String> = id.into_iter().collect();
            let read = messages.read(&ids, Some(AT_ONCE))?;
            messages.mark_read(&read)?;
            read
        }
        Action::Thread => {
            let mut thread = messages.thread(&named)?.messages;
            let newest = thread.split_off(thread.len().saturating_sub(AT_ONCE));
            messages.mark_read(&newest)?;
            newest
        }
    };
    if matches!(input.action, Action::Send | Action::Reply | Action::Ack) {
        // The caller already has the text.
        found.iter_mut().for_each(|one| one.body = None);
    }
    Ok(Messages {
        unread,
        messages: found.iter().map(Message::of).collect(),
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Delegate {
    id: String,
    /// Names or role:NAME
    to: Vec<String>,
    note: Option<String>,
}

fn delegate(session: &Session, input: Delegate) -> Result<Message> {
    let request = DelegateRequest {
        to: input.to,
        note: input.note.unwrap_or_default(),
        ..DelegateRequest::default()
    };
    let sent = session.pm()?.messages().delegate(&input.id, &request)?;
    Ok(Message::of(&sent))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// The request's message
    id: String,
    note: Option<String>,
}

/// An answer with a note. Over MCP, a secret is never allowed: only a human can dismiss it as none.
fn answer(note: Option<String>) -> AnswerRequest {
    AnswerRequest {
        note: note.filter(|note| !note.is_empty()),
        allow_secret: false,
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HandoffInput {
    /// Default: the one you hold
    id: Option<String>,
    #[serde(default)]
    done: Vec<String>,
    #[serde(default)]
    next: Vec<String>,
    #[serde(default)]
    decisions: Vec<String>,
    #[serde(default)]
    files: Vec<String>,
    /// Open questions
    #[serde(default)]
    questions: Vec<String>,
    /// Markdown
    text: Option<String>,
    /// Recipients
    #[serde(default)]
    to: Vec<String>,
}

fn hand_off(session: &Session, input: HandoffInput) -> Result<Message> {
    let request = HandoffRequest {
        lists: Handoff {
            done: input.done,
            next: input.next,
            decisions: input.decisions,
            files: input.files,
            questions: input.questions,
        },
        text: input.text.unwrap_or_default(),
        to: input.to,
        ..HandoffRequest::default()
    };
    let written = session
        .pm()?
        .messages()
        .hand_off(input.id.as_deref(), &request)?;
    Ok(Message::of(&written))
}

#[derive(Serialize)]
struct HandoffRead {
    #[serde(flatten)]
    message: Message,
    lists: Option<Handoff>,
}
