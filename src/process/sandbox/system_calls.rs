//! The filter of system calls that Landlock does not cover, above all sockets other than TCP.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Is, SeccompCondition,
    SeccompFilter, SeccompRule,
};

use super::{Network, Sandbox, unavailable};
use crate::error::Result;

/// The first Landlock ABI with rules for sockets in the file system.
const KNOWS_SOCKETS: u32 = 9;

/// Calls that would bypass the rules for files and sockets, those for the kernel's keys, and the one
/// that would make another folder `/`, by which a process inside is known.
const REFUSED: [i64; 5] = [
    libc::SYS_chroot,
    libc::SYS_io_uring_setup,
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
];

/// On x86-64, the bit of a call in the x32 interface, which some kernels still have.
#[cfg(target_arch = "x86_64")]
const X32: i64 = 0x4000_0000;

/// Restricts this thread: a refused call fails with `EPERM`.
///
/// # Errors
/// Reason `agent.no_sandbox` if the kernel cannot.
pub(super) fn restrict(sandbox: &Sandbox, landlock_abi: u32) -> Result<()> {
    let filter = filter(sandbox, landlock_abi).map_err(unavailable)?;
    seccompiler::apply_filter(&filter).map_err(unavailable)
}

fn filter(
    sandbox: &Sandbox,
    landlock_abi: u32,
) -> std::result::Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let sockets = sockets(&sandbox.network, landlock_abi)?;
    if !sockets.is_empty() {
        rules.insert(libc::SYS_socket, sockets);
    }
    // Every process of the user could be ended by a limit, such as one of processor time.
    let other = SeccompCondition::new(0, Length::Dword, Is::Ne, 0)?;
    let sets = SeccompCondition::new(2, Length::Qword, Is::Ne, 0)?;
    let limits = SeccompRule::new(vec![other, sets])?;
    rules.insert(libc::SYS_prlimit64, vec![limits]);
    if landlock_abi < KNOWS_SOCKETS {
        // One end of a pair of datagram sockets can send to any socket in the file system.
        let unix = SeccompCondition::new(0, Length::Dword, Is::Eq, libc::AF_UNIX as u64)?;
        let kind = Is::MaskedEq(0xf);
        let datagram = SeccompCondition::new(1, Length::Dword, kind, libc::SOCK_DGRAM as u64)?;
        let pair = SeccompRule::new(vec![unix, datagram])?;
        rules.insert(libc::SYS_socketpair, vec![pair]);
    }
    #[cfg(target_arch = "x86_64")]
    for (call, rule) in rules.clone() {
        rules.insert(call | X32, rule);
    }
    SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
        std::env::consts::ARCH.try_into()?,
    )?
    .try_into()
}

/// The rules for sockets that are refused. All conditions of a rule must hold.
fn sockets(
    network: &Network,
    landlock_abi: u32,
) -> std::result::Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let argument = |index, is, value: i32| {
        SeccompCondition::new(index, Length::Dword, is, u64::from(value.unsigned_abs()))
    };
    // Netlink lists network interfaces, and changes nothing without privileges.
    let mut families = vec![libc::AF_NETLINK];
    if landlock_abi >= KNOWS_SOCKETS {
        families.push(libc::AF_UNIX);
    }
    match network {
        // Sockets of services that act for the user (containers, desktops, keys) are refused, if
        // not by Landlock: such a service would do outside the sandbox what is forbidden inside.
        Network::On if landlock_abi >= KNOWS_SOCKETS => return Ok(Vec::new()),
        Network::On => {
            let unix = vec![argument(0, Is::Eq, libc::AF_UNIX)?];
            return Ok(vec![SeccompRule::new(unix)?]);
        }
        Network::Ports(_) => families.extend([libc::AF_INET, libc::AF_INET6]),
        Network::Off => {}
    }
    let unknown: std::result::Result<Vec<_>, _> = families
        .iter()
        .map(|family| argument(0, Is::Ne, *family))
        .collect();
    let mut refused = vec![SeccompRule::new(unknown?)?];
    for family in [libc::AF_INET, libc::AF_INET6] {
        // Landlock limits TCP; a raw socket or another stream protocol would bypass it.
        let of_family = argument(0, Is::Eq, family)?;
        let mask = Is::MaskedEq(0xf);
        let raw = argument(1, mask, libc::SOCK_RAW)?;
        refused.push(SeccompRule::new(vec![of_family.clone(), raw])?);
        let mut other = vec![of_family];
        for known in [0, libc::IPPROTO_TCP, libc::IPPROTO_UDP] {
            other.push(argument(2, Is::Ne, known)?);
        }
        refused.push(SeccompRule::new(other)?);
    }
    Ok(refused)
}
