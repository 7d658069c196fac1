//! Settings: `git config pm.*` of this clone. Every one the program reads is in the table.

use serde::Serialize;

use crate::coordinate::rules;
use crate::error::{Error, Result};
use crate::model::id::{HASH_PREFIX, is_prefix};
use crate::pm::Pm;
use crate::pm::actor::{require_human, require_name};
use crate::pm::handles::Settings;
use crate::store::git::process::Output;
use crate::store::repository;

/// A setting.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// The git config key, `pm.…`.
    pub key: String,
    /// The value in force.
    pub value: Option<String>,
    /// The default.
    pub default: Option<String>,
    /// `git config`, `state`, both with a comma between them, or `default`.
    pub source: String,
    /// What it does.
    pub help: String,
}

/// The setting of everybody's that new ids begin with.
const ISSUE_PREFIX: &str = "pm.issuePrefix";

/// Key, default, what it does.
const SETTINGS: &[(&str, &str, &str)] = &[
    (
        "pm.remote",
        "",
        "The remote (name or URL) that holds the state and confirms claims; else origin, else the only one",
    ),
    (
        "pm.remoteRef",
        "refs/pm/main",
        "The ref that holds the state at remotes; refs/heads/pm/main for hosts that take branches only",
    ),
    (
        "pm.sync",
        "claim",
        "When to use the network unasked: manual, claim (start, finish, reserve, comments) or always",
    ),
    (
        "pm.offline",
        "",
        "`allow`: an unreachable remote does not stop start and reserve, which are then tentative",
    ),
    ("pm.timeout", "120", "Seconds that a fetch or push may take"),
    (
        "pm.stateLimit",
        "512",
        "MiB of documents that a fetched state may hold; smaller values are as good as not set",
    ),
    (
        "pm.agent",
        "",
        "Name of an actor that counts as an agent (may be given several times)",
    ),
    (
        "pm.branch",
        "task/{id}-{slug}",
        "Pattern of task branches: {id} {slug} {agent} {epic} {run}",
    ),
    ("pm.epicBranch", "epic/{slug}", "Pattern of epic branches"),
    (
        "pm.worktreePath",
        "{repo}.worktrees/{id}-{slug}",
        "Pattern of worktree folders, from the folder that holds the repository",
    ),
    (
        "pm.target",
        "",
        "The branch that work is merged into; else the default branch",
    ),
    ("pm.mergeStrategy", "squash", "squash, merge or rebase"),
    (
        "pm.push",
        "finish",
        "When a task's branch is brought to the remote: `finish` or `never`",
    ),
    (
        "pm.soloMerge",
        "true",
        "Whether a human may approve and merge the own work with `finish --merge`",
    ),
    (
        "pm.approval",
        "advisory",
        "`strict`: only approvals given at a terminal count",
    ),
    (
        "pm.protectedPaths",
        rules::DEFAULT_PATHS,
        "Paths that agents may not commit",
    ),
    (
        "pm.protectedBranches",
        "",
        "Branches that agents neither commit nor push to",
    ),
    (
        "pm.gate",
        "",
        "`name=command`, run in the worktree by finish (may be given several times)",
    ),
    (
        "pm.setup",
        "",
        "Command run in a new worktree (may be given several times)",
    ),
    (
        "pm.copyIgnored",
        "",
        "Ignored folder to copy into new worktrees where the file system can share it (may be given several times)",
    ),
    (
        "pm.sparse",
        "false",
        "Whether new worktrees check out only the folders of the task's planned paths",
    ),
    (
        "pm.lfsSmudge",
        "true",
        "Whether new worktrees fetch the content of git-lfs files",
    ),
    (
        "pm.stacked",
        "false",
        "Whether a task begins at the branch of an open soft dependency",
    ),
    (
        "pm.sign",
        "false",
        "Whether commits of the state are signed, as git's gpg.format and user.signingKey say",
    ),
    (
        ISSUE_PREFIX,
        "pm",
        "What the hash ids of new issues begin with; for everybody (`--shared`)",
    ),
    (
        "pm.packLimit",
        "2000",
        "How many loose objects a sync leaves before it packs the state's; 0 never packs",
    ),
    (
        "pm.gc.runs",
        "30",
        "Days for which `git pm gc` keeps run logs; `never` keeps them",
    ),
    (
        "pm.gc.backups",
        "90",
        "Days for which `git pm gc` keeps backup refs and saved work",
    ),
    (
        "pm.gc.drafts",
        "90",
        "Days for which `git pm gc` keeps texts that a redaction withheld",
    ),
    (
        "pm.gc.tombstones",
        "180",
        "Days after which `git pm gc` reduces a deleted item to its identity",
    ),
    (
        "pm.gc.ephemeral",
        "7",
        "Days after which `git pm gc` forgets an ephemeral issue that nobody changed; `never` keeps them",
    ),
    (
        "pm.planMinTasks",
        "10",
        "How many tasks a plan of a short document may have before it is said to be many",
    ),
    (
        "pm.planMaxTasks",
        "40",
        "How many tasks a plan of a long document may have before it is said to be many",
    ),
    (
        "pm.planMaxPlanned",
        "60",
        "How many tasks a plan may have before its document has to be split",
    ),
    (
        "pm.planMaxTokens",
        "20000",
        "How many tokens (a quarter of the bytes) a document may have before it has to be split",
    ),
    (
        "pm.fsync",
        "false",
        "Whether writes survive power loss too, not only a killed process",
    ),
];

impl Settings<'_> {
    /// All settings with the values in force.
    ///
    /// # Errors
    /// When git's configuration cannot be read.
    pub fn list(&self) -> Result<Vec<Setting>> {
        SETTINGS
            .iter()
            .map(|(key, _, _)| self.pm.settings().get(key))
            .collect()
    }

    /// One setting.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn get(&self, key: &str) -> Result<Setting> {
        let (key, default, help) = known(key)?;
        if key == ISSUE_PREFIX {
            let prefix = self.pm.store.state().ok();
            let prefix = prefix.map(|state| state.repository.issue_prefix().to_string());
            let set = prefix.as_deref().is_some_and(|prefix| prefix != default);
            return Ok(Setting {
                key: key.to_string(),
                value: Some(prefix.unwrap_or_else(|| default.to_string())),
                default: Some(default.to_string()),
                source: if set { "state" } else { "default" }.to_string(),
                help: help.to_string(),
            });
        }
        // Asked of git, not of the snapshot taken at the start: it may have been set just now.
        let args = ["config", "--show-scope", "-z", "--get-all", key];
        let output = self.pm.store.repo().git().run(&args)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let parts: Vec<&str> = text.split_terminator('\0').collect();
        let pairs = parts.chunks_exact(2);
        let values: Vec<(&str, &str)> = pairs.map(|pair| (pair[0], pair[1])).collect();
        let of = |scopes: &[&str]| -> Vec<String> {
            let found = values.iter().filter(|(scope, _)| scopes.contains(scope));
            found.map(|(_, value)| value.to_string()).collect()
        };
        let mut set = output.ok() && !values.is_empty();
        let mut value = match set {
            true => values
                .iter()
                .map(|(_, v)| *v)
                .collect::<Vec<&str>>()
                .join(" "),
            false => default.to_string(),
        };
        let mut all = false;
        if let Some(rule) = rules::find(key).filter(|rule| rule.is_of_everybody()) {
            self.pm.held_rules()?;
            let shared = self.pm.of_everybody(rule);
            all = shared.is_some();
            if key != rules::SIGN_RULE {
                let (own, outer) = (of(&["local", "worktree"]), of(&["global", "system"]));
                value = self.pm.stricter_of(rule, &own, &outer);
                set = !own.is_empty() || rule.is_tightened(&own, &outer);
            } else if !set {
                // What this clone signs is its own affair, and shows.
                value = shared.unwrap_or(value);
            }
        }
        let source = match (set, all) {
            (true, true) => "git config, state",
            (true, false) => "git config",
            (false, true) => "state",
            (false, false) => "default",
        };
        Ok(Setting {
            key: key.to_string(),
            value: (set || !value.is_empty()).then_some(value),
            default: (!default.is_empty()).then(|| default.to_string()),
            source: source.to_string(),
            help: help.to_string(),
        })
    }

    /// Sets or (`None`) unsets a setting in this clone's git configuration. An agent loosens no rule.
    ///
    /// # Errors
    /// When there is none of that name, an agent would loosen a rule, or the configuration cannot be
    /// written.
    pub fn set(&self, key: &str, value: Option<&str>) -> Result<Setting> {
        let (key, _, _) = known(key)?;
        if key == ISSUE_PREFIX {
            return Err(Error::usage(format!("{key} is a setting of everybody"))
                .hint(format!("`git pm config --shared {key} VALUE`")));
        }
        if let Some(rule) = rules::find(key) {
            self.pm.require_no_loosening(rule, value)?;
        }
        let git = self.pm.store.repo().git();
        let output = self.pm.store.configuring(|| match value {
            Some(value) => git.run(&["config", "--replace-all", key, value]),
            None => git.run(&["config", "--unset-all", key]),
        })?;
        // 5: there was nothing to unset.
        if !output.ok() && output.code != Some(5) {
            return Err(not_configured(&format!("cannot set {key}"), &output));
        }
        self.pm.settings().get(key)
    }
}

/// Git's configuration could not be written.
pub(super) fn not_configured(what: &str, output: &Output) -> Error {
    let hint = output
        .lock_hint()
        .unwrap_or_else(|| "check permissions of the git directory's config file".into());
    Error::state(format!("{what}: {}", output.reason())).hint(hint)
}

impl Settings<'_> {
    /// Changes a setting for everybody: it becomes part of the state. Of rules the stricter one of
    /// everybody's and a clone's own holds.
    ///
    /// # Errors
    /// When it cannot be shared, the value is none of it, or the state cannot be written.
    pub fn set_shared(&self, key: &str, value: Option<&str>) -> Result<Setting> {
        let (key, _, help) = known(key)?;
        if key == ISSUE_PREFIX {
            return self.pm.set_issue_prefix(value, help);
        }
        let Some(rule) = rules::find(key) else {
            return Err(Error::usage(format!("{key} is a setting of one clone"))
                .hint("leave out `--shared`"));
        };
        if key != rules::SIGN_RULE {
            self.pm.set_rule_of_everybody(rule, value)?;
            return self.pm.settings().get(key);
        }
        let required = match value {
            Some("true") => true,
            None | Some("false") => false,
            Some(other) => {
                let shown = crate::model::text::one_line(other);
                return Err(Error::usage(format!("`{shown}` is neither true nor false")));
            }
        };
        require_name(&self.pm.actor)?;
        require_human(
            &self.pm.actor,
            "requiring signatures of everybody",
            "ask a human to run it",
        )?;
        self.pm.sign_where_that_holds();
        let doubted = self.pm.is_doubted(rule);
        self.pm
            .store
            .require_signatures(&self.pm.writer("config"), required, doubted)?;
        Ok(Setting {
            key: key.to_string(),
            value: Some(required.to_string()),
            default: Some("false".into()),
            source: "state".into(),
            help: help.to_string(),
        })
    }
}

impl Pm {
    /// Sets what the hash ids of new issues begin with; `None` goes back to the default. Ids that
    /// are there keep what they have.
    fn set_issue_prefix(&self, value: Option<&str>, help: &str) -> Result<Setting> {
        if let Some(bad) = value.filter(|text| !is_prefix(text)) {
            let shown = crate::model::text::one_line(bad);
            return Err(Error::usage(format!("ids cannot begin with `{shown}`"))
                .hint("use 2 to 20 lower-case letters, digits and single dashes, a letter first"));
        }
        require_name(&self.actor)?;
        let word = value.unwrap_or(HASH_PREFIX);
        let text = format!("new issues are called {word}-…");
        self.store.set_shared(
            &self.writer("config"),
            repository::ISSUE_PREFIX,
            value.into(),
            &text,
            false,
        )?;
        Ok(Setting {
            key: ISSUE_PREFIX.to_string(),
            value: Some(word.to_string()),
            default: Some(HASH_PREFIX.to_string()),
            source: "state".into(),
            help: help.to_string(),
        })
    }
}

fn known(key: &str) -> Result<(&'static str, &'static str, &'static str)> {
    let full = if key.to_ascii_lowercase().starts_with("pm.") {
        key.to_string()
    } else {
        format!("pm.{key}")
    };
    SETTINGS
        .iter()
        .find(|(k, _, _)| k.eq_ignore_ascii_case(&full))
        .copied()
        .ok_or_else(|| {
            let shown = crate::model::text::one_line(key);
            Error::not_found(format!("there is no setting `{shown}`"))
                .hint("`git pm config` lists all of them")
        })
}
