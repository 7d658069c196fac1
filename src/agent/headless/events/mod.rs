//! The output formats of the agents, one per file.

mod acp;
mod aider;
mod claude;
mod codex;
mod gemini;
mod opencode;
mod plain;

#[cfg(test)]
pub(super) use acp::refusal as acp_refusal;

use super::command_template::Slot;
use super::invocation::Invocation;
use super::json::{Fields, Json};
use super::report::{Class, Usage};
use super::tally::Tally;
use super::with::With;
use std::time::Duration;

/// The output format of an agent.
pub(super) trait Events: std::fmt::Debug {
    /// Reads a line of standard output.
    fn line(&mut self, line: &[u8], tally: &mut Tally);

    /// Reads a line of standard error.
    fn error_line(&mut self, _line: &str, _tally: &mut Tally) {}

    /// Appends the agent's next input to `next`; false if nothing will follow.
    fn input(&mut self, _next: &mut Vec<u8>) -> bool {
        false
    }

    /// Asks the agent to stop its work; returns its grace period.
    fn cancel(&mut self) -> Option<Duration> {
        None
    }

    /// Reads the end of the output.
    fn end(&mut self, _tally: &mut Tally) {}

    /// True if a successful run has a terminal event.
    fn has_terminal(&self) -> bool {
        true
    }

    /// True if an exit code other than 0 is a failure even after an event of success.
    fn exit_code_counts(&self) -> bool {
        true
    }

    /// The class of the failure that an exit code means, for agents with specific codes.
    fn exit_class(&self, _code: i32) -> Option<Class> {
        None
    }
}

/// The format of an agent.
pub(super) fn of(with: &With, to: &Invocation) -> Box<dyn Events + Send> {
    let used = to.resume.as_ref().map(|session| session.used);
    match with {
        With::Acp(template) => Box::new(acp::Acp::new(to, template.uses(Slot::Model))),
        With::Claude => Box::new(claude::Claude::default()),
        With::Codex => Box::new(codex::Codex::new(used.unwrap_or_default())),
        With::Gemini => Box::new(gemini::Gemini::default()),
        With::Opencode => Box::new(opencode::Opencode),
        With::Aider => Box::new(aider::Aider::default()),
        With::Script(_) | With::Command(_) | With::Model(_) | With::Replay(_) => {
            Box::new(plain::Plain::default())
        }
    }
}

/// The usage in an object: sent tokens, those of them that were cached, and written ones, by their names.
fn tokens(of: &Json, [input, cached, output]: [&str; 3]) -> Usage {
    let count = |name: &str| of[name].count().unwrap_or(0);
    Usage {
        input: count(input),
        cached: count(cached),
        output: count(output),
        cost: None,
    }
}

/// Parses a line as an event. Other lines are noted; those that look like events are counted.
fn event(line: &[u8], tally: &mut Tally) -> Option<Json> {
    let line = line.trim_ascii();
    let event = Json::object(line);
    if event.is_none() && !line.is_empty() {
        match line[0] {
            b'{' => tally.unreadable += 1,
            _ => tally.noise(&String::from_utf8_lossy(&line[..line.len().min(4096)])),
        }
    }
    event
}

/// The target of a tool call, by the usual names of its arguments.
fn detail(arguments: &Json) -> &str {
    const NAMES: [&str; 11] = [
        "command",
        "cmd",
        "file_path",
        "filePath",
        "path",
        "notebook_path",
        "pattern",
        "query",
        "url",
        "description",
        "name",
    ];
    NAMES
        .iter()
        .map(|name| arguments[name].text())
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}
