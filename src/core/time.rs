//! Points in time.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::error::{Error, Reason, Result};
use crate::model::stamp::{parse_rfc3339, rfc3339};
use crate::model::text::one_line;

/// A point in time, in milliseconds since the Unix epoch. As a text it is RFC 3339 in UTC with whole
/// seconds, as in the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The time so many milliseconds after the Unix epoch.
    pub const fn from_millis(ms: u64) -> Timestamp {
        Timestamp(ms)
    }

    /// The milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The time so much later; at most the greatest one.
    #[must_use]
    pub fn after(self, pause: Duration) -> Timestamp {
        let ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        Timestamp(self.0.saturating_add(ms))
    }

    /// Reads a time of the state; `None` if it has none, or it is not RFC 3339.
    pub(super) fn stored(text: Option<&str>) -> Option<Timestamp> {
        text.and_then(parse_rfc3339).map(Timestamp)
    }
}

/// Empty after the year 9999, which RFC 3339 cannot write.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&rfc3339(self.0))
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Timestamp> {
        parse_rfc3339(text).map(Timestamp).ok_or_else(|| {
            Error::usage(format!("`{}` is not a time", one_line(text)))
                .because(Reason::ArgumentsInvalid)
                .hint("use RFC 3339, such as 2026-12-01T10:00:00Z")
        })
    }
}
