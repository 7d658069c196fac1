//! When a conversation has to stop, pause or end at its deadline: checked wherever it waits.

use std::time::{Duration, Instant};

use crate::process::{Clock, Control, ExitCause};

/// The interval between two checks of the control.
pub const CONTROL_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// A watch over one conversation. Pauses do not count toward the deadline.
pub struct Watch<'a> {
    control: &'a Control,
    clock: Clock,
    deadline: Option<Duration>,
}

impl<'a> Watch<'a> {
    /// A watch that begins now.
    pub fn new(control: &'a Control, deadline: Option<Duration>) -> Watch<'a> {
        Watch {
            control,
            clock: Clock::start(Instant::now()),
            deadline,
        }
    }

    /// The control.
    pub fn control(&self) -> &'a Control {
        self.control
    }

    /// True during a pause.
    pub fn is_paused(&self) -> bool {
        self.clock.is_paused()
    }

    /// Checks the control and the deadline; an error if the conversation has to end.
    pub fn look(&mut self) -> Result<(), ExitCause> {
        let request = self.control.request();
        if request.is_stop {
            return Err(ExitCause::Stopped);
        }
        let now = Instant::now();
        match (request.is_pause, self.clock.is_paused()) {
            (true, false) => self.clock.pause(now),
            (false, true) => self.clock.resume(now),
            _ => {}
        }
        match self.left() {
            Some(left) if left.is_zero() => Err(ExitCause::Deadline),
            _ => Ok(()),
        }
    }

    /// The time until the deadline.
    pub fn left(&self) -> Option<Duration> {
        let used = self.clock.read(Instant::now());
        Some(self.deadline?.saturating_sub(used))
    }

    /// Waits for this time, and until the end of a pause.
    pub fn wait(&mut self, time: Duration) -> Result<(), ExitCause> {
        let end = Instant::now() + time;
        loop {
            self.look()?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() && !self.is_paused() {
                return Ok(());
            }
            std::thread::sleep(CONTROL_POLL_INTERVAL.min(left.max(Duration::from_millis(1))));
        }
    }
}
