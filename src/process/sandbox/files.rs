//! The rules of Landlock, for files, ports, signals and sockets.

use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::sync::OnceLock;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, LandlockStatus,
    NetPort, PathBeneath, PathFd, RestrictionStatus, Ruleset, RulesetAttr as _, RulesetCreated,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope, make_bitflags,
};

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
    for path in &sandbox.read {
        rules = allow(rules, path, read)?;
    }
    for path in &sandbox.write {
        rules = allow(rules, path, write)?;
    }
    for path in DEVICES {
        rules = allow(rules, Path::new(path), device)?;
    }
    if let Network::Ports(ports) = &sandbox.network {
        for port in ports {
            rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
        }
    }
    Ok(rules)
}

fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> std::result::Result<RulesetCreated, RulesetError> {
    let Ok(meta) = path.metadata() else {
        return Ok(rules);
    };
    // A path that cannot be opened gets no rule. Sockets have only `ResolveUnix`.
    let Ok(opened) = PathFd::new(path) else {
        return Ok(rules);
    };
    let access = match meta.is_dir() {
        true => access,
        false if meta.file_type().is_socket() => access & AccessFs::ResolveUnix,
        false => access & AccessFs::from_file(WRITTEN_FOR),
    };
    match access.is_empty() {
        true => Ok(rules),
        false => rules.add_rule(PathBeneath::new(opened, access)),
    }
}
