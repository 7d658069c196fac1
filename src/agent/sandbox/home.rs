//! Which parts of the home folder a sandbox shows.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::folder;

/// Tools and their installations, without the key files beside them. Read-only, including caches:
/// the user's own builds use their contents.
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
