//! The server: connections, TLS, time limits, and the way of a request through the checks to its
//! handler and back. Handlers block, so each runs on a thread for that purpose.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Response};
use axum::routing::{MethodFilter, on};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use super::access::{self, Headers};
use super::audit::{Audit, Line};
use super::events::Hub;
use super::patience::Patient;
use super::request::{Call, Parts, Visitor, pairs};
use super::route::{Method, Route};
use super::shared::{Settings, Shared};
use super::stream::Reading;
use super::tokens::Tokens;
use super::{respond, routes, stream, tls};
use crate::error::{Error, Hint, Result};
use crate::model::stamp::rfc3339;
use crate::pm::handles::Server;
use crate::store::random;

/// The most connections at once.
const CONNECTIONS_MAX: usize = 768;

/// The number of threads that work on requests.
const THREADS: usize = 16;

/// The most requests that wait for one of them.
const WAITING_MAX: usize = 512;

/// The time in which the head of a request has to arrive.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// The same while more than half of the connections are taken.
const SHORT_TIME: Duration = Duration::from_secs(2);

/// The time in which its body has to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

/// The time that open requests have to end when the server ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// The most bytes of a path in the audit log.
const AUDITED: usize = 200;

/// The longest idempotency key.
const KEY_MAX: usize = 255;

/// The time between two looks at the caller's wish to stop.
const LOOK: Duration = Duration::from_millis(50);

/// The files of TLS, in PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, and those that lead to the one that visitors know.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// The options of a server.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Further names under which the server is reached.
    pub hosts: Vec<String>,
    /// Reading needs a token, too. So it does wherever the address is not of the loopback interface.
    pub private: bool,
    /// Serve by TLS.
    pub tls: Option<TlsFiles>,
    /// The most requests of one visitor in a second; twice as many at once.
    pub rate: u32,
    /// Make an address that signs in the person who started the server.
    pub sign_in: bool,
    /// Never use the network for the state.
    pub offline: bool,
}

impl Default for ServeOptions {
    fn default() -> Self {
        ServeOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 7700)),
            hosts: Vec::new(),
            private: false,
            tls: None,
            rate: 1_000,
            sign_in: false,
            offline: false,
        }
    }
}

/// A server that listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Serving {
    /// Its address.
    pub address: SocketAddr,
    /// `http://127.0.0.1:7700/`.
    pub url: String,
    /// An address that signs in who opens it, once and within a minute.
    #[serde(skip)]
    pub sign_in: Option<String>,
}

impl Server<'_> {
    /// Serves the page and its API until `stop` is set, and calls `started` once it listens. What
    /// was acknowledged is in the state, so the process can be killed at any moment.
    ///
    /// # Errors
    /// Kind `Refused` for an address beyond the loopback interface while there is no token; kind
    /// `State` if the address cannot be used or there is no state.
    pub fn serve(
        &self,
        options: &ServeOptions,
        stop: &Arc<AtomicBool>,
        started: &mut dyn FnMut(&Serving),
    ) -> Result<()> {
        let tokens = Tokens::of(self.pm);
        let is_local = options.listen.ip().is_loopback();
        if !is_local && tokens.is_empty()? {
            return Err(Error::refused(format!(
                "{} can be reached from other machines, and there are no tokens",
                options.listen
            ))
            .because("serve.no_tokens")
            .hint(Hint::run(
                ["serve", "token", "add", "NAME", "--scope", "read"],
                "makes one",
            )));
        }
        let acceptor = options.tls.as_ref().map(tls::acceptor).transpose()?;
        let mut env = self.pm.store.env().clone();
        // A request acts as its token, not as whoever started the server, who is not asked either.
        env.interactive = false;
        for name in ["GIT_PM_ACTOR", "BD_ACTOR"] {
            env.vars.remove(name);
        }
        let unusable = |error| {
            Error::io(format!("cannot listen on {}", options.listen), error)
                .because("serve.address")
                .hint("choose another one with `--listen`")
        };
        let listener = std::net::TcpListener::bind(options.listen).map_err(unusable)?;
        listener.set_nonblocking(true).map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let hub = Hub::start(env.clone())?;
        let settings = Settings {
            env,
            offline: options.offline,
            open_reading: is_local && !options.private,
            tls: acceptor.is_some(),
            hosts: options.hosts.clone(),
            rate: options.rate,
            owner: self.pm.actor().clone(),
            port: address.port(),
        };
        let audit = Audit::new(&self.pm.folder());
        let shared = Arc::new(Shared::new(settings, tokens, hub, audit));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(THREADS)
            .enable_all()
            .build()
            .map_err(|error| Error::io("cannot start the server", error))?;
        let served = runtime.block_on(async {
            let listener = TcpListener::from_std(listener).map_err(unusable)?;
            let scheme = if acceptor.is_some() { "https" } else { "http" };
            let url = format!("{scheme}://{address}/");
            let sign_in = match options.sign_in {
                true => Some(format!("{url}sign-in/{}", shared.new_code(Instant::now())?)),
                false => None,
            };
            started(&Serving {
                address,
                url,
                sign_in,
            });
            accept(listener, acceptor, shared, stop).await;
            Ok(())
        });
        runtime.shutdown_timeout(FAREWELL);
        served
    }
}

/// Accepts connections until the server is to stop.
async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    stop: &AtomicBool,
) {
    let (stopping, stopped) = watch::channel(false);
    let router = router(Serve {
        shared,
        waiting: Arc::new(Semaphore::new(WAITING_MAX)),
        reading: Reading::new(stopped.clone()),
    });
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut look = tokio::time::interval(LOOK);
    loop {
        let connection = tokio::select! {
            _ = look.tick() => {
                if stop.load(Ordering::Relaxed) { break } else { continue }
            }
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, _)) = connection else {
            // Too many files are open: those that end make room.
            tokio::time::sleep(LOOK).await;
            continue;
        };
        let Ok(place) = room.clone().try_acquire_owned() else {
            continue;
        };
        let _ = socket.set_nodelay(true);
        let (router, acceptor, stopped) = (router.clone(), acceptor.clone(), stopped.clone());
        // Who says nothing makes room for others.
        let is_crowded = room.available_permits() < CONNECTIONS_MAX / 2;
        let head_time = if is_crowded { SHORT_TIME } else { HEAD_TIME };
        tokio::spawn(async move {
            let _place = place;
            match acceptor {
                Some(acceptor) => {
                    let shaken = tokio::time::timeout(HEAD_TIME, acceptor.accept(socket)).await;
                    if let Ok(Ok(socket)) = shaken {
                        connection_of(socket, router, stopped, head_time).await;
                    }
                }
                None => connection_of(socket, router, stopped, head_time).await,
            }
        });
    }
    drop(listener);
    stopping.send_replace(true);
    // All connections have given their places back, or their time is over.
    let all = room.acquire_many(CONNECTIONS_MAX as u32);
    let _ = tokio::time::timeout(FAREWELL, all).await;
}

/// Serves one connection.
async fn connection_of(
    socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    mut stopped: watch::Receiver<bool>,
    head_time: Duration,
) {
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(head_time)
        .max_buf_size(64 << 10);
    let connection = builder.serve_connection(
        TokioIo::new(Patient::new(socket)),
        TowerToHyperService::new(router),
    );
    let mut connection = std::pin::pin!(connection);
    let stops = async {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    // A failure here is a lost connection, after which nothing can be answered.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stops => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// What the handlers of axum share.
#[derive(Clone)]
struct Serve {
    shared: Arc<Shared>,
    waiting: Arc<Semaphore>,
    reading: Reading,
}

fn router(serve: Serve) -> Router {
    let mut router = Router::new();
    for route in routes::all() {
        let route: &'static Route = route;
        let filter = match route.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Patch => MethodFilter::PATCH,
            Method::Delete => MethodFilter::DELETE,
        };
        let handler = move |State(serve): State<Serve>,
                            parts: Result<RawPathParams, RawPathParamsRejection>,
                            request: Request| {
            let found = match parts {
                Ok(parts) => {
                    let parts = parts.iter();
                    let own = |(key, value): (&str, &str)| (key.to_string(), value.to_string());
                    Found::Route(route, parts.map(own).collect())
                }
                // Bytes that are not UTF-8: nothing has such a name.
                Err(_) => Found::Nothing,
            };
            answer(serve, found, request)
        };
        router = router.route(route.path, on(filter, handler));
    }
    router
        .fallback(|State(serve): State<Serve>, request: Request| {
            answer(serve, Found::Nothing, request)
        })
        .method_not_allowed_fallback(|State(serve): State<Serve>, request: Request| {
            answer(serve, Found::OtherMethods, request)
        })
        .with_state(serve)
}

/// What is at the path of a request.
enum Found {
    /// A route, with the parts of the path that it names.
    Route(&'static Route, Vec<(String, String)>),
    /// Routes with other methods.
    OtherMethods,
    Nothing,
}

/// The way of one request.
async fn answer(serve: Serve, found: Found, request: Request) -> Response<Body> {
    let start = Instant::now();
    let id = random::name().unwrap_or_default();
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_string();
    let query = head.uri.query().unwrap_or_default().to_string();
    let route = match &found {
        Found::Route(route, _) => Some(*route),
        _ => None,
    };
    let asked = Asked {
        serve: &serve,
        headers: &head.headers,
        path: &path,
        query: &query,
        authority: head.uri.authority().map(Authority::as_str),
        is_get: head.method == axum::http::Method::GET,
        is_head: head.method == axum::http::Method::HEAD,
    };
    let mut visitor = Visitor::default();
    let handled = handle(&asked, found, body, &mut visitor).await;
    let is_page = !path.starts_with("/api/") && path != "/metrics" && path != "/health";
    let (response, reason) = match handled {
        Ok(done) => (done, None),
        Err(error) => {
            let response = respond::failure(&error, &id, is_page, &visitor, &path);
            (response, Some(error.reason()))
        }
    };
    let (status, took) = (response.status().as_u16(), start.elapsed());
    let name = route.map_or(("", "unknown"), |route| (route.method.as_str(), route.path));
    serve.shared.counters.count(name, status, took);
    let changes = route.is_some_and(|route| route.method != Method::Get);
    if changes || matches!(status, 401 | 403) {
        let line = Line {
            at: rfc3339(serve.shared.env.now_ms()),
            request: &id,
            actor: visitor.actor.as_deref(),
            agent: visitor.agent,
            method: head.method.as_str(),
            path: crate::model::text::head(&path, AUDITED),
            status,
            ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            reason,
            idempotency_key: text(&head.headers, "idempotency-key"),
            commit: response
                .extensions()
                .get::<Commit>()
                .map(|commit| commit.0.clone()),
        };
        // The answer does not depend on it: a full disk has stopped the change itself.
        let _ = serve.shared.audit.write(&line);
    }
    respond::with_headers(response, &id, serve.shared.tls)
}

/// The commit of the state after a change, for the audit log.
#[derive(Clone)]
struct Commit(String);

/// A request before its body is read.
struct Asked<'a> {
    serve: &'a Serve,
    headers: &'a HeaderMap,
    path: &'a str,
    query: &'a str,
    /// The host in the request line, if it has one.
    authority: Option<&'a str>,
    is_get: bool,
    is_head: bool,
}

async fn handle(
    asked: &Asked<'_>,
    found: Found,
    body: Body,
    visitor: &mut Visitor,
) -> Result<Response<Body>> {
    let shared = &asked.serve.shared;
    let headers = Headers {
        host: text(asked.headers, "host"),
        origin: text(asked.headers, "origin"),
        fetch_site: text(asked.headers, "sec-fetch-site"),
        fetch_mode: text(asked.headers, "sec-fetch-mode"),
        authorization: text(asked.headers, "authorization"),
        cookie: text(asked.headers, "cookie"),
        csrf: text(asked.headers, "x-csrf-token"),
    };
    let hosts = asked.headers.get_all("host").iter().count();
    let is_other = |authority: &str| headers.host != Some(authority);
    if hosts > 1 || asked.authority.is_some_and(is_other) {
        return Err(access::other_host());
    }
    for name in [
        "origin",
        "sec-fetch-site",
        "authorization",
        "if-match",
        "idempotency-key",
    ] {
        if asked.headers.get_all(name).iter().count() > 1 {
            return Err(
                Error::usage(format!("the request has two headers `{name}`"))
                    .because("http.header"),
            );
        }
    }
    access::check_source(shared, &headers, asked.is_get, asked.query)?;
    let known = access::visitor(shared, &headers);
    let name = match &known {
        Ok(known) => known.actor.clone().unwrap_or_else(|| "-".into()),
        Err(_) => "?".into(),
    };
    shared
        .rates
        .take(&name, Instant::now())
        .map_err(|seconds| {
            Error::refused(format!("too many requests; wait {seconds} s"))
                .because("http.too_many_requests")
        })?;
    *visitor = known?;
    let (route, parts) = match found {
        Found::Route(route, parts) => (route, parts),
        Found::OtherMethods => {
            let error = Error::usage("what is here takes another method").because("http.method");
            return Err(error.hint(LISTED));
        }
        Found::Nothing => return Err(no_route(asked.path)),
    };
    // Before the body, which takes memory.
    access::check(shared, visitor, route.needs)?;
    let body = read(asked.headers, body, route.body_max).await?;
    if route.method != Method::Get {
        access::check_form(visitor, &headers, &body)?;
    }
    let key = text(asked.headers, "idempotency-key");
    let is_key = |key: &str| {
        (1..=KEY_MAX).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
    };
    if key.is_some_and(|key| !is_key(key)) {
        return Err(Error::usage(format!(
            "an idempotency key has 1 to {KEY_MAX} visible ASCII characters"
        ))
        .because("http.header"));
    }
    let content_type = text(asked.headers, "content-type").unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default();
    let request = Parts {
        shared: shared.clone(),
        visitor: visitor.clone(),
        route: route.path,
        cookie: access::cookie(shared, &headers).map(str::to_string),
        accept: text(asked.headers, "accept")
            .unwrap_or_default()
            .to_string(),
        parts,
        query: pairs(asked.query.as_bytes()),
        content_type: content_type.trim().to_ascii_lowercase(),
        body,
        idempotency_key: key.map(str::to_string),
        if_match: text(asked.headers, "if-match").and_then(version),
    };
    let if_none_match = text(asked.headers, "if-none-match").map(str::to_string);
    if route.path == routes::EVENTS && !asked.is_head {
        let last = text(asked.headers, "last-event-id").map(str::to_string);
        return stream::open(request, last, &asked.serve.reading).await;
    }
    if route.path == routes::HEALTH {
        // However busy the others are.
        let answer = (route.handler)(&Call::from(request))?;
        return Ok(respond::answer(answer, &[], None));
    }
    let Ok(place) = asked.serve.waiting.clone().try_acquire_owned() else {
        return Err(Error::refused("the server is busy").because("http.busy"));
    };
    let done = tokio::task::spawn_blocking(move || {
        let _place = place;
        let call = Call::from(request);
        let answer = (route.handler)(&call)?;
        let mut response = respond::answer(answer, &call.notices(), if_none_match.as_deref());
        if route.method != Method::Get
            && let Ok(pm) = call.pm()
            && let Ok(Some(commit)) = pm.items().state_id()
        {
            response.extensions_mut().insert(Commit(commit));
        }
        Ok(response)
    });
    match done.await {
        Ok(done) => done,
        Err(_) => {
            Err(Error::state("the request failed by a defect of git pm").because("http.defect"))
        }
    }
}

/// The hint for a request that fits no route.
const LISTED: &str = "`/api/v1/openapi.json` lists what there is";

/// The version that `If-Match` names; none for `*`, which any version of an item satisfies.
fn version(tag: &str) -> Option<String> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let tag = tag.trim_matches('"');
    let version = tag.rsplit_once('-').map_or(tag, |(version, _)| version);
    (tag != "*").then(|| version.to_string())
}

fn no_route(path: &str) -> Error {
    let path = crate::model::text::excerpt(path, 80);
    Error::not_found(format!("there is nothing at {path}"))
        .because("http.no_route")
        .hint(LISTED)
}

/// The value of a header. One that is not text is there, too, and must not count as missing.
fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let value = headers.get(name)?;
    Some(value.to_str().unwrap_or("\u{fffd}"))
}

/// Reads a body of at most `max` bytes.
async fn read(headers: &HeaderMap, body: Body, max: usize) -> Result<Vec<u8>> {
    let too_large =
        || Error::usage(format!("the body has more than {max} bytes")).because("http.too_large");
    let length = text(headers, "content-length").and_then(|text| text.parse::<u64>().ok());
    if length.is_some_and(|length| length > max as u64) {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, max)).await {
        Ok(Ok(bytes)) => Ok(bytes.to_vec()),
        Ok(Err(error)) if error.to_string().contains("length limit") => Err(too_large()),
        Ok(Err(_)) => Err(Error::usage("the body is not valid HTTP").because("http.body")),
        Err(_) => Err(Error::usage("the body did not arrive in time").because("http.timeout")),
    }
}
