//! The environment and configuration that git runs with.

use std::ffi::{OsStr, OsString};
use std::process::Command;

use super::Git;
use crate::env::HANDED;
use crate::error::{Error, Result};
use crate::process::{DETACHED, is_program};

/// Variables that name a repository, an index or an object store: inherited from a hook or an
/// outer git, they would redirect a command meant for this repository
/// (`git rev-parse --local-env-vars`, git 2.47). The last one is that of a process of ours.
const LOCAL_VARIABLES: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_NAMESPACE",
    "GIT_EXTERNAL_DIFF",
    "GIT_REFLOG_ACTION",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    HANDED,
];

/// True if a variable names a repository, or a part of one.
pub fn is_local(name: &str) -> bool {
    LOCAL_VARIABLES.contains(&name)
}

/// Variables that name other configuration files of the user and the system, or disable them.
const OUTER_VARIABLES: &[&str] = &[
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
];

/// Prefixes of those git variables that affect neither which remote is contacted nor whether it can
/// be reached. All others may redirect a request, or prevent it.
const IDLE_VARIABLES: &[&str] = &[
    "GIT_AUTHOR_",
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMITTER_",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_EDITOR",
    "GIT_MERGE_AUTOEDIT",
    "GIT_OPTIONAL_LOCKS",
    "GIT_PAGER",
    "GIT_PM_",
    "GIT_SEQUENCE_EDITOR",
    "GIT_TERMINAL_PROMPT",
];

/// True if a variable of the environment affects a request to a remote.
fn affects_requests(key: &str) -> bool {
    let idle = IDLE_VARIABLES.iter().any(|idle| key.starts_with(idle));
    key.starts_with("GIT_") && !idle && !LOCAL_VARIABLES.contains(&key)
}

/// The configuration files that git reads in addition to the repository's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outer {
    /// The files of the user and the system, at the places that the environment names.
    Files,
    /// Those files, at their default places.
    DefaultFiles,
    Nothing,
}

impl Git {
    /// The same runner, passing on the variables of a server-side hook's quarantine, without which
    /// the pushed objects cannot be read.
    #[must_use]
    pub fn in_quarantine(&self) -> Self {
        let mut git = self.clone();
        git.keep = vec![
            "GIT_OBJECT_DIRECTORY",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            "GIT_QUARANTINE_PATH",
        ];
        git
    }

    /// The same runner with one more variable in git's environment.
    #[must_use]
    pub fn with_env(&self, key: &str, value: impl Into<OsString>) -> Self {
        let mut git = self.clone();
        git.env.insert(key.to_string(), value.into());
        // A variable set on purpose is kept even if an inherited one of that name would not be.
        if let Some(name) = LOCAL_VARIABLES.iter().find(|n| **n == key) {
            git.keep.push(name);
        }
        git
    }

    /// The same runner with one more setting. Set in the environment, so that it holds for whatever
    /// git starts in turn; settings that the caller passed in the same way stay.
    pub fn with_config(&self, key: &str, value: &str) -> Result<Self> {
        let count = match self.env("GIT_CONFIG_COUNT").and_then(|c| c.to_str()) {
            None | Some("") => 0,
            Some(count) => count
                .parse::<u32>()
                .map_err(|_| Error::usage("GIT_CONFIG_COUNT is not a number"))?,
        };
        Ok(self
            .with_env("GIT_CONFIG_COUNT", (count + 1).to_string())
            .with_env(&format!("GIT_CONFIG_KEY_{count}"), key)
            .with_env(&format!("GIT_CONFIG_VALUE_{count}"), value))
    }

    /// The same runner for checking an approval and the work that it lets into a branch: only the
    /// repository's own configuration, no attributes of the user or the system, no filters, and no
    /// replaced commits.
    #[must_use]
    pub fn plain(&self) -> Self {
        let settings = [
            ("core.attributesFile", ""),
            // It duplicates the content of commits, and is not checked against them.
            ("core.commitGraph", "false"),
            ("merge.renormalize", "false"),
            ("merge.directoryRenames", "conflict"),
        ];
        let mut git = self.set_alone(&settings);
        git.outer = Outer::Nothing;
        git.with_env("GIT_ATTR_NOSYSTEM", "1")
            .with_env("GIT_GRAFT_FILE", "")
            .with_env("GIT_NO_REPLACE_OBJECTS", "1")
    }

    /// The same runner for checking signatures: no replaced commits, and the keys that the
    /// repository's own configuration trusts, or the files of the user and the system at their
    /// usual places. Files that the environment names instead do not count.
    #[must_use]
    pub fn judging(&self) -> Self {
        let mut git = self.set_alone(&[]);
        git.outer = Outer::DefaultFiles;
        git.with_env("GIT_NO_REPLACE_OBJECTS", "1")
    }

    /// The same runner for a request to a remote that decides what the caller may do: only the
    /// repository's own configuration, and the files of the user and the system at their usual
    /// places, select the remote and the transport.
    #[must_use]
    pub fn asking(&self) -> Self {
        let mut git = self.clone();
        git.env.retain(|key, _| !affects_requests(key));
        let mut git = git.set_alone(&[]);
        git.outer = Outer::DefaultFiles;
        git
    }

    /// True if the environment affects a request to a remote, other than one by [`Git::asking`].
    pub fn is_swayed(&self) -> bool {
        self.env.keys().any(|key| affects_requests(key))
    }

    /// The same runner with the configuration of the user and the system again: for the committer,
    /// and for the form of files in a work tree.
    #[must_use]
    pub fn with_outer_files(&self) -> Self {
        Git {
            outer: Outer::Files,
            ..self.clone()
        }
    }

    /// The same runner with these settings in the environment, instead of the caller's settings
    /// there.
    fn set_alone(&self, settings: &[(&str, &str)]) -> Self {
        let mut git = self.clone();
        git.env.retain(|key, _| {
            !(key == "GIT_CONFIG_PARAMETERS"
                || key == "GIT_CONFIG_COUNT"
                || key.starts_with("GIT_CONFIG_KEY_")
                || key.starts_with("GIT_CONFIG_VALUE_"))
        });
        // The repository was opened, so git may run in it; the file that says so may be one of
        // those left out.
        let safe = [("safe.directory", "*")];
        let committer = self.committer.iter().map(|(key, value)| (&**key, &**value));
        let all: Vec<(&str, &str)> = safe
            .into_iter()
            .chain(committer)
            .chain(settings.iter().copied())
            .collect();
        let count = all.len();
        for (n, (key, value)) in all.iter().enumerate() {
            git = git
                .with_env(&format!("GIT_CONFIG_KEY_{n}"), *key)
                .with_env(&format!("GIT_CONFIG_VALUE_{n}"), *value);
        }
        git.with_env("GIT_CONFIG_COUNT", count.to_string())
    }

    /// A variable of the environment that git gets.
    pub fn env(&self, key: &str) -> Option<&OsStr> {
        self.env.get(key).map(OsString::as_os_str)
    }

    /// The names of all variables of the environment that git gets.
    pub fn env_names(&self) -> impl Iterator<Item = &str> {
        self.env.keys().map(String::as_str)
    }

    pub(super) fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let program = self.file.as_ref().unwrap_or(&self.program);
        // One that is not there is to fail when it is started.
        let detach = self.detach.as_ref().filter(|_| is_program(program));
        let mut command = Command::new(detach.unwrap_or(program));
        if detach.is_some() {
            command.arg(DETACHED).arg(program);
        }
        command.current_dir(&self.dir).env_clear();
        for (key, value) in &self.env {
            if LOCAL_VARIABLES.contains(&key.as_str()) && !self.keep.contains(&key.as_str()) {
                continue;
            }
            command.env(key, value);
        }
        match self.outer {
            Outer::Files => {}
            Outer::DefaultFiles => {
                for name in OUTER_VARIABLES {
                    command.env_remove(name);
                }
            }
            Outer::Nothing => {
                // Git for Windows knows this name, too.
                command.env("GIT_CONFIG_GLOBAL", "/dev/null");
                command.env("GIT_CONFIG_NOSYSTEM", "1");
            }
        }
        if !self.interactive {
            command.env("GIT_TERMINAL_PROMPT", "0");
        }
        if detach.is_some() {
            // Names the terminal on which gpg's agent asks.
            command.env_remove("GPG_TTY");
        }
        // Messages may be parsed where there is no code (the reason of a refused push): one
        // language.
        command.env("LC_ALL", "C").env("LANGUAGE", "C");
        self.name_folders(&mut command);
        self.guard(&mut command, args);
        command.args(args);
        command
    }
}
