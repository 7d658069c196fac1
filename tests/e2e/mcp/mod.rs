//! `git pm mcp`: the MCP server as a process, with a client of a few lines here, and with the
//! official SDK (`sdk`).

mod answers;
mod artifacts;
mod calls;
mod cookbook;
mod identity;
mod items;
mod learnings;
mod lifetime;
mod lines;
mod sdk;
mod worktrees;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::support::{Repo, binary};

/// A client that has shaken hands with a server of its own.
pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    last: u64,
    /// The answer to `initialize`.
    pub hello: Value,
}

/// The text of a result.
#[track_caller]
pub fn text_of(result: &Value) -> &str {
    result["content"][0]["text"].as_str().expect("a text")
}

/// The data of a result for a client that is answered with JSON.
#[track_caller]
pub fn data_of(result: &Value) -> Value {
    serde_json::from_str(text_of(result)).expect("JSON")
}

impl Client {
    /// A client that is answered with JSON.
    pub fn start(repo: &Repo, args: &[&str]) -> Client {
        Client::named(repo, args, "probe")
    }

    /// A client with this name that is answered with JSON.
    pub fn named(repo: &Repo, args: &[&str], name: &str) -> Client {
        Client::connected(repo, &[args, &["--json"]].concat(), name)
    }

    /// A client that is answered with the text for a model.
    pub fn of_model(repo: &Repo, args: &[&str]) -> Client {
        Client::connected(repo, args, "probe")
    }

    fn connected(repo: &Repo, args: &[&str], name: &str) -> Client {
        let mut child = repo
            .command(binary())
            .arg("mcp")
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("git-pm starts");
        let mut client = Client {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().expect("a pipe")),
            child,
            last: 0,
            hello: Value::Null,
        };
        client.hello = client.request(
            "initialize",
            json!({
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": { "name": name, "version": "1" },
            }),
        )["result"]
            .clone();
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        client
    }

    pub fn send(&mut self, message: &Value) {
        self.send_line(&message.to_string());
    }

    /// Sends a line, whatever it is.
    pub fn send_line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("an open pipe");
        writeln!(input, "{line}").expect("the server reads");
    }

    /// Sends a request without waiting for its answer.
    pub fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.last += 1;
        let id = self.last;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The next message of the server.
    pub fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the server writes");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        loop {
            let answer = self.answer();
            if answer["id"] == id {
                return answer;
            }
            // The answer to what was not a message names no request.
            assert!(answer["id"].is_null(), "{answer}");
        }
    }

    /// Calls a tool; the result may be an error.
    pub fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.request(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        );
        answer["result"].clone()
    }

    /// Calls a tool that succeeds, and returns its data.
    #[track_caller]
    pub fn data(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], false, "{tool}: {result}");
        data_of(&result)
    }

    /// Calls a tool that fails, and returns the error.
    #[track_caller]
    pub fn error(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{tool}: {result}");
        data_of(&result)["error"].clone()
    }

    pub fn tools(&mut self) -> Vec<Value> {
        let answer = self.request("tools/list", json!({}));
        answer["result"]["tools"].as_array().expect("tools").clone()
    }

    /// The children of the server that have ended and that it did not wait for; none where `/proc`
    /// does not tell.
    pub fn zombies(&self) -> Vec<u32> {
        let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = all.filter_map(|one| one.file_name().to_str()?.parse::<u32>().ok());
        let parent = self.child.id().to_string();
        let is_zombie = |id: &u32| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            // The name before it, in brackets, may hold anything.
            let rest = stat.rsplit_once(") ").map(|(_, rest)| rest);
            let mut words = rest.unwrap_or_default().split(' ');
            words.next() == Some("Z") && words.next() == Some(&parent)
        };
        ids.filter(is_zombie).collect()
    }

    /// Closes the pipe to the server and returns its exit code.
    pub fn end(mut self) -> i32 {
        drop(self.input.take());
        self.child.wait().expect("it ends").code().unwrap_or(-1)
    }

    /// Closes the output of the server, but not its input, and sends requests to it until it ends;
    /// false if it does not.
    pub fn ends_without_output(mut self, method: &str, params: &Value) -> bool {
        drop(self.output);
        let mut input = self.input.take().expect("an open pipe");
        for id in 1_000..1_200 {
            let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
            let sent = writeln!(input, "{message}").is_ok();
            if !sent || self.child.try_wait().expect("a child").is_some() {
                return self.child.wait().is_ok();
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let _ = self.child.kill();
        false
    }

    /// Closes both pipes at once, and returns the exit code.
    pub fn vanish(mut self) -> i32 {
        drop(self.input.take());
        drop(self.output);
        self.child.wait().expect("it ends").code().unwrap_or(-1)
    }
}
