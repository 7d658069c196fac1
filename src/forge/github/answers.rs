//! Reads what GitHub answers, and who is one of a project there: tolerant, as answers have more and less than described. Pure.

use serde_json::Value as Json;

use crate::error::Result;
use crate::forge::three_way::{
    ASSIGNEE, BODY, COMPLETED, Fields, LABELS, MILESTONE, NOT_PLANNED, OPEN, PARENT, STATE, TITLE,
    TYPE, body, texts,
};
use crate::forge::{RemoteComment, RemoteIssue, Repository, mark, unexpected};
use crate::model::text::one_line;

/// The associations of people who may write to a repository.
const INSIDERS: [&str; 3] = ["OWNER", "MEMBER", "COLLABORATOR"];

pub(super) fn repository(json: &Json) -> Result<Repository> {
    Ok(Repository {
        id: id(json, "id")?,
        full_name: text(json, "full_name"),
        is_public: json["private"].as_bool() == Some(false),
        has_issues: json["has_issues"].as_bool() != Some(false),
        is_of_organization: json["owner"]["type"].as_str() == Some("Organization"),
    })
}

/// An issue of the repository at `root` (`/repos/OWNER/NAME`); none for a pull request, which is in the same
/// lists.
pub(super) fn issue(json: &Json, root: &str) -> Result<Option<RemoteIssue>> {
    if json["pull_request"].is_object() {
        return Ok(None);
    }
    let number = id(json, "number")?;
    let (rest, mark) = mark::split(&text(json, "body"));
    let labels = json["labels"].as_array().into_iter().flatten();
    // Older servers answer with names alone.
    let names = labels.filter_map(|one| one["name"].as_str().or_else(|| one.as_str()));
    let labels: Vec<String> = names.map(str::to_string).collect();
    let mut fields = Fields::new();
    let mut put = |name: &str, value: Json| drop(fields.insert(name.to_string(), value));
    put(TITLE, one_line(text(json, "title").trim()).into());
    put(BODY, body(&rest));
    put(STATE, state(json).into());
    let known = labels.iter().map(String::as_str);
    put(LABELS, texts(known.filter(|label| is_label(label))));
    let mut assignees = json["assignees"].as_array().into_iter().flatten();
    if let (one, None) = (assignees.next(), assignees.next()) {
        let login = one.and_then(|one| one["login"].as_str());
        put(ASSIGNEE, login.into());
    }
    let name = |value: &Json, key: &str| value[key].as_str().map(one_line);
    put(MILESTONE, name(&json["milestone"], "title").into());
    let named = name(&json["type"], "name").map(|name| name.to_lowercase());
    put(TYPE, named.into());
    // A parent in another repository has no item here: the field is not compared.
    let place = format!("{root}/issues/").to_lowercase();
    match json["parent_issue_url"].as_str() {
        None => put(PARENT, Json::Null),
        Some(url) if url.to_lowercase().contains(&place) => put(PARENT, number_of(url).into()),
        Some(_) => {}
    }
    let waits = &json["issue_dependencies_summary"];
    Ok(Some(RemoteIssue {
        id: id(json, "id")?,
        number,
        author: text(&json["user"], "login"),
        is_insider: INSIDERS.contains(&text(json, "author_association").as_str()),
        closed_by: json["closed_by"]["login"].as_str().map(str::to_string),
        created_at: text(json, "created_at"),
        updated_at: text(json, "updated_at"),
        closed_at: json["closed_at"].as_str().map(str::to_string),
        has_dependencies: waits["total_blocked_by"].as_u64() > Some(0),
        fields,
        labels,
        has_due_milestone: json["milestone"]["due_on"].is_string(),
        mark,
    }))
}

pub(super) fn comment(json: &Json) -> Result<RemoteComment> {
    let issue = json["issue_url"].as_str().and_then(number_of);
    let (rest, mark) = mark::split(&text(json, "body"));
    Ok(RemoteComment {
        id: id(json, "id")?,
        issue: issue.unwrap_or_default(),
        author: text(&json["user"], "login"),
        is_insider: INSIDERS.contains(&text(json, "author_association").as_str()),
        created_at: text(json, "created_at"),
        updated_at: text(json, "updated_at"),
        text: rest,
        mark,
    })
}

/// A label that an item can have too.
fn is_label(label: &str) -> bool {
    crate::work::task::field_rules::check_label(label).is_ok_and(|same| same == label)
}

/// The number at the end of an issue's address.
fn number_of(url: &str) -> Option<u64> {
    url.rsplit('/').next()?.parse().ok()
}

fn state(json: &Json) -> &'static str {
    match (json["state"].as_str(), json["state_reason"].as_str()) {
        (Some("closed"), Some(reason)) if crate::model::status::is_given_up(reason) => NOT_PLANNED,
        (Some("closed"), _) => COMPLETED,
        _ => OPEN,
    }
}

pub(super) fn id(json: &Json, key: &str) -> Result<u64> {
    json[key].as_u64().ok_or_else(|| unexpected(key))
}

pub(super) fn text(json: &Json, key: &str) -> String {
    json[key].as_str().unwrap_or_default().to_string()
}
