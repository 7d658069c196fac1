//! What the program knows about the world around it: directory, environment, terminal and clock,
//! put into the library's [`Env`].

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal;

use git_pm::{Env, Error, Result};

/// The world as seen from the current directory and then, one after the other, `directories`.
///
/// # Errors
/// When a directory is not there or the fixed time cannot be read.
pub fn read(directories: &[OsString]) -> Result<Env> {
    let mut cwd = std::env::current_dir()
        .map_err(|error| Error::io("cannot tell the current directory", error))?;
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
    #[cfg(debug_assertions)]
    fix_clock(&mut env)?;
    Ok(env)
}

/// The path of this program, which the hooks call.
///
/// # Errors
/// When the system does not say.
pub fn own_path() -> Result<std::path::PathBuf> {
    std::env::current_exe().map_err(|error| Error::io("cannot tell this program's path", error))
}

/// Stops the clock at the time in `GIT_PM_NOW`. Only for tests: with a clock of the caller's choice
/// leases and reservations would end when the caller likes.
#[cfg(debug_assertions)]
fn fix_clock(env: &mut Env) -> Result<()> {
    if let Some(text) = env.text("GIT_PM_NOW") {
        let now = git_pm::model::stamp::parse_rfc3339(&text).ok_or_else(|| {
            Error::usage(format!("GIT_PM_NOW is `{text}`, which is no time"))
                .hint("write it as in 2026-01-31T12:00:00Z")
        })?;
        env.clock = git_pm::store::env::WallClock::Fixed(now);
    }
    Ok(())
}
