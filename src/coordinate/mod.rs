//! Several writers of one repository: how they claim, reserve, exchange and write.
//!
//! Claims, reservations, worktrees, hooks, messages, artifacts, the exchange with remotes, conflicts,
//! shared rules, and the local and settled writes that all verbs use.

pub mod artifact;
pub mod changes;
pub mod claim;
pub mod conflicts;
pub mod finding;
pub mod gate;
pub mod hand_off;
pub(crate) mod harmless_place;
pub(crate) mod here;
pub mod hook;
pub(crate) mod idempotency;
pub(crate) mod merged_branches;
pub mod message;
pub(crate) mod privacy;
pub(crate) mod renew_claims;
pub mod reservation_verbs;
pub mod reserve;
pub(crate) mod rules;
pub mod sync;
pub mod worktree;
pub(crate) mod worktree_file;
pub(crate) mod write;
