//! The sandbox of a process: limits on what it may reach, enforced by the kernel and inherited.
//!
//! On Linux this is Landlock (files, TCP ports, signals, abstract sockets), a filter of system calls
//! (`system_calls.rs`) and read-only mounts (`mounts.rs`) for what Landlock does not cover; root
//! loses its capabilities. All of these restrict one thread and the processes it starts, so a thread
//! that exists only for this starts the process, and the caller is not restricted. Nothing has to be
//! installed, and no privilege is needed. Other systems have no sandbox here.
//!
//! The sandbox does not prevent: where the user may not create namespaces, changes of modes, owners,
//! times and extended attributes of files that the user owns, and System V shared memory; `stat` of
//! files whose names are known; reading the command lines of other processes, and changing their
//! priorities and processors; datagrams and other hosts behind an allowed port; a lock that is taken
//! and held on a file that may be read. Older kernels have further [gaps](Protection::gaps).

#[cfg(target_os = "linux")]
mod capabilities;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
pub(super) mod mounts;
#[cfg(target_os = "linux")]
mod system_calls;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::error::{Error, Reason, Result};

/// The files and network that a process may reach. A path that does not exist is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sandbox {
    /// Files and folders, with what is in them, that may be read and executed.
    #[serde(with = "super::texts")]
    pub read: Vec<PathBuf>,
    /// Files that may be changed, and folders in which everything but device files may be.
    #[serde(with = "super::texts")]
    pub write: Vec<PathBuf>,
    /// The network that may be used.
    pub network: Network,
}

/// The network that a process may use.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Network {
    /// None, not even the loopback interface.
    #[default]
    Off,
    /// TCP connections to these ports of any host, UDP, and listening.
    Ports(BTreeSet<u16>),
    /// Everything.
    On,
}

/// The sandbox of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// The version of the kernel's Landlock interface.
    pub landlock_abi: u32,
}

impl Protection {
    /// The restrictions that this kernel cannot enforce.
    pub fn gaps(self, network: &Network) -> Vec<&'static str> {
        let lacks = [
            (2, "files cannot be moved between folders"),
            (3, "files outside the sandbox can be truncated"),
            (4, "TCP ports are not limited"),
            (6, "signals can be sent to processes outside the sandbox"),
        ];
        let ports = matches!(network, Network::Ports(_));
        let missing = lacks
            .into_iter()
            .filter(|(since, _)| self.landlock_abi < *since && (*since != 4 || ports));
        missing.map(|(_, what)| what).collect()
    }
}

impl std::fmt::Display for Protection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Landlock ABI {}", self.landlock_abi)
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Network::Off => f.write_str("no network"),
            Network::On => f.write_str("the whole network"),
            Network::Ports(ports) => {
                let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
                write!(f, "TCP ports {}", ports.join(" "))
            }
        }
    }
}

/// The sandbox that this machine supports; none if its kernel has no Landlock.
pub fn protection() -> Option<Protection> {
    #[cfg(target_os = "linux")]
    let landlock_abi = files::abi();
    #[cfg(not(target_os = "linux"))]
    let landlock_abi = 0;
    (landlock_abi > 0).then_some(Protection { landlock_abi })
}

/// True if this process is in a sandbox of git pm, which no variable can hide: the kernel says that
/// it can gain no privileges, and `/` cannot be listed. No rule of ours opens that, or a container
/// whose processes can gain no privileges would look the same.
pub fn is_inside() -> bool {
    #[cfg(target_os = "linux")]
    {
        rustix::thread::no_new_privs().unwrap_or(true)
            && std::fs::File::open("/")
                .is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
    }
    #[cfg(not(target_os = "linux"))]
    false
}

/// Restricts this thread and all processes it starts, irrevocably.
pub(super) fn enter(sandbox: &Sandbox) -> Result<()> {
    #[cfg(target_os = "linux")]
    {
        mounts::restrict(sandbox).map_err(unavailable)?;
        capabilities::drop()?;
        files::restrict(sandbox)?;
        system_calls::restrict(sandbox, files::abi())
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = sandbox;
        Err(unavailable("this system has no sandbox"))
    }
}

pub(super) fn unavailable(why: impl std::fmt::Display) -> Error {
    Error::state(format!("cannot start the agent in a sandbox: {why}"))
        .because(Reason::AgentNoSandbox)
        .hint("`git config pm.sandbox off` starts agents without one")
}
