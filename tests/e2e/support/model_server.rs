//! A server that speaks the protocols of language models, with streams: Anthropic's Messages, OpenAI's
//! Responses and chat completions, Ollama's chat. What it answers, a test decides; it can also send
//! garbage, cut a stream, or keep silent. The library's own tests use it, too.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// Tokens of every answer: sent, of these from the cache, written.
pub const USAGE: (u64, u64, u64) = (1000, 200, 50);

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Value,
    /// The number of requests before it.
    pub number: usize,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The results of tools in the conversation, in order.
    pub fn results(&self) -> Vec<String> {
        let list = |key: &str| self.body[key].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().map(str::to_string);
        let mut found = Vec::new();
        for message in list("messages") {
            if message["role"] == "tool" {
                found.extend(text(&message["content"]));
            }
            for part in message["content"].as_array().into_iter().flatten() {
                if part["type"] == "tool_result" {
                    found.extend(text(&part["content"]));
                }
            }
        }
        for item in list("input") {
            if item["type"] == "function_call_output" {
                found.extend(text(&item["output"]));
            }
        }
        found
    }

    /// Everything of the body as one text.
    pub fn text(&self) -> String {
        self.body.to_string()
    }

    /// The first text of ours: the prompt.
    pub fn prompt(&self) -> String {
        let messages = self.body["messages"]
            .as_array()
            .or(self.body["input"].as_array());
        let user = messages
            .into_iter()
            .flatten()
            .find(|one| one["role"] == "user");
        let content = user.map(|one| one["content"].clone()).unwrap_or_default();
        match content {
            Value::String(text) => text,
            parts => parts[0]["text"].as_str().unwrap_or_default().to_string(),
        }
    }
}

/// What the server answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A text, and the end.
    Say(String),
    /// A text (may be empty) and calls of tools: name and arguments as they are sent.
    Call(String, Vec<(String, String)>),
    /// A text that reached the limit of an answer.
    Long(String),
    /// A status with headers and a body.
    Status(u16, Vec<(String, String)>, String),
    /// The beginning of a call, and the end of the connection.
    Cut,
    /// These bytes as the stream.
    Raw(String),
    /// Nothing for this time.
    Silent(Duration),
    /// As another, after this time.
    After(Duration, Box<Reply>),
}

impl Reply {
    pub fn say(text: &str) -> Reply {
        Reply::Say(text.into())
    }

    pub fn call(name: &str, arguments: Value) -> Reply {
        Reply::Call(String::new(), vec![(name.into(), arguments.to_string())])
    }

    pub fn run(command: &str) -> Reply {
        Reply::call("run_command", json!({ "command": command }))
    }

    pub fn status(status: u16, body: &str) -> Reply {
        Reply::Status(status, Vec::new(), body.into())
    }
}

type Script = dyn Fn(&Request) -> Reply + Send + Sync;

/// What the question for a change plan says, and no other prompt.
const PLAN_ASKED: &str = "Plan the change, and change nothing yet";

/// A change plan.
pub const PLAN: &str = r#"{"plan": ["a.txt: greet", "b.txt: greet", "c.txt: greet"],
    "rationale": "Three files greet in three ways."}"#;

/// A running server.
pub struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    closed: Arc<Mutex<usize>>,
    is_over: Arc<AtomicBool>,
    address: std::net::SocketAddr,
}

impl Server {
    /// A server that answers by a script, and by itself what asks for a change plan, which it keeps no
    /// record of.
    pub fn new(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
        Server::with(script, true)
    }

    /// As [`Server::new`]; the script also answers what asks for a change plan.
    pub fn asked_for_plans(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
        Server::with(script, false)
    }

    fn with(script: impl Fn(&Request) -> Reply + Send + Sync + 'static, plans: bool) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server {
            url: format!("http://{address}"),
            requests: Arc::default(),
            closed: Arc::default(),
            is_over: Arc::default(),
            address,
        };
        let script: Arc<Script> = Arc::new(script);
        let (requests, is_over) = (server.requests.clone(), server.is_over.clone());
        let closed = server.closed.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                let (script, requests) = (script.clone(), requests.clone());
                let closed = closed.clone();
                std::thread::spawn(move || {
                    let _ = serve(&stream, &*script, (&requests, plans), &closed);
                });
            }
        });
        server
    }

    /// A server that gives these answers in turn, and the last one again and again.
    pub fn in_turn(replies: Vec<Reply>) -> Server {
        Server::new(move |request| {
            let at = request.number.min(replies.len() - 1);
            replies[at].clone()
        })
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The number of silent answers that ended because the client closed the connection.
    pub fn closed(&self) -> usize {
        *self.closed.lock().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(
    stream: &TcpStream,
    script: &Script,
    (requests, plans): (&Mutex<Vec<Request>>, bool),
    closed: &Mutex<usize>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_string();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_string()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let request = {
            let mut all = requests.lock().unwrap();
            let request = Request {
                path,
                headers,
                body: serde_json::from_slice(&body).unwrap_or_default(),
                number: all.len(),
            };
            if plans && request.prompt().contains(PLAN_ASKED) {
                drop(all);
                if !answer(stream, &request, &Reply::say(PLAN))? {
                    return Ok(());
                }
                continue;
            }
            all.push(request.clone());
            request
        };
        let mut reply = script(&request);
        while let Reply::After(time, then) = reply {
            std::thread::sleep(time);
            reply = *then;
        }
        if let Reply::Silent(time) = reply {
            head(stream, &request.path)?;
            stream.set_read_timeout(Some(time))?;
            // The end of the connection, or the time.
            if matches!(reader.read(&mut [0]), Ok(0)) {
                *closed.lock().unwrap() += 1;
            }
            return Ok(());
        }
        if !answer(stream, &request, &reply)? {
            return Ok(());
        }
    }
}

fn head(mut stream: &TcpStream, path: &str) -> std::io::Result<()> {
    let kind = match path.ends_with("/api/chat") {
        true => "application/x-ndjson",
        false => "text/event-stream",
    };
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes())
}

/// Writes an answer; false if the connection ends with it.
fn answer(mut stream: &TcpStream, request: &Request, reply: &Reply) -> std::io::Result<bool> {
    if let Reply::Status(status, headers, body) = reply {
        let mut text = format!("HTTP/1.1 {status} No\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{text}\r\n{body}").as_bytes())?;
        return Ok(true);
    }
    head(stream, &request.path)?;
    let text = match reply {
        Reply::Raw(text) => text.clone(),
        reply => written(&request.path, reply),
    };
    // In pieces that end in the middle of events.
    let middle = (0..=text.len() / 2)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap();
    for piece in [&text[..middle], &text[middle..]] {
        if !piece.is_empty() {
            write!(stream, "{:x}\r\n{piece}\r\n", piece.len())?;
            stream.flush()?;
        }
    }
    if matches!(reply, Reply::Cut) {
        stream.shutdown(std::net::Shutdown::Both)?;
        return Ok(false);
    }
    stream.write_all(b"0\r\n\r\n")?;
    Ok(true)
}

fn written(path: &str, reply: &Reply) -> String {
    let none = Vec::new();
    let half = vec![(
        "run_command".to_string(),
        "{\"command\":\"echo ha".to_string(),
    )];
    let (text, calls, is_long) = match reply {
        Reply::Say(text) => (text.as_str(), &none, false),
        Reply::Call(text, calls) => (text.as_str(), calls, false),
        Reply::Long(text) => (text.as_str(), &none, true),
        Reply::Cut => ("", &half, false),
        other => panic!("{other:?}"),
    };
    let is_cut = matches!(reply, Reply::Cut);
    let events = |events: Vec<Value>| -> String {
        events
            .iter()
            .map(|event| match event["type"].as_str() {
                Some(name) => format!("event: {name}\ndata: {event}\n\n"),
                None => format!("data: {event}\n\n"),
            })
            .collect()
    };
    if path.ends_with("/v1/messages") {
        events(messages(text, calls, is_long, is_cut))
    } else if path.ends_with("/responses") {
        events(responses(text, calls, is_long, is_cut))
    } else if path.ends_with("/chat/completions") {
        let end = if is_cut { "" } else { "data: [DONE]\n\n" };
        format!(
            ": a comment\n\n{}{end}",
            events(chat(text, calls, is_long, is_cut))
        )
    } else {
        let lines = ollama(text, calls, is_long, is_cut);
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

fn messages(text: &str, calls: &[(String, String)], is_long: bool, is_cut: bool) -> Vec<Value> {
    let (input, cached, output) = USAGE;
    let mut all = vec![json!({
        "type": "message_start",
        "message": { "id": "msg_1", "role": "assistant", "content": [], "usage": {
            "input_tokens": input - cached, "cache_read_input_tokens": cached,
            "cache_creation_input_tokens": 0, "output_tokens": 1,
        } },
    })];
    let mut index = 0;
    if !text.is_empty() {
        all.push(json!({ "type": "content_block_start", "index": index, "content_block": { "type": "text", "text": "" } }));
        all.push(json!({ "type": "ping" }));
        all.push(json!({ "type": "content_block_delta", "index": index, "delta": { "type": "text_delta", "text": text } }));
        all.push(json!({ "type": "content_block_stop", "index": index }));
        index += 1;
    }
    for (n, (name, arguments)) in calls.iter().enumerate() {
        all.push(
            json!({ "type": "content_block_start", "index": index, "content_block": {
            "type": "tool_use", "id": format!("toolu_{n}"), "name": name, "input": {} } }),
        );
        for piece in pieces(arguments) {
            all.push(json!({ "type": "content_block_delta", "index": index,
                "delta": { "type": "input_json_delta", "partial_json": piece } }));
        }
        all.push(json!({ "type": "content_block_stop", "index": index }));
        index += 1;
    }
    if is_cut {
        all.pop();
        return all;
    }
    let reason = match (is_long, calls.is_empty()) {
        (true, _) => "max_tokens",
        (false, true) => "end_turn",
        (false, false) => "tool_use",
    };
    all.push(json!({ "type": "message_delta", "delta": { "stop_reason": reason }, "usage": { "output_tokens": output } }));
    all.push(json!({ "type": "message_stop" }));
    all
}

fn responses(text: &str, calls: &[(String, String)], is_long: bool, is_cut: bool) -> Vec<Value> {
    let (input, cached, output) = USAGE;
    let mut all = vec![
        json!({ "type": "response.created", "response": { "id": "resp_1", "status": "in_progress" } }),
    ];
    if !text.is_empty() {
        all.push(json!({ "type": "response.output_text.delta", "delta": text }));
        all.push(
            json!({ "type": "response.output_item.done", "output_index": 0, "item": {
            "type": "message", "id": "msg_1", "role": "assistant",
            "content": [{ "type": "output_text", "text": text, "annotations": [] }] } }),
        );
    }
    for (n, (name, arguments)) in calls.iter().enumerate() {
        all.push(json!({ "type": "response.function_call_arguments.delta", "delta": arguments }));
        if is_cut {
            return all;
        }
        all.push(
            json!({ "type": "response.output_item.done", "output_index": n + 1, "item": {
            "type": "function_call", "id": format!("fc_{n}"), "call_id": format!("call_{n}"),
            "name": name, "arguments": arguments } }),
        );
    }
    let usage = json!({ "input_tokens": input, "input_tokens_details": { "cached_tokens": cached }, "output_tokens": output });
    all.push(match is_long {
        true => json!({ "type": "response.incomplete", "response": { "status": "incomplete",
            "incomplete_details": { "reason": "max_output_tokens" }, "usage": usage } }),
        false => json!({ "type": "response.completed", "response": { "status": "completed", "usage": usage } }),
    });
    all
}

fn chat(text: &str, calls: &[(String, String)], is_long: bool, is_cut: bool) -> Vec<Value> {
    let (input, cached, output) = USAGE;
    let delta = |delta: Value, reason: Value| json!({ "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] });
    let mut all = vec![delta(
        json!({ "role": "assistant", "content": text }),
        Value::Null,
    )];
    for (n, (name, arguments)) in calls.iter().enumerate() {
        all.push(delta(
            json!({ "tool_calls": [{ "index": n, "id": format!("call_{n}"), "type": "function",
            "function": { "name": name, "arguments": "" } }] }),
            Value::Null,
        ));
        for piece in pieces(arguments) {
            all.push(delta(
                json!({ "tool_calls": [{ "index": n, "function": { "arguments": piece } }] }),
                Value::Null,
            ));
        }
    }
    if is_cut {
        return all;
    }
    let reason = match (is_long, calls.is_empty()) {
        (true, _) => "length",
        (false, true) => "stop",
        (false, false) => "tool_calls",
    };
    all.push(delta(json!({}), json!(reason)));
    all.push(
        json!({ "choices": [], "usage": { "prompt_tokens": input, "completion_tokens": output,
        "prompt_tokens_details": { "cached_tokens": cached } } }),
    );
    all
}

fn ollama(text: &str, calls: &[(String, String)], is_long: bool, is_cut: bool) -> Vec<Value> {
    let (input, _, output) = USAGE;
    let mut all = vec![
        json!({ "model": "m", "message": { "role": "assistant", "content": text }, "done": false }),
    ];
    for (name, arguments) in calls {
        if is_cut {
            return all;
        }
        let arguments =
            serde_json::from_str::<Value>(arguments).unwrap_or_else(|_| json!(arguments));
        all.push(
            json!({ "model": "m", "done": false, "message": { "role": "assistant", "content": "",
            "tool_calls": [{ "function": { "name": name, "arguments": arguments } }] } }),
        );
    }
    let reason = if is_long { "length" } else { "stop" };
    all.push(
        json!({ "model": "m", "message": { "role": "assistant", "content": "" }, "done": true,
        "done_reason": reason, "prompt_eval_count": input, "eval_count": output }),
    );
    all
}

/// A text in two pieces.
fn pieces(text: &str) -> [&str; 2] {
    let middle = (0..=text.len() / 2)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap();
    [&text[..middle], &text[middle..]]
}
