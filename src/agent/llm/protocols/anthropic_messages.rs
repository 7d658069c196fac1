//! Anthropic's Messages API.

use serde_json::{Value, json};

use super::{Draft, Form, Question, text};
use crate::agent::llm::conversation::{Call, Part, Turn};

pub(super) fn body(question: &Question<'_>, form: &Form) -> Value {
    let turns = question.turns.iter();
    let mut messages: Vec<Value> = turns.map(|turn| message(turn, form.sends_own)).collect();
    // The next request reads everything before these marks from the cache.
    let mark = json!({ "type": "ephemeral" });
    let content = messages.last_mut().map(|last| &mut last["content"]);
    if let Some(last) = content.and_then(|content| content.as_array_mut()?.last_mut()) {
        last["cache_control"] = mark.clone();
    }
    let tools = question.tools.iter().map(
        |tool| json!({ "name": tool.name, "description": tool.help, "input_schema": tool.schema }),
    );
    let mut body = json!({
        "max_tokens": form.output_max,
        "system": [{ "type": "text", "text": question.system, "cache_control": mark }],
        "messages": messages,
        "tools": tools.collect::<Value>(),
    });
    if !question.may_call {
        body["tool_choice"] = json!({ "type": "none" });
    }
    body
}

fn message(turn: &Turn, sends_own: bool) -> Value {
    let text = |text: &str| json!({ "type": "text", "text": text });
    match turn {
        Turn::Told(told) => json!({ "role": "user", "content": [text(told)] }),
        Turn::Said(parts) => {
            let content = parts.iter().filter_map(|part| match part {
                Part::Text(said) => Some(text(said.trim_end())),
                Part::Call(call) => Some(json!({
                    "type": "tool_use",
                    "id": call.id,
                    "name": call.name,
                    "input": call.object(),
                })),
                Part::Own(own) => sends_own.then(|| own.clone()),
            });
            json!({ "role": "assistant", "content": content.collect::<Value>() })
        }
        Turn::Returned(results) => {
            let content = results.iter().map(|one| {
                json!({
                    "type": "tool_result",
                    "tool_use_id": one.id,
                    "content": one.text,
                    "is_error": one.is_error,
                })
            });
            json!({ "role": "user", "content": content.collect::<Value>() })
        }
    }
}

pub(super) fn event(draft: &mut Draft, event: &Value) {
    let index = event["index"].as_u64().unwrap_or(0);
    let (block, delta) = (&event["content_block"], &event["delta"]);
    match event["type"].as_str().unwrap_or_default() {
        "message_start" => draft.count(&event["message"]["usage"]),
        "content_block_start" => {
            let part = match block["type"].as_str().unwrap_or_default() {
                "text" => Part::Text(text(&block["text"])),
                "tool_use" => {
                    let given = block["input"].as_object();
                    let given = given.filter(|input| !input.is_empty());
                    Part::Call(Call {
                        id: text(&block["id"]),
                        name: text(&block["name"]),
                        written: given.map_or(String::new(), |_| block["input"].to_string()),
                    })
                }
                // It is signed, and sent back unchanged.
                "thinking" | "redacted_thinking" => Part::Own(block.clone()),
                _ => return,
            };
            draft.parts.insert(index, part);
        }
        "content_block_delta" => {
            let piece = |key: &str| delta[key].as_str().unwrap_or_default();
            match draft.parts.get_mut(&index) {
                Some(Part::Text(to)) => to.push_str(piece("text")),
                Some(Part::Call(call)) => call.written.push_str(piece("partial_json")),
                Some(Part::Own(own)) => {
                    for key in ["thinking", "signature"] {
                        if let Some(Value::String(to)) = own.get_mut(key) {
                            to.push_str(piece(key));
                        }
                    }
                }
                None => {}
            }
        }
        "message_delta" => {
            draft.count(&event["usage"]);
            if let Some(reason) = delta["stop_reason"].as_str() {
                draft.reason = Some(reason.to_string());
            }
        }
        "message_stop" => draft.end(""),
        _ => {}
    }
}
