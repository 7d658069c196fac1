//! Files of findings that are broken or hostile.

use super::*;
use std::io::{self, Cursor, Read};
use std::time::{Duration, Instant};

/// The same text many times, without holding it in memory.
struct Repeated(&'static [u8], usize, usize);

impl Read for Repeated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Repeated(text, at, left) = self;
        let mut count = 0;
        while count < buffer.len() && *left > 0 {
            let part = &text[*at..];
            let size = part.len().min(buffer.len() - count);
            buffer[count..count + size].copy_from_slice(&part[..size]);
            (count, *at) = (count + size, *at + size);
            if *at == text.len() {
                (*at, *left) = (0, *left - 1);
            }
        }
        Ok(count)
    }
}

/// What is read of a text that is repeated between two others.
fn between(
    start: &'static str,
    text: &'static str,
    times: usize,
    end: &'static str,
) -> Result<Imported, Error> {
    let started = Instant::now();
    let repeated = Repeated(text.as_bytes(), 0, times);
    let input = Cursor::new(start).chain(repeated).chain(Cursor::new(end));
    let imported = read(input, &OPTIONS);
    assert!(
        started.elapsed() < Duration::from_secs(120),
        "{:?}",
        started.elapsed()
    );
    imported
}

const START: &str = r#"{"version":"2.1.0","runs":[{"results":["#;
const END: &str =
    r#"{"message":{"text":"last"},"level":"error"}],"tool":{"driver":{"name":"t"}}}]}"#;

#[test]
fn of_a_million_results_a_few_are_kept_and_all_are_counted() {
    let results = between(START, r#"{"message":{"text":"m"}},"#, 1_000_000, END).unwrap();
    assert_eq!(results.found.len(), 200);
    assert_eq!(results.over, 999_801);
    let line = r#"{"message":"m","location":{"path":"a"}}"#;
    let lines = between("", line, 20_000, "").unwrap();
    assert_eq!((lines.found.len(), lines.over), (200, 19_800));
}

#[test]
fn the_worst_are_kept() {
    let of_level = |level: &str, claim: usize| {
        format!(r#"{{"level":"{level}","message":{{"text":"{claim}"}}}}"#)
    };
    let all: Vec<String> = (0..300)
        .map(|at| of_level(if at % 100 == 99 { "error" } else { "note" }, at))
        .collect();
    let options = Options {
        limit: 5,
        ..OPTIONS
    };
    let text = log(r#"{"name":"t"}"#, &all.join(","));
    let imported = read(text.as_bytes(), &options).unwrap();
    let claims: Vec<&str> = imported
        .found
        .iter()
        .map(|found| found.claim.as_str())
        .collect();
    assert_eq!(claims, ["99", "199", "299", "0", "1"]);
    assert_eq!(imported.over, 295);
}

#[test]
fn what_is_dropped_takes_no_room() {
    let passed = r#"{"kind":"pass","message":{"text":"m"}},"#;
    let results = between(START, passed, 20_000, END).unwrap();
    assert_eq!(results.over, 0);
    assert_eq!(only(results).claim, "last");
}

#[test]
fn a_text_of_200_megabytes_is_no_finding() {
    let text = between(
        r#"{"version":"2.1.0","runs":[{"results":[{"message":{"text":""#,
        "0123456789",
        20_000_000,
        r#""}}]}]}"#,
    )
    .unwrap();
    assert_eq!((text.found.len(), text.over), (0, 0));
    let other = between(
        r#"{"x":""#,
        "0123456789",
        1_000_000,
        r#"","diagnostics":[]}"#,
    )
    .unwrap();
    assert_eq!(other, Imported::default());
}

#[test]
fn a_larger_file_is_refused() {
    let text = log(r#"{"name":"t"}"#, "");
    let size = text.len() as u64;
    let with = |bytes| read(text.as_bytes(), &Options { bytes, ..OPTIONS });
    assert!(with(size).is_ok());
    for bytes in [0, 2, 3, size - 1] {
        assert!(
            matches!(with(bytes), Err(Error::TooLarge(most)) if most == bytes),
            "{bytes}"
        );
    }
}

#[test]
fn depth_is_bounded() {
    let lists = "[".repeat(100_000) + &"]".repeat(100_000);
    let objects = r#"{"a":"#.repeat(100_000) + "0" + &"}".repeat(100_000);
    for value in [lists, objects] {
        let ignored = format!(r#"{{"x":{value},"diagnostics":[]}}"#);
        assert_eq!(imported(&ignored), Imported::default());
        let results = result(&format!(
            r#"{{"message":{{"text":"m"}},"properties":{value}}},{{"message":{{"text":"n"}}}}"#
        ));
        assert_eq!(only(results).claim, "n");
        let runs = format!(r#"{{"version":"2.1.0","runs":{value}}}"#);
        assert!(matches!(refused(runs.as_bytes()), Error::Format(_)));
        assert!(matches!(refused(value.as_bytes()), Error::Format(_)));
    }
}

#[test]
fn no_part_of_a_run_is_copied_for_each_result() {
    let (long, blank) = ("x".repeat(4 << 20), " ".repeat(4 << 20));
    let tags = r#""a","#.repeat(1 << 19);
    let results = r#"{"ruleId":"r","message":{"text":"m"},"locations":[{"physicalLocation":{
        "artifactLocation":{"uri":"a","uriBaseId":"B"}}}]},"#;
    let sarif = format!(
        r#"{{"version":"2.1.0","runs":[{{"originalUriBaseIds":{{"B":{{"uri":"{long}","uriBaseId":"B"}}}},
        "results":[{}{{"message":{{"id":""}}}}],"tool":{{"driver":{{"name":"{blank}","rules":[{{"id":"r",
        "messageStrings":{{"":{{"text":"{long}"}}}},"properties":{{"tags":[{tags}"a"]}}}}]}}}}}}]}}"#,
        results.repeat(6_000)
    );
    let line = r#"{"message":"m","location":{"path":"a"}},"#.repeat(6_000);
    let rdjson =
        format!(r#"{{"diagnostics":[{line}{{}}],"source":{{"name":"{blank}","url":"{long}"}}}}"#);
    for text in [sarif, rdjson] {
        let started = Instant::now();
        let imported = imported(&text);
        assert_eq!((imported.found.len(), imported.over), (200, 5_801));
        assert!(started.elapsed() < Duration::from_secs(60));
    }
}

#[test]
fn paths_outside_of_the_repository_are_left_out() {
    let uris = [
        "../../etc/passwd",
        "/etc/passwd",
        "file:///etc/passwd",
        "%2e%2e/x",
        "a\\u0000b",
        "C:\\\\x",
        ".git/config",
        "https://example.org/a",
        "a\\u001b[31m",
    ];
    for uri in uris {
        let text = format!(
            r#"{{"message":{{"text":"m"}},"locations":[{{"physicalLocation":{{"artifactLocation":{{"uri":"{uri}"}}}}}}]}}"#
        );
        assert_eq!(result(&text).found, [], "{uri}");
    }
}

#[test]
fn odd_values_are_as_if_they_were_not_there() {
    for (fields, kept) in [
        ("", true),
        (
            r#","level":5,"kind":[],"ruleId":{},"ruleIndex":"x","rule":7"#,
            true,
        ),
        (
            r#","ruleIndex":99999999999999999999,"rule":{"index":-1,"toolComponent":{"index":5}}"#,
            true,
        ),
        (r#","locations":5"#, true),
        (r#","locations":[]"#, true),
        (r#","locations":[null]"#, true),
        (
            r#","locations":[{"physicalLocation":{"region":{"startLine":-1}}}]"#,
            true,
        ),
        (
            r#","suppressions":"x","fixes":{},"properties":[],"baselineState":1"#,
            true,
        ),
        (
            r#","properties":{"tags":"security","security-severity":"high","gitPm":5}"#,
            true,
        ),
        (
            r#","properties":{"gitPm":{"severity":"P9","claim":7,"removed":[1e300,-1]}}"#,
            true,
        ),
        (r#","message":{"text":"the second of two"}"#, true),
        (r#","ruleIndex":1e400"#, false),
    ] {
        let results = result(&format!(r#"{{"message":{{"text":"m"}}{fields}}}"#));
        assert_eq!(results.found.len(), usize::from(kept), "{fields}");
    }
    let lines = |region: &str| {
        let location = format!(r#"{{"artifactLocation":{{"uri":"a"}},"region":{region}}}"#);
        let found = only(result(&format!(
            r#"{{"message":{{"text":"m"}},"locations":[{{"physicalLocation":{location}}}]}}"#
        )));
        found
            .place
            .map(|place| (place.line, place.end_line))
            .unwrap()
    };
    assert_eq!(lines(r#"{"startLine":0,"endLine":3}"#), (None, None));
    assert_eq!(
        lines(r#"{"startLine":4294967296,"endLine":3}"#),
        (None, None)
    );
    assert_eq!(lines(r#"{"startLine":9,"endLine":3}"#), (Some(9), None));
    assert_eq!(
        lines(r#"{"startLine":9,"endLine":0,"endColumn":1}"#),
        (Some(9), None)
    );
    assert_eq!(lines(r#"{"startLine":1.5,"endLine":"x"}"#), (None, None));
    for nothing in [
        "{}",
        "null",
        "5",
        r#""x""#,
        "[]",
        r#"{"message":{}}"#,
        r#"{"message":null}"#,
    ] {
        assert_eq!(result(nothing).found, [], "{nothing}");
    }
    let bare = imported(
        r#"{"version":"2.1.0","runs":[{"results":[{"message":{"text":"m"}}]},{"tool":7}]}"#,
    );
    assert_eq!(bare.found[0].reviewer, "unnamed");
}

#[test]
fn texts_are_cut_and_have_no_controls() {
    let long = "x".repeat(100_000);
    let text = format!(
        r#"{{"ruleId":"{long}\u0007","message":{{"text":"\u001b]0;{long}"}},"locations":[{{"physicalLocation":
        {{"artifactLocation":{{"uri":"a"}},"region":{{"startLine":1,"snippet":{{"text":"\u202e\ta\u0000{long}"}}}}}}}}]}}"#
    );
    let found = only(result(&text));
    assert_eq!(found.claim.chars().count(), 2_000);
    assert_eq!(found.rule.unwrap().chars().count(), 200);
    let quote = found.quote.unwrap();
    assert_eq!(quote.chars().count(), 1_000);
    for text in [found.claim, quote.replace('\t', "")] {
        assert!(!text.contains(crate::model::text::steers), "{text}");
    }
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    let log = log(r#"{"name":"t"}"#, r#"{"message":{"text":"m"}}"#);
    for at in 1..log.len() {
        let error = refused(&log.as_bytes()[..at]);
        assert!(matches!(error, Error::Truncated(_)), "{at}: {error}");
    }
    let all = [
        (
            &b"no"[..],
            "not valid JSON: expected ident at line 1 column 2",
        ),
        (
            b"{\"runs\":[{]}",
            "not valid JSON: key must be a string at line 1 column 11",
        ),
        (
            b"{\n\"message\":\"\xff\xfe\"}",
            "not valid JSON: invalid unicode code point at line 2 column 12",
        ),
        (
            b"\xff\xfe{\0}\0",
            "not valid JSON: expected value at line 1 column 1",
        ),
        (
            b"{}\0",
            "neither SARIF 2.1.0 nor rdjson nor rdjsonl: an object without their fields at line 1 column 2",
        ),
        (
            b"[]",
            "neither SARIF 2.1.0 nor rdjson nor rdjsonl: invalid type: sequence, expected an object at line 1 column 2",
        ),
        (
            b"{\"runs\":{},\"version\":\"2.1.0\"}",
            "neither SARIF 2.1.0 nor rdjson nor rdjsonl: invalid type: map, expected an array at line 1 column 10",
        ),
        (
            b"{\"version\":\"2.1.0\"}",
            "neither SARIF 2.1.0 nor rdjson nor rdjsonl: an object without their fields at line 1 column 19",
        ),
        (
            b"{\"runs\":[]}",
            "neither SARIF 2.1.0 nor rdjson nor rdjsonl: version \"\" at line 1 column 11",
        ),
        (
            b"{\"runs\":[],\"version\":2}",
            "neither SARIF 2.1.0 nor rdjson nor rdjsonl: version \"\" at line 1 column 23",
        ),
        (
            b"{\"version\":\"2.0.0\",\"runs\":[]}",
            "neither SARIF 2.1.0 nor rdjson nor rdjsonl: version \"2.0.0\" at line 1 column 29",
        ),
        (b"", "the input is empty"),
    ];
    let said = all.map(|(text, _)| refused(text).to_string());
    assert_eq!(
        said.each_ref().map(String::as_str),
        all.map(|(_, expected)| expected)
    );
}

#[test]
fn errors_of_the_system_come_through() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    for start in ["", "{\"runs\":["] {
        let error = read(start.as_bytes().chain(Broken), &OPTIONS).unwrap_err();
        let reset = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionReset;
        assert!(
            matches!(&error, Error::Read(error) if reset(error)),
            "{error}"
        );
    }
}
