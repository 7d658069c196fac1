//! Ollama's native protocol: JSON lines, with call arguments as objects.

use serde_json::{Value, json};

use super::{
    CALLS, Decoder, Pieces, Question, add_text, calls, chat, failure, number, stopped, too_large,
};
use crate::agent::headless::Failure;
use crate::agent::model::conversation::{Answer, Call, Returned, Stopped, Tokens, Turn};

pub(super) fn body(question: &Question<'_>) -> Value {
    let system = json!({ "role": "system", "content": question.system });
    let turns = question.turns.iter().flat_map(messages);
    let messages: Vec<Value> = std::iter::once(system).chain(turns).collect();
    // Without a size, the server silently truncates the conversation to its default.
    let mut options = json!({ "num_ctx": question.context, "num_predict": question.output_max });
    if let Some(temperature) = question.temperature {
        options["temperature"] = json!(temperature);
    }
    let mut body = json!({
        "model": question.model,
        "messages": messages,
        "options": options,
        "stream": true,
    });
    // There is no other way to request text only.
    if question.may_call {
        body["tools"] = json!(chat::tools(question));
    }
    body
}

fn messages(turn: &Turn) -> Vec<Value> {
    let call =
        |call: &Call| json!({ "function": { "name": call.name, "arguments": call.object() } });
    let result =
        |one: &Returned| json!({ "role": "tool", "tool_name": one.name, "content": one.text });
    chat::messages_with(turn, call, result)
}

/// The lines of an answer.
#[derive(Default)]
pub(super) struct Ollama {
    text: String,
    calls: Vec<Pieces>,
    tokens: Tokens,
    reason: Option<String>,
}

impl Decoder for Ollama {
    fn event(&mut self, event: &Value) -> Result<(), Failure> {
        if !event["error"].is_null() {
            return Err(failure(&event["error"], None));
        }
        let message = &event["message"];
        add_text(
            &mut self.text,
            message["content"].as_str().unwrap_or_default(),
        )?;
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            if self.calls.len() == CALLS {
                return Err(too_large());
            }
            let function = &call["function"];
            let mut piece = Pieces {
                id: call["id"].as_str().unwrap_or_default().to_string(),
                name: function["name"].as_str().unwrap_or_default().to_string(),
                arguments: String::new(),
            };
            match &function["arguments"] {
                Value::Null => {}
                Value::String(text) => piece.add(text)?,
                other => piece.add(&other.to_string())?,
            }
            self.calls.push(piece);
        }
        if event["done"] == true {
            self.tokens = Tokens {
                input: number(&event["prompt_eval_count"]),
                output: number(&event["eval_count"]),
                ..Tokens::default()
            };
            self.reason = Some(event["done_reason"].as_str().unwrap_or("stop").to_string());
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.reason.is_some()
    }

    fn tokens(&self) -> Tokens {
        self.tokens
    }

    fn answer(&mut self) -> Answer {
        let stopped = self.reason.as_deref().map_or(Stopped::Complete, stopped);
        Answer {
            kept: Vec::new(),
            calls: calls(&self.calls),
            tokens: self.tokens,
            stopped,
            text: std::mem::take(&mut self.text),
        }
    }
}
