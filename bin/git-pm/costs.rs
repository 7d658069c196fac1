//! Writes down what a run cost, where a test wants to know.

use std::ffi::OsString;
use std::io::Write;

use git_pm::store::costs::{self, Costs};
use serde::Serialize;

/// A variable that names the file to append to.
const FILE: &str = "GIT_PM_COSTS";

/// One line of that file.
#[derive(Serialize)]
struct Line {
    args: Vec<String>,
    code: u8,
    #[serde(flatten)]
    costs: Costs,
}

fn file() -> Option<OsString> {
    std::env::var_os(FILE).filter(|file| !file.is_empty())
}

/// Whether somebody wants to know.
pub fn are_wanted() -> bool {
    file().is_some()
}

/// Runs the program, counting where [`FILE`] is set.
pub fn counted(argv: Vec<OsString>, run: impl FnOnce(Vec<OsString>) -> u8) -> u8 {
    let Some(file) = file() else {
        return run(argv);
    };
    costs::begin();
    let args = argv.iter().skip(1);
    let args = args.map(|a| a.to_string_lossy().into_owned()).collect();
    let code = run(argv);
    let costs = costs::so_far();
    if let Ok(mut line) = serde_json::to_vec(&Line { args, code, costs }) {
        line.push(b'\n');
        // Whoever cannot be told what it cost still gets the answer.
        let _ = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)
            .and_then(|mut file| file.write_all(&line));
    }
    code
}
