//! The output of scripts and other command lines: the exit code counts, and the output is text.
//!
//! A line may be a JSON object with the information that other agents report:
//!
//! ```json
//! {"type":"session","id":"s1"}
//! {"type":"usage","input_tokens":1000,"cached_input_tokens":200,"output_tokens":50,"cost_usd":0.01}
//! {"type":"error","class":"rate_limited","retry_after":30,"message":"too many requests"}
//! ```
//!
//! Usages are added up. An error (`transient`, `rate_limited`, `authentication`, `permanent`)
//! counts if the exit code is not 0; exit code 75 alone means `transient`.

use std::time::Duration;

use super::super::clean_text;
use super::super::json::{Fields, Json};
use super::super::report::{Class, Update, Usage, Wait};
use super::super::tally::Tally;
use super::{Events, tokens};
use crate::agent::headless::failure::Failure;
use crate::agent::headless::limits;
use crate::model::text;

/// `EX_TEMPFAIL` of sysexits.h.
const TEMPORARY: i32 = 75;

#[derive(Debug, Default)]
pub(super) struct Plain {
    /// The end of the output.
    output: String,
    failure: Option<Failure>,
}

impl Events for Plain {
    fn line(&mut self, line: &[u8], tally: &mut Tally) {
        let line = line.trim_ascii_end();
        if line.starts_with(b"{")
            && let Some(event) = Json::object(line)
            && self.event(&event, tally)
        {
            return;
        }
        let line = String::from_utf8_lossy(&line[..line.len().min(limits::MESSAGE_MAX)]);
        let line = clean_text::message(&line);
        if line.trim().is_empty() {
            return;
        }
        tally.noise(&line);
        self.output.push_str(&line);
        self.output.push('\n');
        if self.output.len() > limits::MESSAGE_MAX {
            self.output = text::tail(&self.output, limits::MESSAGE_MAX / 2).to_string();
        }
        // All that a program prints is one answer.
        tally.messages = tally.messages.max(1);
        tally.push(Update::Message(line));
    }

    fn end(&mut self, tally: &mut Tally) {
        let output = self.output.trim_end();
        tally.message = (!output.is_empty()).then(|| output.to_string());
        tally.pending = self.failure.take();
    }

    fn has_terminal(&self) -> bool {
        false
    }

    fn exit_class(&self, code: i32) -> Option<Class> {
        Some(match code {
            TEMPORARY => Class::Transient,
            // The shell did not find the command, or could not execute it.
            126 | 127 => Class::Permanent,
            _ => Class::Unknown,
        })
    }
}

impl Plain {
    /// Reads an event; false if it is not a known one.
    fn event(&mut self, event: &Json, tally: &mut Tally) -> bool {
        match event["type"].text() {
            "session" => tally.session(event["id"].text()),
            "usage" => {
                let names = ["input_tokens", "cached_input_tokens", "output_tokens"];
                tally.usage(tally.usage.plus(Usage {
                    cost: event["cost_usd"].millionths(),
                    ..tokens(event, names)
                }));
            }
            "error" => {
                let retry_after = event["retry_after"].count();
                let retry_after = retry_after.map(|s| Wait::For(Duration::from_secs(s)));
                let class = match event["class"].text() {
                    "transient" => Class::Transient,
                    "rate_limited" => Class::RateLimited { retry_after },
                    "authentication" => Class::Authentication,
                    "permanent" => Class::Permanent,
                    _ => Class::Unknown,
                };
                let failure = Failure::new(class, event["message"].text());
                tally.error(failure.clone());
                self.failure = Some(failure);
            }
            _ => return false,
        }
        true
    }
}
