//! Signing in to the page: a token or a code is exchanged for a session.
//!
//! The code is given to the user who started the server; the session has two random secrets,
//! unrelated to the token. The cookie, which scripts cannot read, says who reads; the proof, which
//! the page's script keeps in the storage of its origin and nothing sends by itself, makes a change
//! the visitor's own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::access::cookie_name;
use super::limits;
use super::request::{Answer, Call, Scope};
use super::route::{Needs, Returns, Route, post};
use super::tokens::{self, hash};
use crate::error::{Error, Reason, Result};
use crate::store::env::Env;
use crate::store::random;

/// Whom a session acts for.
#[derive(Clone)]
pub(super) enum Holder {
    /// The person who started the server.
    Owner,
    /// The holder of the token with this hash.
    Token(String),
}

/// A session, which ends with the server.
pub(super) struct Session {
    holder: Holder,
    since: Instant,
    /// The hash of the second secret.
    proof: String,
    /// What a change said, for the page that follows it.
    said: Vec<String>,
}

impl Session {
    /// Whom it acts for.
    pub fn holder(&self) -> Holder {
        self.holder.clone()
    }

    /// True if this is its second secret.
    pub fn is_proved_by(&self, proof: &str) -> bool {
        // Compared as hashes, so that the timing reveals nothing.
        self.proof == hash(proof)
    }
}

/// The two secrets of a new session.
struct Secrets {
    cookie: String,
    proof: String,
}

/// All sessions of a server.
#[derive(Default)]
pub(super) struct Sessions {
    /// Not used yet: one for the browser, one for the phone.
    codes: Vec<Code>,
    /// Keyed by the hash of the cookie's value.
    all: HashMap<String, Session>,
}

impl Sessions {
    /// Keeps what a change said for the page that follows it, or takes it with nothing to keep.
    pub fn said(&mut self, key: &str, said: Vec<String>) -> Vec<String> {
        let session = self.all.get_mut(key);
        session.map_or_else(Vec::new, |one| std::mem::replace(&mut one.said, said))
    }

    /// The session with this key, unless it is too old.
    pub fn get(&self, key: &str, now: Instant) -> Option<&Session> {
        let lives = Duration::from_secs(limits::SESSION_SECONDS_MAX.into());
        let found = self.all.get(key);
        found.filter(|session| now.duration_since(session.since) < lives)
    }

    fn begin(&mut self, holder: Holder, now: Instant) -> Result<Secrets> {
        let oldest = self.all.iter().min_by_key(|(_, session)| session.since);
        if self.all.len() >= limits::SESSIONS_MAX
            && let Some(key) = oldest.map(|(key, _)| key.clone())
        {
            self.all.remove(&key);
        }
        let (cookie, proof) = (tokens::secret()?, tokens::secret()?);
        let session = Session {
            holder,
            since: now,
            proof: hash(&proof),
            said: Vec::new(),
        };
        self.all.insert(hash(&cookie), session);
        Ok(Secrets { cookie, proof })
    }

    /// Starts a session for the holder of a code, which ends with it.
    fn redeem(&mut self, code: &str, now: Instant) -> Result<Secrets> {
        self.drop_expired(now);
        let is_right = |own: &Code| hash(&own.value) == hash(code);
        // Not invalidated by a wrong code, since anybody may send one.
        let Some(at) = self.codes.iter().position(is_right) else {
            let text = "this sign-in link has already been used or has expired";
            return Err(Error::refused(text).because(Reason::HttpUnauthorized).hint(
                "`git pm serve token add --scope approve`, in a terminal of the server's \
                     repository, prints a token for the field below; no restart is needed",
            ));
        };
        self.codes.remove(at);
        self.begin(Holder::Owner, now)
    }

    /// Removes the codes, with their files.
    pub fn drop_codes(&mut self) {
        self.codes.clear();
    }

    /// Removes the codes, with their files, whose time is over.
    pub fn drop_expired(&mut self, now: Instant) {
        let lives = |code: &Code| now.duration_since(code.since) <= code.lives;
        self.codes.retain(lives);
    }

    /// The URL that signs in a phone of the person who started the server at the page of this URL,
    /// once and within five minutes. Browsers send no fragment, so it is in no log.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn new_phone_code(&mut self, page: &str, now: Instant) -> Result<String> {
        let value = tokens::secret()?;
        let url = format!("{page}sign-in#{value}");
        self.codes.push(Code {
            value,
            since: now,
            lives: limits::PHONE_CODE_TIME_MAX,
            folder: None,
        });
        Ok(url)
    }

    /// Writes a file that signs in the person who started the server at the page of this URL, once
    /// and within a minute, and returns the URL of the file. It is a file because other users see
    /// the command line of a browser, and lies where no agent in the sandbox can read it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new_code(&mut self, env: &Env, page: &str, now: Instant) -> Result<String> {
        let base = env.var("TMPDIR").or_else(|| env.var("TEMP"));
        let base = env.cwd.join(base.unwrap_or("/tmp".as_ref()));
        let folder = base.join(format!("git-pm-sign-in-{}", random::name()?));
        let unwritten =
            |error| Error::unwritten(format!("cannot write to {}", folder.display()), error);
        let mut builder = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(unwritten)?;
        let code = Code {
            value: tokens::secret()?,
            since: now,
            lives: limits::CODE_TIME_MAX,
            folder: Some(folder.clone()),
        };
        let file = folder.join("sign-in.html");
        let to = format!("{page}sign-in#{}", code.value);
        let text = format!(
            "<!doctype html><meta charset=\"utf-8\"><title>git pm</title>\
             <meta http-equiv=\"refresh\" content=\"0;url={to}\"><a href=\"{to}\">Sign in</a>\n"
        );
        tokens::replace(&file, text.as_bytes())?;
        self.codes.push(code);
        let file = file.to_string_lossy();
        let parts = file.split('/').map(super::page::part);
        Ok(format!("file://{}", parts.collect::<Vec<_>>().join("/")))
    }
}

/// A code of the person who started the server; its file, if it has one, is removed with it.
struct Code {
    value: String,
    since: Instant,
    lives: Duration,
    /// The folder of its file.
    folder: Option<PathBuf>,
}

impl Drop for Code {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let form = |path, about, handler: fn(&Call) -> Result<Answer>| Route {
        body_max: limits::SIGN_IN_FORM_MAX,
        needs: Needs::Nothing,
        ..post(path, about).answers(Returns::Other("text/html"), handler)
    };
    vec![
        form("/sign-in", "Sign in with a token or a code", sign_in),
        form("/sign-out", "Sign out", |call| {
            call.shared.sessions().all.remove(&call.visitor.session);
            Ok(Answer::See {
                path: "/".into(),
                cookie: Some(cookie(call, "", 0)),
            })
        }),
    ]
}

fn sign_in(call: &Call) -> Result<Answer> {
    if call.visitor.away {
        return Err(
            Error::refused("signing in is possible only at the page's own address")
                .because(Reason::HttpForbidden)
                .hint("open the address that `git pm serve` printed"),
        );
    }
    let form = call.form()?;
    let field = |name: &str| {
        let found = form.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.trim())
    };
    let now = Instant::now();
    let secrets = match (field("code"), field("key").unwrap_or_default()) {
        (Some(code), _) => call.shared.sessions().redeem(code, now)?,
        (None, token) if call.shared.tokens.find(token)?.is_some() => {
            let holder = Holder::Token(hash(token));
            call.shared.sessions().begin(holder, now)?
        }
        _ => {
            return Err(Error::refused("this is not a valid token")
                .because(Reason::HttpUnauthorized)
                .hint(format!(
                    "`git pm serve token add --scope {}` creates one",
                    Scope::Approve.as_str()
                )));
        }
    };
    let cookie = cookie(call, &secrets.cookie, limits::SESSION_SECONDS_MAX);
    Ok(match call.accept.contains("application/json") {
        true => Answer::Signed {
            proof: secrets.proof,
            cookie,
        },
        // Without a script nothing keeps the proof: this session can only read.
        false => Answer::See {
            path: "/".into(),
            cookie: Some(cookie),
        },
    })
}

fn cookie(call: &Call, value: &str, seconds: u32) -> String {
    let secure = if call.is_secure { "; Secure" } else { "" };
    let name = cookie_name(&call.shared);
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn se_12_the_code_for_a_phone_works_once_and_for_five_minutes() {
        let (mut all, began) = (Sessions::default(), Instant::now());
        let code = |all: &mut Sessions| {
            let url = all
                .new_phone_code("https://pm.example.org/", began)
                .unwrap();
            let code = url.strip_prefix("https://pm.example.org/sign-in#").unwrap();
            assert_eq!(code.len(), 64);
            code.to_string()
        };
        let first = code(&mut all);
        assert!(all.redeem("0", began).is_err());
        let nearly = began + limits::PHONE_CODE_TIME_MAX;
        assert!(all.redeem(&first, nearly).is_ok());
        assert!(all.redeem(&first, nearly).is_err());
        let second = code(&mut all);
        let late = nearly + Duration::from_secs(1);
        let error = all.redeem(&second, late).err().unwrap();
        assert_eq!(error.reason(), Reason::HttpUnauthorized);
        assert!(all.codes.is_empty());
    }
}
