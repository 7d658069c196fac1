//! Claiming without a branch, as in beads.

use crate::coordinate::idempotency;
use crate::error::Result;
use crate::pm::Pm;
use crate::pm::handles::Issues;
use crate::work::task::start::options::{StartOptions, Started};

impl Issues<'_> {
    /// Claims an item for the caller, as `Tasks::start` does, without branch and worktree.
    ///
    /// # Errors
    /// As `Tasks::start`.
    pub fn claim(&self, id: &str) -> Result<Started> {
        let _asking = idempotency::asking(self.pm, &("issue claim", id));
        let started = self.pm.tasks().start(id, &StartOptions::claim_only())?;
        Ok(told(self.pm, started))
    }

    /// As [`Issues::claim`], except that it is no conflict if the caller holds the item here already.
    ///
    /// # Errors
    /// As `Tasks::start`.
    pub fn claim_or_keep(&self, id: &str) -> Result<Started> {
        let _asking = idempotency::asking(self.pm, &("issue claim", id));
        let _writing = self.pm.writing();
        let tasks = self.pm.tasks();
        let started = tasks.start_or_keep(id, &StartOptions::claim_only())?;
        Ok(told(self.pm, started))
    }

    /// Claims the best ready item, as `Tasks::claim_next` does, without branch and worktree.
    ///
    /// # Errors
    /// As `Tasks::claim_next`.
    pub fn claim_next(&self) -> Result<Started> {
        let started = self.pm.tasks().claim_next(&StartOptions::claim_only())?;
        Ok(told(self.pm, started))
    }
}

/// Makes notices of the warnings: most callers show the item alone, but that a claim is tentative is for
/// everybody to know.
fn told(pm: &Pm, mut started: Started) -> Started {
    for warning in std::mem::take(&mut started.warnings) {
        pm.notice(warning);
    }
    started
}
