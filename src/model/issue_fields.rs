//! The fields of beads' records that tasks do not have.
//!
//! Items of every kind may have them. Long texts (design, notes, …) are read from the document when
//! they are shown.

use super::doc::Doc;
use super::edge_type::EdgeType;
use super::stamp::parse_rfc3339;
use super::vocabulary::terms;

/// The type of the edge that waits for the children of its target.
pub const WAITS_FOR: &str = EdgeType::WaitsFor.as_str();

terms! {
    /// The number of children of its target that an edge of type `waits-for` waits for.
    Gate in "gate" {
        /// Until all of them are closed.
        AllChildren = "all-children",
        /// Until one of them is closed.
        AnyChild = "any-children",
    }
}

impl Gate {
    /// The gate in an edge's metadata, which is JSON with the key `gate`; `None` for any other
    /// text.
    pub fn of_metadata(metadata: &str) -> Option<Gate> {
        let json: serde_json::Value = serde_json::from_str(metadata).ok()?;
        Gate::parse(json.get("gate")?.as_str()?)
    }

    /// The metadata that names the gate.
    pub fn metadata(self) -> String {
        serde_json::json!({ "gate": self.as_str() }).to_string()
    }
}

/// The short fields of a beads record.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct IssueFields {
    /// The specification it belongs to.
    pub spec_id: Option<String>,
    /// The e-mail address of the person responsible: beads' `owner`.
    pub owner_email: Option<String>,
    /// The estimated effort, in minutes.
    pub estimated_minutes: Option<i64>,
    /// The due time, RFC 3339 as it was given.
    pub due_at: Option<String>,
    /// The end of its deferral, RFC 3339 as it was given.
    pub defer_until: Option<String>,
    /// The same in milliseconds since the Unix epoch; `None` if the text is not a valid time.
    pub defer_ms: Option<u64>,
    /// The system it came from.
    pub source_system: Option<String>,
    /// Set if it may be deleted once it is closed.
    pub ephemeral: bool,
    /// Set if it stays open permanently, for reference.
    pub pinned: bool,
    /// Set if it is only a template for other items.
    pub template: bool,
    /// The event that a gate waits for: timer, human, bead, mail, `gh:run` or `gh:pr`.
    pub await_type: Option<String>,
    /// The id of that event.
    pub await_id: Option<String>,
    /// The time limit of a gate, in nanoseconds.
    pub timeout_ns: Option<i64>,
    /// The actors to notify when a gate is resolved.
    pub waiters: Vec<String>,
}

impl IssueFields {
    /// Reads the fields of a document.
    pub fn from_doc(doc: &Doc) -> IssueFields {
        let text = |name: &str| doc.text(name).map(str::to_string);
        let int = |name: &str| doc.value(name).as_int();
        let defer_until = text("defer_until");
        IssueFields {
            spec_id: text("spec_id"),
            owner_email: text("owner_email"),
            estimated_minutes: int("estimated_minutes"),
            due_at: text("due_at"),
            defer_ms: defer_until.as_deref().and_then(parse_rfc3339),
            defer_until,
            source_system: text("source_system"),
            ephemeral: doc.value("ephemeral").is_true(),
            pinned: doc.value("pinned").is_true(),
            template: doc.value("template").is_true(),
            await_type: text("await_type"),
            await_id: text("await_id"),
            timeout_ns: int("timeout_ns"),
            waiters: doc.elements("waiters").map(str::to_string).collect(),
        }
    }

    /// True if it is deferred beyond a time (milliseconds since the Unix epoch); false without a
    /// valid time.
    pub fn is_deferred_at(&self, now_ms: u64) -> bool {
        self.defer_ms.is_some_and(|until| until > now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_named_by_metadata_alone() {
        for gate in Gate::ALL {
            assert_eq!(Gate::of_metadata(&gate.metadata()), Some(gate));
        }
        let with_more = r#"{"spawner_id":"bd-1","gate":"any-children"}"#;
        assert_eq!(Gate::of_metadata(with_more), Some(Gate::AnyChild));
        for none in ["", "{}", "all-children", r#"{"gate":"some"}"#, "[1]"] {
            assert_eq!(Gate::of_metadata(none), None, "{none}");
        }
    }
}
