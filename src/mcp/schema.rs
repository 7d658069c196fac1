//! Schemas short enough for a model's context: those of arguments without parts that a model does
//! not need, those of results with the outer fields only. `git pm schema` prints them in full.

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The schema of a tool's arguments.
pub(super) fn of_input<T: JsonSchema>() -> JsonObject {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut schema = schema.to_value();
    slim(&mut schema);
    let mut schema = object(schema);
    // The tool has its own description.
    schema.remove("description");
    schema.entry("type").or_insert_with(|| json!("object"));
    schema
}

/// The schema of a tool's result: its fields without those of the objects in it.
pub(super) fn of_output<T: JsonSchema>() -> JsonObject {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let schema = generator.into_root_schema_for::<T>().to_value();
    let empty = Value::Object(Map::new());
    let definitions = schema.get("$defs").unwrap_or(&empty);
    object(outline(&schema, definitions, 1).0)
}

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

/// The outline of a schema, and whether it allows null.
fn outline(schema: &Value, definitions: &Value, depth: usize) -> (Value, bool) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = name.trim_start_matches("#/$defs/");
        return match definitions.get(name) {
            Some(found) => outline(found, definitions, depth),
            None => (json!({}), true),
        };
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(kinds)) = schema.get(key).filter(|_| schema.get("type").is_none())
        {
            let is_null = |kind: &&Value| kind.get("type") == Some(&json!("null"));
            let some: Vec<&Value> = kinds.iter().filter(|kind| !is_null(kind)).collect();
            let nullable = some.len() < kinds.len();
            return match some.as_slice() {
                [one] => (outline(one, definitions, depth).0, nullable),
                many => {
                    let outlines: Vec<Value> = many
                        .iter()
                        .map(|one| outline(one, definitions, 0).0)
                        .collect();
                    let same = outlines.windows(2).all(|pair| pair[0] == pair[1]);
                    let first = outlines.into_iter().next().filter(|_| same);
                    (first.unwrap_or_else(|| json!({})), nullable)
                }
            };
        }
    }
    let (kind, nullable) = match schema.get("type") {
        Some(Value::Array(types)) => {
            let mut some = types.iter().filter(|word| **word != "null");
            let one = some.next().cloned();
            let one = one.filter(|_| some.next().is_none());
            (one, types.contains(&json!("null")))
        }
        Some(one) => (Some(one.clone()), *one == "null"),
        // An enumeration of strings.
        None if schema.get("const").is_some() || schema.get("enum").is_some() => {
            (Some(json!("string")), false)
        }
        None => return (json!({}), true),
    };
    let Some(kind) = kind else {
        return (json!({}), nullable);
    };
    let outlined = match kind.as_str() {
        Some("array") => match schema.get("items") {
            Some(items) => {
                json!({ "type": "array", "items": outline(items, definitions, depth).0 })
            }
            None => json!({ "type": "array" }),
        },
        Some("object") if depth > 0 => fields(schema, definitions, depth),
        _ => json!({ "type": kind }),
    };
    (outlined, nullable)
}

/// An object with its fields; results have no null fields.
fn fields(schema: &Value, definitions: &Value, depth: usize) -> Value {
    let Some(Value::Object(properties)) = schema.get("properties") else {
        return json!({ "type": "object" });
    };
    let always = schema.get("required").and_then(Value::as_array);
    let (mut shown, mut required) = (Map::new(), Vec::new());
    for (name, field) in properties {
        let (outlined, nullable) = outline(field, definitions, depth - 1);
        let named = always.is_some_and(|all| all.iter().any(|one| one == name));
        if named && !nullable {
            required.push(json!(name));
        }
        shown.insert(name.clone(), outlined);
    }
    let mut object = json!({ "type": "object", "properties": shown });
    if !required.is_empty() {
        object["required"] = Value::Array(required);
    }
    object
}

/// Removes every null field, which the schemas of results do not allow.
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
