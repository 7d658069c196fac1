//! Schemas of arguments short enough for a model's context, without the parts that it does not need.

use rmcp::model::JsonObject;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// The schema of a tool's arguments, from what makes it.
pub(super) fn of(make: fn(&mut SchemaGenerator) -> Schema) -> JsonObject {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let mut schema = make(&mut settings.into_generator()).to_value();
    slim(&mut schema);
    let mut schema = object(schema);
    // The tool has its own description.
    schema.remove("description");
    schema.entry("type").or_insert_with(|| json!("object"));
    schema
}

/// The length of a description that says no more than its key, such as `Item ID`, in bytes.
const SAYS_NOTHING: usize = 10;

fn object(schema: Value) -> JsonObject {
    match schema {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Removes keywords that only validators use, and `null` as an alternative to omitting an argument.
fn slim(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    for key in ["$schema", "title", "format", "minimum", "maximum"] {
        map.remove(key);
    }
    if map.get("default").is_some_and(|value| {
        value.is_null() || *value == json!(false) || *value == json!([]) || *value == json!("")
    }) {
        map.remove("default");
    }
    if let Some(Value::String(about)) = map.get("description") {
        // The first paragraph; a list is one that can be repeated.
        let first = about.split("\n\n").next().unwrap_or_default();
        let first = first.replace(" (repeatable)", "").replace('\n', " ");
        let first = first.trim_end_matches('.');
        match first.len() <= SAYS_NOTHING {
            true => map.remove("description"),
            false => map.insert("description".into(), first.into()),
        };
    }
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|word| *word != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            map.insert("type".into(), one);
        }
    }
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(kinds)) = map.get_mut("anyOf") {
        kinds.retain(|kind| kind.get("type") != Some(&json!("null")));
        if let [Value::Object(one)] = kinds.as_slice() {
            let one = one.clone();
            map.remove("anyOf");
            for (key, value) in one {
                map.entry(key).or_insert(value);
            }
        }
    }
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        properties.values_mut().for_each(slim);
    }
    if let Some(items) = map.get_mut("items") {
        slim(items);
    }
}

/// Removes every null field.
pub(super) fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(without_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(without_nulls),
        _ => {}
    }
}
