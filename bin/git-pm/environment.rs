//! The library's [`Env`], read from the process: directory, variables, terminal and clock.

use std::ffi::OsString;
use std::io::IsTerminal;

use git_pm::{Env, Error, Result};

/// The environment in the current directory, changed by `directories` in order.
///
/// # Errors
/// When a directory does not exist or the fixed time is not valid.
pub fn read(directories: &[OsString]) -> Result<Env> {
    let mut cwd = match directories.first().map(std::path::PathBuf::from) {
        // The current one may be gone, for git as well.
        Some(first) if first.is_absolute() => {
            if std::env::current_dir().is_err() {
                let _ = std::env::set_current_dir(&first);
            }
            first
        }
        _ => std::env::current_dir()
            .map_err(|error| Error::io("cannot determine the current directory", error))?,
    };
    for directory in directories {
        cwd.push(directory);
        if !cwd.is_dir() {
            return Err(Error::not_found(format!(
                "the directory {} does not exist",
                cwd.display()
            )));
        }
    }
    let mut env = Env::of_process(cwd);
    // This program, even if its file is replaced meanwhile.
    #[cfg(target_os = "linux")]
    env.keeper.replace("/proc/self/exe".into());
    env.interactive = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    #[cfg(debug_assertions)]
    fix_clock(&mut env)?;
    Ok(env)
}

/// The path of this program, which the hooks call.
///
/// # Errors
/// When the system does not provide it.
pub fn own_path() -> Result<std::path::PathBuf> {
    std::env::current_exe()
        .map_err(|error| Error::io("cannot determine the path of this program", error))
}

/// Makes git run without this terminal, which is another's.
pub fn detach(env: &mut Env) {
    env.detach = env.keeper.clone().or(own_path().ok());
}

/// Stops the clock at the time in `GIT_PM_NOW`. Only for tests: a caller that sets the clock could
/// end leases and reservations at will.
#[cfg(debug_assertions)]
fn fix_clock(env: &mut Env) -> Result<()> {
    if let Some(text) = env.text("GIT_PM_NOW") {
        let now = git_pm::values::parse_rfc3339(&text).ok_or_else(|| {
            Error::usage(format!("GIT_PM_NOW is `{text}`, which is not a valid time"))
                .hint("use a form such as 2026-01-31T12:00:00Z")
        })?;
        env.clock = git_pm::env::WallClock::Fixed(now);
    }
    Ok(())
}
