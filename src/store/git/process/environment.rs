//! The environment and configuration that git runs with.

use std::ffi::{OsStr, OsString};
use std::process::Command;

use super::Git;
use crate::error::{Error, Result};

/// Variables that name a repository, an index or an object store: inherited from a hook or an
/// outer git, they would redirect a command meant for this repository
/// (`git rev-parse --local-env-vars`, git 2.47).
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
];

/// Variables that name other files of the user and the system, or leave them out.
const OUTER_VARIABLES: &[&str] = &[
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
];

/// Beginnings of those variables of git's that have no say in which remote is asked and whether it
/// can be reached. All others may send a question elsewhere, or keep it from being asked.
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

/// Whether a variable of the environment has a say in what becomes of a question to a remote.
fn sways(key: &str) -> bool {
    let idle = IDLE_VARIABLES.iter().any(|idle| key.starts_with(idle));
    key.starts_with("GIT_") && !idle && !LOCAL_VARIABLES.contains(&key)
}

/// Which configuration git reads besides the repository's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outer {
    /// The files of the user and the system, where the environment says that they are.
    Files,
    /// Those files, where they are by default.
    DefaultFiles,
    /// None.
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
    ///
    /// # Errors
    /// When those cannot be counted.
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

    /// The same runner for what an approval is held against and what it lets into a branch: git's
    /// configuration is the repository's own alone, no attributes of the user or the system, no
    /// filters, and every commit as it is.
    #[must_use]
    pub fn plain(&self) -> Self {
        let settings = [
            ("core.attributesFile", ""),
            // It says what commits say, and is not checked against them.
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

    /// The same runner for a judgement of signatures: every commit as it is, and the keys that the
    /// repository's own configuration trusts, or the files of the user and the system in their usual
    /// places. What the environment names in their stead does not count.
    #[must_use]
    pub fn judging(&self) -> Self {
        let mut git = self.set_alone(&[]);
        git.outer = Outer::DefaultFiles;
        git.with_env("GIT_NO_REPLACE_OBJECTS", "1")
    }

    /// The same runner for a question to a remote on which it depends what the caller may do: the
    /// remote that the repository's own configuration, or the files of the user and the system in their
    /// usual places, name, and by the way that they name.
    #[must_use]
    pub fn asking(&self) -> Self {
        let mut git = self.clone();
        git.env.retain(|key, _| !sways(key));
        let mut git = git.set_alone(&[]);
        git.outer = Outer::DefaultFiles;
        git
    }

    /// Whether the environment has a say in a question to a remote, other than [`Git::asking`].
    pub fn is_swayed(&self) -> bool {
        self.env.keys().any(|key| sways(key))
    }

    /// The same runner with the configuration of the user and the system again: who commits, and how
    /// files look in a work tree.
    #[must_use]
    pub fn with_outer_files(&self) -> Self {
        Git {
            outer: Outer::Files,
            ..self.clone()
        }
    }

    /// The same runner with these settings in the environment, instead of what the caller's says of
    /// git's configuration.
    fn set_alone(&self, settings: &[(&str, &str)]) -> Self {
        let mut git = self.clone();
        git.env.retain(|key, _| {
            !(key == "GIT_CONFIG_PARAMETERS"
                || key == "GIT_CONFIG_COUNT"
                || key.starts_with("GIT_CONFIG_KEY_")
                || key.starts_with("GIT_CONFIG_VALUE_"))
        });
        // The repository was opened, so it is one that git may run in; the file that says so may be
        // one of those that are left out.
        let safe = [("safe.directory", "*")];
        let count = safe.len() + settings.len();
        for (n, (key, value)) in safe.iter().chain(settings).enumerate() {
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
        let mut command = Command::new(&self.program);
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
        // Messages may be parsed for want of a code (the reason of a refused push): one language.
        command.env("LC_ALL", "C").env("LANGUAGE", "C");
        command.args(args);
        command
    }
}
