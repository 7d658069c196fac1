//! State shared by all requests of a server.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::audit::Audit;
use super::events::Hub;
use super::limits::Rates;
use super::metrics::Counters;
use super::request::{Scope, Visitor};
use super::tokens::{self, TokenView, Tokens};
use crate::error::{Error, Result};
use crate::model::stamp::rfc3339;
use crate::store::env::Env;
use crate::store::handle::Actor;

/// The lifetime of the one-time sign-in address.
const CODE_LIVES: Duration = Duration::from_secs(60);

/// State shared by all requests of a server.
pub(super) struct Shared {
    pub env: Env,
    pub offline: bool,
    /// True if reading needs no token.
    pub open_reading: bool,
    /// True if the page is served over TLS, so that cookies are marked `Secure`.
    pub tls: bool,
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
    sessions: Mutex<Sessions>,
}

/// Sessions of the person who started the server; they end with the server.
#[derive(Default)]
struct Sessions {
    /// The code in the sign-in address, and when it was issued.
    code: Option<(String, Instant)>,
    /// Keyed by the hash of their value.
    tokens: HashMap<String, TokenView>,
}

/// The parts that the options determine.
pub(super) struct Settings {
    pub env: Env,
    pub offline: bool,
    pub open_reading: bool,
    pub tls: bool,
    pub hosts: Vec<String>,
    pub rate: u32,
    pub owner: Actor,
    pub port: u16,
}

impl Shared {
    pub fn new(settings: Settings, tokens: Tokens, hub: Hub, audit: Audit) -> Shared {
        Shared {
            env: settings.env,
            offline: settings.offline,
            open_reading: settings.open_reading,
            tls: settings.tls,
            hosts: settings.hosts,
            tokens,
            hub,
            rates: Rates::new(settings.rate),
            counters: Counters::default(),
            audit,
            owner: settings.owner,
            port: settings.port,
            sessions: Mutex::default(),
        }
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A code that signs in the person who started the server, once and within a minute.
    ///
    /// # Errors
    /// When the system cannot provide random bytes.
    pub fn new_code(&self, now: Instant) -> Result<String> {
        let code = tokens::hash(&tokens::value()?);
        self.sessions().code = Some((code.clone(), now));
        Ok(code)
    }

    /// Starts a session for the holder of the code, and returns its value.
    ///
    /// # Errors
    /// Kind `Refused`, reason `http.unauthorized`, if the code is wrong, used or expired.
    pub fn sign_in(&self, code: &str, now: Instant) -> Result<String> {
        let mut sessions = self.sessions();
        let is_right = sessions.code.as_ref().is_some_and(|(wanted, since)| {
            now.duration_since(*since) <= CODE_LIVES && tokens::hash(wanted) == tokens::hash(code)
        });
        if !is_right {
            return Err(Error::refused(
                "this sign-in address has already been used or has expired",
            )
            .because("http.unauthorized")
            .hint("start the server again with `--open`, or sign in with a token"));
        }
        // Not invalidated by a wrong code, since any page may link here.
        sessions.code = None;
        let value = tokens::value()?;
        let (name, agent) = (self.owner.name.clone(), self.owner.is_agent);
        let view = TokenView {
            name,
            scope: if agent { Scope::Write } else { Scope::Approve },
            agent,
            created: rfc3339(self.env.now_ms()),
        };
        sessions.tokens.insert(tokens::hash(&value), view);
        Ok(value)
    }

    /// The session with this value.
    pub fn session(&self, value: &str) -> Option<TokenView> {
        let sessions = self.sessions();
        // Most servers have none.
        if sessions.tokens.is_empty() {
            return None;
        }
        sessions.tokens.get(&tokens::hash(value)).cloned()
    }

    /// True unless the visitor's token or session was revoked.
    pub fn still_knows(&self, visitor: &Visitor) -> bool {
        let (Some(name), Some(scope)) = (&visitor.actor, visitor.scope) else {
            return true;
        };
        let mut sessions = self.sessions().tokens.clone().into_values();
        // While the file cannot be read, requests are refused, too.
        sessions.any(|one| one.name == *name) || self.tokens.has(name, scope).unwrap_or(false)
    }

    /// Ends a session.
    pub fn sign_out(&self, value: &str) {
        self.sessions().tokens.remove(&tokens::hash(value));
    }
}
