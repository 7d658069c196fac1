//! A line: a JSON object without duplicate keys, split into the keys of its verb.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::verbs::{Key, Shape, Verb};
use crate::error::{Error, Hint, Result};
use crate::model::text::excerpt;
use crate::work::new_item::comma_separated;

/// A JSON object without duplicate keys.
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
                            "the key `{}` appears twice",
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

/// A part of the input, shortened and on one line.
pub fn shown(text: &str) -> String {
    excerpt(text, 60)
}

/// Parses a line as an object.
///
/// # Errors
/// When it is not a JSON object.
pub fn parse(text: &str) -> Result<Object> {
    serde_json::from_str(text).map_err(|e| {
        let said = e.to_string();
        let said = said.rsplit_once(" at line ").map_or(&*said, |(s, _)| s);
        let message = match e.classify() {
            serde_json::error::Category::Data => said.to_string(),
            _ => format!("not JSON: {said} at byte {}", e.column()),
        };
        Error::usage(message)
            .hint("each line must be a JSON object: {\"op\":\"task.create\",\"title\":…}")
    })
}

/// Checks the keys of a line against those of its verb, and converts each value to the shape of the
/// request: a list where a flag can be repeated, absent where it is null.
///
/// # Errors
/// Names the key and the allowed ones.
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
            .hint(Hint::run(["help", &verb.command()], "explains them")));
        };
        let fitted = shape(key, value).map_err(|error| super::prefixed(verb.op, &error))?;
        let fitted = fitted.ok_or_else(|| {
            Error::usage(format!(
                "`{}` of {} must be {}",
                key.name,
                verb.op,
                key.shape.words()
            ))
        })?;
        out.insert(key.field.to_string(), fitted);
    }
    match verb
        .keys()
        .find(|k| k.required && !out.contains_key(k.field))
    {
        None => Ok(out),
        Some(missing) => Err(
            Error::usage(format!("{} needs the key `{}`", verb.op, missing.name))
                .hint(Hint::run(["help", &verb.command()], "explains it")),
        ),
    }
}

/// The value in its shape; none where it is of another.
fn shape(key: &Key, value: Value) -> Result<Option<Value>> {
    let list = |value: Value, fits: fn(&Value) -> bool| {
        let list = match value {
            Value::Array(list) => list,
            one => vec![one],
        };
        list.iter().all(fits).then_some(list)
    };
    Ok(match key.shape {
        Shape::Text if key.split => {
            let text = value.as_str().map(str::to_string);
            text.map(|text| comma_separated(&[text]).into())
        }
        Shape::Text => value.is_string().then_some(value),
        Shape::Word(words) => match value.as_str() {
            Some("") => Some(Value::Null),
            Some(word) => Some(words.check(word)?.into()),
            None => None,
        },
        Shape::Flag => value.is_boolean().then_some(value),
        Shape::Priority => value.as_u64().filter(|n| *n <= 4).map(Value::from),
        Shape::Count => {
            let fits = value.as_u64().is_some_and(|n| u32::try_from(n).is_ok());
            fits.then_some(value)
        }
        // An empty text means none, as on the command line.
        Shape::Texts => list(value, Value::is_string).map(|list| {
            let texts = list.into_iter().filter_map(|text| match text {
                Value::String(text) if !text.is_empty() => Some(text),
                _ => None,
            });
            let texts: Vec<String> = texts.collect();
            match key.split {
                true => comma_separated(&texts).into(),
                false => texts.into(),
            }
        }),
        Shape::Numbers => list(value, |n| n.as_u64().is_some_and(|n| n > 0)).map(Value::Array),
    })
}
