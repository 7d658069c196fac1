//! Who calls, and what the caller may do: tokens, their scopes and permissions, and those of Apps.

use std::collections::BTreeMap;

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;

use super::base64;
use super::clock::Seconds;
use super::failure::{Failure, Result};
use super::model::{Grants, Role};
use super::state::{Actor, State};

/// Longest life of an App's own token.
const JWT_LIFE: Seconds = 600;
/// How far an App's clock may be ahead.
const JWT_AHEAD: Seconds = 60;

/// Who sent a request.
#[derive(Clone, Debug)]
pub enum Caller {
    Anonymous,
    User(Actor, Grants),
    /// An App as itself, which can only create tokens of its installations.
    App(u64),
}

impl Caller {
    /// The caller by the header `Authorization`.
    ///
    /// # Errors
    /// 401 for a token that is unknown, revoked or expired.
    pub fn of(state: &State, authorization: Option<&str>) -> Result<Caller> {
        let Some(given) = authorization else {
            return Ok(Caller::Anonymous);
        };
        let (scheme, token) = given.split_once(' ').unwrap_or(("", given));
        if !["bearer", "token"].contains(&scheme.to_lowercase().as_str()) {
            return Err(Failure::bad_credentials());
        }
        if token.split('.').count() == 3 {
            return app(state, token).map(Caller::App);
        }
        let token = state
            .tokens
            .get(token)
            .ok_or_else(Failure::bad_credentials)?;
        let is_expired = token.expires.is_some_and(|expires| expires <= state.now());
        if token.revoked || is_expired {
            return Err(Failure::bad_credentials());
        }
        let app = match &token.grants {
            Grants::Permissions {
                installation: Some(installation),
                ..
            } => state.installations.get(installation).map(|one| one.app),
            _ => None,
        };
        let login = token.login.clone();
        Ok(Caller::User(Actor { login, app }, token.grants.clone()))
    }

    pub fn login(&self) -> Option<&str> {
        match self {
            Caller::User(actor, _) => Some(&actor.login),
            Caller::Anonymous | Caller::App(_) => None,
        }
    }

    /// The user who acts.
    ///
    /// # Errors
    /// 401 without one.
    pub fn actor(&self) -> Result<Actor> {
        match self {
            Caller::User(actor, _) => Ok(actor.clone()),
            Caller::Anonymous => Err(Failure::new(401, "Requires authentication")),
            Caller::App(_) => Err(Failure::new(403, "Resource not accessible by integration")),
        }
    }

    /// The scopes of a classic token, as its headers list them.
    pub fn scopes(&self) -> Option<String> {
        match self {
            Caller::User(_, Grants::Scopes(scopes)) => {
                let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
                Some(scopes.join(", "))
            }
            _ => None,
        }
    }

    /// Whether the caller can see a repository.
    pub fn sees(&self, state: &State, repository: u64) -> bool {
        let of = state.repository(repository);
        match self {
            Caller::Anonymous => !of.private,
            // It can ask for its installation.
            Caller::App(_) => true,
            Caller::User(_, Grants::Scopes(scopes)) if of.private => {
                scopes.contains("repo") && self.role(state, repository) >= Role::Read
            }
            Caller::User(_, Grants::Scopes(_)) => true,
            Caller::User(_, Grants::Permissions { .. }) => {
                !of.private || self.reaches(state, repository)
            }
        }
    }

    fn role(&self, state: &State, repository: u64) -> Role {
        self.login()
            .map_or(Role::None, |login| state.role(repository, login))
    }

    /// Whether a token with permissions is one for this repository.
    fn reaches(&self, state: &State, repository: u64) -> bool {
        let Caller::User(
            actor,
            Grants::Permissions {
                repositories,
                installation,
                ..
            },
        ) = self
        else {
            return false;
        };
        let owner = &state.repository(repository).owner;
        let account = match installation {
            Some(id) => state.installations.get(id).map(|one| one.account.as_str()),
            None => Some(owner.as_str()),
        };
        account.is_some_and(|account| account.eq_ignore_ascii_case(owner))
            && repositories
                .as_ref()
                .is_none_or(|all| all.contains(&repository))
            && (installation.is_some() || state.role(repository, &actor.login) >= Role::Read)
    }

    /// # Errors
    /// 403 if the token does not allow an operation of this kind.
    pub fn require(
        &self,
        state: &State,
        repository: u64,
        permission: &str,
        writes: bool,
    ) -> Result<()> {
        let is_private = state.repository(repository).private;
        match self {
            Caller::Anonymous if writes => Err(Failure::new(401, "Requires authentication")),
            Caller::Anonymous => Ok(()),
            Caller::App(_) => Err(Failure::new(403, "Resource not accessible by integration")),
            Caller::User(_, Grants::Scopes(scopes)) => {
                let is_enough = scopes.contains("repo")
                    || !is_private && (!writes || scopes.contains("public_repo"));
                match is_enough {
                    true => Ok(()),
                    false => Err(forbidden("personal access token")
                        .with("x-accepted-oauth-scopes", "public_repo, repo")),
                }
            }
            Caller::User(
                _,
                Grants::Permissions {
                    permissions,
                    installation,
                    ..
                },
            ) => {
                let given = permissions.get(permission).map(String::as_str);
                let is_enough = match given {
                    Some("write" | "admin") => self.reaches(state, repository),
                    Some("read") if !writes => true,
                    // What is public can be read by everybody.
                    _ => !writes && !is_private,
                };
                let who = match installation {
                    Some(_) => "integration",
                    None => "personal access token",
                };
                match is_enough {
                    true => Ok(()),
                    false => {
                        let level = if writes { "write" } else { "read" };
                        let accepted = format!("{permission}={level}");
                        Err(forbidden(who).with("x-accepted-github-permissions", accepted))
                    }
                }
            }
        }
    }
}

fn forbidden(who: &str) -> Failure {
    Failure::new(403, &format!("Resource not accessible by {who}"))
}

/// The App that signed a token of its own.
fn app(state: &State, token: &str) -> Result<u64> {
    let undecoded = || Failure::new(401, "A JSON web token could not be decoded");
    let (signed, signature) = token.rsplit_once('.').ok_or_else(undecoded)?;
    let (head, claims) = signed.split_once('.').ok_or_else(undecoded)?;
    let part =
        |text: &str| -> Option<Value> { serde_json::from_slice(&base64::decoded(text)?).ok() };
    let head = part(head).ok_or_else(undecoded)?;
    let claims = part(claims).ok_or_else(undecoded)?;
    let issuer = match &claims["iss"] {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    let app = issuer.and_then(|id: u64| state.apps.get(&id));
    let app = app.ok_or_else(|| Failure::new(404, "Integration not found"))?;
    let signature = base64::decoded(signature).ok_or_else(undecoded)?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &app.public_key);
    if head["alg"] != "RS256" || key.verify(signed.as_bytes(), &signature).is_err() {
        return Err(undecoded());
    }
    let now = state.now();
    let expires = claims["exp"].as_i64().filter(|expires| *expires > now).ok_or_else(|| {
        Failure::new(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time \
             at which the assertion expires",
        )
    })?;
    if expires > now + JWT_LIFE {
        return Err(Failure::new(
            401,
            "'Expiration time' claim ('exp') is too far in the future",
        ));
    }
    if claims["iat"]
        .as_i64()
        .is_none_or(|issued| issued > now + JWT_AHEAD)
    {
        return Err(Failure::new(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion \
             was issued",
        ));
    }
    Ok(app.id)
}

/// The key that `ring` verifies with, from a PEM file of either kind.
///
/// # Panics
/// If it is not one.
pub fn public_key(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    let der = base64::decoded(&lines.collect::<String>()).expect("a PEM file");
    // `SubjectPublicKeyInfo` has the key in a bit string, after the algorithm's null.
    let wrapped = der
        .windows(4)
        .take(40)
        .position(|bytes| bytes == [0x05, 0x00, 0x03, 0x82]);
    wrapped.map_or(der.clone(), |place| der[place + 7..].to_vec())
}

/// Scopes of a classic token.
pub fn scopes(scopes: &[&str]) -> Grants {
    Grants::Scopes(scopes.iter().map(ToString::to_string).collect())
}

/// Permissions by name and level.
pub fn permissions(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pair = |(name, level): &(&str, &str)| (name.to_string(), level.to_string());
    given.iter().map(pair).collect()
}
