//! Future times as users type them: a due date, or the end of a deferral. Pure: the current time is
//! an argument, and days are UTC days.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::friendly::SpanParser;
use jiff::tz::TimeZone;

/// A text that is not a future time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a valid time; use 2026-11-20 (the start of that day, UTC), \
     2026-11-20T10:30:00Z, `tomorrow`, or a time from now: +6h, 2d, `in 3 weeks`"
)]
pub struct NotATime(String);

/// Reads a text at the time `now_ms`. Both times are in milliseconds since the Unix epoch.
///
/// # Errors
/// [`NotATime`], which lists the accepted forms.
pub fn parse(text: &str, now_ms: u64) -> Result<u64, NotATime> {
    let words = text.trim();
    read(words, now_ms).ok_or_else(|| NotATime(super::text::shorten(words, 60)))
}

fn read(text: &str, now_ms: u64) -> Option<u64> {
    let now = Timestamp::from_millisecond(i64::try_from(now_ms).ok()?).ok()?;
    let today = now.to_zoned(TimeZone::UTC).date();
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "now" => return Some(now_ms),
        "today" => return day(today),
        "tomorrow" => return day(today.tomorrow().ok()?),
        _ => {}
    }
    if let Ok(date) = text.parse::<Date>()
        && text.len() == 10
    {
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
        .unwrap_or(&lower)
        .trim();
    if !span.starts_with(|c: char| c.is_ascii_digit()) || span.ends_with("ago") {
        return None;
    }
    let span = SpanParser::new().parse_span(span).ok()?;
    let then = now.to_zoned(TimeZone::UTC).checked_add(span.abs()).ok()?;
    milliseconds(then.timestamp())
}

fn day(date: Date) -> Option<u64> {
    milliseconds(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn milliseconds(time: Timestamp) -> Option<u64> {
    u64::try_from(time.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stamp::{parse_rfc3339, rfc3339};

    #[test]
    fn due_dates_are_read() {
        let now = parse_rfc3339("2026-11-20T10:30:00Z").unwrap();
        let read = |text: &str| parse(text, now).map(rfc3339);
        let times = [
            ("2027-01-15", "2027-01-15T00:00:00Z"),
            ("2027-01-15T08:00:00+02:00", "2027-01-15T06:00:00Z"),
            ("tomorrow", "2026-11-21T00:00:00Z"),
            ("+6h", "2026-11-20T16:30:00Z"),
            ("2d", "2026-11-22T10:30:00Z"),
            ("in 2 weeks", "2026-12-04T10:30:00Z"),
        ];
        for (text, time) in times {
            assert_eq!(read(text).as_deref(), Ok(time), "{text}");
        }
        for bad in ["", "soon", "2 days ago", "10:30", "2026-13-01", "+", "-2d"] {
            assert!(read(bad).is_err(), "{bad}: {:?}", read(bad));
        }
    }
}
