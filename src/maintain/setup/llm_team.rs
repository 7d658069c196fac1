//! `import llm-team`: what `.llm-team.yml` sets, where it has a place here, and what has none.
//!
//! The file is that of an orchestrator which works on tasks in Markdown files. It may come from anybody: rules
//! are only tightened by it, and no command is taken from it.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;
use serde_yaml::Value;

use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::rules;
use crate::error::{Error, Reason, Result};
use crate::model::id::ItemKind;
use crate::model::settings::{BRANCH, Definition, MERGE_STRATEGY, PROTECTED_PATHS};
use crate::model::status::Status;
use crate::model::text::{excerpt, one_line};
use crate::pm::Pm;
use crate::pm::handles::Settings;
use crate::pm::who_acts::require_human;
use crate::store::beneath;

/// The usual names of the file, at the root of the worktree.
const FILES: [&str; 2] = [".llm-team.yml", ".llm-team.yaml"];

/// The largest file, in bytes.
const FILE_MAX: u64 = 64 * 1024;

/// The length of a value that is named, in characters.
const NAMED: usize = 80;

/// What has no place here, and why. A name that ends with a dot stands for all below it.
const NO_PLACE: [(&str, &str); 7] = [
    (
        "project.name",
        "a project has no name but that of its repository",
    ),
    (
        "workflow.dry_run",
        "commands take `--dry-run`, such as `git pm run --dry-run`",
    ),
    (
        "roles.",
        "`git pm route show` shows which agent has which role",
    ),
    (
        "tasks.dir",
        "tasks are in refs/pm/main; `git pm import` and `export` read and write files",
    ),
    (
        "checks.require_tests",
        "`git pm review` always reports code that changes without a test",
    ),
    (
        "checks.coverage_min",
        "a gate in `.pm.toml` that fails below it has the same effect",
    ),
    ("", "git pm knows no such setting"),
];

/// What became of the settings of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportedSettings {
    /// The file.
    pub file: String,
    /// True if nothing was written.
    pub dry_run: bool,
    /// What has a place here.
    pub moved: Vec<MovedSetting>,
    /// What has none.
    pub left: Vec<LeftSetting>,
}

/// A setting of the file that has a place here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MovedSetting {
    /// Its name in the file.
    pub from: String,
    /// The setting here.
    pub to: String,
    /// True if it is in the state, for all clones; else it is that of this clone.
    pub shared: bool,
    /// Its value here.
    pub value: String,
}

/// A setting of the file that has no place here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LeftSetting {
    /// Its name in the file.
    pub from: String,
    /// Its value there.
    pub value: String,
    /// Why it has none.
    pub reason: String,
}

impl Settings<'_> {
    /// Takes over what `.llm-team.yml`, or another file of that form, sets.
    ///
    /// # Errors
    /// When there is no such file, it is not valid YAML, or an agent asks for more than a dry run.
    pub fn import_llm_team(&self, file: Option<&Path>, dry_run: bool) -> Result<ImportedSettings> {
        let pm = self.pm;
        if !dry_run {
            require_human(
                &pm.actor,
                "changing settings",
                "`--dry-run` shows what would be set",
            )?;
        }
        let path = place(pm, file)?;
        let mut report = ImportedSettings {
            file: one_line(&path.display().to_string()),
            dry_run,
            moved: Vec::new(),
            left: Vec::new(),
        };
        for (name, value) in named_values(&path)? {
            match target(pm, &name, &value) {
                Ok((setting, value, shared)) => report.moved.push(MovedSetting {
                    from: one_line(&name),
                    to: setting.key.to_string(),
                    shared,
                    value,
                }),
                Err(reason) => report.left.push(LeftSetting {
                    from: excerpt(&name, NAMED),
                    value: excerpt(&shown(&value), NAMED),
                    reason,
                }),
            }
        }
        for one in report.moved.iter().filter(|_| !dry_run) {
            match one.shared {
                true => self.set_shared(&one.to, Some(&one.value))?,
                false => self.set(&one.to, Some(&one.value))?,
            };
        }
        Ok(report)
    }
}

fn place(pm: &Pm, file: Option<&Path>) -> Result<PathBuf> {
    if let Some(file) = file {
        return Ok(pm.store.env().cwd.join(file));
    }
    let top = pm.store.repo().workdir().unwrap_or(Path::new(""));
    let mut found = FILES
        .iter()
        .map(|name| top.join(name))
        .filter(|path| path.exists());
    found.next().ok_or_else(|| {
        Error::not_found(format!("there is no {} in this worktree", FILES[0]))
            .hint("`git pm import llm-team FILE` names another file")
    })
}

/// The settings of a file by their names, such as `workflow.branch_prefix`, in order.
fn named_values(path: &Path) -> Result<Vec<(String, Value)>> {
    let broken = |why: String| {
        let file = path.display();
        Error::usage(format!("{file} cannot be read: {}", one_line(&why)))
            .because(Reason::ConfigInvalidFile)
            .about(file.to_string())
    };
    let bytes = beneath::plain(path, FILE_MAX)
        .ok_or_else(|| broken(format!("it is not a file of at most {FILE_MAX} bytes")))?;
    let text = String::from_utf8(bytes).map_err(|error| broken(error.to_string()))?;
    // The error says the line and the column.
    let all: Value = serde_yaml::from_str(&text).map_err(|error| broken(error.to_string()))?;
    let Value::Mapping(sections) = all else {
        return Err(broken(
            "it has no settings: a mapping of names is expected".into(),
        ));
    };
    let mut found = Vec::new();
    for (section, fields) in sections {
        let section = shown(&section);
        match fields {
            Value::Mapping(fields) => {
                found.extend(
                    fields
                        .into_iter()
                        .map(|(name, value)| (format!("{section}.{}", shown(&name)), value)),
                );
            }
            value => found.push((section, value)),
        }
    }
    Ok(found)
}

/// The setting here, its value, and whether it is shared; else why there is none.
fn target(
    pm: &Pm,
    name: &str,
    value: &Value,
) -> Result<(&'static Definition, String, bool), String> {
    match (name, value) {
        ("project.protected_paths", Value::Sequence(paths)) => {
            let paths: Option<Vec<&str>> = paths.iter().map(Value::as_str).collect();
            let is_one = |path: &&str| {
                !path.contains(char::is_whitespace) && Pattern::parse(path, "").is_ok()
            };
            let paths = paths.filter(|paths| !paths.is_empty() && paths.iter().all(is_one));
            let paths = paths.ok_or("it is not a list of paths or patterns without spaces")?;
            // What the project protects already stays protected.
            let rule = rules::find(PROTECTED_PATHS.key);
            let shared = rule
                .and_then(|rule| rules::shared_value(pm, rule))
                .unwrap_or_default();
            let mut all: Vec<&str> = shared.split_whitespace().collect();
            all.extend(
                paths
                    .iter()
                    .filter(|path| !shared.split_whitespace().any(|one| one == **path)),
            );
            Ok((&PROTECTED_PATHS, all.join(" "), true))
        }
        ("workflow.branch_prefix", Value::String(prefix)) => {
            let branch = format!("refs/heads/{prefix}T-1");
            let checked = pm.store.repo().git().run(&["check-ref-format", &branch]);
            match checked.is_ok_and(|output| output.ok()) && !prefix.contains(['{', '}']) {
                true => Ok((&BRANCH, format!("{prefix}{{id}}-{{slug}}"), false)),
                false => Err("no branch can begin with it".into()),
            }
        }
        ("workflow.merge_strategy", Value::String(how)) => match MERGE_STRATEGY.rejects(how) {
            None => Ok((&MERGE_STRATEGY, how.clone(), false)),
            Some(expected) => Err(format!("it is not {expected}")),
        },
        ("tasks.states", Value::Sequence(states)) => {
            let states = states.iter().map(shown);
            let unknown = states.filter(|state| Status::parse(ItemKind::Task, state).is_none());
            let unknown = unknown
                .map(|state| excerpt(&state, NAMED))
                .collect::<Vec<_>>();
            Err(match unknown.is_empty() {
                true => "git pm has these states".into(),
                false => format!(
                    "the states of tasks are fixed; it has no {}",
                    unknown.join(", ")
                ),
            })
        }
        _ => {
            let is_it = |known: &&(&str, &str)| {
                known.0 == name
                    || known.0.ends_with('.') && name.starts_with(known.0)
                    || known.0.is_empty()
            };
            Err(NO_PLACE
                .iter()
                .find(is_it)
                .map_or("", |known| known.1)
                .into())
        }
    }
}

/// A value on one line.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default(),
    };
    one_line(&text)
}
