//! How `gemini` is started.
//!
//! Its home is the user's, with the login, and the sessions of each worktree have their own folder
//! there. Only for another server (`GOOGLE_GEMINI_BASE_URL`), which needs a key and no login, does it
//! get a private home: it refuses to start until the settings there name the key.

use std::ffi::OsString;

use super::super::invocation::Invocation;
use super::super::mcp_server::{self, McpServer};
use super::super::private_files::Private;
use super::Start;
use crate::error::Result;

/// Settings for a home without a login. The shells do not get the key.
const SETTINGS: &str = r#"{"security":{"auth":{"selectedType":"gemini-api-key"},"environmentVariableRedaction":{"enabled":true}}}"#;

pub(super) fn start(to: &Invocation, start: &mut Start) -> Result<OsString> {
    start.args([
        "-o",
        "stream-json",
        "--skip-trust",
        "--approval-mode",
        "yolo",
    ]);
    if let Some(model) = to.model()? {
        start.args(["-m", model]);
    }
    if let Some(session) = to.session()? {
        start.args(["--resume", session]);
    }
    surroundings(to, start)?;
    Ok("gemini".into())
}

/// The environment of gemini, however it is started.
pub(super) fn surroundings(to: &Invocation, start: &mut Start) -> Result<()> {
    // If it relaunches itself as a child, it does not exit on SIGTERM.
    start.set("GEMINI_CLI_NO_RELAUNCH", "true");
    // Settings that the user's own go before.
    const DEFAULTS: &str = "GEMINI_CLI_SYSTEM_DEFAULTS_PATH";
    if !to.mcp.is_empty() && to.var(DEFAULTS).is_none() {
        let settings = mcp_server::file(&to.mcp, McpServer::gemini);
        let file = Private(&to.private).file("gemini", "defaults.json", &settings)?;
        start.set(DEFAULTS, file);
    }
    if to.var("GOOGLE_GEMINI_BASE_URL").is_some() {
        let private = Private(&to.private);
        private.file("gemini/.gemini", "settings.json", SETTINGS.as_bytes())?;
        start.set("GEMINI_CLI_HOME", private.folder("gemini")?);
    }
    Ok(())
}
