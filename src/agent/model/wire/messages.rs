//! Anthropic's Messages.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    CALLS, Decoder, Pieces, Question, add_text, calls, failure, number, stopped, too_large,
};
use crate::agent::headless::Failure;
use crate::agent::model::conversation::{Answer, Stopped, Tokens, Turn};

pub(super) fn body(question: &Question<'_>) -> Value {
    let mut messages: Vec<Value> = question.turns.iter().filter_map(message).collect();
    // What is before these marks is read from the cache by the next request.
    let mark = json!({ "type": "ephemeral" });
    if let Some(Value::Array(content)) = messages.last_mut().map(|last| &mut last["content"])
        && let Some(last) = content.last_mut()
    {
        last["cache_control"] = mark.clone();
    }
    let tools: Vec<Value> = question
        .tools
        .iter()
        .map(|tool| {
            json!({ "name": tool.name, "description": tool.help, "input_schema": tool.schema })
        })
        .collect();
    let mut body = json!({
        "model": question.model,
        "max_tokens": question.output_max,
        "system": [{ "type": "text", "text": question.system, "cache_control": mark }],
        "messages": messages,
        "tools": tools,
        "stream": true,
    });
    if !question.may_call {
        body["tool_choice"] = json!({ "type": "none" });
    }
    if let Some(temperature) = question.temperature {
        body["temperature"] = json!(temperature);
    }
    body
}

fn message(turn: &Turn) -> Option<Value> {
    let text = |text: &str| json!({ "type": "text", "text": text });
    Some(match turn {
        Turn::Told(told) => json!({ "role": "user", "content": [text(told)] }),
        Turn::Said { text: said, calls } => {
            let mut content = Vec::new();
            // Texts of white space are refused.
            if !said.trim().is_empty() {
                content.push(text(said.trim_end()));
            }
            content.extend(calls.iter().map(|call| {
                json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": call.object() })
            }));
            if content.is_empty() {
                return None;
            }
            json!({ "role": "assistant", "content": content })
        }
        Turn::Returned(results) => {
            let content: Vec<Value> = results
                .iter()
                .map(|one| {
                    json!({
                        "type": "tool_result",
                        "tool_use_id": one.id,
                        "content": one.text,
                        "is_error": one.is_error,
                    })
                })
                .collect();
            json!({ "role": "user", "content": content })
        }
    })
}

/// The events of an answer.
#[derive(Default)]
pub(super) struct Messages {
    text: String,
    calls: BTreeMap<u64, Pieces>,
    /// The fields of the last usage that was reported.
    usage: BTreeMap<&'static str, u64>,
    reason: String,
    is_complete: bool,
}

impl Messages {
    fn usage(&mut self, usage: &Value) {
        for field in [
            "input_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
            "output_tokens",
        ] {
            if let Some(count) = usage[field].as_u64() {
                self.usage.insert(field, count);
            }
        }
    }
}

impl Decoder for Messages {
    fn event(&mut self, event: &Value) -> Result<(), Failure> {
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => self.usage(&event["message"]["usage"]),
            "content_block_start" => {
                let block = &event["content_block"];
                add_text(&mut self.text, block["text"].as_str().unwrap_or_default())?;
                if block["type"] == "tool_use" {
                    if self.calls.len() == CALLS {
                        return Err(too_large());
                    }
                    let text = |key: &str| block[key].as_str().unwrap_or_default().to_string();
                    let given = block["input"].as_object().filter(|input| !input.is_empty());
                    let call = Pieces {
                        id: text("id"),
                        name: text("name"),
                        arguments: given
                            .and_then(|input| serde_json::to_string(input).ok())
                            .unwrap_or_default(),
                    };
                    self.calls.insert(number(&event["index"]), call);
                }
            }
            "content_block_delta" => {
                let delta = &event["delta"];
                add_text(&mut self.text, delta["text"].as_str().unwrap_or_default())?;
                if let Some(piece) = delta["partial_json"].as_str()
                    && let Some(call) = self.calls.get_mut(&number(&event["index"]))
                {
                    call.add(piece)?;
                }
            }
            "message_delta" => {
                self.usage(&event["usage"]);
                if let Some(reason) = event["delta"]["stop_reason"].as_str() {
                    self.reason = reason.to_string();
                }
            }
            "message_stop" => self.is_complete = true,
            "error" => return Err(failure(&event["error"], None)),
            _ => {}
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.is_complete
    }

    fn tokens(&self) -> Tokens {
        let of = |field: &str| self.usage.get(field).copied().unwrap_or(0);
        let (cached, written) = (
            of("cache_read_input_tokens"),
            of("cache_creation_input_tokens"),
        );
        Tokens {
            input: of("input_tokens")
                .saturating_add(cached)
                .saturating_add(written),
            cached,
            cache_written: written,
            output: of("output_tokens"),
            cost: None,
        }
    }

    fn answer(&mut self) -> Answer {
        let stopped = match self.reason.as_str() {
            "" => Stopped::Complete,
            word => stopped(word),
        };
        Answer {
            tokens: self.tokens(),
            calls: calls(self.calls.values()),
            stopped,
            text: std::mem::take(&mut self.text),
        }
    }
}
