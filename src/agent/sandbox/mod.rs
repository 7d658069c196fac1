//! What the sandbox of a run's agent, and of the gates on its work, gives access to (SE-08).
//!
//! It gives access to the task's worktree, the machine's programs and libraries, and the git files
//! that a commit needs. In the home folder only the tools are visible, read-only: anything an agent
//! could change there would later run without a sandbox.
//!
//! claude, codex, gemini, opencode and aider run without it, because they have to write where their
//! settings are, which name commands. The git directory is read-only: what a gate or a set-up
//! command left in it, our next git would follow. Set-up commands run outside only on verified
//! files of the target or a person's own work.

mod git_files;
mod git_folders;
mod home;
mod network;
mod settings;
mod system;
mod temporary;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

pub use self::settings::Rules;
use self::settings::{Mode, UNAVAILABLE};
pub use self::system::Machine;
pub(crate) use self::temporary::remove_temporary;
use self::temporary::temporary;

use super::headless::{Invocation, Private, With};
use crate::coordinate::hook;
use crate::error::Result;
use crate::pm::{Confined, Pm};
use crate::process::{Launch, Network, Sandbox, is_inside};
use crate::store::{beneath, random};

/// True if an agent runs in the sandbox. The others write to their own folders in the home folder,
/// next to settings whose commands would later run without a sandbox; codex has its own.
pub fn holds(with: &With) -> bool {
    let known = with.known();
    match known.as_ref().unwrap_or(with) {
        With::Claude | With::Codex | With::Gemini | With::Opencode | With::Aider => false,
        With::Script(_) | With::Command(_) | With::Acp(_) | With::Model(_) | With::Replay(_) => {
            true
        }
    }
}

/// The sandbox of an agent with this launch, or of the commands of a model.
pub fn of_agent(with: &With, to: &Invocation, launch: Option<&Launch>, rules: &Rules) -> Sandbox {
    let common = &to.common_dir;
    let mut sandbox = around(&to.env, common, &to.private, rules);
    sandbox.network = rules
        .network
        .clone()
        .unwrap_or_else(|| network::of_agent(with, &to.env));
    // No agent can write the folder around it; its own path may lead through the user's links.
    sandbox.write.extend(to.worktree.canonicalize());
    // The repositories of its submodules, if it has any.
    sandbox.write.push(to.git_dir.join("modules"));
    if let Some(launch) = launch {
        let is_written = |path: &PathBuf| sandbox.write.iter().any(|one| path.starts_with(one));
        if let Some(program) = launch.file().ok().filter(|path| !is_written(path)) {
            sandbox.read.extend(system::around_program(&program));
        }
        // Files that a command line names, such as an interpreter's script, have to be readable.
        let files = launch.args.iter().map(PathBuf::from);
        sandbox
            .read
            .extend(files.filter(|file| file.is_absolute() && file.is_file()));
    }
    sandbox
}

/// The sandbox of git pm itself while it does what an agent has handed over: also the state may be
/// changed, but no branch, and there is no network. What it starts is in the sandbox of the agent.
pub(crate) fn of_requests(mut of_agent: Sandbox, common: &Path) -> Sandbox {
    of_agent.write.extend(git_folders::of_state(common));
    of_agent.network = Network::Off;
    of_agent
}

/// The sandbox of the gates on an agent's work, which execute its code. Does not include the
/// worktree in which they run.
///
/// # Errors
/// If its folders cannot be created.
pub fn of_gates(pm: &Pm, private: &Path, rules: &Rules) -> Result<Confined> {
    let env = &pm.store.env().vars;
    let common = pm.store.repo().common_dir();
    let vars = folders(private, env)?;
    let mut sandbox = around(env, common, private, rules);
    let network = rules.network.clone();
    sandbox.network = network.unwrap_or_else(network::of_gates);
    Ok(Confined { sandbox, vars })
}

/// The sandbox of set-up commands and gates outside a run, on work that others have made; none in a
/// sandbox, where these commands already are. For [`Options::confine`](crate::Options::confine).
///
/// # Errors
/// Kind `Usage` if a setting has no valid value, `Refused` if a sandbox is required and not
/// available.
pub fn confine(pm: &Pm) -> Result<Option<Confined>> {
    if is_inside() {
        return Ok(None);
    }
    match Rules::in_force(pm, &Machine::default())? {
        Some(rules) => {
            of_gates(pm, &unused(&pm.store.folder().join("commands"))?, &rules).map(Some)
        }
        None => {
            if Rules::of(pm)?.mode != Mode::Off {
                pm.notice(format!(
                    "set-up commands and gates run WITHOUT A SANDBOX on work that others have made: \
                     {UNAVAILABLE}"
                ));
            }
            Ok(None)
        }
    }
}

/// A private directory in `base` that no command has used: caches of other work would decide what
/// gates find. Those of processes that have ended are removed.
fn unused(base: &Path) -> Result<PathBuf> {
    for left in base.read_dir().into_iter().flatten().flatten() {
        let name = left.file_name();
        let process = name.to_str().and_then(|name| name.split('-').next());
        let process = process.and_then(|id| Pid::from_raw(id.parse().ok()?));
        if process.is_some_and(|id| test_kill_process(id) == Err(Errno::SRCH)) {
            remove_temporary(&left.path());
            let _ = beneath::remove(&left.path());
        }
    }
    Ok(base.join(format!("{}-{}", std::process::id(), random::name()?)))
}

/// Creates the temporary and cache folders of an agent with this private directory, and returns the
/// variables that name them.
///
/// # Errors
/// If they cannot be created.
pub fn folders(
    private: &Path,
    env: &BTreeMap<String, OsString>,
) -> Result<Vec<(String, OsString)>> {
    let folders = [
        ("XDG_CACHE_HOME", "cache"),
        ("npm_config_cache", "cache/npm"),
        ("GOCACHE", "cache/go-build"),
    ];
    let mut variables = vec![("TMPDIR".to_string(), temporary(private, env)?.into())];
    for (name, folder) in folders {
        let folder = Private(private).folder(folder)?;
        variables.push((name.to_string(), folder.into()));
    }
    Ok(variables)
}

/// The part of the sandbox that agents and gates have in common.
fn around(
    env: &BTreeMap<String, OsString>,
    common: &Path,
    private: &Path,
    rules: &Rules,
) -> Sandbox {
    let mut read = rules.read.clone();
    read.push(common.to_path_buf());
    read.extend(git_folders::alternates(common));
    // A guard that cannot run refuses every commit.
    read.extend(hook::program(common));
    let mut write = vec![private.to_path_buf()];
    write.extend(temporary(private, env).ok());
    write.extend(rules.write.iter().cloned());
    // The rest of the path is not the agent's; what is below it becomes no rule (`files.rs`).
    if let Ok(real) = private.canonicalize() {
        write[0] = real;
    }
    Sandbox {
        read,
        write,
        ..Sandbox::default()
    }
}

/// The absolute path in a variable, if set and not empty.
fn folder(env: &BTreeMap<String, OsString>, name: &str) -> Option<PathBuf> {
    let value = env.get(name).filter(|value| !value.is_empty());
    value.map(PathBuf::from).filter(|path| path.is_absolute())
}
