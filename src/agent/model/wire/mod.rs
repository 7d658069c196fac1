//! The protocols: each file writes a request and reads the events of an answer. Server output is
//! untrusted: unknown events are ignored, sizes are bounded, and an answer without its last event
//! does not count.

mod chat;
mod messages;
mod ollama;
mod responses;

use serde_json::Value;

use super::conversation::{Answer, Call, Offered, Stopped, Tokens, Turn};
use crate::agent::headless::{Class, Failure};
use crate::agent::model_name::Protocol;

/// The maximum number of calls in one answer.
const CALLS: usize = 64;

/// The maximum size of a call's arguments, in bytes.
const ARGUMENTS_MAX: usize = 1 << 20;

/// The maximum size of an answer's text, in bytes.
const TEXT_MAX: usize = 1 << 20;

/// A request to a model.
#[derive(Clone, Copy, Debug)]
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
    /// True if the provider's own parts of earlier answers are sent back.
    pub sends_kept: bool,
    /// The maximum number of tokens in the answer.
    pub output_max: u64,
    /// The context size in tokens, for servers that require it.
    pub context: u64,
    /// The temperature; the server's own by default.
    pub temperature: Option<f64>,
    /// The name of the answer limit field in chat completions.
    pub limit_field: &'static str,
}

/// Reads the events of one answer.
pub trait Decoder {
    /// Consumes an event.
    ///
    /// # Errors
    /// When the server reports a failure, or the answer is too large.
    fn event(&mut self, event: &Value) -> Result<(), Failure>;

    /// Consumes the mark that ends a stream of events (`[DONE]`).
    fn end_mark(&mut self) {}

    /// True once the answer is complete.
    fn is_complete(&self) -> bool;

    /// True once nothing more is expected, not even the token usage.
    fn is_over(&self) -> bool {
        self.is_complete()
    }

    /// The tokens, as far as they are known.
    fn tokens(&self) -> Tokens;

    /// Takes the answer.
    fn answer(&mut self) -> Answer;
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
pub fn body(protocol: Protocol, question: &Question<'_>) -> Value {
    match protocol {
        Protocol::Messages => messages::body(question),
        Protocol::Responses => responses::body(question),
        Protocol::Chat => chat::body(question),
        Protocol::Ollama => ollama::body(question),
    }
}

/// A decoder for the answer.
pub fn decoder(protocol: Protocol) -> Box<dyn Decoder> {
    match protocol {
        Protocol::Messages => Box::new(messages::Messages::default()),
        Protocol::Responses => Box::new(responses::Responses::default()),
        Protocol::Chat => Box::new(chat::Chat::default()),
        Protocol::Ollama => Box::new(ollama::Ollama::default()),
    }
}

/// The failure that an error object describes: `{"type": …, "message": …}`, or a text.
pub fn failure(error: &Value, status: Option<u64>) -> Failure {
    let text = |key: &str| error[key].as_str().unwrap_or_default();
    let message = match error.as_str() {
        Some(message) => message.to_string(),
        None => {
            let code = match &error["code"] {
                Value::String(code) => code.clone(),
                Value::Number(code) => code.to_string(),
                _ => String::new(),
            };
            let parts = [text("type"), &code, text("message")];
            let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            parts.join(": ")
        }
    };
    let status = status.or_else(|| error["code"].as_u64());
    Failure::told(&message, status)
}

/// A call that arrives in pieces.
#[derive(Clone, Debug, Default)]
struct Pieces {
    id: String,
    name: String,
    arguments: String,
}

impl Pieces {
    fn add(&mut self, piece: &str) -> Result<(), Failure> {
        if self.arguments.len() + piece.len() > ARGUMENTS_MAX {
            return Err(too_large());
        }
        self.arguments.push_str(piece);
        Ok(())
    }
}

/// The calls; each has an id of its own.
fn calls<'p>(pieces: impl IntoIterator<Item = &'p Pieces>) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for one in pieces {
        let is_known = calls.iter().any(|call| call.id == one.id);
        let id = match one.id.is_empty() || is_known {
            true => format!("call_{}", calls.len()),
            false => one.id.clone(),
        };
        calls.push(Call::new(&id, &one.name, &one.arguments));
    }
    calls
}

/// Appends to a text, up to its maximum size.
fn add_text(to: &mut String, piece: &str) -> Result<(), Failure> {
    if to.len() + piece.len() > TEXT_MAX {
        return Err(too_large());
    }
    to.push_str(piece);
    Ok(())
}

fn too_large() -> Failure {
    Failure::new(Class::Transient, "the model's response is too large")
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

/// Maps the stop reason of any protocol.
fn stopped(word: &str) -> Stopped {
    match word {
        "max_tokens" | "length" | "max_output_tokens" => Stopped::Limit,
        "model_context_window_exceeded" => Stopped::Context,
        "refusal" | "content_filter" => Stopped::Refusal(format!("the model refused: {word}")),
        _ => Stopped::Complete,
    }
}
