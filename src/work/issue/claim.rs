//! Claiming without a branch: beads' way to say who is on something.

use crate::error::Result;
use crate::pm::handles::Issues;
use crate::work::task::start::options::{StartOptions, Started};

impl Issues<'_> {
    /// Claims an item for the caller, as `Tasks::start` does, without branch and worktree.
    ///
    /// # Errors
    /// As `Tasks::start`.
    pub fn claim(&self, id: &str) -> Result<Started> {
        self.pm.tasks().start(
            id,
            &StartOptions {
                worktree: false,
                branch: false,
                base: None,
                resume: false,
            },
        )
    }

    /// Claims the best ready item, as `Tasks::claim_next` does, without branch and worktree.
    ///
    /// # Errors
    /// As `Tasks::claim_next`.
    pub fn claim_next(&self) -> Result<Started> {
        self.pm.tasks().claim_next(&StartOptions {
            worktree: false,
            branch: false,
            base: None,
            resume: false,
        })
    }
}
