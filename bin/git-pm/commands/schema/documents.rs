//! The JSON Schemas (2020-12) of what `--json` prints.
//!
//! [`rows`] names the type that each command prints; its schema is derived from the type, as its JSON
//! is.

use git_pm::error::Failed;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::output::json::SCHEMA_VERSION;

use super::rows;

/// The schema of the `data` of a command.
pub(super) type Data = fn(&mut SchemaGenerator) -> Schema;

/// The commands that have a schema, as they are typed after `git pm`.
pub fn commands() -> impl Iterator<Item = &'static str> {
    rows::all().map(|(command, _)| command)
}

/// The schema of the whole document that a command prints; `None` for an unknown command.
pub fn of(command: &str) -> Option<Value> {
    let (name, data) = rows::all().find(|(name, _)| *name == command)?;
    let mut generator = generator();
    let document = document(data, &mut generator);
    let mut schema = Map::new();
    schema.insert("$schema".into(), json!(generator.settings().meta_schema));
    schema.insert("title".into(), json!(format!("git pm {name} --json")));
    schema.extend(document);
    schema.insert(
        "$defs".into(),
        Value::Object(generator.take_definitions(true)),
    );
    Some(Value::Object(schema))
}

/// The schemas of all commands in one document, which shares the definitions.
pub fn all() -> Value {
    let mut generator = generator();
    let commands: Map<String, Value> = rows::all()
        .map(|(name, data)| (name.to_string(), document(data, &mut generator).into()))
        .collect();
    json!({
        "$schema": generator.settings().meta_schema,
        "title": "git pm --json",
        "commands": commands,
        "$defs": generator.take_definitions(true),
    })
}

/// Schemas of what is written, not of what would be read.
fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
}

/// An answer, or an error, in the envelope of all commands.
fn document(data: Data, generator: &mut SchemaGenerator) -> Map<String, Value> {
    let data = data(generator);
    let error = generator.subschema_for::<Failed<'_>>();
    let document = json_schema!({
        "type": "object",
        "properties": {
            "schema_version": { "const": SCHEMA_VERSION },
            "data": data,
            "error": error,
            "notices": {
                "description": "Messages that text output prints to standard error.",
                "type": "array",
                "items": { "type": "string" },
            },
        },
        "required": ["schema_version"],
        "oneOf": [{ "required": ["data"] }, { "required": ["error"] }],
    });
    match document.to_value() {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// One value.
pub(super) fn one<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// An object with `items`.
pub(super) fn list<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let item = generator.subschema_for::<T>();
    json_schema!({
        "type": "object",
        "properties": { "items": { "type": "array", "items": item } },
        "required": ["items"],
    })
}

/// One of two shapes, by the options of the command.
pub(super) fn either(first: Schema, second: Schema) -> Schema {
    json_schema!({ "anyOf": [first, second] })
}

/// One of two values, by the options of the command.
pub(super) fn two<A: JsonSchema, B: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    either(one::<A>(generator), one::<B>(generator))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_schema() {
        let mut verbs = crate::commands::verbs();
        verbs.retain(|verb| !rows::WITHOUT_JSON.contains(&verb.as_str()));
        let is_verb = |command: &&str| verbs.iter().any(|verb| verb == command);
        let stale: Vec<&str> = commands().filter(|command| !is_verb(command)).collect();
        assert!(stale.is_empty(), "rows without a command: {stale:?}");
        verbs.retain(|verb| !commands().any(|command| command == verb));
        assert!(
            verbs.is_empty(),
            "a row in schema/rows.rs is missing: {verbs:?}"
        );
    }

    #[test]
    fn every_reference_of_a_schema_is_defined_in_it() {
        for command in commands() {
            let schema = of(command).unwrap_or_default();
            let text = schema.to_string();
            for reference in text.split("\"#/$defs/").skip(1) {
                let name = reference.split('"').next().unwrap_or_default();
                assert!(schema["$defs"].get(name).is_some(), "{command}: {name}");
            }
        }
    }
}
