//! `config`: reads and sets the settings of `model/settings.rs` in this clone, and shared ones in the state.

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::rules;
use crate::coordinate::rules::unauthorized_changes;
use crate::coordinate::sync::{self, first_push};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::{HASH_PREFIX, ItemKind, is_prefix};
use crate::model::item::Item;
use crate::model::settings::{self, Definition, SyncMode};
use crate::model::stamp::ReplicaId;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Settings;
use crate::pm::pins::PM_TOML;
use crate::pm::who_acts::{require_human, require_name};
use crate::store::git::process::Output;
use crate::store::repository::{self, Repository};

/// The settings that are in the state alone.
const SHARED_ONLY: [&str; 3] = [
    settings::ISSUE_PREFIX.key,
    settings::NOTIFY_SENDER.key,
    settings::PLAN_TESTS.key,
];

/// A setting.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Setting {
    /// The git config key, `pm.…`.
    pub key: String,
    /// The value in force.
    pub value: Option<String>,
    /// The default.
    pub default: Option<String>,
    /// `git config`, `state`, both separated by a comma, or `default`.
    pub source: String,
    /// Its effect, as a phrase.
    pub help: String,
}

impl Setting {
    fn of(definition: &Definition, value: Option<String>, source: &str) -> Setting {
        let default = definition.default;
        Setting {
            key: definition.key.to_string(),
            value,
            default: (!default.is_empty()).then(|| default.to_string()),
            source: source.to_string(),
            help: definition.help.to_string(),
        }
    }
}

/// The settings that a checked-in `.pm.toml` has for all clones, and where it has them.
const IN_FILE: [(&str, &str); 2] = [
    (settings::GATE.key, "`[gates]`"),
    (settings::SETUP.key, "`setup`"),
];

/// The part of `.pm.toml` that says for all clones what a setting says for one.
fn in_file(key: &str) -> Option<&'static (&'static str, &'static str)> {
    IN_FILE.iter().find(|(own, _)| *own == key)
}

impl Settings<'_> {
    /// All settings with the values in force.
    ///
    /// # Errors
    /// When git's configuration cannot be read.
    pub fn list(&self) -> Result<Vec<Setting>> {
        settings::ALL
            .iter()
            .map(|setting| self.pm.settings().get(setting.key))
            .collect()
    }

    /// One setting.
    ///
    /// # Errors
    /// When there is no such setting.
    pub fn get(&self, key: &str) -> Result<Setting> {
        let setting = known(key)?;
        let Definition { key, default, .. } = *setting;
        if SHARED_ONLY.contains(&key) {
            let state = self.pm.store.state().ok();
            let set = state.and_then(|state| stored(&state.repository, key));
            let source = if set.is_some() { "state" } else { "default" };
            let default = (!default.is_empty()).then(|| default.to_string());
            return Ok(Setting::of(setting, set.or(default), source));
        }
        // Read with git: the snapshot from the start lacks a value that was just set.
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
            true => values.iter().map(|(_, v)| *v).collect::<Vec<_>>().join(" "),
            false => default.to_string(),
        };
        let mut all = false;
        if let Some(rule) = rules::find(key).filter(|rule| rule.is_shareable()) {
            unauthorized_changes::held_rules(self.pm)?;
            notice_unread(self.pm);
            let shared = rules::shared_value(self.pm, rule);
            all = shared.is_some();
            if key != settings::SIGN.key {
                let (own, outer) = (of(&["local", "worktree"]), of(&["global", "system"]));
                value = rules::stricter_of(self.pm, rule, &own, &outer);
                set = !own.is_empty() || rule.is_tightened(&own, &outer);
            } else if !set {
                // A clone may sign more than the shared rule requires.
                value = shared.unwrap_or(value);
            }
        }
        let source = match (set, all) {
            (true, true) => "git config, state",
            (true, false) => "git config",
            (false, true) => "state",
            (false, false) => "default",
        };
        Ok(Setting::of(
            setting,
            (set || !value.is_empty()).then_some(value),
            source,
        ))
    }

    /// Sets or (`None`) unsets a setting in this clone's git configuration. An agent may only
    /// tighten rules, and change the few settings that are open to anybody.
    ///
    /// # Errors
    /// When there is no such setting, it does not take the value, an agent may not change it, or
    /// the configuration cannot be written.
    pub fn set(&self, key: &str, value: Option<&str>) -> Result<Setting> {
        let setting = known(key)?;
        let key = setting.key;
        if SHARED_ONLY.contains(&key) {
            return Err(
                Error::usage(format!("{key} can be set only as a shared setting"))
                    .because(Reason::ConfigSharedOnly)
                    .about(key)
                    .hint(Hint::run(["config", "--shared", key, "VALUE"], "sets it")),
            );
        }
        rules::require_may_set(self.pm, setting, value)?;
        require_valid(setting, value)?;
        match value {
            Some(value) => configure(self.pm, key, &["--replace-all", key, value])?,
            None => configure(self.pm, key, &["--unset-all", key])?,
        }
        if let Some((_, part)) = in_file(key).filter(|_| value.is_some()) {
            self.pm.notice(format!(
                "{key} is set in this clone only; {part} in {PM_TOML} is for all clones"
            ));
        }
        self.pm.settings().get(key)
    }
}

/// Refuses a value that a setting does not accept.
fn require_valid(setting: &Definition, value: Option<&str>) -> Result<()> {
    let Some((value, expected)) = value.and_then(|v| Some((v, setting.rejects(v)?))) else {
        return Ok(());
    };
    let (key, shown) = (setting.key, crate::model::text::one_line(value));
    Err(
        Error::usage(format!("`{shown}` is not a valid value for {key}"))
            .because(Reason::ConfigInvalidValue)
            .about(key)
            .hint(format!("use {expected}")),
    )
}

/// Changes this clone's git configuration; `key` is what a failure names.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn configure(pm: &Pm, key: &str, args: &[&str]) -> Result<()> {
    let git = pm.store.repo().git();
    let args: Vec<&str> = ["config", "--local"].iter().chain(args).copied().collect();
    let output = pm.store.configuring(|| git.run(&args))?;
    // 5: there was nothing to unset.
    match output.ok() || output.code == Some(5) {
        true => Ok(()),
        false => Err(not_configured(&format!("cannot set {key}"), &output)),
    }
}

impl Settings<'_> {
    /// The command of the editor that git would open, which may have arguments.
    ///
    /// # Errors
    /// When git cannot be started, or has no editor.
    pub fn editor(&self) -> Result<String> {
        let output = self.pm.store.repo().git().run(&["var", "GIT_EDITOR"])?;
        if !output.ok() {
            let message = format!("cannot start an editor: {}", output.reason());
            return Err(Error::usage(message)
                .because(Reason::ConfigNoEditor)
                .hint("`git config --global core.editor NAME` sets the editor"));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_string())
    }
}

/// The error for a failed write of git's configuration.
pub(super) fn not_configured(what: &str, output: &Output) -> Error {
    let hint = output
        .lock_hint()
        .unwrap_or_else(|| "check permissions of the git directory's config file".into());
    Error::state(format!("{what}: {}", output.reason()))
        .because(Reason::ConfigNotWritten)
        .hint(hint)
}

impl Settings<'_> {
    /// Changes a shared setting, which is part of the state. The stricter one of a shared rule and
    /// a clone's own applies.
    ///
    /// # Errors
    /// When it cannot be shared, the value is not valid, or the state cannot be written.
    pub fn set_shared(&self, key: &str, value: Option<&str>) -> Result<Setting> {
        let set = self.set_in_state(key, value)?;
        // It is for the other clones.
        match self.pm.sync_mode() {
            // Not before the user has agreed to the first push.
            SyncMode::Claim if first_push::destination(self.pm, false)?.is_some() => {
                self.pm.notice(format!(
                    "{} is set in this clone only until the first claim or `git pm sync`",
                    set.key
                ));
            }
            SyncMode::Claim => sync::try_sync(self.pm),
            SyncMode::Manual if self.pm.main_remote().is_some() => self.pm.notice(format!(
                "{} is set in this clone only until `git pm sync`",
                set.key
            )),
            _ => {}
        }
        Ok(set)
    }

    /// Chooses the prefix of issues where they begin. Where issues have another one, all clones would
    /// change theirs by what is meant for one.
    ///
    /// # Errors
    /// When an issue has another prefix, and as [`Self::set_shared`].
    pub fn choose_issue_prefix(&self, prefix: &str) -> Result<Setting> {
        let key = settings::ISSUE_PREFIX.key;
        let state = self.pm.store.state()?;
        if state.repository.doc.text(repository::ISSUE_PREFIX) == Some(prefix) {
            return self.get(key);
        }
        let own = format!("{prefix}-");
        let is_other = |item: &Item| item.kind == ItemKind::Issue && !item.id.starts_with(&own);
        let other = state.items().into_iter().find(|item| is_other(item));
        if let Some(other) = other.map(|item| item.id.clone()) {
            let what = format!("git pm is already initialized here, with issues such as {other}");
            return Err(Error::refused(what)
                .because(Reason::ConfigPrefixInUse)
                .about(key)
                .hint(Hint::run(
                    ["config", "--shared", key, prefix],
                    "changes the prefix of new issues in all clones",
                )));
        }
        drop(state);
        self.set_shared(key, Some(prefix))
    }

    fn set_in_state(&self, key: &str, value: Option<&str>) -> Result<Setting> {
        let setting = known(key)?;
        let key = setting.key;
        if key == settings::ISSUE_PREFIX.key {
            return set_issue_prefix(self.pm, value);
        }
        if key == settings::NOTIFY_SENDER.key {
            return set_notify_sender(self.pm, value);
        }
        if key == settings::PLAN_TESTS.key {
            return set_plan_tests(self.pm, value);
        }
        let Some(rule) = rules::find(key) else {
            let mut error = Error::usage(format!("{key} cannot be shared"))
                .because(Reason::ConfigLocalOnly)
                .about(key)
                .hint(Hint::run(["config", key, "VALUE"], "sets it in this clone"));
            if let Some((_, part)) = in_file(key) {
                error = error.hint(format!(
                    "{part} in a checked-in {PM_TOML} is for all clones, each of which trusts it once"
                ));
            }
            return Err(error);
        };
        if key != settings::SIGN.key {
            rules::set_shared_rule(self.pm, rule, value)?;
            return self.pm.settings().get(key);
        }
        let required = match value {
            Some("true") => true,
            None | Some("false") => false,
            Some(other) => {
                let shown = crate::model::text::one_line(other);
                return Err(Error::usage(format!("`{shown}` is neither true nor false"))
                    .because(Reason::ConfigInvalidValue)
                    .about(key));
            }
        };
        require_name(&self.pm.actor)?;
        require_human(
            &self.pm.actor,
            "changing whether all clones require signatures",
            "ask a human to run this command",
        )?;
        rules::sign_where_that_holds(self.pm);
        let doubted = unauthorized_changes::is_doubted(self.pm, rule);
        self.pm
            .store
            .require_signatures(&self.pm.writer("config"), required, doubted)?;
        Ok(Setting::of(setting, Some(required.to_string()), "state"))
    }
}

/// Says so if the shared settings cannot be read: then those of this clone are not all.
fn notice_unread(pm: &Pm) {
    let state = pm.store.state();
    let found = state.and_then(|state| state.repository.require_whole());
    if let (Err(error), Ok(Some(_))) = (found, pm.store.tip()) {
        let why = error.message();
        pm.notice(format!("shared settings are not shown: {why}"));
    }
}

/// Sets the prefix of the hash ids of new issues, for `None` to the default. Existing ids do
/// not change.
fn set_issue_prefix(pm: &Pm, value: Option<&str>) -> Result<Setting> {
    if let Some(bad) = value.filter(|text| !is_prefix(text)) {
        let shown = crate::model::text::one_line(bad);
        return Err(Error::usage(format!("`{shown}` is not a valid id prefix"))
            .because(Reason::ConfigInvalidValue)
            .about(settings::ISSUE_PREFIX.key)
            .hint(
                "use 2 to 20 lowercase letters, digits and single dashes, starting with a \
                     letter",
            ));
    }
    require_name(&pm.actor)?;
    let state = pm.store.state()?;
    let shared = &state.repository.doc.regs;
    let is_set = shared.contains_key(repository::ISSUE_PREFIX);
    // An agent that begins the state chooses it, too.
    let begins = pm.actor.is_bound && !is_set && state.items().is_empty();
    drop(state);
    if !begins {
        require_may_share(pm)?;
    }
    let op = if begins { "init" } else { "config" };
    let word = value.unwrap_or(HASH_PREFIX);
    let text = format!("new issues get ids such as {word}-a3f8");
    share(pm, (op, repository::ISSUE_PREFIX), value.into(), &text)?;
    Ok(Setting::of(
        &settings::ISSUE_PREFIX,
        Some(word.to_string()),
        "state",
    ))
}

/// Names the clone that sends news; with `None`, none is named.
fn set_notify_sender(pm: &Pm, value: Option<&str>) -> Result<Setting> {
    if let Some(bad) = value.filter(|text| ReplicaId::new(text).is_none()) {
        let shown = crate::model::text::one_line(bad);
        return Err(Error::usage(format!("`{shown}` is not the id of a clone"))
            .because(Reason::ConfigInvalidValue)
            .about(settings::NOTIFY_SENDER.key)
            .hint(Hint::run(["notify", "list"], "shows the id of this clone")));
    }
    require_may_share(pm)?;
    let (field, text) = (repository::NOTIFY_SENDER, "the clone that sends news");
    share(pm, ("config", field), value.into(), text)?;
    pm.settings().get(settings::NOTIFY_SENDER.key)
}

/// What the state has for a setting that exists only as a shared one; none if it is the default.
fn stored(repository: &Repository, key: &str) -> Option<String> {
    if key == settings::ISSUE_PREFIX.key {
        let prefix = repository.issue_prefix();
        (prefix != settings::ISSUE_PREFIX.default).then(|| prefix.to_string())
    } else if key == settings::PLAN_TESTS.key {
        repository.plan_tests().map(|on| on.to_string())
    } else {
        repository.notify_sender().map(|id| id.to_string())
    }
}

/// Writes a shared setting.
fn share(pm: &Pm, what: (&str, &str), value: Value, text: &str) -> Result<()> {
    let written = pm
        .store
        .set_shared(&pm.writer("config"), what, value, text, false);
    written.map(drop)
}

/// Requires a human with a name, as all shared settings do.
fn require_may_share(pm: &Pm) -> Result<()> {
    require_name(&pm.actor)?;
    require_human(
        &pm.actor,
        "changing a shared setting",
        "ask a human to run this command",
    )
}

/// Sets whether plans have test tasks; with `None`, it is the default.
fn set_plan_tests(pm: &Pm, value: Option<&str>) -> Result<Setting> {
    require_valid(&settings::PLAN_TESTS, value)?;
    require_may_share(pm)?;
    let on = value.map(settings::says_on);
    let text = match settings::PLAN_TESTS.is_on(on) {
        true => "plans have test tasks",
        false => "plans have no test tasks",
    };
    share(pm, ("config", repository::PLAN_TESTS), on.into(), text)?;
    pm.settings().get(settings::PLAN_TESTS.key)
}

fn known(key: &str) -> Result<&'static Definition> {
    let full = if key.to_ascii_lowercase().starts_with("pm.") {
        key.to_string()
    } else {
        format!("pm.{key}")
    };
    settings::ALL
        .iter()
        .find(|setting| setting.key.eq_ignore_ascii_case(&full))
        .ok_or_else(|| {
            let shown = crate::model::text::one_line(key);
            Error::not_found(format!("there is no setting `{shown}`"))
                .because(Reason::ConfigUnknownKey)
                .about(shown)
                .hint(Hint::run(["config"], "lists all settings"))
        })
}
