//! JSON-RPC 2.0 messages, one per line.

use serde_json::{Value, json};

use super::super::super::json::Json;

/// The size of the prefix of an unreadable line that is searched for a request, in bytes.
const HEAD: usize = 1024;

/// The maximum size of an id that is answered, in bytes.
const ID_MAX: usize = 1024;

pub(super) fn request(id: u64, method: &str, params: Value) -> Vec<u8> {
    line(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
}

pub(super) fn notification(method: &str, params: Value) -> Vec<u8> {
    line(json!({"jsonrpc": "2.0", "method": method, "params": params}))
}

pub(super) fn result(id: Value, result: Value) -> Vec<u8> {
    line(json!({"jsonrpc": "2.0", "id": id, "result": result}))
}

pub(super) fn unknown_method(id: Value, message: &str) -> Vec<u8> {
    error(id, -32601, message)
}

/// The answer to a request that is broken or too long.
pub(super) fn unreadable(id: Value) -> Vec<u8> {
    error(id, -32600, "the request cannot be read")
}

fn error(id: Value, code: i32, message: &str) -> Vec<u8> {
    line(json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}))
}

fn line(message: Value) -> Vec<u8> {
    let mut line = message.to_string().into_bytes();
    line.push(b'\n');
    line
}

/// The id of a message: a number or a string.
pub(super) fn id(id: &Json) -> Option<Value> {
    match id {
        Json::Number(number) if number.is_u64() => Some(id.clone()),
        Json::Number(number) => {
            let is_whole = |id: &f64| id.fract() == 0.0 && id.abs() < 9e15;
            let id = number.as_f64().filter(is_whole)?;
            Some(json!(id as i64))
        }
        Json::String(text) if text.len() <= ID_MAX => Some(id.clone()),
        _ => None,
    }
}

/// The id of the request at the start of a broken line, if its parameters come last, as is usual.
pub(super) fn id_of_cut_request(line: &[u8]) -> Option<Value> {
    let head = String::from_utf8_lossy(&line[..line.len().min(HEAD)]);
    let (before, _) = head.split_once("\"params\"")?;
    if !before.starts_with('{') || !before.contains("\"method\"") {
        return None;
    }
    let (_, after) = before.split_once("\"id\"")?;
    let after = after.trim_start().strip_prefix(':')?;
    let id = serde_json::Deserializer::from_str(after)
        .into_iter::<Value>()
        .next()?
        .ok()?;
    (id.is_number() || id.is_string()).then_some(id)
}
