//! Claiming without a branch, as in beads.

use crate::coordinate::idempotency;
use crate::error::Result;
use crate::pm::handles::Issues;
use crate::work::task::start::options::{StartOptions, Started};

impl Issues<'_> {
    /// Claims an item for the caller, as `Tasks::start` does, without branch and worktree.
    ///
    /// # Errors
    /// As `Tasks::start`.
    pub fn claim(&self, id: &str) -> Result<Started> {
        let _asking = idempotency::asking(self.pm, &("issue claim", id));
        self.pm.tasks().start(id, &StartOptions::claim_only())
    }

    /// Claims the best ready item, as `Tasks::claim_next` does, without branch and worktree.
    ///
    /// # Errors
    /// As `Tasks::claim_next`.
    pub fn claim_next(&self) -> Result<Started> {
        self.pm.tasks().claim_next(&StartOptions::claim_only())
    }
}
