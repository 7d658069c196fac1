//! The command line of git pm. It parses arguments, calls one method of the library and renders
//! what comes back; only code under `bin/` prints.

use std::ffi::OsString;
use std::process::ExitCode;

mod app;
mod cli;
mod commands;
mod context;
mod costs;
mod editor;
mod failure;
mod manual;
mod parse;
mod quick;
mod render;
mod world;

fn main() -> ExitCode {
    let argv: Vec<OsString> = std::env::args_os().collect();
    ExitCode::from(costs::counted(argv, app::run))
}
