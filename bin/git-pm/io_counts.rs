//! Records the costs of a run for tests.

use std::ffi::OsString;
use std::io::Write;

use git_pm::env::io_counts::{self, Costs};
use serde::Serialize;

/// The variable that names the file to append to.
const FILE: &str = "GIT_PM_COSTS";

/// One line of that file.
#[derive(Serialize)]
struct Line {
    args: Vec<String>,
    code: u8,
    #[serde(flatten)]
    costs: Costs,
}

/// The file to append to, if costs are recorded.
pub fn file() -> Option<OsString> {
    std::env::var_os(FILE).filter(|file| !file.is_empty())
}

/// Runs the program, counting costs if [`FILE`] is set.
pub fn counted(argv: Vec<OsString>, run: impl FnOnce(Vec<OsString>) -> u8) -> u8 {
    let Some(file) = file() else {
        return run(argv);
    };
    io_counts::begin();
    let args = argv.iter().skip(1);
    let args = args.map(|a| a.to_string_lossy().into_owned()).collect();
    let code = run(argv);
    let costs = io_counts::so_far();
    if let Ok(mut line) = serde_json::to_vec(&Line { args, code, costs }) {
        line.push(b'\n');
        // A failure to record the costs does not affect the answer.
        let _ = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)
            .and_then(|mut file| file.write_all(&line));
    }
    code
}
