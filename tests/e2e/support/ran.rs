//! The result of a command.

use std::process::Output;

/// The result of a command.
#[derive(Debug)]
pub struct Ran {
    pub what: String,
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub(super) fn of(what: String, output: Output) -> Self {
        Ran {
            what,
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Requires exit code 0.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.exits(0)
    }

    /// Requires an exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "`{}` exited with {}\nstdout: {}\nstderr: {}",
            self.what, self.code, self.out, self.err
        );
        self
    }

    /// The whole JSON document on standard output.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("`{}`: no JSON ({e}): {}{}", self.what, self.out, self.err))
    }

    /// `data` of the JSON document.
    #[track_caller]
    pub fn data(&self) -> serde_json::Value {
        let json = self.json();
        assert!(
            !json["data"].is_null(),
            "`{}` has no data: {json}",
            self.what
        );
        json["data"].clone()
    }

    /// `error` of the JSON document.
    #[track_caller]
    pub fn error(&self) -> serde_json::Value {
        let json = self.json();
        assert!(
            !json["error"].is_null(),
            "`{}` has no error: {json}",
            self.what
        );
        json["error"].clone()
    }

    /// Standard output without the line end.
    pub fn text(&self) -> String {
        self.out.trim_end().to_string()
    }
}

/// Waits for processes that were started together, in their order.
pub fn wait_all(children: Vec<std::process::Child>) -> Vec<Ran> {
    children
        .into_iter()
        .enumerate()
        .map(|(n, child)| Ran::of(format!("process {n}"), child.wait_with_output().unwrap()))
        .collect()
}
