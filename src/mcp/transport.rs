//! The messages between the client and the server, one on a line.
//!
//! rmcp's own transport drops a line that is not JSON; this one answers it, because a client waits
//! for the answer to what it sent as a request.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use rmcp::model::{CustomRequest, ErrorData};
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;

use super::invalid_params;
use super::limits;
use super::tool::failure;
use crate::error::{Error, Reason};
use crate::model::text::excerpt;

/// A message of the client.
type Message = RxJsonRpcMessage<RoleServer>;

/// The output, until it is closed.
struct Output<W> {
    writer: Mutex<Option<W>>,
    /// Notified when the client has closed it.
    closed: Notify,
}

/// A transport over a reader and a writer.
pub(super) struct Lines<R, W> {
    input: BufReader<R>,
    /// What was read of the current line. It stays here if the read is cancelled.
    line: Vec<u8>,
    /// Whether the current line is longer than [`limits::MESSAGE_MAX`], so that its end was dropped.
    is_cut: bool,
    output: Arc<Output<W>>,
    /// The answer to an invalid line, while it is written. A task of its own, since a cancelled read
    /// would leave half of it.
    refusing: Option<JoinHandle<io::Result<()>>>,
}

impl<R, W> Lines<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    /// A transport that reads messages from `input` and writes the answers to `output`.
    pub fn new(input: R, output: W) -> Lines<R, W> {
        Lines {
            input: BufReader::new(input),
            line: Vec::new(),
            is_cut: false,
            output: Arc::new(Output {
                writer: Mutex::new(Some(output)),
                closed: Notify::new(),
            }),
            refusing: None,
        }
    }

    /// Reads to the end of the line; false at the end of the input. It can be cancelled at any time.
    async fn read_line(&mut self) -> io::Result<bool> {
        loop {
            let found = self.input.fill_buf().await?;
            if found.is_empty() {
                return Ok(!self.line.is_empty());
            }
            let end = found.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(found.len(), |at| at + 1);
            let room = limits::MESSAGE_MAX.saturating_sub(self.line.len());
            self.line.extend_from_slice(&found[..length.min(room)]);
            self.is_cut |= length > room;
            self.input.consume(length);
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    /// Starts to write the answer to a line.
    fn refuse(&mut self, refusal: &Refusal) {
        let (output, line) = (self.output.clone(), refusal.lines());
        self.refusing = Some(tokio::spawn(async move {
            write(&output, line.as_bytes()).await
        }));
    }
}

impl<R, W> Transport<RoleServer> for Lines<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let output = self.output.clone();
        async move {
            let mut line = serde_json::to_vec(&message)?;
            line.push(b'\n');
            write(&output, &line).await
        }
    }

    async fn receive(&mut self) -> Option<Message> {
        loop {
            if let Some(refusing) = &mut self.refusing {
                let written = refusing.await;
                self.refusing = None;
                // The client is gone.
                written.ok()?.ok()?;
            }
            let output = self.output.clone();
            // Nobody can receive the answers once the output is closed, so nothing more is done.
            let read = {
                let mut closed = pin!(output.closed.notified());
                let mut read = pin!(self.read_line());
                poll_fn(|context| match closed.as_mut().poll(context) {
                    Poll::Ready(()) => Poll::Ready(Ok(false)),
                    Poll::Pending => read.as_mut().poll(context),
                })
                .await
            };
            if !read.ok()? {
                return None;
            }
            let line = std::mem::take(&mut self.line);
            let read = match std::mem::take(&mut self.is_cut) {
                true => Err(Refusal::too_long(&line)),
                false => message(&line),
            };
            match read {
                Ok(Some(message)) => return Some(message),
                Ok(None) => {}
                Err(refusal) => self.refuse(&refusal),
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        drop(self.output.writer.lock().await.take());
        Ok(())
    }
}

async fn write<W: AsyncWrite + Unpin>(output: &Output<W>, line: &[u8]) -> io::Result<()> {
    let mut writer = output.writer.lock().await;
    let Some(open) = writer.as_mut() else {
        return Err(io::ErrorKind::NotConnected.into());
    };
    let mut written = open.write_all(line).await;
    if written.is_ok() {
        written = open.flush().await;
    }
    if written.is_err() {
        *writer = None;
        output.closed.notify_one();
    }
    written
}

/// The message in a line; none in an empty one, or in one that must not be answered.
fn message(line: &[u8]) -> Result<Option<Message>, Refusal> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let line = line.trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    let error = match serde_json::from_slice(line) {
        Ok(message) => return Ok(Some(message)),
        Err(error) => error,
    };
    match serde_json::from_slice::<Value>(line) {
        Err(error) => Err(Refusal::not_json(line, &error)),
        Ok(value) if !is_request(&value) => Ok(None),
        Ok(value) => Err(match with_wrong_params(&value) {
            Some(request) => Refusal {
                ids: ids(line),
                error: invalid_params::refused(&request),
            },
            None => Refusal::not_a_message(line, &error),
        }),
    }
}

/// A request in which nothing but the params can be wrong.
fn with_wrong_params(value: &Value) -> Option<CustomRequest> {
    let is_id = |id: &Value| id.is_string() || id.is_i64();
    let is_one = value["jsonrpc"] == "2.0" && is_id(&value["id"]);
    let method = value["method"].as_str().filter(|_| is_one)?;
    Some(CustomRequest::new(method, value.get("params").cloned()))
}

/// False for a notification and for an answer: neither is ever answered.
fn is_request(value: &Value) -> bool {
    let Some(fields) = value.as_object() else {
        return true;
    };
    let has = |name| fields.contains_key(name);
    match has("method") {
        true => has("id"),
        false => !has("result") && !has("error"),
    }
}

/// Why a line is not processed.
struct Refusal {
    /// The ids of the requests in it; one that is null if they are not known.
    ids: Vec<Value>,
    error: ErrorData,
}

impl Refusal {
    fn not_json(line: &[u8], error: &serde_json::Error) -> Refusal {
        let why = error.to_string();
        let hint = match why.contains("surrogate") || why.contains("hex escape") {
            true => "a string ends in the middle of a character, such as an emoji: send all of it",
            false => "send each message as one JSON document on a line of its own",
        };
        let error = Error::usage(format!(
            "the line is not valid JSON: {}",
            excerpt(&why, limits::ERROR_MAX)
        ))
        .because(Reason::McpNotJson)
        .hint(hint);
        Refusal::of(line, &error, ErrorData::parse_error)
    }

    fn not_a_message(line: &[u8], error: &serde_json::Error) -> Refusal {
        let why = excerpt(&error.to_string(), limits::ERROR_MAX);
        let error = Error::usage(format!("the line is not a JSON-RPC request: {why}"))
            .because(Reason::McpNotARequest);
        let error = match line.first() {
            Some(b'[') => error.hint("batches are not supported: send one message a line"),
            _ => error,
        };
        Refusal::of(line, &error, ErrorData::invalid_request)
    }

    fn too_long(line: &[u8]) -> Refusal {
        let most = limits::MESSAGE_MAX >> 20;
        let error = Error::usage(format!("the line is longer than {most} MiB"))
            .because(Reason::McpTooLong)
            .hint("pass a large text as a file in the worktree");
        Refusal::of(line, &error, ErrorData::invalid_request)
    }

    fn of(
        line: &[u8],
        error: &Error,
        make: impl FnOnce(String, Option<Value>) -> ErrorData,
    ) -> Refusal {
        let data = failure(error, &[])["error"].take();
        Refusal {
            ids: ids(line),
            error: make(error.message().to_string(), Some(data)),
        }
    }

    /// The answers, a line each.
    fn lines(&self) -> String {
        let answer = |id| json!({ "jsonrpc": "2.0", "id": id, "error": self.error });
        let answers = self.ids.iter().map(answer);
        answers.map(|answer| format!("{answer}\n")).collect()
    }
}

/// The ids of the request, or of the batch of requests, in a line; one that is null if there is none.
/// Texts are skipped, so that one which ends within a character does not hide it.
fn ids(line: &[u8]) -> Vec<Value> {
    #[derive(serde::Deserialize)]
    struct Request {
        #[serde(default)]
        id: Value,
    }
    let requests = match line.first() {
        Some(b'[') => serde_json::from_slice::<Vec<Request>>(line).unwrap_or_default(),
        Some(b'{') => Vec::from_iter(serde_json::from_slice::<Request>(line)),
        _ => Vec::new(),
    };
    let ids = requests.into_iter().map(|request| request.id);
    let ids: Vec<Value> = ids.filter(|id| id.is_number() || id.is_string()).collect();
    match ids.is_empty() {
        true => vec![Value::Null],
        false => ids,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_read_from_an_object_even_with_a_broken_text() {
        for (line, expected) in [
            ("garbage", json!(null)),
            ("", json!(null)),
            (r#"{"id":900,"params":{"a":"\ud83d"}}"#, json!(900)),
            (
                r#"{"params":{"id":1,"a":"\ud83d"},"id":"x\"y"}"#,
                json!("x\"y"),
            ),
            (r#"{"params":{"a":"} \"id\":5 {"},"id" : -7 }"#, json!(-7)),
            (r#"{"id":90"#, json!(null)),
            (r#"{"id":1}{"id":2}"#, json!(null)),
            (r#"[{"id":1}]"#, json!(1)),
            ("[1]", json!(null)),
            (r#"{"id":[1]}"#, json!(null)),
        ] {
            assert_eq!(ids(line.as_bytes()), [expected], "{line}");
        }
    }

    #[test]
    fn only_what_may_be_a_request_is_answered() {
        let code = |line: &str| match message(line.as_bytes()) {
            Ok(Some(_)) => 1,
            Ok(None) => 0,
            Err(refusal) => refusal.error.code.0,
        };
        for (line, expected) in [
            (" \r\n", 0),
            (
                "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n",
                1,
            ),
            (r#"{"jsonrpc":"2.0","method":"window/didChange"}"#, 1),
            (r#"{"jsonrpc":"2.0","method":7}"#, 0),
            (r#"{"jsonrpc":"2.0","id":{},"result":3}"#, 0),
            (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#,
                -32602,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"x","params":[]}"#,
                -32601,
            ),
            (r#"{"id":1,"method":"ping"}"#, -32600),
            ("{}", -32600),
            ("7", -32600),
            ("[]", -32600),
            ("garbage", -32700),
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping"} x"#, -32700),
        ] {
            assert_eq!(code(line), expected, "{line}");
        }
    }
}
