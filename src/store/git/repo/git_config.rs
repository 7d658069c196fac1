//! The values of git's configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gix::config::Source;
use gix::config::source::Kind;

use super::Repo;
use crate::error::Result;
use crate::git::process::Git;
use crate::git::process::place::settings;
use crate::model::settings as rules;
use crate::model::settings::Definition;

/// Keys with their values, by the name of a subsection.
pub type Subsections = BTreeMap<String, BTreeMap<String, String>>;

impl Repo {
    /// A configuration value, the last one in the user's, system's and repository's files.
    pub fn config(&self, key: &str) -> Option<String> {
        self.inner
            .config_snapshot()
            .string(key)
            .map(|v| v.to_string())
    }

    /// A boolean configuration value.
    pub fn config_bool(&self, key: &str) -> Option<bool> {
        self.inner.config_snapshot().boolean(key)
    }

    /// The value of a setting of ours, else its default.
    pub fn text_of(&self, setting: &Definition) -> String {
        let set = self.config(setting.key);
        set.unwrap_or_else(|| setting.default.into())
    }

    /// The branch that `pm.target` names, if it is set: also in full, or as at a remote.
    pub fn target_set(&self) -> Option<String> {
        let set = self.config(rules::TARGET.key)?;
        if let Some(branch) = set.strip_prefix("refs/heads/") {
            return Some(branch.to_string());
        }
        let exists = |name: String| matches!(self.ref_target(&name), Ok(Some(_)));
        let full = set.strip_prefix("refs/remotes/");
        let there = full.unwrap_or(&set);
        let is_there = full.is_some()
            || exists(format!("refs/remotes/{set}")) && !exists(format!("refs/heads/{set}"));
        let remotes = self.remotes();
        let below = |remote: &String| there.strip_prefix(remote.as_str())?.strip_prefix('/');
        let branch = remotes.iter().find_map(below).filter(|_| is_there);
        Some(branch.unwrap_or(there).to_string())
    }

    /// As [`Repo::text_of`], as a number.
    pub fn number_of(&self, setting: &Definition) -> u64 {
        setting.number(self.config(setting.key).as_deref())
    }

    /// As [`Repo::text_of`], as a truth value.
    pub fn is_on(&self, setting: &Definition) -> bool {
        setting.is_on(self.config_bool(setting.key))
    }

    /// Every value of a key, in file order.
    pub fn config_all(&self, key: &str) -> Vec<String> {
        self.config_where(key, |_| true)
    }

    /// As [`Repo::config_all`], of the repository's own files.
    pub fn config_own(&self, key: &str) -> Vec<String> {
        self.config_where(key, |kind| kind == Kind::Repository)
    }

    /// As [`Repo::config_all`], of the files of the user and the system, which the environment
    /// selects.
    pub fn config_outer(&self, key: &str) -> Vec<String> {
        let outer = [Kind::GitInstallation, Kind::System, Kind::Global];
        self.config_where(key, |kind| outer.contains(&kind))
    }

    fn config_where(&self, key: &str, kinds: impl Fn(Kind) -> bool) -> Vec<String> {
        let wanted = |section: &gix::config::file::Metadata| kinds(section.source.kind());
        self.inner
            .config_snapshot()
            .plumbing()
            .strings_filter(key, wanted)
            .unwrap_or_default()
            .iter()
            .map(|v| v.to_string())
            .collect()
    }

    /// The values of some keys in the subsections of `pm` whose names begin with a text, by the rest of
    /// the name: of the repository's own file alone, neither of those that it includes nor of a
    /// worktree's.
    pub fn own_subsections(&self, begin: &str, keys: &[&str]) -> Subsections {
        let config = self.inner.config_snapshot();
        let sections = config.plumbing().sections_by_name("pm");
        let mut all = Subsections::new();
        for section in sections.into_iter().flatten() {
            let (header, meta) = (section.header(), section.meta());
            let name = header.subsection_name().map(ToString::to_string);
            let Some(name) = name.as_deref().and_then(|name| name.strip_prefix(begin)) else {
                continue;
            };
            if meta.source == Source::Local && meta.level == 0 {
                let values = all.entry(name.to_string()).or_default();
                let value = |key: &&str| Some((key.to_string(), section.value(*key)?.to_string()));
                values.extend(keys.iter().filter_map(value));
            }
        }
        all
    }

    /// The names of the remotes that the repository's own files have, sorted.
    pub fn remotes_own(&self) -> Vec<String> {
        let config = self.inner.config_snapshot();
        let sections = config.plumbing().sections_by_name("remote");
        let own = sections.into_iter().flatten().filter_map(|section| {
            let name = section.header().subsection_name()?;
            let own = section.meta().source.kind() == Kind::Repository;
            own.then(|| name.to_string())
        });
        own.collect::<std::collections::BTreeSet<String>>()
            .into_iter()
            .collect()
    }

    /// The names of the configured remotes, sorted.
    pub fn remotes(&self) -> Vec<String> {
        self.inner
            .remote_names()
            .iter()
            .map(|name| name.to_string())
            .collect()
    }
}

/// The settings that say who commits and how commits are signed.
const OF_COMMITTER: [&str; 7] = [
    "commit.gpgsign",
    "committer.email",
    "committer.name",
    "gpg.format",
    "user.email",
    "user.name",
    "user.signingkey",
];

/// Those of them that the caller's environment has, as by `git -c`; gix reads a part of them only.
/// What else is there does not decide what is written.
pub(super) fn of_committer(repo: &mut gix::Repository, git: &Git) -> Vec<(String, String)> {
    let is_set = |name: &str| git.env(name).is_some_and(|value| !value.is_empty());
    let mut found = match (is_set("GIT_CONFIG_PARAMETERS"), is_set("GIT_CONFIG_COUNT")) {
        (false, false) => return Vec::new(),
        (false, true) => numbered(git).unwrap_or_default(),
        // How these are quoted is git's own.
        (true, _) => listed_for_command(git),
    };
    found.retain(|(key, _)| OF_COMMITTER.contains(&key.as_str()));
    let lines = found.iter().map(|(key, value)| format!("{key}={value}"));
    let lines: Vec<String> = lines.collect();
    let mut config = repo.config_snapshot_mut();
    // A value that gix does not accept is git's to refuse.
    let _ = config.append_config(&lines, gix::config::Source::Cli);
    drop(config);
    found
}

/// The settings in `GIT_CONFIG_KEY_0` and so on, with keys in lower case. `None` if git refuses them.
fn numbered(git: &Git) -> Option<Vec<(String, String)>> {
    let text = |name: &str| Some(git.env(name)?.to_string_lossy().into_owned());
    let count: u32 = text("GIT_CONFIG_COUNT")?.parse().ok()?;
    let setting = |n: u32| {
        let key = text(&format!("GIT_CONFIG_KEY_{n}"))?.to_ascii_lowercase();
        Some((key, text(&format!("GIT_CONFIG_VALUE_{n}"))?))
    };
    (0..count).map(setting).collect()
}

/// The settings of the environment as git lists them.
fn listed_for_command(git: &Git) -> Vec<(String, String)> {
    let listed = git.run(&["config", "--list", "--show-scope", "-z"]);
    let text = listed.map(|out| out.text()).unwrap_or_default();
    let mut parts = text.split('\0');
    let mut found = Vec::new();
    while let (Some(scope), Some(line)) = (parts.next(), parts.next()) {
        let (key, value) = line.split_once('\n').unwrap_or((line, "true"));
        if scope == "command" {
            found.push((key.to_string(), value.to_string()));
        }
    }
    found
}

/// The extensions that every git that git pm works with knows, whatever the format.
const EXTENSIONS: [&str; 4] = ["noop", "partialclone", "preciousobjects", "worktreeconfig"];

/// Refuses a repository that this git refuses, because of its format or an extension: what git pm
/// would write there could be wrong. Git is asked only if it might not know one.
///
/// # Errors
/// Kind `State`, with git's words.
pub(super) fn require_known_format(repo: &gix::Repository, git: &Git) -> Result<()> {
    let config = repo.config_snapshot();
    let version = config.integer("core.repositoryFormatVersion").unwrap_or(0);
    let is_known = |key: String| {
        key.strip_prefix("extensions.").is_none_or(|name| {
            EXTENSIONS.contains(&name) || (version == 1 && name == "objectformat")
        })
    };
    if matches!(version, 0 | 1) && settings(config.plumbing()).all(is_known) {
        return Ok(());
    }
    let asked = git.require(&["rev-parse", "--git-dir"]);
    asked
        .map(|_| ())
        .map_err(|error| error.hint("use the git that the repository was made for, or a newer one"))
}

/// The settings for git in a work tree whose files may be another's, of which none is run: no hooks,
/// no monitor of files, and filters that run in `home`. Those of git-lfs name no file.
pub(super) fn guards(repo: &gix::Repository, home: &Path) -> Vec<String> {
    let config = repo.config_snapshot();
    let filters = config.plumbing().sections_by_name("filter");
    let names = filters.into_iter().flatten();
    let names = names.filter_map(|filter| Some(filter.header().subsection_name()?.to_string()));
    let names: BTreeSet<String> = names.filter(|name| name != "lfs").collect();
    let guards = ["core.hooksPath=/dev/null", "core.fsmonitor=false"].map(String::from);
    let home = home.display().to_string().replace('\'', r"'\''");
    let keys = ["clean", "smudge", "process"];
    let keys = names
        .iter()
        .flat_map(|name| keys.map(|key| format!("filter.{name}.{key}")));
    let commands = keys.filter_map(|key| {
        let command = config.string(&key).filter(|command| !command.is_empty())?;
        Some(format!("{key}=cd '{home}' || exit 1; {command}"))
    });
    guards.into_iter().chain(commands).collect()
}
