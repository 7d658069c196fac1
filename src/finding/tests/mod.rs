//! Files of findings, in the shapes that tools write and in shapes that nobody should.

mod hostile;
mod reviewdog;
mod tools;
mod written;

use crate::import::{Error, Imported, Options, read};
use crate::model::finding::Severity;
use crate::{Found, Place};

const OPTIONS: Options<'static> = Options {
    root: Some("/work/repo"),
    limit: 200,
    bytes: 1 << 30,
};

fn imported(text: &str) -> Imported {
    read(text.as_bytes(), &OPTIONS).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn refused(text: &[u8]) -> Error {
    read(text, &OPTIONS).expect_err("an error")
}

/// A log with one run of `tool` and these results.
fn log(tool: &str, results: &str) -> String {
    format!(
        r#"{{"version":"2.1.0","runs":[{{"tool":{{"driver":{tool}}},"results":[{results}]}}]}}"#
    )
}

/// What is read of a result beside a plain tool.
fn result(result: &str) -> Imported {
    imported(&log(r#"{"name":"t"}"#, result))
}

/// The only finding.
fn only(imported: Imported) -> Found {
    assert_eq!(imported.found.len(), 1, "{imported:?}");
    imported.found.into_iter().next().unwrap()
}

fn place(path: &str, line: Option<u32>, end_line: Option<u32>) -> Option<Place> {
    Some(Place {
        path: path.to_string(),
        line,
        end_line,
        removed: false,
    })
}
