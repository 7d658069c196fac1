//! Issues, comments, labels, milestones and types as JSON.

use serde_json::{Value, json};

use super::super::clock::shown;
use super::super::model::{Comment, Issue, Kind, Milestone};
use super::super::state::{State, node_id};
use super::{app, association, user, user_or_null};

/// An issue, or a pull request as the endpoints of issues show it.
pub fn issue(state: &State, repository: u64, number: u64) -> Value {
    let (it, of) = (
        state.issue(repository, number),
        state.repository(repository),
    );
    let api = format!("{}/repos/{}/{}", state.api_url(), of.owner, of.name);
    let web = format!("{}/{}/{}", state.web_url, of.owner, of.name);
    let url = format!("{api}/issues/{number}");
    let folder = if it.pull.is_some() { "pull" } else { "issues" };
    let prefix = if it.pull.is_some() { "PR" } else { "I" };
    let labels: Vec<Value> = it
        .labels
        .iter()
        .map(|id| label(state, repository, *id))
        .collect();
    let assignees: Vec<Value> = it
        .assignees
        .iter()
        .map(|login| user(state, login))
        .collect();
    let milestone = it.milestone.and_then(|number| of.milestones.get(&number));
    let kind = it
        .kind
        .and_then(|id| state.kinds_of(repository).iter().find(|one| one.id == id));
    let mut made = json!({
        "url": url,
        "repository_url": api,
        "labels_url": format!("{url}/labels{{/name}}"),
        "comments_url": format!("{url}/comments"),
        "events_url": format!("{url}/events"),
        "html_url": format!("{web}/{folder}/{number}"),
        "id": it.id,
        "node_id": node_id(prefix, it.pull.as_ref().map_or(it.id, |pull| pull.id)),
        "number": number,
        "title": it.title,
        "user": user(state, &it.author),
        "labels": labels,
        "state": if it.closed { "closed" } else { "open" },
        "locked": false,
        "assignee": user_or_null(state, it.assignees.first()),
        "assignees": assignees,
        "milestone": milestone.map_or(Value::Null, |one| self::milestone(state, repository, one)),
        "comments": it.comments.len(),
        "created_at": shown(it.created_at),
        "updated_at": shown(it.updated_at),
        "closed_at": it.closed_at.map(shown),
        "author_association": association(state, repository, &it.author),
        "active_lock_reason": null,
        "body": it.body,
        "closed_by": user_or_null(state, it.closed_by.as_ref()),
        "reactions": reactions(&url),
        "timeline_url": format!("{url}/timeline"),
        "performed_via_github_app": app(state, it.app),
        "state_reason": it.reason.map(|reason| reason.name()),
    });
    match &it.pull {
        Some(pull) => {
            made["draft"] = json!(pull.draft);
            made["pull_request"] = json!({
                "url": format!("{api}/pulls/{number}"),
                "html_url": format!("{web}/pull/{number}"),
                "diff_url": format!("{web}/pull/{number}.diff"),
                "patch_url": format!("{web}/pull/{number}.patch"),
                "merged_at": pull.merged.as_ref().map(|merged| shown(merged.at)),
            });
        }
        None => {
            made["sub_issues_summary"] = sub_issues_summary(state, it);
            made["issue_dependencies_summary"] = dependencies_summary(state, it);
            made["parent_issue_url"] = parent_url(state, it);
            made["type"] = kind.map_or(Value::Null, self::kind);
        }
    }
    made
}

/// An issue in the payload of an event about it or a comment on it, which has fewer fields.
pub fn hook_issue(state: &State, repository: u64, number: u64) -> Value {
    let mut made = issue(state, repository, number);
    if let Some(made) = made.as_object_mut() {
        made.remove("closed_by");
        made.remove("parent_issue_url");
    }
    made
}

fn is_closed(state: &State, id: &u64) -> bool {
    state.issue_by_id(*id).is_some_and(|issue| issue.closed)
}

fn sub_issues_summary(state: &State, issue: &Issue) -> Value {
    let total = issue.sub_issues.len();
    let completed = issue
        .sub_issues
        .iter()
        .filter(|id| is_closed(state, id))
        .count();
    let percent = (completed * 100).checked_div(total).unwrap_or_default();
    json!({"total": total, "completed": completed, "percent_completed": percent})
}

fn dependencies_summary(state: &State, issue: &Issue) -> Value {
    let open = |ids: &[u64]| ids.iter().filter(|id| !is_closed(state, id)).count();
    json!({
        "blocked_by": open(&issue.blocked_by),
        "total_blocked_by": issue.blocked_by.len(),
        "blocking": open(&issue.blocking),
        "total_blocking": issue.blocking.len(),
    })
}

fn parent_url(state: &State, issue: &Issue) -> Value {
    let Some((repository, number)) = issue.parent.and_then(|id| state.places.get(&id)) else {
        return Value::Null;
    };
    let of = state.repository(*repository);
    let url = format!("{}/repos/{}/{}", state.api_url(), of.owner, of.name);
    json!(format!("{url}/issues/{number}"))
}

fn reactions(url: &str) -> Value {
    json!({
        "url": format!("{url}/reactions"), "total_count": 0, "+1": 0, "-1": 0, "laugh": 0,
        "hooray": 0, "confused": 0, "heart": 0, "rocket": 0, "eyes": 0,
    })
}

/// A label.
pub fn label(state: &State, repository: u64, id: u64) -> Value {
    let of = state.repository(repository);
    let label = &of.labels[&id];
    let api = format!("{}/repos/{}/{}", state.api_url(), of.owner, of.name);
    json!({
        "id": id,
        "node_id": node_id("LA", id),
        "url": format!("{api}/labels/{}", super::super::escape::in_path(&label.name)),
        "name": label.name,
        "color": label.color,
        "default": false,
        "description": label.description,
    })
}

/// A milestone.
pub fn milestone(state: &State, repository: u64, milestone: &Milestone) -> Value {
    let of = state.repository(repository);
    let (open, closed): (Vec<&Issue>, Vec<&Issue>) = of
        .issues
        .values()
        .filter(|issue| issue.milestone == Some(milestone.number))
        .partition(|issue| !issue.closed);
    let api = format!("{}/repos/{}/{}", state.api_url(), of.owner, of.name);
    let url = format!("{api}/milestones/{}", milestone.number);
    let web = format!("{}/{}/{}", state.web_url, of.owner, of.name);
    json!({
        "url": url,
        "html_url": format!("{web}/milestone/{}", milestone.number),
        "labels_url": format!("{url}/labels"),
        "id": milestone.id,
        "node_id": node_id("MI", milestone.id),
        "number": milestone.number,
        "title": milestone.title,
        "description": milestone.description,
        "creator": user(state, &milestone.creator),
        "open_issues": open.len(),
        "closed_issues": closed.len(),
        "state": if milestone.closed_at.is_some() { "closed" } else { "open" },
        "created_at": shown(milestone.created_at),
        "updated_at": shown(milestone.updated_at),
        "due_on": milestone.due_on.map(shown),
        "closed_at": milestone.closed_at.map(shown),
    })
}

/// A comment on an issue or a pull request.
pub fn comment(state: &State, repository: u64, comment: &Comment) -> Value {
    let of = state.repository(repository);
    let is_pull = of
        .issues
        .get(&comment.issue)
        .is_some_and(|issue| issue.pull.is_some());
    let folder = if is_pull { "pull" } else { "issues" };
    let api = format!("{}/repos/{}/{}", state.api_url(), of.owner, of.name);
    let web = format!("{}/{}/{}", state.web_url, of.owner, of.name);
    let url = format!("{api}/issues/comments/{}", comment.id);
    json!({
        "url": url,
        "html_url": format!("{web}/{folder}/{}#issuecomment-{}", comment.issue, comment.id),
        "issue_url": format!("{api}/issues/{}", comment.issue),
        "id": comment.id,
        "node_id": node_id("IC", comment.id),
        "user": user(state, &comment.author),
        "created_at": shown(comment.created_at),
        "updated_at": shown(comment.updated_at),
        "author_association": association(state, repository, &comment.author),
        "body": comment.body,
        "reactions": reactions(&url),
        "performed_via_github_app": app(state, comment.app),
    })
}

/// A type of issues.
pub fn kind(kind: &Kind) -> Value {
    json!({
        "id": kind.id,
        "node_id": node_id("IT", kind.id),
        "name": kind.name,
        "description": null,
        "color": "blue",
        "created_at": shown(kind.created_at),
        "updated_at": shown(kind.created_at),
        "is_enabled": true,
    })
}
