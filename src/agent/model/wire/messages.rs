//! Anthropic's Messages API.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    CALLS, Decoder, Pieces, Question, TEXT_MAX, add_text, calls, failure, number, stopped,
    too_large,
};
use crate::agent::headless::Failure;
use crate::agent::model::conversation::{Answer, Call, Tokens, Turn};

pub(super) fn body(question: &Question<'_>) -> Value {
    let mut messages: Vec<Value> = {
        let of = |turn| message(turn, question.sends_kept);
        question.turns.iter().filter_map(of).collect()
    };
    // The next request reads everything before these marks from the cache.
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

fn message(turn: &Turn, sends_kept: bool) -> Option<Value> {
    let text = |text: &str| json!({ "type": "text", "text": text });
    Some(match turn {
        Turn::Told(told) => json!({ "role": "user", "content": [text(told)] }),
        Turn::Said { kept, .. } if sends_kept && !kept.is_empty() => {
            json!({ "role": "assistant", "content": kept })
        }
        Turn::Said {
            text: said, calls, ..
        } => {
            let mut content = Vec::new();
            // Texts of only whitespace are refused.
            if !said.trim().is_empty() {
                content.push(text(said.trim_end()));
            }
            content.extend(calls.iter().map(call));
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

/// A part of an answer.
enum Block {
    Text(String),
    Call(Pieces),
    /// Reasoning, which is signed: it is sent back unchanged.
    Own(Value),
}

/// The events of an answer.
#[derive(Default)]
pub(super) struct Messages {
    blocks: BTreeMap<u64, Block>,
    /// The size of all blocks, in bytes.
    size: usize,
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

    fn begin(&mut self, index: u64, block: &Value) -> Result<(), Failure> {
        let text = |key: &str| block[key].as_str().unwrap_or_default().to_string();
        self.grow(block.to_string().len())?;
        let block = match block["type"].as_str().unwrap_or_default() {
            "text" => Block::Text(text("text")),
            "tool_use" => {
                let given = block["input"].as_object().filter(|input| !input.is_empty());
                Block::Call(Pieces {
                    id: text("id"),
                    name: text("name"),
                    arguments: given
                        .and_then(|input| serde_json::to_string(input).ok())
                        .unwrap_or_default(),
                })
            }
            "thinking" => Block::Own(json!({
                "type": "thinking",
                "thinking": text("thinking"),
                "signature": text("signature"),
            })),
            "redacted_thinking" => {
                Block::Own(json!({ "type": "redacted_thinking", "data": text("data") }))
            }
            _ => return Ok(()),
        };
        if self.blocks.len() == CALLS {
            return Err(too_large());
        }
        self.blocks.insert(index, block);
        Ok(())
    }

    fn delta(&mut self, index: u64, delta: &Value) -> Result<(), Failure> {
        let text = |key: &str| delta[key].as_str().unwrap_or_default();
        self.grow(delta.to_string().len())?;
        match self.blocks.get_mut(&index) {
            Some(Block::Text(to)) => add_text(to, text("text")),
            Some(Block::Call(call)) => call.add(text("partial_json")),
            Some(Block::Own(own)) => {
                for key in ["thinking", "signature"] {
                    if let (Value::String(to), piece) = (&mut own[key], text(key)) {
                        add_text(to, piece)?;
                    }
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn grow(&mut self, size: usize) -> Result<(), Failure> {
        self.size += size;
        match self.size > 8 * TEXT_MAX {
            true => Err(too_large()),
            false => Ok(()),
        }
    }
}

impl Decoder for Messages {
    fn event(&mut self, event: &Value) -> Result<(), Failure> {
        let index = number(&event["index"]);
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => self.usage(&event["message"]["usage"]),
            "content_block_start" => self.begin(index, &event["content_block"])?,
            "content_block_delta" => self.delta(index, &event["delta"])?,
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
        let blocks = std::mem::take(&mut self.blocks);
        let pieces = blocks.values().filter_map(|block| match block {
            Block::Call(call) => Some(call),
            Block::Text(_) | Block::Own(_) => None,
        });
        let calls = calls(pieces);
        let has_own = blocks.values().any(|block| matches!(block, Block::Own(_)));
        let (mut text, mut kept, mut next) = (String::new(), Vec::new(), calls.iter());
        for block in blocks.into_values() {
            match block {
                Block::Text(said) if said.trim().is_empty() => {}
                Block::Text(said) => {
                    kept.push(json!({ "type": "text", "text": said }));
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    text.push_str(&said);
                }
                Block::Call(_) => kept.extend(next.next().map(call)),
                Block::Own(own) => kept.push(own),
            }
        }
        Answer {
            tokens: self.tokens(),
            stopped: stopped(&self.reason),
            // Reasoning alone is not a turn.
            kept: match has_own && !(text.is_empty() && calls.is_empty()) {
                true => kept,
                false => Vec::new(),
            },
            calls,
            text,
        }
    }
}

/// A call in the form in which it is sent back.
fn call(call: &Call) -> Value {
    json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": call.object() })
}
