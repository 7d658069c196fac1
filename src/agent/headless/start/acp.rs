//! An agent that speaks the Agent Client Protocol. The prompt is a message of the dialogue.

use std::ffi::OsString;

use super::super::command_template::Template;
use super::super::invocation::Invocation;
use super::super::with::With;
use super::{Start, codex, gemini, opencode, plain};
use crate::error::Result;

pub(super) fn start(
    known: Option<&With>,
    template: &Template,
    to: &Invocation,
    start: &mut Start,
) -> Result<OsString> {
    match known {
        Some(With::Codex) => codex::surroundings(to, start)?,
        Some(With::Gemini) => gemini::surroundings(to, start)?,
        Some(With::Opencode) => opencode::surroundings(to, start)?,
        _ => {}
    }
    start.input.clear();
    plain::command(template, to, start)
}
