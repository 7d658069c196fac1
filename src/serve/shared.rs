//! What all requests of a server share.

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

/// The time in which the address that opens the page can be used, once.
const CODE_LIVES: Duration = Duration::from_secs(60);

/// What all requests of a server share.
pub(super) struct Shared {
    pub env: Env,
    pub offline: bool,
    /// True if reading needs no token.
    pub open_reading: bool,
    /// True if the page is reached by TLS, so that cookies need not go without.
    pub tls: bool,
    /// Further names under which the server is reached.
    pub hosts: Vec<String>,
    pub tokens: Tokens,
    pub hub: Hub,
    pub rates: Rates,
    pub counters: Counters,
    pub audit: Audit,
    /// Who started the server.
    pub owner: Actor,
    /// The port that it listens on.
    pub port: u16,
    sessions: Mutex<Sessions>,
}

/// Sign-ins of the person who started the server; they end with it.
#[derive(Default)]
struct Sessions {
    /// The code in the address that was opened, and since when there is one.
    code: Option<(String, Instant)>,
    /// By the hash of their value.
    tokens: HashMap<String, TokenView>,
}

/// The parts that the options decide.
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
    /// When the system has no random bytes.
    pub fn new_code(&self, now: Instant) -> Result<String> {
        let code = tokens::hash(&tokens::value()?);
        self.sessions().code = Some((code.clone(), now));
        Ok(code)
    }

    /// The value of a new session for who has the code.
    ///
    /// # Errors
    /// Kind `Refused`, reason `http.unauthorized`, if the code is not valid (any more).
    pub fn sign_in(&self, code: &str, now: Instant) -> Result<String> {
        let mut sessions = self.sessions();
        let is_right = sessions.code.as_ref().is_some_and(|(wanted, since)| {
            now.duration_since(*since) <= CODE_LIVES && tokens::hash(wanted) == tokens::hash(code)
        });
        if !is_right {
            return Err(
                Error::refused("this sign-in address was already used, or has expired")
                    .because("http.unauthorized")
                    .hint("start the server again with `--open`, or sign in with a token"),
            );
        }
        // A wrong code leaves it, as any page may lead here.
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

    /// True if what a visitor is known by was not revoked.
    pub fn still_knows(&self, visitor: &Visitor) -> bool {
        let (Some(name), Some(scope)) = (&visitor.actor, visitor.scope) else {
            return true;
        };
        let mut sessions = self.sessions().tokens.clone().into_values();
        // Where the file cannot be read at the moment, requests are refused, too.
        sessions.any(|one| one.name == *name) || self.tokens.has(name, scope).unwrap_or(false)
    }

    /// Ends a session.
    pub fn sign_out(&self, value: &str) {
        self.sessions().tokens.remove(&tokens::hash(value));
    }
}
