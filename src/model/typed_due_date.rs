//! Due dates and ends of deferrals as users type them: a time ahead (`7d`), or a day of `typed_day.rs`.
//!
//! Pure: the current time is an argument, and days are those of its zone.

use super::typed_day::{self, Toward};
use jiff::civil::Date;
use jiff::fmt::friendly::SpanParser;
use jiff::{Timestamp, Zoned};

/// A text that is not a future time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a valid time; use a day (2026-11-20, `tomorrow`, `friday`, `next week`, `Dec 1`, `1.12.`), \
     with a time (`friday 9am`) or without, 2026-11-20T10:30:00Z, or a time from now (+6h, 2d, `in 3 weeks`)"
)]
pub struct NotATime(String);

impl NotATime {
    /// The error for a text.
    pub fn of(text: &str) -> NotATime {
        NotATime(super::text::shorten(text.trim(), 60))
    }
}

/// The end of a day that is meant: work is due when it is over, and deferred until it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayEnd {
    /// Its first second.
    First,
    /// Its last second.
    Last,
}

/// Reads a text at a time, as milliseconds since the Unix epoch.
///
/// # Errors
/// [`NotATime`], which lists the accepted forms.
pub fn parse(text: &str, now: &Zoned, end: DayEnd) -> Result<u64, NotATime> {
    read(text.trim(), now, end).ok_or_else(|| NotATime::of(text))
}

fn read(text: &str, now: &Zoned, end: DayEnd) -> Option<u64> {
    let today = now.date();
    let day = |date: Date| match end {
        DayEnd::First => milliseconds(date.to_zoned(now.time_zone().clone()).ok()?.timestamp()),
        DayEnd::Last => {
            let next = date
                .tomorrow()
                .ok()?
                .to_zoned(now.time_zone().clone())
                .ok()?;
            milliseconds(next.timestamp())?.checked_sub(1_000)
        }
    };
    let lower = text.to_ascii_lowercase();
    if lower == "now" {
        return milliseconds(now.timestamp());
    }
    if let (words, Some(time)) = typed_day::time_of_day(&lower)
        && let Some(date) = typed_day::day(words, today, Toward::Future)
    {
        let then = date.to_datetime(time).to_zoned(now.time_zone().clone());
        return milliseconds(then.ok()?.timestamp());
    }
    if let Some(date) = typed_day::day(&lower, today, Toward::Future) {
        return day(date);
    }
    if text
        .get(..4)
        .is_some_and(|y| y.bytes().all(|b| b.is_ascii_digit()))
        && text.contains('T')
    {
        return milliseconds(text.parse().ok()?);
    }
    let span = lower
        .strip_prefix('+')
        .or_else(|| lower.strip_prefix("in "))
        .unwrap_or(&lower);
    let span = span.strip_suffix(" from now").unwrap_or(span).trim();
    let counted = counted(span);
    let span = counted.as_deref().unwrap_or(span);
    if !span.starts_with(|c: char| c.is_ascii_digit()) || span.ends_with("ago") {
        return None;
    }
    let span = SpanParser::new().parse_span(span).ok()?;
    let then = now.checked_add(span.abs()).ok()?;
    // Days, weeks, months and years name a day.
    match span.get_hours() == 0 && span.get_minutes() == 0 && span.get_seconds() == 0 {
        true => day(then.date()),
        false => milliseconds(then.timestamp()),
    }
}

/// Numbers from one to ten as words.
const NUMBERS: [&str; 10] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
];

/// A span with its first word as digits: `two weeks`, `a week`.
fn counted(span: &str) -> Option<String> {
    let (word, unit) = span.split_once(' ')?;
    let at = match word {
        "a" | "an" => 0,
        word => NUMBERS.iter().position(|number| *number == word)?,
    };
    Some(format!("{} {unit}", at + 1))
}

fn milliseconds(time: Timestamp) -> Option<u64> {
    u64::try_from(time.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stamp::rfc3339;

    fn at(text: &str, zone: &str) -> Zoned {
        let now: Timestamp = text.parse().unwrap();
        now.to_zoned(jiff::tz::TimeZone::posix(zone).unwrap())
    }

    #[test]
    fn due_dates_are_read() {
        let now = at("2026-11-20T10:30:00Z", "UTC0");
        let read = |text: &str| parse(text, &now, DayEnd::Last).map(rfc3339);
        let times = [
            ("2027-01-15", "2027-01-15T23:59:59Z"),
            ("2027-01-15T08:00:00+02:00", "2027-01-15T06:00:00Z"),
            ("today", "2026-11-20T23:59:59Z"),
            ("+6h", "2026-11-20T16:30:00Z"),
            ("2d", "2026-11-22T23:59:59Z"),
            ("in 2 weeks", "2026-12-04T23:59:59Z"),
            ("in two weeks", "2026-12-04T23:59:59Z"),
            ("a week", "2026-11-27T23:59:59Z"),
            ("two days from now", "2026-11-22T23:59:59Z"),
            ("the 15th", "2026-12-15T23:59:59Z"),
            ("+1d 2h", "2026-11-21T12:30:00Z"),
            ("Friday 9am", "2026-11-27T09:00:00Z"),
            ("dec 1", "2026-12-01T23:59:59Z"),
            ("30.11.", "2026-11-30T23:59:59Z"),
            ("24.12.2026 noon", "2026-12-24T12:00:00Z"),
            ("end of march", "2027-03-31T23:59:59Z"),
            ("noon", "2026-11-20T12:00:00Z"),
        ];
        for (text, time) in times {
            assert_eq!(read(text).as_deref(), Ok(time), "{text}");
        }
        for bad in ["", "soon", "2 days ago", "10:30", "2026-13-01", "+", "-2d"] {
            assert!(read(bad).is_err(), "{bad}: {:?}", read(bad));
        }
    }

    #[test]
    fn a_day_is_one_where_the_user_is() {
        // New York, where the evening before lasts until 05:00 UTC, and the clock moves on.
        let now = at("2026-03-08T04:30:00Z", "EST5EDT,M3.2.0,M11.1.0");
        let read = |text: &str, end| rfc3339(parse(text, &now, end).unwrap());
        assert_eq!(read("today", DayEnd::Last), "2026-03-08T04:59:59Z");
        assert_eq!(read("tomorrow", DayEnd::First), "2026-03-08T05:00:00Z");
        assert_eq!(read("2026-03-08", DayEnd::Last), "2026-03-09T03:59:59Z");
    }
}
