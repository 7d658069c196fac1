//! The output formats of the agents: each file reads one.

mod aider;
mod claude;
mod codex;
mod gemini;
mod opencode;
mod plain;

use super::json::Json;
use super::report::{Class, Usage};
use super::tally::Tally;
use super::with::With;

/// The output format of an agent.
pub(super) trait Events: std::fmt::Debug {
    /// Reads a line of standard output.
    fn line(&mut self, line: &[u8], tally: &mut Tally);

    /// Reads a line of standard error.
    fn error_line(&mut self, _line: &str, _tally: &mut Tally) {}

    /// Reads the end of the output.
    fn end(&mut self, _tally: &mut Tally) {}

    /// True if a run that succeeds has a terminal event.
    fn has_terminal(&self) -> bool {
        true
    }

    /// What an exit code says about the failure, where the agent's codes mean something.
    fn exit_class(&self, _code: i32) -> Option<Class> {
        None
    }
}

/// The format of an agent; `used` is what the resumed session had used before.
pub(super) fn of(with: &With, used: Usage) -> Box<dyn Events + Send> {
    match with {
        With::Claude => Box::new(claude::Claude::default()),
        With::Codex => Box::new(codex::Codex::new(used)),
        With::Gemini => Box::new(gemini::Gemini::default()),
        With::Opencode => Box::new(opencode::Opencode),
        With::Aider => Box::new(aider::Aider::default()),
        With::Script(_) | With::Command(_) => Box::new(plain::Plain::default()),
    }
}

/// The event that a line is. Other lines are noted: those that look like an event are counted.
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

/// What a tool is used on, by the usual names of its arguments.
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
