//! Types and parsers of argument values.

use clap::builder::{PossibleValue, TypedValueParser};
use git_pm::{Error, Result};

/// A word of a list that completion and help show. Other words pass, too: the library checks them,
/// ignoring case, and an empty one clears a field.
#[derive(Clone)]
pub struct Words<T>(pub T);

impl<T> TypedValueParser for Words<T>
where
    T: AsRef<[&'static str]> + Clone + Send + Sync + 'static,
{
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> std::result::Result<String, clap::Error> {
        clap::builder::StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.as_ref().iter().map(PossibleValue::new)))
    }
}

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

/// Parses a priority: 0 (highest) to 4, with an optional leading `P`.
pub fn priority(text: &str) -> std::result::Result<u8, String> {
    let digits = text.strip_prefix(['p', 'P']).unwrap_or(text);
    digits
        .parse::<u8>()
        .ok()
        .filter(|n| *n <= 4 && digits.len() == 1)
        .ok_or_else(|| "expected 0 (highest) to 4, or P0 to P4".to_string())
}

/// Splits words into an optional id, which contains a letter, and numbers.
pub fn id_and_numbers(words: &[String]) -> Result<(Option<&str>, Vec<usize>)> {
    let (id, numbers) = match words.split_first() {
        Some((first, rest)) if first.chars().any(char::is_alphabetic) => {
            (Some(first.as_str()), rest)
        }
        _ => (None, words),
    };
    let numbers = numbers
        .iter()
        .map(|word| {
            word.parse::<usize>()
                .ok()
                .filter(|n| *n > 0)
                .ok_or_else(|| {
                    Error::usage(format!(
                        "`{word}` is not the number of an acceptance criterion"
                    ))
                    .hint("criteria are numbered from 1, as `git pm show` lists them")
                })
        })
        .collect::<Result<_>>()?;
    Ok((id, numbers))
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

    #[test]
    fn the_first_word_is_an_id_unless_it_is_a_number() {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_string()).collect::<Vec<_>>();
        assert_eq!(
            id_and_numbers(&words(&["1", "2"])).unwrap(),
            (None, vec![1, 2])
        );
        assert_eq!(
            id_and_numbers(&words(&["T-0001", "3"])).unwrap(),
            (Some("T-0001"), vec![3])
        );
        assert_eq!(id_and_numbers(&[]).unwrap(), (None, vec![]));
        assert!(id_and_numbers(&words(&["1", "T-0001"])).is_err());
        assert!(id_and_numbers(&words(&["0"])).is_err());
    }
}
