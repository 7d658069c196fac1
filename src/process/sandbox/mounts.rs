//! Mounts of a sandbox's own, read-only but for what may be written.
//!
//! Landlock does not restrict changes of modes, owners, times and extended attributes. The user needs
//! the right to create namespaces; without it, these changes remain possible.

use std::ffi::OsString;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use rustix::io::Result;
use rustix::mount::{
    MountFlags, MountPropagationFlags, mount_bind_recursive, mount_change, mount_remount,
};
use rustix::thread::UnshareFlags;

use super::{Sandbox, files};

/// The options of a mount that stay as they are, as the kernel names them.
const OPTIONS: [(&[u8], MountFlags); 7] = [
    (b"nosuid", MountFlags::NOSUID),
    (b"nodev", MountFlags::NODEV),
    (b"noexec", MountFlags::NOEXEC),
    (b"noatime", MountFlags::NOATIME),
    (b"nodiratime", MountFlags::NODIRATIME),
    (b"relatime", MountFlags::RELATIME),
    (b"nosymfollow", MountFlags::from_bits_retain(1 << 8)),
];

#[expect(
    deprecated,
    reason = "only for `FILES` the call would have to be unsafe"
)]
fn unshare(what: UnshareFlags) -> Result<()> {
    rustix::thread::unshare(what)
}

/// Where AppArmor says that a user's namespaces give no rights: these do not even know the user.
const RESTRICTED: &str = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";

/// Gives this process a user namespace of its own, in which it may mount, with the same user and
/// group, if the user may create one. Root needs none. Only for a process with one thread.
pub(crate) fn allow_mounts() -> std::io::Result<()> {
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    let is_restricted = || std::fs::read(RESTRICTED).is_ok_and(|text| text.starts_with(b"1"));
    if user.is_root() || is_restricted() || unshare(UnshareFlags::NEWUSER).is_err() {
        return Ok(());
    }
    let maps = [
        ("setgroups", "deny".to_string()),
        ("uid_map", format!("{0} {0} 1", user.as_raw())),
        ("gid_map", format!("{0} {0} 1", group.as_raw())),
    ];
    maps.iter()
        .try_for_each(|(name, text)| std::fs::write(format!("/proc/self/{name}"), text))
}

/// Makes all mounts of this thread and what it starts read-only, but for what may be written, if
/// it may.
pub(super) fn restrict(sandbox: &Sandbox) -> Result<()> {
    // With it go shared memory, semaphores and message queues, of which none outlives the process.
    if unshare(UnshareFlags::NEWNS | UnshareFlags::NEWIPC).is_err() {
        return Ok(());
    }
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private)?;
    let mut writable: Vec<&Path> = Vec::new();
    for path in files::written(sandbox) {
        if let Ok(opened) = files::real(path) {
            let place = format!("/proc/self/fd/{}", opened.as_raw_fd());
            mount_bind_recursive(&place, &place)?;
            writable.push(path);
        }
    }
    let mounts = std::fs::read("/proc/thread-self/mountinfo").unwrap_or_default();
    for line in mounts.split(|byte| *byte == b'\n') {
        let mut fields = line.split(|byte| *byte == b' ').skip(4);
        let (Some(place), Some(options)) = (fields.next(), fields.next()) else {
            continue;
        };
        let place = unescaped(place);
        if writable.iter().any(|path| place.starts_with(path)) {
            continue;
        }
        let mut flags = MountFlags::BIND | MountFlags::RDONLY;
        for option in options.split(|byte| *byte == b',') {
            let known = OPTIONS.iter().filter(|(name, _)| *name == option);
            flags |= known.map(|(_, flag)| *flag).collect();
        }
        // What cannot be reached by its path, the sandbox does not reach either.
        let _ = mount_remount(&place, flags, "");
    }
    Ok(())
}

/// A path as `mountinfo` has it: with some bytes as `\` and three octal digits.
fn unescaped(text: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|_| *first == b'\\');
        let byte =
            digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[3..] } else { after };
    }
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_mounts_are_read() {
        let read = |text: &[u8]| unescaped(text);
        assert_eq!(read(b"/a\\040b\\134c"), PathBuf::from("/a b\\c"));
        assert_eq!(read(b"/a\\04"), PathBuf::from("/a\\04"));
    }
}
