//! Pull requests at GitHub.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::{Value as Json, json};

use super::GitHub;
use super::answers::{self, id, text};
use super::http::{Answer, Ask};
use crate::error::{Error, Reason, Result};
use crate::forge::pulls::remote::{NewPull, PullCheck, PullCheckState, PullRequests, RemotePull};
use crate::forge::{RemoteComment, mark, unexpected};
use crate::model::text::{excerpt, one_line};
use crate::model::uid::Uid;
use crate::work::task::integrate::Strategy;

/// The conclusions of a check that does not stop a merge.
const PASSED: [&str; 3] = ["success", "neutral", "skipped"];

/// The number of pages of checks that are read.
const CHECK_PAGES_MAX: usize = 10;

fn pull(json: &Json) -> Result<RemotePull> {
    let names = |list: &Json, key: &str| -> Vec<String> {
        let all = list.as_array().into_iter().flatten();
        all.filter_map(|one| one[key].as_str().map(str::to_string))
            .collect()
    };
    let is_merged = json["merged_at"].is_string();
    let owner = json["base"]["repo"]["owner"]["login"]
        .as_str()
        .unwrap_or_default();
    let teams = names(&json["requested_teams"], "slug").into_iter();
    let mut reviewers = names(&json["requested_reviewers"], "login");
    reviewers.extend(teams.map(|slug| format!("{owner}/{slug}")));
    let (base, head) = (&json["base"], &json["head"]);
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
        merged: json["merge_commit_sha"]
            .as_str()
            .filter(|_| is_merged)
            .map(str::to_string),
        labels: names(&json["labels"], "name"),
        reviewers,
    })
}

impl GitHub {
    /// All elements of a list in an object about a commit.
    fn all_of(&self, commit: &str, what: &str, key: &str) -> Result<Vec<Json>> {
        let mut all = Vec::new();
        for page in 1..=CHECK_PAGES_MAX {
            let path = format!(
                "{}/commits/{commit}/{what}?per_page=100&page={page}",
                self.root
            );
            let mut answer = self.http.json(&Ask::get(&path))?;
            let Json::Array(found) = answer[key].take() else {
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

    fn of_pull(&self, number: u64, rest: &str) -> String {
        format!("{}/pulls/{number}{rest}", self.root)
    }
}

impl PullRequests for GitHub {
    fn pull(&self, number: u64) -> Result<Option<RemotePull>> {
        match self.http.ask(&Ask::get(&self.of_pull(number, "")))? {
            Answer::Json(json, _) => pull(&json).map(Some),
            _ => Ok(None),
        }
    }

    fn pulls_of(&self, head: &str) -> Result<Vec<RemotePull>> {
        let head = url_part(head);
        let path = format!("{}/pulls?state=all&head={head}&per_page=100", self.root);
        self.http
            .pages(&path, None)?
            .items
            .iter()
            .map(pull)
            .collect()
    }

    fn open_pull(&self, new: &NewPull<'_>) -> Result<RemotePull> {
        let path = format!("{}/pulls", self.root);
        let body = json!({
            "title": new.title, "body": new.body, "head": new.head, "base": new.base,
            "draft": new.is_draft,
        });
        pull(&self.http.json(&Ask::with(Method::POST, &path, body))?)
    }

    fn set_pull_text(&self, number: u64, body: &str) -> Result<()> {
        let (path, body) = (self.of_pull(number, ""), json!({"body": body}));
        self.http
            .json(&Ask::with(Method::PATCH, &path, body))
            .map(drop)
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
        self.http
            .graphql(&query, json!({"id": pull.node}))
            .map(drop)
    }

    fn add_labels(&self, number: u64, labels: &[String]) -> Result<()> {
        let path = format!("{}/issues/{number}/labels", self.root);
        let ask = Ask::with(Method::POST, &path, json!({"labels": labels}));
        self.http.json(&ask).map(drop)
    }

    fn ask_reviewers(&self, number: u64, logins: &[String], teams: &[String]) -> Result<()> {
        let path = self.of_pull(number, "/requested_reviewers");
        let mut body = json!({"reviewers": logins});
        if !teams.is_empty() {
            body["team_reviewers"] = json!(teams);
        }
        self.http
            .json(&Ask::with(Method::POST, &path, body))
            .map(drop)
    }

    fn checks(&self, commit: &str) -> Result<Vec<PullCheck>> {
        let mut out = Vec::new();
        let mut add = |name: &str, state: PullCheckState| {
            let name = excerpt(&one_line(name), 100);
            out.push(PullCheck { name, state });
        };
        for run in self.all_of(commit, "check-runs", "check_runs")? {
            let conclusion = run["conclusion"].as_str().unwrap_or_default();
            let state = match run["status"].as_str() {
                Some("completed") if PASSED.contains(&conclusion) => PullCheckState::Passed,
                Some("completed") => PullCheckState::Failed,
                _ => PullCheckState::Waiting,
            };
            add(run["name"].as_str().unwrap_or_default(), state);
        }
        for status in self.all_of(commit, "status", "statuses")? {
            let state = match status["state"].as_str() {
                Some("success") => PullCheckState::Passed,
                Some("pending") => PullCheckState::Waiting,
                _ => PullCheckState::Failed,
            };
            add(status["context"].as_str().unwrap_or_default(), state);
        }
        Ok(out)
    }

    fn merge_pull(
        &self,
        number: u64,
        commit: &str,
        strategy: Strategy,
        message: Option<(&str, &str)>,
    ) -> Result<String> {
        let mut body = json!({"sha": commit, "merge_method": strategy.to_string()});
        if let Some((title, text)) = message {
            body["commit_title"] = title.into();
            body["commit_message"] = text.into();
        }
        let path = self.of_pull(number, "/merge");
        let done = self.http.json(&Ask::with(Method::PUT, &path, body))?;
        let merged = done["sha"].as_str().map(str::to_string);
        merged.ok_or_else(|| unexpected("commit of the merge"))
    }

    fn needs_pull(&self, branch: &str) -> Result<bool> {
        let path = format!(
            "{}/rules/branches/{}?per_page=100",
            self.root,
            url_part(branch)
        );
        // Servers that are older have none.
        match self.http.ask(&Ask::get(&path)) {
            Ok(Answer::Json(Json::Array(rules), _)) => {
                Ok(rules.iter().any(|rule| rule["type"] == "pull_request"))
            }
            Ok(_) => Ok(false),
            Err(error) if error.reason() == Reason::ForgeToken => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn comments_on(&self, number: u64) -> Result<Vec<RemoteComment>> {
        let path = format!("{}/issues/{number}/comments?per_page=100", self.root);
        self.http
            .pages(&path, None)?
            .items
            .iter()
            .map(answers::comment)
            .collect()
    }

    fn set_comment(&self, id: u64, text: &str, uid: &Uid) -> Result<()> {
        let path = format!("{}/issues/comments/{id}", self.root);
        let body = json!({"body": mark::with(text, uid)});
        self.http
            .json(&Ask::with(Method::PATCH, &path, body))
            .map(drop)
    }

    fn remove_comment(&self, id: u64) -> Result<()> {
        let path = format!("{}/issues/comments/{id}", self.root);
        let ask = Ask {
            method: Method::DELETE,
            ..Ask::get(&path)
        };
        self.http.ask(&ask).map(drop)
    }
}

/// A name as part of an address.
fn url_part(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// The failure that GraphQL answers with status 200.
pub(super) fn graphql_failure(json: &Json) -> Option<Error> {
    let first = json["errors"].as_array()?.first()?;
    let said = first["message"].as_str().unwrap_or("no reason given");
    let said = excerpt(&one_line(said), 400);
    Some(Error::refused(format!("GitHub refused it: {said}")).because(Reason::ForgeRefused))
}
