//! What is escaped or cut in texts that reach the model.
//!
//! In names and texts of the state, invisible characters, which a model reads but a person does not
//! see, are escaped, and text longer than any tool intends to return is cut.

use serde_json::{Map, Value};

use super::limits;
use crate::model::text::{conceals, escape_controls, head};

/// Escapes a text, except line endings and tabs, and cuts each of its lines.
pub(super) fn text(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(line).collect();
    let end = if text.ends_with('\n') { "\n" } else { "" };
    lines.join("\n") + end
}

fn line(text: &str) -> String {
    escape_controls(&cut(text).unwrap_or_else(|| text.to_string()))
}

/// The beginning of a text that is too long, with the size of the rest.
fn cut(text: &str) -> Option<String> {
    (text.len() > limits::TEXT_MAX).then(|| {
        let begin = head(text, limits::TEXT_MAX);
        format!("{begin} [{} more bytes]", text.len() - begin.len())
    })
}

/// Escapes and cuts all texts in a value, including field names.
pub(super) fn value(value: &mut Value) {
    match value {
        Value::String(one) => {
            if let Some(begin) = cut(one) {
                *one = begin;
            }
            if conceals(one) {
                *one = text(one);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(self::value),
        Value::Object(map) => {
            if map
                .keys()
                .any(|key| conceals(key) || key.len() > limits::TEXT_MAX)
            {
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
    fn a_text_is_cut_and_says_so() {
        let long = "é".repeat(limits::TEXT_MAX);
        let mut all = json!([long, { &long: "x" }]);
        value(&mut all);
        assert!(
            all.to_string().len() < 3 * limits::TEXT_MAX,
            "{}",
            all.to_string().len()
        );
        assert!(all[0].as_str().unwrap().ends_with("é [20000 more bytes]"));
        let lines = text(&format!("{long}\nshort\n"));
        assert!(lines.len() < 2 * limits::TEXT_MAX && lines.ends_with("more bytes]\nshort\n"));
    }

    #[test]
    fn no_text_of_a_value_has_an_invisible_character() {
        let hidden = "a\u{202e}b\u{e0041}\u{200b}";
        let mut all = json!({ "list": [{ "one": hidden }, 7, null], hidden: "x\r\ny\tz\u{1b}" });
        value(&mut all);
        let escaped = "a\\u{202e}b\\u{e0041}\\u{200b}";
        assert_eq!(
            all,
            json!({ "list": [{ "one": escaped }, 7, null], escaped: "x\ny\tz\\u{1b}" })
        );
    }
}
