//! The tools that are always offered. Their descriptions are short, because every client has them
//! in its context all the time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::resources;
use super::super::session::Session;
use super::super::tool::{Effect, Shown, Tool};
use super::super::views::Line;
use super::Nothing;
use crate::error::Result;

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::shown(
            "prime",
            Effect::Reads,
            "Your work, messages and rules now; call it first",
            prime,
        ),
        Tool::shown(
            "ready",
            Effect::Reads,
            "Items that can be started now, best first",
            ready,
        ),
    ]
}

#[derive(Serialize)]
struct Briefing {
    text: String,
}

impl Shown for Briefing {
    fn text(&self) -> String {
        self.text.clone()
    }
}

fn prime(session: &Session, _: Nothing) -> Result<Briefing> {
    let text = resources::briefing(session)?;
    Ok(Briefing { text })
}

/// The number of ready items that are listed by default.
const READY: usize = 10;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReadyInput {
    /// Default 10
    #[serde(default, deserialize_with = "super::all_for_zero")]
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Ready {
    items: Vec<Line>,
    /// The reason why nothing is ready.
    idle: Option<String>,
    hints: Option<Vec<String>>,
}

impl Shown for Ready {
    fn text(&self) -> String {
        if let Some(idle) = &self.idle {
            return format!("nothing is ready: {idle}");
        }
        let lines: Vec<String> = self.items.iter().map(Line::text).collect();
        lines.join("\n")
    }
}

fn ready(session: &Session, input: ReadyInput) -> Result<Ready> {
    let pm = session.pm()?;
    let items = pm.tasks().ready(Some(input.limit.unwrap_or(READY)))?;
    let mut ready = Ready {
        items: items.iter().map(Line::of).collect(),
        idle: None,
        hints: None,
    };
    if items.is_empty() {
        let idle = pm.insights().idle()?;
        ready.idle = Some(idle.why);
        ready.hints = Some(idle.hints.iter().map(ToString::to_string).collect());
    }
    Ok(ready)
}
