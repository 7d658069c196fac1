//! The keeper of an agent (Linux): a process of this program between the runner and the agent.
//!
//! It is the subreaper of all that the agent starts, so a process that leaves its parent, session,
//! directory, name and environment behind is still found. The keeper is outside the agent's
//! sandbox, which does not let the agent signal it. It has no other duty than to hold the tree: the
//! runner reads the output, pauses, measures and asks processes to end. When the runner says so, or
//! is gone (its end of a socket is closed, `kill -9` included), the keeper kills everything below
//! it, and exits only when the kernel says that it has no child left.
//!
//! The keeper's standard input is that socket. The agent's input is opened through `/proc`, because
//! only three descriptors can be passed to a new process without unsafe code.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{PidfdFlags, WaitOptions, pidfd_open};
use serde::{Deserialize, Serialize};

use super::ending;
use super::signal::number;
use super::spawn::{command, restrain, start, unstarted};
use super::table::{Table, system};
use super::tree::{MARKS, Tree};
use super::{Launch, Limits, limits};
use crate::error::{Error, Reason, Result};

/// The argument with which a program is asked to be a keeper, by calling [`keep`].
pub const KEEPER: &str = "keep-processes";

/// The variable of a keeper's environment with the run of its agent. It has no other.
const KEPT: &str = "GIT_PM_KEEPS";

/// The living keepers of this process.
static KEEPERS: Mutex<Option<HashSet<u32>>> = Mutex::new(None);

/// What a keeper is to start: the runner's process id and its descriptor that is the agent's input,
/// the program's file, the launch, and its limits.
type Order = (u32, i32, OsString, Launch, Limits);

/// What a keeper tells the runner.
#[derive(Serialize, Deserialize)]
enum Told {
    /// The agent has been started and has this process id.
    Started(u32),
    /// It could not be started: the system's error, or that of the sandbox.
    Failed(Option<i32>, String),
    /// It has ended; true if nothing is left of what it started.
    Exited(Exit, bool),
}

/// How an agent's own process ended: its exit code, or the signal that killed it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Exit(pub Option<i32>, pub Option<i32>);

/// A running keeper, as the runner sees it.
#[derive(Debug)]
pub(super) struct Keeper {
    link: UnixStream,
    exit: Option<Exit>,
    is_alone: bool,
}

/// True if this process id is that of a living keeper of this process.
pub(super) fn is_keeper(pid: u32) -> bool {
    let keepers = KEEPERS.lock().unwrap_or_else(PoisonError::into_inner);
    keepers.as_ref().is_some_and(|all| all.contains(&pid))
}

/// Waits until the keepers of a run whose runner was killed have ended all that they held.
pub(super) fn wait_for(run: &str) {
    let mark = [OsString::from(format!("{KEPT}={run}"))];
    let user = rustix::process::geteuid().as_raw();
    let begin = Instant::now();
    while begin.elapsed() < limits::KEEPER_TIME_MAX {
        let table = Table::read();
        // We may be below one of them.
        let own = table.line_of(std::process::id());
        let others = table.entries().map(|entry| entry.id.pid);
        let others: Vec<u32> = others.filter(|pid| !own.contains(pid)).collect();
        if system::with_variables(&others, user, &mark).is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn note(change: impl FnOnce(&mut HashSet<u32>)) {
    let mut keepers = KEEPERS.lock().unwrap_or_else(PoisonError::into_inner);
    change(keepers.get_or_insert_default());
}

/// Starts a program below a keeper. Returns the keeper's process with the agent's pipes, the
/// keeper, and the agent's process id.
///
/// # Errors
/// As [`spawn`](super::spawn::spawn).
pub(super) fn spawn(
    keeper: &Path,
    program: &Path,
    launch: &Launch,
    limits: &Limits,
) -> Result<(Child, Keeper, u32)> {
    let failed = |e| {
        Error::io("cannot start the process that keeps an agent", e)
            .because(Reason::AgentNotStarted)
    };
    let (ours, theirs) = UnixStream::pair().map_err(failed)?;
    let (input, feed) = std::io::pipe().map_err(failed)?;
    let run = launch.env.iter().rev().find(|(name, _)| name == MARKS[0]);
    let child = Command::new(keeper)
        .arg0("git-pm")
        .arg(KEEPER)
        .env_clear()
        .env(KEPT, run.map(|(_, run)| run.clone()).unwrap_or_default())
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.map_err(failed)?;
    note(|all| _ = all.insert(child.id()));
    let (runner, descriptor) = (std::process::id(), input.as_raw_fd());
    let order = (runner, descriptor, program.as_os_str(), launch, limits);
    let mut link = ours;
    let answer = write(&mut link, &order).and_then(|()| read(&mut link));
    drop(input);
    child.stdin = Some(ChildStdin::from(OwnedFd::from(feed)));
    let mut keeper = Keeper {
        link,
        exit: None,
        is_alone: false,
    };
    let error = match answer {
        Ok(Told::Started(agent)) => return Ok((child, keeper, agent)),
        Ok(Told::Failed(Some(code), _)) => {
            unstarted(program, std::io::Error::from_raw_os_error(code))
        }
        Ok(Told::Failed(None, why)) => super::sandbox::unavailable(why),
        Ok(Told::Exited(..)) => failed(ErrorKind::InvalidData.into()),
        Err(error) => failed(error),
    };
    keeper.finish(&mut child);
    Err(error)
}

impl Keeper {
    /// A descriptor that becomes readable when the agent's own process ends.
    pub fn exit_descriptor(&self) -> Option<OwnedFd> {
        self.link.try_clone().ok().map(OwnedFd::from)
    }

    /// How the agent's own process ended, if it has. A lost keeper counts as its end.
    pub fn exit(&mut self) -> Option<Exit> {
        let mut fds = [PollFd::new(&self.link, PollFlags::IN)];
        let is_ready = poll(&mut fds, Some(&Timespec::default())).is_ok_and(|count| count > 0);
        if self.exit.is_none() && is_ready {
            (self.exit, self.is_alone) = match read(&mut self.link) {
                Ok(Told::Exited(exit, is_alone)) => (Some(exit), is_alone),
                _ => (Some(Exit(None, Some(libc::SIGKILL))), false),
            };
        }
        self.exit
    }

    /// True if the agent's own process has ended as the last of its tree: the kernel said that the
    /// keeper, which adopts every orphan, had no child left.
    pub fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// Makes the keeper end all processes below it and waits for it. False if it was killed
    /// instead: what it held is then ours.
    pub fn finish(&mut self, child: &mut Child) -> bool {
        let _ = self.link.shutdown(std::net::Shutdown::Write);
        let begin = Instant::now();
        let mut status = child.try_wait();
        while matches!(status, Ok(None)) {
            if begin.elapsed() > limits::KEEPER_TIME_MAX {
                // Stopped by an agent without a sandbox.
                let _ = child.kill();
            }
            std::thread::sleep(Duration::from_millis(1));
            status = child.try_wait();
        }
        note(|all| _ = all.remove(&child.id()));
        matches!(status, Ok(Some(status)) if status.success())
    }
}

/// Keeps the processes of an agent, as the runner at the other end of standard input orders; returns
/// the exit code of the program. Only for a program that was started with the argument [`KEEPER`].
pub fn keep() -> u8 {
    let Ok(link) = std::os::fd::AsFd::as_fd(&std::io::stdin()).try_clone_to_owned() else {
        return 1;
    };
    let mut link = UnixStream::from(link);
    // Out of reach of the terminal's signals; and what we hold is known by its session.
    let _ = rustix::process::setsid();
    let own = rustix::process::getpid();
    if let Err(error) = rustix::process::set_child_subreaper(Some(own)) {
        let _ = write(&mut link, &failure(&error.into()));
        return 1;
    }
    let Ok(order) = read::<Order>(&mut link) else {
        return 1;
    };
    let answer = begin(order);
    let agent = match &answer {
        Told::Started(agent) => Some(*agent),
        _ => None,
    };
    let is_sent = write(&mut link, &answer).is_ok();
    if let Some(agent) = agent.filter(|_| is_sent) {
        hold(&mut link, agent);
    }
    u8::from(!end_below(own.as_raw_nonzero().get().unsigned_abs()))
}

fn failure(error: &std::io::Error) -> Told {
    Told::Failed(error.raw_os_error(), error.to_string())
}

/// Starts the agent, and lets go of its output.
fn begin((runner, descriptor, program, launch, limits): Order) -> Told {
    let input = match File::open(format!("/proc/{runner}/fd/{descriptor}")) {
        Ok(input) => input,
        Err(error) => return failure(&error),
    };
    if launch.sandbox.is_some()
        && let Err(error) = super::sandbox::mounts::allow_mounts()
    {
        return Told::Failed(None, error.to_string());
    }
    let mut command = command(program.as_ref(), &launch);
    command.stdin(input);
    let started = match start(&mut command, launch.sandbox.as_ref()) {
        Ok(Ok(child)) => {
            restrain(child.id(), &limits);
            Told::Started(child.id())
        }
        Ok(Err(error)) => failure(&error),
        Err(error) => Told::Failed(None, error.message().to_string()),
    };
    // Only the agent and what it starts hold the pipes: their end is seen.
    if let Ok(null) = File::options().write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdout(&null);
        let _ = rustix::stdio::dup2_stderr(&null);
    }
    started
}

/// Collects the dead until the runner closes its end of the link.
fn hold(link: &mut UnixStream, agent: u32) {
    let mut exit = number(agent).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    let mut is_running = true;
    loop {
        let mut ended = None;
        let is_alone = loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if is_running && number(agent) == Some(pid) => {
                    (is_running, exit) = (false, None);
                    let status = std::process::ExitStatus::from_raw(status.as_raw());
                    ended = Some(Exit(status.code(), status.signal()));
                }
                Ok(Some(_)) => {}
                result => break result.is_err_and(|error| error == Errno::CHILD),
            }
        };
        if let Some(ended) = ended {
            let _ = write(link, &Told::Exited(ended, is_alone));
        }
        let mut fds = vec![PollFd::new(&*link, PollFlags::IN)];
        fds.extend(exit.as_ref().map(|fd| PollFd::new(fd, PollFlags::IN)));
        // Without a descriptor for the agent's end, that is polled.
        let interval = match is_running && exit.is_none() {
            true => 20_000_000,
            false => 999_000_000,
        };
        let interval = Timespec {
            tv_sec: 0,
            tv_nsec: interval,
        };
        let _ = poll(&mut fds, Some(&interval));
        if !fds[0].revents().is_empty() {
            return;
        }
    }
}

/// Kills all processes below this one; true once the kernel says that there is none.
fn end_below(own: u32) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < limits::KEEPER_TIME_MAX {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some(_)) => {}
                Err(Errno::CHILD) => return true,
                _ => break,
            }
        }
        let mut wait = std::thread::sleep;
        ending::end(&mut Tree::below(own), Duration::ZERO, &mut wait);
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

/// Writes a message with its length before it.
fn write(link: &mut UnixStream, message: &impl Serialize) -> std::io::Result<()> {
    let invalid = |error: postcard::Error| std::io::Error::new(ErrorKind::InvalidData, error);
    let bytes = postcard::to_stdvec(message).map_err(invalid)?;
    link.write_all(&(bytes.len() as u64).to_le_bytes())?;
    link.write_all(&bytes)
}

fn read<T: serde::de::DeserializeOwned>(link: &mut UnixStream) -> std::io::Result<T> {
    let mut length = [0; 8];
    link.read_exact(&mut length)?;
    let mut bytes = Vec::new();
    Read::take(&*link, u64::from_le_bytes(length)).read_to_end(&mut bytes)?;
    let invalid = |error| std::io::Error::new(ErrorKind::InvalidData, error);
    postcard::from_bytes(&bytes).map_err(invalid)
}
