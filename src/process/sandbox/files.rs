//! The rules of Landlock, for files, ports, signals and sockets.
//!
//! A rule belongs to what a path denotes when it is opened, so no path that an agent can replace
//! becomes one.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, LandlockStatus,
    NetPort, PathBeneath, RestrictionStatus, Ruleset, RulesetAttr as _, RulesetCreated,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope, make_bitflags,
};

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, open, openat2, stat};

use super::{Network, Sandbox, unavailable};
use crate::error::Result;

/// The Landlock ABI that this is written for; older kernels enforce the part that they know.
const WRITTEN_FOR: ABI = ABI::V9;

/// The devices that every program may expect. No terminals, because these include the user's.
const DEVICES: [&str; 5] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
];

/// The version of the kernel's Landlock ABI; 0 if there is none.
pub(super) fn abi() -> u32 {
    static ABI: OnceLock<u32> = OnceLock::new();
    // Only restricting a thread shows it; that thread then ends.
    let probe = || -> std::result::Result<RestrictionStatus, RulesetError> {
        let rules = Ruleset::default().handle_access(AccessFs::Execute)?;
        rules.create()?.restrict_self()
    };
    *ABI.get_or_init(|| {
        let status = std::thread::spawn(probe).join().ok().and_then(Result::ok);
        match status.map(|status| status.landlock) {
            Some(LandlockStatus::Available { effective_abi, .. }) => effective_abi as u32,
            _ => 0,
        }
    })
}

/// Restricts this thread.
///
/// # Errors
/// Reason `agent.no_sandbox` if the kernel cannot.
pub(super) fn restrict(sandbox: &Sandbox) -> Result<()> {
    let status = ruleset(sandbox)
        .and_then(RulesetCreated::restrict_self)
        .map_err(unavailable)?;
    match status.ruleset {
        RulesetStatus::NotEnforced => Err(unavailable("the kernel does not enforce the rules")),
        _ => Ok(()),
    }
}

fn ruleset(sandbox: &Sandbox) -> std::result::Result<RulesetCreated, RulesetError> {
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(WRITTEN_FOR))?
        .scope(Scope::from_all(WRITTEN_FOR))?;
    rules = match sandbox.network {
        Network::On => rules,
        Network::Off => rules.handle_access(AccessNet::from_all(WRITTEN_FOR))?,
        Network::Ports(_) => rules.handle_access(AccessNet::ConnectTcp)?,
    };
    let mut rules = rules.create()?;
    let read = make_bitflags!(AccessFs::{ReadFile | ReadDir | Execute});
    // Without device files: root could reach every disk through one.
    let write = read
        | make_bitflags!(AccessFs::{
            WriteFile | Truncate | RemoveDir | RemoveFile | MakeDir | MakeReg | MakeSock | MakeFifo
                | MakeSym | Refer | ResolveUnix
        });
    let device = make_bitflags!(AccessFs::{ReadFile | WriteFile | ReadDir | IoctlDev});
    for path in sandbox.read.iter().filter(|path| is_own(sandbox, path)) {
        rules = allow(rules, open(path, OFlags::PATH, Mode::empty()), read)?;
    }
    for path in written(sandbox) {
        rules = allow(rules, real(path), write)?;
    }
    for path in DEVICES {
        rules = allow(rules, open(path, OFlags::PATH, Mode::empty()), device)?;
    }
    if let Network::Ports(ports) = &sandbox.network {
        for port in ports {
            rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
        }
    }
    Ok(rules)
}

/// The paths that may be written.
pub(super) fn written(sandbox: &Sandbox) -> impl Iterator<Item = &PathBuf> {
    let paths = sandbox.write.iter();
    paths.filter(|path| is_own(sandbox, path))
}

/// False for what is below a folder that may be written: it is allowed with that, and would
/// otherwise be a path that an agent can replace by a link.
fn is_own(sandbox: &Sandbox, path: &Path) -> bool {
    let mut folders = sandbox.write.iter();
    !folders.any(|folder| path != folder && path.starts_with(folder))
}

/// Opens a path that an agent may write, or may have written. It contains no link.
pub(super) fn real(path: &Path) -> rustix::io::Result<OwnedFd> {
    let how = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    openat2(CWD, path, OFlags::PATH, Mode::empty(), how)
}

/// Adds a rule for what was opened. What cannot be opened gets no rule, and neither does `/`, by
/// which a process finds that it is inside.
fn allow(
    rules: RulesetCreated,
    opened: rustix::io::Result<OwnedFd>,
    access: BitFlags<AccessFs>,
) -> std::result::Result<RulesetCreated, RulesetError> {
    let found = opened.and_then(|opened| Ok((fstat(&opened)?, stat("/")?, opened)));
    let Ok((found, root, opened)) = found else {
        return Ok(rules);
    };
    if (found.st_dev, found.st_ino) == (root.st_dev, root.st_ino) {
        return Ok(rules);
    }
    // Sockets have only `ResolveUnix`.
    let access = match FileType::from_raw_mode(found.st_mode) {
        FileType::Directory => access,
        FileType::Socket => access & AccessFs::ResolveUnix,
        _ => access & AccessFs::from_file(WRITTEN_FOR),
    };
    match access.is_empty() {
        true => Ok(rules),
        false => rules.add_rule(PathBeneath::new(opened, access)),
    }
}
