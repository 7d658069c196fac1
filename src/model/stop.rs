//! A human's stop: an item that a human blocked, cancelled or put off, with or without a time. No
//! agent sets it going again, by whatever command.

use super::doc::Doc;
use super::item::Item;
use super::stamp::{Clock, rfc3339};
use super::status::Status;
use super::text::actor;
use super::value::Value;
use crate::error::Error;

/// The human who blocked, deferred or cancelled an item; cleared by whoever sets it going.
pub const STOPPED_BY: &str = "stopped_by";

/// The human who put an item off until a time.
pub const PUT_OFF_BY: &str = "put_off_by";

/// The registers that say whether work on an item goes on.
const STANDING: [&str; 6] = [
    "status",
    "status_before",
    "defer_until",
    "deleted",
    STOPPED_BY,
    PUT_OFF_BY,
];

/// A stop that stands.
pub struct Stop {
    /// Who made it.
    human: String,
    /// The state, or the time until which it lasts.
    how: String,
}

impl Stop {
    /// The stop that stands on an item.
    pub fn of(doc: &Doc, item: &Item, now_ms: u64) -> Option<Stop> {
        let until = item.issue.defer_ms.filter(|until| *until > now_ms);
        let (human, how) = match (doc.text(STOPPED_BY), until) {
            (Some(human), _) => (human, item.status.to_string()),
            (None, Some(until)) => (doc.text(PUT_OFF_BY)?, format!("until {}", rfc3339(until))),
            (None, None) => return None,
        };
        let human = actor(human);
        Some(Stop { human, how })
    }

    /// Why an agent leaves an item alone.
    pub fn reason(&self, id: &str) -> String {
        self.against(id, "resume it")
    }

    /// What an agent is told that would set an item going.
    pub fn refusal(&self, id: &str) -> Error {
        self.refused(self.reason(id), id)
    }

    /// What an agent is told that would go round it with a part of an item; `what` is what it does
    /// not do.
    pub fn refusal_below(&self, id: &str, what: &str) -> Error {
        self.refused(self.against(id, what), id)
    }

    fn against(&self, id: &str, what: &str) -> String {
        let Stop { human, how } = self;
        format!("{human}, a human, stopped {id} ({how}); an agent may not {what}")
    }

    /// What a human is told who merges an item below one that is stopped.
    pub fn above(&self, id: &str, below: &str) -> String {
        let Stop { human, how } = self;
        format!("{human} stopped {id} ({how}), which {below} is a part of")
    }

    fn refused(&self, reason: String, id: &str) -> Error {
        let human = &self.human;
        Error::refused(reason).hint(format!(
            "ask {human} in a comment: `git pm task comment {id} TEXT`"
        ))
    }
}

/// The states that stop an item, for a while or for good.
const STOPPING: [Status; 3] = [Status::Blocked, Status::Deferred, Status::Cancelled];

/// Whether a state stops an item, for a while or for good.
pub fn stops(status: &Status) -> bool {
    STOPPING.contains(status)
}

/// Clears a stop that a write of a human ends by giving the item another state.
pub fn end_where_moved(before: &Doc, after: &mut Doc, clock: &Clock) {
    let word = |doc: &Doc| doc.text("status").map(str::to_string);
    let now = word(after);
    let is_stop = |word: &str| STOPPING.iter().any(|status| status.as_str() == word);
    if now != word(before) && !now.as_deref().is_some_and(is_stop) {
        after.set(STOPPED_BY, Value::Null, clock);
    }
}

/// Whether a write changes what says whether work on an item goes on.
pub fn moves(before: &Doc, after: &Doc) -> bool {
    STANDING
        .iter()
        .any(|name| before.value(name) != after.value(name))
}
