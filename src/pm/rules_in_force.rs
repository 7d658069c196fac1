//! Shared rules in force although the state has looser values: `coordinate/rules` finds them.

use std::sync::Arc;

use crate::store::git::repo::Oid;

/// A shared rule that stays in force although the state has a looser value.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub key: &'static str,
    /// The value in force.
    pub value: String,
    /// The change that loosened it and why it does not count, as a sentence.
    pub why: String,
}

impl Held {
    /// The command with which a human resolves it.
    pub(crate) fn fix(&self) -> String {
        format!("git pm config --shared {} VALUE", self.key)
    }
}

/// The rules found, with the tip of the state at that time.
pub(crate) type HeldAt = Option<(Option<Oid>, Arc<[Held]>)>;
