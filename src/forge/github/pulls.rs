//! Pull requests at GitHub.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::{Value as Json, json};

use super::GitHub;
use super::answers::{self, id, text};
use crate::error::Result;
use crate::forge::pulls::remote::{NewPull, PullCheck, PullCheckState, PullRequests, RemotePull};
use crate::forge::{RemoteComment, mark, unexpected};
use crate::model::text::{excerpt, one_line};
use crate::model::uid::Uid;
use crate::work::task::integrate::Strategy;

/// The number of pages of checks that are read.
const CHECK_PAGES_MAX: usize = 10;

fn pull(json: &Json) -> Result<RemotePull> {
    let names = |list: &Json, key: &str| -> Vec<String> {
        let all = list.as_array().into_iter().flatten();
        all.filter_map(|one| one[key].as_str().map(str::to_string))
            .collect()
    };
    let (base, head) = (&json["base"], &json["head"]);
    let owner = text(&base["repo"]["owner"], "login");
    let teams = names(&json["requested_teams"], "slug").into_iter();
    let mut reviewers = names(&json["requested_reviewers"], "login");
    reviewers.extend(teams.map(|slug| format!("{owner}/{slug}")));
    let merged = json["merge_commit_sha"].as_str().map(str::to_string);
    Ok(RemotePull {
        number: id(json, "number")?,
        node: text(json, "node_id"),
        body: text(json, "body"),
        base: text(base, "ref"),
        head: text(head, "ref"),
        commit: text(head, "sha"),
        // That of a fork that was deleted is null.
        is_own: head["repo"]["id"].is_u64() && head["repo"]["id"] == base["repo"]["id"],
        is_open: json["state"] == "open",
        is_draft: json["draft"] == true,
        merged: merged.filter(|_| json["merged_at"].is_string()),
        labels: names(&json["labels"], "name"),
        reviewers,
    })
}

impl GitHub {
    /// All elements of a list in an object about a commit.
    fn all_of(&self, commit: &str, what: &str, key: &str) -> Result<Vec<Json>> {
        let mut all = Vec::new();
        for page in 1..=CHECK_PAGES_MAX {
            let rest = format!("/commits/{commit}/{what}?per_page=100&page={page}");
            let Json::Array(found) = self.send(Method::GET, &rest, Json::Null)?[key].take() else {
                return Err(unexpected(key));
            };
            let is_last = found.len() < 100;
            all.extend(found);
            if is_last {
                break;
            }
        }
        Ok(all)
    }
}

impl PullRequests for GitHub {
    fn pull(&self, number: u64) -> Result<Option<RemotePull>> {
        let found = self.found(&format!("/pulls/{number}"))?;
        found.as_ref().map(pull).transpose()
    }

    fn pulls_of(&self, head: &str) -> Result<Vec<RemotePull>> {
        let head = url_part(head);
        self.all(&format!("/pulls?state=all&head={head}&per_page=100"), pull)
    }

    fn open_pull(&self, new: &NewPull<'_>) -> Result<RemotePull> {
        let body = json!({
            "title": new.title, "body": new.body, "head": new.head, "base": new.base,
            "draft": new.is_draft,
        });
        pull(&self.send(Method::POST, "/pulls", body)?)
    }

    fn set_pull_text(&self, number: u64, body: &str) -> Result<()> {
        let rest = format!("/pulls/{number}");
        self.write(Method::PATCH, &rest, json!({"body": body}))
    }

    fn set_draft(&self, pull: &RemotePull, is_draft: bool) -> Result<()> {
        // REST has no way to do it.
        let name = match is_draft {
            true => "convertPullRequestToDraft",
            false => "markPullRequestReadyForReview",
        };
        let query = format!(
            "mutation($id: ID!) {{ {name}(input: {{pullRequestId: $id}}) {{ pullRequest {{ isDraft }} }} }}"
        );
        self.http.graphql(&query, json!({"id": pull.node}))
    }

    fn add_labels(&self, number: u64, labels: &[String]) -> Result<()> {
        let rest = format!("/issues/{number}/labels");
        self.write(Method::POST, &rest, json!({"labels": labels}))
    }

    fn ask_reviewers(&self, number: u64, logins: &[String], teams: &[String]) -> Result<()> {
        let mut body = json!({"reviewers": logins});
        if !teams.is_empty() {
            body["team_reviewers"] = json!(teams);
        }
        let rest = format!("/pulls/{number}/requested_reviewers");
        self.write(Method::POST, &rest, body)
    }

    fn checks(&self, commit: &str) -> Result<Vec<PullCheck>> {
        use PullCheckState::{Failed, Passed, Waiting};
        let check = |one: &Json, name: &str, state| PullCheck {
            name: excerpt(&one_line(&text(one, name)), 100),
            state,
        };
        let mut out = Vec::new();
        for run in self.all_of(commit, "check-runs", "check_runs")? {
            let state = match (run["status"].as_str(), run["conclusion"].as_str()) {
                (Some("completed"), Some("success" | "neutral" | "skipped")) => Passed,
                (Some("completed"), _) => Failed,
                _ => Waiting,
            };
            out.push(check(&run, "name", state));
        }
        for status in self.all_of(commit, "status", "statuses")? {
            let state = match status["state"].as_str() {
                Some("success") => Passed,
                Some("pending") => Waiting,
                _ => Failed,
            };
            out.push(check(&status, "context", state));
        }
        Ok(out)
    }

    fn merge_pull(
        &self,
        number: u64,
        commit: &str,
        strategy: Strategy,
        message: Option<(&str, &str)>,
    ) -> Result<()> {
        let mut body = json!({"sha": commit, "merge_method": strategy.to_string()});
        if let Some((title, text)) = message {
            body["commit_title"] = title.into();
            body["commit_message"] = text.into();
        }
        self.write(Method::PUT, &format!("/pulls/{number}/merge"), body)
    }

    fn needs_pull(&self, branch: &str) -> Result<bool> {
        let branch = url_part(branch);
        let path = format!("{}/rules/branches/{branch}?per_page=100", self.root);
        // Servers that are older have none.
        let rules = self.http.allowed(&path)?.unwrap_or_default();
        let mut rules = rules.as_array().into_iter().flatten();
        Ok(rules.any(|rule| rule["type"] == "pull_request"))
    }

    fn comments_on(&self, number: u64) -> Result<Vec<RemoteComment>> {
        let rest = format!("/issues/{number}/comments?per_page=100");
        self.all(&rest, answers::comment)
    }

    fn set_comment(&self, id: u64, text: &str, uid: &Uid) -> Result<()> {
        let body = json!({"body": mark::with(text, uid)});
        self.write(Method::PATCH, &format!("/issues/comments/{id}"), body)
    }

    fn remove_comment(&self, id: u64) -> Result<()> {
        let rest = format!("/issues/comments/{id}");
        self.write(Method::DELETE, &rest, Json::Null)
    }
}

/// A name as part of an address.
fn url_part(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}
