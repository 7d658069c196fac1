//! What is in an inbox: unread mail, requests whose state changed, and threads of agents for humans.
//!
//! The requests are those that the actor sent. Humans get the threads in which agents do not agree
//! (`pm.escalateAfter`); `store/index/message_rows.rs` counts their messages. Requests and threads
//! follow from the state and are not stored.

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::message_view::{MessageView, OPEN, find, state_at, view, wants_ack};
use super::notice::SHOWN_MS;
use super::read_marks::{self, Mailbox, ReadMarks, Reader};
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::message::ROLE;
use crate::model::settings;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::arguments::Limit;
use crate::pm::handles::Messages;
use crate::store::index::{Mail, SentRequest};
use crate::store::state::State;

/// The default number of messages.
pub(crate) const INBOX_LENGTH_DEFAULT: usize = 20;

/// List unread messages
///
/// Lists messages to you, your requests that were answered or whose items are finished, and,
/// for humans, threads in which agents exchanged at least `pm.escalateAfter` messages without a
/// human. Nothing is marked as read.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[command(after_help = "\
Examples:
  git pm msg inbox
  git pm msg inbox --human     what is waiting for a human
  git pm msg inbox --all --limit 100")]
pub struct InboxOptions {
    /// Include messages that you have read.
    #[arg(long)]
    pub all: bool,
    /// Only messages to `role:human`, and threads that agents could not settle themselves.
    #[arg(long)]
    pub human: bool,
    /// Maximum number of messages; 0 for all.
    #[arg(long, value_name = "N", default_value_t)]
    pub limit: Limit<INBOX_LENGTH_DEFAULT>,
}

/// The inbox of an actor in this clone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Inbox {
    /// The actor.
    pub actor: String,
    /// The number of unread messages.
    pub unread: usize,
    /// The newest messages, newest first, without their texts.
    pub items: Vec<MessageView>,
}

/// The health of an actor's mailbox, for `doctor`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MailHealth {
    /// The number of unread messages, without the notices that `status` still shows.
    pub unread: usize,
    /// Those that are more than a week old.
    pub old: usize,
    /// The unread notices that `status` still shows.
    pub notices: usize,
}

/// The unread messages of an actor.
pub(crate) struct Unread {
    reader: Reader,
    /// Delivered to the actor.
    mail: Vec<Mail>,
    /// The actor's requests whose state changed.
    answered: Vec<MessageView>,
    /// The newest messages of contested threads, with their rounds.
    contested: HashMap<Uid, u64>,
    uids: HashSet<Uid>,
}

impl Unread {
    /// A message as the reader sees it; `whole` with its text.
    pub(crate) fn view(&self, state: &State<'_>, doc: &Doc, whole: bool) -> MessageView {
        let mut view = view(state, doc, self.uids.contains(&doc.uid), whole);
        view.rounds = self.contested.get(&doc.uid).copied();
        view.ack_wanted = wants_ack(doc, view.request.as_ref(), &self.reader);
        view
    }

    /// True if the reader has not read a message.
    pub(super) fn has(&self, doc: &Doc) -> bool {
        self.uids.contains(&doc.uid)
    }
}

impl Messages<'_> {
    /// The newest messages of the actor, unread ones only by default. Nothing is marked as read.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn inbox(&self, options: &InboxOptions) -> Result<Inbox> {
        let state = self.pm.store.snapshot()?;
        let unread = unread_in(self.pm, &state, options.human);
        let reader = &unread.reader;
        let mut uids: Vec<(u64, Uid)> = match (options.all, options.human) {
            (false, _) => unread.mail.iter().map(|m| (m.ms, m.uid.clone())).collect(),
            (true, human) => {
                let role = [format!("{ROLE}human")];
                let addresses: &[String] = if human { &role } else { &reader.addresses };
                let mail = state.mail(addresses, 0).into_iter();
                mail.map(|m| (m.ms, m.uid)).collect()
            }
        };
        let derived = unread.answered.iter().filter_map(|m| Uid::new(&m.uid));
        let derived = derived.chain(unread.contested.keys().cloned());
        uids.extend(derived.filter_map(|uid| Some((state.doc(&uid)?.birth.ms, uid))));
        uids.sort_unstable();
        uids.dedup();
        let newest = uids.iter().rev().take(options.limit.0);
        let docs = newest.filter_map(|(_, uid)| state.doc(uid));
        let items = docs.map(|doc| unread.view(&state, doc, false));
        Ok(Inbox {
            items: items.collect(),
            unread: unread.uids.len(),
            actor: reader.name.clone(),
        })
    }

    /// Messages with their texts: those named, in that order, else the unread ones, oldest first.
    /// They count as read once the caller passes them to [`Messages::mark_read`], which it does
    /// once the actor has received them.
    ///
    /// # Errors
    /// When there is no such message.
    pub fn read(&self, names: &[String], limit: Option<usize>) -> Result<Vec<MessageView>> {
        let state = self.pm.store.snapshot()?;
        let unread = unread_in(self.pm, &state, false);
        if !unread.uids.is_empty() {
            // They will be marked as read.
            self.pm.store.repo().require_writable()?;
        }
        let docs = match names {
            [] => {
                let inbox = unread.uids.iter().filter_map(|uid| state.doc(uid));
                let mut docs: Vec<_> = inbox.collect();
                docs.sort_by(|a, b| (a.birth.ms, &a.uid).cmp(&(b.birth.ms, &b.uid)));
                docs.truncate(limit.unwrap_or(INBOX_LENGTH_DEFAULT));
                docs
            }
            names => {
                let docs = names.iter().map(|name| find(&state, name));
                docs.collect::<Result<_>>()?
            }
        };
        let views = docs.into_iter().map(|doc| unread.view(&state, doc, true));
        Ok(views.collect())
    }

    /// The named messages with their texts, in that order. None is marked as read.
    ///
    /// # Errors
    /// When there is no such message.
    #[cfg(feature = "serve")]
    pub(crate) fn shown(&self, names: &[String]) -> Result<Vec<MessageView>> {
        let state = self.pm.store.snapshot()?;
        let unread = unread_in(self.pm, &state, false);
        let view = |name: &String| Ok(unread.view(&state, find(&state, name)?, true));
        names.iter().map(view).collect()
    }

    /// Records in this clone that the actor has read messages.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn mark_read(&self, messages: &[MessageView]) -> Result<()> {
        let mut marks = Vec::new();
        for message in messages.iter().filter(|message| message.unread) {
            marks.push(message.uid.clone());
            marks.extend(mark_of_request(message));
        }
        read_marks::mark_read(self.pm, marks.iter().map(String::as_str))
    }
}

/// The mark of a request in its present state.
fn mark_of_request(message: &MessageView) -> Option<String> {
    let request = message.request.as_ref()?;
    Some(mark_of(&message.uid, request.state))
}

fn mark_of(uid: &str, state: &str) -> String {
    format!("{uid}/{state}")
}

/// The requests of the reader whose present state they have not seen. Those that ended and were
/// seen can be as many as the reader ever sent, so their documents are not read.
fn answered_requests(state: &State<'_>, mailbox: &Mailbox) -> Vec<MessageView> {
    let Mailbox { reader, marks } = mailbox;
    let requests = state.requests_of(&reader.name);
    let seen = |request: &SentRequest| {
        let state = request.end.map(state_at);
        state.is_some_and(|state| marks.has(&mark_of(request.uid.as_str(), state)))
    };
    let left = requests.iter().filter(|request| !seen(request));
    let docs = left.filter_map(|request| state.doc(&request.uid));
    let views = docs.map(|doc| view(state, doc, true, false));
    let news = |view: &MessageView| {
        let request = view.request.as_ref();
        request.is_some_and(|r| r.state != OPEN && r.by.as_deref() != Some(&reader.name))
            && mark_of_request(view).is_some_and(|mark| !marks.has(&mark))
    };
    views.filter(news).collect()
}

/// The unread messages of the actor; with `human` only those for any human.
pub(crate) fn unread_in(pm: &Pm, state: &State<'_>, human: bool) -> Unread {
    let mailbox = read_marks::mailbox(pm);
    let mail = read_marks::unread(state, &mailbox);
    unread_with(pm, state, mailbox, mail, human)
}

/// As [`unread_in`], with the unread mail.
fn unread_with(
    pm: &Pm,
    state: &State<'_>,
    mailbox: Mailbox,
    mut mail: Vec<Mail>,
    human: bool,
) -> Unread {
    if human {
        let role = [format!("{ROLE}human")];
        let wanted: HashSet<Uid> = state.mail(&role, 0).into_iter().map(|m| m.uid).collect();
        mail.retain(|m| wanted.contains(&m.uid));
    }
    let answered = match human {
        true => Vec::new(),
        false => answered_requests(state, &mailbox),
    };
    let contested = match human || mailbox.reader.agent.is_none() {
        true => contested_threads(pm, state, &mailbox.marks),
        false => HashMap::new(),
    };
    let uids = mail.iter().map(|m| m.uid.clone());
    let uids = uids.chain(answered.iter().filter_map(|m| Uid::new(&m.uid)));
    let uids = uids.chain(contested.keys().cloned()).collect();
    Unread {
        reader: mailbox.reader,
        mail,
        answered,
        contested,
        uids,
    }
}

/// The newest messages, unread by the actor, of threads in which agents alone exchanged so many
/// messages that a human should decide.
fn contested_threads(pm: &Pm, state: &State<'_>, read: &ReadMarks) -> HashMap<Uid, u64> {
    let rounds = pm.store.repo().number_of(&settings::ESCALATE_AFTER);
    if rounds == 0 {
        return HashMap::new();
    }
    let all = state.contested(rounds).into_iter();
    all.filter(|one| !read.has(one.newest.as_str()))
        .map(|one| (one.newest, one.rounds))
        .collect()
}

/// The number of unread messages, without the notices of the tool, which `status` shows in
/// full.
pub(crate) fn unread_count(pm: &Pm, state: &State<'_>, mailbox: Mailbox, mail: Vec<Mail>) -> usize {
    let unread = unread_with(pm, state, mailbox, mail, false);
    let notices = unread.mail.iter().filter(|m| m.notice).count();
    unread.uids.len().saturating_sub(notices)
}

/// The health of the actor's mailbox.
pub(crate) fn mail_health(pm: &Pm, state: &State<'_>, mailbox: &Mailbox) -> MailHealth {
    let unread = read_marks::unread(state, mailbox);
    let oldest = pm.now_ms().saturating_sub(SHOWN_MS);
    MailHealth {
        unread: unread.iter().filter(|m| !m.notice || m.ms < oldest).count(),
        old: unread.iter().filter(|m| m.ms < oldest).count(),
        notices: unread.iter().filter(|m| m.notice && m.ms >= oldest).count(),
    }
}
