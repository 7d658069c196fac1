//! Shared rules that stay in force although the state has looser values.

use std::sync::Arc;

use crate::store::git::repo::Oid;

/// A rule of everybody that holds although the state has a looser value.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// The rule's key.
    pub key: &'static str,
    /// The value that holds.
    pub value: String,
    /// What loosened it and why that does not count, as a sentence.
    pub why: String,
}

impl Held {
    /// The command with which a human settles it.
    pub(crate) fn mend(&self) -> String {
        format!("git pm config --shared {} VALUE", self.key)
    }
}

/// What was found, and the tip of the state that it was found at.
pub(crate) type HeldAt = Option<(Option<Oid>, Arc<[Held]>)>;
