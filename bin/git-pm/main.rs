//! The command line of git pm: from arguments through one call of the library to an answer.
//!
//! It parses arguments, calls one method of the library and renders what comes back; only code under
//! `bin/` prints.

use std::ffi::OsString;
use std::process::ExitCode;

mod app;
mod arguments;
#[cfg(feature = "tui")]
mod board;
mod commands;
mod context;
mod editor;
mod environment;
mod failure;
mod hand_over;
mod interrupt;
mod io_counts;
mod item_form;
mod manual;
mod output;
mod render;

fn main() -> ExitCode {
    let argv: Vec<OsString> = std::env::args_os().collect();
    // A request does not start programs.
    if std::env::var_os(git_pm::runs::HANDED).is_none() {
        let is = |word: &str| argv.get(1).is_some_and(|first| first == word);
        #[cfg(target_os = "linux")]
        if is(git_pm::KEEPER) {
            return ExitCode::from(git_pm::keep_processes());
        }
        if is(git_pm::DETACHED) {
            return ExitCode::from(git_pm::detached(&argv[2..]));
        }
    }
    // What the caller left open is not for git, an editor or a pager.
    close_fds::set_fds_cloexec(3, &[]);
    ExitCode::from(io_counts::counted(argv, app::run))
}
