//! What the dates and estimates of a spreadsheet mean, and which of them could mean two things. Pure.

use std::borrow::Cow;

use crate::model::stamp::{DAY_MS, rfc3339};

/// The days on which spreadsheets have these numbers, counted from 1899-12-30: 1954 to 2119.
const SERIALS: std::ops::Range<f64> = 20_000.0..80_000.0;

/// The number of 1970-01-01 in spreadsheets.
const EPOCH: f64 = 25_569.0;

/// A date in a form that `foreign_words::time` reads; the number of a day in a
/// spreadsheet is that day.
///
/// # Errors
/// Why it is not known which day it is.
pub(super) fn date(text: &str) -> Result<Cow<'_, str>, String> {
    let text = text.trim();
    if let Some([a, b]) = day_and_month(text) {
        return Err(format!(
            "the day may be {a} and the month {b}, or the other way round: write YYYY-MM-DD"
        ));
    }
    let is_number = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let serial = text
        .parse::<f64>()
        .ok()
        .filter(|n| is_number && SERIALS.contains(n));
    Ok(match serial {
        None => text.into(),
        Some(days) => {
            // To the second, which is what a spreadsheet shows.
            let seconds = ((days - EPOCH) * (DAY_MS / 1000) as f64).round();
            let time = rfc3339(seconds as u64 * 1000);
            time.strip_suffix("T00:00:00Z")
                .unwrap_or(&time)
                .to_string()
                .into()
        }
    })
}

/// The first two numbers of a date, if either may be its month.
fn day_and_month(text: &str) -> Option<[u32; 2]> {
    let day = text.split([' ', 'T', ',']).next()?;
    let parts: Vec<&str> = day.split(['/', '-']).collect();
    let [a, b, c] = parts[..] else { return None };
    let number = |part: &str, most: u32| {
        let number = part.parse::<u32>().ok().filter(|n| (1..=most).contains(n));
        number.filter(|_| part.len() <= 2)
    };
    c.parse::<u32>().ok()?;
    let (a, b) = (number(a, 12)?, number(b, 12)?);
    (a != b).then_some([a, b])
}

/// An estimate with a unit.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Estimated {
    Points(i64),
    Minutes(i64),
}

/// Units of points, and of time with their minutes: a day of work has 8 hours, a week 5 days.
const UNITS: [(&str, Option<f64>); 6] = [
    ("p pt pts sp point points storypoint storypoints", None),
    ("m min mins minute minutes", Some(1.0)),
    ("h hr hrs hour hours", Some(60.0)),
    ("d day days", Some(480.0)),
    ("w wk wks week weeks", Some(2400.0)),
    ("", None),
];

/// Reads `3`, `3 pts`, `4h`, `1d 4h`, `1.5 days`.
pub(super) fn estimate(text: &str) -> Option<Estimated> {
    let (points, minutes) = measured(text)?;
    let whole = |number: f64| (number.fract() == 0.0 && number < 1e9).then_some(number as i64);
    match points {
        Some(points) => whole(points).map(Estimated::Points),
        None => whole(minutes).filter(|m| *m > 0).map(Estimated::Minutes),
    }
}

/// Points with a fraction, `0.5` or `2.5 pts`, as the next whole number: there are no others here.
pub(super) fn rounded_points(text: &str) -> Option<i64> {
    let points = measured(text)?.0?;
    (points.fract() != 0.0 && points < 1e9).then_some(points.ceil() as i64)
}

/// The points, or else the minutes of an estimate.
fn measured(text: &str) -> Option<(Option<f64>, f64)> {
    let text = text.trim().to_lowercase();
    let (mut rest, mut minutes, mut points) = (text.as_str(), 0.0, None);
    while !rest.is_empty() {
        let is_number = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
        let end = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
        // `1,000` may be a thousand or one.
        let decimals = rest[..end]
            .split_once(',')
            .map_or(0, |(_, after)| after.len());
        let number = rest[..end].replace(',', ".").parse::<f64>();
        let number = number.ok().filter(|_| decimals != 3)?;
        let after = rest[end..].trim_start();
        let end = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        let unit: String = after[..end]
            .chars()
            .filter(|c| !" .-".contains(*c))
            .collect();
        rest = after[end..].trim_start();
        let found = UNITS
            .iter()
            .find(|(names, _)| names.split(' ').any(|name| name == unit));
        match found?.1 {
            Some(each) if points.is_none() => minutes += number * each,
            None if points.is_none() && minutes == 0.0 => points = Some(number),
            _ => return None,
        }
    }
    Some((points, minutes))
}

/// What a tick in a column such as `Completed` says.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "x" | "1" | "✓" | "✔" | "☑" | "✅" => Some(true),
        "false" | "no" | "0" | "☐" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_could_be_a_month_is_told() {
        for text in ["3/4/2026", "03-04-26", "3/4/26 10:00", "12/11/2026"] {
            assert!(
                date(text).unwrap_err().contains("write YYYY-MM-DD"),
                "{text}"
            );
        }
        for text in [
            "24/12/2026",
            "12/24/2026",
            "3/3/2026",
            "03.04.26",
            "2026-03-04",
            "3/Apr/26",
        ] {
            assert_eq!(date(text).as_deref(), Ok(text));
        }
        for (text, day) in [
            ("46380", "2026-12-24"),
            ("46380.5", "2026-12-24T12:00:00Z"),
            ("2026", "2026"),
        ] {
            assert_eq!(date(text).as_deref(), Ok(day));
        }
    }

    #[test]
    fn points_with_a_fraction_are_rounded_up() {
        for (text, expected) in [
            ("0.5", Some(1)),
            ("2.5 pts", Some(3)),
            ("1,5", Some(2)),
            ("3", None),
            ("1.5 days", None),
            ("1.2.3", None),
            ("large", None),
            ("", None),
        ] {
            assert_eq!(rounded_points(text), expected, "{text}");
        }
    }

    #[test]
    fn estimates_are_points_or_time() {
        use Estimated::{Minutes, Points};
        for (text, expected) in [
            ("3", Some(Points(3))),
            ("5.0", Some(Points(5))),
            ("3 pts", Some(Points(3))),
            ("8 Story Points", Some(Points(8))),
            ("4h", Some(Minutes(240))),
            ("2d", Some(Minutes(960))),
            ("1d 4h", Some(Minutes(720))),
            ("1,5 hours", Some(Minutes(90))),
            ("1w", Some(Minutes(2400))),
            ("30 min", Some(Minutes(30))),
            ("3 5", None),
            ("2.5", None),
            ("3 pts 2h", None),
            ("2-3 days", None),
            ("1.2.3", None),
            ("1,000", None),
            ("-2h", None),
            ("large", None),
            ("", None),
        ] {
            assert_eq!(estimate(text), expected, "{text}");
        }
    }
}
