//! One request over HTTP, with a streamed answer. The request runs on its own thread, so the caller
//! can cancel it at any time; the connection is then closed, and the provider stops writing.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::watch::{LOOK, Watch};
use crate::agent::headless::Wait;
use crate::process::Ended;

/// The timeout for resolving a name, and for connecting.
const CONNECT: Duration = Duration::from_secs(15);

/// The maximum size that is read of an error response's body, in bytes.
const FAILURE_MAX: u64 = 16 << 10;

/// The maximum size of an answer, in bytes.
const ANSWER_MAX: u64 = 32 << 20;

/// A request.
#[derive(Clone, Debug)]
pub struct Post {
    /// The full URL.
    pub url: String,
    /// The headers; may contain a key.
    pub headers: Vec<(&'static str, String)>,
    /// The body, as JSON.
    pub body: Vec<u8>,
    /// The maximum time for which the server may stay silent.
    pub patience: Duration,
}

/// The reason for an incomplete answer.
#[derive(Debug)]
pub enum Broken {
    /// The caller cancelled it.
    Ended(Ended),
    /// The server sent nothing for this time.
    Silent(Duration),
    /// The connection failed, or was closed.
    Connection(String),
    /// The request can never succeed: its URL or certificates are invalid.
    Request(String),
    /// The server refused the request.
    Status {
        /// The HTTP status.
        status: u16,
        /// When it may be retried.
        retry_after: Option<Wait>,
        /// The response body.
        body: String,
    },
    /// The answer exceeds the limit, or the receiver refuses more.
    TooLong,
}

/// The decision of an answer's receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The rest.
    More,
    /// Nothing more: the answer is complete.
    Enough,
    /// Nothing more: the answer cannot be used.
    Refused,
}

/// A receiver of an answer.
pub type Receiver<'r> = dyn FnMut(&[u8]) -> Flow + 'r;

/// After a complete answer, the time for the server to end the stream, so that the connection can
/// be reused.
const AFTER: Duration = Duration::from_millis(300);

/// A report from the thread.
enum News {
    Bytes(Vec<u8>),
    End,
    Broken(Broken),
}

/// A client with its connections.
pub struct Client {
    config: ureq::config::Config,
    agent: ureq::Agent,
}

impl Client {
    /// A client for a server. `env` names proxies and certificates; a server on this machine is
    /// reached without a proxy.
    ///
    /// # Errors
    /// When the proxy or the certificates cannot be used.
    pub fn new(
        url: &str,
        is_local: bool,
        env: &BTreeMap<String, OsString>,
    ) -> Result<Client, String> {
        let proxy = match is_local {
            true => None,
            false => proxy(url, env)?,
        };
        let mut tls = TlsConfig::builder();
        if let Some(file) = env.get("SSL_CERT_FILE").filter(|file| !file.is_empty()) {
            tls = tls.root_certs(certificates(file)?);
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .user_agent(concat!("git-pm/", env!("CARGO_PKG_VERSION")))
            .proxy(proxy)
            .tls_config(tls.build())
            .build();
        Ok(Client {
            agent: config.new_agent(),
            config,
        })
    }

    /// Sends a request, and passes the bytes of the answer on as they arrive.
    ///
    /// # Errors
    /// If there is no complete answer.
    pub fn post(
        &mut self,
        post: Post,
        watch: &mut Watch<'_>,
        receive: &mut Receiver<'_>,
    ) -> Result<(), Broken> {
        let (news, heard) = sync_channel(16);
        let patience = post.patience;
        let agent = self.agent.clone();
        std::thread::spawn(move || work(&agent, &post, &news));
        let mut last = Instant::now();
        let mut size = 0u64;
        let ended = loop {
            match heard.recv_timeout(LOOK) {
                Ok(News::End) => return Ok(()),
                Ok(News::Broken(broken)) => return Err(broken),
                Ok(News::Bytes(bytes)) => {
                    last = Instant::now();
                    size += bytes.len() as u64;
                    if size > ANSWER_MAX {
                        break Broken::TooLong;
                    }
                    match receive(&bytes) {
                        Flow::More => {}
                        Flow::Refused => break Broken::TooLong,
                        Flow::Enough => {
                            self.end_stream(&heard);
                            return Ok(());
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    break Broken::Connection("the request ended without a response".into());
                }
            }
            if let Err(ended) = watch.look() {
                break Broken::Ended(ended);
            }
            if watch.is_paused() {
                last = Instant::now();
            }
            if last.elapsed() > patience {
                break Broken::Silent(patience);
            }
        };
        self.reset();
        Err(ended)
    }

    /// Waits briefly for the end of a stream whose remaining data is discarded.
    fn end_stream(&mut self, heard: &std::sync::mpsc::Receiver<News>) {
        let end = Instant::now() + AFTER;
        loop {
            match heard.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(News::Bytes(_)) if Instant::now() < end => {}
                Ok(News::End) => return,
                _ => return self.reset(),
            }
        }
    }

    /// Closes all connections and creates a new agent.
    fn reset(&mut self) {
        std::mem::replace(&mut self.agent, self.config.new_agent()).shutdown();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.reset();
    }
}

/// The thread of a request: ends with the answer, or when the receiver is gone.
fn work(agent: &ureq::Agent, post: &Post, news: &SyncSender<News>) {
    let mut request = agent.post(&post.url).content_type("application/json");
    for (name, value) in &post.headers {
        request = request.header(*name, value);
    }
    let response = match request.send(&post.body[..]) {
        Ok(response) => response,
        Err(error) => {
            let _ = news.send(News::Broken(broken(&error)));
            return;
        }
    };
    let status = response.status().as_u16();
    if status != 200 {
        let header = |name: &str| response.headers().get(name)?.to_str().ok();
        let retry_after = retry_after(header("retry-after-ms"), header("retry-after"));
        let mut body = Vec::new();
        let reader = response.into_body().into_reader();
        let _ = reader.take(FAILURE_MAX).read_to_end(&mut body);
        let _ = news.send(News::Broken(Broken::Status {
            status,
            retry_after,
            body: String::from_utf8_lossy(&body).into_owned(),
        }));
        return;
    }
    let mut reader = response.into_body().into_reader();
    let mut buffer = vec![0; 16 << 10];
    loop {
        let piece = match reader.read(&mut buffer) {
            Ok(0) => News::End,
            Ok(count) => News::Bytes(buffer[..count].to_vec()),
            Err(error) => News::Broken(Broken::Connection(error.to_string())),
        };
        let is_last = !matches!(piece, News::Bytes(_));
        if news.send(piece).is_err() || is_last {
            return;
        }
    }
}

fn broken(error: &ureq::Error) -> Broken {
    let text = error.to_string();
    match error {
        ureq::Error::BadUri(_)
        | ureq::Error::Http(_)
        | ureq::Error::Pem(_)
        | ureq::Error::InvalidProxyUrl => Broken::Request(text),
        // An invalid certificate stays invalid; other TLS failures may be transient.
        ureq::Error::Rustls(_) if text.contains("certificate") => Broken::Request(text),
        _ => Broken::Connection(text),
    }
}

/// The wait that a server requests: milliseconds, seconds, or a date.
fn retry_after(millis: Option<&str>, value: Option<&str>) -> Option<Wait> {
    let number = |text: &str| {
        let number = text.trim().parse::<f64>().ok();
        number.filter(|number| (0.0..1e9).contains(number))
    };
    if let Some(millis) = millis.and_then(number) {
        return Some(Wait::For(Duration::from_secs_f64(millis / 1000.0)));
    }
    let value = value?.trim();
    if let Some(seconds) = number(value) {
        return Some(Wait::For(Duration::from_secs_f64(seconds)));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    u64::try_from(date.timestamp().as_second())
        .ok()
        .map(Wait::Until)
}

/// The proxy for a server on another machine.
fn proxy(url: &str, env: &BTreeMap<String, OsString>) -> Result<Option<ureq::Proxy>, String> {
    let var = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| env.get(*name)?.to_str());
        values.find(|value| !value.is_empty()).map(str::to_string)
    };
    // In a CGI program, upper-case `HTTP_PROXY` may come from a request header.
    let names: &[&str] = match url.starts_with("https:") {
        true => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        false => &["http_proxy", "all_proxy", "ALL_PROXY"],
    };
    let Some(proxy) = var(names) else {
        return Ok(None);
    };
    let host = super::endpoint::host_of(url).unwrap_or_default();
    let without = var(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
    let is_without = without.split(',').map(str::trim).any(|entry| {
        let entry = entry.trim_start_matches('*').trim_start_matches('.');
        entry.is_empty() && without.contains('*')
            || !entry.is_empty() && (host == entry || host.ends_with(&format!(".{entry}")))
    });
    if is_without {
        return Ok(None);
    }
    // The address may contain a password.
    let proxy =
        ureq::Proxy::new(&proxy).map_err(|_| format!("the proxy for {host} is not valid"))?;
    Ok(Some(proxy))
}

/// The certificates in a file.
fn certificates(file: &std::ffi::OsStr) -> Result<RootCerts, String> {
    let fail = |what: &str| format!("SSL_CERT_FILE ({}): {what}", file.display());
    let pem = std::fs::read(file).map_err(|error| fail(&error.to_string()))?;
    let found: Vec<Certificate<'static>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    match found.is_empty() {
        true => Err(fail("it has no certificate")),
        false => Ok(RootCerts::from(found)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_read_in_all_forms() {
        let seconds = |n| Some(Wait::For(Duration::from_secs(n)));
        assert_eq!(retry_after(None, Some("30")), seconds(30));
        assert_eq!(retry_after(Some("2000"), Some("30")), seconds(2));
        let date = retry_after(None, Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        assert_eq!(date, Some(Wait::Until(784_111_777)));
        for wrong in ["soon", "-1", "1e300", ""] {
            assert_eq!(retry_after(None, Some(wrong)), None, "{wrong}");
        }
    }

    #[test]
    fn servers_named_in_no_proxy_are_asked_directly() {
        let env = |pairs: &[(&str, &str)]| -> BTreeMap<String, OsString> {
            let pairs = pairs.iter();
            pairs.map(|(k, v)| (k.to_string(), v.into())).collect()
        };
        let both = |no: &str| {
            let env = env(&[
                ("HTTPS_PROXY", "http://proxy.example:3128"),
                ("NO_PROXY", no),
            ]);
            proxy("https://api.openai.com/v1", &env).unwrap().is_some()
        };
        assert!(both("") && both("example.org,.example.net") && both("ai.com"));
        assert!(!both("openai.com") && !both("a.b, .openai.com") && !both("*"));
        let none = env(&[("HTTP_PROXY", "http://proxy.example:3128")]);
        assert!(proxy("http://model.example", &none).unwrap().is_none());
    }
}
