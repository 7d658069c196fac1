//! OpenAI's Responses API. The server stores nothing: each request has the whole conversation.

use serde_json::{Value, json};

use super::{Draft, Form, Question, text};
use crate::agent::llm::conversation::{Call, Part, Turn};

pub(super) fn body(question: &Question<'_>, form: &Form) -> Value {
    let of = |turn| items(turn, form.sends_own);
    let tools = question.tools.iter().map(|tool| {
        json!({
            "type": "function",
            "name": tool.name,
            "description": tool.help,
            "parameters": tool.schema,
            "strict": false,
        })
    });
    let mut body = json!({
        "instructions": question.system,
        "input": question.turns.iter().flat_map(of).collect::<Value>(),
        "tools": tools.collect::<Value>(),
        "tool_choice": if question.may_call { "auto" } else { "none" },
        "max_output_tokens": form.output_max,
        "store": false,
    });
    if form.sends_own {
        body["include"] = json!(["reasoning.encrypted_content"]);
    }
    body
}

fn items(turn: &Turn, sends_own: bool) -> Vec<Value> {
    let message = |role: &str, kind: &str, text: &str| json!({ "type": "message", "role": role, "content": [{ "type": kind, "text": text }] });
    match turn {
        Turn::Told(text) => vec![message("user", "input_text", text)],
        Turn::Said(parts) => {
            let items = parts.iter().filter_map(|part| match part {
                Part::Text(text) => Some(message("assistant", "output_text", text)),
                Part::Call(call) => Some(json!({
                    "type": "function_call",
                    "call_id": call.id,
                    "name": call.name,
                    "arguments": call.object().to_string(),
                })),
                Part::Own(own) => sends_own.then(|| own.clone()),
            });
            items.collect()
        }
        Turn::Returned(results) => {
            let outputs = results.iter().map(
                |one| json!({ "type": "function_call_output", "call_id": one.id, "output": one.text }),
            );
            outputs.collect()
        }
    }
}

pub(super) fn event(draft: &mut Draft, event: &Value) {
    let (item, response) = (&event["item"], &event["response"]);
    match event["type"].as_str().unwrap_or_default() {
        "response.output_item.done" => match item["type"].as_str().unwrap_or_default() {
            "message" => {
                let parts = item["content"].as_array().into_iter().flatten();
                let said =
                    parts.filter_map(|part| part["text"].as_str().or(part["refusal"].as_str()));
                draft.add(Part::Text(said.collect()));
            }
            "function_call" => draft.add(Part::Call(Call {
                id: text(&item["call_id"]),
                name: text(&item["name"]),
                written: text(&item["arguments"]),
            })),
            "reasoning" if item["encrypted_content"].is_string() => {
                // Without its id: the server has stored nothing under it.
                draft.add(Part::Own(json!({
                    "type": "reasoning",
                    "summary": item["summary"].as_array().cloned().unwrap_or_default(),
                    "encrypted_content": item["encrypted_content"],
                })));
            }
            _ => {}
        },
        "response.completed" => {
            draft.count(&response["usage"]);
            draft.end("");
        }
        "response.incomplete" => {
            draft.count(&response["usage"]);
            let reason = response["incomplete_details"]["reason"].as_str();
            draft.end(reason.unwrap_or("length"));
        }
        _ => {}
    }
}
