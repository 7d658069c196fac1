//! Types and parsers of argument values.

pub use git_pm::verbs::{Words, priority};

/// The kinds of items.
pub const KINDS: &[&str] = &["prd", "epic", "task", "issue"];

/// A duration in milliseconds. A type of its own, so that `git pm help --all` does not take it for a
/// number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Millis(pub u64);

/// Parses a duration: a whole number and one of `s`, `m`, `h`, `d`, `w`.
pub fn duration(text: &str) -> std::result::Result<Millis, String> {
    let unit = match text.chars().last() {
        Some('s') => 1_000,
        Some('m') => 60_000,
        Some('h') => 3_600_000,
        Some('d') => 86_400_000,
        Some('w') => 604_800_000,
        _ => 0,
    };
    let number = text.get(..text.len().saturating_sub(1)).unwrap_or("");
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (unit > 0 && digits)
        .then(|| number.parse::<u64>().ok()?.checked_mul(unit))
        .flatten()
        .filter(|ms| *ms > 0)
        .map(Millis)
        .ok_or_else(|| "expected a whole number and a unit: 30s, 15m, 4h, 2d, 1w".to_string())
}

/// Parses an amount of US dollars, `5` or `2.50usd`, into millionths of a dollar.
pub fn micro_usd(text: &str) -> std::result::Result<u64, String> {
    git_pm::costs::micro_usd(text)
        .map_err(|_| "expected an amount in US dollars: 5usd, 2.50, $5".to_string())
}

/// Parses the maximum number of rows; 0 means all.
pub fn limit(text: &str) -> std::result::Result<usize, String> {
    let number = text.parse::<usize>();
    let number = number.map_err(|_| "expected a whole number, 0 for all".to_string())?;
    Ok(if number == 0 { usize::MAX } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        assert_eq!(duration("30s"), Ok(Millis(30_000)));
        assert_eq!(duration("15m"), Ok(Millis(900_000)));
        assert_eq!(duration("4h"), Ok(Millis(14_400_000)));
        assert_eq!(duration("2d"), Ok(Millis(172_800_000)));
        assert_eq!(duration("1w"), Ok(Millis(604_800_000)));
        for bad in [
            "",
            "h",
            "4",
            "4 h",
            "-1h",
            "+1h",
            "1.5h",
            "0s",
            "4y",
            "é",
            "99999999999999999w",
        ] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
