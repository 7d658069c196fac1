//! Each protocol from the prompt to the commit.

use serde_json::{Value, json};

use super::server::USAGE;
use super::*;

/// Writes a file, commits it, and reports that; two calls in one answer.
fn commits(request: &Request) -> Reply {
    let write = json!({ "path": "hello.txt", "content": "hello wörld\n" });
    match request.results().len() {
        0 => Reply::Call(
            "I write the file.".into(),
            vec![
                (
                    "read_file".into(),
                    json!({ "path": "README.md" }).to_string(),
                ),
                ("write_file".into(), write.to_string()),
            ],
        ),
        2 => Reply::run(COMMIT),
        _ => Reply::say("Committed."),
    }
}

/// RC-23: all protocols produce the same work.
#[test]
fn rc_23_every_protocol_leads_to_a_commit() {
    for model in MODELS {
        let server = Server::new(commits);
        let mut bench = Bench::new(&server, model);
        let report = bench.finish();
        assert_eq!(
            bench.git(&["show", "HEAD:hello.txt"]),
            "hello wörld\n",
            "{model}"
        );
        let requests = server.requests();
        assert_eq!(requests.len(), 3, "{model}");
        // All results were returned, in order.
        let results = requests[2].results();
        assert_eq!(results.len(), 3, "{model}: {results:?}");
        assert!(results[0].contains("# A project"), "{model}: {results:?}");
        assert!(
            results[1].contains("wrote 13 bytes"),
            "{model}: {results:?}"
        );
        assert!(requests[2].text().contains("I write the file."), "{model}");
        assert_eq!(requests[0].prompt(), "Write hello.txt.", "{model}");
        let (input, cached, output) = USAGE;
        let cached = if model.starts_with("ollama") {
            0
        } else {
            cached
        };
        assert_eq!(report.usage.input, 3 * input, "{model}");
        assert_eq!(report.usage.cached, 3 * cached, "{model}");
        assert_eq!(report.usage.output, 3 * output, "{model}");
        let each = (input - cached) * 10 + cached + output * 20;
        assert_eq!(report.usage.cost, Some(3 * each), "{model}");
        assert_eq!((report.messages, report.tools), (3, 3), "{model}");
        assert_eq!(report.message.as_deref(), Some("Committed."), "{model}");
        let began = Update::ToolBegan {
            name: "run_command".into(),
            detail: COMMIT.into(),
        };
        assert!(
            bench.heard.updates.contains(&began),
            "{:?}",
            bench.heard.updates
        );
    }
}

/// The requirements of each protocol for a request.
#[test]
fn requests_have_the_form_of_their_protocol() {
    let bodies = MODELS.map(|model| {
        let server = Server::new(commits);
        let mut bench = Bench::new(&server, model);
        bench.finish();
        let last = server.requests().pop().unwrap();
        let key = last.header("x-api-key").or(last.header("authorization"));
        assert!(key.unwrap().ends_with("key-for-tests-only"), "{model}");
        assert_eq!(last.header("content-type"), Some("application/json"));
        assert_eq!(last.body["stream"], true, "{model}");
        assert_eq!(last.body["model"], "m", "{model}");
        (last.path.clone(), last.body)
    });
    let [
        (path, messages),
        (r_path, responses),
        (c_path, chat),
        (o_path, ollama),
    ] = &bodies;
    assert_eq!(path, "/v1/messages");
    assert_eq!(messages["max_tokens"], 8192);
    assert_eq!(messages["messages"][1]["content"][1]["type"], "tool_use");
    assert_eq!(
        messages["messages"][1]["content"][1]["input"]["path"],
        "README.md"
    );
    let result = &messages["messages"][2]["content"][0];
    assert_eq!(
        result["tool_use_id"],
        messages["messages"][1]["content"][1]["id"]
    );
    assert!(messages["tools"][0]["input_schema"].is_object());
    assert_eq!(messages["system"][0]["cache_control"]["type"], "ephemeral");
    let last = messages["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(last["content"][0]["cache_control"]["type"], "ephemeral");
    assert!(messages["temperature"].is_null());
    assert_eq!(r_path, "/responses");
    assert_eq!(responses["store"], false);
    let items: Vec<&str> = responses["input"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["type"].as_str())
        .collect();
    let expected = [
        "message",
        "message",
        "function_call",
        "function_call",
        "function_call_output",
        "function_call_output",
        "function_call",
        "function_call_output",
    ];
    assert_eq!(items, expected);
    assert_eq!(c_path, "/chat/completions");
    assert_eq!(chat["stream_options"]["include_usage"], true);
    assert_eq!(chat["messages"][0]["role"], "system");
    let call = &chat["messages"][2]["tool_calls"][1];
    let arguments: Value =
        serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(arguments["path"], "hello.txt");
    assert_eq!(chat["messages"][4]["tool_call_id"], call["id"]);
    assert_eq!(o_path, "/api/chat");
    assert_eq!(ollama["options"]["num_ctx"], 32768);
    assert_eq!(ollama["options"]["temperature"], 0.1);
    assert_eq!(
        ollama["messages"][2]["tool_calls"][0]["function"]["arguments"]["path"],
        "README.md"
    );
    assert_eq!(ollama["messages"][3]["tool_name"], "read_file");
}

/// A model that has not committed everything is reminded once.
#[test]
fn what_is_not_committed_is_named_once() {
    let server = Server::new(|request| match request.number {
        0 => Reply::call("write_file", json!({ "path": "a/b.txt", "content": "x" })),
        1 | 2 => Reply::say("Done."),
        _ => panic!("asked again"),
    });
    let mut bench = Bench::new(&server, "chat/m");
    bench.finish();
    let last = server.requests().pop().unwrap().text();
    assert!(
        last.contains("Not everything is committed") && last.contains("a/b.txt"),
        "{last}"
    );
}

/// A model can report that a task cannot be done.
#[test]
fn a_model_can_give_up() {
    let server = Server::in_turn(vec![Reply::call(
        "give_up",
        json!({ "reason": "no such file" }),
    )]);
    let (class, message) = Bench::new(&server, "openai/m").fail();
    assert_eq!(class, Class::Permanent);
    assert!(message.contains("gave up: no such file"), "{message}");
}

/// Some servers refuse a temperature, or send a call whole and without an index.
#[test]
fn differences_between_servers_do_not_matter() {
    let server = Server::new(|request| {
        if !request.body["temperature"].is_null() {
            let body = r#"{"error":{"message":"Unsupported parameter: 'temperature'","type":"invalid_request_error"}}"#;
            return Reply::status(400, body);
        }
        match request.results().len() {
            0 => Reply::Raw(
                "data: {\"choices\":[{\"delta\":{\"tool_calls\":[\
                 {\"id\":\"a\",\"function\":{\"name\":\"write_file\",\"arguments\":\"{\\\"path\\\":\\\"x\\\",\\\"content\\\":\\\"1\\\"}\"}},\
                 {\"id\":\"b\",\"function\":{\"name\":\"run_command\",\"arguments\":{\"command\":\"git add -A; git commit -qm x\"}}}\
                 ]},\"finish_reason\":\"tool_calls\"}]}\n\n"
                    .into(),
            ),
            _ => Reply::Raw("data:{\"choices\":[{\"delta\":{\"content\":\"Done\"}}]}\r\n\r\ndata: [DONE]".into()),
        }
    });
    let mut bench = Bench::new(&server, "chat/m");
    bench.options.temperature = Some(0.3);
    bench.finish();
    assert_eq!(bench.git(&["show", "HEAD:x"]), "1");
}

/// Reasoning that is signed or encrypted is sent back unchanged, before the call that it led to; a
/// server that refuses that gets the conversation without it.
#[test]
fn reasoning_is_sent_back_unchanged() {
    let events = |events: &[Value]| -> String {
        let lines = events.iter().map(|event| format!("data: {event}\n\n"));
        lines.collect()
    };
    let arguments = json!({ "command": "echo one" }).to_string();
    let messages = events(&[
        json!({ "type": "message_start", "message": { "usage": { "input_tokens": 9 } } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "thinking", "thinking": "", "signature": "" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "thinking_delta", "thinking": "I think" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "signature_delta", "signature": "sig=" } }),
        json!({ "type": "content_block_start", "index": 1, "content_block": { "type": "redacted_thinking", "data": "xyz" } }),
        json!({ "type": "content_block_start", "index": 2, "content_block": { "type": "tool_use", "id": "toolu_1", "name": "run_command", "input": {} } }),
        json!({ "type": "content_block_delta", "index": 2, "delta": { "type": "input_json_delta", "partial_json": arguments } }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "tool_use" }, "usage": { "output_tokens": 3 } }),
        json!({ "type": "message_stop" }),
    ]);
    let responses = events(&[
        json!({ "type": "response.output_item.done", "item": { "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "xyz" } }),
        json!({ "type": "response.output_item.done", "item": { "type": "function_call", "call_id": "call_1", "name": "run_command", "arguments": arguments } }),
        json!({ "type": "response.completed", "response": { "usage": { "input_tokens": 9, "output_tokens": 3 } } }),
    ]);
    for (model, stream) in [("anthropic/m", messages), ("openai/m", responses)] {
        let server = Server::new(move |request| match request.number {
            0 => Reply::Raw(stream.clone()),
            1 => Reply::status(
                400,
                r#"{"error":{"message":"thinking blocks or encrypted_content cannot be verified"}}"#,
            ),
            _ => Reply::say("Done."),
        });
        let mut bench = Bench::new(&server, model);
        bench.finish();
        let [_, with, without] = &server.requests()[..] else {
            panic!("{:?}", server.requests().len());
        };
        assert!(
            with.text().contains("xyz") && !without.text().contains("xyz"),
            "{model}"
        );
        assert!(with.results()[0].contains("one") && without.results()[0].contains("one"));
        if model == "anthropic/m" {
            let kept = with.body["messages"][1]["content"].as_array().unwrap();
            let expected =
                json!({ "type": "thinking", "thinking": "I think", "signature": "sig=" });
            assert_eq!(kept[0], expected);
            assert_eq!(kept[1]["data"], "xyz");
            assert_eq!(kept[2]["input"]["command"], "echo one");
        } else {
            assert_eq!(with.body["include"][0], "reasoning.encrypted_content");
            let kept = json!({ "type": "reasoning", "summary": [], "encrypted_content": "xyz" });
            assert_eq!(with.body["input"][1], kept);
            assert_eq!(with.body["input"][2]["type"], "function_call");
            assert!(without.body["include"].is_null());
        }
    }
}

/// A server that rejects the name or the value of the limit gets another.
#[test]
fn limits_of_answers_are_adapted_to_the_server() {
    let server = Server::new(|request| {
        let limit = &request.body["max_completion_tokens"];
        match limit.as_u64() {
            None => Reply::status(
                400,
                r#"{"error":{"message":"Use 'max_completion_tokens' instead of 'max_tokens'"}}"#,
            ),
            Some(2_001..) => Reply::status(
                400,
                r#"{"error":{"message":"max_completion_tokens is larger than 2048"}}"#,
            ),
            Some(_) => Reply::say("Done."),
        }
    });
    Bench::new(&server, "minimax/m").finish();
    let last = server.requests().pop().unwrap();
    assert!(last.body["max_tokens"].is_null() && last.body["max_completion_tokens"].is_u64());
}
