//! Authorization. A browser sends requests on behalf of any page its user visits, so a request has
//! to name this server as its host (against DNS rebinding), must not come from another origin, and,
//! if it is authenticated by a cookie and changes something, has to prove that it was made by a
//! page of this server.

use std::net::IpAddr;

use super::request::{Scope, Visitor, pairs};
use super::route::Needs;
use super::shared::Shared;
use super::tokens;
use crate::error::{Error, Hint, Result};

/// The name of the cookie that holds a token. It contains the port, since browsers send cookies to
/// all ports of a host.
pub(super) fn cookie_name(shared: &Shared) -> String {
    format!("gitpm_session_{}", shared.port)
}

/// The headers used for authorization.
#[derive(Default)]
pub(super) struct Headers<'a> {
    pub host: Option<&'a str>,
    pub origin: Option<&'a str>,
    pub fetch_site: Option<&'a str>,
    pub fetch_mode: Option<&'a str>,
    pub authorization: Option<&'a str>,
    pub cookie: Option<&'a str>,
    pub csrf: Option<&'a str>,
}

/// Checks that a request was meant for this server and was not sent by a page of another origin.
///
/// # Errors
/// Kind `Refused`, with the reason `http.host` or `http.forbidden`.
pub(super) fn check_source(
    shared: &Shared,
    headers: &Headers<'_>,
    is_get: bool,
    query: &str,
) -> Result<()> {
    let host = headers.host.unwrap_or_default();
    if !is_own_host(shared, host) {
        return Err(other_host());
    }
    let is_same = |origin: &str| {
        let rest = origin.split_once("://").map(|(_, rest)| rest);
        rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host))
    };
    // A link on another site may lead here; that site cannot read the response.
    let is_link = is_get && headers.fetch_mode == Some("navigate");
    let is_foreign = headers.origin.is_some_and(|origin| !is_same(origin))
        || (headers.fetch_site == Some("cross-site") && !is_link);
    if is_foreign {
        return Err(forbidden(
            "the request was sent by a page from a different origin",
        ));
    }
    // A token in a URL would end up in browser histories and logs.
    let has_token = pairs(query.as_bytes())
        .iter()
        .any(|(key, value)| key.ends_with("token") || value.starts_with("gitpm_"));
    if has_token {
        return Err(Error::usage("a token must not be part of a URL")
            .because("http.token_in_url")
            .hint("send it as `Authorization: Bearer TOKEN`"));
    }
    Ok(())
}

/// The error for a request that is meant for another host, or for more than one.
pub(super) fn other_host() -> Error {
    Error::refused("the request names a host that this server does not accept")
        .because("http.host")
        .hint("`git pm serve --host NAME` accepts an additional host name")
}

/// True for the names of this server and any IP address, since only names can be rebound.
fn is_own_host(shared: &Shared, host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok()
        || shared
            .hosts
            .iter()
            .any(|own| own.eq_ignore_ascii_case(name))
}

/// The visitor whose token the request carries; anonymous without a token.
///
/// # Errors
/// Kind `Refused`, reason `http.unauthorized`, if the token is not valid.
pub(super) fn visitor(shared: &Shared, headers: &Headers<'_>) -> Result<Visitor> {
    let bearer = match headers.authorization {
        Some(value) => {
            let token = value
                .split_once(' ')
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            Some(
                token
                    .map(|(_, token)| token.trim())
                    .ok_or_else(unauthorized)?,
            )
        }
        None => None,
    };
    let (value, by_cookie) = match (bearer, cookie(shared, headers)) {
        (Some(token), _) => (token, false),
        (None, Some(token)) => (token, true),
        (None, None) => return Ok(Visitor::default()),
    };
    // A session is accepted only from its cookie.
    let found = match shared.session(value).filter(|_| by_cookie) {
        Some(found) => Some(found),
        None => shared.tokens.find(value)?,
    };
    match found {
        Some(token) => Ok(Visitor {
            actor: Some(token.name),
            scope: Some(match token.scope {
                // The token file may have been edited by hand.
                Scope::Approve if token.agent => Scope::Write,
                scope => scope,
            }),
            agent: token.agent,
            csrf: match by_cookie {
                true => csrf(value),
                false => String::new(),
            },
        }),
        // The token was revoked: the visitor is anonymous again and can sign in.
        None if by_cookie => Ok(Visitor::default()),
        None => Err(unauthorized()),
    }
}

/// The value of the session cookie.
pub(super) fn cookie<'h>(shared: &Shared, headers: &Headers<'h>) -> Option<&'h str> {
    let own = cookie_name(shared);
    let all = headers.cookie?.split(';');
    let mut all = all.filter_map(|one| one.trim().split_once('='));
    all.find(|(name, _)| *name == own).map(|(_, value)| value)
}

/// Checks that a visitor may use a route.
///
/// # Errors
/// Kind `Refused`, with the reason `http.unauthorized` or `http.forbidden`.
pub(super) fn check(shared: &Shared, visitor: &Visitor, needs: Needs) -> Result<()> {
    let Needs::Token(scope) = needs else {
        return Ok(());
    };
    match visitor.scope {
        None if scope == Scope::Read && shared.open_reading => Ok(()),
        None => Err(unauthorized()),
        Some(_) if visitor.may(scope) => Ok(()),
        Some(_) if visitor.agent && scope == Scope::Approve => {
            Err(forbidden("an agent cannot approve"))
        }
        Some(own) => Err(forbidden(format!(
            "the token has the scope {}, but this request requires {}",
            own.as_str(),
            scope.as_str()
        ))),
    }
}

/// Checks that a change by a visitor with a session cookie was sent by a page of this server
/// (CSRF).
///
/// # Errors
/// Kind `Refused`, reason `http.forbidden`.
pub(super) fn check_form(visitor: &Visitor, headers: &Headers<'_>, form: &[u8]) -> Result<()> {
    if visitor.csrf.is_empty() {
        return Ok(());
    }
    let sent = headers.csrf.map(str::to_string).or_else(|| {
        let fields = pairs(form).into_iter();
        fields
            .rev()
            .find_map(|(key, value)| (key == "csrf").then_some(value))
    });
    // Compared as hashes, so that the timing reveals nothing.
    let is_equal = |sent: &String| tokens::hash(sent) == tokens::hash(&visitor.csrf);
    match sent.as_ref().is_some_and(is_equal) {
        true => Ok(()),
        false => Err(forbidden(
            "the form is not from this server, or is older than the last sign-in; reload the page",
        )),
    }
}

/// The CSRF value that forms send back: derived from the token, which cannot be recovered from it.
fn csrf(token: &str) -> String {
    tokens::hash(&format!("csrf {token}"))
}

fn forbidden(message: impl Into<String>) -> Error {
    Error::refused(message).because("http.forbidden")
}

fn unauthorized() -> Error {
    Error::refused("a valid token is required")
        .because("http.unauthorized")
        .hint(Hint::run(
            ["serve", "token", "add", "NAME", "--scope", "write"],
            "creates one; send it as `Authorization: Bearer TOKEN`",
        ))
}
