//! Claiming without a branch: beads' way to say who is on something.

use crate::error::Result;
use crate::pm::Pm;
use crate::work::task::start::options::{StartOptions, Started};

impl Pm {
    /// Claims an item for the caller, as [`Pm::start`] does, without branch and worktree.
    ///
    /// # Errors
    /// As [`Pm::start`].
    pub fn claim_only(&self, id: &str) -> Result<Started> {
        self.start(
            id,
            &StartOptions {
                worktree: false,
                branch: false,
                base: None,
                resume: false,
            },
        )
    }

    /// Claims the best ready item, as [`Pm::next_claim`] does, without branch and worktree.
    ///
    /// # Errors
    /// As [`Pm::next_claim`].
    pub fn claim_next(&self) -> Result<Started> {
        self.next_claim(&StartOptions {
            worktree: false,
            branch: false,
            base: None,
            resume: false,
        })
    }
}
