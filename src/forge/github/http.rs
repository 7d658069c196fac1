//! Requests to GitHub's REST API: versions, pages, retries, and the limits that its answers state.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, ETAG, HeaderMap, IF_NONE_MATCH, LINK, LOCATION};
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use super::answers;
use super::auth::Credential;
use super::pace::{Pace, WAIT_MAX, date, header, pace};
use crate::error::{Error, Reason, Result};
use crate::forge::{Changed, unexpected};
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

/// What is said of a failure without a text.
const NO_REASON: &str = "no reason given";

/// An answer that is neither a refusal nor a failure.
enum Answer {
    /// With its headers.
    Json(Json, Box<HeaderMap>),
    /// As it was at the last request.
    NotModified,
    /// It was deleted, is elsewhere, or the token may not see it.
    Gone(u16),
}

/// A request.
struct Ask<'a> {
    method: Method,
    /// Below the root of the API, with its query; or one that the API itself named.
    path: &'a str,
    /// Null if there is none.
    body: Json,
    tag: Option<&'a str>,
}

impl<'a> Ask<'a> {
    fn new(method: Method, path: &'a str, body: Json) -> Ask<'a> {
        let tag = None;
        Ask {
            method,
            path,
            body,
            tag,
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
        let (client, runtime) = net::client(root, &env.vars, CONNECT_TIME).map_err(fail)?;
        Ok(Http {
            client,
            runtime,
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
    fn ask(&self, ask: &Ask<'_>) -> Result<Answer> {
        let token = self.token()?;
        self.ask_as(ask, &token)
    }

    fn ask_as(&self, ask: &Ask<'_>, token: &str) -> Result<Answer> {
        let may_repeat = ask.method != Method::POST;
        let mut failures = RETRIES.iter();
        let mut waited = Duration::ZERO;
        loop {
            let read = |(status, headers, body)| self.read(ask, status, headers, body, waited);
            let failure = match self.exchange(ask, token).map(read) {
                Err(error) => error,
                Ok(read) => match read? {
                    Read::Answer(answer) => return Ok(answer),
                    Read::Fault(error) => error,
                    Read::Wait(wait) => {
                        waited += wait;
                        std::thread::sleep(wait);
                        continue;
                    }
                },
            };
            match failures.next().filter(|_| may_repeat) {
                Some(wait) => std::thread::sleep(*wait),
                None => return Err(failure),
            }
        }
    }

    /// The answer's JSON. What is to be removed may be gone already.
    ///
    /// # Errors
    /// When it is not answered, or refused, or what it is about is gone.
    pub(super) fn send(&self, method: Method, path: &str, body: Json) -> Result<Json> {
        let ask = Ask::new(method, path, body);
        match self.ask(&ask)? {
            Answer::Json(json, _) => Ok(json),
            _ if ask.method == Method::DELETE => Ok(Json::Null),
            Answer::NotModified => Err(unexpected("content")),
            Answer::Gone(status) => Err(refused(&ask, status, "it is not there")),
        }
    }

    /// What is at a path; none if it is gone.
    ///
    /// # Errors
    /// When it is not answered, or refused.
    pub(super) fn found(&self, path: &str) -> Result<Option<Json>> {
        match self.ask(&Ask::new(Method::GET, path, Json::Null))? {
            Answer::Json(json, _) => Ok(Some(json)),
            _ => Ok(None),
        }
    }

    /// As [`Http::found`]; none also if the token may not ask for it.
    ///
    /// # Errors
    /// As [`Http::found`].
    pub(super) fn allowed(&self, path: &str) -> Result<Option<Json>> {
        match self.found(path) {
            Err(error) if error.reason() == Reason::ForgeToken => Ok(None),
            answer => answer,
        }
    }

    /// Runs a mutation of GraphQL.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub(super) fn graphql(&self, query: &str, variables: Json) -> Result<()> {
        let body = json!({"query": query, "variables": variables});
        let answer = self.send(Method::POST, GRAPHQL, body)?;
        // A failure has status 200.
        let Some(first) = answer["errors"].as_array().and_then(|all| all.first()) else {
            return Ok(());
        };
        let said = excerpt(&one_line(text_or(&first["message"], NO_REASON)), 400);
        Err(Error::refused(format!("GitHub refused it: {said}")).because(Reason::ForgeRefused))
    }

    /// The elements of all pages of a list, as far as they are read; none if it is as it was.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub(super) fn pages<T>(
        &self,
        path: &str,
        tag: Option<&str>,
        read: impl Fn(&Json) -> Result<Option<T>>,
    ) -> Result<Changed<T>> {
        let mut all = Changed {
            items: Vec::new(),
            tag: None,
            until: None,
        };
        let mut began = None;
        let mut found = Vec::new();
        let (mut next, mut tag) = (Some(path.to_string()), tag);
        while let Some(path) = next.take() {
            let mut ask = Ask::new(Method::GET, &path, Json::Null);
            ask.tag = tag.take();
            let (json, headers) = match self.ask(&ask)? {
                Answer::Json(json, headers) => (json, headers),
                Answer::NotModified => {
                    all.tag = ask.tag.map(str::to_string);
                    return Ok(all);
                }
                Answer::Gone(status) => return Err(refused(&ask, status, "it is not there")),
            };
            let Json::Array(items) = json else {
                return Err(unexpected("list"));
            };
            if found.is_empty() {
                all.tag = header(&headers, ETAG.as_str()).map(str::to_string);
                // In seconds, as the times of the items.
                began = date(&headers).map(|date| date.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
            }
            found.extend(items);
            next = next_page(&headers);
        }
        // The tag is that of the first page, and says nothing about others.
        if found.len() >= PAGE {
            all.tag = None;
        }
        let changed = found.iter().filter_map(|one| one["updated_at"].as_str());
        let newest = changed.max().map(str::to_string);
        all.until = newest.map(|newest| began.map_or(newest.clone(), |began| newest.min(began)));
        for json in &found {
            all.items.extend(read(json)?);
        }
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
        let installation = get(&Ask::new(Method::GET, &path, Json::Null))?;
        let login = installation["app_slug"].as_str();
        let login = login.map(|slug| format!("{slug}[bot]"));
        self.app_login.replace(login);
        let id = answers::id(&installation, "id")?;
        let name = app.repository.rsplit('/').next().unwrap_or_default();
        let path = format!("/app/installations/{id}/access_tokens");
        let scopes = json!({"repositories": [name], "permissions": self.permissions});
        let answer = get(&Ask::new(Method::POST, &path, scopes))?;
        let token = answer["token"].as_str().map(str::to_string);
        let token = token.ok_or_else(|| unexpected("token of the installation"))?;
        let until = answer["expires_at"].as_str().and_then(parse_rfc3339);
        let until = until.map_or(now + 600, |ms| ms / 1000);
        self.token.replace(Some((token.clone(), until)));
        Ok(token)
    }

    fn exchange(&self, ask: &Ask<'_>, token: &str) -> Result<(u16, HeaderMap, Vec<u8>)> {
        let url = match ask.path.strip_prefix('/') {
            // At an Enterprise server it is beside the versions of REST.
            _ if ask.path == GRAPHQL => self.root.trim_end_matches("/v3").to_string() + GRAPHQL,
            Some(path) => format!("{}/{path}", self.root),
            // A token goes to no other place than that which it is for.
            None if ask.path.starts_with(&format!("{}/", self.root)) => ask.path.to_string(),
            None => return Err(unexpected("page below its own address")),
        };
        let fail = |error: reqwest::Error| {
            let cause = net::cause(&error.without_url());
            unreachable(format!("{} did not answer: {cause}", self.root))
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
            if !ask.body.is_null() {
                request = request.header("content-type", "application/json");
                request = request.body(ask.body.to_string());
            }
            let mut response = request.send().await.map_err(fail)?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let mut body = Vec::new();
            while let Some(piece) = response.chunk().await.map_err(fail)? {
                body.extend_from_slice(&piece);
                if body.len() > ANSWER_MAX {
                    return Err(unexpected("reasonable size"));
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
        body: Vec<u8>,
        waited: Duration,
    ) -> Result<Read> {
        let left = header(&headers, "x-ratelimit-remaining");
        if let Some(left) = left.and_then(|left| left.parse().ok()) {
            self.remaining.set(Some(left));
        }
        let json = serde_json::from_slice::<Json>(&body);
        let fail = |json: &serde_json::Result<Json>| refused(ask, status, &message(json));
        Ok(match (status, json) {
            (304, _) => Read::Answer(Answer::NotModified),
            (204, _) => Read::Answer(Answer::Json(Json::Null, Box::new(headers))),
            (200..=299, Ok(json)) => Read::Answer(Answer::Json(json, Box::new(headers))),
            // A proxy or a sign-in page.
            (200..=299, Err(_)) => Read::Fault(unexpected("JSON")),
            // A single issue may have been moved to another repository.
            (301 | 302 | 307 | 308, _) if !ask.path.contains("/issues/") => {
                return Err(moved(ask, &headers));
            }
            (301 | 302 | 307 | 308 | 404 | 410, _) => Read::Answer(Answer::Gone(status)),
            (403 | 429, json) => match pace(status, &headers, &body) {
                // What cannot be read at all ends the exchange; another thing may still be written.
                Pace::Refused if ask.method == Method::GET => {
                    return Err(fail(&json).because(Reason::ForgeToken));
                }
                Pace::Refused => return Err(fail(&json)),
                Pace::Wait(wait) if waited + wait <= WAIT_MAX => Read::Wait(wait),
                Pace::Wait(wait) => return Err(limited(wait)),
            },
            (401, _) => {
                return Err(Error::refused("GitHub does not accept the token")
                    .because(Reason::ForgeToken)
                    .hint("renew it: `gh auth login`, or set GH_TOKEN"));
            }
            (500..=599, json) => {
                let said = message(&json);
                Read::Fault(unreachable(format!(
                    "GitHub failed with HTTP {status}: {said}"
                )))
            }
            (_, json) => return Err(fail(&json)),
        })
    }
}

/// What to do with an answer.
enum Read {
    Answer(Answer),
    Wait(Duration),
    Fault(Error),
}

/// The address of the next page, which the header `Link` names.
fn next_page(headers: &HeaderMap) -> Option<String> {
    let mut parts = header(headers, LINK.as_str())?.split(',').map(str::trim);
    let next = parts.find(|part| part.ends_with("rel=\"next\""))?;
    let (url, _) = next.strip_prefix('<')?.split_once('>')?;
    Some(url.to_string())
}

/// What GitHub says about a failure, with the fields that it names: one line.
fn message(json: &serde_json::Result<Json>) -> String {
    let Ok(json) = json else {
        return "the answer is not JSON".into();
    };
    let mut text = text_or(&json["message"], NO_REASON).to_string();
    for error in json["errors"].as_array().into_iter().flatten().take(5) {
        let said = error["message"].as_str().or(error.as_str());
        let said = said.map(str::to_string).or_else(|| {
            let code = text_or(&error["code"], "");
            Some(format!("{}: {code}", error["field"].as_str()?))
        });
        text.extend(said.map(|said| format!("; {said}")));
    }
    excerpt(&one_line(&text), 400)
}

fn text_or<'j>(json: &'j Json, default: &'j str) -> &'j str {
    json.as_str().unwrap_or(default)
}

/// The failure of a request that may be sent again.
fn unreachable(message: String) -> Error {
    Error::remote(message)
        .because(Reason::ForgeUnreachable)
        .hint("run the command again; what was done is not done twice")
}

fn refused(ask: &Ask<'_>, status: u16, message: &str) -> Error {
    let path = excerpt(ask.path.split('?').next().unwrap_or_default(), 100);
    let method = &ask.method;
    let text = format!("GitHub refused {method} {path} with HTTP {status}: {message}");
    let reason = match status {
        403 => Reason::ForgeForbidden,
        _ => Reason::ForgeRefused,
    };
    Error::refused(text).because(reason).hint(match status {
        403 | 404 => "the token needs access to the repository and its issues",
        _ => "`git pm github status` shows what is linked",
    })
}

fn moved(ask: &Ask<'_>, headers: &HeaderMap) -> Error {
    let to = header(headers, LOCATION.as_str()).unwrap_or("another place");
    let to = excerpt(&one_line(to), 200);
    let path = excerpt(ask.path, 100);
    Error::refused(format!("{path} has moved to {to}"))
        .because(Reason::ForgeMoved)
        .hint("if the repository was renamed or transferred, link it again: `git pm github link`")
}

fn limited(wait: Duration) -> Error {
    let minutes = wait.as_secs().div_ceil(60);
    let text = format!("GitHub's limit is reached; it ends in {minutes} minutes");
    Error::remote(text)
        .because(Reason::ForgeLimited)
        .hint("run the command again then; it goes on where it stopped")
}
