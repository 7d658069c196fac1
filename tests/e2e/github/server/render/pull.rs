//! Pull requests, their files and reviews, and what was checked on a commit, as JSON.

use serde_json::{Value, json};

use super::super::clock::shown;
use super::super::git;
use super::super::model::{Change, Check, Issue, Pull, Review, Status};
use super::super::state::{State, node_id};
use super::user_or_null;
use super::{association, label, milestone, minimal_repository, repository, user};

/// A pull request in a list.
pub fn pull_simple(state: &State, id: u64, number: u64) -> Value {
    let (it, of) = (state.issue(id, number), state.repository(id));
    let pull = parts(it);
    let api = format!("{}/repos/{}/{}", state.api_url(), of.owner, of.name);
    let web = format!("{}/{}/{}/pull/{number}", state.web_url, of.owner, of.name);
    let url = format!("{api}/pulls/{number}");
    let commits = format!("{url}/commits");
    let review_comments = format!("{url}/comments");
    let review_comment = format!("{api}/pulls/comments{{/number}}");
    let comments = format!("{api}/issues/{number}/comments");
    let statuses = format!("{api}/statuses/{}", pull.head_sha);
    let link = |href: &str| json!({"href": href});
    let reviewers = pull.reviewers.iter().map(|login| user(state, login));
    let labels = it.labels.iter().map(|one| label(state, id, *one));
    let milestones = &of.milestones;
    let milestone_of = it.milestone.and_then(|number| milestones.get(&number));
    json!({
        "url": url,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "html_url": web,
        "diff_url": format!("{web}.diff"),
        "patch_url": format!("{web}.patch"),
        "issue_url": format!("{api}/issues/{number}"),
        "number": number,
        "state": if it.closed { "closed" } else { "open" },
        "locked": false,
        "title": it.title,
        "user": user(state, &it.author),
        "body": it.body,
        "created_at": shown(it.created_at),
        "updated_at": shown(it.updated_at),
        "closed_at": it.closed_at.map(shown),
        "merged_at": pull.merged.as_ref().map(|merged| shown(merged.at)),
        "merge_commit_sha": merge_commit(pull),
        "assignee": user_or_null(state, it.assignees.first()),
        "assignees": it.assignees.iter().map(|login| user(state, login)).collect::<Vec<_>>(),
        "requested_reviewers": reviewers.collect::<Vec<_>>(),
        "requested_teams": [],
        "labels": labels.collect::<Vec<_>>(),
        "milestone": milestone_of.map_or(Value::Null, |one| milestone(state, id, one)),
        "draft": pull.draft,
        "commits_url": commits,
        "review_comments_url": review_comments,
        "review_comment_url": review_comment,
        "comments_url": comments,
        "statuses_url": statuses,
        "head": side(state, id, &pull.head_owner, &pull.head, &pull.head_sha),
        "base": side(state, id, &of.owner, &pull.base, &pull.base_sha),
        "_links": {
            "self": link(&url),
            "html": link(&web),
            "issue": link(&format!("{api}/issues/{number}")),
            "comments": link(&comments),
            "review_comments": link(&review_comments),
            "review_comment": link(&review_comment),
            "commits": link(&commits),
            "statuses": link(&statuses),
        },
        "author_association": association(state, id, &it.author),
        "auto_merge": null,
        "active_lock_reason": null,
    })
}

/// The part of an issue that makes it a pull request.
fn parts(issue: &Issue) -> &Pull {
    issue.pull.as_ref().expect("a pull request")
}

/// The commit of a merge; before it, GitHub names the one that it tried the merge with.
fn merge_commit(pull: &Pull) -> Option<String> {
    match (&pull.merged, &pull.examined) {
        (Some(merged), _) => Some(merged.commit.clone()),
        (None, Some((head, base))) if !pull.conflicts => Some(format!(
            "{}{}",
            &base[..base.len() / 2],
            &head[head.len() / 2..]
        )),
        (None, _) => None,
    }
}

fn side(state: &State, id: u64, owner: &str, name: &str, sha: &str) -> Value {
    let of = state.repository(id);
    let fork = state
        .repository_named(owner, &of.name)
        .map_or(id, |fork| fork.id);
    json!({
        "label": format!("{owner}:{name}"),
        "ref": name,
        "sha": sha,
        "user": user(state, owner),
        "repo": repository(state, fork),
    })
}

/// A pull request with what is computed for it alone.
pub fn pull(state: &State, id: u64, number: u64) -> Value {
    let mut made = pull_simple(state, id, number);
    let it = state.issue(id, number);
    let pull = parts(it);
    let files = files(state, id, number);
    let now = (pull.head_sha.clone(), pull.base_sha.clone());
    let is_examined = pull.examined.as_ref() == Some(&now);
    let can_merge = (is_examined && !it.closed).then_some(!pull.conflicts);
    let merge_state = match can_merge {
        None => "unknown",
        Some(_) if pull.draft => "draft",
        Some(true) => "clean",
        Some(false) => "dirty",
    };
    let commits = state.repository(id).git.as_ref().map_or(1, |folder| {
        git::commits(folder, &pull.base_sha, &pull.head_sha).len()
    });
    made["merged"] = json!(pull.merged.is_some());
    made["mergeable"] = json!(can_merge);
    made["rebaseable"] = json!(can_merge);
    made["mergeable_state"] = json!(merge_state);
    made["merged_by"] = user_or_null(state, pull.merged.as_ref().map(|merged| &merged.by));
    made["comments"] = json!(it.comments.len());
    made["review_comments"] = json!(0);
    made["maintainer_can_modify"] = json!(pull.maintainer_can_modify);
    made["commits"] = json!(commits);
    made["additions"] = json!(files.iter().map(|file| file.additions).sum::<u64>());
    made["deletions"] = json!(files.iter().map(|file| file.deletions).sum::<u64>());
    made["changed_files"] = json!(files.len());
    made
}

/// What a pull request changes.
pub fn files(state: &State, id: u64, number: u64) -> Vec<Change> {
    let pull = parts(state.issue(id, number));
    match &state.repository(id).git {
        Some(folder) => git::changes(folder, &pull.base_sha, &pull.head_sha),
        None => pull.files.clone(),
    }
}

/// A changed file.
pub fn change(state: &State, id: u64, sha: &str, change: &Change) -> Value {
    let of = state.repository(id);
    let path = super::super::escape::in_path(&change.path);
    let (web, api) = (&state.web_url, state.api_url());
    let name = format!("{}/{}", of.owner, of.name);
    let mut made = json!({
        "sha": sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": format!("{web}/{name}/blob/{sha}/{path}"),
        "raw_url": format!("{web}/{name}/raw/{sha}/{path}"),
        "contents_url": format!("{api}/repos/{name}/contents/{path}?ref={sha}"),
    });
    if let Some(previous) = &change.previous {
        made["previous_filename"] = json!(previous);
    }
    made
}

/// A review.
pub fn review(state: &State, id: u64, number: u64, review: &Review) -> Value {
    let of = state.repository(id);
    let name = format!("{}/{}", of.owner, of.name);
    let html = format!(
        "{}/{name}/pull/{number}#pullrequestreview-{}",
        state.web_url, review.id
    );
    let url = format!("{}/repos/{name}/pulls/{number}", state.api_url());
    json!({
        "id": review.id,
        "node_id": node_id("PRR", review.id),
        "user": user(state, &review.author),
        "body": review.body,
        "state": review.state,
        "html_url": html,
        "pull_request_url": url,
        "author_association": association(state, id, &review.author),
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        "submitted_at": shown(review.submitted_at),
        "commit_id": review.commit,
    })
}

/// The statuses of a commit together: the newest of each context.
pub fn combined_status(state: &State, id: u64, sha: &str) -> Value {
    let of = state.repository(id);
    let api = format!("{}/repos/{}/{}", state.api_url(), of.owner, of.name);
    let mut newest: Vec<&Status> = Vec::new();
    for status in of.statuses.iter().filter(|status| status.sha == sha) {
        newest.retain(|other| other.context != status.context);
        newest.push(status);
    }
    let any = |states: &[&str]| {
        newest
            .iter()
            .any(|one| states.contains(&one.state.as_str()))
    };
    let together = match newest.is_empty() {
        // No status at all is `pending`, too.
        true => "pending",
        false if any(&["error", "failure"]) => "failure",
        false if any(&["pending"]) => "pending",
        false => "success",
    };
    let statuses = newest.iter().map(|status| {
        json!({
            "url": format!("{api}/statuses/{sha}"),
            "avatar_url": null,
            "id": status.id,
            "node_id": node_id("SC", status.id),
            "state": status.state,
            "description": null,
            "target_url": null,
            "context": status.context,
            "created_at": shown(status.at),
            "updated_at": shown(status.at),
        })
    });
    json!({
        "state": together,
        "statuses": statuses.collect::<Vec<_>>(),
        "sha": sha,
        "total_count": newest.len(),
        "repository": minimal_repository(state, id),
        "commit_url": format!("{api}/commits/{sha}"),
        "url": format!("{api}/commits/{sha}/status"),
    })
}

/// A check run.
pub fn check(state: &State, id: u64, check: &Check) -> Value {
    let of = state.repository(id);
    let name = format!("{}/{}", of.owner, of.name);
    let url = format!("{}/repos/{name}/check-runs/{}", state.api_url(), check.id);
    let is_complete = check.status == "completed";
    json!({
        "id": check.id,
        "name": check.name,
        "node_id": node_id("CR", check.id),
        "head_sha": check.sha,
        "external_id": "",
        "url": url,
        "html_url": format!("{}/{name}/runs/{}", state.web_url, check.id),
        "details_url": null,
        "status": check.status,
        "conclusion": check.conclusion,
        "started_at": shown(check.at),
        "completed_at": is_complete.then(|| shown(check.at)),
        "output": {
            "title": null, "summary": null, "text": null, "annotations_count": 0,
            "annotations_url": format!("{url}/annotations"),
        },
        "check_suite": {"id": check.id + 1},
        "app": null,
        "pull_requests": [],
    })
}
