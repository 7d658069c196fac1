//! How `claude -p` is started.
//!
//! The user's settings, deny rules and sandbox stay in force: permissions are added, not bypassed.
//! Anything not allowed is denied, because there is no user to prompt.

use std::ffi::OsString;

use super::super::invocation::Invocation;
use super::{Start, utf8};
use crate::error::Result;

/// The tools that it may use without a prompt. Editing outside the worktree still prompts.
const TOOLS: &str = "Bash,Edit,MultiEdit,Write,NotebookEdit,Read,Glob,Grep,LS";

pub(super) fn start(to: &Invocation, start: &mut Start) -> Result<OsString> {
    start.args(["-p", "--output-format", "stream-json", "--verbose"]);
    let mut tools = TOOLS.to_string();
    if let Some(file) = to.mcp_file()? {
        start.args(["--mcp-config", utf8(&file)?]);
        for server in &to.mcp {
            tools.push_str(&format!(",mcp__{}", server.name));
        }
    }
    start.args(["--permission-mode", "acceptEdits", "--allowedTools", &tools]);
    if let Some(model) = to.model()? {
        start.args(["--model", model]);
    }
    if let Some(budget) = to.budget {
        let dollars = format!("{}.{:06}", budget / 1_000_000, budget % 1_000_000);
        start.args(["--max-budget-usd", &dollars]);
    }
    if let Some(session) = to.session()? {
        start.args(["--resume", session]);
    }
    // Concurrent instances would replace each other's program.
    start.set("DISABLE_AUTOUPDATER", "1");
    Ok("claude".into())
}
