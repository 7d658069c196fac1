//! A thread: its messages, and what happened to its item meanwhile.
//!
//! The latter is read from the commits of the state, because a second record of it could contradict
//! the item.

use schemars::JsonSchema;
use serde::Serialize;

use super::message_view::{MessageView, find};
use crate::coordinate::message::inbox;
use crate::error::Result;
use crate::model::short_id::{MESSAGE, short_id};
use crate::model::stamp::{DAY_MS, parse_rfc3339, rfc3339};
use crate::model::uid::Uid;
use crate::model::{message, text};
use crate::pm::Pm;
use crate::pm::handles::Messages;
use crate::pm::shared_views::LinkView;
use crate::store::history::{Named, walk};
use crate::store::state::State;

/// The maximum number of messages of a thread that are shown, and of changes of its item: the
/// newest.
const SHOWN: usize = 500;

/// The operations that a thread shows, by their last word.
const SHOWN_OPS: [&str; 17] = [
    "start", "finish", "done", "drop", "block", "unblock", "defer", "undefer", "cancel", "reopen",
    "approve", "reject", "merge", "reassign", "close", "delete", "claim",
];

/// A change of the item's status, holder or assignee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ThreadEvent {
    /// RFC 3339.
    pub at: String,
    /// The operation, in the words of the command: `task start`.
    pub op: String,
    /// The actor.
    pub actor: String,
    /// The actor's own name, if it is an agent.
    pub agent: Option<String>,
    /// One sentence.
    pub text: String,
    /// The commit of the state.
    pub commit: String,
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ThreadView {
    /// The item's id, else the id of the first message.
    pub thread: String,
    /// The item.
    pub item: Option<LinkView>,
    /// The newest 500 messages with their texts, oldest first.
    pub messages: Vec<MessageView>,
    /// The newest 500 changes of the item, oldest first.
    pub events: Vec<ThreadEvent>,
}

impl Messages<'_> {
    /// The newest messages about an item, oldest first, without notices of the tool. None counts as
    /// read by this.
    ///
    /// # Errors
    /// When the state cannot be read.
    #[cfg(feature = "serve")]
    pub(crate) fn about(&self, item: &Uid) -> Result<Vec<MessageView>> {
        let state = self.pm.store.snapshot()?;
        let unread = inbox::unread_in(self.pm, &state, false);
        let docs = state.thread(item.as_str());
        let newest = docs.iter().skip(docs.len().saturating_sub(SHOWN));
        let all = newest.map(|doc| unread.view(&state, doc, true));
        let is_own = |topic: &str| matches!(topic, "request" | "handoff");
        Ok(all
            .filter(|one| one.topic.as_deref().is_none_or(is_own))
            .collect())
    }

    /// The thread of an item or message. Its messages count as read once the caller passes them to
    /// [`Messages::mark_read`].
    ///
    /// # Errors
    /// When there is no such item or message.
    pub fn thread(&self, name: &str) -> Result<ThreadView> {
        let state = self.pm.store.snapshot()?;
        let key = thread_named(&state, name)?;
        let uid = Uid::new(&key);
        let item = uid.as_ref().and_then(|uid| state.item(uid));
        let item = item.filter(|item| !item.deleted);
        let docs = state.thread(&key);
        let unread = inbox::unread_in(self.pm, &state, false);
        if docs.iter().any(|doc| unread.has(doc)) {
            // They will be marked as read.
            self.pm.store.repo().require_writable()?;
        }
        let newest = docs.iter().skip(docs.len().saturating_sub(SHOWN));
        let messages = newest.map(|doc| unread.view(&state, doc, true));
        let messages = messages.collect();
        let first = |uid: &Uid| short_id(MESSAGE, uid);
        let thread = match item {
            Some(item) => state.shown_id(item),
            None => uid.as_ref().map_or_else(|| key.clone(), first),
        };
        let link = item.map(|item| LinkView {
            id: thread.clone(),
            title: item.title.clone(),
            status: item.status.clone(),
        });
        let created = item.map(|item| parse_rfc3339(&item.created_at).unwrap_or(0));
        let named = item.map(|item| Named::of(self.pm.store.repo(), &state, item));
        // The history may be long.
        state.release();
        let events = match (&named, created) {
            (Some(named), Some(created)) => item_events(self.pm, named, created)?,
            _ => Vec::new(),
        };
        Ok(ThreadView {
            thread,
            item: link,
            messages,
            events,
        })
    }
}

/// The thread of an item or a message.
fn thread_named(state: &State<'_>, name: &str) -> Result<String> {
    let is_message = name
        .get(..2)
        .is_some_and(|two| two.eq_ignore_ascii_case("M-"));
    if !is_message {
        let missing = match state.find(name) {
            Ok(item) => return Ok(item.uid.to_string()),
            Err(error) => error,
        };
        return find(state, name).map(message::thread).or(Err(missing));
    }
    find(state, name).map(message::thread)
}

/// The changes of an item's status, holder or assignee, oldest first. The history is read as
/// far as the creation of the item.
fn item_events(pm: &Pm, item: &Named<'_>, created: u64) -> Result<Vec<ThreadEvent>> {
    let mut events = Vec::new();
    walk(pm.store.repo(), pm.store.require_tip()?, |commit| {
        // Clocks differ by a day at most, or the item is imported.
        let over = commit.ms().saturating_add(DAY_MS) < created;
        let word = commit.op().rsplit(' ').next().unwrap_or_default();
        if SHOWN_OPS.contains(&word) && item.is_in(commit)? {
            events.push(ThreadEvent {
                at: rfc3339(commit.ms()),
                op: text::excerpt(commit.op(), 40),
                actor: text::actor(commit.actor()),
                agent: commit.trailer("PM-Agent").map(text::actor),
                text: text::excerpt(commit.subject(), 200),
                commit: commit.id.to_string(),
            });
        }
        Ok(events.len() < SHOWN && !over)
    })?;
    events.reverse();
    Ok(events)
}
