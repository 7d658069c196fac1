//! OpenAI's Responses API. The server stores nothing: each request has the whole conversation.

use serde_json::{Value, json};

use super::{
    CALLS, Decoder, Pieces, Question, add_text, calls, failure, number, stopped, too_large,
};
use crate::agent::headless::Failure;
use crate::agent::model::conversation::{Answer, Stopped, Tokens, Turn};

pub(super) fn body(question: &Question<'_>) -> Value {
    let of = |turn| items(turn, question.sends_kept);
    let input: Vec<Value> = question.turns.iter().flat_map(of).collect();
    let tools: Vec<Value> = question
        .tools
        .iter()
        .map(|tool| {
            json!({
                "type": "function",
                "name": tool.name,
                "description": tool.help,
                "parameters": tool.schema,
                "strict": false,
            })
        })
        .collect();
    let mut body = json!({
        "model": question.model,
        "instructions": question.system,
        "input": input,
        "tools": tools,
        "tool_choice": if question.may_call { "auto" } else { "none" },
        "max_output_tokens": question.output_max,
        "store": false,
        "stream": true,
    });
    if question.sends_kept {
        body["include"] = json!(["reasoning.encrypted_content"]);
    }
    if let Some(temperature) = question.temperature {
        body["temperature"] = json!(temperature);
    }
    body
}

fn items(turn: &Turn, sends_kept: bool) -> Vec<Value> {
    let message = |role: &str, kind: &str, text: &str| json!({ "type": "message", "role": role, "content": [{ "type": kind, "text": text }] });
    match turn {
        Turn::Told(text) => vec![message("user", "input_text", text)],
        Turn::Said { kept, .. } if sends_kept && !kept.is_empty() => kept.clone(),
        Turn::Said { text, calls, .. } => {
            let said = (!text.trim().is_empty()).then(|| message("assistant", "output_text", text));
            let calls = calls.iter().map(|call| {
                json!({
                    "type": "function_call",
                    "call_id": call.id,
                    "name": call.name,
                    "arguments": call.object().to_string(),
                })
            });
            said.into_iter().chain(calls).collect()
        }
        Turn::Returned(results) => results
            .iter()
            .map(|one| {
                json!({ "type": "function_call_output", "call_id": one.id, "output": one.text })
            })
            .collect(),
    }
}

/// The events of an answer.
#[derive(Default)]
pub(super) struct Responses {
    text: String,
    calls: Vec<Pieces>,
    /// Encrypted reasoning, and the number of calls before it.
    reasoning: Vec<(Value, usize)>,
    tokens: Tokens,
    stopped: Option<Stopped>,
}

impl Responses {
    fn item(&mut self, item: &Value) -> Result<(), Failure> {
        let text = |key: &str| item[key].as_str().unwrap_or_default();
        match item["type"].as_str().unwrap_or_default() {
            "message" => {
                let parts = item["content"].as_array().into_iter().flatten();
                for part in parts {
                    let said = part["text"].as_str().or(part["refusal"].as_str());
                    add_text(&mut self.text, said.unwrap_or_default())?;
                }
            }
            "function_call" => {
                if self.calls.len() == CALLS {
                    return Err(too_large());
                }
                let mut call = Pieces {
                    id: text("call_id").to_string(),
                    name: text("name").to_string(),
                    arguments: String::new(),
                };
                call.add(text("arguments"))?;
                self.calls.push(call);
            }
            "reasoning"
                if item["encrypted_content"].is_string() && self.reasoning.len() < CALLS =>
            {
                let own = json!({
                    "type": "reasoning",
                    "summary": item["summary"].as_array().cloned().unwrap_or_default(),
                    "encrypted_content": item["encrypted_content"],
                });
                self.reasoning.push((own, self.calls.len()));
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, response: &Value, reason: Stopped) {
        let usage = &response["usage"];
        self.tokens = Tokens {
            input: number(&usage["input_tokens"]),
            cached: number(&usage["input_tokens_details"]["cached_tokens"]),
            output: number(&usage["output_tokens"]),
            ..Tokens::default()
        };
        self.stopped = Some(reason);
    }
}

impl Decoder for Responses {
    fn event(&mut self, event: &Value) -> Result<(), Failure> {
        let response = &event["response"];
        match event["type"].as_str().unwrap_or_default() {
            "response.output_item.done" => self.item(&event["item"])?,
            "response.completed" => self.end(response, Stopped::Complete),
            "response.incomplete" => {
                let reason = response["incomplete_details"]["reason"].as_str();
                self.end(response, stopped(reason.unwrap_or("length")));
            }
            "response.failed" => return Err(failure(&response["error"], None)),
            "error" => {
                let error = if event["error"].is_object() {
                    &event["error"]
                } else {
                    event
                };
                return Err(failure(error, None));
            }
            _ => {}
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.stopped.is_some()
    }

    fn tokens(&self) -> Tokens {
        self.tokens
    }

    fn answer(&mut self) -> Answer {
        let text = std::mem::take(&mut self.text);
        let calls = calls(&self.calls);
        let mut kept = Vec::new();
        if !self.reasoning.is_empty() {
            let plain = Turn::Said {
                text: text.clone(),
                calls: calls.clone(),
                kept: Vec::new(),
            };
            kept = items(&plain, false);
            // Each goes before the call that it led to; a text is the first item.
            let is_said = kept.len() - calls.len();
            for (own, at) in self.reasoning.drain(..).rev() {
                let at = if at == 0 { 0 } else { is_said + at };
                kept.insert(at, own);
            }
        }
        Answer {
            calls,
            kept,
            tokens: self.tokens,
            stopped: self.stopped.take().unwrap_or(Stopped::Complete),
            text,
        }
    }
}
