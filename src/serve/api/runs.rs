//! Agent runs and their logs.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::request::Call;
use super::super::route::{Parameter, Route, get, number, post, text};
use crate::error::{Error, Reason, Result};
use crate::run::{LogLine, LogOptions, RunView, Verb};
use crate::serve::limits;

const LOGS: &[Parameter] = &[
    text("item", "Only lines of this item"),
    number(
        "last",
        "The number of lines, from the end; 1000 by default, up to 10000",
    ),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/runs", "Runs").list(|call| call.pm()?.runs().list()),
        get("/api/v1/runs/{id}", "A run")
            .one(|call| call.pm()?.runs().status(Some(call.part("id")))),
        get("/api/v1/runs/{id}/logs", "The last lines of a run's logs")
            .with(LOGS)
            .list(logs),
        post(
            "/api/v1/runs/{id}/{verb}",
            "Ask a run, or one of its tasks, to pause, resume, skip, retry or stop",
        )
        .takes::<AskBody>()
        .one(ask),
    ]
}

fn logs(call: &Call) -> Result<Vec<LogLine>> {
    let last = call
        .number("last", limits::LOG_LINES_MAX)?
        .unwrap_or(limits::LOG_LINES_DEFAULT);
    let item = call.parameter("item");
    let options = LogOptions {
        of: Some(call.part("id").to_string()),
        last: item.is_none().then_some(last),
    };
    let mut lines = std::collections::VecDeque::new();
    let mut each = |line: LogLine| {
        if item.is_none_or(|item| line.task == item) {
            lines.push_back(line);
            if lines.len() > last {
                lines.pop_front();
            }
        }
    };
    call.pm()?.runs().logs(&options, &mut each, None)?;
    Ok(lines.into())
}

/// A request to a run.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AskBody {
    /// One of its tasks; the whole run if none.
    item: Option<String>,
    /// A note for the agent that continues.
    note: Option<String>,
}

fn ask(call: &Call) -> Result<RunView> {
    let Some(verb) = Verb::parse(call.part("verb")) else {
        return Err(Error::not_found("unknown request to a run")
            .because(Reason::HttpNoRoute)
            .hint("use pause, resume, skip, retry or stop"));
    };
    let body: AskBody = call.json()?;
    let runs = call.pm()?.runs();
    let (run, item) = (Some(call.part("id")), body.item.as_deref());
    runs.ask(run, verb, item, body.note.as_deref())
}
