//! What beads' records have beyond the fields of tasks. Items of every kind may carry them. Long
//! texts (design, notes, …) are read from the document by whoever shows them.

use super::doc::Doc;
use super::stamp::parse_rfc3339;
use crate::error::{Error, Result};

/// The type of the edge that waits for the children of its target.
pub const WAITS_FOR: &str = "waits-for";

/// For how many children of its target an edge of type `waits-for` waits.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Gate {
    /// Until all of them are closed.
    AllChildren,
    /// Until one of them is closed.
    AnyChild,
}

impl Gate {
    /// The word for it, as beads writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Gate::AllChildren => "all-children",
            Gate::AnyChild => "any-children",
        }
    }

    /// The gate of that name.
    ///
    /// # Errors
    /// A usage error that lists the names.
    pub fn parse(word: &str) -> Result<Gate> {
        let found = [Gate::AllChildren, Gate::AnyChild]
            .into_iter()
            .find(|gate| gate.as_str() == word);
        found.ok_or_else(|| {
            let shown = super::text::one_line(word);
            Error::usage(format!("`{shown}` is no gate"))
                .hint("use one of: all-children, any-children")
        })
    }

    /// The gate that an edge's metadata names: JSON with the key `gate`. Anything else is none.
    pub fn of_metadata(metadata: &str) -> Option<Gate> {
        let json: serde_json::Value = serde_json::from_str(metadata).ok()?;
        let word = json.get("gate")?.as_str()?;
        Gate::parse(word).ok()
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
    /// The e-mail address of who answers for it: beads' `owner`.
    pub owner_email: Option<String>,
    /// How much work it is, in minutes.
    pub estimated_minutes: Option<i64>,
    /// When it has to be done, RFC 3339 as it was given.
    pub due_at: Option<String>,
    /// Until when it is put off, RFC 3339 as it was given.
    pub defer_until: Option<String>,
    /// The same in milliseconds since the Unix epoch; none where the text is no time.
    pub defer_ms: Option<u64>,
    /// The system it came from.
    pub source_system: Option<String>,
    /// Whether it is not worth keeping.
    pub ephemeral: bool,
    /// Whether it stays open for ever, as something to know.
    pub pinned: bool,
    /// Whether it is only a pattern to make others from.
    pub template: bool,
    /// What a gate waits for: timer, human, bead, mail, `gh:run` or `gh:pr`.
    pub await_type: Option<String>,
    /// Which of these.
    pub await_id: Option<String>,
    /// How long a gate waits, in nanoseconds.
    pub timeout_ns: Option<i64>,
    /// Who is told when a gate opens.
    pub waiters: Vec<String>,
}

impl IssueFields {
    /// Reads them from a document.
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

    /// Whether it is put off until later than a moment (milliseconds since the Unix epoch). Without
    /// a time that can be read it is not.
    pub fn is_deferred_at(&self, now_ms: u64) -> bool {
        self.defer_ms.is_some_and(|until| until > now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_named_by_metadata_alone() {
        for gate in [Gate::AllChildren, Gate::AnyChild] {
            assert_eq!(Gate::of_metadata(&gate.metadata()), Some(gate));
        }
        let with_more = r#"{"spawner_id":"bd-1","gate":"any-children"}"#;
        assert_eq!(Gate::of_metadata(with_more), Some(Gate::AnyChild));
        for none in ["", "{}", "all-children", r#"{"gate":"some"}"#, "[1]"] {
            assert_eq!(Gate::of_metadata(none), None, "{none}");
        }
    }
}
