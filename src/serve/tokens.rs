//! The tokens of people and agents, and where they are kept.
//!
//! A token is a random value that its holder sends with each request; this clone keeps only its
//! SHA-256, in a file that only its owner can read, below the git directory and never in the state.
//! The values have 256 bits, so a fast hash is enough.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits::TOKENS_MAX;
use super::request::Scope;
use crate::coordinate::message::recipients::known_actors;
use crate::error::{Error, Hint, Reason, Result};
use crate::maintain::doctor::credentials::TOKENS;
use crate::model::limits::WRITERS_LOCK_TIME;
use crate::model::stamp::rfc3339;
use crate::model::text;
use crate::model::uid::sha256_hex;
use crate::pm::Pm;
use crate::pm::handles::Server;
use crate::pm::who_acts::{checked, require_human};
use crate::store::{lock, random};

/// The prefix of every token, by which secret scanners recognize it.
const PREFIX: &str = "gitpm_";

/// A token without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenView {
    /// The actor that its requests act as.
    pub name: String,
    /// The operations that it permits.
    pub scope: Scope,
    /// True if its holder is an agent; agents cannot approve.
    pub agent: bool,
    /// RFC 3339.
    pub created: String,
}

/// A newly created token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NewToken {
    /// The part of it that is stored.
    #[serde(flatten)]
    pub view: TokenView,
    /// Its value, which is shown only once.
    pub token: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    view: TokenView,
    /// SHA-256 of the value, in hexadecimal digits.
    sha256: String,
}

/// The tokens of one clone.
pub(super) struct Tokens {
    folder: PathBuf,
}

impl Tokens {
    pub(super) fn of(pm: &Pm) -> Tokens {
        Tokens {
            folder: pm.folder(),
        }
    }

    /// The token with this value.
    pub(super) fn find(&self, value: &str) -> Result<Option<TokenView>> {
        match value.starts_with(PREFIX) {
            true => self.with_hash(&hash(value)),
            false => Ok(None),
        }
    }

    /// The token whose value has this hash.
    pub(super) fn with_hash(&self, wanted: &str) -> Result<Option<TokenView>> {
        // The timing of a hash comparison reveals no value, so an ordinary comparison suffices.
        let mut all = self.read()?.into_iter();
        let found = all.find(|kept| kept.sha256 == wanted);
        Ok(found.map(|kept| kept.view))
    }

    /// True if the name still has a token with at least this scope.
    pub(super) fn has(&self, name: &str, scope: Scope) -> Result<bool> {
        let all = self.read()?;
        let mut all = all.iter().map(|kept| &kept.view);
        Ok(all.any(|view| view.name == name && view.scope >= scope))
    }

    pub(super) fn is_empty(&self) -> Result<bool> {
        Ok(self.read()?.is_empty())
    }

    fn file(&self) -> PathBuf {
        self.folder.join(TOKENS)
    }

    fn read(&self) -> Result<Vec<Kept>> {
        let file = self.file();
        let bytes = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io(format!("cannot read {}", file.display()), error)),
        };
        serde_json::from_slice(&bytes).map_err(|error| {
            Error::state(format!("{} is damaged: {error}", file.display()))
                .because(Reason::ServeTokensDamaged)
                .hint("delete it, and add the tokens again with `git pm serve token add`")
        })
    }

    /// Changes the list, one process at a time.
    fn change<T>(&self, change: impl FnOnce(&mut Vec<Kept>) -> Result<T>) -> Result<T> {
        let _held = lock::held(&self.folder, "serve-tokens.lock", WRITERS_LOCK_TIME)?;
        let mut all = self.read()?;
        let done = change(&mut all)?;
        let text = serde_json::to_vec_pretty(&all)
            .map_err(|error| Error::state(format!("cannot write the tokens: {error}")))?;
        replace(&self.file(), &text)?;
        Ok(done)
    }
}

impl Server<'_> {
    /// Creates a token and returns its value, which is not stored. An agent can create tokens only
    /// for agents.
    ///
    /// # Errors
    /// Kind `Conflict` if the name already has a token; `Usage` if it is not a valid actor name;
    /// `Refused` for an agent's token with the scope `approve`.
    pub fn add_token(&self, name: &str, scope: Scope, agent: bool) -> Result<NewToken> {
        let name = checked("the token", &text::actor(name))?;
        let agent = agent || self.pm.actor.is_bound;
        if agent && scope == Scope::Approve {
            return Err(Error::refused("an agent's token cannot approve")
                .because(Reason::ActorNotHuman)
                .about(name)
                .hint("use `--scope write`"));
        }
        let value = format!("{PREFIX}{}", secret()?);
        let view = TokenView {
            name,
            scope,
            agent,
            created: rfc3339(self.pm.store.env().now_ms()),
        };
        Tokens::of(self.pm).change(|all| {
            if all.iter().any(|kept| kept.view.name == view.name) {
                return Err(
                    Error::conflict(format!("{} already has a token", view.name))
                        .because(Reason::ServeTokenExists)
                        .about(&view.name)
                        .hint(Hint::run(
                            ["serve", "token", "remove", &view.name],
                            "revokes it",
                        )),
                );
            }
            if all.len() >= TOKENS_MAX {
                return Err(
                    Error::refused(format!("there are {TOKENS_MAX} tokens already"))
                        .because(Reason::ServeTooManyTokens),
                );
            }
            all.push(Kept {
                view: view.clone(),
                sha256: hash(&value),
            });
            Ok(())
        })?;
        let state = self.pm.store.snapshot()?;
        let lower = view.name.to_lowercase();
        let mut known = known_actors(self.pm, &state).into_iter();
        let is_other = |name: &String| *name != view.name && name.to_lowercase() == lower;
        if let Some(other) = known.find(is_other) {
            let name = &view.name;
            self.pm.notice(format!(
                "`{name}` and `{other}` are two actors: what {other} holds is not {name}'s; \
                 `git pm serve token remove {name}` takes this token back"
            ));
        }
        Ok(NewToken { view, token: value })
    }

    /// The tokens of this clone, by name.
    ///
    /// # Errors
    /// When their file cannot be read.
    pub fn tokens(&self) -> Result<Vec<TokenView>> {
        let mut all: Vec<TokenView> = Tokens::of(self.pm)
            .read()?
            .into_iter()
            .map(|kept| kept.view)
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Revokes a token, effective from the next request. An agent can revoke only agents' tokens.
    ///
    /// # Errors
    /// Kind `NotFound` if the name has no token; `Refused` if an agent would revoke a human's.
    pub fn remove_token(&self, name: &str) -> Result<TokenView> {
        Tokens::of(self.pm).change(|all| {
            let found = all.iter().position(|kept| kept.view.name == name);
            match found {
                Some(at) => {
                    if !all[at].view.agent {
                        let next = Hint::run(
                            ["serve", "token", "remove", name],
                            "revokes it; ask a human to run this command",
                        );
                        require_human(&self.pm.actor, "revoking a human's token", next)?;
                    }
                    Ok(all.remove(at).view)
                }
                None => Err(Error::not_found(format!("{name} has no token"))
                    .because(Reason::ServeNoToken)
                    .about(name)
                    .hint(Hint::run(["serve", "token", "list"], "lists the tokens"))),
            }
        })
    }
}

/// A new random secret of 256 bits, in hexadecimal digits.
pub(super) fn secret() -> Result<String> {
    let bytes = random::bytes::<32>()?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The SHA-256 of a text, in hexadecimal digits.
pub(super) fn hash(text: &str) -> String {
    sha256_hex(text.as_bytes())
}

/// Replaces a file with one that only its owner can read.
pub(super) fn replace(file: &Path, content: &[u8]) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut fresh| {
        fresh.write_all(content)?;
        fresh.as_file().sync_all()?;
        fresh.persist(file).map_err(|error| error.error)
    });
    let failed = |error| Error::unwritten(format!("cannot write {}", file.display()), error);
    written.map(drop).map_err(failed)
}
