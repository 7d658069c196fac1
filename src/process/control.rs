//! Stopping and pausing an agent: requests of other threads to its supervision.

use crate::error::{Error, Result};
use rustix::fs::OFlags;
use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A handle with which other threads stop, pause and resume an agent. Clones share the agent.
///
/// A request is carried out by the thread in `supervise`, usually within milliseconds. Requests
/// stay in force: an agent supervised with a stopped handle is not started, so one handle serves
/// all attempts at a task, one after the other.
#[derive(Clone, Debug)]
pub struct Control(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// A byte here wakes the supervision.
    bell: PipeWriter,
    woken: PipeReader,
}

#[derive(Clone, Debug, Default)]
struct State {
    request: Request,
    is_paused: bool,
    pids: Vec<u32>,
}

/// The current requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Set by `stop`, and never cleared.
    pub is_stop: bool,
    /// Set between `pause` and `resume`.
    pub is_pause: bool,
}

impl Control {
    /// A handle without requests.
    ///
    /// # Errors
    /// Kind `State` if the process has no file descriptor left.
    pub fn new() -> Result<Control> {
        let failed = |e: std::io::Error| {
            Error::io("cannot create the pipe that controls an agent", e)
                .hint("raise the limit on open files (`ulimit -n`)")
        };
        let (woken, bell) = std::io::pipe().map_err(failed)?;
        for end in [woken.as_fd(), bell.as_fd()] {
            unblock(end).map_err(failed)?;
        }
        Ok(Control(Arc::new(Shared {
            state: Mutex::default(),
            bell,
            woken,
        })))
    }

    /// Ends the agent's whole process tree: TERM, and KILL after the grace period.
    pub fn stop(&self) {
        self.ask(|request| request.is_stop = true);
    }

    /// Stops all processes of the agent with SIGSTOP; time limits do not run meanwhile.
    pub fn pause(&self) {
        self.ask(|request| request.is_pause = true);
    }

    /// Ends a pause.
    pub fn resume(&self) {
        self.ask(|request| request.is_pause = false);
    }

    /// True once the agent's processes have been paused, until they are resumed.
    #[cfg(test)]
    pub fn is_paused(&self) -> bool {
        self.state().is_paused
    }

    /// The ids of the agent's processes as last seen (about a second ago at most), its own first.
    #[cfg(test)]
    pub fn pids(&self) -> Vec<u32> {
        self.state().pids.clone()
    }

    /// The current requests.
    pub fn request(&self) -> Request {
        self.state().request
    }

    pub(super) fn set_paused(&self, is_paused: bool) {
        self.state().is_paused = is_paused;
    }

    pub(super) fn set_pids(&self, pids: Vec<u32>) {
        self.state().pids = pids;
    }

    /// The pipe that becomes readable after a request.
    pub(super) fn bell(&self) -> &PipeReader {
        &self.0.woken
    }

    /// Empties the pipe until the next request.
    pub(super) fn hear(&self) {
        let mut bytes = [0; 64];
        while matches!((&self.0.woken).read(&mut bytes), Ok(count) if count > 0) {}
    }

    fn ask(&self, change: impl FnOnce(&mut Request)) {
        change(&mut self.state().request);
        // A full pipe wakes the reader, too.
        let _ = (&self.0.bell).write(&[1]);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes our end of a pipe non-blocking.
pub(super) fn unblock(end: impl AsFd) -> std::io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(&end)?;
    rustix::fs::fcntl_setfl(&end, flags | OFlags::NONBLOCK)?;
    Ok(())
}
