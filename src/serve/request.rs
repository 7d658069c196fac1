//! Requests as handlers see them, and their answers.
//!
//! Handlers are independent of the network: they get the parts of a request as text, return a value,
//! and run on a thread of their own.

use std::cell::OnceCell;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::shared::Shared;
use crate::coordinate::idempotency;
use crate::error::{Error, Reason, Result};
use crate::model::uid::sha256_hex;
use crate::model::vocabulary::terms;
use crate::pm::shared_views::reads_through;
use crate::pm::{Caller, Options, Pm};

terms! {
    /// The permissions of a visitor, in ascending order; each includes those before it.
    Scope in "scope" {
        /// See everything.
        Read = "read",
        /// Change items, send messages, reserve paths.
        Write = "write",
        /// Approve plans and work, for people only.
        Approve = "approve",
    }
}

/// The sender of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Visitor {
    /// The name of the token's holder; none without a token.
    pub actor: Option<String>,
    /// The permissions of the visitor; none without a token.
    pub scope: Option<Scope>,
    /// True if the token is an agent's.
    pub agent: bool,
    /// The key of the session; empty unless the visitor is authenticated by its cookie.
    pub session: String,
    /// True if the request was sent to a name that the page shares with other servers.
    pub away: bool,
}

impl Visitor {
    /// True if the visitor has at least this scope.
    pub fn may(&self, scope: Scope) -> bool {
        self.scope.is_some_and(|own| own >= scope)
    }
}

/// A request that passed the checks.
#[derive(Clone)]
pub(super) struct Parts {
    pub shared: Arc<Shared>,
    pub visitor: Visitor,
    /// The path pattern of its route.
    pub route: &'static str,
    /// True if the browser reached the server, or the proxy in front of it, over TLS.
    pub is_secure: bool,
    /// The path parameters.
    pub parts: Vec<(String, String)>,
    /// The query parameters, decoded.
    pub query: Vec<(String, String)>,
    /// `Accept`.
    pub accept: String,
    /// The content type of the body, in lower case, without parameters.
    pub content_type: String,
    pub body: Vec<u8>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// `If-Match`, without quotes.
    pub if_match: Option<String>,
    /// The headers of a webhook's delivery.
    pub delivery: Option<super::github_webhook::Delivery>,
}

impl Parts {
    /// Everything that the answer to a request without a body depends on.
    pub fn key(&self) -> String {
        let Visitor {
            actor,
            scope,
            agent,
            session: _,
            away,
        } = &self.visitor;
        let (parts, query) = (&self.parts, &self.query);
        let (route, accept, version) = (self.route, &self.accept, &self.if_match);
        format!(
            "{route} {parts:?} {query:?} {accept:?} {version:?} {actor:?} {scope:?} {agent} {away}"
        )
    }
}

/// A request on the thread that handles it, with the repository, which is not `Send`.
pub(super) struct Call {
    parts: Parts,
    pm: OnceCell<Pm>,
    /// The event up to which its answer is sure to know the state.
    pub since: String,
}

impl From<Parts> for Call {
    fn from(parts: Parts) -> Call {
        Call {
            since: parts.shared.hub.position(),
            parts,
            pm: OnceCell::new(),
        }
    }
}

reads_through!(Call, parts: Parts);

impl Call {
    /// The repository, opened as the visitor on first use.
    pub fn pm(&self) -> Result<&Pm> {
        if let Some(pm) = self.pm.get() {
            return Ok(pm);
        }
        let opened = self.opened_at(self.if_match.clone())?;
        Ok(self.pm.get_or_init(|| opened))
    }

    /// The repository, opened as the visitor, for a change to an item that must be at this version.
    pub fn opened_at(&self, version: Option<String>) -> Result<Pm> {
        let actor = self.visitor.actor.clone();
        let options = Options {
            agent: actor.clone().filter(|_| self.visitor.agent),
            actor,
            offline: self.shared.offline,
            idempotency_key: self.idempotency_key.clone(),
            if_version: version,
            for_people: !self.route.starts_with("/api/"),
            caller: Caller::Away,
            ..Options::default()
        };
        let mut pm = Pm::open(self.shared.env.clone(), options)?;
        if pm.options.idempotency_key.is_some() {
            idempotency::received(&pm, self.received());
        }
        pm.actor.is_bound |= !self.visitor.may(Scope::Approve);
        let visitor = self.visitor.actor.as_deref();
        if visitor.is_some_and(|name| name != pm.actor.identity) {
            // It is that of whoever runs the server.
            pm.actor.email.clear();
        }
        Ok(pm)
    }

    /// A hash of the request.
    fn received(&self) -> String {
        let parts = self.parts.parts.iter().map(|(_, part)| part.as_str());
        let parts = parts.collect::<Vec<_>>().join("/");
        let whole = [self.route, &parts, &sha256_hex(&self.body)].join("\n");
        sha256_hex(whole.as_bytes())
    }

    /// The repository for a change that may be pushed to the remote at once. Refused if the state
    /// was never pushed: the command line asks before the first push.
    pub fn pm_to_push(&self) -> Result<&Pm> {
        self.to_push(false)
    }

    /// As [`Call::pm_to_push`], for an exchange that was asked for.
    pub fn pm_to_sync(&self) -> Result<&Pm> {
        self.to_push(true)
    }

    fn to_push(&self, asked_for: bool) -> Result<&Pm> {
        let pm = self.pm()?;
        match pm.state().first_push_question(asked_for)? {
            None => Ok(pm),
            Some(_) => Err(
                Error::refused("the state has never been pushed to its remote")
                    .because(Reason::SyncFirstPush)
                    .hint("`git pm sync` in a shell asks whether to push it"),
            ),
        }
    }

    /// The library's notices for the visitor, besides the result.
    pub fn notices(&self) -> Vec<String> {
        self.pm.get().map(Pm::take_notices).unwrap_or_default()
    }

    /// A path parameter; empty if the route does not have it.
    pub fn part(&self, name: &str) -> &str {
        let found = self.parts.parts.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// A query parameter, if given and not empty.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// All values of a parameter that may be repeated, but for empty ones.
    pub fn parameters(&self, name: &str) -> Vec<String> {
        let all = self.query.iter().filter(|(key, _)| key == name);
        let values = all.map(|(_, value)| value.trim().to_string());
        values.filter(|value| !value.is_empty()).collect()
    }

    /// True if a parameter is `true`, `1` or has no value.
    pub fn flag(&self, name: &str) -> bool {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.is_some_and(|(_, value)| matches!(value.as_str(), "" | "true" | "1"))
    }

    /// A numeric parameter, at most `max`.
    ///
    /// # Errors
    /// Kind `Usage` if it is not one.
    pub fn number(&self, name: &str, max: usize) -> Result<Option<usize>> {
        let Some(text) = self.parameter(name) else {
            return Ok(None);
        };
        match text.parse::<usize>() {
            Ok(number) if number <= max => Ok(Some(number)),
            _ => Err(
                Error::usage(format!("`{name}` takes a number from 0 to {max}"))
                    .because(Reason::ArgumentsInvalid)
                    .about(name),
            ),
        }
    }

    /// The JSON body; an empty one counts as `{}`.
    ///
    /// # Errors
    /// Kind `Usage` if it has another type or shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let body: &[u8] = match self.body.is_empty() {
            true => b"{}",
            false => &self.body,
        };
        if !self.body.is_empty() && self.content_type != "application/json" {
            return Err(Error::usage("the body has to be JSON")
                .because(Reason::HttpContentType)
                .hint("send `Content-Type: application/json`"));
        }
        // serde would take the values of an array for fields in their order.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err(
                Error::usage("the body has to be a JSON object").because(Reason::ArgumentsInvalid)
            );
        }
        serde_json::from_slice(body).map_err(|error| {
            Error::usage(format!("the body is not valid: {error}"))
                .because(Reason::ArgumentsInvalid)
        })
    }

    /// The fields of a form, in order.
    ///
    /// # Errors
    /// Kind `Usage` if the body has another type.
    pub fn form(&self) -> Result<Vec<(String, String)>> {
        if self.content_type != "application/x-www-form-urlencoded" {
            return Err(Error::usage("the body has to be a form").because(Reason::HttpContentType));
        }
        Ok(pairs(&self.body))
    }
}

/// The pairs of a query or a form, decoded.
pub(super) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// Data in the envelope of `--json`, already serialized, with the version of the object, if
    /// any.
    Data {
        /// 200, or 201 for a new object.
        status: u16,
        json: String,
        version: Option<String>,
    },
    /// JSON without the envelope.
    Plain(String),
    /// A page.
    Html { status: u16, text: String },
    /// A document of another type, which a browser may cache for `keep` seconds.
    Document {
        content_type: &'static str,
        bytes: Vec<u8>,
        keep: u32,
    },
    /// A file to be saved under this name.
    File { name: String, bytes: Vec<u8> },
    /// The second secret of a new session, for the page's script, with the cookie to set.
    Signed { proof: String, cookie: String },
    /// A redirect to another page after a form, with the cookie to set, if any.
    See {
        path: String,
        cookie: Option<String>,
    },
}

impl Answer {
    /// Data.
    ///
    /// # Errors
    /// When the value cannot be serialized.
    pub fn data<T: Serialize + ?Sized>(value: &T) -> Result<Answer> {
        Answer::with_version(200, value, None)
    }

    /// A list, in the form of `--json`.
    ///
    /// # Errors
    /// When the value cannot be serialized.
    pub fn list<T: Serialize>(items: &[T]) -> Result<Answer> {
        #[derive(Serialize)]
        struct List<'a, T> {
            items: &'a [T],
        }
        Answer::data(&List { items })
    }

    /// Data with a version, which becomes its `ETag`.
    ///
    /// # Errors
    /// When the value cannot be serialized.
    pub fn with_version<T: Serialize + ?Sized>(
        status: u16,
        value: &T,
        version: Option<&str>,
    ) -> Result<Answer> {
        let json = serde_json::to_string(value)
            .map_err(|error| Error::state(format!("cannot write the result: {error}")))?;
        Ok(Answer::Data {
            status,
            json,
            version: version.map(str::to_string),
        })
    }
}
