//! The priority of an item: its words and numbers.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::Value;
use crate::error::Error;

/// The urgency of an item, from 0 (highest) to 4; 2 if none is given.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "u8", into = "u8")]
pub struct Priority(u8);

impl Priority {
    /// All of them as texts, the highest first.
    pub const WORDS: [&'static str; 5] = ["0", "1", "2", "3", "4"];

    /// The words for the numbers, the highest first: beads' own, then those of other trackers.
    const NAMES: [&[&str]; 5] = [
        &["critical", "urgent", "highest"],
        &["high"],
        &["medium", "normal"],
        &["low"],
        &["lowest", "backlog", "trivial"],
    ];

    /// What a priority can be typed as, for messages.
    pub const FORMS: &str = "0 (highest) to 4, P0 to P4, or critical, high, medium, low or backlog";

    /// The number, from 0 (highest) to 4.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The number as a text.
    pub fn word(self) -> &'static str {
        Priority::WORDS[usize::from(self.0)]
    }

    /// The priority that a word such as `high` means, ignoring case.
    pub fn named(word: &str) -> Option<Priority> {
        let is_of = |names: &&[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(word));
        let found = Priority::NAMES.iter().position(is_of)?;
        u8::try_from(found).ok().map(Priority)
    }

    /// Reads the register: the default if it is not a whole number, `None` if the number is
    /// invalid.
    pub fn of(value: &Value) -> Option<Priority> {
        match value.as_int() {
            None => Some(Priority::default()),
            Some(number) => Priority::try_from(u8::try_from(number).ok()?).ok(),
        }
    }
}

impl Default for Priority {
    fn default() -> Self {
        Priority(2)
    }
}

fn invalid(text: &str) -> Error {
    let shown = super::text::one_line(text);
    Error::usage(format!("`{shown}` is not a valid priority"))
        .hint(format!("use {}", Priority::FORMS))
}

impl TryFrom<u8> for Priority {
    type Error = Error;

    fn try_from(number: u8) -> Result<Self, Error> {
        let fits = usize::from(number) < Priority::WORDS.len();
        fits.then_some(Priority(number))
            .ok_or_else(|| invalid(&number.to_string()))
    }
}

impl From<Priority> for u8 {
    fn from(priority: Priority) -> u8 {
        priority.0
    }
}

impl From<Priority> for Value {
    fn from(priority: Priority) -> Value {
        Value::Int(i64::from(priority.0))
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads `0` to `4`, `P0` to `P4`, and the words for them.
impl FromStr for Priority {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let digit = text.strip_prefix(['p', 'P']).unwrap_or(text);
        let found = Priority::WORDS.iter().position(|word| *word == digit);
        let number = found.and_then(|n| u8::try_from(n).ok());
        let read = number.map(Priority).or_else(|| Priority::named(text));
        read.ok_or_else(|| invalid(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_priority_is_a_digit_with_or_without_a_letter() {
        for text in ["1", "p1", "P1"] {
            assert_eq!(text.parse::<Priority>().unwrap().number(), 1, "{text}");
        }
        for (text, number) in [("critical", 0), ("High", 1), ("medium", 2), ("lowest", 4)] {
            assert_eq!(text.parse::<Priority>().unwrap().number(), number, "{text}");
        }
        for bad in ["", "p", "5", "01", "+1", "phigh", "PP1"] {
            let error = bad.parse::<Priority>().unwrap_err();
            assert!(error.to_string().ends_with("is not a valid priority"));
        }
        assert_eq!(Priority::default().to_string(), "2");
    }

    #[test]
    fn a_priority_is_stored_as_a_number() {
        let high = Priority::try_from(0).unwrap();
        assert_eq!(serde_json::to_string(&high).unwrap(), "0");
        assert_eq!(serde_json::from_str::<Priority>("4").unwrap().number(), 4);
        assert!(serde_json::from_str::<Priority>("5").is_err());
        assert_eq!(Priority::of(&Value::Int(0)), Some(high));
        assert_eq!(Priority::of(&Value::Int(5)), None);
        assert_eq!(Priority::of(&Value::Int(-1)), None);
        assert_eq!(Priority::of(&Value::from("x")), Some(Priority::default()));
        assert_eq!(Value::from(high), Value::Int(0));
    }
}
