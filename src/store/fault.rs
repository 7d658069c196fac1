//! Points at which tests make the store fail or die.
//!
//! There is one for each of its few system calls and for each step of an operation of several. A
//! release build contains none of it.
//!
//! `GIT_PM_FAULT=POINT:N:ACTION[,…]` acts when the point is reached for the N-th time in a process
//! (`*`: every time); `GIT_PM_FAULT_LOG=FILE` appends `POINT:N` for each that is reached, so that
//! tests enumerate the points instead of listing them. Read from the process's own environment, not
//! from an `Env`: a fault befalls a process, and no caller of the library has one.

use std::io;

use super::shared_files;
use crate::error::{Error, Result};

/// Fails, or ends the process, if a test requests it; see `GIT_PM_FAULT` in docs/CONTRIBUTING.md.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn point(_name: &str) -> io::Result<()> {
    Ok(())
}

#[cfg(debug_assertions)]
pub use debug::point;

/// Replaces a file in one step: a process that is killed, or a full disk, leaves the old one. The
/// two points are before it is written, as `temporary`, and before it is renamed.
pub fn replace(
    path: &std::path::Path,
    temporary: &std::path::Path,
    content: &[u8],
    [write, rename]: [&'static str; 2],
) -> io::Result<()> {
    point(write)?;
    std::fs::write(temporary, content)?;
    shared_files::share(temporary);
    point(rename)?;
    std::fs::rename(temporary, path)
}

/// Removes a file, if there is one; the point is before that.
pub fn remove(path: &std::path::Path, before: &'static str) -> io::Result<()> {
    match point(before).and_then(|()| std::fs::remove_file(path)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// As [`point`], between two steps of an operation of several.
#[inline]
pub fn step(name: &'static str) -> Result<()> {
    point(name)
        .map_err(|e| Error::io(format!("stopped at {name}"), e).hint("run the command again"))
}

/// As [`point`], for a git command: named by its first word, before it begins and, with `-done`,
/// after its end.
#[inline]
pub fn git<S: AsRef<std::ffi::OsStr>>(args: &[S], done: bool) -> io::Result<()> {
    #[cfg(debug_assertions)]
    if debug::is_on() {
        let word = args.first().map(|a| a.as_ref().to_string_lossy());
        let end = if done { "-done" } else { "" };
        return point(&format!("git-{}{end}", word.unwrap_or_default()));
    }
    let _ = (args, done);
    Ok(())
}

#[cfg(debug_assertions)]
mod debug {
    use std::collections::HashMap;
    use std::io::{self, Write};
    use std::sync::{LazyLock, Mutex};

    /// The effect of a fault.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Action {
        Kill,
        Panic,
        /// With an error code of the system.
        Fail(i32),
        Sleep(u64),
    }

    struct Fault {
        point: String,
        /// None: every time.
        at: Option<u64>,
        action: Action,
    }

    struct Plan {
        faults: Vec<Fault>,
        log: Option<std::ffi::OsString>,
        reached: Mutex<HashMap<String, u64>>,
    }

    static PLAN: LazyLock<Plan> = LazyLock::new(|| Plan {
        faults: std::env::var("GIT_PM_FAULT").map_or_else(|_| Vec::new(), |text| parse(&text)),
        log: std::env::var_os("GIT_PM_FAULT_LOG"),
        reached: Mutex::default(),
    });

    /// A test with a misspelled fault must not pass.
    fn parse(text: &str) -> Vec<Fault> {
        let one = |part: &str| {
            let mut words = part.split(':');
            let point = words.next()?.to_string();
            let at = match words.next()? {
                "*" => None,
                n => Some(n.parse().ok()?),
            };
            let action = match (words.next()?, words.next()) {
                ("kill", None) => Action::Kill,
                ("panic", None) => Action::Panic,
                ("fail", None) => Action::Fail(5),
                ("full", None) => Action::Fail(28),
                ("denied", None) => Action::Fail(13),
                ("sleep", Some(ms)) => Action::Sleep(ms.parse().ok()?),
                _ => return None,
            };
            Some(Fault { point, at, action })
        };
        text.split(',')
            .filter(|part| !part.is_empty())
            .map(|part| {
                one(part).unwrap_or_else(|| panic!("GIT_PM_FAULT: `{part}` is not POINT:N:ACTION"))
            })
            .collect()
    }

    pub(super) fn is_on() -> bool {
        !PLAN.faults.is_empty() || PLAN.log.is_some()
    }

    /// Fails, or ends the process, if a test requests it; see `GIT_PM_FAULT` in docs/CONTRIBUTING.md.
    pub fn point(name: &str) -> io::Result<()> {
        if !is_on() {
            return Ok(());
        }
        let n = {
            let mut reached = PLAN.reached.lock().unwrap_or_else(|e| e.into_inner());
            let n = reached.entry(name.to_string()).or_default();
            *n += 1;
            *n
        };
        if let Some(log) = &PLAN.log {
            let _ = std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(log)
                .and_then(|mut file| file.write_all(format!("{name}:{n}\n").as_bytes()));
        }
        let here = |fault: &&Fault| fault.point == name && fault.at.is_none_or(|at| at == n);
        match PLAN.faults.iter().find(here).map(|fault| fault.action) {
            None => Ok(()),
            Some(Action::Sleep(ms)) => {
                std::thread::sleep(std::time::Duration::from_millis(ms));
                Ok(())
            }
            Some(Action::Fail(code)) => Err(io::Error::from_raw_os_error(code)),
            Some(Action::Kill) => kill(),
            Some(Action::Panic) => panic!("GIT_PM_FAULT asks for it at {name}"),
        }
    }

    /// Like a power failure: no destructor runs, and we close no file.
    fn kill() -> ! {
        let line = format!("kill -9 {}", std::process::id());
        let _ = std::process::Command::new("sh")
            .args(["-c", &line])
            .status();
        std::process::abort()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn faults_are_read_as_they_are_written() {
            let plan = parse("ref-rename:2:kill,object-write:*:full,x:1:sleep:250");
            let read: Vec<_> = plan.iter().map(|f| (f.point.as_str(), f.at)).collect();
            let wanted = [
                ("ref-rename", Some(2)),
                ("object-write", None),
                ("x", Some(1)),
            ];
            assert_eq!(read, wanted);
            assert_eq!(plan[0].action, Action::Kill);
            assert_eq!(plan[2].action, Action::Sleep(250));
            assert!(std::panic::catch_unwind(|| parse("ref-rename:kill")).is_err());
        }
    }
}
