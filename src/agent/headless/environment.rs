//! Which variables an agent gets in its environment.
//!
//! They are the caller's, without those of an outer agent or git and without keys that it does not
//! need, plus git pm's own.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::invocation::Invocation;
use super::with::With;
use super::{git_settings, keys};
use crate::pm::who_acts::{AGENT_MARKERS, OF_BEADS};
use crate::store::git::process::environment::is_local;

/// Variables that an outer agent, an editor or an outer git sets for its children, and that would
/// mislead a nested agent: it would act as part of the outer one, or prompt a person.
const OUTER: &[&str] = &[
    "AI_AGENT",
    "CLAUDE_CODE_CHILD_SESSION",
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_CODE_SSE_PORT",
    "CLAUDE_ENV_FILE",
    "CLAUDE_PROJECT_DIR",
    "CLICOLOR_FORCE",
    "CURSOR_TRACE_ID",
    "FORCE_COLOR",
    "GEMINI_CLI_NO_RELAUNCH",
    "GIT_ASKPASS",
    "GIT_CONFIG_PARAMETERS",
    "GIT_SEQUENCE_EDITOR",
    "OPENCODE_CLIENT",
    "OPENCODE_DB",
    "OPENCODE_PID",
    "OPENCODE_SERVER_USERNAME",
    "SSH_ASKPASS",
];

/// Name prefixes of such variables.
const OUTER_BEGINNINGS: &[&str] = &[
    "CODEX_",
    "GIT_CONFIG_KEY_",
    "GIT_CONFIG_VALUE_",
    "GIT_PM_",
    "VSCODE_GIT_",
    "VSCODE_IPC_",
];

/// Variables with such a prefix that are user settings.
const SETTINGS: &[&str] = &[
    "CODEX_ACCESS_TOKEN",
    "CODEX_API_KEY",
    "CODEX_CA_CERTIFICATE",
    "CODEX_HOME",
    // The clock of every process of this project.
    "GIT_PM_NOW",
];

/// The environment of an agent before the adapter adds its own variables; complete for the commands
/// of the built-in agent, which get no key.
pub fn of(with: &With, to: &Invocation) -> BTreeMap<String, OsString> {
    let mut env: BTreeMap<String, OsString> = to
        .env
        .iter()
        .filter(|(name, _)| is_kept(with, to, name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    git_settings::add(to, &mut env);
    let mut set = |name: &str, value: &str| env.insert(name.into(), value.into());
    // Nobody can answer a prompt.
    set("GIT_TERMINAL_PROMPT", "0");
    set("GIT_EDITOR", "true");
    set("GIT_PAGER", "cat");
    set("PAGER", "cat");
    set("NO_COLOR", "1");
    let round = to.round.map(|number| number.to_string());
    for (name, value) in [("GIT_PM_ROLE", &to.role), ("GIT_PM_ROUND", &round)] {
        if let Some(value) = value {
            set(name, value);
        }
    }
    for (name, value) in &to.vars {
        set(name, value);
        // Not every agent marks its shells, and git pm must know that the caller is not human.
        if name == "GIT_PM_ACTOR" {
            set("AGENT_NAME", value);
        }
    }
    env
}

fn is_kept(with: &With, to: &Invocation, name: &str) -> bool {
    let is_outer = AGENT_MARKERS.contains(&name)
        || OF_BEADS.contains(&name)
        || OUTER.contains(&name)
        || OUTER_BEGINNINGS.iter().any(|start| name.starts_with(start));
    let is_setting = SETTINGS.contains(&name);
    if (is_outer && !is_setting) || is_local(name) || name == "GIT_CONFIG_COUNT" {
        return false;
    }
    !keys::is_key(name) || keys::passes(with, to, name)
}
