//! Findings as SARIF 2.1.0, as its schema and GitHub's code scanning accept it.

use crate::found::Found;
use crate::model::finding::Severity;
use crate::model::text;
use crate::paths;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The most results in a run that GitHub accepts. It shows the worst 5,000.
const RESULTS_MAX: usize = 25_000;

/// The file of what has none: GitHub refuses a log in which one result has no location.
const NO_FILE: &str = "no-file";

/// A finding to be written.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// What was found.
    pub found: &'a Found,
    /// Its fingerprint, by which a reader knows it again: see [`fingerprint`](crate::fingerprint()).
    pub fingerprint: &'a str,
    /// Its id in the review.
    pub id: &'a str,
    /// Why it was dismissed, possibly empty; `None` if it was not.
    pub dismissed: Option<&'a str>,
}

/// Writes findings as one run of the tool `git-pm`. Of more than 25,000, the least
/// severe are left out.
///
/// The id of a rule is ours as it is, or that of the reviewer's rule after the reviewer's name
/// (`ruff:F401`), or the category after it. What has no file or line is at the first line of `no-file` or
/// of its file for other readers.
pub fn write(mut out: impl Write, all: &[Written<'_>]) -> io::Result<()> {
    let mut order: Vec<&Written<'_>> = all.iter().collect();
    if order.len() > RESULTS_MAX {
        order.sort_by_key(|written| written.found.severity);
        order.truncate(RESULTS_MAX);
    }
    let mut rules = BTreeMap::new();
    for written in &order {
        let found = written.found;
        rules.entry(rule_id(found)).or_insert(&found.category);
    }
    let results: Vec<Value> = order.iter().map(|written| result(written)).collect();
    let rules: Vec<Value> = rules.into_iter().map(rule).collect();
    let version = env!("CARGO_PKG_VERSION");
    let driver = json!({ "name": "git-pm", "version": version, "rules": rules });
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "results": results }],
    });
    writeln!(out, "{}", text::escape_json(format!("{log:#}")))
}

/// What a person reads of a finding: what is wrong, what comes of it, what to do.
pub(crate) fn message(found: &Found) -> String {
    let rest = [&found.outcome, &found.suggestion].into_iter().flatten();
    rest.fold(found.claim.clone(), |text, part| text + "\n\n" + part)
}

fn rule_id(found: &Found) -> String {
    let rule = found.rule.as_ref().unwrap_or(&found.category);
    if found.reviewer == crate::rules::REVIEWER {
        return rule.clone();
    }
    format!("{}:{rule}", found.reviewer)
}

fn rule((id, category): (String, &String)) -> Value {
    let text = json!({ "text": format!("Findings of {id}.") });
    json!({
        "id": id,
        "shortDescription": text,
        "fullDescription": text,
        "help": text,
        "properties": { "tags": [category] },
    })
}

fn result(written: &Written<'_>) -> Value {
    let found = written.found;
    let level = match found.severity {
        Severity::P0 | Severity::P1 => "error",
        Severity::P2 => "warning",
        Severity::P3 => "note",
    };
    let place = found.place.as_ref();
    let lines = place.map(|place| json!({ "startLine": place.line, "endLine": place.end_line }));
    // What SARIF cannot say.
    let own = json!({
        "reviewer": found.reviewer,
        "rule": found.rule,
        "severity": found.severity,
        "category": found.category,
        "claim": found.claim,
        "quote": found.quote,
        "outcome": found.outcome,
        "suggestion": found.suggestion,
        "lines": lines,
        "removed": place.is_some_and(|place| place.removed),
    });
    // The lines of the base are none of the file.
    let line = place
        .filter(|place| !place.removed)
        .and_then(|place| place.line);
    let end = place
        .filter(|_| line.is_some())
        .and_then(|place| place.end_line);
    let start = line.unwrap_or(1);
    let mut region = json!({ "startLine": start, "endLine": end.unwrap_or(start) });
    if let (Some(quote), Some(_)) = (&found.quote, line) {
        region["snippet"] = json!({ "text": quote });
    }
    let uri = paths::to_uri(place.map_or(NO_FILE, |place| &place.path));
    let physical = json!({ "artifactLocation": { "uri": uri }, "region": region });
    let mut result = json!({
        "ruleId": rule_id(found),
        "level": level,
        "message": { "text": message(found) },
        "locations": [{ "physicalLocation": physical }],
        "partialFingerprints": { "gitPm/v1": written.fingerprint },
        "properties": { "id": written.id, "gitPm": own },
    });
    if let Some(reason) = written.dismissed {
        let status = "accepted";
        let one = json!({ "kind": "external", "status": status, "justification": reason });
        result["suppressions"] = json!([one]);
    }
    result
}
