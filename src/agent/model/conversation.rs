//! A conversation with a model, independent of the protocol.

use serde_json::{Map, Value, json};

use crate::memory::prime::tokens;
use crate::model::text::head;

/// The longest name that a model can give to a call or a tool, in bytes.
const NAME_MAX: usize = 128;

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The model's name for this call.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its arguments, or the text that should have been some.
    pub arguments: Result<Map<String, Value>, String>,
}

impl Call {
    /// A call with arguments as the model wrote them: an object in JSON. No text means no arguments.
    pub fn new(id: &str, name: &str, written: &str) -> Call {
        let arguments = match written.trim() {
            "" => Ok(Map::new()),
            text => match serde_json::from_str(text) {
                Ok(Value::Object(map)) => Ok(map),
                _ => Err(written.to_string()),
            },
        };
        Call {
            id: head(id, NAME_MAX).to_string(),
            name: head(name, NAME_MAX).to_string(),
            arguments,
        }
    }

    /// The arguments as they are sent back; always an object, which servers require.
    pub fn object(&self) -> Value {
        match &self.arguments {
            Ok(map) => Value::Object(map.clone()),
            Err(text) => json!({ "unreadable": head(text, 2_000) }),
        }
    }
}

/// The result of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The call's id.
    pub id: String,
    /// The tool.
    pub name: String,
    /// What the model gets to read.
    pub text: String,
    /// True if the tool failed or was refused.
    pub is_error: bool,
}

/// A part of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A text of ours.
    Told(String),
    /// A text of the model, and the tools that it calls.
    Said {
        /// The text; may be empty.
        text: String,
        /// The calls in order.
        calls: Vec<Call>,
        /// The turn as the provider wants it back, if it has parts of the provider's own.
        kept: Vec<Value>,
    },
    /// The results of all calls of the turn before.
    Returned(Vec<Returned>),
}

impl Turn {
    /// The estimated size in tokens; the estimate is high.
    pub fn tokens(&self) -> usize {
        // What surrounds each part: roles, ids, brackets.
        const AROUND: usize = 16;
        AROUND
            + match self {
                Turn::Told(text) => tokens(text),
                Turn::Said { text, calls, kept } => {
                    let of = |call: &Call| AROUND + tokens(&call.object().to_string());
                    // What only the provider can read is shorter than it looks.
                    let own: usize = kept.iter().map(|part| part.to_string().len() / 6).sum();
                    tokens(text) + calls.iter().map(of).sum::<usize>() + own
                }
                Turn::Returned(results) => {
                    let of = |one: &Returned| AROUND + tokens(&one.text);
                    results.iter().map(of).sum()
                }
            }
    }
}

/// A tool as it is offered to a model.
#[derive(Clone, Debug)]
pub struct Offered {
    /// Its name.
    pub name: &'static str,
    /// What it does, for the model.
    pub help: &'static str,
    /// The JSON Schema of its arguments.
    pub schema: Value,
}

/// The tokens of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tokens {
    /// Sent, with those from and for the provider's cache.
    pub input: u64,
    /// Those of the sent that the provider read from its cache.
    pub cached: u64,
    /// Those of the sent that the provider wrote to its cache, if that has a price of its own.
    pub cache_written: u64,
    /// Written by the model.
    pub output: u64,
    /// The cost in millionths of a US dollar, if the provider says so.
    pub cost: Option<u64>,
}

/// Why a model stopped writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It has said everything.
    Complete,
    /// The limit of an answer was reached.
    Limit,
    /// The conversation does not fit into its context.
    Context,
    /// It or its provider refuses to answer.
    Refusal(String),
}

/// An answer of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its text; may be empty.
    pub text: String,
    /// The tools that it calls, in order.
    pub calls: Vec<Call>,
    /// The whole as the provider wants it back, if it has parts of the provider's own, such as
    /// reasoning that is signed or encrypted.
    pub kept: Vec<Value>,
    /// What it took.
    pub tokens: Tokens,
    /// Why it ended.
    pub stopped: Stopped,
}
