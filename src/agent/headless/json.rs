//! A JSON value of bounded size: long values are cut.
//!
//! So a huge event takes little memory, and its other fields can still be read.

use std::cell::Cell;
use std::fmt;
use std::ops::Index;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::limits;
use crate::model::text;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Count(u64),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

static NULL: Json = Json::Null;

impl Json {
    /// Parses a line as an object.
    pub(super) fn object(line: &[u8]) -> Option<Json> {
        Json::object_with_gaps(line).map(|(object, _)| object)
    }

    /// Parses a line as an object; the flag is true if values may be missing from it.
    pub(super) fn object_with_gaps(line: &[u8]) -> Option<(Json, bool)> {
        let text = String::from_utf8_lossy(line);
        let left = Left {
            nodes: Cell::new(limits::EVENT_VALUES_MAX),
            bytes: Cell::new(limits::EVENT_STRINGS_MAX),
        };
        let mut from = serde_json::Deserializer::from_str(&text);
        let value = Bounded(&left).deserialize(&mut from).ok()?;
        from.end().ok()?;
        let has_gaps = left.nodes.get() == 0 || left.bytes.get() == 0;
        matches!(value, Json::Map(_)).then_some((value, has_gaps))
    }

    /// The string, or an empty one if it is something else.
    pub(super) fn text(&self) -> &str {
        match self {
            Json::Text(text) => text,
            _ => "",
        }
    }

    /// The number, truncated to an unsigned integer.
    pub(super) fn count(&self) -> Option<u64> {
        match self {
            Json::Count(count) => Some(*count),
            // The conversion saturates.
            Json::Number(number) => Some(*number as u64),
            _ => None,
        }
    }

    /// The number in millionths.
    pub(super) fn millionths(&self) -> Option<u64> {
        match self {
            Json::Count(count) => Some(count.saturating_mul(1_000_000)),
            Json::Number(number) => Some((number * 1e6).round() as u64),
            _ => None,
        }
    }

    pub(super) fn is_true(&self) -> bool {
        *self == Json::Bool(true)
    }

    pub(super) fn is_null(&self) -> bool {
        *self == Json::Null
    }

    /// The elements, if it is a list.
    pub(super) fn list(&self) -> &[Json] {
        match self {
            Json::List(list) => list,
            _ => &[],
        }
    }
}

/// A field of an object; null if there is none.
impl Index<&str> for Json {
    type Output = Json;

    fn index(&self, key: &str) -> &Json {
        match self {
            Json::Map(fields) => fields
                .iter()
                .find(|(name, _)| name == key)
                .map_or(&NULL, |(_, value)| value),
            _ => &NULL,
        }
    }
}

/// The remaining limits.
struct Left {
    nodes: Cell<usize>,
    bytes: Cell<usize>,
}

impl Left {
    /// Takes one value, if any is left.
    fn node(&self) -> bool {
        let left = self.nodes.get();
        self.nodes.set(left.saturating_sub(1));
        left > 0
    }

    /// The part of a string that is kept.
    fn string(&self, all: &str, most: usize) -> String {
        let kept = text::head(all, most.min(self.bytes.get()));
        self.bytes.set(self.bytes.get() - kept.len());
        kept.to_string()
    }
}

struct Bounded<'a>(&'a Left);

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Count(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(self.0.string(value, limits::EVENT_STRING_MAX)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while self.0.node() {
            match from.next_element_seed(Bounded(self.0))? {
                Some(value) => list.push(value),
                None => return Ok(Json::List(list)),
            }
        }
        while from.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut fields = Vec::new();
        while self.0.node() {
            match from.next_key_seed(Key(self.0))? {
                Some(key) => fields.push((key, from.next_value_seed(Bounded(self.0))?)),
                None => return Ok(Json::Map(fields)),
            }
        }
        while from.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Json::Map(fields))
    }
}

struct Key<'a>(&'a Left);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<String, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<String, E> {
        Ok(self.0.string(key, limits::EVENT_KEY_MAX))
    }
}
