//! Who holds a task: in one clone, across clones, offline, after crashes and after expiry. If one
//! of these is wrong, two people do the same work, or one loses a claim that was confirmed.

mod acceptance;
mod assignee;
pub mod idempotency;
pub mod interrupted;
pub mod lapsed;
pub mod leases;
pub mod next;
pub mod reassign;
pub mod remotes;
pub mod renewal;
mod same_name;
pub mod waiting;
pub mod who_wins;

use crate::support::{Repo, Scene};

const NOON: &str = "2026-03-02T12:00:00Z";

/// The claim that the state at a ref has on an item, as `actor` and `confirmed`.
#[track_caller]
fn holder(repo: &Repo, id: &str) -> (String, bool) {
    let item = repo.data(&["show", id]);
    let claim = &item["claim"];
    (
        claim["actor"].as_str().unwrap_or("").to_string(),
        claim["confirmed"].as_bool().unwrap_or(false),
    )
}

/// A hub and two clones, of Ana and Ben, with one task.
fn two_clones(scene: &Scene) -> (Repo, Repo, Repo) {
    let (hub, a) = scene.with_hub();
    a.task("Shared work", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    (hub, a, b)
}
