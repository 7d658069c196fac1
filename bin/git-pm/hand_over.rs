//! Inside the sandbox of a task: a command that writes the state is handed over to the run.

use std::ffi::OsString;
use std::io::Write as _;

use git_pm::Error;
use git_pm::error::Reason;
use git_pm::runs::{Request, hand_over};

use crate::arguments::stdin;
use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::stdout;

/// True if a command ended before it wrote anything, because only the run can write it.
pub fn is_needed(outcome: &Outcome) -> bool {
    matches!(outcome, Err(Failure::Error(error)) if error.reason() == Reason::StateElsewhere)
}

/// Hands the command line over, and prints what it printed there.
pub fn run(context: &Context, argv: &[OsString]) -> Outcome {
    // What was noticed here is noticed there again.
    context.take_notices();
    let args = argv.iter().skip(1).cloned().map(OsString::into_string);
    let args = args.collect::<Result<_, _>>();
    let cwd = std::env::current_dir()
        .map_err(|error| Error::io("cannot determine the current directory", error))?;
    let request = Request {
        args: args.map_err(|_| Error::usage("an argument is not UTF-8"))?,
        cwd,
        input: stdin::all_taken()?,
        lines: 0,
    };
    let answer = hand_over(context.pm()?, &request)?;
    let _ = std::io::stderr().write_all(answer.err.as_bytes());
    stdout::write_raw(&answer.out)?;
    Ok(Exit::with(answer.code))
}
