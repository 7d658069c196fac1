//! The environment that a caller passes to the library.
//!
//! The library itself reads no variable, home directory or clock.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::model::stamp::{parse_rfc3339, rfc3339};
use crate::model::typed_due_date::{self, DayEnd};

/// Names the file with the sandbox of what it starts, in a process that a run starts to do what an
/// agent has handed over. `GIT_DIR` then names the worktree's git directory.
pub const HANDED: &str = "GIT_PM_HANDED";

/// The caller's directory, variables, terminal and clock.
#[derive(Clone, Debug)]
pub struct Env {
    /// The current directory.
    pub cwd: PathBuf,
    /// The environment variables, also passed on to git.
    pub vars: BTreeMap<String, OsString>,
    /// True if a user at a terminal can answer a question.
    pub interactive: bool,
    /// The wall clock.
    pub clock: WallClock,
    /// On Linux, a program that calls `keep_processes` when its first
    /// argument is `KEEPER`. It is started for each agent, gate and set-up command
    /// and ends everything that these start, even if this process is killed. Without one, a process
    /// that leaves its parent, session, directory and environment can outlive its agent.
    pub keeper: Option<PathBuf>,
    /// Set by a caller that draws on the terminal: a program that calls
    /// `detached` when its first argument is `DETACHED`. Git,
    /// and what it starts, then has no terminal, and fails where it would ask for a password.
    pub detach: Option<PathBuf>,
    /// The name of the zone of the days that users type and read (`pm.timezone`), which opening a
    /// repository sets; without one it is that of `TZ`, or of the machine.
    pub zone: Option<String>,
}

/// The source of the time.
#[derive(Clone, Copy, Debug)]
pub enum WallClock {
    /// The system's clock, shifted by milliseconds.
    System {
        /// Added to the system's time.
        offset_ms: i64,
    },
    /// Always the same time, in milliseconds since the Unix epoch.
    Fixed(u64),
}

impl Env {
    /// An environment at `cwd` with these variables, the system's clock and no terminal.
    pub fn new(cwd: impl Into<PathBuf>, vars: BTreeMap<String, OsString>) -> Self {
        Env {
            cwd: cwd.into(),
            vars,
            interactive: false,
            clock: WallClock::System { offset_ms: 0 },
            keeper: None,
            detach: None,
            zone: None,
        }
    }

    /// True if a program that is started may ask the user.
    pub(crate) fn may_prompt(&self) -> bool {
        self.interactive && self.detach.is_none()
    }

    /// An environment at `cwd` with the variables of this process that have a name in UTF-8.
    pub fn of_process(cwd: impl Into<PathBuf>) -> Self {
        let named = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        Env::new(cwd, std::env::vars_os().filter_map(named).collect())
    }

    /// A variable that is set and not empty.
    pub fn var(&self, key: &str) -> Option<&OsStr> {
        self.vars
            .get(key)
            .map(OsString::as_os_str)
            .filter(|v| !v.is_empty())
    }

    /// A variable as text.
    pub fn text(&self, key: &str) -> Option<String> {
        self.var(key).map(|v| v.to_string_lossy().into_owned())
    }

    /// The day of a time in milliseconds since the Unix epoch, such as `2026-12-01`, in the zone of the
    /// days that users type.
    pub fn day(&self, ms: u64) -> String {
        self.zoned(ms).date().to_string()
    }

    /// As [`Env::day`], with the time of day unless a day begins or ends then: in another zone, too, it ends at its
    /// last second.
    pub fn moment(&self, ms: u64) -> String {
        let time = self.zoned(ms);
        let is_day = time.second() == 59 || time.time() == jiff::civil::Time::midnight();
        let form = if is_day { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M" };
        time.strftime(form).to_string()
    }

    /// A time in milliseconds since the Unix epoch as RFC 3339, in the zone of the days that users type:
    /// `2026-12-01T09:30:00+01:00`.
    pub fn local_time(&self, ms: u64) -> String {
        let time = self.zoned(ms);
        let offset = time.offset();
        match offset.is_zero() {
            true => rfc3339(ms),
            false => time.timestamp().display_with_offset(offset).to_string(),
        }
    }

    /// A stored time as people read it, as [`Env::local_time`].
    pub fn shown_time(&self, rfc3339: &str) -> String {
        // The first commit of every state has no time.
        let time = parse_rfc3339(rfc3339).filter(|ms| *ms > 0);
        time.map_or_else(|| rfc3339.to_string(), |ms| self.local_time(ms))
    }

    /// A stored time as people type it: the shortest text that is read as that time, where a day is
    /// its last second if `is_end`, else its first.
    pub fn typed_time(&self, rfc3339: &str, is_end: bool) -> String {
        let end = if is_end { DayEnd::Last } else { DayEnd::First };
        let Some(ms) = parse_rfc3339(rfc3339) else {
            return rfc3339.to_string();
        };
        let (now, day) = (self.now(), self.day(ms));
        let minute = self.zoned(ms).strftime("%Y-%m-%d %H:%M").to_string();
        let mut texts = [day, minute].into_iter();
        let same = texts.find(|text| typed_due_date::parse(text, &now, end) == Ok(ms));
        same.unwrap_or_else(|| self.local_time(ms))
    }

    fn zoned(&self, ms: u64) -> Zoned {
        let zone = self.now().time_zone().clone();
        let seconds = i64::try_from(ms / 1_000).ok();
        let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        time.unwrap_or_default().to_zoned(zone)
    }

    /// The wall time in the zone of the days that users type: `pm.timezone`, else `TZ`, else the
    /// machine's (`/etc/localtime`), else UTC.
    pub fn now(&self) -> Zoned {
        let named = self.zone.clone().or_else(|| self.text("TZ"));
        let named = named.map(|name| {
            let name = name.trim_start_matches(':');
            TimeZone::get(name).or_else(|_| TimeZone::posix(name))
        });
        let zone = named.unwrap_or_else(|| {
            let file = std::fs::read("/etc/localtime").unwrap_or_default();
            TimeZone::tzif("", &file)
        });
        let now = i64::try_from(self.now_ms()).unwrap_or(i64::MAX);
        let now = Timestamp::from_millisecond(now).unwrap_or(Timestamp::MAX);
        now.to_zoned(zone.unwrap_or(TimeZone::UTC))
    }

    /// The wall time in milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> u64 {
        match self.clock {
            WallClock::Fixed(ms) => ms,
            WallClock::System { offset_ms } => {
                let now = std::time::SystemTime::now()
                    .duration_since(std::time::UNIX_EPOCH)
                    .map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(0));
                now.saturating_add_signed(offset_ms)
            }
        }
    }
}
