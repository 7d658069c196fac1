//! The issues that `gh issue list --json …` and `gh api` print, as the lines of a sheet. Pure.

use serde_json::{Map, Value as Json};

use super::rows::{self, Row, Sheet};
use crate::bridge::project::label_priority::priority_of_labels;
use crate::error::{Error, Reason, Result};
use crate::model::status::is_given_up;

/// Reads them, or the one of `gh issue view`, also in several arrays, as they are read page by page; any text that is no JSON as a sheet. Issues that do not say so are
/// of `repository`.
///
/// # Errors
/// When it is JSON of anything else, or no repository is known; as [`rows::read`].
pub(super) fn read(text: &str, repository: Option<&str>) -> Result<Sheet> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with(['{', '[']) {
        return rows::read(text);
    }
    let invalid = |what: String| {
        let hint = "`gh issue list --json number,title,url` prints what is needed, \
                    `git pm import github OWNER/NAME` reads it itself; other trackers export CSV";
        (Error::usage(what).because(Reason::ImportInvalid)).hint(hint)
    };
    let mut issues = Vec::new();
    for json in serde_json::Deserializer::from_str(text).into_iter::<Json>() {
        let json = json.map_err(|error| invalid(format!("the JSON cannot be read: {error}")))?;
        add_issues(json, &mut issues);
    }
    let (mut rows, mut left_out) = (Vec::new(), 0);
    for (issue, nth) in issues.into_iter().zip(1..) {
        let Some(issue) = as_gh(issue) else {
            left_out += 1;
            continue;
        };
        let cells = cells(&issue, repository)
            .map_err(|lacks| invalid(format!("issue {nth} of the JSON lacks `{lacks}`")))?;
        rows.push((nth, Row::new(cells)));
    }
    Ok(Sheet {
        source: Some(super::GITHUB),
        heads: Vec::new(),
        rows,
        skipped: Vec::new(),
        left_out,
    })
}

/// Adds what is in an array, which may be one of pages; anything else is an issue.
fn add_issues(json: Json, issues: &mut Vec<Json>) {
    match json {
        Json::Array(all) => all.into_iter().for_each(|one| add_issues(one, issues)),
        issue => issues.push(issue),
    }
}

/// An issue of the REST API with the keys that `gh` gives it; none for a pull request, which the API has among them.
fn as_gh(issue: Json) -> Option<Json> {
    let Json::Object(all) = issue else {
        return Some(issue);
    };
    if !all.contains_key("html_url") {
        return Some(Json::Object(all));
    }
    if all.get("pull_request").is_some_and(Json::is_object) {
        return None;
    }
    let mut out = Map::new();
    for (key, mut value) in all {
        let name = match key.as_str() {
            "html_url" => "url",
            "user" => "author",
            "created_at" => "createdAt",
            "updated_at" => "updatedAt",
            "closed_at" => "closedAt",
            "state_reason" => "stateReason",
            // One of the assignees, and the number of comments.
            "assignee" | "comments" | "node_id" | "url" => continue,
            other if other.ends_with("_url") => continue,
            other => other,
        };
        if let Json::String(state) = &mut value
            && name == "state"
        {
            state.make_ascii_uppercase();
        }
        if name == "milestone" && value.is_object() {
            value["dueOn"] = value["due_on"].clone();
        }
        out.insert(name.to_string(), value);
    }
    Some(Json::Object(out))
}

/// The cells of an issue.
///
/// # Errors
/// What it lacks to say which one it is.
fn cells(issue: &Json, repository: Option<&str>) -> Result<Vec<(String, String)>, &'static str> {
    let text = |key: &str| issue[key].as_str();
    let number = issue["number"].as_u64().ok_or("number")?;
    text("title").ok_or("title")?;
    let here = || Some(format!("https://{}/issues/{number}", repository?));
    let url = text("url").map(str::to_string).or_else(here);
    let url = url.ok_or("url")?;
    let (_, address) = url.split_once("://").ok_or("url")?;
    let id = address.strip_prefix("github.com/").unwrap_or(address);
    // `acme/widget#12`: a number alone is that of an issue in each repository.
    let id = id.replacen("/issues/", "#", 1);
    let mut cells = vec![("ID".to_string(), id), ("url".to_string(), url)];
    let labels = words(&issue["labels"]);
    let priority = priority_of_labels(labels.iter().map(String::as_str));
    cells.extend(priority.map(|number| ("priority".to_string(), format!("P{number}"))));
    let due = words(&issue["milestone"]["dueOn"]).into_iter();
    cells.extend(due.map(|due| ("milestone.dueOn".to_string(), due)));
    let is_open = text("state") == Some("OPEN");
    for (key, value) in issue.as_object().into_iter().flatten() {
        let (head, found) = match key.as_str() {
            // `closed` is in the state.
            "id" | "number" | "url" | "closed" | "stateReason" => continue,
            "state" if !is_open && text("stateReason").is_some_and(is_given_up) => {
                (key.as_str(), vec!["cancelled".to_string()])
            }
            "comments" => {
                let all = value.as_array().into_iter().flatten();
                ("comment", all.map(comment).collect())
            }
            _ => (key.as_str(), words(value)),
        };
        let found = found.into_iter().filter(|word| !word.trim().is_empty());
        cells.extend(found.map(|word| (head.to_string(), word)));
    }
    Ok(cells)
}

/// A comment as the cells of Jira have it.
fn comment(one: &Json) -> String {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_string();
    let [at, author, body] = [&one["createdAt"], &one["author"]["login"], &one["body"]].map(text);
    format!("{at};{author};{body}")
}

/// What a value says in cells: a person is a login, a label a name, a milestone a title.
fn words(value: &Json) -> Vec<String> {
    let name = |key: &&str| value[*key].is_string();
    match value {
        Json::Null | Json::Bool(false) => Vec::new(),
        Json::String(text) => vec![text.clone()],
        Json::Array(all) => all.iter().flat_map(words).collect(),
        Json::Object(_) => match ["login", "name", "title"].into_iter().find(name) {
            // A comma would separate two.
            Some(key) => {
                let words = words(&value[key]).into_iter();
                words.map(|word| word.replace([',', ';'], " ")).collect()
            }
            None => vec![value.to_string()],
        },
        other => vec![other.to_string()],
    }
}
