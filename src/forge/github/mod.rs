//! GitHub, and servers that speak its API.

mod answers;
mod auth;
mod http;
mod pace;
mod pulls;

use std::cell::RefCell;
use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value as Json, json};

use self::answers::id;
use self::http::Http;
use super::link::ForgeLink;
use super::three_way::{ASSIGNEE, BODY, Fields, LABELS, MILESTONE, OPEN, STATE, TITLE, TYPE};
use super::{Changed, Forge, Need, RemoteComment, RemoteIssue, Repository, mark, unexpected};
use crate::error::Result;
use crate::model::uid::Uid;
use crate::net::is_local;
use crate::pm::Pm;
use crate::store::env::Env;

/// A repository at GitHub.
pub(super) struct GitHub {
    http: Http,
    /// `/repos/OWNER/NAME`.
    root: String,
    /// The numbers of the milestones by their titles, once they were asked for.
    milestones: RefCell<Option<BTreeMap<String, u64>>>,
    /// The organization.
    owner: String,
}

/// The address and host of the server on which an action runs, and of its API.
pub(super) fn server_url(env: &Env) -> Option<(String, String)> {
    let url = env.text("GITHUB_SERVER_URL")?;
    let url = url.trim_end_matches('/').to_string();
    let (_, host) = url.split_once("://")?;
    let host = host.to_string();
    Some((url, host))
}

/// The root of the API of a host.
fn api_root(env: &Env, host: &str) -> String {
    let named = server_url(env).filter(|(_, named)| named == host);
    if let Some((url, _)) = named {
        let api = env.text("GITHUB_API_URL").unwrap_or_default();
        let api = api.trim_end_matches('/');
        // Without encryption only on this machine, and never another host than that of the server.
        let is_same = api.starts_with(&format!("{url}/")) || api == "https://api.github.com";
        if is_same && (api.starts_with("https://") || is_local(api)) {
            return api.to_string();
        }
    }
    match host {
        "github.com" => "https://api.github.com".into(),
        host => format!("https://{host}/api/v3"),
    }
}

/// The least that an app is asked for.
fn permissions(need: Need) -> Json {
    match need {
        Need::Issues => {
            json!({"issues": "write", "metadata": "read", "pull_requests": "write"})
        }
        Need::Pulls => json!({
            "checks": "read", "contents": "write", "issues": "write", "metadata": "read",
            "pull_requests": "write", "statuses": "read",
        }),
    }
}

impl GitHub {
    pub(super) fn connect(pm: &Pm, link: &ForgeLink, need: Need) -> Result<GitHub> {
        let root = api_root(pm.store.env(), &link.host);
        let repository = format!("{}/{}", link.owner, link.name);
        let credential = auth::find(pm, &link.host, &repository)?;
        Ok(GitHub {
            http: Http::new(pm.store.env(), &root, credential, permissions(need))?,
            root: format!("/repos/{repository}"),
            milestones: RefCell::default(),
            owner: link.owner.clone(),
        })
    }

    /// The keys of a request that writes fields.
    fn body_of(&self, fields: &Fields, mark: Option<&Uid>) -> Result<Fields> {
        let mut out = Fields::new();
        for (name, value) in fields {
            let mut put = |key: &str, value: Json| drop(out.insert(key.to_string(), value));
            match name.as_str() {
                TITLE | LABELS => put(name, value.clone()),
                BODY => {
                    let text = value.as_str().unwrap_or_default();
                    let marked = mark.map(|uid| mark::with(text, uid));
                    put(name, marked.unwrap_or_else(|| text.to_string()).into());
                }
                STATE if value == OPEN => put(name, OPEN.into()),
                STATE => {
                    put(name, "closed".into());
                    put("state_reason", value.clone());
                }
                ASSIGNEE => put("assignees", Vec::from_iter(value.as_str()).into()),
                MILESTONE => put(name, self.milestone(value.as_str())?),
                TYPE => put(name, value.as_str().map(capital).into()),
                _ => {}
            }
        }
        Ok(out)
    }

    /// The number of a milestone, which is made if there is none of that title.
    fn milestone(&self, title: Option<&str>) -> Result<Json> {
        let Some(title) = title else {
            return Ok(Json::Null);
        };
        let mut known = self.milestones.borrow_mut();
        let all = match &mut *known {
            Some(all) => all,
            none => {
                let pair = |one: &Json| Ok((answers::text(one, "title"), id(one, "number")?));
                let found = self.all("/milestones?state=all&per_page=100", pair)?;
                none.insert(found.into_iter().collect())
            }
        };
        if let Some(number) = all.get(title) {
            return Ok((*number).into());
        }
        let made = self.send(Method::POST, "/milestones", json!({"title": title}))?;
        let number = id(&made, "number")?;
        all.insert(title.to_string(), number);
        Ok(number.into())
    }

    /// The answer to a request below the repository.
    fn send(&self, method: Method, rest: &str, body: Json) -> Result<Json> {
        self.http
            .send(method, &format!("{}{rest}", self.root), body)
    }

    fn write(&self, method: Method, rest: &str, body: Json) -> Result<()> {
        self.send(method, rest, body).map(drop)
    }

    /// What is below the repository; none if it is gone.
    fn found(&self, rest: &str) -> Result<Option<Json>> {
        self.http.found(&format!("{}{rest}", self.root))
    }

    /// All elements of a list below the repository.
    fn all<T>(&self, rest: &str, read: impl Fn(&Json) -> Result<T>) -> Result<Vec<T>> {
        let path = format!("{}{rest}", self.root);
        let all = self.http.pages(&path, None, |one| read(one).map(Some))?;
        Ok(all.items)
    }

    /// Writes an issue; returns what became of it.
    fn written(&self, method: Method, rest: &str, body: Json) -> Result<RemoteIssue> {
        let issue = answers::issue(&self.send(method, rest, body)?, &self.root)?;
        issue.ok_or_else(|| unexpected("issue"))
    }
}

/// What is asked for again before the time up to which everything was read: lists lag behind.
const OVERLAP: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// A list of what changed since a time, the oldest first: an order that no change disturbs while the pages are
/// read.
fn since(path: &str, since: Option<&str>) -> String {
    let time = since.and_then(|time| time.parse::<jiff::Timestamp>().ok());
    let time = time.and_then(|time| time.checked_sub(OVERLAP).ok());
    let since = time.map_or(String::new(), |time| format!("&since={time}"));
    format!("{path}sort=created&direction=asc&per_page=100{since}")
}

/// The name of a type as GitHub's own are spelled.
fn capital(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|first| first.to_uppercase());
    first.into_iter().flatten().chain(chars).collect()
}

impl Forge for GitHub {
    fn repository(&self) -> Result<Repository> {
        answers::repository(&self.send(Method::GET, "", Json::Null)?)
    }

    fn login(&self) -> Result<Option<String>> {
        match self.http.allowed("/user")? {
            Some(json) => Ok(json["login"].as_str().map(str::to_string)),
            // An app has no user, but a name.
            None => Ok(self.http.app_login.borrow().clone()),
        }
    }

    fn issue_types(&self, repository: &Repository) -> Result<Vec<String>> {
        if !repository.is_of_organization {
            return Ok(Vec::new());
        }
        let path = format!("/orgs/{}/issue-types", self.owner);
        let types = self.http.allowed(&path)?.unwrap_or_default();
        let types = types.as_array().into_iter().flatten();
        let names = types.filter_map(|one| one["name"].as_str());
        Ok(names.map(str::to_lowercase).collect())
    }

    fn issues(&self, from: Option<&str>, tag: Option<&str>) -> Result<Changed<RemoteIssue>> {
        let path = since(&format!("{}/issues?state=all&", self.root), from);
        let read = |one: &Json| answers::issue(one, &self.root);
        self.http.pages(&path, tag, read)
    }

    fn issue(&self, number: u64) -> Result<Option<RemoteIssue>> {
        match self.found(&format!("/issues/{number}"))? {
            Some(json) => answers::issue(&json, &self.root),
            None => Ok(None),
        }
    }

    fn create(&self, fields: &Fields, mark: &Uid) -> Result<RemoteIssue> {
        let mut fields = fields.clone();
        fields.remove(STATE);
        fields.entry(BODY).or_insert(Json::Null);
        let mut body = self.body_of(&fields, Some(mark))?;
        body.retain(|_, value| !value.is_null());
        self.written(Method::POST, "/issues", body.into())
    }

    fn update(&self, number: u64, fields: &Fields, mark: Option<&Uid>) -> Result<RemoteIssue> {
        let body = self.body_of(fields, mark)?;
        self.written(Method::PATCH, &format!("/issues/{number}"), body.into())
    }

    fn blocked_by(&self, number: u64) -> Result<Vec<u64>> {
        // One in another repository has no item here.
        let end = format!("{}/issues", self.root).to_lowercase();
        let own = |one: &Json| {
            let url = answers::text(one, "url").to_lowercase();
            let is_own = url
                .rsplit_once('/')
                .is_some_and(|(at, _)| at.ends_with(&end));
            Ok(one["number"].as_u64().filter(|_| is_own))
        };
        let rest = format!("/issues/{number}/dependencies/blocked_by?per_page=100");
        Ok(self.all(&rest, own)?.into_iter().flatten().collect())
    }

    fn set_blocked(&self, number: u64, by: u64, is_blocked: bool) -> Result<()> {
        let rest = format!("/issues/{number}/dependencies/blocked_by");
        match is_blocked {
            true => self.write(Method::POST, &rest, json!({"issue_id": by})),
            false => self.write(Method::DELETE, &format!("{rest}/{by}"), Json::Null),
        }
    }

    fn set_parent(&self, child: u64, parent: u64, is_part: bool) -> Result<()> {
        let rest = format!("/issues/{parent}/sub_issue");
        if !is_part {
            return self.write(Method::DELETE, &rest, json!({"sub_issue_id": child}));
        }
        let body = json!({"sub_issue_id": child, "replace_parent": true});
        self.write(Method::POST, &format!("{rest}s"), body)
    }

    fn comments(&self, from: Option<&str>, tag: Option<&str>) -> Result<Changed<RemoteComment>> {
        let path = since(&format!("{}/issues/comments?", self.root), from);
        let read = |one: &Json| answers::comment(one).map(Some);
        self.http.pages(&path, tag, read)
    }

    fn comment(&self, number: u64, text: &str, uid: &Uid) -> Result<RemoteComment> {
        let body = json!({"body": mark::with(text, uid)});
        let rest = format!("/issues/{number}/comments");
        answers::comment(&self.send(Method::POST, &rest, body)?)
    }

    fn used(&self) -> (usize, Option<u64>) {
        (self.http.sent.get(), self.http.remaining.get())
    }

    fn is_pull_request(&self, number: u64) -> Result<bool> {
        let found = self.found(&format!("/issues/{number}"))?;
        Ok(found.is_some_and(|json| json["pull_request"].is_object()))
    }
}
