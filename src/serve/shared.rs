//! What all requests of a server share: sessions, tokens, rates, counters.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::audit::Audit;
use super::events::Hub;
use super::metrics::Counters;
use super::rate_limit::Rates;
use super::request::{Scope, Visitor};
use super::session::{Holder, Session, Sessions};
use super::tokens::{TokenView, Tokens};
use crate::error::Result;
use crate::model::stamp::rfc3339;
use crate::store::env::Env;
use crate::store::handle::Actor;

/// State shared by all requests of a server.
pub(super) struct Shared {
    pub env: Env,
    pub offline: bool,
    /// True if reading needs no token.
    pub open_reading: bool,
    /// True if the page is served over TLS, so that cookies are marked `Secure`.
    pub tls: bool,
    /// The host name of the page, which no other server has; none if the user has to choose one.
    pub name: Option<String>,
    /// Additional host names of the server.
    pub hosts: Vec<String>,
    pub tokens: Tokens,
    pub hub: Hub,
    pub rates: Rates,
    pub counters: Counters,
    pub audit: Audit,
    /// The actor who started the server.
    pub owner: Actor,
    /// The port that it listens on.
    pub port: u16,
    pub all_sessions: Mutex<Sessions>,
    pub webhooks: super::github_webhook::Webhooks,
}

impl Shared {
    /// The sessions of browsers.
    pub fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.all_sessions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whom the session with this key acts for; none if it has ended, or its token was revoked.
    ///
    /// # Errors
    /// When the tokens cannot be read.
    pub fn session(&self, key: &str) -> Result<Option<TokenView>> {
        let holder = self
            .sessions()
            .get(key, Instant::now())
            .map(Session::holder);
        match holder {
            None => Ok(None),
            Some(Holder::Token(sha256)) => self.tokens.with_hash(&sha256),
            Some(Holder::Owner) => Ok(Some(TokenView {
                name: self.owner.name.clone(),
                scope: match self.owner.is_agent {
                    true => Scope::Write,
                    false => Scope::Approve,
                },
                agent: self.owner.is_agent,
                created: rfc3339(self.env.now_ms()),
            })),
        }
    }

    /// True if this is the second secret of the session with this key.
    pub fn proves(&self, key: &str, proof: &str) -> bool {
        let sessions = self.sessions();
        let found = sessions.get(key, Instant::now());
        found.is_some_and(|session| session.is_proved_by(proof))
    }

    /// True unless the visitor's token or session was revoked.
    pub fn still_knows(&self, visitor: &Visitor) -> bool {
        let (Some(name), Some(scope)) = (&visitor.actor, visitor.scope) else {
            return true;
        };
        // While the file cannot be read, requests are refused, too.
        match visitor.session.as_str() {
            "" => self.tokens.has(name, scope).unwrap_or(false),
            key => self.session(key).is_ok_and(|found| found.is_some()),
        }
    }
}
