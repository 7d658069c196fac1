//! The issues that `gh issue list --json …` prints, as the lines of a sheet. Pure.

use serde_json::Value as Json;

use super::rows::{Row, Sheet};
use crate::bridge::project::label_priority::priority_of_labels;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::status::is_given_up;

/// Reads them, or the one of `gh issue view`; none if the text is no JSON. Issues that do not say so are of
/// `repository`.
///
/// # Errors
/// When it is JSON of anything else, or no repository is known.
pub(super) fn read(text: &str, repository: Option<&str>) -> Result<Option<Sheet>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut first = text.chars().filter(|c| !c.is_whitespace());
    // No heading of a sheet begins so.
    if !matches!(
        (first.next(), first.next()),
        (Some('['), Some('{' | ']')) | (Some('{'), Some('"' | '}'))
    ) {
        return Ok(None);
    }
    let invalid = |what: String| {
        let error = Error::usage(what).because(Reason::ImportInvalid);
        let reads = "reads the issues of a repository at GitHub";
        error.hint(Hint::run(["import", "github", "OWNER/NAME"], reads))
    };
    let json: Json = serde_json::from_str(text)
        .map_err(|error| invalid(format!("the file is JSON that cannot be read: {error}")))?;
    let issues = match json {
        Json::Array(issues) => issues,
        issue => vec![issue],
    };
    let mut rows = Vec::new();
    for (issue, nth) in issues.iter().zip(1..) {
        if !issue["number"].is_u64() || !issue["title"].is_string() {
            let what = format!("entry {nth} of the JSON is no issue: it lacks number or title");
            return Err(invalid(what).hint(
                "of JSON, what `gh issue list --json number,title,url` prints is read; export CSV from other trackers",
            ));
        }
        let Some(cells) = cells(issue, repository) else {
            let what = format!("entry {nth} does not say of which repository it is");
            return Err(invalid(what)
                .hint("add `url` to its fields: `gh issue list --json number,title,url`"));
        };
        rows.push((nth, Row::new(cells)));
    }
    Ok(Some(Sheet {
        source: Some(super::GITHUB),
        heads: Vec::new(),
        rows,
        skipped: Vec::new(),
    }))
}

/// The cells of an issue; none if its repository is not known.
fn cells(issue: &Json, repository: Option<&str>) -> Option<Vec<(String, String)>> {
    let text = |key: &str| issue[key].as_str();
    let stated = text("url").and_then(|url| Some(url.split_once("://")?.1.to_string()));
    let is_stated = stated.is_some();
    let address =
        stated.or_else(|| Some(format!("{}/issues/{}", repository?, issue["number"])))?;
    let id = address.strip_prefix("github.com/").unwrap_or(&address);
    // `acme/widget#12`: a number alone is that of an issue in each repository.
    let mut cells = vec![("ID".to_string(), id.replacen("/issues/", "#", 1))];
    if !is_stated {
        cells.push(("url".to_string(), format!("https://{address}")));
    }
    let labels = words(&issue["labels"]);
    if let Some(priority) = priority_of_labels(labels.iter().map(String::as_str)) {
        cells.push(("priority".to_string(), format!("P{priority}")));
    }
    for part in ["description", "dueOn"] {
        let text = issue["milestone"][part].as_str().unwrap_or_default();
        if !text.trim().is_empty() {
            cells.push((format!("milestone.{part}"), text.to_string()));
        }
    }
    let is_closed = text("state").is_some_and(|state| state.eq_ignore_ascii_case("closed"));
    let is_dropped = is_closed && text("stateReason").is_some_and(is_given_up);
    for (key, value) in issue.as_object()? {
        let (head, found) = match key.as_str() {
            // `closed` is in the state.
            "id" | "number" | "closed" | "stateReason" => continue,
            "state" if is_dropped => (key.as_str(), vec!["cancelled".to_string()]),
            "url" if !is_stated => continue,
            "comments" => {
                let all = value.as_array().into_iter().flatten();
                ("comment", all.map(comment).collect())
            }
            _ => (key.as_str(), words(value)),
        };
        let found = found.into_iter().filter(|word| !word.trim().is_empty());
        cells.extend(found.map(|word| (head.to_string(), word)));
    }
    Some(cells)
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
