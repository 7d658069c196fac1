//! Pull requests of a repository.

use serde_json::{Value, json};

use super::super::acts::{Edit, Merge, Method, NewPull};
use super::super::failure::{Failure, Result};
use super::super::model::{Issue, Pull};
use super::super::render;
use super::{Call, Reply};

pub fn reply(call: &mut Call, repository: u64) -> Result<Reply> {
    if let Ok(actor) = call.actor() {
        call.state.follow_branches(repository, &actor);
    }
    match call.operation {
        "pulls/list" => return list(call, repository),
        "pulls/create" => return create(call, repository),
        _ => {}
    }
    let number = call.number("pull_number");
    let issue = call.state.repository(repository).issues.get(&number);
    let pull = issue
        .and_then(|issue| issue.pull.clone())
        .ok_or_else(Failure::not_found)?;
    match call.operation {
        "pulls/get" => {
            let shown = render::pull(call.state, repository, number);
            call.state.examine(repository, number);
            Reply::ok(shown)
        }
        "pulls/update" => {
            let actor = call.actor()?;
            update(call, repository, number, &actor)?;
            Reply::ok(render::pull(call.state, repository, number))
        }
        "pulls/merge" => {
            let actor = call.require_push(repository)?;
            let method = call
                .text("merge_method")
                .and_then(|name| Method::named(&name));
            let merge = Merge {
                method: method.unwrap_or_default(),
                title: call.text("commit_title"),
                message: call.text("commit_message"),
                sha: call.text("sha"),
            };
            let sha = call.state.merge_pull(repository, number, &actor, &merge)?;
            let message = "Pull Request successfully merged";
            Reply::ok(json!({"sha": sha, "merged": true, "message": message}))
        }
        "pulls/list-files" => {
            let files = render::files(call.state, repository, number);
            call.page(Some(repository), &files, |file| {
                render::change(call.state, repository, &pull.head_sha, file)
            })
        }
        "pulls/list-requested-reviewers" => {
            let users = pull
                .reviewers
                .iter()
                .map(|login| render::user(call.state, login));
            Reply::ok(json!({"users": users.collect::<Vec<_>>(), "teams": []}))
        }
        "pulls/request-reviewers" => {
            let actor = call.require_push(repository)?;
            let logins = call.texts("reviewers").unwrap_or_default();
            call.state
                .request_reviews(repository, number, &logins, &actor)?;
            Reply::created(render::pull_simple(call.state, repository, number))
        }
        "pulls/list-reviews" => call.page(Some(repository), &pull.reviews, |review| {
            render::review(call.state, repository, number, review)
        }),
        _ => Err(Failure::not_found()),
    }
}

fn create(call: &mut Call, repository: u64) -> Result<Reply> {
    let actor = call.actor()?;
    let is = |name: &str| call.body.get(name).and_then(Value::as_bool);
    // A pull request can be made of an issue; ours cannot, and the client does not.
    let title = call
        .text("title")
        .ok_or_else(|| Failure::field("PullRequest", "title", "missing_field"))?;
    let new = NewPull {
        title,
        body: call.text("body"),
        head: call.text("head").unwrap_or_default(),
        base: call.text("base").unwrap_or_default(),
        draft: is("draft").unwrap_or_default(),
        maintainer_can_modify: is("maintainer_can_modify").unwrap_or(true),
    };
    let number = call.state.create_pull(repository, &actor, new)?;
    Reply::created(render::pull(call.state, repository, number))
}

fn update(
    call: &mut Call,
    repository: u64,
    number: u64,
    actor: &super::super::state::Actor,
) -> Result<()> {
    let state = call.text("state");
    let merged = |pull: &Pull| pull.merged.is_some();
    let is_merged = call
        .state
        .issue(repository, number)
        .pull
        .as_ref()
        .is_some_and(merged);
    if state.as_deref() == Some("open") && is_merged {
        let message = "state cannot be changed. The pull request cannot be reopened.";
        return Err(Failure::custom("PullRequest", "state", message));
    }
    if let Some(base) = call.text("base") {
        let branches = call.state.branches(repository);
        let sha = branches.get(&base);
        let sha = sha.ok_or_else(|| Failure::field("PullRequest", "base", "invalid"))?;
        call.state.set_base(repository, number, &base, sha, actor);
    }
    let edit = Edit {
        title: call.text("title"),
        body: call
            .body
            .get("body")
            .map(|body| body.as_str().map(str::to_string)),
        closed: state.map(|state| state == "closed"),
        ..Edit::default()
    };
    call.state.update_issue(repository, number, actor, edit)?;
    let may = call
        .body
        .get("maintainer_can_modify")
        .and_then(Value::as_bool);
    if let (Some(may), Some(pull)) = (may, &mut call.state.issue_mut(repository, number).pull) {
        pull.maintainer_can_modify = may;
    }
    Ok(())
}

fn list(call: &Call, repository: u64) -> Result<Reply> {
    let state = call.asked("state").unwrap_or("open");
    // A head without an owner is not looked at, and all are listed.
    let head = call.asked("head").and_then(|head| head.split_once(':'));
    let base = call.asked("base");
    let all = call.state.repository(repository).issues.values();
    let is_asked = |issue: &&Issue| {
        let Some(pull) = &issue.pull else {
            return false;
        };
        (state == "all" || (state == "closed") == issue.closed)
            && base.is_none_or(|base| pull.base == base)
            && head.is_none_or(|(owner, name)| {
                pull.head_owner.eq_ignore_ascii_case(owner) && pull.head == name
            })
    };
    let mut found: Vec<&Issue> = all.filter(is_asked).collect();
    let sort = call.asked("sort").unwrap_or("created");
    match sort {
        "updated" => found.sort_by_key(|issue| (issue.updated_at, issue.number)),
        "popularity" => found.sort_by_key(|issue| (issue.comments.len(), issue.number)),
        _ => {}
    }
    let direction = if sort == "created" { "desc" } else { "asc" };
    if call.asked("direction").unwrap_or(direction) == "desc" {
        found.reverse();
    }
    call.page(Some(repository), &found, |issue| {
        render::pull_simple(call.state, repository, issue.number)
    })
}
