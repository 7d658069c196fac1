//! The protocols: each file writes a request and reads the events of an answer.
//!
//! Server output is untrusted: unknown events are ignored, sizes are bounded, and an answer without
//! its last event does not count.

mod anthropic_messages;
mod chat_completions;
mod openai_responses;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::conversation::{Answer, Offered, Part, Stopped, Tokens, Turn};
use super::limits;
use crate::agent::headless::{Class, Failure};
use crate::agent::provider::Protocol;
use crate::model::text::head;

/// A request to a model.
#[derive(Debug)]
pub struct Question<'a> {
    /// The model, as the provider names it.
    pub model: &'a str,
    /// The instructions before the conversation.
    pub system: &'a str,
    /// The conversation.
    pub turns: &'a [Turn],
    /// The tools.
    pub tools: &'a [Offered],
    /// False if the model has to answer with text only.
    pub may_call: bool,
    /// The context size in tokens, for servers that require it.
    pub context: u64,
}

/// What a server may reject of a request.
#[derive(Debug)]
pub struct Form {
    /// True if the provider's own parts of earlier answers are sent back.
    pub sends_own: bool,
    /// The maximum number of tokens in the answer.
    pub output_max: u64,
    /// The temperature; the server's own by default.
    pub temperature: Option<f64>,
    /// The name of the answer limit field in chat completions.
    pub limit_field: &'static str,
}

/// The path of the requests below the base URL.
pub fn path(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Messages => "/v1/messages",
        Protocol::Responses => "/responses",
        Protocol::Chat => "/chat/completions",
        Protocol::Ollama => "/api/chat",
    }
}

/// The body of a request.
pub fn body(protocol: Protocol, question: &Question<'_>, form: &Form) -> Value {
    let mut body = match protocol {
        Protocol::Messages => anthropic_messages::body(question, form),
        Protocol::Responses => openai_responses::body(question, form),
        Protocol::Chat => chat_completions::body(question, form),
        Protocol::Ollama => chat_completions::ollama_body(question, form),
    };
    body["model"] = question.model.into();
    body["stream"] = true.into();
    if let Some(temperature) = form.temperature {
        let at = match protocol {
            Protocol::Ollama => &mut body["options"],
            _ => &mut body,
        };
        at["temperature"] = temperature.into();
    }
    body
}

/// The failure that an error object describes: `{"type": …, "message": …}`, or a text.
pub fn failure(error: &Value) -> Failure {
    let text = |key: &str| match &error[key] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let parts = ["type", "code", "message"].map(text);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let message = parts.collect::<Vec<_>>().join(": ");
    Failure::from_message(error.as_str().unwrap_or(&message), error["code"].as_u64())
}

/// An answer in progress.
pub struct Draft {
    protocol: Protocol,
    /// The parts by their position.
    parts: BTreeMap<u64, Part>,
    /// The token counts, as the protocol names them.
    usage: Map<String, Value>,
    /// The reason why the model stopped; with it, the answer is complete.
    reason: Option<String>,
    /// True once nothing more is expected, not even the token counts.
    is_over: bool,
    /// The number of unreadable events.
    pub unreadable: u64,
}

impl Draft {
    pub fn new(protocol: Protocol) -> Draft {
        Draft {
            protocol,
            parts: BTreeMap::new(),
            usage: Map::new(),
            reason: None,
            is_over: false,
            unreadable: 0,
        }
    }

    /// Reads a line: the data of a server-sent event, which in every protocol is on one line and
    /// repeats the event's name, or JSON. True once nothing more is expected.
    ///
    /// # Errors
    /// When the server reports a failure, or its answer makes no sense.
    pub fn line(&mut self, line: &[u8]) -> Result<bool, Failure> {
        let line = line.trim_ascii();
        let data = match line.strip_prefix(b"data:") {
            Some(data) => data.trim_ascii_start(),
            None if line.starts_with(b"{") => line,
            None => return Ok(false),
        };
        if data == b"[DONE]" {
            self.end("");
            return Ok(true);
        }
        let Ok(event @ Value::Object(_)) = serde_json::from_slice(data) else {
            self.unreadable += 1;
            return match self.unreadable > limits::UNREADABLE_EVENTS_MAX {
                true => Err(unusable("the response cannot be parsed")),
                false => Ok(false),
            };
        };
        let errors = [&event["error"], &event["response"]["error"]];
        let error = errors.into_iter().find(|error| !error.is_null());
        if let Some(error) = error.or((event["type"] == "error").then_some(&event)) {
            // In the middle of an answer it is transient, unless the server says otherwise.
            return Err(failure(error).or(Class::Transient));
        }
        match self.protocol {
            Protocol::Messages => anthropic_messages::event(self, &event),
            Protocol::Responses => openai_responses::event(self, &event),
            Protocol::Chat => chat_completions::event(self, &event),
            Protocol::Ollama => chat_completions::ollama_event(self, &event),
        }
        Ok(self.is_over)
    }

    /// Updates the token counts.
    fn count(&mut self, usage: &Value) {
        let counts = usage.as_object().into_iter().flatten();
        let counts = counts.filter(|(_, count)| !count.is_null());
        self.usage
            .extend(counts.map(|(key, count)| (key.clone(), count.clone())));
    }

    /// Adds a part.
    fn add(&mut self, part: Part) {
        let at = self.parts.keys().next_back().map_or(0, |last| last + 1);
        self.parts.insert(at, part);
    }

    /// Ends the answer, for a reason unless one is known.
    fn end(&mut self, reason: &str) {
        self.reason.get_or_insert(reason.to_string());
        self.is_over = true;
    }

    /// True once the answer is complete.
    pub fn is_complete(&self) -> bool {
        self.reason.is_some()
    }

    /// The tokens, as far as they are known.
    pub fn tokens(&self) -> Tokens {
        let of = |field: &str| self.usage.get(field).and_then(Value::as_u64).unwrap_or(0);
        let cached = |field: &str| {
            let details = self.usage.get(field);
            details.and_then(|details| details["cached_tokens"].as_u64())
        };
        let [input, cached, cache_written, output] = match self.protocol {
            Protocol::Messages => {
                let read = of("cache_read_input_tokens");
                let written = of("cache_creation_input_tokens");
                let input = of("input_tokens").saturating_add(read);
                let output = of("output_tokens");
                [input.saturating_add(written), read, written, output]
            }
            Protocol::Responses => {
                let cached = cached("input_tokens_details").unwrap_or(0);
                [of("input_tokens"), cached, 0, of("output_tokens")]
            }
            Protocol::Chat => {
                let cached = cached("prompt_tokens_details").unwrap_or(0);
                [of("prompt_tokens"), cached, 0, of("completion_tokens")]
            }
            Protocol::Ollama => [of("prompt_eval_count"), 0, 0, of("eval_count")],
        };
        let cost = self.usage.get("cost").and_then(Value::as_f64);
        let cost = cost.filter(|cost| (0.0..1e6).contains(cost));
        Tokens {
            input,
            cached,
            cache_written,
            output,
            cost: cost.map(|cost| (cost * 1e6).round() as u64),
        }
    }

    /// The answer, once it is complete. Each call has an id of its own.
    ///
    /// # Errors
    /// If it is not complete, or too large.
    pub fn answer(self) -> Result<Answer, Failure> {
        let Some(reason) = self.reason else {
            let text = "the stream ended before the response was complete";
            return Err(unusable(text));
        };
        let (mut size, mut ids, mut parts) = (0, Vec::new(), Vec::new());
        for mut part in self.parts.into_values() {
            size += match &mut part {
                Part::Text(text) if text.trim().is_empty() => continue,
                Part::Text(text) => text.len(),
                Part::Own(own) => own.to_string().len(),
                Part::Call(call) => {
                    call.name = head(&call.name, limits::CALL_NAME_MAX).to_string();
                    call.id = head(&call.id, limits::CALL_NAME_MAX).to_string();
                    if call.id.is_empty() || ids.contains(&call.id) {
                        call.id = format!("call_{}", ids.len());
                    }
                    ids.push(call.id.clone());
                    call.written.len()
                }
            };
            parts.push(part);
            if size > limits::ANSWER_PARTS_SIZE_MAX || parts.len() > limits::ANSWER_PARTS_MAX {
                return Err(unusable("the model's response is too large"));
            }
        }
        let stopped = match reason.as_str() {
            "max_tokens" | "length" | "max_output_tokens" => Stopped::Limit,
            "model_context_window_exceeded" => Stopped::Context,
            "refusal" | "content_filter" => {
                Stopped::Refusal(format!("the model refused: {reason}"))
            }
            _ => Stopped::Complete,
        };
        Ok(Answer { parts, stopped })
    }
}

fn unusable(text: &str) -> Failure {
    Failure::new(Class::Transient, text)
}

/// A text of an event; empty if there is none.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}
