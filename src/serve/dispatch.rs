//! The steps of each request: limits, authorization, idempotency key, handler, response, audit log.
//! Handlers block, so each runs on a thread for blocking work.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::http::request::Parts as Head;
use axum::http::uri::Authority;
use axum::http::{self, HeaderMap, Response};
use axum::routing::{MethodFilter, on};
use tokio::sync::{Semaphore, watch};

use super::access;
use super::audit::Line;
use super::coalesce::Coalescer;
use super::event_stream::Reading;
use super::limits::IDEMPOTENCY_KEY_MAX;
use super::request::{Answer, Call, Parts, Visitor, pairs};
use super::route::{Method, Needs, Route};
use super::shared::Shared;
use super::{event_stream, limits, respond, routes};
use crate::error::{Error, Reason, Result};
use crate::model::stamp::rfc3339;
use crate::store::random;

/// State shared by the axum handlers.
#[derive(Clone)]
pub(super) struct Serve {
    shared: Arc<Shared>,
    waiting: Arc<Semaphore>,
    reading: Reading,
    coalescer: Coalescer<Made>,
}

impl Serve {
    /// `stopped` ends the event streams.
    pub fn new(shared: Arc<Shared>, stopped: watch::Receiver<bool>) -> Serve {
        Serve {
            shared,
            waiting: Arc::new(Semaphore::new(limits::REQUESTS_WAITING_MAX)),
            reading: Reading::new(stopped),
            coalescer: Coalescer::default(),
        }
    }
}

/// The axum router.
pub(super) fn router(serve: Serve) -> Router {
    let mut router = Router::new();
    for route in routes::all() {
        let route: &'static Route = route;
        let filter = match route.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
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
                // Not UTF-8: nothing has such a name.
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

/// The result of routing a request path.
enum Found {
    /// A route, with its path parameters.
    Route(&'static Route, Vec<(String, String)>),
    /// The path has routes, but only for other methods.
    OtherMethods,
    Nothing,
}

/// Handles one request, and records it in the metrics and the audit log.
async fn answer(serve: Serve, found: Found, request: Request) -> Response<Body> {
    let start = Instant::now();
    let id = random::name().unwrap_or_default();
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_string();
    let route = match &found {
        Found::Route(route, _) => Some(*route),
        _ => None,
    };
    let mut visitor = Visitor::default();
    let handled = handle(&serve, &head, found, body, &mut visitor).await;
    let is_page = !["/api/", "/metrics", "/health", "/webhook", "/run/"]
        .iter()
        .any(|other| path.starts_with(other));
    let (response, reason) = match handled {
        Ok(done) => (done, None),
        Err(error) => {
            let response = respond::failure(&error, &id, is_page, &visitor, &path);
            (response, Some(error.reason().as_str()))
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
            path: crate::model::text::head(&path, limits::AUDITED_PATH_MAX),
            status,
            ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            reason,
            idempotency_key: text(&head.headers, "idempotency-key"),
            commit: response
                .extensions()
                .get::<Commit>()
                .map(|commit| commit.0.clone()),
        };
        // A failure is ignored: a full disk would already have failed the change itself.
        let _ = serve.shared.audit.write(&line);
    }
    respond::with_headers(response, &id, serve.shared.tls)
}

/// The commit of the state after a change, for the audit log.
#[derive(Clone)]
struct Commit(String);

async fn handle(
    serve: &Serve,
    head: &Head,
    found: Found,
    body: Body,
    visitor: &mut Visitor,
) -> Result<Response<Body>> {
    let (shared, headers) = (&serve.shared, &head.headers);
    let query = head.uri.query().unwrap_or_default();
    let hosts = headers.get_all("host").iter().count();
    let authority = head.uri.authority().map(Authority::as_str);
    if hosts > 1 || authority.is_some_and(|one| text(headers, "host") != Some(one)) {
        return Err(access::other_host());
    }
    for name in [
        "origin",
        "sec-fetch-site",
        "authorization",
        "if-match",
        "idempotency-key",
    ] {
        if headers.get_all(name).iter().count() > 1 {
            return Err(
                Error::usage(format!("the request has more than one `{name}` header"))
                    .because(Reason::HttpHeader),
            );
        }
    }
    access::check_source(shared, headers, head.method == http::Method::GET, query)?;
    let known = access::visitor(shared, headers);
    let name = match &known {
        Ok(known) => known.actor.clone().unwrap_or_else(|| "-".into()),
        Err(_) => "?".into(),
    };
    shared
        .rates
        .take(&name, Instant::now())
        .map_err(|seconds| {
            Error::refused(format!("too many requests; wait {seconds} s"))
                .because(Reason::HttpTooManyRequests)
        })?;
    *visitor = known?;
    let (route, parts) = match found {
        Found::Route(route, parts) => (route, parts),
        Found::OtherMethods => {
            let error =
                Error::usage("this path does not support that method").because(Reason::HttpMethod);
            return Err(error.hint(LISTED));
        }
        Found::Nothing => return Err(no_route(head.uri.path())),
    };
    // Before the body is read, since it takes memory.
    access::check(shared, visitor, headers, route.needs)?;
    let body = read(headers, body, route.body_max).await?;
    // Signing in and out needs no proof, as one may have lost it; the origin was checked.
    if route.method != Method::Get && route.needs != Needs::Nothing {
        access::check_proof(shared, visitor, headers, &body)?;
    }
    let query = pairs(query.as_bytes());
    route.check(&query)?;
    let key = text(headers, "idempotency-key");
    let is_key = |key: &str| {
        (1..=IDEMPOTENCY_KEY_MAX).contains(&key.len())
            && key.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
    };
    if key.is_some_and(|key| !is_key(key)) {
        return Err(Error::usage(format!(
            "an idempotency key must have 1 to {IDEMPOTENCY_KEY_MAX} visible ASCII characters"
        ))
        .because(Reason::HttpHeader));
    }
    let content_type = text(headers, "content-type").unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default();
    let request = Parts {
        shared: shared.clone(),
        visitor: visitor.clone(),
        route: route.path,
        is_secure: shared.tls
            || text(headers, "origin").is_some_and(|origin| origin.starts_with("https://")),
        accept: text(headers, "accept").unwrap_or_default().to_string(),
        parts,
        query,
        content_type: content_type.trim().to_ascii_lowercase(),
        body,
        idempotency_key: key.map(str::to_string),
        if_match: text(headers, "if-match").and_then(version),
        delivery: (route.path == super::github_webhook::PATH)
            .then(|| super::github_webhook::Delivery::of(headers)),
    };
    let if_none_match = text(headers, "if-none-match").map(str::to_string);
    let is_stream = route.path == routes::EVENTS
        || (route.path == routes::EVENT_LIST && request.accept.contains("text/event-stream"));
    if is_stream && head.method != http::Method::HEAD {
        let last = text(headers, "last-event-id").map(str::to_string);
        return event_stream::open(request, last, &serve.reading).await;
    }
    if route.path == routes::HEALTH {
        // Answered here, however busy the other threads are.
        let answer = (route.handler)(&Call::from(request))?;
        return Ok(respond::answer(answer, &[], None));
    }
    let work = Work {
        waiting: serve.waiting.clone(),
        route,
    };
    let made = match route.method {
        Method::Get => {
            let key = request.key();
            let make = move || work.clone().done(request.clone());
            serve.coalescer.answer(key, make).await?
        }
        _ => {
            let (shared, session) = (request.shared.clone(), request.visitor.session.clone());
            let made = work.done(request).await?;
            if matches!(made.answer, Answer::See { .. }) {
                shared.sessions().said(&session, made.notices.clone());
            }
            made
        }
    };
    let mut response = respond::answer(made.answer, &made.notices, if_none_match.as_deref());
    if let Some(commit) = made.commit {
        response.extensions_mut().insert(Commit(commit));
    }
    Ok(response)
}

/// The result of a handler.
#[derive(Clone)]
struct Made {
    answer: Answer,
    notices: Vec<String>,
    /// The commit of the state after a change.
    commit: Option<String>,
}

/// A pending call of a route's handler.
#[derive(Clone)]
struct Work {
    waiting: Arc<Semaphore>,
    route: &'static Route,
}

impl Work {
    /// Calls the handler on a thread for blocking work.
    async fn done(self, request: Parts) -> Result<Made> {
        let Ok(place) = self.waiting.try_acquire_owned() else {
            return Err(Error::refused("the server is busy").because(Reason::HttpBusy));
        };
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            let call = Call::from(request);
            let answer = (self.route.handler)(&call)?;
            let commit = match (self.route.method, call.pm()) {
                (Method::Get, _) | (_, Err(_)) => None,
                (_, Ok(pm)) => pm.items().state_id().ok().flatten(),
            };
            Ok(Made {
                answer,
                notices: call.notices(),
                commit,
            })
        });
        done.await.unwrap_or_else(|_| {
            let error = Error::state("the request failed because of a bug in git pm");
            Err(error.because(Reason::HttpDefect))
        })
    }
}

/// The hint for a request that matches no route.
const LISTED: &str = "`/api/v1/openapi.json` lists all paths";

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
        .because(Reason::HttpNoRoute)
        .hint(LISTED)
}

/// The value of a header. One that is not valid text is still present, and must not count as
/// missing.
pub(super) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let value = headers.get(name)?;
    Some(value.to_str().unwrap_or("\u{fffd}"))
}

/// Reads a body of at most `max` bytes.
async fn read(headers: &HeaderMap, body: Body, max: usize) -> Result<Vec<u8>> {
    let too_large = || {
        Error::usage(format!("the body is larger than {max} bytes")).because(Reason::HttpTooLarge)
    };
    let length = text(headers, "content-length").and_then(|text| text.parse::<u64>().ok());
    if length.is_some_and(|length| length > max as u64) {
        return Err(too_large());
    }
    match tokio::time::timeout(limits::BODY_TIME_MAX, axum::body::to_bytes(body, max)).await {
        Ok(Ok(bytes)) => Ok(bytes.to_vec()),
        Ok(Err(error)) if error.to_string().contains("length limit") => Err(too_large()),
        Ok(Err(_)) => Err(Error::usage("the body is not valid HTTP").because(Reason::HttpBody)),
        Err(_) => Err(Error::usage("the body did not arrive in time").because(Reason::HttpTimeout)),
    }
}
