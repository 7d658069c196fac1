//! The settings of this clone for sandboxes.
//!
//! `pm.sandbox`, `pm.sandboxNetwork`, `pm.sandboxRead`, `pm.sandboxWrite`.

use std::path::PathBuf;

use super::git_files::read_by_git;
use super::holds;
use super::system::Machine;
use crate::agent::headless::With;
use crate::error::{Error, Reason, Result};
use crate::model::settings::{self, Definition};
use crate::model::text::excerpt;
use crate::model::vocabulary::terms;
use crate::pm::Pm;
use crate::process::{self, Network, Protection};

terms! {
    /// When agents run in a sandbox.
    Mode in "sandbox" {
        /// Where the machine supports it.
        Auto = "auto",
        /// Always; otherwise a run is refused.
        Require = "require",
        /// Never.
        Off = "off",
    }
}

/// The sandbox settings of this clone.
#[derive(Clone, Debug)]
pub struct Rules {
    /// When agents run in a sandbox.
    pub mode: Mode,
    /// The network access; by default what the agent needs.
    pub network: Option<Network>,
    /// Additional readable paths.
    pub read: Vec<PathBuf>,
    /// Additional writable paths.
    pub write: Vec<PathBuf>,
}

impl Rules {
    /// Reads the settings.
    ///
    /// # Errors
    /// Kind `Usage` if a value is not allowed.
    pub fn of(pm: &Pm) -> Result<Rules> {
        let repo = pm.store.repo();
        let set = repo.text_of(&settings::SANDBOX);
        let mode = Mode::parse(&set).ok_or_else(|| invalid(&settings::SANDBOX, &set))?;
        Ok(Rules {
            mode,
            network: network(&repo.text_of(&settings::SANDBOX_NETWORK))?,
            read: paths(pm, &settings::SANDBOX_READ)?,
            write: written(paths(pm, &settings::SANDBOX_WRITE)?),
        })
    }

    /// The sandbox of this machine, if one is to be used.
    ///
    /// # Errors
    /// Kind `Refused` if one is required and the machine has none, or none without gaps.
    pub(super) fn protection(&self) -> Result<Option<Protection>> {
        let refused = |why: String| {
            Err(
                Error::refused(format!("agents cannot be started in a sandbox: {why}"))
                    .because(Reason::RunNoSandbox)
                    .hint(
                        "`git config pm.sandbox auto` starts them without one where none is \
                         available",
                    ),
            )
        };
        match (self.mode, process::protection()) {
            (Mode::Off, _) => Ok(None),
            (Mode::Auto, found) => Ok(found),
            (Mode::Require, None) => refused(UNAVAILABLE.to_string()),
            (Mode::Require, Some(found)) => match found.gaps(&self.widest()).as_slice() {
                [] => Ok(Some(found)),
                gaps => refused(format!(
                    "with this kernel, the sandbox has gaps: {}",
                    gaps.join(", ")
                )),
            },
        }
    }

    /// The settings with the paths that programs and git read, if the settings and this machine
    /// provide a sandbox.
    ///
    /// # Errors
    /// As for [`Rules::of`] and [`Rules::protection`].
    pub fn in_force(pm: &Pm, machine: &Machine) -> Result<Option<Rules>> {
        let mut rules = Rules::of(pm)?;
        if rules.protection()?.is_none() {
            return Ok(None);
        }
        rules
            .read
            .extend_from_slice(machine.read(&pm.store.env().vars));
        rules.read.extend(read_by_git(pm, machine)?);
        Ok(Some(rules))
    }

    /// A warning for the user that a run has no sandbox, or that its sandbox has gaps.
    ///
    /// # Errors
    /// Kind `Refused` if one is required and not available.
    pub fn check(&self, with: &With) -> Result<Option<String>> {
        let found = self.protection()?;
        let name = with.name();
        Ok(match (self.mode, found) {
            (Mode::Off, _) => None,
            (Mode::Require, _) if !holds(with) => {
                return Err(Error::refused(format!(
                    "{name} cannot be started in a sandbox, because it writes to its own files in \
                     your home folder"
                ))
                .because(Reason::RunNoSandbox)
                .hint("`git config pm.sandbox auto` starts it without one"));
            }
            (_, None) => Some(format!(
                "agents run WITHOUT A SANDBOX, with all of your permissions: {UNAVAILABLE}"
            )),
            (_, Some(_)) if !holds(with) => Some(format!(
                "git pm runs {name} WITHOUT A SANDBOX, because it writes to its own files in your \
                 home folder; the gates that check its work run in one"
            )),
            (_, Some(found)) => match found.gaps(&self.widest()).as_slice() {
                [] => None,
                gaps => Some(format!(
                    "with this kernel, the sandbox has gaps: {}",
                    gaps.join(", ")
                )),
            },
        })
    }

    /// The network access whose limits the kernel has to support.
    fn widest(&self) -> Network {
        let default = Network::Ports([443].into());
        self.network.clone().unwrap_or(default)
    }
}

pub(super) const UNAVAILABLE: &str = "this system has no Landlock (it needs Linux 5.13 or later, enabled at \
                           boot)";

fn network(set: &str) -> Result<Option<Network>> {
    match set {
        "auto" => Ok(None),
        "off" => Ok(Some(Network::Off)),
        "on" => Ok(Some(Network::On)),
        list => {
            let ports = list.split([',', ' ']).filter(|word| !word.is_empty());
            let ports: std::result::Result<_, _> = ports.map(str::parse).collect();
            match ports {
                Ok(ports) => Ok(Some(Network::Ports(ports))),
                Err(_) => Err(invalid(&settings::SANDBOX_NETWORK, list)),
            }
        }
    }
}

fn paths(pm: &Pm, setting: &Definition) -> Result<Vec<PathBuf>> {
    let home = pm.store.env().var("HOME").map(PathBuf::from);
    let values = pm.store.repo().config_all(setting.key);
    let path = |value: &String| {
        let path = match (value.strip_prefix("~/"), &home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(value),
        };
        // A sandbox is known from inside by `/`, which it cannot list.
        let is_root = path
            .canonicalize()
            .is_ok_and(|path| path.parent().is_none());
        match path.is_absolute() && !is_root {
            true => Ok(path),
            false => Err(invalid(setting, value)),
        }
    };
    values.iter().map(path).collect()
}

/// The real paths of those that are not below another one, where an agent may have made a link.
fn written(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let others = paths.clone();
    let is_below = |path: &PathBuf| {
        let mut others = others.iter();
        others.any(|other| path != other && path.starts_with(other))
    };
    let own = paths.into_iter().filter(|path| !is_below(path));
    own.filter_map(|path| path.canonicalize().ok()).collect()
}

fn invalid(setting: &Definition, value: &str) -> Error {
    Error::usage(format!(
        "`{}` is not a valid value for {}",
        excerpt(value, 80),
        setting.key
    ))
    .hint(setting.help)
}
