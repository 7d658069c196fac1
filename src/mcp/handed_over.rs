//! A tool whose call writes the state, for a client in the sandbox of a task.
//!
//! The run makes the call, by a server of its own.

use rmcp::model::{CallToolResult, JsonObject};
use serde_json::{Value, json};

use super::session::Session;
use crate::error::{Error, Result};
use crate::run::hand_over::{self, Request};

/// The result of a tool's call.
pub(super) fn call(session: &Session, tool: &str, arguments: JsonObject) -> Result<CallToolResult> {
    let messages = [
        json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": session.client(), "version": ""},
        }}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": tool,
            "arguments": arguments,
        }}),
    ];
    let json = session.is_json().then_some("--json");
    let words = ["mcp", "--tools", "all"].into_iter().chain(json);
    let request = Request {
        args: words.map(str::to_string).collect(),
        cwd: session.cwd().to_path_buf(),
        input: messages.map(|message| format!("{message}\n")).concat(),
        // Until both answers are there, the server has to go on.
        lines: 2,
    };
    let answer = hand_over::hand_over(session.pm()?, &request)?;
    let mut lines = answer.out.lines();
    let result = lines.find_map(|line| {
        let mut message: Value = serde_json::from_str(line).ok()?;
        (message["id"] == 1).then(|| message["result"].take())
    });
    let result = result.and_then(|result| serde_json::from_value(result).ok());
    result.ok_or_else(|| Error::state(format!("the run did not call `{tool}`: {}", answer.err)))
}
