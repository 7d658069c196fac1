//! Past times as users type them: a time ago (`7d`), or a day of `typed_day.rs`.
//!
//! All commands that take such a date use this reader. Pure: the current time is an argument, and
//! days are those of its zone.

use super::typed_day::{self, Toward};
use jiff::civil::Date;
use jiff::fmt::friendly::SpanParser;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// One millisecond or a whole day. `--since` uses the first millisecond, `--until` and `--at` the
/// last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The first millisecond, since the Unix epoch.
    pub begin_ms: u64,
    /// The last millisecond.
    pub end_ms: u64,
}

/// A text that is not a past time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a valid date; use a day (2026-11-20, `yesterday`, `friday`, `last week`, `Nov 20`), \
     with a time (`friday 9am`) or without, 2026-11-20T10:30:00Z, or a relative time: 2d, \
     `3 weeks ago`, `1h 30m`"
)]
pub struct NotAMoment(String);

impl NotAMoment {
    /// The error for a text.
    pub fn of(text: &str) -> NotAMoment {
        NotAMoment(super::text::shorten(text.trim(), 60))
    }
}

impl Moment {
    /// Reads a text at a time.
    ///
    /// # Errors
    /// [`NotAMoment`], which lists the accepted forms.
    pub fn parse(text: &str, now: &Zoned) -> Result<Moment, NotAMoment> {
        read(text.trim(), now).ok_or_else(|| NotAMoment::of(text))
    }
}

fn read(text: &str, now: &Zoned) -> Option<Moment> {
    let (today, zone) = (now.date(), now.time_zone());
    let day = |date: Date| day(date, zone);
    let lower = text.to_ascii_lowercase();
    if lower == "now" {
        return Some(instant(milliseconds(now.timestamp())));
    }
    if let (words, Some(time)) = typed_day::time_of_day(&lower)
        && let Some(date) = typed_day::day(words, today, Toward::Past)
    {
        let then = date.to_datetime(time).to_zoned(zone.clone());
        return Some(instant(milliseconds(then.ok()?.timestamp())));
    }
    if let Some(date) = typed_day::day(&lower, today, Toward::Past) {
        return day(date);
    }
    // A text that begins with a day and continues must be a time with a zone.
    if text.get(..10).is_some_and(is_day) {
        let time: Timestamp = text.parse().ok()?;
        return Some(instant(milliseconds(time)));
    }
    // A time of day alone is ambiguous: it has no day and no zone.
    if !text.starts_with(|c: char| c.is_ascii_digit()) || text.contains(':') {
        return None;
    }
    let span = SpanParser::new().parse_span(text).ok()?;
    let past = now.checked_sub(span.abs()).ok()?;
    Some(instant(milliseconds(past.timestamp())))
}

/// True if a text has the form `YYYY-MM-DD`.
fn is_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(n, b)| match n {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        })
}

fn day(date: Date, zone: &TimeZone) -> Option<Moment> {
    let begin = |date: Date| {
        let zoned = date.to_zoned(zone.clone()).ok()?;
        Some(milliseconds(zoned.timestamp()))
    };
    Some(Moment {
        begin_ms: begin(date)?,
        end_ms: begin(date.tomorrow().ok()?)?.saturating_sub(1),
    })
}

fn instant(ms: u64) -> Moment {
    Moment {
        begin_ms: ms,
        end_ms: ms,
    }
}

/// No document is older than the epoch, so a time before it is equivalent to the epoch.
fn milliseconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_millisecond()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stamp::rfc3339;

    fn at(text: &str) -> Result<(String, String), NotAMoment> {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let moment = Moment::parse(text, &now.to_zoned(TimeZone::UTC))?;
        Ok((rfc3339(moment.begin_ms), rfc3339(moment.end_ms)))
    }

    #[test]
    fn days_and_times_are_read() {
        for (text, begin, end) in [
            ("2026-11-19", "2026-11-19T00:00:00Z", "2026-11-19T23:59:59Z"),
            ("today", "2026-11-20T00:00:00Z", "2026-11-20T23:59:59Z"),
            ("Yesterday", "2026-11-19T00:00:00Z", "2026-11-19T23:59:59Z"),
            ("now", "2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z"),
            (
                "2026-11-19T10:00:00+02:00",
                "2026-11-19T08:00:00Z",
                "2026-11-19T08:00:00Z",
            ),
            ("1900-01-01", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(at(text), Ok((begin.into(), end.into())), "{text}");
        }
    }

    #[test]
    fn relative_times_are_read() {
        for (text, time) in [
            ("2d", "2026-11-18T12:00:00Z"),
            ("2d ago", "2026-11-18T12:00:00Z"),
            ("2 days ago", "2026-11-18T12:00:00Z"),
            ("2 days", "2026-11-18T12:00:00Z"),
            ("3 weeks ago", "2026-10-30T12:00:00Z"),
            ("1h 30m", "2026-11-20T10:30:00Z"),
            ("1 month ago", "2026-10-20T12:00:00Z"),
            ("45s", "2026-11-20T11:59:15Z"),
            ("900 years", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(at(text), Ok((time.into(), time.into())), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_accepted_forms() {
        for text in [
            "",
            "soon",
            "2",
            "20261120",
            "2026-13-01",
            "2026-11-31",
            "2026-11-20T10:00",
            "-2d",
            "+2d",
            "2 apples",
            "10:30:00",
            "2026-11-2",
            "99999999999999999999 days",
            "é",
            "2026-11-é",
        ] {
            let error = at(text).expect_err(text);
            assert!(error.to_string().contains("2026-11-20"), "{error}");
        }
    }
}
