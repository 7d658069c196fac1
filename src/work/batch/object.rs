//! One line: a JSON object in which no key stands twice, taken apart by the registry's keys.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::verbs::{Key, Shape, Verb};
use crate::error::{Error, Result};
use crate::model::text::{one_line, shorten};

/// A JSON object without a key that stands twice.
pub struct Object(pub Map<String, Value>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Map<String, Value>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut access: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                let mut map = Map::new();
                while let Some((key, value)) = access.next_entry::<String, Value>()? {
                    if map.contains_key(&key) {
                        return Err(A::Error::custom(format!(
                            "the key `{}` stands twice",
                            shown(&key)
                        )));
                    }
                    map.insert(key, value);
                }
                Ok(map)
            }
        }
        deserializer.deserialize_map(Visit).map(Object)
    }
}

/// Something from the input, short and on one line.
pub fn shown(text: &str) -> String {
    shorten(&one_line(text), 60)
}

/// Reads a line as an object.
///
/// # Errors
/// When it is no JSON object.
pub fn parse(text: &str) -> Result<Object> {
    serde_json::from_str(text).map_err(|e| {
        let said = e.to_string();
        let said = said.rsplit_once(" at line ").map_or(&*said, |(s, _)| s);
        let message = match e.classify() {
            serde_json::error::Category::Data => said.to_string(),
            _ => format!("no JSON: {said} at byte {}", e.column()),
        };
        Error::usage(message)
            .hint("one JSON object on each line: {\"op\":\"task.create\",\"title\":…}")
    })
}

/// Checks the keys of a line against those of its verb, and gives every value the shape that the
/// request has: one value or a list where a flag can be repeated, nothing where it is null.
///
/// # Errors
/// Names the key, and what is allowed.
pub fn fit(verb: &Verb, given: Map<String, Value>) -> Result<Map<String, Value>> {
    let mut out = Map::new();
    for (name, value) in given {
        if name == "op" || value.is_null() && verb.key(&name).is_some() {
            continue;
        }
        let Some(key) = verb.key(&name) else {
            return Err(Error::usage(format!(
                "{} has no key `{}`; it has {}",
                verb.op,
                shown(&name),
                verb.key_names().join(", ")
            ))
            .hint(format!("`git pm help {}` explains them", verb.command())));
        };
        let fitted = shape(key, value).ok_or_else(|| {
            Error::usage(format!(
                "`{}` of {} must be {}",
                key.name,
                verb.op,
                key.shape.words()
            ))
        })?;
        out.insert(name, fitted);
    }
    match verb
        .keys()
        .find(|k| k.required && !out.contains_key(k.name))
    {
        None => Ok(out),
        Some(missing) => Err(
            Error::usage(format!("{} needs the key `{}`", verb.op, missing.name))
                .hint(format!("`git pm help {}` explains it", verb.command())),
        ),
    }
}

fn shape(key: &Key, value: Value) -> Option<Value> {
    let list = |value: Value, fits: fn(&Value) -> bool| {
        let list = match value {
            Value::Array(list) => list,
            one => vec![one],
        };
        list.iter().all(fits).then_some(list)
    };
    match key.shape {
        Shape::Text => value.is_string().then_some(value),
        Shape::Flag => value.is_boolean().then_some(value),
        Shape::Priority => value.as_u64().filter(|n| *n <= 4).map(Value::from),
        Shape::Count => {
            let fits = value.as_u64().is_some_and(|n| u32::try_from(n).is_ok());
            fits.then_some(value)
        }
        // An empty one stands for none, as on the command line.
        Shape::Texts => {
            let mut list = list(value, Value::is_string)?;
            list.retain(|text| text.as_str() != Some(""));
            Some(Value::Array(list))
        }
        Shape::Numbers => {
            let list = list(value, |n| n.as_u64().is_some_and(|n| n > 0))?;
            Some(Value::Array(list))
        }
    }
}
