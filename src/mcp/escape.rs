//! What reaches the model: names and texts of the state with their invisible characters escaped,
//! which a model would read and a person who looks at the answer would not see.

use serde_json::{Map, Value};

use crate::model::text::{escape_controls, steers};

/// A text; only its line ends and tabs stay as they are.
pub(super) fn text(text: &str) -> String {
    escape_controls(&text.replace("\r\n", "\n"))
}

/// All texts in a value, the names of fields included.
pub(super) fn value(value: &mut Value) {
    match value {
        Value::String(one) if one.contains(steers) => *one = text(one),
        Value::Array(list) => list.iter_mut().for_each(self::value),
        Value::Object(map) => {
            if map.keys().any(|key| key.contains(steers)) {
                let fields = std::mem::take(map).into_iter();
                *map = fields
                    .map(|(key, one)| (text(&key), one))
                    .collect::<Map<_, _>>();
            }
            map.values_mut().for_each(self::value);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_text_of_a_value_has_an_invisible_character() {
        let hidden = "a\u{202e}b\u{e0041}";
        let mut all = json!({ "list": [{ "one": hidden }, 7, null], hidden: "x\r\ny\tz\u{1b}" });
        value(&mut all);
        let escaped = "a\\u{202e}b\\u{e0041}";
        assert_eq!(
            all,
            json!({ "list": [{ "one": escaped }, 7, null], escaped: "x\ny\tz\\u{1b}" })
        );
    }
}
