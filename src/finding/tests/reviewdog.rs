//! Findings in the formats of reviewdog.

use super::*;

#[test]
fn rdjson_of_ruff_says_its_tool_last() {
    let imported = imported(
        r#"{"diagnostics":[
        {"code":{"url":"https://example.org","value":"I001"},"location":{"path":"/work/repo/src/a b.py",
            "range":{"end":{"column":22,"line":3},"start":{"column":1,"line":1}}},
         "message":"Import block is un-sorted","suggestions":[{"range":{"start":{"line":1}},
            "text":"import os\nimport sys\n"}]},
        {"location":{"path":"b.py","range":{"start":{"line":4},"end":{"line":5,"column":1}}},
         "message":"other","severity":"INFO","source":{"name":"mypy"}},
        {"location":{"path":"c.py"},"message":"third","severity":1,"original_output":"x"}],
        "severity":"WARNING","source":{"name":"ruff","url":"https://example.org"}}"#,
    );
    assert_eq!(imported.tools, ["ruff", "mypy"]);
    let [first, second, third] = &imported.found[..] else {
        panic!("{imported:?}");
    };
    assert_eq!(
        *first,
        Found {
            reviewer: "ruff".into(),
            rule: Some("I001".into()),
            severity: Severity::P2,
            category: "lint".into(),
            claim: "Import block is un-sorted".into(),
            place: place("src/a b.py", Some(1), Some(3)),
            quote: None,
            outcome: None,
            suggestion: Some("import os\nimport sys".into()),
        }
    );
    assert_eq!(
        (second.reviewer.as_str(), second.severity),
        ("mypy", Severity::P3)
    );
    assert_eq!(second.place, place("b.py", Some(4), None));
    assert_eq!(
        (third.reviewer.as_str(), third.severity),
        ("ruff", Severity::P1)
    );
    assert_eq!(third.place, place("c.py", None, None));
}

#[test]
fn rdjsonl_has_one_on_each_line() {
    let imported = imported(
        r#"{"message":"a","location":{"path":"a.py","range":{"start":{"line":14,"column":15}}},"severity":"ERROR"}
{"location":{"path":"../a.py"},"message":"b"}

{"message":"c","source":{"name":"x"},"location":{"path":"c.py","range":{"start":{"line":99999999999}}},"severity":"LOUD"}
{"message":"no place"}
{"location":{"path":"d.py"}}
{"message":"e","location":{"path":"."}}
"#,
    );
    assert_eq!(imported.found.len(), 3);
    assert_eq!(imported.tools, ["unnamed", "x"]);
    assert_eq!(imported.found[0].place, place("a.py", Some(14), None));
    assert_eq!(imported.found[0].severity, Severity::P1);
    assert_eq!(imported.found[1].place, place("c.py", None, None));
    assert_eq!(imported.found[1].severity, Severity::P2);
    assert_eq!(imported.found[2].place, None);
}

#[test]
fn a_tool_that_found_nothing_is_no_error() {
    for nothing in [
        r#"{"diagnostics":[]}"#,
        r#"{"diagnostics":null,"source":{"name":"x"}}"#,
        r#"{"version":"2.1.0","runs":[]}"#,
        r#"{"version":"2.1.0","runs":null}"#,
        r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":null}]}"#,
    ] {
        let imported = imported(nothing);
        assert!(imported.found.is_empty() && imported.over == 0, "{nothing}");
    }
    assert!(matches!(refused(b" \n\t"), Error::Empty));
}
