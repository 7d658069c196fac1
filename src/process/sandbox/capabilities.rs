//! The powers of root: agents in containers often are root, to whom the kernel allows what no rule for
//! files covers, such as reading the memory of every process.

use rustix::thread::{self, CapabilitySet};

use super::unavailable;
use crate::error::Result;

/// What remains: work on files that belong to others, as root does in a container.
const KEPT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID)
    .union(CapabilitySet::NET_BIND_SERVICE);

/// The last capability that a kernel may have.
const LAST: u32 = 63;

/// Takes all others from this thread, and from what it starts.
///
/// # Errors
/// Reason `agent.no_sandbox` if the kernel refuses.
pub(super) fn drop() -> Result<()> {
    let mut own = thread::capabilities(None).map_err(unavailable)?;
    if own.permitted.contains(CapabilitySet::SETPCAP) {
        // Else root would get them back with the next program.
        for number in 0..=LAST {
            let one = CapabilitySet::from_bits_retain(1 << number);
            if !KEPT.contains(one) {
                // A number that the kernel does not know has nothing to lose.
                let _ = thread::remove_capability_from_bounding_set(one);
            }
        }
    }
    own.effective &= KEPT;
    own.permitted &= KEPT;
    own.inheritable &= KEPT;
    thread::set_capabilities(None, own).map_err(unavailable)
}
