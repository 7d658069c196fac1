//! The protocol of chat completions, as defined by OpenAI, and Ollama's own variant.
//!
//! Many servers implement it. The variant alone takes the size of the context, without which Ollama
//! silently truncates the conversation. Its events are whole messages, with the arguments of calls as
//! objects.

use serde_json::{Value, json};

use super::{Draft, Form, Question, text};
use crate::agent::llm::conversation::{self, Call, Part, Returned, Turn};

pub(super) fn body(question: &Question<'_>, form: &Form) -> Value {
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
    json!({
        "messages": messages(question, call, result),
        "tools": tools(question),
        "tool_choice": if question.may_call { "auto" } else { "none" },
        "stream_options": { "include_usage": true },
        form.limit_field: form.output_max,
    })
}

pub(super) fn ollama_body(question: &Question<'_>, form: &Form) -> Value {
    let call =
        |call: &Call| json!({ "function": { "name": call.name, "arguments": call.object() } });
    let result =
        |one: &Returned| json!({ "role": "tool", "tool_name": one.name, "content": one.text });
    let mut body = json!({
        "messages": messages(question, call, result),
        "options": { "num_ctx": question.context, "num_predict": form.output_max },
    });
    // There is no other way to request text only.
    if question.may_call {
        body["tools"] = tools(question);
    }
    body
}

fn tools(question: &Question<'_>) -> Value {
    let tools = question.tools.iter().map(|tool| {
        let function =
            json!({ "name": tool.name, "description": tool.help, "parameters": tool.schema });
        json!({ "type": "function", "function": function })
    });
    tools.collect()
}

/// The messages, with calls and results in the form of a protocol.
fn messages(
    question: &Question<'_>,
    call: impl Fn(&Call) -> Value,
    result: impl Fn(&Returned) -> Value,
) -> Vec<Value> {
    let mut messages = vec![json!({ "role": "system", "content": question.system })];
    for turn in question.turns {
        match turn {
            Turn::Told(text) => messages.push(json!({ "role": "user", "content": text })),
            Turn::Said(parts) => {
                let text = conversation::text(parts);
                let mut message = json!({ "role": "assistant", "content": text });
                let calls: Vec<Value> = conversation::calls(parts).map(&call).collect();
                if !calls.is_empty() {
                    message["tool_calls"] = calls.into();
                }
                messages.push(message);
            }
            Turn::Returned(results) => messages.extend(results.iter().map(&result)),
        }
    }
    messages
}

pub(super) fn event(draft: &mut Draft, event: &Value) {
    draft.count(&event["usage"]);
    let choice = &event["choices"][0];
    message(draft, &choice["delta"]);
    if let Some(reason) = choice["finish_reason"].as_str() {
        draft.reason = Some(reason.to_string());
    }
}

pub(super) fn ollama_event(draft: &mut Draft, event: &Value) {
    message(draft, &event["message"]);
    if event["done"] == true {
        draft.count(event);
        draft.end(event["done_reason"].as_str().unwrap_or_default());
    }
}

/// Reads a piece of a message: its text is the first part, the calls follow.
fn message(draft: &mut Draft, message: &Value) {
    let first = draft.parts.entry(0);
    if let Part::Text(to) = first.or_insert(Part::Text(String::new())) {
        to.push_str(message["content"].as_str().unwrap_or_default());
    }
    for piece in message["tool_calls"].as_array().into_iter().flatten() {
        let function = &piece["function"];
        let (id, name) = (text(&piece["id"]), text(&function["name"]));
        // Some servers omit the index, and send each call whole.
        let last = draft.parts.keys().next_back().copied().unwrap_or(0);
        let is_new = last == 0 || !id.is_empty() || !name.is_empty();
        let index = piece["index"].as_u64().map(|index| index.saturating_add(1));
        let index = index.unwrap_or(last.saturating_add(u64::from(is_new)));
        let call = draft.parts.entry(index);
        let Part::Call(call) = call.or_insert(Part::Call(Call::default())) else {
            continue;
        };
        if call.id.is_empty() {
            call.id = id;
        }
        if call.name.is_empty() {
            call.name = name;
        }
        match &function["arguments"] {
            Value::String(written) => call.written.push_str(written),
            Value::Null => {}
            object => call.written.push_str(&object.to_string()),
        }
    }
}
