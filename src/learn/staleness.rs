//! When a learning is stale: the reasons why it may no longer hold.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::learning::Learning;

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
    /// The reasons for a learning, which others may have superseded.
    pub(super) fn of(learning: &Learning, is_superseded: bool) -> Vec<Stale> {
        let superseded = is_superseded.then_some(Stale::Superseded);
        let voted_down = (learning.not_useful > learning.useful).then_some(Stale::VotedDown);
        superseded.into_iter().chain(voted_down).collect()
    }

    /// The reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Stale::Superseded => "superseded",
            Stale::VotedDown => "voted not useful",
        }
    }
}
