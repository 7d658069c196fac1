//! Repositories and installations as JSON, in the shapes that GitHub has of them.

use serde_json::{Map, Value, json};

use super::super::clock::shown;
use super::super::model::{Installation, Role};
use super::super::state::{State, node_id};
use super::user;

/// Addresses below the repository's own: the key, and what follows.
const BELOW: &[(&str, &str)] = &[
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    (
        "notifications_url",
        "/notifications{?since,all,participating}",
    ),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
];

/// What every shape has.
pub fn minimal_repository(state: &State, id: u64) -> Value {
    let of = state.repository(id);
    let name = format!("{}/{}", of.owner, of.name);
    let url = format!("{}/repos/{name}", state.api_url());
    let mut made = Map::new();
    for (key, below) in BELOW {
        made.insert((*key).to_string(), json!(format!("{url}{below}")));
    }
    let more = json!({
        "id": id,
        "node_id": node_id("R", id),
        "name": of.name,
        "full_name": name,
        "private": of.private,
        "owner": user(state, &of.owner),
        "html_url": format!("{}/{name}", state.web_url),
        "description": null,
        "fork": false,
        "url": url,
    });
    if let Value::Object(more) = more {
        made.extend(more);
    }
    Value::Object(made)
}

/// A repository in pull requests.
pub fn repository(state: &State, id: u64) -> Value {
    let of = state.repository(id);
    let name = format!("{}/{}", of.owner, of.name);
    let mut made = minimal_repository(state, id);
    let host = state.web_url.trim_start_matches("http://");
    let open = of.issues.values().filter(|issue| !issue.closed).count();
    let more = json!({
        "git_url": format!("git://{host}/{name}.git"),
        "ssh_url": format!("git@{host}:{name}.git"),
        "clone_url": format!("{}/{name}.git", state.web_url),
        "svn_url": format!("{}/{name}", state.web_url),
        "mirror_url": null,
        "homepage": null,
        "language": null,
        "forks_count": 0, "forks": 0,
        "stargazers_count": 0,
        "watchers_count": 0, "watchers": 0,
        "size": 0,
        "default_branch": of.default_branch,
        "open_issues_count": open, "open_issues": open,
        "is_template": false,
        "topics": [],
        "has_issues": of.has_issues,
        "has_projects": true,
        "has_wiki": true,
        "has_pages": false,
        "has_downloads": true,
        "has_discussions": false,
        "archived": false,
        "disabled": false,
        "visibility": if of.private { "private" } else { "public" },
        "pushed_at": shown(of.updated_at),
        "created_at": shown(of.created_at),
        "updated_at": shown(of.updated_at),
        "license": null,
        "allow_forking": true,
        "web_commit_signoff_required": false,
    });
    if let (Some(made), Value::Object(more)) = (made.as_object_mut(), more) {
        made.extend(more);
    }
    made
}

/// A repository in payloads of webhooks.
pub fn hook_repository(state: &State, id: u64) -> Value {
    repository(state, id)
}

/// The answer of `GET /repos/{owner}/{repo}`, with what the caller may do.
pub fn full_repository(state: &State, id: u64, login: Option<&str>) -> Value {
    let mut made = repository(state, id);
    let owner = state.repository(id).owner.clone();
    if let Some(login) = login {
        let role = state.role(id, login);
        made["permissions"] = json!({
            "admin": role == Role::Admin,
            "maintain": role == Role::Admin,
            "push": role >= Role::Write,
            "triage": role >= Role::Write,
            "pull": true,
        });
    }
    if state.is_organization(&owner) {
        made["organization"] = user(state, &owner);
    }
    made["subscribers_count"] = json!(0);
    made["network_count"] = json!(0);
    for allowed in [
        "allow_squash_merge",
        "allow_merge_commit",
        "allow_rebase_merge",
    ] {
        made[allowed] = json!(true);
    }
    made
}

/// An installation of an App.
pub fn installation(state: &State, installation: &Installation) -> Value {
    let app = &state.apps[&installation.app];
    let api = state.api_url();
    let id = installation.id;
    let kind = match state.is_organization(&installation.account) {
        true => "Organization",
        false => "User",
    };
    json!({
        "id": id,
        "account": user(state, &installation.account),
        "repository_selection": "all",
        "access_tokens_url": format!("{api}/app/installations/{id}/access_tokens"),
        "repositories_url": format!("{api}/installation/repositories"),
        "html_url": format!("{}/settings/installations/{id}", state.web_url),
        "app_id": app.id,
        "app_slug": app.slug,
        "target_id": state.user(&installation.account).map_or(0, |user| user.id),
        "target_type": kind,
        "permissions": installation.permissions,
        "events": ["issues", "pull_request"],
        "created_at": shown(installation.created_at),
        "updated_at": shown(installation.created_at),
        "single_file_name": null,
        "suspended_by": null,
        "suspended_at": null,
    })
}
