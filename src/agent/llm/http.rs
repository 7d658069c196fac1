//! Requests over HTTP whose answers are read line by line.
//!
//! They use the proxies and certificates of the environment. All waits end within
//! [`CONTROL_POLL_INTERVAL`] when the conversation has to; the connection is then closed, and the
//! provider stops writing.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::deadline::{CONTROL_POLL_INTERVAL, Watch};
use super::limits;
use super::protocols;
use super::request::Fault;
use crate::agent::headless::{Class, Failure, Wait};
use crate::model::text::head;
use crate::net::{self, cause};

/// After a complete answer, the time for the server to end the stream, so that the connection can
/// be reused.
const AFTER: Duration = Duration::from_millis(300);

/// A client with its connections.
pub struct Client {
    http: reqwest::Client,
    runtime: Runtime,
}

impl Client {
    /// A client for a server. `env` names proxies and certificates; a server on this machine is
    /// reached without a proxy.
    ///
    /// # Errors
    /// When the proxy or the certificates cannot be used.
    pub fn new(url: &str, env: &BTreeMap<String, OsString>) -> Result<Client, String> {
        let (http, runtime) = net::client(url, env, limits::CONNECT_TIME_MAX)?;
        Ok(Client { http, runtime })
    }

    /// Sends JSON, and passes on the lines of the answer as they arrive, until `each` returns true.
    ///
    /// # Errors
    /// If the answer ends with a failure, or `each` refuses it.
    pub fn post(
        &self,
        url: &str,
        headers: Vec<(&'static str, String)>,
        body: String,
        mut ear: Ear<'_, '_>,
        each: &mut dyn FnMut(&[u8]) -> Result<bool, Failure>,
    ) -> Result<(), Fault> {
        let mut request = self.http.post(url);
        request = request.header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.runtime.block_on(async {
            let answered = read(request.body(body), &mut ear, each).await;
            // Connections that nobody reads any longer are closed here.
            tokio::task::yield_now().await;
            answered
        })
    }

    /// Closes the connections, without waiting for the lookup of a name.
    pub fn close(self) {
        self.runtime.shutdown_background();
    }
}

/// Waits for a server.
pub struct Ear<'w, 'c> {
    /// The maximum time for which the server may stay silent.
    pub patience: Duration,
    /// The reasons to wait no longer.
    pub watch: &'w mut Watch<'c>,
}

impl Ear<'_, '_> {
    /// The result of a future, unless the conversation has to end before, or the server stays
    /// silent for too long.
    async fn hear<T>(
        &mut self,
        future: impl Future<Output = Result<T, reqwest::Error>>,
    ) -> Result<T, Fault> {
        let mut future = std::pin::pin!(future);
        let mut last = Instant::now();
        loop {
            self.watch.look()?;
            if let Ok(heard) = timeout(CONTROL_POLL_INTERVAL, &mut future).await {
                return heard.map_err(|error| Fault::Failed(broken(&error)));
            }
            if self.watch.is_paused() {
                last = Instant::now();
            }
            if last.elapsed() > self.patience {
                let seconds = self.patience.as_secs();
                return transient(&format!("the model was silent for {seconds} seconds"));
            }
        }
    }
}

async fn read(
    request: RequestBuilder,
    ear: &mut Ear<'_, '_>,
    each: &mut dyn FnMut(&[u8]) -> Result<bool, Failure>,
) -> Result<(), Fault> {
    let mut response = ear.hear(request.send()).await?;
    let status = response.status().as_u16();
    if status != 200 {
        let wait = retry_after(response.headers());
        let mut body = Vec::new();
        loop {
            match ear.hear(response.chunk()).await {
                Ok(Some(piece)) if body.len() < limits::FAILURE_BODY_MAX => {
                    body.extend_from_slice(&piece)
                }
                Err(Fault::Ended(ended)) => return Err(Fault::Ended(ended)),
                _ => break,
            }
        }
        body.truncate(limits::FAILURE_BODY_MAX);
        let body = String::from_utf8_lossy(&body);
        return Err(Fault::Failed(of_status(status, wait, &body)));
    }
    let (mut line, mut size) = (Vec::new(), 0);
    while let Some(piece) = ear.hear(response.chunk()).await? {
        for part in piece.split_inclusive(|c| *c == b'\n') {
            line.extend_from_slice(part);
            if line.ends_with(b"\n") && each(&std::mem::take(&mut line)).map_err(Fault::Failed)? {
                let rest = async { while let Ok(Some(_)) = response.chunk().await {} };
                let _ = timeout(AFTER, rest).await;
                return Ok(());
            }
        }
        size += piece.len();
        if size > limits::ANSWER_MAX || line.len() > limits::ANSWER_LINE_MAX {
            return transient("the model's response is too large");
        }
    }
    each(&line).map(drop).map_err(Fault::Failed)
}

fn transient<T>(text: &str) -> Result<T, Fault> {
    Err(Fault::Failed(Failure::new(Class::Transient, text)))
}

/// The failure of a connection.
fn broken(error: &reqwest::Error) -> Failure {
    let text = cause(error);
    // An invalid certificate stays invalid; other failures may be transient.
    match error.is_builder() || text.contains("certificate") {
        true => Failure::new(Class::Permanent, &text),
        false => Failure::new(Class::Transient, &format!("the connection failed: {text}")),
    }
}

/// The failure that a status and a body describe.
fn of_status(status: u16, retry_after: Option<Wait>, body: &str) -> Failure {
    let read = serde_json::from_str::<Value>(body).unwrap_or_default();
    let described = [&read["error"], &read["detail"], &read["message"]];
    let described = described
        .into_iter()
        .find(|value| value.is_object() || value.is_string());
    let message = match described {
        Some(error) => protocols::failure(error).message,
        None => head(body.trim(), 300).to_string(),
    };
    let message = format!("HTTP {status}: {message}");
    if (300..400).contains(&status) {
        let text = format!("{message} (redirects are not followed)");
        return Failure::new(Class::Permanent, &text);
    }
    let mut failure = Failure::from_message(&message, Some(u64::from(status)));
    // An overloaded server that says how long to wait.
    if failure.class == Class::Transient && retry_after.is_some() {
        failure.class = Class::RateLimited { retry_after };
    }
    // A success status without an answer is worth a retry.
    failure.waiting(retry_after).or(match status < 300 {
        true => Class::Transient,
        false => Class::Permanent,
    })
}

/// The wait that a server requests: milliseconds, seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Wait> {
    let text = |name| Some(headers.get(name)?.to_str().ok()?.trim());
    let number = |name| {
        let number = text(name)?.parse::<f64>().ok();
        number.filter(|number| (0.0..1e9).contains(number))
    };
    let millis = number("retry-after-ms").map(|millis| millis / 1000.0);
    if let Some(seconds) = millis.or_else(|| number("retry-after")) {
        return Some(Wait::For(Duration::from_secs_f64(seconds)));
    }
    let date = jiff::fmt::rfc2822::parse(text("retry-after")?).ok()?;
    let seconds = u64::try_from(date.timestamp().as_second()).ok()?;
    Some(Wait::Until(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_read_in_all_forms() {
        let read = |pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs.iter();
            let headers =
                pairs.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            retry_after(&headers.collect())
        };
        let seconds = |n| Some(Wait::For(Duration::from_secs(n)));
        assert_eq!(read(&[("retry-after", "30")]), seconds(30));
        let both = [("retry-after-ms", "2000"), ("retry-after", "30")];
        assert_eq!(read(&both), seconds(2));
        let date = read(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]);
        assert_eq!(date, Some(Wait::Until(784_111_777)));
        for wrong in ["soon", "-1", "1e300", ""] {
            assert_eq!(read(&[("retry-after", wrong)]), None, "{wrong}");
        }
    }
}
