//! Requests to GitHub's REST API: versions, pages, retries, and the limits that its answers state.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, DATE, ETAG, HeaderMap, IF_NONE_MATCH, LINK, LOCATION,
};
use serde_json::{Value as Json, json};
use tokio::runtime::{Builder, Runtime};

use super::auth::Credential;
use super::pace::{Pace, WAIT_MAX, pace};
use super::pulls::graphql_failure;
use crate::error::{Error, Reason, Result};
use crate::forge::Changed;
use crate::model::stamp::parse_rfc3339;
use crate::model::text::{excerpt, one_line};
use crate::net;
use crate::store::env::Env;

/// The largest answer, in bytes.
const ANSWER_MAX: usize = 64 << 20;

/// The length of a page.
const PAGE: usize = 100;

/// The time for a connection, and for a request with its answer.
const CONNECT_TIME: Duration = Duration::from_secs(20);
const REQUEST_TIME: Duration = Duration::from_secs(60);

/// The waits before a request is repeated that the server did not answer, or answered with a fault of its
/// own. One that creates something is not repeated: it may have been done.
const RETRIES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// The path of GraphQL.
const GRAPHQL: &str = "/graphql";

/// The version of the API that the requests are written for.
const API_VERSION: &str = "2022-11-28";

/// A connection to one host.
pub(super) struct Http {
    client: reqwest::Client,
    runtime: Runtime,
    /// The root of the API, without a slash at its end.
    root: String,
    credential: Credential,
    /// The number of requests sent, and what the limit still allows.
    pub(super) sent: Cell<usize>,
    pub(super) remaining: Cell<Option<u64>>,
    /// The login of an app.
    pub(super) app_login: RefCell<Option<String>>,
    /// What the token of an app may do.
    permissions: Json,
    /// The token of an app, and when it ends.
    token: RefCell<Option<(String, u64)>>,
}

/// An answer that is neither a refusal nor a failure.
pub(super) enum Answer {
    /// With its headers.
    Json(Json, Box<HeaderMap>),
    /// As it was at the last request.
    NotModified,
    /// It was deleted, is elsewhere, or the token may not see it.
    Gone(u16),
}

/// A request.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    /// Below the root of the API, with its query; or one that the API itself named.
    pub(super) path: &'a str,
    pub(super) body: Option<Json>,
    pub(super) tag: Option<&'a str>,
}

impl<'a> Ask<'a> {
    pub(super) fn get(path: &'a str) -> Ask<'a> {
        Ask {
            method: Method::GET,
            path,
            body: None,
            tag: None,
        }
    }

    pub(super) fn with(method: Method, path: &'a str, body: Json) -> Ask<'a> {
        Ask {
            method,
            path,
            body: Some(body),
            tag: None,
        }
    }
}

impl Http {
    pub(super) fn new(
        env: &Env,
        root: &str,
        credential: Credential,
        permissions: Json,
    ) -> Result<Http> {
        let fail = |why: String| Error::remote(format!("cannot reach {root}: {why}"));
        let is_local = super::is_local(root);
        let client = net::client(root, is_local, &env.vars, CONNECT_TIME).map_err(fail)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        Ok(Http {
            client,
            runtime: runtime.map_err(|error| fail(error.to_string()))?,
            root: root.to_string(),
            credential,
            permissions,
            sent: Cell::default(),
            remaining: Cell::default(),
            app_login: RefCell::default(),
            token: RefCell::default(),
        })
    }

    /// Sends a request until it is answered, as far as it can be repeated.
    ///
    /// # Errors
    /// When it is not answered, or refused.
    pub(super) fn ask(&self, ask: &Ask<'_>) -> Result<Answer> {
        let token = self.token()?;
        self.ask_as(ask, &token)
    }

    fn ask_as(&self, ask: &Ask<'_>, token: &str) -> Result<Answer> {
        let may_repeat = ask.method != Method::POST;
        let mut failures = RETRIES.iter();
        let mut waited = Duration::ZERO;
        loop {
            let failure = match self.send(ask, token) {
                Ok((status, headers, body)) => {
                    match self.read(ask, status, headers, &body, waited)? {
                        Read::Answer(answer) => return Ok(answer),
                        Read::Wait(wait) => {
                            waited += wait;
                            std::thread::sleep(wait);
                            continue;
                        }
                        Read::Fault(error) => error,
                    }
                }
                Err(error) => error,
            };
            match failures.next().filter(|_| may_repeat) {
                Some(wait) => std::thread::sleep(*wait),
                None => return Err(failure),
            }
        }
    }

    /// The answer's JSON.
    ///
    /// # Errors
    /// As [`Http::ask`]; also when what it is about is gone.
    pub(super) fn json(&self, ask: &Ask<'_>) -> Result<Json> {
        match self.ask(ask)? {
            Answer::Json(json, _) => Ok(json),
            Answer::NotModified => Err(crate::forge::unexpected("content")),
            Answer::Gone(status) => Err(refused(ask, status, "it is not there")),
        }
    }

    /// The answer to a mutation of GraphQL.
    ///
    /// # Errors
    /// As [`Http::json`].
    pub(super) fn graphql(&self, query: &str, variables: Json) -> Result<Json> {
        let body = json!({"query": query, "variables": variables});
        let answer = self.json(&Ask::with(Method::POST, GRAPHQL, body))?;
        match graphql_failure(&answer) {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    /// The elements of all pages of a list; none if it is as it was.
    ///
    /// # Errors
    /// As [`Http::json`].
    pub(super) fn pages(&self, path: &str, tag: Option<&str>) -> Result<Changed<Json>> {
        let mut all = Changed {
            items: Vec::new(),
            tag: None,
            until: None,
        };
        let mut began = None;
        let (mut next, mut tag) = (Some(path.to_string()), tag);
        while let Some(path) = next.take() {
            let ask = Ask {
                tag: tag.take(),
                ..Ask::get(&path)
            };
            let (json, headers) = match self.ask(&ask)? {
                Answer::Json(json, headers) => (json, headers),
                Answer::NotModified => {
                    all.tag = ask.tag.map(str::to_string);
                    return Ok(all);
                }
                Answer::Gone(status) => return Err(refused(&ask, status, "it is not there")),
            };
            let Json::Array(items) = json else {
                return Err(crate::forge::unexpected("list"));
            };
            if all.items.is_empty() {
                let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok());
                all.tag = tag.map(str::to_string);
                began = answered_at(&headers);
            }
            all.items.extend(items);
            next = next_page(&headers);
        }
        // The tag is that of the first page, and says nothing about others.
        if all.items.len() >= PAGE {
            all.tag = None;
        }
        let changed = all
            .items
            .iter()
            .filter_map(|one| one["updated_at"].as_str());
        let newest = changed.max().map(str::to_string);
        all.until = match (newest, began) {
            (Some(newest), Some(began)) => Some(newest.min(began)),
            (newest, _) => newest,
        };
        Ok(all)
    }

    fn token(&self) -> Result<String> {
        let (app, now) = match &self.credential {
            Credential::Token(token) => return Ok(token.clone()),
            Credential::App(app) => (app, app.now()),
        };
        if let Some((token, until)) = &*self.token.borrow()
            && now + 300 < *until
        {
            return Ok(token.clone());
        }
        let jwt = app.jwt(now)?;
        let get = |ask: &Ask<'_>| match self.ask_as(ask, &jwt)? {
            Answer::Json(json, _) => Ok(json),
            _ => Err(refused(ask, 404, "the app is not installed there")),
        };
        let path = format!("/repos/{}/installation", app.repository);
        let installation = get(&Ask::get(&path))?;
        let slug = installation["app_slug"].as_str();
        self.app_login
            .replace(slug.map(|slug| format!("{slug}[bot]")));
        let id = installation["id"].as_u64();
        let id = id.ok_or_else(|| crate::forge::unexpected("id of the installation"))?;
        let name = app.repository.rsplit('/').next().unwrap_or_default();
        let path = format!("/app/installations/{id}/access_tokens");
        let scopes = json!({"repositories": [name], "permissions": self.permissions});
        let answer = get(&Ask::with(Method::POST, &path, scopes))?;
        let token = answer["token"].as_str().map(str::to_string);
        let token = token.ok_or_else(|| crate::forge::unexpected("token of the installation"))?;
        let until = answer["expires_at"]
            .as_str()
            .and_then(|time| Some(parse_rfc3339(time)? / 1000));
        let until = until.unwrap_or(now + 600);
        self.token.replace(Some((token.clone(), until)));
        Ok(token)
    }

    fn send(&self, ask: &Ask<'_>, token: &str) -> Result<(u16, HeaderMap, Vec<u8>)> {
        let url = match ask.path.strip_prefix('/') {
            // At an Enterprise server it is beside the versions of REST.
            _ if ask.path == GRAPHQL => {
                format!("{}{GRAPHQL}", self.root.trim_end_matches("/v3"))
            }
            Some(path) => format!("{}/{path}", self.root),
            // A token goes to no other place than that which it is for.
            None if ask.path.starts_with(&format!("{}/", self.root)) => ask.path.to_string(),
            None => return Err(crate::forge::unexpected("page below its own address")),
        };
        let fail = |error: reqwest::Error| {
            let cause = net::cause(&error.without_url());
            Error::remote(format!("{} did not answer: {cause}", self.root))
                .because(Reason::ForgeUnreachable)
                .hint("run the command again; what was done is not done twice")
        };
        self.sent.set(self.sent.get() + 1);
        self.runtime.block_on(async {
            let mut request = self.client.request(ask.method.clone(), url);
            request = request.timeout(REQUEST_TIME);
            request = request.header(ACCEPT, "application/vnd.github+json");
            request = request.header("x-github-api-version", API_VERSION);
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
            if let Some(tag) = ask.tag {
                request = request.header(IF_NONE_MATCH, tag);
            }
            if let Some(body) = &ask.body {
                request = request.header("content-type", "application/json");
                request = request.body(body.to_string());
            }
            let mut response = request.send().await.map_err(fail)?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let mut body = Vec::new();
            while let Some(piece) = response.chunk().await.map_err(fail)? {
                body.extend_from_slice(&piece);
                if body.len() > ANSWER_MAX {
                    return Err(crate::forge::unexpected("reasonable size"));
                }
            }
            Ok((status, headers, body))
        })
    }

    fn read(
        &self,
        ask: &Ask<'_>,
        status: u16,
        headers: HeaderMap,
        body: &[u8],
        waited: Duration,
    ) -> Result<Read> {
        let left = headers.get("x-ratelimit-remaining");
        if let Some(left) = left.and_then(|left| left.to_str().ok()?.parse().ok()) {
            self.remaining.set(Some(left));
        }
        let json = serde_json::from_slice::<Json>(body);
        Ok(match (status, json) {
            (304, _) => Read::Answer(Answer::NotModified),
            (204, _) => Read::Answer(Answer::Json(Json::Null, Box::new(headers))),
            (200..=299, Ok(json)) => Read::Answer(Answer::Json(json, Box::new(headers))),
            // A proxy or a sign-in page.
            (200..=299, Err(_)) => Read::Fault(crate::forge::unexpected("JSON")),
            (301 | 302 | 307 | 308, _) if is_of_issue(ask.path) => {
                Read::Answer(Answer::Gone(status))
            }
            (301 | 302 | 307 | 308, _) => return Err(moved(ask, &headers)),
            (404 | 410, _) => Read::Answer(Answer::Gone(status)),
            (403 | 429, json) => match pace(status, &headers, body) {
                Pace::Refused => {
                    let error = refused(ask, status, &message(&json.ok()));
                    // What cannot be read at all ends the exchange; another thing may still be written.
                    return Err(match ask.method == Method::GET {
                        true => error.because(Reason::ForgeToken),
                        false => error,
                    });
                }
                Pace::Wait(wait) if waited + wait <= WAIT_MAX => Read::Wait(wait),
                Pace::Wait(wait) => return Err(limited(wait)),
            },
            (401, _) => {
                return Err(Error::refused("GitHub does not accept the token")
                    .because(Reason::ForgeToken)
                    .hint("renew it: `gh auth login`, or set GH_TOKEN"));
            }
            (500..=599, json) => Read::Fault(
                Error::remote(format!(
                    "GitHub failed with HTTP {status}: {}",
                    message(&json.ok())
                ))
                .because(Reason::ForgeUnreachable)
                .hint("run the command again; what was done is not done twice"),
            ),
            (_, json) => return Err(refused(ask, status, &message(&json.ok()))),
        })
    }
}

/// What to do with an answer.
enum Read {
    Answer(Answer),
    Wait(Duration),
    Fault(Error),
}

/// A single issue, which may have been moved to another repository.
fn is_of_issue(path: &str) -> bool {
    path.contains("/issues/")
}

/// When an answer was made, by the server's clock, RFC 3339 in seconds.
fn answered_at(headers: &HeaderMap) -> Option<String> {
    let date = headers.get(DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(date.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// The address of the next page, which the header `Link` names.
fn next_page(headers: &HeaderMap) -> Option<String> {
    let link = headers.get(LINK)?.to_str().ok()?;
    let mut parts = link.split(',').map(str::trim);
    let next = parts.find(|part| part.ends_with("rel=\"next\""))?;
    let (url, _) = next.strip_prefix('<')?.split_once('>')?;
    Some(url.to_string())
}

/// What GitHub says about a failure, with the fields that it names: one line.
fn message(json: &Option<Json>) -> String {
    let Some(json) = json else {
        return "the answer is not JSON".into();
    };
    let mut text = json["message"]
        .as_str()
        .unwrap_or("no reason given")
        .to_string();
    for error in json["errors"].as_array().into_iter().flatten().take(5) {
        let part = |name: &str| error[name].as_str().map(str::to_string);
        let said = part("message").or_else(|| {
            let field = part("field")?;
            Some(format!("{field}: {}", part("code").unwrap_or_default()))
        });
        if let Some(said) = said.or_else(|| error.as_str().map(str::to_string)) {
            text.push_str("; ");
            text.push_str(&said);
        }
    }
    excerpt(&one_line(&text), 400)
}

fn refused(ask: &Ask<'_>, status: u16, message: &str) -> Error {
    let path = excerpt(ask.path.split('?').next().unwrap_or_default(), 100);
    let error = Error::refused(format!(
        "GitHub refused {} {path} with HTTP {status}: {message}",
        ask.method
    ));
    let error = error.because(match status {
        403 => Reason::ForgeForbidden,
        _ => Reason::ForgeRefused,
    });
    match status {
        403 | 404 => error.hint("the token needs access to the repository and its issues"),
        _ => error.hint("`git pm github status` shows what is linked"),
    }
}

fn moved(ask: &Ask<'_>, headers: &HeaderMap) -> Error {
    let to = headers.get(LOCATION).and_then(|to| to.to_str().ok());
    let to = excerpt(&one_line(to.unwrap_or("another place")), 200);
    let path = excerpt(ask.path, 100);
    Error::refused(format!("{path} has moved to {to}"))
        .because(Reason::ForgeMoved)
        .hint("if the repository was renamed or transferred, link it again: `git pm github link`")
}

fn limited(wait: Duration) -> Error {
    let minutes = wait.as_secs().div_ceil(60);
    Error::remote(format!(
        "GitHub's limit is reached; it ends in {minutes} minutes"
    ))
    .because(Reason::ForgeLimited)
    .hint("run the command again then; it goes on where it stopped")
}
