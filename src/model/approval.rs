//! The record of an approval: who approved which commit, how and when.
//!
//! One register holds all of it, so that no join combines one approval's name with another one's
//! commit.
//!
//! It lasts as long as the status that it led to: another status clears the record, and a join that
//! combines a record with a status of the other side is read as no approval.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::doc::Doc;
use super::id::ItemKind;
use super::stamp::Clock;
use super::status::Status;
use super::text::actor;
use super::value::Value;

/// The register that holds the record.
pub const APPROVAL: &str = "approval";

/// The registers that an approval writes, except the status.
pub const FIELDS: [&str; 2] = [APPROVAL, "approval_note"];

/// A human's approval of one commit for one branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// The human who gave it.
    pub by: String,
    /// `terminal`, or `advisory` if it was given without one.
    pub how: String,
    /// The time, RFC 3339.
    pub at: String,
    /// The commit that was approved.
    pub commit: String,
    /// The commit that was submitted then, if the approver named another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted: Option<String>,
    /// The hash of the change from the target to that commit; null if the commit was not available.
    pub patch: Option<String>,
    /// The branch that it was approved for.
    pub target: Option<String>,
    /// What else decided: a line `NAME: VALUE` for each, as it was then.
    #[serde(default)]
    pub decided: Option<String>,
    /// The e-mail addresses of those who approved this commit one after another, each on a line.
    #[serde(default)]
    pub emails: Option<String>,
}

impl Approval {
    /// The approval in effect for an item. It lasts as long as the status that it led to, because a
    /// join can leave behind a record that the other side withdrew.
    pub fn of(doc: &Doc) -> Option<Approval> {
        if !counts(doc) {
            return None;
        }
        let Value::Json(json) = doc.value(APPROVAL) else {
            return None;
        };
        let mut found = Approval::deserialize(json).ok()?;
        found.by = actor(&found.by);
        Some(found)
    }

    /// The value of the register: only what is known.
    pub fn to_value(&self) -> Value {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        if let Some(parts) = json.as_object_mut() {
            parts.retain(|_, part| !part.is_null());
        }
        Value::Json(json)
    }
}

fn status(doc: &Doc, field: &str) -> Option<Status> {
    Status::parse(ItemKind::parse(&doc.kind)?, doc.text(field)?)
}

/// True if an item has the status that an approval leads to, was stopped in it, or is closed.
fn counts(doc: &Doc) -> bool {
    match status(doc, "status") {
        Some(Status::ReadyForIntegration) => true,
        Some(Status::Blocked | Status::Deferred) => {
            status(doc, "status_before") == Some(Status::ReadyForIntegration)
        }
        Some(status) => status.is_closed(),
        None => false,
    }
}

/// True if the status of an item allows a merge.
pub fn is_ready(doc: &Doc) -> bool {
    status(doc, "status") == Some(Status::ReadyForIntegration)
}

/// The condition of an item before a write.
#[derive(Clone, Copy, Debug, Default)]
pub struct Was {
    /// Set if its status allowed a merge.
    pub ready: bool,
    /// Set if it was deleted.
    pub deleted: bool,
}

impl Was {
    /// The current condition of a document's item.
    pub fn of(doc: &Doc) -> Was {
        Was {
            ready: is_ready(doc),
            deleted: doc.value("deleted").is_true(),
        }
    }
}

/// Keeps an item's status and its approval consistent after a write. A status that withdraws the
/// approval clears it, as restoring a deleted item does. Without an approval of a commit no item
/// becomes ready to be merged; it stays in review.
pub fn keep_together(doc: &mut Doc, was: Was, clock: &Clock) {
    if ItemKind::parse(&doc.kind).is_none() {
        return;
    }
    let closed = status(doc, "status").is_some_and(|status| status.is_closed());
    let restored = was.deleted && !doc.value("deleted").is_true() && !closed;
    if restored {
        clear(doc, clock);
    }
    if is_ready(doc) && (!was.ready || restored) && Approval::of(doc).is_none() {
        doc.set("status", Status::InReview.as_str(), clock);
    }
    if !counts(doc) {
        clear(doc, clock);
    }
}

fn clear(doc: &mut Doc, clock: &Clock) {
    for field in FIELDS {
        doc.set(field, Value::Null, clock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stamp::{ReplicaId, Stamp, Tick};
    use crate::model::uid::Uid;

    fn clock(ms: u64) -> Clock {
        Clock::new(ReplicaId::new("a").unwrap(), ms, Tick::default())
    }

    fn doc(kind: &str, status: &str) -> Doc {
        let birth: Stamp = "1.0.a".parse().unwrap();
        let mut doc = Doc::new(Uid::derived(&["x"]), kind, "T-0001", birth);
        doc.put("status", status);
        doc
    }

    fn approval() -> Approval {
        Approval {
            by: "Ana".into(),
            how: "terminal".into(),
            at: "2026-11-20T12:00:00Z".into(),
            commit: "c0ffee".into(),
            submitted: Some("abad1dea".into()),
            patch: None,
            target: Some("main".into()),
            decided: Some("epic: none\n".into()),
            emails: Some("ana@example.org".into()),
        }
    }

    #[test]
    fn a_record_reads_back() {
        let mut doc = doc("task", "ready_for_integration");
        doc.put(APPROVAL, approval().to_value());
        assert_eq!(Approval::of(&doc), Some(approval()));
        let mut json = serde_json::to_value(approval()).unwrap();
        json.as_object_mut().unwrap().remove("commit");
        doc.put(APPROVAL, Value::Json(json));
        assert_eq!(Approval::of(&doc), None, "it names no commit");
        doc.put(APPROVAL, "terminal");
        assert_eq!(Approval::of(&doc), None, "it is a text");
    }

    #[test]
    fn an_approval_is_kept_in_approved_states_and_cleared_in_others() {
        for (kind, status, before, stays) in [
            ("task", "ready_for_integration", None, true),
            ("issue", "ready_for_integration", None, true),
            ("task", "blocked", Some("ready_for_integration"), true),
            ("task", "blocked", Some("in_review"), false),
            ("epic", "deferred", Some("ready_for_integration"), true),
            ("task", "done", None, true),
            ("issue", "closed", None, true),
            ("task", "in_review", None, false),
            ("task", "in_progress", Some("ready_for_integration"), false),
            ("task", "queued", None, false),
            ("issue", "open", None, false),
        ] {
            let mut doc = doc(kind, status);
            doc.put(APPROVAL, approval().to_value());
            if let Some(before) = before {
                doc.put("status_before", before);
            }
            assert_eq!(Approval::of(&doc).is_some(), stays, "{kind} {status}");
            let ready = Was {
                ready: true,
                deleted: false,
            };
            keep_together(&mut doc, ready, &clock(5));
            assert_eq!(!doc.value(APPROVAL).is_null(), stays, "{kind} {status}");
        }
    }

    #[test]
    fn nothing_becomes_ready_without_an_approval_of_a_commit() {
        for kind in ["task", "issue", "epic"] {
            let mut bare = doc(kind, "ready_for_integration");
            keep_together(&mut bare, Was::default(), &clock(5));
            assert_eq!(bare.text("status"), Some("in_review"), "{kind}");
            // An item that was ready is not changed by an unrelated write.
            let mut stays = doc(kind, "ready_for_integration");
            keep_together(
                &mut stays,
                Was::of(&doc(kind, "ready_for_integration")),
                &clock(5),
            );
            assert_eq!(stays.text("status"), Some("ready_for_integration"));
        }
    }
}
