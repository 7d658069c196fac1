//! What an agent of a run, and the gates on its work, may reach (SE-08): the task's worktree, the
//! programs and libraries of the machine, and of git what a commit needs. Of the home folder only
//! the tools are visible, read-only: what an agent could change there would later run without a
//! sandbox.

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
use crate::error::{Error, Result};
use crate::pm::Pm;
use crate::process::{Launch, Sandbox};

/// True if an agent works in the sandbox. The others write to their own folders in the home folder, next
/// to settings that name commands, which would later run without a sandbox; codex has one of its own.
pub fn holds(with: &With) -> bool {
    let known = with.known();
    match known.as_ref().unwrap_or(with) {
        With::Claude | With::Codex | With::Gemini | With::Opencode | With::Aider => false,
        With::Script(_) | With::Command(_) | With::Acp(_) | With::Model(_) => true,
    }
}

/// The sandbox of an agent that is started in this way, or of the commands of a model.
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
        // What a command line names is meant to be read: the script of an interpreter.
        let files = launch.args.iter().map(PathBuf::from);
        sandbox
            .read
            .extend(files.filter(|file| file.is_absolute() && file.is_file()));
    }
    sandbox
}

/// The sandbox of the gates on an agent's work, which run what it has written, without the worktree
/// in which they run.
pub fn of_gates(pm: &Pm, private: &Path, rules: &Rules) -> Sandbox {
    let env = &pm.store.env().vars;
    let common = pm.store.repo().common_dir();
    let mut sandbox = around(env, common, private, rules);
    let network = rules.network.clone();
    sandbox.network = network.unwrap_or_else(network::of_gates);
    sandbox
}

/// Makes the folders of temporary files and caches of an agent with this private directory, and
/// returns the variables that name them.
///
/// # Errors
/// When they cannot be made.
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

/// What agents and gates have in common.
fn around(
    env: &BTreeMap<String, OsString>,
    common: &Path,
    private: &Path,
    rules: &Rules,
) -> Sandbox {
    let mut read = rules.read.clone();
    read.push(common.to_path_buf());
    read.extend(git_folders::alternates(common));
    let mut write = vec![private.to_path_buf()];
    write.extend(temporary(private, env).ok());
    write.extend(rules.write.iter().cloned());
    Sandbox {
        read,
        write,
        ..Sandbox::default()
    }
}

/// A variable that is set and not empty, as a path.
fn folder(env: &BTreeMap<String, OsString>, name: &str) -> Option<PathBuf> {
    let value = env.get(name).filter(|value| !value.is_empty());
    value.map(PathBuf::from).filter(|path| path.is_absolute())
}
