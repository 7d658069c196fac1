//! A line of an agent's output as a JSON object, and what is read of its fields, whatever they are.

pub(super) use serde_json::Value as Json;

use super::limits;

/// What is read of a value.
pub(super) trait Fields: Sized {
    /// Parses a line as an object.
    fn object(line: &[u8]) -> Option<Self>;

    /// The string, or an empty one if it is something else.
    fn text(&self) -> &str;

    /// The number, truncated to an unsigned integer.
    fn count(&self) -> Option<u64>;

    /// The number in millionths.
    fn millionths(&self) -> Option<u64>;

    fn is_true(&self) -> bool;

    /// The elements, if it is a list.
    fn list(&self) -> &[Self];
}

impl Fields for Json {
    fn object(line: &[u8]) -> Option<Json> {
        // Each value takes much more memory than its text.
        let values = line.iter().filter(|byte| b",[{".contains(byte));
        if values.count() > limits::EVENT_VALUES_MAX {
            return None;
        }
        let value: Json = serde_json::from_str(&String::from_utf8_lossy(line)).ok()?;
        value.is_object().then_some(value)
    }

    fn text(&self) -> &str {
        self.as_str().unwrap_or_default()
    }

    fn count(&self) -> Option<u64> {
        // The conversion saturates.
        self.as_u64().or_else(|| Some(self.as_f64()? as u64))
    }

    fn millionths(&self) -> Option<u64> {
        match self.as_u64() {
            Some(count) => Some(count.saturating_mul(1_000_000)),
            None => Some((self.as_f64()? * 1e6).round() as u64),
        }
    }

    fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    fn list(&self) -> &[Json] {
        self.as_array().map_or(&[], Vec::as_slice)
    }
}
