//! A conversation with a model, independent of the protocol.

use serde_json::{Map, Value, json};

use crate::memory::prime::tokens;
use crate::model::text::head;

/// A tool call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The model's name for this call.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its arguments as the model wrote them: a JSON object; if empty, none.
    pub written: String,
}

impl Call {
    /// The arguments, or the raw text if it is not a JSON object.
    ///
    /// # Errors
    /// With that text.
    pub fn arguments(&self) -> Result<Map<String, Value>, &str> {
        match self.written.trim() {
            "" => Ok(Map::new()),
            text => serde_json::from_str(text).map_err(|_| self.written.as_str()),
        }
    }

    /// The arguments as they are sent back; always an object, as servers require.
    pub fn object(&self) -> Value {
        let unreadable = |text| json!({ "unreadable": head(text, 2_000) });
        self.arguments().map_or_else(unreadable, Value::Object)
    }
}

/// The result of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The call's id.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The text for the model.
    pub text: String,
    /// True if the tool failed or was refused.
    pub is_error: bool,
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A text.
    Text(String),
    /// A tool call.
    Call(Call),
    /// Signed or encrypted reasoning, which the provider expects back unchanged.
    Own(Value),
}

/// A turn of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    /// A text from git pm.
    Told(String),
    /// The model's answer.
    Said(Vec<Part>),
    /// The results of all calls of the previous turn.
    Returned(Vec<Returned>),
}

impl Turn {
    /// The estimated size in tokens; an overestimate.
    pub fn tokens(&self) -> usize {
        // The overhead of each part: roles, ids, brackets.
        const AROUND: usize = 16;
        let part = |part: &Part| match part {
            Part::Text(text) => tokens(text),
            Part::Call(call) => AROUND + tokens(&call.object().to_string()),
            // It takes fewer tokens than its length suggests.
            Part::Own(own) => own.to_string().len() / 6,
        };
        AROUND
            + match self {
                Turn::Told(text) => tokens(text),
                Turn::Said(parts) => parts.iter().map(part).sum(),
                Turn::Returned(results) => {
                    let of = |one: &Returned| AROUND + tokens(&one.text);
                    results.iter().map(of).sum()
                }
            }
    }
}

/// A tool as offered to a model.
#[derive(Clone, Debug)]
pub struct Offered {
    /// Its name.
    pub name: &'static str,
    /// The description for the model.
    pub help: &'static str,
    /// The JSON Schema of its arguments.
    pub schema: Value,
}

/// The tokens of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tokens {
    /// Sent, including those read from and written to the provider's cache.
    pub input: u64,
    /// Sent tokens that the provider read from its cache.
    pub cached: u64,
    /// Sent tokens that the provider wrote to its cache, if that has its own price.
    pub cache_written: u64,
    /// Written by the model.
    pub output: u64,
    /// The cost in millionths of a US dollar, if the provider reports it.
    pub cost: Option<u64>,
}

/// The reason why a model stopped writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The answer is complete.
    Complete,
    /// The limit of an answer was reached.
    Limit,
    /// The conversation does not fit into its context.
    Context,
    /// It or its provider refuses to answer.
    Refusal(String),
}

/// An answer from a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// The reason why it ended.
    pub stopped: Stopped,
}

/// The text of an answer's parts.
pub fn text(parts: &[Part]) -> String {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        Part::Call(_) | Part::Own(_) => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// The calls of an answer's parts.
pub fn calls(parts: &[Part]) -> impl Iterator<Item = &Call> {
    parts.iter().filter_map(|part| match part {
        Part::Call(call) => Some(call),
        Part::Text(_) | Part::Own(_) => None,
    })
}
