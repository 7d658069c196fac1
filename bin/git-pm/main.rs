//! The command line of git pm. It parses arguments, calls one method of the library and renders
//! what comes back; only code under `bin/` prints.

use std::ffi::OsString;
use std::process::ExitCode;

mod arguments;
#[cfg(feature = "tui")]
mod board;
mod commands;
mod context;
mod costs;
mod editor;
mod environment;
mod failure;
mod interrupt;
mod manual;
mod output;
mod render;
mod run;

fn main() -> ExitCode {
    let argv: Vec<OsString> = std::env::args_os().collect();
    ExitCode::from(costs::counted(argv, run::run))
}
