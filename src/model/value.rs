//! The value of a register: a scalar, or a small piece of JSON that is kept as a whole.
//!
//! The hash of its canonical bytes decides between equal stamps and is its name in a redaction.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::uid::{is_sha256, sha256_hex};

/// The value of one register.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: the field is not set, the element is not in the set.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Str(String),
    /// Any other JSON, kept as it is.
    Json(serde_json::Value),
    /// A value that was redacted: the SHA-256 of its canonical bytes, in hexadecimal.
    Redacted(String),
}

impl Value {
    /// Converts from JSON: scalars become scalars, the rest is kept as a whole.
    pub fn from_json(json: serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(b) => Value::Bool(b),
            serde_json::Value::String(s) => Value::Str(s),
            serde_json::Value::Number(n) => match n.as_i64() {
                Some(i) => Value::Int(i),
                None => Value::Json(serde_json::Value::Number(n)),
            },
            other => redacted(&other).map_or(Value::Json(other), Value::Redacted),
        }
    }

    /// Converts to JSON, for files and output.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Bool(b) => (*b).into(),
            Value::Int(i) => (*i).into(),
            Value::Str(s) => s.clone().into(),
            Value::Json(j) => j.clone(),
            Value::Redacted(hash) => serde_json::json!({ "redacted": hash }),
        }
    }

    /// The text, if the value is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The number, if the value is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(i) => Some(*i),
            _ => None,
        }
    }

    /// True if the value is `true`.
    pub fn is_true(&self) -> bool {
        *self == Value::Bool(true)
    }

    /// True if there is no value.
    pub fn is_null(&self) -> bool {
        *self == Value::Null
    }

    /// SHA-256 of the canonical bytes (JSON without spaces, keys sorted): its name in a redaction.
    /// The same before and after the value was redacted.
    pub fn hash(&self) -> String {
        match self {
            Value::Redacted(hash) => hash.clone(),
            other => sha256_hex(canonical(&other.to_json()).as_bytes()),
        }
    }

    /// The text in which a secret is searched. A number can only be a secret as a whole, since times
    /// in milliseconds contain most short numbers; null and flags contain none.
    pub fn searched(&self) -> Option<Searched<'_>> {
        match self {
            Value::Null | Value::Bool(_) | Value::Redacted(_) => None,
            Value::Str(text) => Some(Searched::Within(text.into())),
            Value::Int(number) => Some(Searched::Whole(number.to_string())),
            Value::Json(json @ serde_json::Value::Number(_)) => {
                Some(Searched::Whole(canonical(json)))
            }
            Value::Json(json) => Some(Searched::Within(canonical(json).into())),
        }
    }

    /// The order among values with equal stamps: null is least, the others are ordered by hash, so
    /// that a redacted value keeps its place. If one side has only the hash, the value itself is
    /// greater: only the redactions in force decide what is redacted.
    pub fn tie(&self, other: &Value) -> Ordering {
        if self.is_same(other) {
            return Ordering::Equal;
        }
        let place = |v: &Value| {
            (
                !v.is_null(),
                !v.is_null() && !matches!(v, Value::Redacted(_)),
            )
        };
        let ((a, plain_a), (b, plain_b)) = (place(self), place(other));
        a.cmp(&b)
            .then_with(|| self.hash().cmp(&other.hash()))
            .then(plain_a.cmp(&plain_b))
    }

    /// True if both have the same bytes. Equality of floating-point numbers is not enough: zero has
    /// two forms.
    fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Json(a), Value::Json(b)) => a == b && canonical(a) == canonical(b),
            _ => self == other,
        }
    }
}

/// The part of a value in which a secret is searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Searched<'v> {
    /// The secret may be anywhere in this text.
    Within(Cow<'v, str>),
    /// The secret has to be the whole text.
    Whole(String),
}

/// The canonical bytes of a value: JSON without spaces, keys in the order of their bytes, numbers
/// as in files.
fn canonical(json: &serde_json::Value) -> String {
    use serde_json::Value as Json;
    let text = |t: &str| Json::from(t).to_string();
    match json {
        Json::Number(n) => super::yaml::number(n),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Json::Object(map) => {
            let sorted: BTreeMap<&String, &Json> = map.iter().collect();
            let items: Vec<String> = sorted
                .into_iter()
                .map(|(k, v)| format!("{}:{}", text(k), canonical(v)))
                .collect();
            format!("{{{}}}", items.join(","))
        }
        other => other.to_string(),
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Str(text.to_string())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Str(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Bool(flag)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// The hash in `{"redacted": "<64 hex digits>"}`.
fn redacted(json: &serde_json::Value) -> Option<String> {
    let object = json.as_object()?;
    let hash = object.get("redacted")?.as_str()?;
    (object.len() == 1 && is_sha256(hash)).then(|| hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_canonical_form_is_fixed() {
        let value = json!({"b": [1, 1.0, 1e29, null], "a": "x\n\u{1}é", "A": {}});
        let text = "{\"A\":{},\"a\":\"x\\n\\u0001é\",\"b\":[1,1.0,1.0e+29,null]}";
        assert_eq!(canonical(&value), text);
    }

    #[test]
    fn equal_stamps_have_a_total_order() {
        let secret = Value::from("secret");
        let values = [
            Value::Null,
            Value::Bool(true),
            Value::Int(0),
            Value::from("0"),
            Value::from_json(json!(0.0)),
            Value::from_json(json!(-0.0)),
            Value::from_json(json!([0.0])),
            Value::from_json(json!([-0.0])),
            Value::Redacted(secret.hash()),
            secret,
        ];
        for (i, a) in values.iter().enumerate() {
            for (j, b) in values.iter().enumerate() {
                assert_eq!(a.tie(b) == Ordering::Equal, i == j, "{a:?} {b:?}");
                assert_eq!(a.tie(b), b.tie(a).reverse());
            }
            assert_eq!(Value::Null.tie(a) == Ordering::Less, i > 0);
        }
        // A redacted value keeps the place of the value, just below it.
        let (hidden, plain) = (&values[8], &values[9]);
        assert_eq!(hidden.tie(plain), Ordering::Less);
        for other in &values[..8] {
            assert_eq!(hidden.tie(other), plain.tie(other));
        }
    }
}
