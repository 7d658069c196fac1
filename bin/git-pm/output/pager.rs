//! Which pager is used, chosen as git chooses.
//!
//! `GIT_PAGER`, `PAGER`, `less`; none if output is not a terminal or the variable is empty or `cat`.

use std::io::{IsTerminal, Write};
use std::process::{Child, Command, Stdio};

use git_pm::Env;

use super::{color, stdout};
use crate::failure::Failure;

/// A destination for text that is written in pieces.
pub struct Pager {
    pager: Option<Child>,
}

impl Pager {
    /// Starts the pager if standard output is a terminal and a pager is configured.
    pub fn open(env: &Env) -> Pager {
        let chosen = program(env).filter(|_| std::io::stdout().is_terminal());
        Pager {
            pager: chosen.and_then(|pager| start(env, &pager)),
        }
    }

    /// Writes a piece. Returns false once the reader has quit the pager.
    pub fn write(&mut self, text: &str) -> Result<bool, Failure> {
        let Some(stdin) = self.pager.as_mut().and_then(|child| child.stdin.as_mut()) else {
            stdout::write(text)?;
            return Ok(true);
        };
        // A pager that quits early closes the pipe, which is not an error.
        Ok(stdin.write_all(color::paged(text).as_bytes()).is_ok())
    }

    /// Waits until the pager ends. If it could not be started, prints `text` instead.
    pub fn close(self, text: &str) -> Result<(), Failure> {
        let Some(mut child) = self.pager else {
            return Ok(());
        };
        drop(child.stdin.take());
        let missing = 127;
        match child.wait() {
            Ok(status) if status.code() != Some(missing) => Ok(()),
            _ => stdout::write(text),
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

/// Starts a pager; `None` if that fails.
fn start(env: &Env, pager: &str) -> Option<Child> {
    let mut command = Command::new("sh");
    command.arg("-c").arg(pager);
    for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
        if env.var(name).is_none() {
            command.env(name, value);
        }
    }
    command.stdin(Stdio::piped()).spawn().ok()
}
