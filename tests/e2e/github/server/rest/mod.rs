//! The operations of the REST API, by their names in GitHub's description.

mod apps;
mod comments;
pub mod graphql;
mod issues;
mod labels;
mod milestones;
mod paging;
mod pulls;
mod relations;
mod repositories;

use std::collections::BTreeMap;

use serde_json::Value;

use super::access::Caller;
use super::failure::{Failure, Result};
use super::state::{Actor, State};

/// A request that the description accepts.
pub struct Call<'a> {
    pub state: &'a mut State,
    pub caller: &'a Caller,
    /// `issues/create`.
    pub operation: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub query_text: &'a str,
    pub parameters: BTreeMap<String, String>,
    pub query: BTreeMap<String, String>,
    pub body: Value,
}

/// What an operation answers.
pub struct Reply {
    pub status: u16,
    pub body: Option<Value>,
    /// The header `Link`.
    pub link: Option<String>,
}

impl Reply {
    fn ok(body: Value) -> Result<Reply> {
        Reply::with(200, body)
    }

    fn created(body: Value) -> Result<Reply> {
        Reply::with(201, body)
    }

    fn with(status: u16, body: Value) -> Result<Reply> {
        Ok(Reply {
            status,
            body: Some(body),
            link: None,
        })
    }

    fn nothing() -> Result<Reply> {
        Ok(Reply {
            status: 204,
            body: None,
            link: None,
        })
    }
}

/// Performs an operation.
pub fn reply(mut call: Call) -> Result<Reply> {
    let (area, name) = call
        .operation
        .split_once('/')
        .unwrap_or((call.operation, ""));
    let Some(owner) = call.parameters.get("owner").cloned() else {
        return match call.operation {
            "users/get-authenticated" => repositories::user(&call),
            "rate-limit/get" => repositories::rate_limit(&mut call),
            "orgs/list-issue-types" => repositories::kinds(&call),
            "apps/create-installation-access-token" => apps::create_token(&mut call),
            _ => Err(Failure::not_found()),
        };
    };
    let repository = call.found(&owner)?;
    if name == "get-repo-installation" {
        return apps::installation(&call, repository);
    }
    call.check_access(repository)?;
    let words = ["sub-issue", "parent", "dependenc"];
    match area {
        "issues" if words.iter().any(|word| name.contains(word)) => {
            relations::reply(&mut call, repository)
        }
        "issues" if name.contains("label") => labels::reply(&mut call, repository),
        "issues" if name.contains("milestone") => milestones::reply(&mut call, repository),
        "issues" if name.contains("comment") => comments::reply(&mut call, repository),
        "issues" => issues::reply(&mut call, repository),
        "pulls" => pulls::reply(&mut call, repository),
        _ => repositories::reply(&mut call, repository),
    }
}

impl Call<'_> {
    /// The repository that is asked for.
    ///
    /// # Errors
    /// 404 if there is none, or the caller may not know of it; a redirection if it has another name.
    fn found(&self, owner: &str) -> Result<u64> {
        let name = self.parameters.get("repo").map_or("", String::as_str);
        let of = self
            .state
            .repository_named(owner, name)
            .ok_or_else(Failure::not_found)?;
        if !self.caller.sees(self.state, of.id) {
            return Err(Failure::not_found());
        }
        if !of.name.eq_ignore_ascii_case(name) || !of.owner.eq_ignore_ascii_case(owner) {
            let rest = self
                .path
                .splitn(5, '/')
                .nth(4)
                .map(|rest| format!("/{rest}"));
            let mut location = format!(
                "{}/repositories/{}{}",
                self.state.api_url(),
                of.id,
                rest.unwrap_or_default()
            );
            if !self.query_text.is_empty() {
                location = format!("{location}?{}", self.query_text);
            }
            return Err(Failure::moved(self.method, location));
        }
        Ok(of.id)
    }

    /// # Errors
    /// 401 and 403 for a caller who may not; 403 beyond the limit of created contents.
    fn check_access(&mut self, repository: u64) -> Result<()> {
        let writes = self.method != "GET";
        let permission = match self.operation.split('/').next() {
            _ if self.operation == "pulls/merge" => "contents",
            Some("issues") => "issues",
            Some("pulls") => "pull_requests",
            Some("checks") => "checks",
            _ if self.operation == "repos/get-combined-status-for-ref" => "statuses",
            _ => "metadata",
        };
        self.caller
            .require(self.state, repository, permission, writes)?;
        let creates = [
            "issues/create",
            "issues/create-comment",
            "issues/add-sub-issue",
            "issues/add-blocked-by-dependency",
            "pulls/create",
            "pulls/request-reviewers",
        ];
        if let Some(login) = self
            .caller
            .login()
            .filter(|_| creates.contains(&self.operation))
        {
            let now = self.state.now();
            self.state.limits.count_content(login, now)?;
        }
        let is_issue = permission == "issues" && self.operation.starts_with("issues/");
        if is_issue && !self.state.repository(repository).has_issues {
            return Err(Failure::new(
                410,
                "Issues has been disabled in this repository.",
            ));
        }
        Ok(())
    }

    /// Who acts.
    fn actor(&self) -> Result<Actor> {
        self.caller.actor()
    }

    /// # Errors
    /// 403 without write access.
    fn require_push(&self, repository: u64) -> Result<Actor> {
        let actor = self.actor()?;
        match self.state.role(repository, &actor.login) >= super::model::Role::Write {
            true => Ok(actor),
            false => Err(Failure::new(403, "Must have admin rights to Repository.")),
        }
    }

    /// A number of the path.
    fn number(&self, name: &str) -> u64 {
        self.parameters
            .get(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }

    /// The issue of the path.
    ///
    /// # Errors
    /// 404 if there is none, 410 if it was deleted, a redirection if it was transferred.
    fn issue(&self, repository: u64) -> Result<u64> {
        let number = self.number("issue_number");
        if self
            .state
            .repository(repository)
            .issues
            .contains_key(&number)
        {
            return Ok(number);
        }
        let head = format!("/issues/{number}");
        let rest = self.path.split_once(&head).map_or("", |(_, rest)| rest);
        Err(self.state.gone(repository, number, self.method, rest))
    }

    /// A field of the query.
    fn asked(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// A text of the body.
    fn text(&self, name: &str) -> Option<String> {
        self.body
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_string)
    }

    /// Texts of the body; none if the field is not there.
    fn texts(&self, name: &str) -> Option<Vec<String>> {
        let items = self.body.get(name)?.as_array()?.iter();
        let text = |item: &Value| {
            let name = item.as_str().or_else(|| item["name"].as_str());
            name.or_else(|| item["login"].as_str()).map(str::to_string)
        };
        Some(items.filter_map(text).collect())
    }
}
