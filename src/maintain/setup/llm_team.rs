//! `import llm-team`: what `.llm-team.yml` sets, where it has a place here, and what has none.
//!
//! The file is that of an orchestrator which works on tasks in Markdown files. It may come from anybody: rules
//! are only tightened by it, and no command is taken from it.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use serde_yaml::Value;

use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::rules;
use crate::error::{Error, Reason, Result};
use crate::model::settings::{BRANCH, MERGE_STRATEGY, PROTECTED_PATHS};
use crate::model::text::{excerpt, one_line};
use crate::pm::Pm;
use crate::pm::handles::Settings;
use crate::pm::who_acts::require_human;
use crate::store::beneath;

/// The usual name of the file, at the root of the worktree.
const FILE: &str = ".llm-team.yml";

/// The largest file, in bytes.
const FILE_MAX: u64 = 64 * 1024;

/// The length of a value that is named, in characters.
const NAMED: usize = 80;

/// What has no place here, and why. A name that ends with a dot stands for all below it.
#[rustfmt::skip]
const NO_PLACE: [(&str, &str); 7] = [
    ("project.name", "a project has no name but that of its repository"),
    ("workflow.dry_run", "commands take `--dry-run`, such as `git pm run --dry-run`"),
    ("roles.", "`git pm route show` shows which agent has which role"),
    ("tasks.dir", "tasks are in refs/pm/main; `git pm import` and `export` read and write files"),
    ("tasks.states", "states are fixed: queued, in_progress, in_review, ready_for_integration, done, blocked, deferred, cancelled"),
    ("checks.require_tests", "`git pm review` always reports code that changes without a test"),
    ("checks.coverage_min", "a gate in `.pm.toml` that fails below it has the same effect"),
];

/// What became of the settings of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportedSettings {
    /// The file.
    pub file: String,
    /// True if nothing was written.
    pub dry_run: bool,
    /// The settings, in the order of the file.
    pub settings: Vec<ImportedSetting>,
}

/// What became of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportedSetting {
    /// Its name in the file.
    pub from: String,
    /// The setting here; none if it has no place.
    pub to: Option<String>,
    /// Its value here, or in the file.
    pub value: String,
    /// Where it counts, or why it has no place.
    pub note: String,
}

impl Settings<'_> {
    /// Takes over what `.llm-team.yml`, or another file of that form, sets.
    ///
    /// # Errors
    /// When there is no such file, it is not valid YAML, or an agent asks for more than a dry run.
    pub fn import_llm_team(&self, file: Option<&Path>, dry_run: bool) -> Result<ImportedSettings> {
        let pm = self.pm;
        if !dry_run {
            let next = "`git pm import llm-team --dry-run` shows what would be set";
            require_human(&pm.actor, "changing settings", next)?;
        }
        let top = pm.store.repo().workdir().unwrap_or(Path::new(""));
        let path = file.map_or_else(|| top.join(FILE), |file| pm.store.env().cwd.join(file));
        let mut settings = Vec::new();
        for (name, value) in named_values(&path)? {
            let (to, value, note) = match target(pm, &name, &value) {
                Ok((key, value, true)) => (Some(key), value, "in all clones".to_string()),
                Ok((key, value, false)) => (Some(key), value, "in this clone".to_string()),
                Err(reason) => (None, excerpt(&shown(&value), NAMED), reason),
            };
            settings.push(ImportedSetting {
                from: excerpt(&name, NAMED),
                to: to.map(str::to_string),
                value,
                note,
            });
        }
        for one in settings.iter().filter(|_| !dry_run) {
            match one.to.as_deref() {
                Some(key) if key == PROTECTED_PATHS.key => {
                    _ = self.set_shared(key, Some(&one.value))?
                }
                Some(key) => _ = self.set(key, Some(&one.value))?,
                None => {}
            }
        }
        Ok(ImportedSettings {
            file: one_line(&path.display().to_string()),
            dry_run,
            settings,
        })
    }
}

/// The settings of a file by their names, such as `workflow.branch_prefix`, in order.
fn named_values(path: &Path) -> Result<Vec<(String, Value)>> {
    let broken = |why: String| {
        let file = path.display();
        Error::usage(format!("{file} cannot be read: {}", one_line(&why)))
            .because(Reason::ConfigInvalidFile)
            .about(file.to_string())
            .hint("`git pm import llm-team FILE` names another file")
    };
    let bytes = beneath::plain(path, FILE_MAX);
    let bytes = bytes.ok_or_else(|| broken(format!("no such file of at most {FILE_MAX} bytes")))?;
    let text = String::from_utf8(bytes).map_err(|error| broken(error.to_string()))?;
    // The error says the line and the column.
    let all: Value = serde_yaml::from_str(&text).map_err(|error| broken(error.to_string()))?;
    let Value::Mapping(sections) = all else {
        return Err(broken("it is not a mapping of names".into()));
    };
    let mut found = Vec::new();
    for (section, fields) in sections {
        let section = shown(&section);
        match fields {
            Value::Mapping(fields) => {
                let fields = fields.into_iter();
                found.extend(
                    fields.map(|(name, value)| (format!("{section}.{}", shown(&name)), value)),
                );
            }
            value => found.push((section, value)),
        }
    }
    Ok(found)
}

/// The setting here, its value, and whether it is shared; else why there is none.
fn target(pm: &Pm, name: &str, value: &Value) -> Result<(&'static str, String, bool), String> {
    match (name, value) {
        ("project.protected_paths", Value::Sequence(paths)) => {
            let is_one = |path: &Value| {
                let path = path.as_str().unwrap_or(" ");
                !path.contains(char::is_whitespace) && Pattern::parse(path, "").is_ok()
            };
            if paths.is_empty() || !paths.iter().all(is_one) {
                return Err("it is not a list of paths or patterns without spaces".into());
            }
            // What the project protects already stays protected.
            let rule = rules::find(PROTECTED_PATHS.key);
            let shared = rule
                .and_then(|rule| rules::shared_value(pm, rule))
                .unwrap_or_default();
            let mut all: Vec<&str> = shared.split_whitespace().collect();
            for path in paths.iter().filter_map(Value::as_str) {
                if !all.contains(&path) {
                    all.push(path);
                }
            }
            Ok((PROTECTED_PATHS.key, all.join(" "), true))
        }
        ("workflow.branch_prefix", Value::String(prefix)) => {
            let branch = format!("refs/heads/{prefix}T-1");
            let checked = pm.store.repo().git().run(&["check-ref-format", &branch]);
            match checked.is_ok_and(|output| output.ok()) && !prefix.contains(['{', '}']) {
                true => Ok((BRANCH.key, format!("{prefix}{{id}}-{{slug}}"), false)),
                false => Err("no branch can begin with it".into()),
            }
        }
        ("workflow.merge_strategy", Value::String(how)) => match MERGE_STRATEGY.rejects(how) {
            None => Ok((MERGE_STRATEGY.key, how.clone(), false)),
            Some(expected) => Err(format!("it is not {expected}")),
        },
        _ => {
            let is_it = |(known, _): &&(&str, &str)| {
                *known == name || known.ends_with('.') && name.starts_with(known)
            };
            let why = NO_PLACE.iter().find(is_it).map(|(_, why)| why.to_string());
            Err(why.unwrap_or_else(|| "git pm knows no such setting".into()))
        }
    }
}

/// A value on one line.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => one_line(text),
        other => one_line(&serde_json::to_string(other).unwrap_or_default()),
    }
}
