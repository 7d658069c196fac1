//! The values of requests, as they are written on a command line and in JSON.

use std::marker::PhantomData;
use std::str::FromStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser, ValueParserFactory};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::error::Error;
use crate::model::priority::Priority;
use crate::model::vocabulary::Term;

/// A word of a list that completion and help show. Other words pass, too: the operation checks them,
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
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.as_ref().iter().map(PossibleValue::new)))
    }
}

/// The new value of a field whose words form a closed list; an empty text clears the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clearable<T>(pub Option<T>);

impl<T> From<T> for Clearable<T> {
    fn from(term: T) -> Clearable<T> {
        Clearable(Some(term))
    }
}

impl<T: Term> FromStr for Clearable<T> {
    type Err = Error;

    fn from_str(word: &str) -> Result<Clearable<T>, Error> {
        match word {
            "" => Ok(Clearable(None)),
            word => Ok(Clearable(Some(word.parse()?))),
        }
    }
}

impl<'de, T: Term> Deserialize<'de> for Clearable<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Clearable<T>, D::Error> {
        let word = String::deserialize(from)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}

impl<T: Term> JsonSchema for Clearable<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::VOCABULARY.field.into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut words: Vec<&str> = T::VOCABULARY.words.to_vec();
        words.push("");
        schemars::json_schema!({ "type": "string", "enum": words })
    }
}

/// Parses a word of a closed list on a command line, where completion and help show the list.
#[derive(Clone)]
pub struct TermParser<T, V>(PhantomData<(T, V)>);

impl<T: Term> ValueParserFactory for Clearable<T> {
    type Parser = TermParser<T, Clearable<T>>;

    fn value_parser() -> Self::Parser {
        TermParser(PhantomData)
    }
}

impl<T, V> TypedValueParser for TermParser<T, V>
where
    T: Term,
    V: FromStr<Err = Error> + Clone + Send + Sync + 'static,
{
    type Value = V;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<V, clap::Error> {
        let parser = StringValueParser::new().try_map(|word| word.parse::<V>());
        parser.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(T::VOCABULARY.words.iter().map(PossibleValue::new)))
    }
}

/// The parser of a word of a closed list.
pub(crate) fn term<T: Term>() -> TermParser<T, T> {
    TermParser(PhantomData)
}

/// The schema of a word of a closed list.
pub(crate) fn term_schema<T: Term>(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "string", "enum": T::VOCABULARY.words })
}

/// A duration in milliseconds, written as a whole number and one of `s`, `m`, `h`, `d`, `w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(inline)]
pub struct Millis(#[schemars(with = "String", regex(pattern = "^[0-9]+[smhdw]$"))] pub u64);

impl std::fmt::Display for Millis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fits = |(_, unit): &&(char, u64)| self.0.is_multiple_of(*unit);
        let (letter, unit) = UNITS.iter().rev().find(fits).unwrap_or(&UNITS[0]);
        write!(f, "{}{letter}", self.0 / unit)
    }
}

/// The units of a duration, in milliseconds.
const UNITS: [(char, u64); 5] = [
    ('s', 1_000),
    ('m', 60_000),
    ('h', 3_600_000),
    ('d', 86_400_000),
    ('w', 604_800_000),
];

impl FromStr for Millis {
    type Err = String;

    fn from_str(text: &str) -> Result<Millis, String> {
        let written = UNITS.iter().find(|(letter, _)| text.ends_with(*letter));
        let unit = written.map_or(0, |(_, unit)| *unit);
        let number = text.get(..text.len().saturating_sub(1)).unwrap_or("");
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        (unit > 0 && digits)
            .then(|| number.parse::<u64>().ok()?.checked_mul(unit))
            .flatten()
            .filter(|ms| *ms > 0)
            .map(Millis)
            .ok_or_else(|| "expected a whole number and a unit: 30s, 15m, 4h, 2d, 1w".to_string())
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Millis, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Makes a type of a number whose default is a part of it, so that help, schemas and requests that
/// leave it out agree. `$read` makes a value of what is written, `$expected` says what that may be.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $read:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
        #[schemars(inline)]
        pub struct $name<const DEFAULT: usize = 0>(
            #[schemars(schema_with = "number_schema::<DEFAULT>")] pub usize,
        );

        impl<const DEFAULT: usize> Default for $name<DEFAULT> {
            fn default() -> Self {
                $name($read(DEFAULT))
            }
        }

        impl<const DEFAULT: usize> std::fmt::Display for $name<DEFAULT> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<const DEFAULT: usize> FromStr for $name<DEFAULT> {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, &'static str> {
                text.parse().map($read).map($name).map_err(|_| $expected)
            }
        }

        impl<'de, const DEFAULT: usize> Deserialize<'de> for $name<DEFAULT> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                usize::deserialize(from).map($read).map($name)
            }
        }
    };
}

fn number_schema<const DEFAULT: usize>(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let mut schema = schemars::json_schema!({ "type": "integer", "minimum": 0 });
    if DEFAULT > 0 {
        schema.insert("default".into(), DEFAULT.into());
    }
    schema
}

number! {
    /// The maximum length of a list; 0 means all. `DEFAULT` is the length if none is given.
    Limit, "expected a whole number, 0 for all", |number| match number {
        0 => usize::MAX,
        number => number,
    }
}

number! {
    /// A number. `DEFAULT` is the number if none is given.
    Number, "expected a whole number", |number| number
}

impl Limit {
    /// No limit.
    pub const ALL: Limit = Limit(usize::MAX);
}

/// Parses a priority: 0 (highest) to 4, with an optional leading `P`, or a word for it.
///
/// # Errors
/// When it is anything else.
pub fn priority(text: &str) -> Result<u8, String> {
    let read = text.parse::<Priority>();
    let read = read.map_err(|_| format!("expected {}", Priority::FORMS))?;
    Ok(read.number())
}

/// One of several values between commas, without the space around it.
///
/// # Errors
/// Never.
pub fn trimmed(text: &str) -> Result<String, std::convert::Infallible> {
    Ok(text.trim().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        assert_eq!("30s".parse(), Ok(Millis(30_000)));
        assert_eq!("15m".parse(), Ok(Millis(900_000)));
        assert_eq!("4h".parse(), Ok(Millis(14_400_000)));
        assert_eq!("2d".parse(), Ok(Millis(172_800_000)));
        assert_eq!("1w".parse(), Ok(Millis(604_800_000)));
        for shown in ["45s", "90m", "2h", "3d", "1w"] {
            let read: Millis = shown.parse().unwrap();
            assert_eq!(read.to_string(), shown);
        }
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
            assert!(bad.parse::<Millis>().is_err(), "{bad}");
        }
    }
}
