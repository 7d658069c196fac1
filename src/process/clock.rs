//! How long an agent has been at work: a clock that can be paused.
//!
//! It counts the time that the machine is awake (`CLOCK_MONOTONIC` on Linux, `CLOCK_UPTIME_RAW` on
//! macOS): a laptop's sleep does not count toward a deadline, because the agent sleeps as well.

use std::time::{Duration, Instant};

/// The time since its start, not counting pauses.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The time counted until the last call of `pause` or `resume`.
    before: Duration,
    /// The last call of `start` or `resume`; none during a pause.
    since: Option<Instant>,
}

impl Clock {
    /// A clock that runs from `now` on.
    pub fn start(now: Instant) -> Clock {
        Clock {
            before: Duration::ZERO,
            since: Some(now),
        }
    }

    /// The time counted until `now`.
    pub fn read(&self, now: Instant) -> Duration {
        let running = self.since.map(|since| now.saturating_duration_since(since));
        self.before + running.unwrap_or_default()
    }

    /// Stops counting.
    pub fn pause(&mut self, now: Instant) {
        self.before = self.read(now);
        self.since = None;
    }

    /// Continues counting.
    pub fn resume(&mut self, now: Instant) {
        self.before = self.read(now);
        self.since = Some(now);
    }

    /// True during a pause.
    pub fn is_paused(&self) -> bool {
        self.since.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RC-02: a pause of any length costs no time, and pausing or resuming twice changes nothing.
    #[test]
    fn pauses_do_not_count() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut clock = Clock::start(start);
        clock.pause(at(3));
        assert_eq!(clock.read(at(100)), Duration::from_secs(3));
        clock.pause(at(50));
        clock.resume(at(100));
        clock.resume(at(102));
        assert_eq!(clock.read(at(104)), Duration::from_secs(7));
        assert!(!clock.is_paused());
    }
}
