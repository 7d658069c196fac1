//! What the program knows about the world around it: directory, environment, terminal and clock,
//! put into the library's [`Env`].

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal;

use git_pm::model::stamp;
use git_pm::store::env::WallClock;
use git_pm::{Env, Error, Result};

/// A variable that fixes the clock to a time in RFC 3339.
const NOW: &str = "GIT_PM_NOW";

/// The world as seen from the current directory and then, one after the other, `directories`.
///
/// # Errors
/// When a directory is not there or the fixed time cannot be read.
pub fn read(directories: &[OsString]) -> Result<Env> {
    let mut cwd = std::env::current_dir()
        .map_err(|error| Error::io("cannot tell the current directory", &error))?;
    for directory in directories {
        cwd.push(directory);
        if !cwd.is_dir() {
            return Err(Error::not_found(format!(
                "there is no directory {}",
                cwd.display()
            )));
        }
    }
    let vars: BTreeMap<String, OsString> = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value)))
        .collect();
    let mut env = Env::new(cwd, vars);
    env.interactive = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if let Some(text) = env.text(NOW) {
        let now = stamp::parse_rfc3339(&text).ok_or_else(|| {
            Error::usage(format!("{NOW} is `{text}`, which is no time"))
                .hint("write it as in 2026-01-31T12:00:00Z")
        })?;
        env.clock = WallClock::Fixed(now);
    }
    Ok(env)
}
