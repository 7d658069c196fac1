//! git pm at a pseudo-terminal.

use super::{Ran, Repo, binary};

/// Runs a command at a pseudo-terminal, with this input typed.
pub fn at_terminal(repo: &Repo, args: &[&str], typed: &str) -> Ran {
    let quoted: Vec<String> = [binary()]
        .iter()
        .chain(args)
        .map(|arg| format!("'{}'", arg.replace('\'', r"'\''")))
        .collect();
    let line = quoted.join(" ");
    let version = repo.command("script").arg("--version").output();
    let linux = version.is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains("util-linux"));
    if linux {
        return repo.feed("script", &["-qec", &line, "/dev/null"], typed);
    }
    let python = "import os, pty, sys; s = pty.spawn(['sh', '-c', sys.argv[1]]); \
                  sys.exit(os.waitstatus_to_exitcode(s))";
    repo.feed("python3", &["-c", python, &line], typed)
}
