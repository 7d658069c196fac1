//! Whether a learning is stale: the reasons why it may no longer hold.

use schemars::JsonSchema;
use serde::Serialize;

/// A reason why a learning may no longer hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stale {
    /// A newer one replaces it.
    Superseded,
    /// More actors voted that it is not useful than that it is.
    VotedDown,
}

impl Stale {
    /// The reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Stale::Superseded => "superseded",
            Stale::VotedDown => "voted not useful",
        }
    }
}
