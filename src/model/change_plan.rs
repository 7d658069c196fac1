//! What an agent means to change and why, written before it changes anything, as a record.
//!
//! One register holds all of it. It came from a model: a reader bounds and escapes its texts.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::doc::Doc;
use super::text::{actor, excerpt};
use super::value::Value;

/// The register that holds the record.
pub const CHANGE_PLAN: &str = "change_plan";

/// The number of changes.
pub const CHANGES: RangeInclusive<usize> = 3..=5;

/// The maximum length of a change, in characters.
pub const CHANGE_MAX: usize = 200;

/// The maximum length of the rationale, in characters.
pub const RATIONALE_MAX: usize = 2_000;

/// The change plan of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangePlan {
    /// The agent.
    pub by: String,
    /// The time, RFC 3339.
    pub at: String,
    /// The changes, each on one line: the path, and what changes there.
    pub plan: Vec<String>,
    /// Why the change is made this way: one paragraph, for those who read the merged work.
    pub rationale: String,
    /// The SHA-256 of the acceptance criteria that it was written for.
    pub criteria: String,
}

impl ChangePlan {
    /// The one of an item.
    #[doc(hidden)]
    pub fn of(doc: &Doc) -> Option<ChangePlan> {
        let Value::Json(json) = doc.value(CHANGE_PLAN) else {
            return None;
        };
        let mut found = ChangePlan::deserialize(json).ok()?;
        found.by = actor(&found.by);
        found.plan.truncate(*CHANGES.end());
        for change in &mut found.plan {
            *change = excerpt(change, CHANGE_MAX);
        }
        found.rationale = excerpt(&found.rationale, RATIONALE_MAX);
        Some(found)
    }

    /// The value of the register.
    #[doc(hidden)]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).map_or(Value::Null, Value::Json)
    }
}
