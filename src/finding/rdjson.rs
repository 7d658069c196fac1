//! The formats of reviewdog: rdjson, one object with all diagnostics, and rdjsonl, one a line.

use crate::found::Found;
use crate::import::{Reading, name};
use crate::model::finding::Severity;
use crate::model::text;
use crate::paths::to_uri;
use crate::sarif::{self, Written, message};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Keeps diagnostics, as the results that they would be in SARIF. What one does not say of its tool and
/// its level, the whole says.
pub(crate) fn finish(whole: &Value, diagnostics: &[Value], reading: &mut Reading<'_>) {
    for one in diagnostics {
        let location = &one["location"];
        let Some(path) = location["path"].as_str() else {
            continue;
        };
        let (start, end) = (&location["range"]["start"], &location["range"]["end"]);
        let region = json!({
            "startLine": start["line"],
            "endLine": end["line"],
            "endColumn": end["column"],
        });
        let file = json!({ "uri": to_uri(path) });
        let result = json!({
            "ruleId": one["code"]["value"],
            "level": level(one).or_else(|| level(whole)),
            "message": { "text": one["message"] },
            "locations": [{ "physicalLocation": { "artifactLocation": file, "region": region } }],
            "fixes": [{ "description": one["suggestions"][0] }],
        });
        let mut tools = [one, whole].map(|some| &some["source"]["name"]).into_iter();
        let tool = tools.find_map(|tool| name(tool.as_str()?));
        let run = json!({ "tool": { "driver": { "name": tool } } });
        sarif::read::finish(&run, vec![result], reading);
    }
}

/// The level of a severity by name or, as protocol buffers also write it, by number.
fn level(one: &Value) -> Option<&str> {
    let severity = &one["severity"];
    match (severity.as_str(), severity.as_u64()) {
        (Some("ERROR"), _) | (_, Some(1)) => Some("error"),
        (Some("WARNING"), _) | (_, Some(2)) => Some("warning"),
        (Some("INFO"), _) | (_, Some(3)) => Some("note"),
        _ => None,
    }
}

/// Writes findings as rdjson, or as rdjsonl if `by_line`. Neither can tell that one was dismissed:
/// these are left out. A suggestion of ours is no text to insert; it is a part of the message.
pub fn write(mut out: impl Write, findings: &[Written<'_>], by_line: bool) -> io::Result<()> {
    let open = findings
        .iter()
        .filter(|written| written.dismissed.is_none());
    let diagnostics = open.map(|written| diagnostic(written.found));
    if by_line {
        for one in diagnostics {
            writeln!(out, "{}", text::escape_json(one.to_string()))?;
        }
        return Ok(());
    }
    let diagnostics: Vec<Value> = diagnostics.collect();
    let whole = json!({ "source": { "name": "git-pm" }, "diagnostics": diagnostics });
    writeln!(out, "{}", text::escape_json(format!("{whole:#}")))
}

fn diagnostic(found: &Found) -> Value {
    let severity = match found.severity {
        Severity::P0 | Severity::P1 => "ERROR",
        Severity::P2 => "WARNING",
        Severity::P3 => "INFO",
    };
    let mut one = json!({
        "message": message(found),
        "severity": severity,
        "source": { "name": found.reviewer },
    });
    if let Some(rule) = &found.rule {
        one["code"] = json!({ "value": rule });
    }
    if let Some(place) = &found.place {
        one["location"] = json!({ "path": place.path });
        // A line of the base is none of the file.
        if let Some(line) = place.line.filter(|_| !place.removed) {
            let end = place.end_line.unwrap_or(line);
            one["location"]["range"] = json!({ "start": { "line": line }, "end": { "line": end } });
        }
    }
    one
}
