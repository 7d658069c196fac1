//! The pager, chosen as git chooses: `GIT_PAGER`, `PAGER`, `less`; none where output is no
//! terminal or the variable is empty or `cat`.

use std::io::{IsTerminal, Write};
use std::process::{Child, Command, Stdio};

use git_pm::Env;

use super::stdout;
use crate::failure::Failure;

/// Shows a text, through a pager when somebody reads at a terminal.
///
/// # Errors
/// When standard output cannot be written.
pub fn show(env: &Env, text: &str) -> Result<(), Failure> {
    let mut sheet = Pager::open(env);
    sheet.write(text)?;
    sheet.close(text)
}

/// Where a text goes that is written piece by piece.
pub struct Pager {
    pager: Option<Child>,
    coloured: bool,
}

impl Pager {
    /// Starts the pager if there is somebody to read and one to start.
    pub fn open(env: &Env) -> Pager {
        let chosen = program(env).filter(|_| std::io::stdout().is_terminal());
        let choice = anstream::AutoStream::choice(&std::io::stdout());
        Pager {
            pager: chosen.and_then(|pager| start(env, &pager)),
            coloured: choice != anstream::ColorChoice::Never,
        }
    }

    /// Writes a piece. False once the reader has left the pager.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn write(&mut self, text: &str) -> Result<bool, Failure> {
        let Some(stdin) = self.pager.as_mut().and_then(|child| child.stdin.as_mut()) else {
            stdout::write(text)?;
            return Ok(true);
        };
        let plain;
        let shown = if self.coloured {
            text
        } else {
            plain = anstream::adapter::strip_str(text).to_string();
            &plain
        };
        // A pager that was left early closes the pipe; that is no error.
        Ok(stdin.write_all(shown.as_bytes()).is_ok())
    }

    /// Waits until the reader has done. `again` is what a pager that could not be started did not
    /// show.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn close(self, again: &str) -> Result<(), Failure> {
        let Some(mut child) = self.pager else {
            return Ok(());
        };
        drop(child.stdin.take());
        let missing = 127;
        match child.wait() {
            Ok(status) if status.code() != Some(missing) => Ok(()),
            _ => stdout::write(again),
        }
    }
}

fn program(env: &Env) -> Option<String> {
    let chosen = ["GIT_PAGER", "PAGER"]
        .iter()
        .find_map(|name| env.vars.get(*name))
        .map_or_else(|| "less".to_string(), |v| v.to_string_lossy().into_owned());
    let chosen = chosen.trim();
    (!chosen.is_empty() && chosen != "cat").then(|| chosen.to_string())
}

/// Starts a pager; none where that fails.
fn start(env: &Env, pager: &str) -> Option<Child> {
    let mut command = if cfg!(windows) {
        Command::new(pager)
    } else {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(pager);
        shell
    };
    for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
        if env.var(name).is_none() {
            command.env(name, value);
        }
    }
    command.stdin(Stdio::piped()).spawn().ok()
}
