//! The output of `codex exec --json`.
//!
//! A command that its sandbox or the approval policy refuses appears in no event. Errors are free
//! text; `Reconnecting...` announces a retry.

use super::super::json::{Fields, Json};
use super::super::report::Usage;
use super::super::tally::Tally;
use super::{Events, detail, event, tokens};
use crate::agent::headless::failure::Failure;

#[derive(Debug)]
pub(super) struct Codex {
    /// The earlier usage of the session: the events report the total of all its runs.
    before: Usage,
}

impl Codex {
    pub(super) fn new(before: Usage) -> Codex {
        Codex { before }
    }
}

impl Events for Codex {
    fn line(&mut self, line: &[u8], tally: &mut Tally) {
        let Some(event) = event(line, tally) else {
            return;
        };
        let item = &event["item"];
        match event["type"].text() {
            "thread.started" => tally.session(event["thread_id"].text()),
            "item.started" => {
                if let Some((name, detail)) = tool(item) {
                    tally.tool_began(item["id"].text(), &name, &detail);
                }
            }
            "item.completed" => completed(item, tally),
            "turn.started" => tally.outcome = None,
            "turn.completed" => {
                let names = ["input_tokens", "cached_input_tokens", "output_tokens"];
                if !event["usage"].is_null() {
                    tally.usage(tokens(&event["usage"], names).since(self.before));
                }
                tally.done();
            }
            "turn.failed" => {
                let message = event["error"]["message"].text();
                let message = if message.is_empty() {
                    "the turn failed"
                } else {
                    message
                };
                tally.failed(Failure::from_message(message, None));
            }
            "error" => {
                let message = event["message"].text();
                let failure = Failure::from_message(message, None);
                match message.starts_with("Reconnecting") {
                    true => tally.retrying(failure, None),
                    false => tally.error(failure),
                }
            }
            _ => {}
        }
    }
}

fn completed(item: &Json, tally: &mut Tally) {
    match item["type"].text() {
        "agent_message" => tally.message(item["text"].text()),
        // Often only a warning, such as missing metadata for a model.
        "error" => tally.noise(item["message"].text()),
        _ => {
            let Some((name, detail)) = tool(item) else {
                return;
            };
            let failed = item["status"].text() == "failed"
                || !item["error"].is_null()
                || item["exit_code"].count().is_some_and(|code| code != 0);
            tally.tool_done(item["id"].text(), &name, &detail, !failed);
        }
    }
}

/// The name and the target of an item that is a tool call.
fn tool(item: &Json) -> Option<(String, String)> {
    let (name, detail) = match item["type"].text() {
        "command_execution" => ("command".into(), item["command"].text().into()),
        "file_change" => {
            let paths = item["changes"]
                .list()
                .iter()
                .take(8)
                .map(|c| c["path"].text());
            ("edit".into(), paths.collect::<Vec<_>>().join(", "))
        }
        "mcp_tool_call" => (
            format!("{}.{}", item["server"].text(), item["tool"].text()),
            detail(&item["arguments"]).into(),
        ),
        "web_search" => ("search".into(), item["query"].text().into()),
        _ => return None,
    };
    Some((name, detail))
}
