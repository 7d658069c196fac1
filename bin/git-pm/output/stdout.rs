//! Standard output: written once, in one piece, without colors where they are not wanted.

use std::io::{IsTerminal, Write};

use git_pm::Env;

use crate::failure::Failure;

/// Writes styled text; `NO_COLOR`, `CLICOLOR`, `--no-color` and the kind of output decide if styles
/// are kept.
pub fn write(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::AutoStream::auto(std::io::stdout().lock());
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

/// Writes text as it is.
pub fn write_raw(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_ref())?;
    stdout.flush()?;
    Ok(())
}

/// The maximum width in columns: `COLUMNS`, or that of the terminal; unlimited otherwise.
pub fn width(env: &Env) -> Option<usize> {
    if let Some(columns) = env.text("COLUMNS").and_then(|c| c.parse().ok()) {
        return Some(columns);
    }
    if !std::io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}
