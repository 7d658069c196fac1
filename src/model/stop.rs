//! A human's stop: an item that a human blocked, cancelled, deleted or put off, with or without a time.
//! No agent sets it going again, by whatever command.

use super::doc::Doc;
use super::item::Item;
use super::stamp::{Clock, parse_rfc3339, rfc3339};
use super::status::Status;
use super::text::actor;
use super::value::Value;
use crate::error::Error;

/// The human who blocked, deferred or cancelled an item; cleared by whoever sets it going.
pub const STOPPED_BY: &str = "stopped_by";

/// The human who put an item off until a time.
pub const DEFERRED_BY: &str = "put_off_by";

/// That time, as the human said it: who had not heard of it may have written another one beside it.
pub const DEFERRED_UNTIL: &str = "put_off_until";

/// The human who deleted an item; cleared by whoever brings it back.
pub const REMOVED_BY: &str = "removed_by";

/// The registers that say whether work on an item goes on.
const STANDING: [&str; 8] = [
    "status",
    "status_before",
    "defer_until",
    "deleted",
    STOPPED_BY,
    DEFERRED_BY,
    DEFERRED_UNTIL,
    REMOVED_BY,
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
        let (human, how) = if let Some(human) = doc.text(REMOVED_BY) {
            (human, "deleted".to_string())
        } else if let Some(human) = doc.text(STOPPED_BY) {
            (human, item.status.to_string())
        } else {
            let until = said_until(doc).or(item.issue.defer_ms)?;
            let human = doc.text(DEFERRED_BY).filter(|_| until > now_ms)?;
            (human, format!("until {}", rfc3339(until)))
        };
        let human = actor(human);
        Some(Stop { human, how })
    }

    /// Who stopped an item, and how.
    pub fn said(&self, id: &str) -> String {
        let Stop { human, how } = self;
        format!("{human}, a human, stopped {id} ({how})")
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
        format!("{}; an agent may not {what}", self.said(id))
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

/// Until when a human put an item off, in milliseconds since the Unix epoch.
fn said_until(doc: &Doc) -> Option<u64> {
    doc.text(DEFERRED_UNTIL).and_then(parse_rfc3339)
}

/// Notes who put an item off until the time that it says, or that no human did. Returns whether that
/// changes anything.
pub fn note_deferral(doc: &mut Doc, human: Option<String>, clock: &Clock) -> bool {
    let until = doc.text("defer_until").map(str::to_string);
    let (human, until) = human.zip(until).unzip();
    let by = doc.set(DEFERRED_BY, human, clock);
    doc.set(DEFERRED_UNTIL, until, clock) || by
}

/// The time until which a human put an item off, and that human, where somebody who had not heard of
/// that wrote another time, or took it away.
pub fn unheard_until(doc: &Doc, now_ms: u64) -> Option<(String, String)> {
    let human = doc.text(DEFERRED_BY)?;
    let until = doc.text(DEFERRED_UNTIL)?;
    let stands = said_until(doc).is_some_and(|ms| ms > now_ms);
    let lost = doc.text("defer_until") != Some(until);
    (stands && lost).then(|| (human.to_string(), until.to_string()))
}

/// Ends what a human's deletion says, where one brings the item back.
pub fn end_where_restored(was_deleted: bool, doc: &mut Doc, clock: &Clock) {
    if was_deleted && !doc.value("deleted").is_true() {
        doc.set(REMOVED_BY, Value::Null, clock);
    }
}

/// Clears a stop that a write of a human ends by giving the item another state or time.
pub fn end_where_moved(before: &Doc, after: &mut Doc, clock: &Clock) {
    if before.value("defer_until") != after.value("defer_until") {
        let human = after.text(DEFERRED_BY).map(str::to_string);
        note_deferral(after, human, clock);
    }
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
