//! Redraws a view whenever the state changes.

use std::io::IsTerminal;
use std::time::Duration;

use crate::context::Context;
use crate::failure::Outcome;
use crate::output::stdout;

/// The interval between checks of the ref, each of which reads one small file.
const EVERY: Duration = Duration::from_millis(300);

/// Clears the screen and the scrollback, and moves to the top (ECMA-48, 8.3.21 and 8.3.39).
const CLEAR: &str = "\u{1b}[H\u{1b}[2J\u{1b}[3J";

/// Draws, waits until the state has changed, and repeats until the process is stopped or the reader
/// closes the pipe.
pub fn run(context: &Context, draw: impl Fn(&Context) -> Outcome) -> Outcome {
    let terminal = std::io::stdout().is_terminal() && !context.globals.json;
    let mut first = true;
    loop {
        let seen = context.pm()?.items().state_id()?;
        if terminal {
            stdout::write_raw(CLEAR)?;
        } else if !first && !context.globals.json {
            stdout::write_raw("\n")?;
        }
        draw(context)?;
        context.print_notices();
        first = false;
        while context.pm()?.items().state_id()? == seen {
            std::thread::sleep(EVERY);
        }
    }
}
