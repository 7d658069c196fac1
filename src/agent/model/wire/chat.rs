//! Chat completions, as defined by OpenAI and implemented by many servers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    CALLS, Decoder, Pieces, Question, add_text, calls, failure, number, stopped, too_large,
};
use crate::agent::headless::Failure;
use crate::agent::model::conversation::{Answer, Call, Returned, Stopped, Tokens, Turn};

pub(super) fn body(question: &Question<'_>) -> Value {
    let system = json!({ "role": "system", "content": question.system });
    let turns = question.turns.iter().flat_map(messages);
    let messages: Vec<Value> = std::iter::once(system).chain(turns).collect();
    let mut body = json!({
        "model": question.model,
        "messages": messages,
        "tools": tools(question),
        "tool_choice": if question.may_call { "auto" } else { "none" },
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    body[question.limit_field] = json!(question.output_max);
    if let Some(temperature) = question.temperature {
        body["temperature"] = json!(temperature);
    }
    body
}

/// The tools in the form that Ollama accepts, too.
pub(super) fn tools(question: &Question<'_>) -> Vec<Value> {
    let of = |tool: &super::Offered| {
        json!({
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.help,
                "parameters": tool.schema,
            },
        })
    };
    question.tools.iter().map(of).collect()
}

fn messages(turn: &Turn) -> Vec<Value> {
    let call = |call: &Call| {
        let arguments = call.object().to_string();
        json!({
            "id": call.id,
            "type": "function",
            "function": { "name": call.name, "arguments": arguments },
        })
    };
    let result =
        |one: &Returned| json!({ "role": "tool", "tool_call_id": one.id, "content": one.text });
    messages_with(turn, call, result)
}

/// The messages of a turn, with calls and results in the form of a protocol.
pub(super) fn messages_with(
    turn: &Turn,
    call: impl Fn(&Call) -> Value,
    result: impl Fn(&Returned) -> Value,
) -> Vec<Value> {
    match turn {
        Turn::Told(text) => vec![json!({ "role": "user", "content": text })],
        Turn::Said { text, calls, .. } => {
            let mut message = json!({ "role": "assistant", "content": text });
            if !calls.is_empty() {
                message["tool_calls"] = calls.iter().map(call).collect();
            }
            vec![message]
        }
        Turn::Returned(results) => results.iter().map(result).collect(),
    }
}

/// The events of an answer.
#[derive(Default)]
pub(super) struct Chat {
    text: String,
    calls: BTreeMap<u64, Pieces>,
    tokens: Tokens,
    reason: Option<String>,
    /// True once the end-of-stream mark has arrived.
    is_over: bool,
}

impl Chat {
    fn call(&mut self, piece: &Value) -> Result<(), Failure> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let id = text(&piece["id"]);
        // Some servers omit the index, and send each call whole.
        let last = self.calls.keys().next_back().copied();
        let index = piece["index"]
            .as_u64()
            .unwrap_or(match (last, id.is_empty()) {
                (Some(last), true) => last,
                (Some(last), false) => last.saturating_add(1),
                (None, _) => 0,
            });
        if !self.calls.contains_key(&index) && self.calls.len() == CALLS {
            return Err(too_large());
        }
        let call = self.calls.entry(index).or_default();
        if call.id.is_empty() {
            call.id = id;
        }
        if call.name.is_empty() {
            call.name = text(&piece["function"]["name"]);
        }
        match &piece["function"]["arguments"] {
            Value::String(arguments) => call.add(arguments),
            Value::Object(object) => call.add(&serde_json::to_string(object).unwrap_or_default()),
            _ => Ok(()),
        }
    }
}

impl Decoder for Chat {
    fn event(&mut self, event: &Value) -> Result<(), Failure> {
        if !event["error"].is_null() {
            return Err(failure(&event["error"], None));
        }
        let usage = &event["usage"];
        if usage.is_object() {
            let cost = usage["cost"]
                .as_f64()
                .filter(|cost| (0.0..1e6).contains(cost));
            self.tokens = Tokens {
                input: number(&usage["prompt_tokens"]),
                cached: number(&usage["prompt_tokens_details"]["cached_tokens"]),
                output: number(&usage["completion_tokens"]),
                cost: cost.map(|cost| (cost * 1e6).round() as u64),
                ..Tokens::default()
            };
        }
        let choice = &event["choices"][0];
        let delta = &choice["delta"];
        add_text(
            &mut self.text,
            delta["content"].as_str().unwrap_or_default(),
        )?;
        for piece in delta["tool_calls"].as_array().into_iter().flatten() {
            self.call(piece)?;
        }
        if let Some(reason) = choice["finish_reason"].as_str() {
            self.reason = Some(reason.to_string());
        }
        Ok(())
    }

    fn end_mark(&mut self) {
        self.reason.get_or_insert_default();
        self.is_over = true;
    }

    fn is_over(&self) -> bool {
        self.is_over
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
            calls: calls(self.calls.values()),
            tokens: self.tokens,
            stopped,
            text: std::mem::take(&mut self.text),
        }
    }
}
