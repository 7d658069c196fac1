//! What is kept, as GitHub's JSON.

mod issue;
mod pull;
mod repository;

use serde_json::{Value, json};

use super::model::{Role, UserKind};
use super::state::{State, node_id};

pub use issue::{comment, hook_issue, issue, kind, label, milestone};
pub use pull::{change, check, combined_status, files, pull, pull_simple, review};
pub use repository::{
    full_repository, hook_repository, installation, minimal_repository, repository,
};

/// A user as it is shown everywhere; the ghost for one that is not known.
pub fn user(state: &State, login: &str) -> Value {
    let (id, login, kind) = match state.user(login) {
        Some(user) => (user.id, user.login.as_str(), user.kind),
        None => (10137, "ghost", UserKind::Person),
    };
    let (url, web) = (format!("{}/users/{login}", state.api_url()), &state.web_url);
    let (prefix, kind) = match kind {
        UserKind::Person => ("U", "User"),
        UserKind::Bot => ("BOT", "Bot"),
        UserKind::Organization => ("O", "Organization"),
    };
    json!({
        "login": login,
        "id": id,
        "node_id": node_id(prefix, id),
        "avatar_url": format!("{web}/avatars/{id}"),
        "gravatar_id": "",
        "url": url,
        "html_url": format!("{web}/{login}"),
        "followers_url": format!("{url}/followers"),
        "following_url": format!("{url}/following{{/other_user}}"),
        "gists_url": format!("{url}/gists{{/gist_id}}"),
        "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{url}/subscriptions"),
        "organizations_url": format!("{url}/orgs"),
        "repos_url": format!("{url}/repos"),
        "events_url": format!("{url}/events{{/privacy}}"),
        "received_events_url": format!("{url}/received_events"),
        "type": kind,
        "site_admin": false,
    })
}

/// The answer of `GET /user`.
pub fn private_user(state: &State, login: &str) -> Value {
    let mut made = user(state, login);
    let more = json!({
        "name": login, "company": null, "blog": "", "location": null, "email": null,
        "hireable": null, "bio": null, "twitter_username": null, "public_repos": 0,
        "public_gists": 0, "followers": 0, "following": 0,
        "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
        "private_gists": 0, "total_private_repos": 0, "owned_private_repos": 0,
        "disk_usage": 0, "collaborators": 0, "two_factor_authentication": true,
    });
    if let (Some(made), Value::Object(more)) = (made.as_object_mut(), more) {
        made.extend(more);
    }
    made
}

/// An organization in a payload.
pub fn organization(state: &State, login: &str) -> Value {
    let id = state.user(login).map_or(0, |user| user.id);
    let url = format!("{}/orgs/{login}", state.api_url());
    json!({
        "login": login,
        "id": id,
        "node_id": node_id("O", id),
        "url": url,
        "repos_url": format!("{url}/repos"),
        "events_url": format!("{url}/events"),
        "hooks_url": format!("{url}/hooks"),
        "issues_url": format!("{url}/issues"),
        "members_url": format!("{url}/members{{/member}}"),
        "public_members_url": format!("{url}/public_members{{/member}}"),
        "avatar_url": format!("{}/avatars/{id}", state.web_url),
        "description": "",
    })
}

/// What somebody is to a repository.
fn association(state: &State, repository: u64, login: &str) -> &'static str {
    let owner = &state.repository(repository).owner;
    match state.role(repository, login) {
        Role::Admin if owner.eq_ignore_ascii_case(login) => "OWNER",
        Role::Admin | Role::Write if state.is_organization(owner) => "MEMBER",
        Role::Admin | Role::Write => "COLLABORATOR",
        Role::Read | Role::None => "NONE",
    }
}

/// The App that something was made through.
fn app(state: &State, app: Option<u64>) -> Value {
    let Some(app) = app.and_then(|id| state.apps.get(&id)) else {
        return Value::Null;
    };
    json!({
        "id": app.id,
        "slug": app.slug,
        "node_id": node_id("A", app.id),
        "owner": user(state, &app.owner),
        "name": app.slug,
        "description": "",
        "external_url": format!("{}/apps/{}", state.web_url, app.slug),
        "html_url": format!("{}/apps/{}", state.web_url, app.slug),
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
        "permissions": {"issues": "write", "metadata": "read", "pull_requests": "write"},
        "events": ["issues", "pull_request"],
    })
}

/// A user or null.
fn user_or_null(state: &State, login: Option<&String>) -> Value {
    login.map_or(Value::Null, |login| user(state, login))
}
