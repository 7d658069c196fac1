//! The sandbox of a run's agent and of the gates on its work (SE-08). It gives access to the task's
//! worktree, the machine's programs and libraries, and the git files that a commit needs. In the
//! home folder only the tools are visible, read-only: anything an agent could change there would
//! later run without a sandbox.

mod git_files;
mod git_folders;
mod home;
mod network;
mod rules;
mod system;
mod temporary;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use self::rules::Rules;
pub use self::system::Machine;
pub(crate) use self::temporary::temporary;

use super::headless::{Invocation, With};
use crate::coordinate::hook;
use crate::error::{Error, Result};
use crate::pm::Pm;
use crate::process::{Launch, Sandbox};

/// True if an agent runs in the sandbox. The others write to their own folders in the home folder,
/// next to settings whose commands would later run without a sandbox; codex has its own.
pub fn holds(with: &With) -> bool {
    let known = with.known();
    match known.as_ref().unwrap_or(with) {
        With::Claude | With::Codex | With::Gemini | With::Opencode | With::Aider => false,
        With::Script(_) | With::Command(_) | With::Acp(_) | With::Model(_) => true,
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
    sandbox.write.extend(git_folders::written(to));
    sandbox.write.push(to.worktree.clone());
    sandbox.write.push(to.git_dir.clone());
    if let Some(launch) = launch {
        if let Ok(program) = launch.file() {
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

/// The sandbox of the gates on an agent's work, which execute its code. Does not include the
/// worktree in which they run.
pub fn of_gates(pm: &Pm, private: &Path, rules: &Rules) -> Sandbox {
    let env = &pm.store.env().vars;
    let common = pm.store.repo().common_dir();
    let mut sandbox = around(env, common, private, rules);
    let network = rules.network.clone();
    sandbox.network = network.unwrap_or_else(network::of_gates);
    sandbox
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
        let folder = private.join(folder);
        std::fs::create_dir_all(&folder).map_err(|error| {
            Error::unwritten(format!("cannot create {}", folder.display()), error)
        })?;
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
