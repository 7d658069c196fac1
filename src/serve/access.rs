//! Who may send a request, from which host and origin: with a token, a session, or neither.
//!
//! A browser sends requests on behalf of any page its user visits, so a request has to name this server
//! as its host (against DNS rebinding), and must not come from another origin. Browsers send a cookie to all ports of its
//! host, so a cookie counts only at the page's own host name, and never suffices for a change: that
//! takes a second secret, which the page's script keeps in storage bound to the origin, with its
//! port.

use std::net::IpAddr;

use axum::http::HeaderMap;

use super::dispatch::text;
use super::request::{Scope, Visitor, pairs};
use super::route::Needs;
use super::server::ServeOptions;
use super::shared::Shared;
use super::tokens;
use crate::error::{Error, Hint, Reason, Result};

/// The name of the cookie of a session. It contains the port, since browsers send cookies to all
/// ports of a host.
pub(super) fn cookie_name(shared: &Shared) -> String {
    format!("gitpm_session_{}", shared.port)
}

/// True if reading needs no token: for visitors on this machine, unless the user asked for one.
pub(super) fn reads_openly(options: &ServeOptions) -> bool {
    options.listen.ip().is_loopback() && !options.private
}

/// Checks that a request was meant for this server and was not sent by a page of another origin.
///
/// # Errors
/// Kind `Refused`, with the reason `http.host` or `http.forbidden`.
pub(super) fn check_source(
    shared: &Shared,
    headers: &HeaderMap,
    is_get: bool,
    query: &str,
) -> Result<()> {
    let host = text(headers, "host").unwrap_or_default();
    if !is_own_host(shared, host) {
        return Err(other_host());
    }
    let is_same = |origin: &str| {
        let rest = origin.split_once("://").map(|(_, rest)| rest);
        rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host))
    };
    // A link on another site may lead here; that site cannot read the response.
    let is_link = is_get && text(headers, "sec-fetch-mode") == Some("navigate");
    let is_foreign = text(headers, "origin").is_some_and(|origin| !is_same(origin))
        || (!matches!(
            text(headers, "sec-fetch-site"),
            None | Some("same-origin" | "none")
        ) && !is_link);
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
            .because(Reason::HttpTokenInUrl)
            .hint("send it as `Authorization: Bearer TOKEN`"));
    }
    Ok(())
}

/// The error for a request that is meant for another host, or for more than one.
pub(super) fn other_host() -> Error {
    Error::refused("the request names a host that this server does not accept")
        .because(Reason::HttpHost)
        .hint("open the address that `git pm serve` printed; it can be a new one at each start")
        .hint("`git pm serve --host NAME` accepts an additional host name")
}

/// The name in a host, without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// True for the names of this server and any IP address, since only names can be rebound.
fn is_own_host(shared: &Shared, host: &str) -> bool {
    let name = name_of(host);
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok()
        || is_named(shared, name)
}

/// True for the page's own name and the names that the user gave.
fn is_named(shared: &Shared, name: &str) -> bool {
    let mut all = shared.name.iter().chain(&shared.hosts);
    all.any(|own| own.eq_ignore_ascii_case(name))
}

/// The visitor whose token or session the request carries; anonymous without either. A session
/// counts only at the page's own host: other servers on this machine share all other names.
///
/// # Errors
/// Kind `Refused`, reason `http.unauthorized`, if the token is not valid.
pub(super) fn visitor(shared: &Shared, headers: &HeaderMap) -> Result<Visitor> {
    let bearer = match text(headers, "authorization") {
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
    let host = name_of(text(headers, "host").unwrap_or_default());
    let away = shared.name.is_some() && !is_named(shared, host);
    let (found, session) = match (bearer, cookie(shared, headers)) {
        (Some(token), _) => (
            Some(shared.tokens.find(token)?.ok_or_else(unauthorized)?),
            String::new(),
        ),
        (None, Some(value)) if !away => {
            let session = tokens::hash(value);
            (shared.session(&session)?, session)
        }
        _ => (None, String::new()),
    };
    // The session has ended: the visitor is anonymous again and can sign in.
    let Some(token) = found else {
        return Ok(Visitor {
            away,
            ..Visitor::default()
        });
    };
    Ok(Visitor {
        actor: Some(token.name),
        scope: Some(match token.scope {
            // The token file may have been edited by hand.
            Scope::Approve if token.agent => Scope::Write,
            scope => scope,
        }),
        agent: token.agent,
        session,
        away,
    })
}

/// The value of the session cookie.
fn cookie<'h>(shared: &Shared, headers: &'h HeaderMap) -> Option<&'h str> {
    let own = cookie_name(shared);
    let all = text(headers, "cookie")?.split(';');
    let mut all = all.filter_map(|one| one.trim().split_once('='));
    all.find(|(name, _)| *name == own).map(|(_, value)| value)
}

/// Checks that a visitor may use a route.
///
/// # Errors
/// Kind `Refused`, with the reason `http.unauthorized` or `http.forbidden`.
pub(super) fn check(
    shared: &Shared,
    visitor: &Visitor,
    headers: &HeaderMap,
    needs: Needs,
) -> Result<()> {
    let Needs::Token(scope) = needs else {
        return Ok(());
    };
    match visitor.scope {
        None if scope == Scope::Read && shared.open_reading => Ok(()),
        None if cookie(shared, headers).is_some() => Err(Error::refused(
            "the session has ended: the server was started again, or somebody signed out",
        )
        .because(Reason::HttpUnauthorized)
        .hint("sign in again")),
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

/// Checks that a change by a visitor with a session cookie carries the session's second secret.
///
/// # Errors
/// Kind `Refused`, reason `http.forbidden`.
pub(super) fn check_proof(
    shared: &Shared,
    visitor: &Visitor,
    headers: &HeaderMap,
    form: &[u8],
) -> Result<()> {
    if visitor.session.is_empty() {
        return Ok(());
    }
    let sent = text(headers, "x-csrf-token")
        .map(str::to_string)
        .or_else(|| {
            let fields = pairs(form).into_iter();
            fields
                .rev()
                .find_map(|(key, value)| (key == "csrf").then_some(value))
        });
    match sent.is_some_and(|sent| shared.proves(&visitor.session, &sent)) {
        true => Ok(()),
        false => Err(forbidden(
            "the change does not carry the proof that the page's script adds to it",
        )
        .hint("sign in again in this browser, with JavaScript enabled, and repeat the change")),
    }
}

fn forbidden(message: impl Into<String>) -> Error {
    Error::refused(message).because(Reason::HttpForbidden)
}

fn unauthorized() -> Error {
    Error::refused("a valid token is required")
        .because(Reason::HttpUnauthorized)
        .hint(Hint::run(
            ["serve", "token", "add", "NAME", "--scope", "write"],
            "creates one; send it as `Authorization: Bearer TOKEN`",
        ))
}
