//! Settings of git in an agent's environment (`GIT_CONFIG_COUNT`).
//!
//! They apply to every process that it starts. Gemini's shells ignore the user's configuration files,
//! but keep these.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::invocation::Invocation;
use super::limits;

/// Prefixes of settings that would misdirect git in the worktree: to another repository, past the
/// hooks of git pm, or to a remote with the caller's credentials.
const ASTRAY: [&str; 6] = [
    "core.worktree",
    "core.bare",
    "core.hookspath",
    "core.editor",
    "credential.",
    "http.",
];

/// Adds the caller's settings and git pm's own to an environment.
pub(super) fn add(to: &Invocation, env: &mut BTreeMap<String, OsString>) {
    let number = |value: &OsString| value.to_str()?.parse::<usize>().ok();
    let count = to.var("GIT_CONFIG_COUNT").and_then(number).unwrap_or(0);
    let mut settings: Vec<(OsString, OsString)> = Vec::new();
    for n in 0..count.min(limits::GIT_SETTINGS_MAX) {
        let key = to.env.get(&format!("GIT_CONFIG_KEY_{n}"));
        let value = to.env.get(&format!("GIT_CONFIG_VALUE_{n}"));
        let (Some(key), Some(value)) = (key, value) else {
            continue;
        };
        let lower = key.to_string_lossy().to_ascii_lowercase();
        if !ASTRAY.iter().any(|start| lower.starts_with(start)) {
            settings.push((key.clone(), value.clone()));
        }
    }
    let mut set = |key: &str, value: &str| settings.push((key.into(), value.into()));
    if let Some(identity) = &to.identity {
        set("user.name", &identity.name);
        set("user.email", &identity.email);
    }
    // Several agents share the objects; packing them slows the others, or is not permitted.
    set("maintenance.auto", "false");
    set("gc.auto", "0");
    env.insert("GIT_CONFIG_COUNT".into(), settings.len().to_string().into());
    for (n, (key, value)) in settings.into_iter().enumerate() {
        env.insert(format!("GIT_CONFIG_KEY_{n}"), key);
        env.insert(format!("GIT_CONFIG_VALUE_{n}"), value);
    }
}
