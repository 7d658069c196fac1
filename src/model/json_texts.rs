//! The texts in a JSON value: each may be replaced, and all around it stays, also in a kept record.

use serde::de::IgnoredAny;
use serde_json::Value as Json;

/// JSON with each of its texts, and its keys, as `change` has them; `None` keeps one. A text that is
/// an object itself, as the record of an import is, is changed likewise.
pub fn replace(json: &Json, change: &mut dyn FnMut(&str) -> Option<String>) -> Json {
    match json {
        Json::String(text) => replace_in(text, change).into(),
        Json::Array(items) => items.iter().map(|item| replace(item, change)).collect(),
        Json::Object(map) => {
            let mut out = serde_json::Map::new();
            for (key, value) in map {
                let key = change(key).unwrap_or_else(|| key.clone());
                out.insert(key, replace(value, change));
            }
            Json::Object(out)
        }
        other => other.clone(),
    }
}

/// As [`replace`], in an object as it is written: its other bytes stay. Any other text is changed as
/// one.
pub fn replace_in(text: &str, change: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let is_object = text.trim_start().starts_with('{');
    if !is_object || serde_json::from_str::<IgnoredAny>(text).is_err() {
        return change(text).unwrap_or_else(|| text.to_string());
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find('"') {
        let (before, from) = rest.split_at(start);
        let (literal, after) = from.split_at(literal_end(from));
        out.push_str(before);
        let changed = serde_json::from_str::<String>(literal).ok();
        match changed.and_then(|text| change(&text)) {
            Some(changed) => out.push_str(&Json::from(changed).to_string()),
            None => out.push_str(literal),
        }
        rest = after;
    }
    out + rest
}

/// The end of the literal that a text begins with.
fn literal_end(from: &str) -> usize {
    let mut escaped = false;
    let end = from.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(from.len(), |at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_texts_change_and_an_object_in_a_text_keeps_its_bytes() {
        let raw = r#"{ "a\"b":"x \u003csecret\\" ,"n":1.50,"l":["secret", "\"secret\""] }"#;
        let mut hide = |text: &str| text.contains("secret").then(|| text.replace("secret", "?"));
        assert_eq!(
            replace_in(raw, &mut hide),
            r#"{ "a\"b":"x <?\\" ,"n":1.50,"l":["?", "\"?\""] }"#
        );
        let json = json!({"record": raw, "id": "bd-1", "plain": "{ secret", "n": 5});
        let changed = replace(&json, &mut hide);
        assert_eq!(changed["record"], replace_in(raw, &mut hide));
        assert_eq!(changed["plain"], "{ ?");
        assert_eq!((&changed["id"], &changed["n"]), (&json!("bd-1"), &json!(5)));
    }
}
