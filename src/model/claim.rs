//! One claim on an item: who made it, until when it holds, and whether work was done under it.

use super::doc::{Doc, Entry};
use super::expiry;
use super::item::is_branch_name;
use super::lease;
use super::reservation::is_same_agent;
use super::stamp::Stamp;
use super::text;

/// One claim on an item: its assignment to an actor in one clone.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Claim {
    /// The claim's own id.
    pub id: String,
    /// The claimant.
    pub actor: String,
    /// The agent's own name; `None` if a human made it.
    #[serde(default)]
    pub agent: Option<String>,
    /// The clone in which it was made: the same actor in another clone is another claimant.
    pub replica: String,
    /// The time of the claim.
    pub at: Stamp,
    /// The branch that it was made with, if any.
    pub branch: Option<String>,
    /// The end of the lease, in milliseconds since the Unix epoch.
    pub lease_ms: u64,
    /// The length of the lease after a sign of life, in milliseconds.
    pub length_ms: u64,
    /// Set once `pm.remote` accepted it.
    pub confirmed: bool,
    /// The reason why it ended, once it did.
    pub ended: Option<String>,
}

/// The first words of the reason for which a claim ended whose lease was over.
#[doc(hidden)]
pub const LEASE_OVER: &str = "its lease was over";

/// The first words of the reasons for which a claim ended without work.
const WITHOUT_WORK: [&str; 5] = ["lost", "dropped", "undone", "abandoned", LEASE_OVER];

impl Claim {
    /// True if the same claimant made both.
    pub fn is_of_same_claimant(&self, other: &Claim) -> bool {
        let agents = match (&self.agent, &other.agent) {
            (None, None) => true,
            (Some(own), Some(others)) => is_same_agent(own, others),
            _ => false,
        };
        agents && text::is_same_name(&self.actor, &other.actor) && self.replica == other.replica
    }

    fn is_without_work(&self) -> bool {
        let why = self.ended.as_deref();
        why.is_some_and(|why| WITHOUT_WORK.iter().any(|word| why.starts_with(word)))
    }
}

/// As [`Item::worker`](super::item::Item::worker), of claims in holder order.
pub(super) fn worker(claims: &[Claim]) -> Option<&Claim> {
    let holder = claims.iter().find(|claim| claim.ended.is_none());
    let worked = || claims.iter().filter(|claim| !claim.is_without_work());
    holder.or_else(|| worked().max_by(|a, b| a.at.cmp(&b.at)))
}

/// The claims in holder order: confirmed ones first, then the earliest.
pub(super) fn all(doc: &Doc) -> Vec<Claim> {
    let mut all: Vec<Claim> = doc
        .entries("claims")
        .map(|(id, entry)| claim(id, entry))
        .collect();
    all.sort_by(|a, b| (!a.confirmed, &a.at, &a.id).cmp(&(!b.confirmed, &b.at, &b.id)));
    all
}

fn claim(id: &str, entry: &Entry) -> Claim {
    let text = |name: &str| entry.text(name).unwrap_or_default().to_string();
    let length = entry.value("length").as_int();
    let length = length
        .and_then(|ms| u64::try_from(ms).ok())
        .filter(|ms| *ms > 0);
    let is_agent = entry.text("agent").is_some();
    Claim {
        id: id.to_string(),
        actor: text::actor(&text("actor")),
        agent: entry.text("agent").map(text::actor),
        replica: text("replica"),
        at: entry.at.clone(),
        branch: (entry.text("branch").map(str::to_string)).filter(|name| is_branch_name(name)),
        lease_ms: expiry::end(entry.regs.get("lease")),
        length_ms: length.unwrap_or_else(|| lease::length(is_agent)),
        confirmed: entry.value("confirmed").is_true(),
        ended: entry.text("ended").map(str::to_string),
    }
}
