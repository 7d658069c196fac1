//! Sending signals to processes that may end at any moment, so that their ids are reused.

use super::table::{Id, system};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};

/// The result of sending a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It was delivered.
    Delivered,
    /// The process had ended.
    Gone,
    /// The process now belongs to another user.
    Denied,
}

/// A process id as system calls take it.
pub fn number(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

/// Sends a signal to this process, and never to another one with the same process id.
pub fn send(id: Id, signal: Signal) -> Sent {
    let Some(pid) = number(id.pid) else {
        return Sent::Gone;
    };
    let is_same = || system::entry(id.pid).is_some_and(|entry| entry.id == id);
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};
        // The descriptor refers to one process, even after its end; the check ensures that it is
        // ours.
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(process) if is_same() => match pidfd_send_signal(process, signal) {
                Err(Errno::NOSYS) => {}
                result => return sent(result),
            },
            Ok(_) | Err(Errno::SRCH) => return Sent::Gone,
            // An old kernel, or no file descriptor left.
            Err(_) => {}
        }
    }
    if is_same() {
        sent(rustix::process::kill_process(pid, signal))
    } else {
        Sent::Gone
    }
}

/// Sends a signal to a whole process group at once; none of its members can fork meanwhile.
pub fn send_to_group(group: u32, signal: Signal) {
    if let Some(group) = number(group).filter(|_| group > 1) {
        // A group that no longer exists needs no signal.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

fn sent(result: rustix::io::Result<()>) -> Sent {
    match result {
        Ok(()) => Sent::Delivered,
        Err(Errno::PERM) => Sent::Denied,
        Err(_) => Sent::Gone,
    }
}
