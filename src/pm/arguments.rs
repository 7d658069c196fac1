//! The values of requests, as they are written on a command line and in JSON.

use std::str::FromStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser, ValueParserFactory};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::error::Error;
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

/// Parses the word of a [`Clearable`] on a command line.
#[derive(Clone)]
pub struct ClearableParser<T>(std::marker::PhantomData<T>);

impl<T: Term> ValueParserFactory for Clearable<T> {
    type Parser = ClearableParser<T>;

    fn value_parser() -> ClearableParser<T> {
        ClearableParser(std::marker::PhantomData)
    }
}

impl<T: Term> TypedValueParser for ClearableParser<T> {
    type Value = Clearable<T>;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<Clearable<T>, clap::Error> {
        let parser = StringValueParser::new().try_map(|word| word.parse::<Clearable<T>>());
        parser.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(T::VOCABULARY.words.iter().map(PossibleValue::new)))
    }
}

/// Parses a priority: 0 (highest) to 4, with an optional leading `P`.
///
/// # Errors
/// When it is anything else.
pub fn priority(text: &str) -> Result<u8, String> {
    let digits = text.strip_prefix(['p', 'P']).unwrap_or(text);
    digits
        .parse::<u8>()
        .ok()
        .filter(|n| *n <= 4 && digits.len() == 1)
        .ok_or_else(|| "expected 0 (highest) to 4, or P0 to P4".to_string())
}
