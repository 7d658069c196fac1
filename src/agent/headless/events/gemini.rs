//! The output of `gemini -o stream-json`.
//!
//! It exits with code 0 after a truncated stream and after SIGTERM, so only its `result` counts.
//! After an API error, its exit code is the HTTP status modulo 256. Retries are reported only on
//! standard error.

use super::super::clean_text;
use super::super::json::Fields;
use super::super::report::Class;
use super::super::tally::Tally;
use super::{Events, detail, event, tokens};
use crate::agent::headless::failure::{Failure, wait_in};
use crate::model::text;

#[derive(Debug, Default)]
pub(super) struct Gemini {
    /// The message received so far.
    message: String,
    /// The last error before the result.
    error: Option<String>,
}

impl Gemini {
    fn flush(&mut self, tally: &mut Tally) {
        let message = std::mem::take(&mut self.message);
        tally.message(&message);
    }
}

impl Events for Gemini {
    fn line(&mut self, line: &[u8], tally: &mut Tally) {
        let Some(event) = event(line, tally) else {
            return;
        };
        let kind = event["type"].text();
        if kind != "message" {
            self.flush(tally);
        }
        match kind {
            "init" => {
                tally.session(event["session_id"].text());
                tally.model(event["model"].text());
            }
            "message" if event["role"].text() == "assistant" => {
                if !event["delta"].is_true() {
                    self.flush(tally);
                }
                clean_text::append(&mut self.message, event["content"].text());
            }
            "tool_use" => tally.tool_began(
                event["tool_id"].text(),
                event["tool_name"].text(),
                detail(&event["parameters"]),
            ),
            "tool_result" => {
                let ok = event["status"].text() == "success";
                tally.tool_ended_by_id(event["tool_id"].text(), ok);
            }
            "error" => {
                let message = event["message"].text();
                if event["severity"].text() == "warning" {
                    tally.noise(message);
                } else {
                    tally.error(Failure::from_message(message, None));
                    self.error = Some(text::head(message, 1000).to_string());
                }
            }
            "result" => {
                let names = ["input_tokens", "cached", "output_tokens"];
                tally.usage(tokens(&event["stats"], names));
                if event["status"].text() == "success" {
                    tally.done();
                } else {
                    let given = event["error"]["message"].text();
                    let earlier = self.error.take().unwrap_or_default();
                    let message = if given.is_empty() { &earlier } else { given };
                    let message = if message.is_empty() {
                        "it failed"
                    } else {
                        message
                    };
                    // An error without a cause means a broken stream.
                    let class = match given.is_empty() {
                        true => Class::Transient,
                        false => Class::Unknown,
                    };
                    tally.failed(Failure::from_message(message, None).or(class));
                }
            }
            _ => {}
        }
    }

    fn error_line(&mut self, line: &str, tally: &mut Tally) {
        if line.starts_with("Attempt ") && line.contains(" failed") {
            let wait = wait_in(&text::head(line, 2000).to_ascii_lowercase());
            tally.retrying(Failure::from_message(line, None), wait);
        }
    }

    fn end(&mut self, tally: &mut Tally) {
        // Text before an error must not clear the error.
        let pending = tally.pending.take();
        self.flush(tally);
        tally.pending = pending;
    }

    fn exit_class(&self, code: i32) -> Option<Class> {
        Some(match code {
            41 => Class::Authentication,
            // Invalid input, no sandbox, bad configuration, too many turns, an untrusted folder.
            42 | 44 | 52 | 53 | 55 => Class::Permanent,
            145 | 147 => Class::Authentication,
            144 | 146 | 148 => Class::Permanent,
            173 => Class::RateLimited { retry_after: None },
            17 | 244 | 246..=248 => Class::Transient,
            _ => return None,
        })
    }
}
