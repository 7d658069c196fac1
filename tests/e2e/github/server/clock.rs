//! The server's clock: real time, moved on by tests, with the formats that GitHub writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// Seconds since 1970. GitHub's times have no fractions.
pub type Seconds = i64;

/// A clock that all parts of the server share.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// The time now.
    pub fn now(&self) -> Seconds {
        Timestamp::now().as_second() + self.offset.load(Ordering::Relaxed)
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_secs()).expect("a time that fits");
        self.offset.fetch_add(by, Ordering::Relaxed);
    }
}

/// A time as in JSON: `2026-11-28T12:00:00Z`.
pub fn shown(seconds: Seconds) -> String {
    Timestamp::from_second(seconds)
        .expect("a time of this era")
        .to_string()
}

/// A time from a query or a body.
pub fn parsed(text: &str) -> Option<Seconds> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

/// A time as in the header `Date`.
pub fn http_date(seconds: Seconds) -> String {
    Timestamp::from_second(seconds)
        .expect("a time of this era")
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}
