//! The pager, chosen as git chooses: `GIT_PAGER`, `PAGER`, `less`; none where output is no
//! terminal or the variable is empty or `cat`.

use std::io::{IsTerminal, Write};
use std::process::{Command, Stdio};

use git_pm::Env;

use super::out;
use crate::failure::Failure;

/// Shows a text, through a pager when somebody reads at a terminal.
///
/// # Errors
/// When standard output cannot be written.
pub fn show(env: &Env, text: &str) -> Result<(), Failure> {
    match program(env) {
        Some(pager) if std::io::stdout().is_terminal() && run(env, &pager, text) => Ok(()),
        _ => out::write(text),
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

/// Whether the pager took the text. One that could not be started took nothing.
fn run(env: &Env, pager: &str, text: &str) -> bool {
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
    let Ok(mut child) = command.stdin(Stdio::piped()).spawn() else {
        return false;
    };
    let coloured = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    if let Some(mut stdin) = child.stdin.take() {
        let plain;
        let shown = if coloured {
            text
        } else {
            plain = anstream::adapter::strip_str(text).to_string();
            &plain
        };
        // A pager that was left early closes the pipe; that is no error.
        let _ = stdin.write_all(shown.as_bytes());
    }
    let missing = 127;
    child
        .wait()
        .is_ok_and(|status| status.code() != Some(missing))
}
