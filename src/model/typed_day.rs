//! Words for days (`yesterday`, `friday`, `Dec 1`) and times of day, for all commands that take a date.
//!
//! | form | of a due date, from Wednesday 2026-11-25 | of a past one |
//! |---|---|---|
//! | `2026-12-01` | that day | that day |
//! | `today`, `tonight`, `tomorrow`, `yesterday` | | |
//! | `friday`, `fri`, `this friday` | the first one after today | the last one before today |
//! | `next friday` | that of next week | |
//! | `last friday` | | the last one before today |
//! | `next week`, `next month`, `next year` | its first day | |
//! | `last week`, `last month`, `last year` | | its first day |
//! | `eod`, `eow`, `eom`, `eoy`; `end of the week`, `end of next week` | its last day; weeks end on Sunday | |
//! | `dec 1`, `1 december`, `1st of dec`, `dec 1 2027`, `1.12.`, `1.12.2027` | the first one from today | the last one until today |
//! | `end of march` | the first one from today | |
//! | `the 15th` | the first one from today | the last one until today |

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};

/// Where a day lies that is named without a year or a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toward {
    /// From today on.
    Future,
    /// Until today.
    Past,
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The day that words name, as seen from `today`.
pub fn day(words: &str, today: Date, toward: Toward) -> Option<Date> {
    let lower = words.to_ascii_lowercase().replace(',', " ");
    // `24.12.` and `24.12.2026` are day and month.
    let is_dotted = lower.matches('.').count() == 2;
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || is_dotted && c == '.')
        .filter(|word| !matches!(*word, "" | "of" | "the"))
        .collect();
    let is_future = toward == Toward::Future;
    match words.as_slice() {
        ["today"] => Some(today),
        ["tonight"] | ["eod"] | ["end", "day"] if is_future => Some(today),
        ["tomorrow"] if is_future => today.tomorrow().ok(),
        ["yesterday"] if !is_future => today.yesterday().ok(),
        ["eow"] | ["end", "week"] if is_future => week(today, 0)?.checked_add(6.days()).ok(),
        ["eom"] | ["end", "month"] if is_future => Some(today.last_of_month()),
        ["eoy"] | ["end", "year"] if is_future => Some(today.last_of_year()),
        ["end", "next", "week"] if is_future => week(today, 1)?.checked_add(6.days()).ok(),
        ["end", "next", "month"] if is_future => {
            Some(following("month", today, 1)?.last_of_month())
        }
        ["end", name] if is_future => {
            let first = nearest(today.first_of_month(), month(name)?, 1, true)?;
            Some(first.last_of_month())
        }
        ["next", word] if is_future => following(word, today, 1),
        ["last", word] if !is_future => match weekday(word) {
            Some(weekday) => today.nth_weekday(-1, weekday).ok(),
            None => following(word, today, -1),
        },
        [word] | ["this", word] if weekday(word).is_some() => {
            let nth = if is_future { 1 } else { -1 };
            today.nth_weekday(nth, weekday(word)?).ok()
        }
        [date] if date.len() == 10 => date.parse().ok(),
        [nth] if ENDS.iter().any(|end| nth.ends_with(end)) => {
            let day = number(nth)?;
            let months = (0..=12).map(|n| if is_future { n } else { -n });
            let mut found = months.filter_map(|n| {
                let month = today.first_of_month().checked_add(n.months()).ok()?;
                Date::new(month.year(), month.month(), day).ok()
            });
            found.find(|date| *date == today || (*date > today) == is_future)
        }
        [a, b, rest @ ..] => {
            let (month, day) = match (month(a), month(b)) {
                (Some(month), None) => (month, number(b)?),
                (None, Some(month)) => (month, number(a)?),
                (None, None) if is_dotted => (number(b)?, number(a)?),
                _ => return None,
            };
            match rest {
                [year] if year.len() == 4 => Date::new(year.parse().ok()?, month, day).ok(),
                [] => nearest(today, month, day, is_future),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Splits a time of day from the end of words: `9am`, `9:30 pm`, `17:00`, `noon`, which alone is today's.
pub fn time_of_day(words: &str) -> (&str, Option<Time>) {
    let words = words.trim();
    let split = |count: usize| {
        let mut at = words.rmatch_indices(char::is_whitespace);
        let at = at.nth(count - 1).map(|(at, _)| at)?;
        let (before, after) = words.split_at(at);
        Some((
            before.trim_end(),
            clock(&after.replace(char::is_whitespace, ""))?,
        ))
    };
    match split(1).or_else(|| split(2)) {
        Some((before, time)) => {
            let day = before.strip_suffix(" at").unwrap_or(before);
            (day, Some(time))
        }
        None if words.eq_ignore_ascii_case("noon") => ("today", clock(words)),
        None => (words, None),
    }
}

fn clock(text: &str) -> Option<Time> {
    let text = text.to_ascii_lowercase();
    if text == "noon" {
        return Some(Time::midnight().saturating_add(12.hours()));
    }
    let (digits, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(digits), _) => (digits, Some(0)),
        (_, Some(digits)) => (digits, Some(12)),
        _ => (text.as_str(), None),
    };
    let (hour, minute) = match digits.split_once(':') {
        Some((hour, minute)) if minute.len() == 2 => (hour, minute.parse().ok()?),
        None if half.is_some() => (digits, 0),
        _ => return None,
    };
    let hour: i8 = hour.parse().ok()?;
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// A weekday of the week after or before, or the first day of a week, month or year.
fn following(word: &str, today: Date, by: i64) -> Option<Date> {
    match word {
        "week" => week(today, by),
        "month" => today.first_of_month().checked_add(by.months()).ok(),
        "year" => today.first_of_year().checked_add(by.years()).ok(),
        _ => {
            let days = i64::from(weekday(word)?.to_monday_zero_offset());
            week(today, by)?.checked_add(days.days()).ok()
        }
    }
}

/// The Monday of the week that is so many weeks away.
fn week(today: Date, by: i64) -> Option<Date> {
    let since = i64::from(today.weekday().to_monday_zero_offset());
    today.checked_add((7 * by - since).days()).ok()
}

fn nearest(today: Date, month: i8, day: i8, is_future: bool) -> Option<Date> {
    // The 29th of February may be years away.
    let years = (0..=8).map(|n| if is_future { n } else { -n });
    let mut found = years.filter_map(|n| Date::new(today.year() + n, month, day).ok());
    found.find(|date| *date == today || (*date > today) == is_future)
}

fn weekday(word: &str) -> Option<Weekday> {
    let is_it = |name: &str| word.len() >= 3 && name.starts_with(word);
    WEEKDAYS
        .iter()
        .find(|(name, _)| is_it(name))
        .map(|(_, day)| *day)
}

fn month(word: &str) -> Option<i8> {
    let at = MONTHS
        .iter()
        .position(|name| word.len() >= 3 && name.starts_with(word))?;
    i8::try_from(at + 1).ok()
}

/// The ends of ordinal numbers.
const ENDS: [&str; 4] = ["st", "nd", "rd", "th"];

/// A day of the month, such as `1` or `1st`.
fn number(word: &str) -> Option<i8> {
    let digits = ENDS.iter().find_map(|end| word.strip_suffix(end));
    digits.unwrap_or(word).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Wednesday.
    const TODAY: Date = jiff::civil::date(2026, 11, 25);

    #[test]
    fn days_are_read_forward_and_backward() {
        let forms = [
            ("2026-12-01", Some("2026-12-01"), Some("2026-12-01")),
            ("today", Some("2026-11-25"), Some("2026-11-25")),
            ("tomorrow", Some("2026-11-26"), None),
            ("yesterday", None, Some("2026-11-24")),
            ("friday", Some("2026-11-27"), Some("2026-11-20")),
            ("Fri", Some("2026-11-27"), Some("2026-11-20")),
            ("wednesday", Some("2026-12-02"), Some("2026-11-18")),
            ("this sunday", Some("2026-11-29"), Some("2026-11-22")),
            ("next friday", Some("2026-12-04"), None),
            ("last friday", None, Some("2026-11-20")),
            ("next week", Some("2026-11-30"), None),
            ("last week", None, Some("2026-11-16")),
            ("next month", Some("2026-12-01"), None),
            ("last month", None, Some("2026-10-01")),
            ("next year", Some("2027-01-01"), None),
            ("eow", Some("2026-11-29"), None),
            ("end of month", Some("2026-11-30"), None),
            ("end of the month", Some("2026-11-30"), None),
            ("end of next week", Some("2026-12-06"), None),
            ("end of next month", Some("2026-12-31"), None),
            ("tonight", Some("2026-11-25"), None),
            ("EOD", Some("2026-11-25"), None),
            ("eoy", Some("2026-12-31"), None),
            ("Dec 1", Some("2026-12-01"), Some("2025-12-01")),
            ("1st of december", Some("2026-12-01"), Some("2025-12-01")),
            ("November 25", Some("2026-11-25"), Some("2026-11-25")),
            ("Nov 24, 2027", Some("2027-11-24"), Some("2027-11-24")),
            ("29 feb", Some("2028-02-29"), Some("2024-02-29")),
            ("the 25th", Some("2026-11-25"), Some("2026-11-25")),
            ("the 1st", Some("2026-12-01"), Some("2026-11-01")),
            ("31st", Some("2026-12-31"), Some("2026-10-31")),
            ("33rd", None, None),
            ("31 june", None, None),
            ("next", None, None),
            ("fr", None, None),
            ("1 2", None, None),
            ("30.11.", Some("2026-11-30"), Some("2025-11-30")),
            ("24.12.2026", Some("2026-12-24"), Some("2026-12-24")),
            ("1. 12. 2027", Some("2027-12-01"), Some("2027-12-01")),
            ("30.11", None, None),
            ("12.24.2026", None, None),
            ("1.2.3.", None, None),
            ("end of march", Some("2027-03-31"), None),
            ("end of november", Some("2026-11-30"), None),
            ("end of the week", Some("2026-11-29"), None),
            ("end of now", None, None),
            ("dec 1 1 1", None, None),
        ];
        for (text, future, past) in forms {
            let read = |toward| day(text, TODAY, toward).map(|date| date.to_string());
            assert_eq!(read(Toward::Future).as_deref(), future, "{text}");
            assert_eq!(read(Toward::Past).as_deref(), past, "{text}");
        }
    }

    #[test]
    fn times_of_day_are_read() {
        let forms = [
            ("tomorrow 9am", "tomorrow", Some("09:00:00")),
            ("friday at 9:30 PM", "friday", Some("21:30:00")),
            ("2026-12-01 17:05", "2026-12-01", Some("17:05:00")),
            ("today 12am", "today", Some("00:00:00")),
            ("today 12pm", "today", Some("12:00:00")),
            ("today noon", "today", Some("12:00:00")),
            ("noon", "today", Some("12:00:00")),
            ("30.11. 9am", "30.11.", Some("09:00:00")),
            ("dec 1", "dec 1", None),
            ("today 25:00", "today 25:00", None),
            ("today 13pm", "today 13pm", None),
            ("10:30", "10:30", None),
        ];
        for (text, words, time) in forms {
            let (rest, read) = time_of_day(text);
            assert_eq!(
                (rest, read.map(|t| t.to_string()).as_deref()),
                (words, time),
                "{text}"
            );
        }
    }
}
