//! Summaries, and the errors of invalid lines.

use super::*;
use crate::error::Kind;

#[test]
fn numbers_are_grouped() {
    let wanted = [
        (0, "0"),
        (999, "999"),
        (1000, "1,000"),
        (1234567, "1,234,567"),
    ];
    for (n, text) in wanted {
        assert_eq!(grouped(n), text);
    }
}

#[test]
fn the_summary_begins_with_the_largest_number() {
    let done = BTreeMap::from([("cancelled", 3000), ("created", 7000), ("changed", 1)]);
    assert_eq!(summary(&done), "7,000 created, 3,000 cancelled, 1 changed");
}

#[track_caller]
fn refusal(line: &str) -> String {
    match parse(1, line) {
        Ok(_) => panic!("taken: {line}"),
        Err(error) => {
            assert_eq!(error.kind(), Kind::Usage);
            error.message().to_string()
        }
    }
}

#[test]
fn a_bad_line_is_refused_with_the_reason() {
    let said = [
        ("{", "not JSON: EOF while parsing an object at byte 1"),
        ("[1]", "invalid type: sequence, expected a JSON object"),
        (
            r#"{"op":"task.create","title":"a","title":"b"}"#,
            "the key `title` appears twice",
        ),
        (r#"{"title":"a"}"#, "the key `op` is missing"),
        (r#"{"op":1}"#, "`op` must be a string"),
        (
            r#"{"op":"task.make"}"#,
            "`task.make` is not an operation of a batch",
        ),
        (
            r#"{"op":"task.create"}"#,
            "task.create needs the key `title`",
        ),
        (
            r#"{"op":"task.undefer","id":1}"#,
            "`id` of task.undefer must be a string or a list of strings",
        ),
        (
            r#"{"op":"task.create","title":"a","priority":5}"#,
            "`priority` of task.create must be a number from 0 (highest) to 4",
        ),
        (
            r#"{"op":"task.create","title":"a","label":["x",1]}"#,
            "`label` of task.create must be a string or a list of strings",
        ),
        (
            r#"{"op":"task.accept","id":"T-1","n":0}"#,
            "`n` of task.accept must be a positive integer or a list of them",
        ),
        (
            r#"{"op":"task.undefer","id":"T-1","why":"x"}"#,
            "task.undefer has no key `why`",
        ),
        (
            r#"{"op":"task.undefer","id":"T-1","if-version":7}"#,
            "`if-version` of task.undefer must be a string",
        ),
        (
            r#"{"op":"reserve.add","path":"x"}"#,
            "`reserve.add` cannot be part of a batch: it has to be confirmed by the remote",
        ),
    ];
    for (line, wanted) in said {
        assert_eq!(refusal(line), wanted, "{line}");
    }
}

#[test]
fn null_means_that_the_key_is_absent() {
    let line = r#"{"op":"task.create","title":"a","epic":null,"if-version":null}"#;
    assert!(refusal(line).contains("no key `if-version`"));
    assert!(parse(1, &line.replace(r#","if-version":null"#, "")).is_ok());
}
