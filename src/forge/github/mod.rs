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

use self::http::{Answer, Ask, Http};
use super::fields::{
    ASSIGNEE, BODY, Fields, LABELS, MILESTONE, NOT_PLANNED, OPEN, STATE, TITLE, TYPE,
};
use super::link::ForgeLink;
use super::{Changed, Forge, Need, RemoteComment, RemoteIssue, Repository, mark, unexpected};
use crate::error::{Reason, Result};
use crate::model::uid::Uid;
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

/// True for an address on this machine.
pub(super) fn is_local(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| crate::net::is_loopback(&url))
}

/// The root of the API of a host.
fn api_root(env: &Env, host: &str) -> String {
    let named = server_url(env).filter(|(_, named)| named == host);
    if let Some((url, _)) = named {
        let api = env.text("GITHUB_API_URL");
        let api = api.map(|api| api.trim_end_matches('/').to_string());
        // Without encryption only on this machine, and never another host than that of the server.
        let own = api.filter(|api| {
            let is_same = api.starts_with(&format!("{url}/")) || api == "https://api.github.com";
            is_same && (api.starts_with("https://") || is_local(api))
        });
        if let Some(api) = own {
            return api;
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
    fn body_of(&self, fields: &Fields, mark: Option<&Uid>) -> Result<Json> {
        let mut out = serde_json::Map::new();
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
                    let reason = if value == NOT_PLANNED {
                        NOT_PLANNED
                    } else {
                        "completed"
                    };
                    put("state_reason", reason.into());
                }
                ASSIGNEE => put("assignees", Vec::from_iter(value.as_str()).into()),
                MILESTONE => put(name, self.milestone(value.as_str())?),
                TYPE => put(name, value.as_str().map(capital).into()),
                _ => {}
            }
        }
        Ok(Json::Object(out))
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
                let path = format!("{}/milestones?state=all&per_page=100", self.root);
                let found = self.http.pages(&path, None)?.items;
                let pairs = found.iter().filter_map(|one| {
                    Some((one["title"].as_str()?.to_string(), one["number"].as_u64()?))
                });
                none.insert(pairs.collect())
            }
        };
        if let Some(number) = all.get(title) {
            return Ok((*number).into());
        }
        let path = format!("{}/milestones", self.root);
        let made = self
            .http
            .json(&Ask::with(Method::POST, &path, json!({"title": title})))?;
        let number = made["number"]
            .as_u64()
            .ok_or_else(|| unexpected("number"))?;
        all.insert(title.to_string(), number);
        Ok(number.into())
    }

    fn written(&self, ask: &Ask<'_>) -> Result<RemoteIssue> {
        let issue = answers::issue(&self.http.json(ask)?, &self.root)?;
        issue.ok_or_else(|| unexpected("issue"))
    }
}

/// An answer; none if the token may not ask for it.
fn allowed(answer: Result<Answer>) -> Result<Option<Answer>> {
    match answer {
        Err(error) if error.reason() == Reason::ForgeToken => Ok(None),
        answer => answer.map(Some),
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
    format!("{path}?state=all&sort=created&direction=asc&per_page=100{since}")
}

/// The name of a type as GitHub's own are spelled.
fn capital(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|first| first.to_uppercase());
    first.into_iter().flatten().chain(chars).collect()
}

impl Forge for GitHub {
    fn repository(&self) -> Result<Repository> {
        answers::repository(&self.http.json(&Ask::get(&self.root))?)
    }

    fn login(&self) -> Result<Option<String>> {
        match allowed(self.http.ask(&Ask::get("/user")))? {
            Some(Answer::Json(json, _)) => Ok(json["login"].as_str().map(str::to_string)),
            // An app has no user, but a name.
            _ => Ok(self.http.app_login.borrow().clone()),
        }
    }

    fn issue_types(&self, repository: &Repository) -> Result<Vec<String>> {
        if !repository.is_of_organization {
            return Ok(Vec::new());
        }
        let path = format!("/orgs/{}/issue-types", self.owner);
        let types = match allowed(self.http.ask(&Ask::get(&path)))? {
            Some(Answer::Json(Json::Array(types), _)) => types,
            _ => return Ok(Vec::new()),
        };
        let names = types.iter().filter_map(|one| one["name"].as_str());
        Ok(names.map(str::to_lowercase).collect())
    }

    fn issues(&self, from: Option<&str>, tag: Option<&str>) -> Result<Changed<RemoteIssue>> {
        let path = since(&format!("{}/issues", self.root), from);
        let all = self.http.pages(&path, tag)?;
        let mut items = Vec::new();
        for json in &all.items {
            items.extend(answers::issue(json, &self.root)?);
        }
        Ok(Changed {
            items,
            tag: all.tag,
            until: all.until,
        })
    }

    fn issue(&self, number: u64) -> Result<Option<RemoteIssue>> {
        let path = format!("{}/issues/{number}", self.root);
        match self.http.ask(&Ask::get(&path))? {
            Answer::Json(json, _) => answers::issue(&json, &self.root),
            _ => Ok(None),
        }
    }

    fn create(&self, fields: &Fields, mark: &Uid) -> Result<RemoteIssue> {
        let mut fields = fields.clone();
        fields.remove(STATE);
        fields.entry(BODY).or_insert(Json::Null);
        let mut body = self.body_of(&fields, Some(mark))?;
        if let Json::Object(map) = &mut body {
            map.retain(|_, value| !value.is_null());
        }
        let path = format!("{}/issues", self.root);
        self.written(&Ask::with(Method::POST, &path, body))
    }

    fn update(&self, number: u64, fields: &Fields, mark: Option<&Uid>) -> Result<RemoteIssue> {
        let path = format!("{}/issues/{number}", self.root);
        let body = self.body_of(fields, mark)?;
        self.written(&Ask::with(Method::PATCH, &path, body))
    }

    fn blocked_by(&self, number: u64) -> Result<Vec<u64>> {
        let path = format!(
            "{}/issues/{number}/dependencies/blocked_by?per_page=100",
            self.root
        );
        let all = self.http.pages(&path, None)?;
        // One in another repository has no item here.
        let end = format!("{}/issues", self.root);
        let own = all.items.iter().filter(|one| {
            let url = one["url"].as_str().unwrap_or_default();
            url.rsplit_once('/')
                .is_some_and(|(place, _)| place.to_lowercase().ends_with(&end.to_lowercase()))
        });
        Ok(own.filter_map(|one| one["number"].as_u64()).collect())
    }

    fn set_blocked(&self, number: u64, by: u64, is_blocked: bool) -> Result<()> {
        let path = format!("{}/issues/{number}/dependencies/blocked_by", self.root);
        match is_blocked {
            true => self
                .http
                .json(&Ask::with(Method::POST, &path, json!({"issue_id": by})))
                .map(drop),
            false => {
                let path = format!("{path}/{by}");
                let ask = Ask {
                    method: Method::DELETE,
                    ..Ask::get(&path)
                };
                self.http.ask(&ask).map(drop)
            }
        }
    }

    fn set_parent(&self, child: u64, parent: u64, is_part: bool) -> Result<()> {
        let path = format!("{}/issues/{parent}/sub_issue", self.root);
        let ask = match is_part {
            true => {
                let body = json!({"sub_issue_id": child, "replace_parent": true});
                let path = format!("{path}s");
                return self
                    .http
                    .json(&Ask::with(Method::POST, &path, body))
                    .map(drop);
            }
            false => Ask::with(Method::DELETE, &path, json!({"sub_issue_id": child})),
        };
        self.http.ask(&ask).map(drop)
    }

    fn comments(&self, from: Option<&str>, tag: Option<&str>) -> Result<Changed<RemoteComment>> {
        let path = format!("{}/issues/comments", self.root);
        let path = since(&path, from).replace("state=all&", "");
        let all = self.http.pages(&path, tag)?;
        let items: Result<Vec<_>> = all.items.iter().map(answers::comment).collect();
        Ok(Changed {
            items: items?,
            tag: all.tag,
            until: all.until,
        })
    }

    fn comment(&self, number: u64, text: &str, uid: &Uid) -> Result<RemoteComment> {
        let path = format!("{}/issues/{number}/comments", self.root);
        let body = json!({"body": mark::with(text, uid)});
        answers::comment(&self.http.json(&Ask::with(Method::POST, &path, body))?)
    }

    fn used(&self) -> (usize, Option<u64>) {
        (self.http.sent.get(), self.http.remaining.get())
    }

    fn is_pull_request(&self, number: u64) -> Result<bool> {
        let path = format!("{}/issues/{number}", self.root);
        Ok(match self.http.ask(&Ask::get(&path))? {
            Answer::Json(json, _) => json["pull_request"].is_object(),
            _ => false,
        })
    }
}
