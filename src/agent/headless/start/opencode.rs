//! `opencode run`. Login and settings are the user's; the database with the sessions is private.

use std::ffi::OsString;

use serde_json::Map;

use super::super::invocation::Invocation;
use super::super::mcp_server::{McpServer, by_name};
use super::super::private_files::Private;
use super::Start;
use crate::error::Result;

pub(super) fn start(to: &Invocation, start: &mut Start) -> Result<OsString> {
    start.args(["run", "--format", "json", "--auto"]);
    if let Some(model) = to.model()? {
        start.args(["-m", model]);
    }
    if let Some(session) = to.session()? {
        start.args(["--session", session]);
    }
    surroundings(to, start)?;
    Ok("opencode".into())
}

/// The environment of opencode, however it is started.
pub(super) fn surroundings(to: &Invocation, start: &mut Start) -> Result<()> {
    let database = Private(&to.private).folder("opencode")?.join("opencode.db");
    start.set("OPENCODE_DB", database);
    // Concurrent instances would replace each other's program.
    start.set("OPENCODE_DISABLE_AUTOUPDATE", "1");
    start.set("OPENCODE_CONFIG_CONTENT", settings(to));
    Ok(())
}

/// The user's settings from the environment, with sharing and updates disabled.
fn settings(to: &Invocation) -> OsString {
    let given = to.var("OPENCODE_CONFIG_CONTENT");
    let mut settings = match given.map(|given| serde_json::from_slice(given.as_encoded_bytes())) {
        Some(Ok(serde_json::Value::Object(settings))) => settings,
        // With comments, which opencode accepts: left unchanged.
        Some(_) => return given.cloned().unwrap_or_default(),
        None => Map::new(),
    };
    if !to.mcp.is_empty() {
        let own = settings.entry("mcp").or_insert_with(|| Map::new().into());
        if let Some(own) = own.as_object_mut() {
            own.extend(by_name(&to.mcp, McpServer::opencode));
        }
    }
    settings.insert("share".into(), "disabled".into());
    settings.insert("autoupdate".into(), false.into());
    serde_json::Value::Object(settings).to_string().into()
}
