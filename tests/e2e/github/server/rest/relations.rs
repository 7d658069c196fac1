//! Sub-issues and dependencies.

use serde_json::Value;

use super::super::failure::{Failure, Result};
use super::super::render;
use super::super::state::State;
use super::{Call, Reply};

pub fn reply(call: &mut Call, repository: u64) -> Result<Reply> {
    let number = call.issue(repository)?;
    let issue = call.state.issue(repository, number).clone();
    let id = issue.id;
    if call.method == "GET" {
        return match call.operation {
            "issues/get-parent" => {
                let parent = issue.parent.ok_or_else(Failure::not_found)?;
                Reply::ok(shown(call.state, parent))
            }
            "issues/list-sub-issues" => list(call, repository, &issue.sub_issues),
            "issues/list-dependencies-blocked-by" => list(call, repository, &issue.blocked_by),
            "issues/list-dependencies-blocking" => list(call, repository, &issue.blocking),
            _ => Err(Failure::not_found()),
        };
    }
    let actor = call.require_push(repository)?;
    let field = |name: &str| call.body.get(name).and_then(Value::as_u64);
    let child = field("sub_issue_id").unwrap_or_default();
    match call.operation {
        "issues/add-sub-issue" => {
            let replace = call.body["replace_parent"] == true;
            call.state.add_sub_issue(id, child, replace, &actor)?;
            Reply::created(shown(call.state, id))
        }
        "issues/remove-sub-issue" => {
            call.state.remove_sub_issue(id, child, &actor)?;
            Reply::ok(shown(call.state, id))
        }
        "issues/reprioritize-sub-issue" => {
            let (after, before) = (field("after_id"), field("before_id"));
            call.state.move_sub_issue(id, child, after, before)?;
            Reply::ok(shown(call.state, id))
        }
        "issues/add-blocked-by-dependency" => {
            let blocker = field("issue_id").unwrap_or_default();
            call.state.add_blocker(id, blocker, &actor)?;
            Reply::created(shown(call.state, id))
        }
        "issues/remove-dependency-blocked-by" => {
            let blocker = call.number("issue_id");
            call.state.remove_blocker(id, blocker, &actor)?;
            Reply::ok(shown(call.state, id))
        }
        _ => Err(Failure::not_found()),
    }
}

/// An issue by its database id.
fn shown(state: &State, id: u64) -> Value {
    let (repository, number) = state.places[&id];
    render::issue(state, repository, number)
}

/// Those that the caller can see.
fn list(call: &Call, repository: u64, ids: &[u64]) -> Result<Reply> {
    let sees = |id: &u64| {
        let place = call.state.places.get(id);
        place.is_some_and(|(repository, _)| call.caller.sees(call.state, *repository))
    };
    let ids: Vec<u64> = ids.iter().copied().filter(sees).collect();
    call.page(Some(repository), &ids, |id| shown(call.state, *id))
}
