//! Issues of a repository, pull requests among them.

use serde_json::Value;

use super::super::acts::{Draft, Edit};
use super::super::clock::parsed;
use super::super::failure::{Failure, Result};
use super::super::model::{Issue, Reason, Role};
use super::super::render;
use super::{Call, Reply};

pub fn reply(call: &mut Call, repository: u64) -> Result<Reply> {
    match call.operation {
        "issues/list-for-repo" => list(call, repository),
        "issues/create" => {
            let actor = call.actor()?;
            let draft = Draft {
                title: title(call).unwrap_or_default(),
                body: call.text("body"),
                labels: call.texts("labels").unwrap_or_default(),
                assignees: assignees(call).unwrap_or_default(),
                milestone: milestone(call)?.flatten(),
                kind: call.text("type"),
            };
            let number = call.state.create_issue(repository, &actor, draft)?;
            Reply::created(render::issue(call.state, repository, number))
        }
        "issues/get" => {
            let number = call.issue(repository)?;
            Reply::ok(render::issue(call.state, repository, number))
        }
        "issues/update" => {
            let (actor, number) = (call.actor()?, call.issue(repository)?);
            let has = |name: &str| call.body.get(name).is_some();
            let edit = Edit {
                title: title(call),
                body: has("body").then(|| call.text("body")),
                closed: call.text("state").map(|state| state == "closed"),
                reason: call
                    .text("state_reason")
                    .and_then(|name| Reason::named(&name)),
                duplicate_of: call.body.get("duplicate_issue_id").and_then(Value::as_u64),
                labels: call.texts("labels"),
                assignees: assignees(call),
                milestone: milestone(call)?,
                kind: has("type").then(|| call.text("type")),
            };
            call.state.update_issue(repository, number, &actor, edit)?;
            Reply::ok(render::issue(call.state, repository, number))
        }
        "issues/list-assignees" => {
            let of = call.state.repository(repository);
            let users = call.state.users.values().map(|user| user.login.clone());
            let may = |login: &String| {
                let is_person = !call.state.is_organization(login);
                is_person && call.state.role(of.id, login) >= Role::Write
            };
            let logins: Vec<String> = users.filter(may).collect();
            call.page(Some(repository), &logins, |login| {
                render::user(call.state, login)
            })
        }
        _ => Err(Failure::not_found()),
    }
}

/// The title of the body. The description allows a number.
fn title(call: &Call) -> Option<String> {
    match call.body.get("title")? {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// The assignees of the body, or the one that the older field names.
fn assignees(call: &Call) -> Option<Vec<String>> {
    let older = || match call.body.get("assignee")? {
        Value::String(login) if !login.is_empty() => Some(vec![login.clone()]),
        _ => Some(Vec::new()),
    };
    call.texts("assignees").or_else(older)
}

/// The milestone of the body: a number, a number as text, or null.
fn milestone(call: &Call) -> Result<Option<Option<u64>>> {
    let given = call.body.get("milestone");
    Ok(match given {
        None => None,
        Some(Value::Null) => Some(None),
        Some(Value::String(text)) if text.is_empty() => Some(None),
        Some(value) => {
            let text = value.as_str().and_then(|text| text.parse().ok());
            let number = value.as_u64().or(text);
            Some(Some(number.ok_or_else(|| {
                Failure::value("Issue", "milestone", value.clone())
            })?))
        }
    })
}

fn list(call: &Call, repository: u64) -> Result<Reply> {
    let of = call.state.repository(repository);
    let since = match call.asked("since") {
        Some(text) => {
            Some(parsed(text).ok_or_else(|| Failure::field("Issue", "since", "invalid"))?)
        }
        None => None,
    };
    let state = call.asked("state").unwrap_or("open");
    let labels: Vec<Option<u64>> = call
        .asked("labels")
        .into_iter()
        .flat_map(|names| names.split(','))
        .map(|name| Some(call.state.label_named(repository, name.trim())?.id))
        .collect();
    let creator = call.asked("creator");
    let mentioned = call
        .asked("mentioned")
        .map(|login| format!("@{}", login.to_lowercase()));
    let mut found: Vec<&Issue> = of
        .issues
        .values()
        .filter(|issue| state == "all" || (state == "closed") == issue.closed)
        .filter(|issue| since.is_none_or(|since| issue.updated_at >= since))
        .filter(|issue| {
            labels
                .iter()
                .all(|id| id.is_some_and(|id| issue.labels.contains(&id)))
        })
        .filter(|issue| creator.is_none_or(|login| issue.author.eq_ignore_ascii_case(login)))
        .filter(|issue| {
            let body = issue.body.as_deref().unwrap_or_default();
            mentioned
                .as_ref()
                .is_none_or(|name| body.to_lowercase().contains(name))
        })
        .filter(|issue| {
            let milestone = issue.milestone.map(|number| number.to_string());
            is_asked(
                call.asked("milestone"),
                &milestone.into_iter().collect::<Vec<_>>(),
            )
        })
        .filter(|issue| is_asked(call.asked("assignee"), &issue.assignees))
        .filter(|issue| {
            let kinds = call.state.kinds_of(repository).iter();
            let mut kinds = kinds.filter(|kind| Some(kind.id) == issue.kind);
            let kind = kinds.next().map(|kind| kind.name.clone());
            is_asked(call.asked("type"), &kind.into_iter().collect::<Vec<_>>())
        })
        .collect();
    match call.asked("sort").unwrap_or("created") {
        "updated" => found.sort_by_key(|issue| (issue.updated_at, issue.number)),
        "comments" => found.sort_by_key(|issue| (issue.comments.len(), issue.number)),
        _ => found.sort_by_key(|issue| (issue.created_at, issue.number)),
    }
    if call.asked("direction") != Some("asc") {
        found.reverse();
    }
    call.page(Some(repository), &found, |issue| {
        render::issue(call.state, repository, issue.number)
    })
}

/// Whether one of the values is asked for: by its name, `none`, or `*` for any.
fn is_asked(asked: Option<&str>, values: &[String]) -> bool {
    match asked {
        None => true,
        Some("none") => values.is_empty(),
        Some("*") => !values.is_empty(),
        Some(name) => values.iter().any(|value| value.eq_ignore_ascii_case(name)),
    }
}
