//! Findings that are written and read again.

use super::*;
use crate::sarif::Written;
use crate::{fingerprint, rdjson, sarif};
use proptest::prelude::*;
use serde_json::Value;

fn found() -> Found {
    Found {
        reviewer: "ruff".into(),
        rule: Some("F401".into()),
        severity: Severity::P2,
        category: "lint".into(),
        claim: "`os` imported but unused".into(),
        place: place("src/a b.py", Some(3), Some(4)),
        quote: Some("import os\nimport sys".into()),
        outcome: Some("It is loaded for nothing.".into()),
        suggestion: Some("Remove it.".into()),
    }
}

fn as_written<'a>(found: &'a [Found], fingerprints: &'a [String]) -> Vec<Written<'a>> {
    let both = found.iter().zip(fingerprints);
    both.map(|(found, fingerprint)| Written {
        found,
        fingerprint,
        id: "f1",
        dismissed: None,
    })
    .collect()
}

fn sarif_of(written: &[Written<'_>]) -> Value {
    let mut out = Vec::new();
    sarif::write(&mut out, written).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn sarif_has_what_code_scanning_shows() {
    let mut all = vec![found(); 4];
    all[1].severity = Severity::P0;
    all[1].rule = None;
    all[1].reviewer = "eve".into();
    all[1].category = "security".into();
    all[2].reviewer = "git-pm".into();
    all[2].rule = Some("debug-left".into());
    all[2].place.as_mut().unwrap().removed = true;
    all[2].claim = "\u{1b}[31m\u{202e}".into();
    all[3].place = None;
    all[3].severity = Severity::P3;
    let fingerprints: Vec<String> = all.iter().map(|found| fingerprint(found, 0)).collect();
    let mut written = as_written(&all, &fingerprints);
    written[3].dismissed = Some("as intended");
    let log = sarif_of(&written);
    let run = &log["runs"][0];
    let ids: Vec<&Value> = run["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| &rule["id"])
        .collect();
    assert_eq!(ids, ["debug-left", "eve:security", "ruff:F401"]);
    let results = run["results"].as_array().unwrap();
    let of = |key: &str| {
        results
            .iter()
            .map(|one| one[key].clone())
            .collect::<Vec<Value>>()
    };
    assert_eq!(of("level"), ["warning", "error", "warning", "note"]);
    assert_eq!(
        of("ruleId"),
        ["ruff:F401", "eve:security", "debug-left", "ruff:F401"]
    );
    assert_eq!(
        results[0]["partialFingerprints"]["gitPm/v1"],
        fingerprints[0]
    );
    assert_eq!(
        results[0]["locations"][0]["physicalLocation"],
        serde_json::json!({
            "artifactLocation": { "uri": "src/a%20b.py" },
            "region": { "startLine": 3, "endLine": 4, "snippet": { "text": "import os\nimport sys" } },
        })
    );
    assert_eq!(
        results[0]["message"]["text"],
        "`os` imported but unused\n\nIt is loaded for nothing.\n\nRemove it."
    );
    let of_place = |at: usize| &results[at]["locations"][0]["physicalLocation"];
    let first_line = serde_json::json!({ "startLine": 1, "endLine": 1 });
    assert_eq!(of_place(2)["region"], first_line);
    assert_eq!(of_place(3)["region"], first_line);
    assert_eq!(of_place(3)["artifactLocation"]["uri"], "no-file");
    assert_eq!(
        results[3]["suppressions"][0]["justification"],
        "as intended"
    );
}

#[test]
fn output_has_no_character_that_steers() {
    let mut steering = found();
    steering.claim = "\u{1b}[31m \u{202e} \u{7f} \u{e0041}".into();
    let all = [steering];
    let fingerprints = [String::new()];
    let written = as_written(&all, &fingerprints);
    let mut out = Vec::new();
    sarif::write(&mut out, &written).unwrap();
    rdjson::write(&mut out, &written, false).unwrap();
    rdjson::write(&mut out, &written, true).unwrap();
    let text = String::from_utf8(out).unwrap().replace('\n', "");
    assert!(!text.contains(crate::model::text::steers));
}

#[test]
fn the_least_severe_are_left_out_above_the_limit_of_code_scanning() {
    let mut all = vec![found(); 25_002];
    all[25_001].severity = Severity::P0;
    let fingerprints = vec![String::new(); all.len()];
    let log = sarif_of(&as_written(&all, &fingerprints));
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[0]["level"], "error");
}

#[test]
fn rdjson_has_open_findings_only() {
    let mut all = vec![found(); 3];
    all[1].place.as_mut().unwrap().removed = true;
    let fingerprints = vec![String::new(); 3];
    let mut written = as_written(&all, &fingerprints);
    written[2].dismissed = Some("");
    for by_line in [false, true] {
        let mut out = Vec::new();
        rdjson::write(&mut out, &written, by_line).unwrap();
        let read = imported(&String::from_utf8(out).unwrap());
        assert_eq!(read.tools, ["ruff"]);
        let [first, second] = &read.found[..] else {
            panic!("{read:?}");
        };
        assert_eq!(first.place, place("src/a b.py", Some(3), Some(4)));
        assert_eq!(second.place, place("src/a b.py", None, None));
        assert_eq!(first.severity, Severity::P2);
        assert_eq!(first.rule.as_deref(), Some("F401"));
        assert!(
            first.claim.starts_with("`os` imported but unused"),
            "{}",
            first.claim
        );
    }
}

/// Texts that reading leaves as they are.
fn line() -> impl Strategy<Value = String> {
    "[a-zA-Z{}\"\\\\<é修](?:[ -~é修]{0,40}[!-~é修])?"
}

fn findings() -> impl Strategy<Value = Found> {
    let lines = proptest::option::of((1..5000u32, proptest::option::of(1..50u32)));
    let place = (
        "[a-zé% #?~:@+-]{1,6}(?:/[a-zé%:]{1,5}){0,3}",
        lines,
        any::<bool>(),
    );
    let place = place.prop_map(|(path, lines, removed)| Place {
        path: format!("xy{path}"),
        line: lines.map(|(line, _)| line),
        end_line: lines.and_then(|(line, more)| Some(line + more?)),
        removed,
    });
    let texts = (line(), proptest::option::of(line()), line(), line());
    let quote = "\t{0,2}[a-z](?:[ -~\n\t]{0,60}[!-~])?";
    let more = (
        proptest::option::of(quote),
        proptest::option::of(line()),
        proptest::option::of(line()),
    );
    (texts, 0..4usize, proptest::option::of(place), more).prop_map(
        |((reviewer, rule, category, claim), severity, place, (quote, outcome, suggestion))| {
            Found {
                reviewer,
                rule,
                severity: Severity::ALL[severity],
                category,
                claim,
                place,
                quote,
                outcome,
                suggestion,
            }
        },
    )
}

proptest! {
    #[test]
    fn what_was_written_is_read_again(all in proptest::collection::vec(findings(), 0..8)) {
        let fingerprints = vec!["0".to_string(); all.len()];
        let log = sarif_of(&as_written(&all, &fingerprints));
        let read = imported(&log.to_string());
        prop_assert_eq!(read.found, all);
        prop_assert_eq!(read.over, 0);
    }

    #[test]
    fn no_text_panics(text in "[\\[\\]{}\":,a-z0-9.-]{0,60}") {
        drop(read(text.as_bytes(), &OPTIONS));
        drop(read(log("{}", &text).as_bytes(), &OPTIONS));
    }
}
