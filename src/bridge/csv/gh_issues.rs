//! The issues that `gh issue list --json …` prints, as the lines of a sheet. Pure.

use serde_json::Value as Json;

use super::rows::{Row, Sheet};

/// Reads them, or the one of `gh issue view`; none if the text is anything else.
pub(super) fn read(text: &str) -> Option<Sheet> {
    let json: Json = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let issues = match json {
        Json::Array(issues) => issues,
        issue => vec![issue],
    };
    let rows = issues.iter().zip(1..);
    let rows: Option<Vec<(usize, Row)>> = rows
        .map(|(issue, nth)| Some((nth, Row::new(cells(issue)?))))
        .collect();
    Some(Sheet {
        source: Some(super::GITHUB),
        heads: Vec::new(),
        rows: rows?,
        skipped: Vec::new(),
    })
}

/// The cells of an issue; none if it lacks what says which one it is.
fn cells(issue: &Json) -> Option<Vec<(String, String)>> {
    let text = |key: &str| issue[key].as_str();
    let (_, address) = text("url")?.split_once("://")?;
    let id = address.strip_prefix("github.com/").unwrap_or(address);
    issue["number"].as_u64().and(text("title"))?;
    // `acme/widget#12`: a number alone is that of an issue in each repository.
    let mut cells = vec![("ID".to_string(), id.replacen("/issues/", "#", 1))];
    for (key, value) in issue.as_object()? {
        let (head, found) = match key.as_str() {
            // `closed` is in the state.
            "id" | "number" | "closed" | "stateReason" => continue,
            "state" if matches!(text("stateReason"), Some("NOT_PLANNED" | "DUPLICATE")) => {
                (key.as_str(), vec!["cancelled".to_string()])
            }
            "comments" => ("comment", value.as_array()?.iter().map(comment).collect()),
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
