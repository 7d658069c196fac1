//! Standard output: written once, in one piece; the width of the terminal.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use git_pm::Env;

use super::color;
use crate::failure::Failure;

/// Writes styled text, whose styles are dropped where no colors are shown.
pub fn write(text: &str) -> Result<(), Failure> {
    let mut stdout = color::stream(std::io::stdout().lock());
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

/// Waits, and returns true at once when the reader of standard output closes the pipe.
pub fn reader_leaves_within(limit: Duration) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdout = std::io::stdout();
    let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
    let limit_for_poll = Timespec {
        tv_sec: 0,
        tv_nsec: i64::from(limit.subsec_nanos()),
    };
    match poll(&mut fds, Some(&limit_for_poll)) {
        Ok(0) => false,
        Ok(_) => true,
        // A signal, for example.
        Err(_) => {
            std::thread::sleep(limit);
            false
        }
    }
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
