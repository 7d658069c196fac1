//! Standard output: written once, in one piece, with colours taken out where they do not belong.

use std::io::{IsTerminal, Write};

use git_pm::Env;

use crate::failure::Failure;

/// Writes styled text; `NO_COLOR`, `CLICOLOR`, `--no-color` and the kind of output decide whether
/// the styles stay.
///
/// # Errors
/// When standard output cannot be written.
pub fn write(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::AutoStream::auto(std::io::stdout().lock());
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

/// Writes text as it is.
///
/// # Errors
/// When standard output cannot be written.
pub fn write_raw(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

/// The columns that an answer may fill: the terminal's, or `COLUMNS`; elsewhere there is no limit.
pub fn width(env: &Env) -> Option<usize> {
    if let Some(columns) = env.text("COLUMNS").and_then(|c| c.parse().ok()) {
        return Some(columns);
    }
    if !std::io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}
