//! Which findings stay in this clone: security holes of severity P0 and P1, until a human shares them.
//!
//! Everybody who can fetch the state could read them before they are fixed. They are in the clone's
//! ephemeral state, which is never exchanged.

use crate::error::Result;
use crate::model::finding::Severity;
use crate::pm::Pm;
use crate::store::ephemeral::EPHEMERAL;
use crate::store::handle::Store;
use crate::store::state::State;

/// The category of findings that stay.
const SECURITY: &str = "security";

/// True if a finding of this severity and category stays in the clone that made it.
pub(crate) fn stays(severity: Severity, category: &str) -> bool {
    severity <= Severity::P1 && category.eq_ignore_ascii_case(SECURITY)
}

/// The state that holds them.
pub(crate) fn open(pm: &Pm) -> Result<Store> {
    Store::open_ephemeral(pm.store.env().clone())
}

/// Reads the state that holds them, if this clone has one.
pub(crate) fn read(pm: &Pm, read: impl FnOnce(&State<'_>)) -> Result<()> {
    if pm.store.repo().ref_target(EPHEMERAL)?.is_some() {
        read(&open(pm)?.state()?);
    }
    Ok(())
}
