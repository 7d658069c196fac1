//! The output of `claude -p --output-format stream-json --verbose`, as its documentation describes it.
//!
//! A `result` with the subtype `success` may be an error (`is_error`); refused tools are only listed
//! in it.

use std::time::Duration;

use super::super::json::{Fields, Json};
use super::super::report::{Class, Usage, Wait};
use super::super::tally::Tally;
use super::{Events, detail, event};
use crate::agent::headless::failure::Failure;
use crate::model::text;

#[derive(Debug, Default)]
pub(super) struct Claude {
    /// The message of the last usage, which each event of the message repeats.
    message: String,
    /// The usage of the earlier messages, and of the current one.
    earlier: Usage,
    current: Usage,
}

impl Events for Claude {
    fn line(&mut self, line: &[u8], tally: &mut Tally) {
        let Some(event) = event(line, tally) else {
            return;
        };
        tally.session(event["session_id"].text());
        match event["type"].text() {
            "system" => system(&event, tally),
            "assistant" => self.assistant(&event, tally),
            "user" => {
                for part in event["message"]["content"].list() {
                    if part["type"].text() == "tool_result" {
                        let ok = !part["is_error"].is_true();
                        tally.tool_ended_by_id(part["tool_use_id"].text(), ok);
                    }
                }
            }
            "rate_limit_event" => {
                let info = &event["rate_limit_info"];
                if info["status"].text() == "rejected" {
                    let retry_after = info["resetsAt"].count().map(Wait::Until);
                    tally.error(Failure::new(
                        Class::RateLimited { retry_after },
                        "the subscription's usage limit is reached",
                    ));
                }
            }
            "result" => result(&event, tally),
            _ => {}
        }
    }
}

impl Claude {
    fn assistant(&mut self, event: &Json, tally: &mut Tally) {
        let message = &event["message"];
        let is_main = event["parent_tool_use_id"].is_null();
        tally.outcome = None;
        let error = event["error"].as_str();
        for part in message["content"].list() {
            match part["type"].text() {
                "text" => {
                    let text = part["text"].text();
                    match error {
                        Some(error) => tally.error(failure_of(text, error)),
                        None if is_main => tally.message(text),
                        None => {}
                    }
                }
                "tool_use" => tally.tool_began(
                    part["id"].text(),
                    part["name"].text(),
                    detail(&part["input"]),
                ),
                _ => {}
            }
        }
        if !message["usage"].is_null() {
            let id = text::head(message["id"].text(), 200);
            if id.is_empty() || self.message != id {
                self.message = id.to_string();
                self.earlier = self.earlier.plus(self.current);
            }
            self.current = usage(&message["usage"]);
            tally.usage(self.earlier.plus(self.current));
        }
    }
}

fn system(event: &Json, tally: &mut Tally) {
    if event["subtype"].text() == "init" {
        tally.model(event["model"].text());
    }
    if event["subtype"].text() != "api_retry" {
        return;
    }
    let error = event["error"].text();
    let status = event["error_status"].count();
    let message = match status {
        Some(status) => format!("{error} ({status})"),
        None => error.to_string(),
    };
    let wait = event["retry_delay_ms"].count();
    let wait = wait.map(|ms| Wait::For(Duration::from_millis(ms)));
    let failure = Failure::from_message(&message, status).or(by_word(error));
    tally.retrying(failure, wait);
}

fn result(event: &Json, tally: &mut Tally) {
    for denied in event["permission_denials"].list() {
        tally.refused(denied["tool_name"].text());
    }
    let mut total = tally.usage;
    if !event["usage"].is_null() {
        total = usage(&event["usage"]);
    }
    total.cost = event["total_cost_usd"].millionths();
    tally.usage(total);
    let subtype = event["subtype"].text();
    let said = event["result"].text();
    if subtype == "success" && !event["is_error"].is_true() {
        if tally.message.is_none() {
            tally.message(said);
        }
        return tally.done();
    }
    let listed = event["errors"].list().first().map_or("", Json::text);
    let message = [said, listed, subtype]
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or("it failed");
    tally.failed(match subtype {
        "error_max_turns" => Failure::new(Class::Permanent, "it has used up all of its turns"),
        "error_max_budget_usd" => Failure::new(Class::Permanent, "it has used up its budget"),
        "error_max_structured_output_retries" => Failure::new(Class::Permanent, message),
        // An earlier error may be more precise.
        _ => match (
            Failure::from_message(message, event["api_error_status"].count()),
            &tally.pending,
        ) {
            (told, Some(pending)) if told.class == Class::Unknown => pending.clone(),
            (told, _) => told,
        },
    });
}

fn failure_of(message: &str, error: &str) -> Failure {
    Failure::from_message(message, None).or(by_word(error))
}

/// The failure class of an error code.
fn by_word(error: &str) -> Class {
    match error {
        "authentication_failed" | "oauth_org_not_allowed" => Class::Authentication,
        "billing_error" | "invalid_request" | "model_not_found" | "max_output_tokens" => {
            Class::Permanent
        }
        "rate_limit" => Class::RateLimited { retry_after: None },
        "overloaded" | "server_error" => Class::Transient,
        _ => Class::Unknown,
    }
}

/// Its input count excludes cache reads and writes.
fn usage(usage: &Json) -> Usage {
    let count = |name: &str| usage[name].count().unwrap_or(0);
    let cached = count("cache_read_input_tokens");
    Usage {
        input: count("input_tokens")
            .saturating_add(cached)
            .saturating_add(count("cache_creation_input_tokens")),
        cached,
        output: count("output_tokens"),
        cost: None,
    }
}
