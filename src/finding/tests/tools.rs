//! Findings as real tools write them.

use super::*;

#[test]
fn semgrep_puts_results_first_and_suppresses_in_the_source() {
    let imported = imported(
        r#"{"version":"2.1.0","runs":[{"invocations":[{"executionSuccessful":true}],"results":[
        {"fingerprints":{"matchBasedId/v1":"requires login"},"locations":[{"physicalLocation":{
            "artifactLocation":{"uri":"src/a b.py","uriBaseId":"%SRCROOT%"},
            "region":{"startLine":5,"endLine":5,"startColumn":8,"endColumn":14,
                "snippet":{"text":"    if x == x:  # nosem"}}}}],
         "message":{"text":"useless `x == x`"},"properties":{},"ruleId":"eqeq",
         "suppressions":[{"kind":"inSource"}]},
        {"locations":[{"physicalLocation":{
            "artifactLocation":{"uri":"src/a b.py","uriBaseId":"%SRCROOT%"},
            "region":{"startLine":7,"endLine":9,"startColumn":8,"endColumn":14,
                "snippet":{"text":"    if 3 == 3:\n"}}}}],
         "message":{"text":"useless `3 == 3`"},"properties":{},"ruleId":"eqeq"}],
        "tool":{"driver":{"name":"Semgrep OSS","semanticVersion":"1.0.0","rules":[
            {"id":"eqeq","defaultConfiguration":{"level":"error"},
             "properties":{"precision":"very-high","tags":["CWE-697","security"]}}]}}}],
        "$schema":"https://example.org/sarif-schema-2.1.0.json"}"#,
    );
    assert_eq!(imported.tools, ["Semgrep OSS"]);
    assert_eq!(
        only(imported),
        Found {
            reviewer: "Semgrep OSS".into(),
            rule: Some("eqeq".into()),
            severity: Severity::P1,
            category: "security".into(),
            claim: "useless `3 == 3`".into(),
            place: place("src/a b.py", Some(7), Some(9)),
            quote: Some("    if 3 == 3:".into()),
            outcome: None,
            suggestion: None,
        }
    );
}

#[test]
fn ruff_names_absolute_paths_and_a_fix_and_its_version_last() {
    let imported = imported(
        r#"{"$schema":"https://example.org/s.json","runs":[{"results":[
        {"fixes":[{"artifactChanges":[{"artifactLocation":{"uri":"file:///work/repo/a%20b.py"},
            "replacements":[{"deletedRegion":{"startLine":1},"insertedContent":{"text":"x"}}]}],
            "description":{"text":"Remove unused import: `os`"}}],
         "level":"error","locations":[{"physicalLocation":{
            "artifactLocation":{"uri":"file:///work/repo/a%20b.py"},
            "region":{"endColumn":1,"endLine":2,"startColumn":1,"startLine":1}}}],
         "message":{"text":"`os` imported but unused"},"ruleId":"F401"},
        {"level":"error","message":{"text":"elsewhere"},"locations":[{"physicalLocation":{
            "artifactLocation":{"uri":"file:///work/other/b.py"}}}]}],
        "tool":{"driver":{"informationUri":"https://example.org","name":"ruff","rules":[]}}}],
        "version":"2.1.0"}"#,
    );
    let found = only(imported);
    assert_eq!(found.place, place("a b.py", Some(1), None));
    assert_eq!(
        found.suggestion.as_deref(),
        Some("Remove unused import: `os`")
    );
    assert_eq!(
        (found.severity, found.category.as_str()),
        (Severity::P1, "lint")
    );
}

#[test]
fn codeql_keeps_its_rules_in_extensions_and_scores_them() {
    let run = |score: &str, of_result: &str| {
        let log = format!(
            r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"CodeQL"}},"extensions":[
            {{"name":"codeql/a","rules":[{{"id":"js/other"}}]}},
            {{"name":"codeql/b","rules":[{{"id":"js/x"}},{{"id":"js/sqli",
                "defaultConfiguration":{{"enabled":true,"level":"note"}},
                "properties":{{"tags":["external/cwe/cwe-089","security"],"security-severity":{score}}}}}]}}]}},
            "results":[{{{of_result}"message":{{"text":"This query depends on [a value](1)."}},
                "locations":[{{"physicalLocation":{{
                    "artifactLocation":{{"uri":"lib/db.js","uriBaseId":"%SRCROOT%","index":0}},
                    "region":{{"startLine":12,"startColumn":5,"endColumn":9}}}}}}],
                "codeFlows":[{{"threadFlows":[]}}],
                "partialFingerprints":{{"primaryLocationLineHash":"39fa2ee980eb94b0:1"}}}}]}}]}}"#
        );
        only(imported(&log))
    };
    let by_index = r#""rule":{"index":1,"toolComponent":{"index":1}},"#;
    for (score, severity) in [
        (r#""9.8""#, Severity::P0),
        (r#""8.8""#, Severity::P1),
        ("7.0", Severity::P1),
        (r#""4.0""#, Severity::P2),
        (r#""0.0""#, Severity::P3),
        (r#""NaN""#, Severity::P3),
        ("-1", Severity::P3),
        (r#""11""#, Severity::P3),
        ("null", Severity::P3),
        ("[[]]", Severity::P3),
    ] {
        for id in [
            by_index,
            r#""ruleId":"js/sqli","#,
            r#""ruleId":"js/sqli/deep","#,
        ] {
            let found = run(score, id);
            assert_eq!(found.severity, severity, "{score} {id}");
            assert_eq!(found.category, "security");
            assert!(found.rule.unwrap().starts_with("js/sqli"));
        }
    }
    let found = run("null", r#""ruleId":"js/unknown","#);
    assert_eq!(found.severity, Severity::P2);
    assert_eq!(found.place, place("lib/db.js", Some(12), None));
}

#[test]
fn eslint_names_files_by_index_and_an_rtm_schema() {
    let imported = imported(
        r#"{"version":"2.1.0-rtm.5","$schema":"http://json.schemastore.org/sarif-2.1.0-rtm.5","runs":[
        {"tool":{"driver":{"name":"ESLint","rules":[{"id":"no-eval","properties":{}}]}},
        "artifacts":[{"location":{"uri":"file:///work/repo/x.js"}}],
        "results":[{"level":"error","message":{"text":"eval can be harmful."},
            "locations":[{"physicalLocation":{"artifactLocation":{"index":0},
                "region":{"startLine":2,"startColumn":1,"endLine":2,"endColumn":5}}}],
            "ruleId":"no-eval","ruleIndex":0},
            {"message":{"text":"no such file"},"locations":[{"physicalLocation":{
                "artifactLocation":{"index":7}}}]}]}]}"#,
    );
    assert_eq!(imported.found[0].place, place("x.js", Some(2), None));
    assert_eq!(imported.found[1].place, None);
}

#[test]
fn clippy_and_bandit_give_rules_by_index_and_context() {
    let clippy = imported(&log(
        r#"{"name":"clippy","rules":[{"id":"clippy::needless_return","fullDescription":{"text":"x"}}]}"#,
        r#"{"level":"warning","locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/main.rs"},
            "region":{"byteLength":5,"byteOffset":3,"startLine":3,"endLine":3}}}],
            "message":{"text":"unneeded `return` \u001b[1mstatement\u001b[0m\n  help: remove it"},
            "relatedLocations":[],"ruleIndex":0}"#,
    ));
    let found = only(clippy);
    assert_eq!(found.rule.as_deref(), Some("clippy::needless_return"));
    assert!(
        !found.claim.contains(|c: char| c.is_control()),
        "{}",
        found.claim
    );
    let bandit = imported(&log(
        r#"{"name":"Bandit","rules":[{"id":"B602","name":"x","properties":{"tags":["SECURITY"]}}]}"#,
        r#"{"message":{"text":"call with {0} and shell=True, {{x}}"},"level":"note","ruleId":"B602",
            "locations":[{"physicalLocation":{"region":{"snippet":{"text":"    call(x,\tshell=True)\n"},
                "startLine":3},"artifactLocation":{"uri":"src/a%20b.py"},
                "contextRegion":{"snippet":{"text":"other"},"startLine":1}}}],
            "properties":{"issue_confidence":"HIGH","issue_severity":"LOW"},"ruleIndex":0}"#,
    ));
    let found = only(bandit);
    assert_eq!(found.claim, "call with {0} and shell=True, {{x}}");
    assert_eq!(found.quote.as_deref(), Some("    call(x,\tshell=True)"));
    assert_eq!(
        (found.severity, found.category.as_str()),
        (Severity::P3, "security")
    );
}

#[test]
fn trivy_joins_paths_with_the_folder_that_it_scanned() {
    let path = |bases: &str, location: &str| {
        imported(&format!(
            r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"Trivy"}}}},
            "results":[{{"message":{{"text":"m"}},"locations":[{{"physicalLocation":{{
                "artifactLocation":{location}}}}}]}}],"originalUriBaseIds":{bases}}}]}}"#
        ))
        .found
        .pop()
        .map(|found| found.place.unwrap_or_default().path)
    };
    let a = r#"{"uri":"a/go.mod","uriBaseId":"ROOTPATH"}"#;
    for (bases, expected) in [
        (r#"{"ROOTPATH":{"uri":"file:///work/repo/"}}"#, "a/go.mod"),
        (
            r#"{"ROOTPATH":{"uri":"file:///work/repo/sub/"}}"#,
            "sub/a/go.mod",
        ),
        (r#"{"ROOTPATH":{"uri":"file:///"}}"#, "a/go.mod"),
        (
            r#"{"ROOTPATH":{"uri":"sub/","uriBaseId":"TOP"},"TOP":{"uri":"file:///elsewhere/"}}"#,
            "sub/a/go.mod",
        ),
        (
            r#"{"ROOTPATH":{"uri":"sub/","uriBaseId":"TOP"},"TOP":{"uri":"file:///work/repo"}}"#,
            "sub/a/go.mod",
        ),
        (r#"{"ROOTPATH":{"uriBaseId":"ROOTPATH"}}"#, "a/go.mod"),
        (
            r#"{"ROOTPATH":{"uri":"x","uriBaseId":"ROOTPATH"}}"#,
            "x/x/x/x/x/x/x/x/a/go.mod",
        ),
        ("{}", "a/go.mod"),
        ("[]", "a/go.mod"),
    ] {
        assert_eq!(path(bases, a).as_deref(), Some(expected), "{bases}");
    }
    let up = r#"{"uri":"../x","uriBaseId":"ROOTPATH"}"#;
    assert_eq!(
        path(r#"{"ROOTPATH":{"uri":"file:///work/repo/sub/"}}"#, up),
        None
    );
    assert_eq!(path("{}", r#"{"uri":""}"#).as_deref(), Some(""));
}

#[test]
fn messages_come_from_the_strings_of_rules() {
    let tool = r#"{"name":"t","globalMessageStrings":{"g":{"text":"global {0}"}},"rules":[
        {"id":"r","messageStrings":{"m":{"text":"'{0}' in {1}, {{{0}}}, {9} {x} {"}}}]}"#;
    let claim = |message: &str| {
        let result = format!(r#"{{"ruleId":"r","message":{message}}}"#);
        imported(&log(tool, &result))
            .found
            .pop()
            .map(|found| found.claim)
    };
    for (message, expected) in [
        (
            r#"{"id":"m","arguments":["a","b"]}"#,
            Some("'a' in b, {a}, {9} {x} {"),
        ),
        (r#"{"id":"g","arguments":["a"]}"#, Some("global a")),
        (
            r#"{"text":"{1} {0} }}","arguments":["a","b"]}"#,
            Some("b a }"),
        ),
        (r#"{"text":"{0}","arguments":[5]}"#, Some("{0}")),
        (r#"{"id":"none","markdown":"**m**"}"#, Some("**m**")),
        (r#"{"id":"none"}"#, None),
        (r#"{"text":"  \n "}"#, None),
        ("5", None),
    ] {
        assert_eq!(claim(message).as_deref(), expected, "{message}");
    }
    let long = format!(
        r#"{{"text":"{}","arguments":["{}"]}}"#,
        "{0}".repeat(9000),
        "x".repeat(9000)
    );
    assert_eq!(claim(&long).unwrap().chars().count(), 2000);
}

#[test]
fn only_failures_that_are_new_are_findings() {
    let count = |fields: &str| {
        result(&format!(r#"{{"message":{{"text":"m"}},{fields}}}"#))
            .found
            .len()
    };
    for kind in ["pass", "notApplicable", "open", "review", "informational"] {
        assert_eq!(count(&format!(r#""kind":"{kind}""#)), 0, "{kind}");
    }
    for no in [
        r#""level":"none""#,
        r#""baselineState":"unchanged""#,
        r#""baselineState":"absent""#,
        r#""suppressions":[{"kind":"external","status":"accepted"}]"#,
    ] {
        assert_eq!(count(no), 0, "{no}");
    }
    for kept in [
        r#""kind":"fail""#,
        r#""baselineState":"new""#,
        r#""baselineState":"updated""#,
        r#""suppressions":[]"#,
        r#""suppressions":[{"kind":"inSource"},{"status":"rejected"}]"#,
        r#""suppressions":[{"status":"underReview"}]"#,
        r#""level":"severe""#,
    ] {
        assert_eq!(count(kept), 1, "{kept}");
    }
}

#[test]
fn several_runs_and_logs_are_one_import() {
    let one = |tool: &str| {
        let tool = format!(r#"{{"name":"{tool}"}}"#);
        log(&tool, r#"{"message":{"text":"m"}}"#)
    };
    let both = imported(&format!("{}\n{}{}\n", one("a"), one("b"), one("a")));
    assert_eq!(both.tools, ["a", "b"]);
    assert_eq!(both.found.len(), 3);
    let marked = imported(&format!("\u{feff}{}", one("a")));
    assert_eq!(marked.found.len(), 1);
}
