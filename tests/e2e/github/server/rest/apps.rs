//! Apps: where they are installed, and the tokens of an installation.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::access::Caller;
use super::super::clock::{Seconds, shown};
use super::super::failure::{Failure, Result};
use super::super::model::{Grants, Installation, Token};
use super::super::render;
use super::{Call, Reply};

/// How long a token of an installation lives.
const LIFE: Seconds = 3600;

/// # Errors
/// 401 for a caller that is not an App.
fn app(call: &Call) -> Result<u64> {
    match call.caller {
        Caller::App(id) => Ok(*id),
        _ => Err(Failure::new(401, "A JSON web token could not be decoded")),
    }
}

/// The App's installation that has a repository.
pub fn installation(call: &Call, repository: u64) -> Result<Reply> {
    let app = app(call)?;
    let owner = &call.state.repository(repository).owner;
    let is_it = |one: &&Installation| one.app == app && one.account.eq_ignore_ascii_case(owner);
    let found = call.state.installations.values().find(is_it);
    let installation = found.ok_or_else(Failure::not_found)?;
    Reply::ok(render::installation(call.state, installation))
}

/// A token that acts as the App's bot, for all its repositories or some of them.
pub fn create_token(call: &mut Call) -> Result<Reply> {
    let app = app(call)?;
    let found = call
        .state
        .installations
        .get(&call.number("installation_id"));
    let installation = found
        .filter(|one| one.app == app)
        .ok_or_else(Failure::not_found)?;
    let (id, account) = (installation.id, installation.account.clone());
    let permissions = granted(call, installation)?;
    let repositories = repositories(call, &account)?;
    let login = format!("{}[bot]", call.state.apps[&app].slug);
    let token = format!("ghs_fake{}", call.state.next_id());
    let expires = call.state.now() + LIFE;
    call.state.tokens.insert(
        token.clone(),
        Token {
            login,
            grants: Grants::Permissions {
                permissions: permissions.clone(),
                repositories: repositories.clone(),
                installation: Some(id),
            },
            expires: Some(expires),
            revoked: false,
        },
    );
    let mut made = json!({
        "token": token,
        "expires_at": shown(expires),
        "permissions": permissions,
        "repository_selection": if repositories.is_some() { "selected" } else { "all" },
    });
    if let Some(ids) = repositories {
        let shown = ids.iter().map(|id| render::repository(call.state, *id));
        made["repositories"] = shown.collect();
    }
    Reply::created(made)
}

/// The permissions that are asked for, if the installation has them.
fn granted(call: &Call, installation: &Installation) -> Result<BTreeMap<String, String>> {
    let Some(asked) = call.body.get("permissions").and_then(Value::as_object) else {
        return Ok(installation.permissions.clone());
    };
    let mut granted = BTreeMap::new();
    for (name, level) in asked {
        let level = level.as_str().unwrap_or_default();
        let has = installation.permissions.get(name).map(String::as_str);
        if has != Some(level) && (has, level) != (Some("write"), "read") {
            let message = "The permissions requested are not granted to this installation.";
            return Err(Failure::new(422, message));
        }
        granted.insert(name.clone(), level.to_string());
    }
    Ok(granted)
}

/// The repositories that are asked for, by name or id.
fn repositories(call: &Call, account: &str) -> Result<Option<BTreeSet<u64>>> {
    let names = call.texts("repositories");
    let ids = call.body.get("repository_ids").and_then(Value::as_array);
    if names.is_none() && ids.is_none() {
        return Ok(None);
    }
    let inaccessible = || {
        let message = "There is at least one repository that does not exist or is not accessible \
                       to the parent installation.";
        Failure::new(422, message)
    };
    let mut found = BTreeSet::new();
    for name in names.into_iter().flatten() {
        let repository = call.state.repository_named(account, &name);
        found.insert(repository.ok_or_else(inaccessible)?.id);
    }
    for id in ids.into_iter().flatten().filter_map(Value::as_u64) {
        let repository = call.state.repositories.get(&id);
        let owned = repository.filter(|one| one.owner.eq_ignore_ascii_case(account));
        found.insert(owned.ok_or_else(inaccessible)?.id);
    }
    Ok(Some(found))
}
