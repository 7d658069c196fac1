//! Whether the user is logged in to an agent.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::limits;
use super::with::With;

/// True if the agent has its own login, paid for by a subscription (MR-16), judged by its files in
/// the home directory that `env` names. False if the login is only in a system keychain.
pub fn is_logged_in(with: &With, env: &BTreeMap<String, OsString>) -> bool {
    let var = |name: &str| env.get(name).filter(|value| !value.is_empty());
    let Some(home) = var("HOME")
        .or_else(|| var("USERPROFILE"))
        .map(PathBuf::from)
    else {
        return false;
    };
    let folder = |name: &str, default: &str| match var(name) {
        Some(folder) => PathBuf::from(folder),
        None => home.join(default),
    };
    match with {
        With::Claude => {
            let config = folder("CLAUDE_CONFIG_DIR", ".claude");
            // If the tokens are in the keychain, this file contains the account.
            let account = match var("CLAUDE_CONFIG_DIR") {
                Some(_) => config.join(".claude.json"),
                None => home.join(".claude.json"),
            };
            contains(&config.join(".credentials.json"), "\"claudeAiOauth\"")
                || contains(&account, "\"oauthAccount\"")
        }
        With::Codex => contains(
            &folder("CODEX_HOME", ".codex").join("auth.json"),
            "\"refresh_token\"",
        ),
        With::Gemini => {
            let home = folder("GEMINI_CLI_HOME", "");
            contains(&home.join(".gemini/oauth_creds.json"), "\"refresh_token\"")
        }
        With::Acp(_) => with.known().is_some_and(|known| is_logged_in(&known, env)),
        With::Script(_)
        | With::Opencode
        | With::Aider
        | With::Command(_)
        | With::Model(_)
        | With::Replay(_) => false,
    }
}

fn contains(file: &Path, text: &str) -> bool {
    let mut bytes = Vec::new();
    let read =
        File::open(file).and_then(|file| file.take(limits::LOGIN_FILE_MAX).read_to_end(&mut bytes));
    read.is_ok()
        && bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
}
