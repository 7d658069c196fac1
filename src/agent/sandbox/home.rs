//! What is visible of the home folder.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::folder;
use crate::agent::headless::With;
use crate::process::Sandbox;

/// Tools and what they have installed, without the files of keys beside them. Read-only, caches as
/// well: the user builds with what they hold.
const TOOLS: &[&str] = &[
    ".asdf",
    ".bun",
    ".cabal",
    ".cargo/bin",
    ".cargo/config",
    ".cargo/config.toml",
    ".cargo/env",
    ".cargo/git",
    ".cargo/registry",
    ".composer/vendor",
    ".config/git/attributes",
    ".config/git/config",
    ".config/git/ignore",
    ".deno",
    ".dotnet",
    ".elan",
    ".fnm",
    ".gem",
    ".ghcup",
    ".gitconfig",
    ".goenv",
    ".gradle/caches",
    ".gradle/wrapper",
    ".hex/packages",
    ".jenv",
    ".juliaup",
    ".local/bin",
    ".local/lib",
    ".local/pipx",
    ".local/share/fnm",
    ".local/share/mise",
    ".local/share/pipx",
    ".local/share/pnpm",
    ".local/share/uv",
    ".local/state/nix",
    ".m2/repository",
    ".mix",
    ".nix-profile",
    ".nuget/packages",
    ".nvm",
    ".opam",
    ".pub-cache",
    ".pyenv",
    ".rbenv",
    ".rustup",
    ".rvm",
    ".sdkman",
    ".stack",
    ".swiftly",
    ".volta",
    "go/bin",
    "go/pkg",
];

/// The home folder of a user.
pub(super) fn of(env: &BTreeMap<String, OsString>) -> Option<PathBuf> {
    folder(env, "HOME")
}

/// The tools in it.
pub(super) fn tools(home: &Path) -> impl Iterator<Item = PathBuf> {
    TOOLS.iter().map(|tool| home.join(tool))
}

/// Opens the login of an agent, and where it keeps its sessions. Its settings stay read-only: they
/// name commands, which would run without a sandbox when the user starts it.
pub(super) fn add_login(
    with: &With,
    env: &BTreeMap<String, OsString>,
    home: &Path,
    to: &mut Sandbox,
) {
    let set = |name: &str, default: &str| folder(env, name).unwrap_or_else(|| home.join(default));
    let known = with.known();
    let (folders, written): (Vec<PathBuf>, &[&str]) = match known.as_ref().unwrap_or(with) {
        With::Claude => (
            vec![
                set("CLAUDE_CONFIG_DIR", ".claude"),
                home.join(".claude.json"),
                home.join(".local/share/claude"),
            ],
            &[
                "debug",
                "file-history",
                "plans",
                "projects",
                "session-env",
                "shell-snapshots",
                "statsig",
                "tasks",
                "todos",
            ],
        ),
        With::Codex => (
            vec![set("CODEX_HOME", ".codex")],
            &["log", "sessions", "shell_snapshots", "tmp"],
        ),
        With::Gemini => (
            vec![set("GEMINI_CLI_HOME", "").join(".gemini")],
            &["history", "tmp"],
        ),
        With::Opencode => (
            vec![
                set("XDG_CONFIG_HOME", ".config").join("opencode"),
                set("XDG_DATA_HOME", ".local/share").join("opencode"),
            ],
            &["log", "snapshot", "storage"],
        ),
        With::Aider => (
            vec![home.join(".aider"), home.join(".aider.conf.yml")],
            &["caches"],
        ),
        With::Script(_) | With::Command(_) | With::Acp(_) | With::Model(_) => (Vec::new(), &[]),
    };
    for folder in folders {
        to.write
            .extend(written.iter().map(|name| folder.join(name)));
        to.read.push(folder);
    }
}
