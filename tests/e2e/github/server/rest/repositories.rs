//! The repository itself, what was checked on its commits, the caller, and what is left of the limits.

use serde_json::json;

use super::super::failure::{Failure, Result};
use super::super::model::Check;
use super::super::render;
use super::{Call, Reply};

pub fn reply(call: &mut Call, repository: u64) -> Result<Reply> {
    match call.operation {
        "repos/get" => {
            let login = call.caller.login();
            Reply::ok(render::full_repository(call.state, repository, login))
        }
        "repos/get-branch-rules" => {
            let name = call.parameters.get("branch").cloned().unwrap_or_default();
            let of = call.state.repository(repository);
            let rules = of.ruled.iter().filter(|branch| **branch == name).map(|_| {
                json!({
                    "type": "pull_request", "ruleset_id": 1, "ruleset_source_type": "Repository",
                    "ruleset_source": format!("{}/{}", of.owner, of.name),
                    "parameters": {
                        "dismiss_stale_reviews_on_push": false, "require_code_owner_review": false,
                        "require_last_push_approval": false, "required_approving_review_count": 0,
                        "required_review_thread_resolution": false,
                    },
                })
            });
            Reply::ok(rules.collect())
        }
        "repos/get-combined-status-for-ref" => {
            let sha = commit(call, repository)?;
            Reply::ok(render::combined_status(call.state, repository, &sha))
        }
        "checks/list-for-ref" => {
            let sha = commit(call, repository)?;
            let checks = call.state.repository(repository).checks.iter();
            let mut found: Vec<&Check> = checks.filter(|check| check.sha == sha).collect();
            if let Some(name) = call.asked("check_name") {
                found.retain(|check| check.name == name);
            }
            if let Some(status) = call.asked("status") {
                found.retain(|check| check.status == status);
            }
            if call.asked("filter") != Some("all") {
                // The newest run of each name.
                let runs = found.clone();
                found.retain(|check| {
                    !runs
                        .iter()
                        .any(|run| run.name == check.name && run.id > check.id)
                });
            }
            let (page, link) = call.slice(Some(repository), &found);
            let shown = page
                .iter()
                .map(|check| render::check(call.state, repository, check));
            Ok(Reply {
                status: 200,
                body: Some(json!({
                    "total_count": found.len(),
                    "check_runs": shown.collect::<Vec<_>>(),
                })),
                link,
            })
        }
        _ => Err(Failure::not_found()),
    }
}

/// The commit of a reference: a branch, or a commit itself.
fn commit(call: &Call, repository: u64) -> Result<String> {
    let name = call.parameters.get("ref").map_or("", String::as_str);
    let branch = name
        .trim_start_matches("refs/")
        .trim_start_matches("heads/");
    if let Some(sha) = call.state.branches(repository).get(branch) {
        return Ok(sha.clone());
    }
    let is_commit = name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    match is_commit {
        true => Ok(name.to_string()),
        false => Err(Failure::new(
            422,
            &format!("No commit found for SHA: {name}"),
        )),
    }
}

/// `GET /user`.
pub fn user(call: &Call) -> Result<Reply> {
    let actor = call.actor()?;
    if actor.app.is_some() {
        return Err(Failure::new(403, "Resource not accessible by integration"));
    }
    Reply::ok(render::private_user(call.state, &actor.login))
}

/// `GET /rate_limit`.
pub fn rate_limit(call: &mut Call) -> Result<Reply> {
    let now = call.state.now();
    let window = call.state.limits.window(call.caller.login(), now);
    let core = json!({
        "limit": window.limit,
        "used": window.used,
        "remaining": window.remaining(),
        "reset": window.reset,
    });
    let search = json!({"limit": 30, "used": 0, "remaining": 30, "reset": now + 60});
    let resources = json!({"core": core, "search": search, "graphql": core});
    Reply::ok(json!({"resources": resources, "rate": core}))
}

/// `GET /orgs/{org}/issue-types`.
pub fn kinds(call: &Call) -> Result<Reply> {
    call.actor()?;
    let name = call.parameters.get("org").map_or("", String::as_str);
    if !call.state.is_organization(name) {
        return Err(Failure::not_found());
    }
    let kinds = call.state.kinds.get(&name.to_lowercase());
    Reply::ok(kinds.into_iter().flatten().map(render::kind).collect())
}
