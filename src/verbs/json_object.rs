//! Reading a JSON object without duplicate keys: a line of a batch, or the body of a request.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::keys::shown;
use crate::error::{Error, Result};

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
