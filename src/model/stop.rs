//! Stops: an item that a human blocked, cancelled, deleted or deferred, with or without a time.
//!
//! No command lets an agent resume it.

use super::approval;
use super::doc::Doc;
use super::item::Item;
use super::stamp::{Clock, parse_rfc3339, rfc3339};
use super::status::Status;
use super::text::actor;
use super::value::Value;
use crate::error::{Error, Reason};

/// The human who blocked, deferred or cancelled an item; cleared when it is resumed.
pub const STOPPED_BY: &str = "stopped_by";

/// The human who deferred an item until a time.
pub const DEFERRED_BY: &str = "put_off_by";

/// The time that the human in [`DEFERRED_BY`] gave; a concurrent write may have set `defer_until`
/// to another one.
pub const DEFERRED_UNTIL: &str = "put_off_until";

/// The human who deleted an item; cleared when it is restored.
pub const REMOVED_BY: &str = "removed_by";

/// The registers that decide whether an item is stopped.
const REGISTERS: [&str; 8] = [
    "status",
    "status_before",
    "defer_until",
    "deleted",
    STOPPED_BY,
    DEFERRED_BY,
    DEFERRED_UNTIL,
    REMOVED_BY,
];

/// Removes what a copy of a document says about stops and approvals.
pub fn forget_decisions(doc: &mut Doc) {
    let of_plans = ["approved_document", "accepted_document"];
    for name in REGISTERS
        .into_iter()
        .chain(approval::FIELDS)
        .chain(of_plans)
    {
        doc.regs.remove(name);
    }
}

/// A stop in force.
pub struct Stop {
    /// The human who made it.
    human: String,
    /// The status, or the time until which it lasts.
    how: String,
}

impl Stop {
    /// The stop in force on an item.
    pub fn of(doc: &Doc, item: &Item, now_ms: u64) -> Option<Stop> {
        let (human, how) = if let Some(human) = doc.text(REMOVED_BY) {
            (human, "deleted".to_string())
        } else if let Some(human) = doc.text(STOPPED_BY) {
            (human, item.status.to_string())
        } else {
            let until = deferred_until(doc).or(item.issue.defer_ms)?;
            let human = doc.text(DEFERRED_BY).filter(|_| until > now_ms)?;
            (human, format!("deferred until {}", rfc3339(until)))
        };
        let human = actor(human);
        Some(Stop { human, how })
    }

    /// The statement of who stopped an item, and how.
    pub fn statement(&self, id: &str) -> String {
        let Stop { human, how } = self;
        format!("a human ({human}) stopped {id} ({how})")
    }

    /// The reason why an agent does not resume an item.
    pub fn reason(&self, id: &str) -> String {
        self.against(id, "resume it")
    }

    /// The refusal of an agent's attempt to resume an item.
    pub fn refusal(&self, id: &str) -> Error {
        self.refused(self.reason(id), id)
    }

    /// The refusal of an agent's attempt to bypass the stop through a part of the item; `what` is
    /// the operation.
    pub fn refusal_below(&self, id: &str, what: &str) -> Error {
        self.refused(self.against(id, what), id)
    }

    fn against(&self, id: &str, what: &str) -> String {
        format!("{}; an agent may not {what}", self.statement(id))
    }

    /// The notice for a human who merges an item below a stopped one.
    pub fn above(&self, id: &str, below: &str) -> String {
        let Stop { human, how } = self;
        format!("{below} is part of {id}, which {human} stopped ({how})")
    }

    fn refused(&self, reason: String, id: &str) -> Error {
        let human = &self.human;
        Error::refused(reason)
            .because(Reason::ActorNotHuman)
            .about(id)
            .hint(format!(
                "ask {human} in a comment: `git pm task comment {id} TEXT`"
            ))
    }
}

/// The statuses that stop an item.
const STOPPING: [Status; 3] = [Status::Blocked, Status::Deferred, Status::Cancelled];

/// True if a status stops an item, temporarily or permanently.
pub fn stops(status: &Status) -> bool {
    STOPPING.contains(status)
}

/// The time until which a human deferred an item, in milliseconds since the Unix epoch.
fn deferred_until(doc: &Doc) -> Option<u64> {
    doc.text(DEFERRED_UNTIL).and_then(parse_rfc3339)
}

/// Records the human who deferred an item until its current `defer_until`, or that none did.
/// Returns whether that changed anything.
pub fn note_deferral(doc: &mut Doc, human: Option<String>, clock: &Clock) -> bool {
    let until = doc.text("defer_until").map(str::to_string);
    let (human, until) = human.zip(until).unzip();
    let by = doc.set(DEFERRED_BY, human, clock);
    doc.set(DEFERRED_UNTIL, until, clock) || by
}

/// The human who deferred an item and the time, if a concurrent write changed or removed that time.
pub fn overwritten_deferral(doc: &Doc, now_ms: u64) -> Option<(String, String)> {
    let human = doc.text(DEFERRED_BY)?;
    let until = doc.text(DEFERRED_UNTIL)?;
    let in_force = deferred_until(doc).is_some_and(|ms| ms > now_ms);
    let lost = doc.text("defer_until") != Some(until);
    (in_force && lost).then(|| (human.to_string(), until.to_string()))
}

/// Clears the record of a human's deletion if the item was restored.
pub fn end_where_restored(was_deleted: bool, doc: &mut Doc, clock: &Clock) {
    if was_deleted && !doc.value("deleted").is_true() {
        doc.set(REMOVED_BY, Value::Null, clock);
    }
}

/// Clears a stop that a human's write ends by giving the item another status or time.
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

/// True if a write changes any of the registers that decide whether an item is stopped.
pub fn changes(before: &Doc, after: &Doc) -> bool {
    REGISTERS
        .iter()
        .any(|name| before.value(name) != after.value(name))
}
