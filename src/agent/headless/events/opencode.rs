//! The output of `opencode run --format json`.
//!
//! There is no terminal event: a successful run ends after a `step_finish` with the reason `stop`.
//! Tokens and cost are those of one step. A truncated stream is a step with the reason `unknown`,
//! after which it retries indefinitely.

use super::super::json::Fields;
use super::super::report::{Class, Usage, Wait};
use super::super::tally::Tally;
use super::{Events, detail, event};
use crate::agent::headless::failure::{Failure, duration};

#[derive(Debug)]
pub(super) struct Opencode;

impl Events for Opencode {
    fn line(&mut self, line: &[u8], tally: &mut Tally) {
        let Some(event) = event(line, tally) else {
            return;
        };
        tally.session(event["sessionID"].text());
        let part = &event["part"];
        match event["type"].text() {
            "step_start" => tally.outcome = None,
            "text" => tally.message(part["text"].text()),
            "tool_use" => {
                let state = &part["state"];
                let (name, detail) = (part["tool"].text(), detail(&state["input"]));
                let failed = state["status"].text() == "error"
                    || state["metadata"]["exit"]
                        .count()
                        .is_some_and(|code| code != 0);
                // A tool call is reported once, when it is done.
                tally.tool_done("", name, detail, !failed);
                if state["status"].text() == "error" {
                    let error = state["error"].text();
                    let lower = error.to_ascii_lowercase();
                    if lower.contains("rejected permission") || lower.contains("prevents you") {
                        tally.refused(name);
                    }
                    tally.noise(error);
                }
            }
            "step_finish" => {
                let tokens = &part["tokens"];
                let count = |name: &str| tokens[name].count().unwrap_or(0);
                let cached = tokens["cache"]["read"].count().unwrap_or(0);
                let written = tokens["cache"]["write"].count().unwrap_or(0);
                let step = Usage {
                    input: count("input")
                        .saturating_add(cached)
                        .saturating_add(written),
                    cached,
                    output: count("output").saturating_add(count("reasoning")),
                    // Without a price table, it reports 0.
                    cost: part["cost"].millionths().filter(|cost| *cost > 0),
                };
                tally.usage(tally.usage.plus(step));
                finished(part["reason"].text(), tally);
            }
            "error" => {
                let error = &event["error"];
                let data = &error["data"];
                let message = match data["message"].text() {
                    "" => error["name"].text(),
                    message => message,
                };
                let wait = data["responseHeaders"]["retry-after"].text();
                let failure = Failure::from_message(message, data["statusCode"].count())
                    .or(match error["name"].text() {
                        "ProviderAuthError" => Class::Authentication,
                        _ if data["isRetryable"].is_true() => Class::Transient,
                        _ => Class::Unknown,
                    })
                    .waiting(duration(wait).map(Wait::For));
                tally.failed(failure);
            }
            _ => {}
        }
    }
}

/// The end of a step.
fn finished(reason: &str, tally: &mut Tally) {
    match reason {
        "stop" => tally.done(),
        "tool-calls" => {}
        "length" | "content-filter" => tally.failed(Failure::new(
            Class::Permanent,
            &format!("the model's response ended early: {reason}"),
        )),
        reason => tally.retrying(
            Failure::new(
                Class::Transient,
                &format!("the model's response was truncated ({reason})"),
            ),
            None,
        ),
    }
}
