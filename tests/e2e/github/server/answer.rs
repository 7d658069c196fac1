//! One request from its bytes to its answer: faults, access, limits, the description, the act.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value;

use super::access::Caller;
use super::clock::{Clock, http_date};
use super::description::{self, Operation};
use super::escape;
use super::failure::{Failure, Result};
use super::faults::{BAD_GATEWAY, Fault, Faults};
use super::rest::{self, Call, Reply, graphql};
use super::state::State;

/// Answers of each operation that are validated, and after that one of so many.
const VALIDATED: u64 = 50;
const VALIDATED_EVERY: u64 = 100;
/// The versions that `X-GitHub-Api-Version` may ask for.
const VERSIONS: &[&str] = &["2022-11-28", "2026-03-10"];

/// What all connections share. The state's mutex is never held while something is validated.
pub struct Shared {
    pub state: Mutex<State>,
    pub clock: Clock,
    pub faults: Mutex<Faults>,
    pub log: Mutex<Vec<Seen>>,
    pub violations: Mutex<Vec<String>>,
    pub answered: Mutex<BTreeMap<String, u64>>,
}

/// A mutex whose holder may have panicked in a test that expects that.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    /// With its query, below the root of the API: `/repos/acme/widget/issues?state=all`.
    pub path: String,
    /// The operation in GitHub's description: `issues/create`.
    pub operation: Option<String>,
    pub login: Option<String>,
    /// 0 if the connection was closed instead.
    pub status: u16,
}

/// A request as it was read.
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// What is sent back.
pub enum Answer {
    Send {
        status: u16,
        headers: Vec<(String, String)>,
        body: Option<String>,
    },
    /// Nothing: the connection is closed.
    Close,
}

/// How far a request came, for its headers and the log.
#[derive(Default)]
struct Progress {
    caller: Option<Caller>,
    operation: Option<&'static Operation>,
}

/// Answers a request.
pub fn answer(shared: &Arc<Shared>, request: &Request) -> Answer {
    let path = request
        .path
        .strip_prefix("/api/v3")
        .unwrap_or(&request.path);
    let fault = lock(&shared.faults).take(&request.method, path);
    let mut progress = Progress::default();
    let answer = faulty(shared, request, path, fault, &mut progress);
    let shown = match request.query.is_empty() {
        true => path.to_string(),
        false => format!("{path}?{}", request.query),
    };
    lock(&shared.log).push(Seen {
        method: request.method.clone(),
        path: shown,
        operation: progress.operation.map(|operation| operation.id.clone()),
        login: progress
            .caller
            .and_then(|caller| Some(caller.login()?.to_string())),
        status: match &answer {
            Answer::Send { status, .. } => *status,
            Answer::Close => 0,
        },
    });
    answer
}

/// The answer with what goes wrong about it.
fn faulty(
    shared: &Arc<Shared>,
    request: &Request,
    path: &str,
    fault: Option<Fault>,
    progress: &mut Progress,
) -> Answer {
    let mut date = shared.clock.now();
    match &fault {
        Some(Fault::CloseBefore) => return Answer::Close,
        Some(Fault::Slow(time)) => std::thread::sleep(*time),
        Some(Fault::TokenExpires) => {
            let token = request
                .header("authorization")
                .and_then(|text| text.split(' ').nth(1));
            let state = &mut *lock(&shared.state);
            if let Some(token) = token.and_then(|text| state.tokens.get_mut(text)) {
                token.revoked = true;
            }
        }
        Some(Fault::DateOff(seconds)) => date += seconds,
        _ => {}
    }
    let page = || Answer::Send {
        status: 502,
        headers: vec![("content-type".to_string(), "text/html".to_string())],
        body: Some(BAD_GATEWAY.to_string()),
    };
    let refusal = fault
        .as_ref()
        .and_then(|fault| fault.refusal(&shared.clock));
    let reply = match refusal {
        Some(failure) if failure.status == 502 => return page(),
        Some(failure) => Err(failure),
        None => reply(shared, request, path, progress),
    };
    let answer = finished(shared, request, reply, progress, date);
    match fault {
        Some(Fault::CloseAfter) => Answer::Close,
        Some(Fault::BadGatewayAfter) => page(),
        _ => answer,
    }
}

/// The reply of the operation that a request is for.
fn reply(
    shared: &Arc<Shared>,
    request: &Request,
    path: &str,
    progress: &mut Progress,
) -> Result<Reply> {
    if request.header("user-agent").is_none_or(str::is_empty) {
        let message = "Request forbidden by administrative rules. Please make sure your request \
                       has a User-Agent header.";
        return Err(Failure::new(403, message));
    }
    let version = request.header("x-github-api-version");
    if let Some(version) = version.filter(|version| !VERSIONS.contains(version)) {
        let message = format!("\"{version}\" is not a supported API version");
        return Err(Failure::new(400, &message));
    }
    let caller = {
        let state = &mut *lock(&shared.state);
        let caller = Caller::of(state, request.header("authorization"))?;
        progress.caller = Some(caller.clone());
        let now = state.now();
        // What is left is asked for free of charge.
        if path != "/rate_limit" && !matches!(caller, Caller::App(_)) {
            state.limits.count(caller.login(), now)?;
        }
        caller
    };
    if path == "/api/graphql" && request.method == "POST" {
        return graphql::reply(
            shared,
            &caller,
            &parsed(shared, request)?.unwrap_or_default(),
        );
    }
    let named = named_path(&lock(&shared.state), path);
    let named = named.ok_or_else(Failure::not_found)?;
    let Some(matched) = description::operation(&request.method, &named) else {
        violate(shared, request, "is no operation that this server knows");
        return Err(match description::has_path(&named) {
            true => Failure::new(405, "Method Not Allowed"),
            false => Failure::not_found(),
        });
    };
    progress.operation = Some(matched.operation);
    let body = parsed(shared, request)?;
    let query: Vec<(String, String)> = form_urlencoded::parse(request.query.as_bytes())
        .into_owned()
        .collect();
    let errors = matched
        .operation
        .request_errors(&matched.parameters, &query, body.as_ref());
    if !errors.is_empty() {
        let errors = errors.join("\n");
        violate(shared, request, &errors);
        return Err(Failure::new(422, &format!("Invalid request.\n\n{errors}")));
    }
    let mut state = lock(&shared.state);
    rest::reply(Call {
        state: &mut state,
        caller: &caller,
        operation: &matched.operation.id,
        method: &request.method,
        path: &named,
        query_text: &request.query,
        parameters: matched.parameters,
        query: query.into_iter().collect(),
        body: body.unwrap_or_default(),
    })
}

/// The path with a repository's name in place of its id.
fn named_path(state: &State, path: &str) -> Option<String> {
    let Some(rest) = path.strip_prefix("/repositories/") else {
        return Some(path.to_string());
    };
    let (id, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let repository = state.repositories.get(&id.parse().ok()?)?;
    let named = format!("/repos/{}/{}/{rest}", repository.owner, repository.name);
    Some(named.trim_end_matches('/').to_string())
}

/// The body; none if there is none.
fn parsed(shared: &Arc<Shared>, request: &Request) -> Result<Option<Value>> {
    if request.body.is_empty() {
        return Ok(None);
    }
    match serde_json::from_slice::<Value>(&request.body) {
        Ok(body) if body.is_object() => Ok(Some(body)),
        Ok(_) => {
            violate(shared, request, "the body is not an object");
            Err(Failure::new(400, "Body should be a JSON object"))
        }
        Err(error) => {
            violate(shared, request, &format!("the body is not JSON: {error}"));
            Err(Failure::new(400, "Problems parsing JSON"))
        }
    }
}

/// Records that a request breaks GitHub's description.
pub fn violate(shared: &Arc<Shared>, request: &Request, errors: &str) {
    let text = format!("{} {}: {errors}", request.method, request.path);
    lock(&shared.violations).push(text);
}

/// The answer of a reply, with GitHub's headers.
fn finished(
    shared: &Arc<Shared>,
    request: &Request,
    reply: Result<Reply>,
    progress: &Progress,
    date: i64,
) -> Answer {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: String| {
        if !headers.iter().any(|(key, _)| key == name) {
            headers.push((name.to_string(), value));
        }
    };
    let (mut status, body) = match reply {
        Ok(reply) => {
            if let Some(link) = reply.link {
                add("link", link);
            }
            (reply.status, reply.body)
        }
        Err(failure) => {
            for (name, value) in failure.headers {
                add(name, value);
            }
            (failure.status, Some(failure.body))
        }
    };
    if let Some(operation) = progress.operation {
        validate(shared, request, operation, status, body.as_ref());
    }
    let mut text = body.map(|body| escape::in_html(&body.to_string()));
    let login = progress.caller.as_ref().and_then(Caller::login);
    if let (200, "GET", Some(body)) = (status, request.method.as_str(), &text) {
        let etag = etag(body, login);
        let known = request.header("if-none-match").unwrap_or_default();
        let strong = etag.trim_start_matches("W/");
        if known
            .split(',')
            .any(|one| one.trim().trim_start_matches("W/") == strong)
        {
            (status, text) = (304, None);
            lock(&shared.state).limits.take_back(login);
        }
        add("etag", etag);
        add(
            "cache-control",
            "private, max-age=60, s-maxage=60".to_string(),
        );
    }
    let window = lock(&shared.state).limits.window(login, shared.clock.now());
    add("x-ratelimit-limit", window.limit.to_string());
    add("x-ratelimit-remaining", window.remaining().to_string());
    add("x-ratelimit-reset", window.reset.to_string());
    add("x-ratelimit-used", window.used.to_string());
    add("x-ratelimit-resource", "core".to_string());
    add("date", http_date(date));
    add("x-github-media-type", "github.v3; format=json".to_string());
    add(
        "x-github-request-id",
        format!("FA4E:{:X}", lock(&shared.log).len()),
    );
    if let Some(scopes) = progress.caller.as_ref().and_then(Caller::scopes) {
        add("x-oauth-scopes", scopes);
    }
    if text.is_some() {
        add(
            "content-type",
            "application/json; charset=utf-8".to_string(),
        );
    }
    Answer::Send {
        status,
        headers,
        body: text,
    }
}

/// A weak tag of an answer, which is not the same for everybody.
fn etag(body: &str, login: Option<&str>) -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(login.unwrap_or_default().as_bytes());
    context.update(body.as_bytes());
    let digest = context.finish();
    let digits: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("W/\"{digits}\"")
}

/// Validates our own answer, but for most of those of an operation that was often asked for.
fn validate(
    shared: &Arc<Shared>,
    request: &Request,
    operation: &Operation,
    status: u16,
    body: Option<&Value>,
) {
    let count = {
        let mut answered = lock(&shared.answered);
        let count = answered.entry(operation.id.clone()).or_default();
        *count += 1;
        *count
    };
    if count > VALIDATED && count % VALIDATED_EVERY != 0 {
        return;
    }
    let errors = operation.answer_errors(status, body);
    if !errors.is_empty() {
        let errors = format!(
            "our answer {status} of {}: {}",
            operation.id,
            errors.join("\n")
        );
        violate(shared, request, &errors);
    }
}
