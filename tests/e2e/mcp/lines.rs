//! Lines that are no valid request: each is answered, because a client waits for that.

use serde_json::{Value, json};

use super::Client;
use crate::support::{binary, set_up};

/// What JavaScript writes for a text that was cut within an emoji.
const HALF_EMOJI: &str = r#"{"jsonrpc":"2.0","id":900,"method":"tools/call","params":{"name":"task_create","arguments":{"title":"broken \ud83d emoji"}}}"#;

#[test]
fn a_line_that_is_not_json_is_answered_with_its_id_and_the_server_goes_on() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &[]);
    client.send_line(HALF_EMOJI);
    let answer = client.answer();
    assert_eq!(answer["id"], 900, "{answer}");
    assert_eq!(answer["error"]["code"], -32700, "{answer}");
    let data = &answer["error"]["data"];
    assert_eq!(data["reason"], "mcp.not_json", "{answer}");
    assert!(data["hints"][0].as_str().unwrap().contains("emoji"));
    for (line, id) in [
        ("garbage", Value::Null),
        (
            r#"{"jsonrpc":"2.0","id":"a","method":"tools/li"#,
            Value::Null,
        ),
        (
            r#"{"jsonrpc":"2.0","method":"\ud83d","id":"a"}"#,
            json!("a"),
        ),
        (r#"{"jsonrpc":"2.0","id"#, Value::Null),
    ] {
        client.send_line(line);
        let answer = client.answer();
        assert_eq!(answer["error"]["code"], -32700, "{line}: {answer}");
        let fields = answer.as_object().unwrap();
        assert_eq!(fields.get("id"), Some(&id), "{line}: {answer}");
    }
    // Valid JSON, but no request.
    client.send_line(r#"{"jsonrpc":"1.0","id":5,"method":"ping"}"#);
    let answer = client.answer();
    assert_eq!(
        (&answer["error"]["code"], &answer["id"]),
        (&json!(-32600), &json!(5))
    );
    client.data("task_create", json!({ "title": "whole 😀" }));
    assert_eq!(client.end(), 0);
    let items = repo.data(&["list"])["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 1, "{items}");
}

#[test]
fn a_line_that_is_too_long_is_answered_too() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &[]);
    let long = "x".repeat(17 << 20);
    let arguments = json!({ "title": long });
    client.ask(
        "tools/call",
        json!({ "name": "task_create", "arguments": arguments }),
    );
    let answer = client.answer();
    assert_eq!(answer["id"], Value::Null, "{answer}");
    assert_eq!(answer["error"]["data"]["reason"], "mcp.too_long");
    client.data("ready", json!({}));
}

#[test]
fn the_last_line_needs_no_line_feed_and_is_answered() {
    let (_scene, repo) = set_up();
    let hello = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"probe","version":"1"}}}"#;
    let out = repo
        .feed(binary(), &["mcp"], &format!("nonsense\n{hello}"))
        .ok()
        .out;
    let answers: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers[0]["error"]["code"], -32700, "{out}");
    assert_eq!(
        answers[1]["result"]["serverInfo"]["name"], "git-pm",
        "{out}"
    );
    let out = repo.feed(binary(), &["mcp"], HALF_EMOJI).ok().out;
    assert!(out.contains("\"id\":900"), "{out}");
}

#[test]
fn wrong_params_of_a_method_are_told_from_an_unknown_method() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &[]);
    for (method, params, said) in [
        (
            "tools/call",
            json!({ "arguments": {} }),
            "`name` is missing",
        ),
        ("tools/call", json!({ "name": 5 }), "`name` is not a string"),
        (
            "tools/call",
            json!({ "name": "ready", "arguments": [] }),
            "`arguments` is not an object",
        ),
        ("tools/call", json!([]), "not an object"),
        ("tools/list", json!([]), "not an object"),
        ("resources/read", json!({}), "`uri` is missing"),
        ("prompts/get", json!({}), "`name` is missing"),
    ] {
        let answer = client.request(method, params);
        assert_eq!(answer["error"]["code"], -32602, "{method}: {answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(
            message.contains(said) && message.contains(method),
            "{message}"
        );
    }
    client.send(&json!({ "jsonrpc": "2.0", "id": 77, "method": "tools/call" }));
    let answer = client.answer();
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    let unknown = client.request("no/such/method", json!({}));
    assert_eq!(unknown["error"]["code"], -32601, "{unknown}");
    client.data("ready", json!({}));
}
