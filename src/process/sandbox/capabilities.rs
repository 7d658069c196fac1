//! Which capabilities of root a sandbox takes away.
//!
//! Agents in containers often run as root, which the kernel allows what no rule for files covers,
//! such as reading the memory of every process.

use rustix::thread::{self, CapabilitySet};

use super::unavailable;
use crate::error::Result;

/// The capabilities that remain: work on files of other users, as root does in a container.
const KEPT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID)
    .union(CapabilitySet::NET_BIND_SERVICE);

/// The highest number that a capability can have.
const LAST: u32 = 63;

/// Takes all other capabilities from this thread and the processes it starts.
///
/// # Errors
/// Reason `agent.no_sandbox` if the kernel refuses.
pub(super) fn drop() -> Result<()> {
    let mut own = thread::capabilities(None).map_err(unavailable)?;
    if own.permitted.contains(CapabilitySet::SETPCAP) {
        // Otherwise root would get them back with the next `exec`.
        for number in 0..=LAST {
            let one = CapabilitySet::from_bits_retain(1 << number);
            if !KEPT.contains(one) {
                // The kernel refuses numbers that it does not know.
                let _ = thread::remove_capability_from_bounding_set(one);
            }
        }
    }
    own.effective &= KEPT;
    own.permitted &= KEPT;
    own.inheritable &= KEPT;
    thread::set_capabilities(None, own).map_err(unavailable)
}
