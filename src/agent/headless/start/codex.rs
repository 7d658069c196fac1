//! How `codex exec` is started.
//!
//! Resuming takes other options than starting, so all are passed as configuration, which both accept.
//!
//! Its sandbox makes git's directories read-only. The parts that git pm and a commit in a linked
//! worktree write are made writable; hooks and configuration of the repository stay read-only,
//! because git runs their commands outside the sandbox.

use std::ffi::OsString;

use super::super::invocation::Invocation;
use super::super::keys::is_key;
use super::super::private_files::Private;
use super::{Start, utf8};
use crate::error::Result;

pub(super) fn start(to: &Invocation, start: &mut Start) -> Result<OsString> {
    surroundings(to, start)?;
    let log = Private(&to.private).folder("codex/log")?;

    start.arg("exec");
    let session = to.session()?;
    if session.is_some() {
        start.arg("resume");
    }
    start.arg("--json");
    if let Some(model) = to.model()? {
        start.args(["-m", model]);
    }
    start.configure("log_dir", utf8(&log)?.into());
    // A login shell would replace PATH, and with it git pm and the project's tools.
    start.configure("allow_login_shell", false.into());
    // The shells get no keys, except those that the user intends for them.
    let kept = |name: &&String| is_key(name) && !to.keys.contains(name);
    let keys: toml_edit::Value = start.env.keys().filter(kept).collect();
    start.configure("shell_environment_policy.exclude", keys);
    if to.sandboxed {
        start.configure("sandbox_mode", "danger-full-access".into());
    } else {
        start.configure("sandbox_mode", "workspace-write".into());
        let mut roots = toml_edit::Array::new();
        for folder in to.git_folders() {
            roots.push(utf8(&folder)?);
        }
        start.configure("sandbox_workspace_write.writable_roots", roots.into());
        start.configure("sandbox_workspace_write.network_access", to.network.into());
    }
    for server in &to.mcp {
        start.configure(&format!("mcp_servers.{}", server.name), server.codex());
    }
    if let Some(session) = session {
        start.arg(session);
    }
    start.arg("-");
    Ok("codex".into())
}

/// The environment of codex, however it is started.
pub(super) fn surroundings(to: &Invocation, start: &mut Start) -> Result<()> {
    // Each session is a file beside the login; the databases about them would be shared.
    let databases = Private(&to.private).folder("codex/sqlite")?;
    start.set("CODEX_SQLITE_HOME", databases);
    Ok(())
}

impl Start {
    /// A setting of codex as an argument.
    fn configure(&mut self, key: &str, value: toml_edit::Value) {
        self.args(["-c", &format!("{key}={}", value.to_string().trim())]);
    }
}
