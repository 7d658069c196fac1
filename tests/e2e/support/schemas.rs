//! The JSON that tests see, checked against the schemas that the program prints.

use std::collections::HashMap;
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// Longer documents are not checked: they have the same shape as short ones.
const LONGEST: usize = 100_000;

/// The output of `git pm schema`.
pub static ALL: LazyLock<Value> = LazyLock::new(|| {
    let printed = Command::new(super::binary())
        .arg("schema")
        .output()
        .expect("git-pm starts");
    serde_json::from_slice(&printed.stdout).expect("a schema")
});

static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Requires that a document with an envelope is as the schema of its command says, and has no key
/// that the schema does not have. Commands without a schema are not checked.
#[track_caller]
pub fn check(args: &[&str], printed: &str) {
    let Some(command) = command(args) else { return };
    let flags = ["--format", "--watch"];
    if printed.len() > LONGEST || args.iter().any(|arg| flags.contains(arg)) {
        return;
    }
    let Ok(document) = serde_json::from_str::<Value>(printed) else {
        return;
    };
    if document.get("schema_version").is_none() {
        return;
    }
    let errors: Vec<String> = validator(&command)
        .iter_errors(&document)
        .take(3)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(
        errors.is_empty(),
        "`git pm {}` is not as `git pm schema {command}` says: {errors:#?}\n{printed}",
        args.join(" ")
    );
}

/// The longest command that the words begin with, without options.
fn command(args: &[&str]) -> Option<String> {
    let mut words = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match *arg {
            "-C" | "--as" | "--idempotency-key" | "--if-version" => {
                rest.next();
            }
            "--" => break,
            flag if flag.starts_with('-') => {}
            word => words.push(word),
        }
    }
    let commands = ALL["commands"].as_object().expect("commands");
    (1..=words.len().min(3))
        .rev()
        .map(|n| words[..n].join(" "))
        .find(|name| commands.contains_key(name))
}

fn validator(command: &str) -> Arc<Validator> {
    let mut known = VALIDATORS.lock().unwrap_or_else(|e| e.into_inner());
    let validator = known.entry(command.to_string()).or_insert_with(|| {
        let mut schema = ALL["commands"][command].clone();
        schema["$defs"] = ALL["$defs"].clone();
        close(&mut schema, false);
        Arc::new(jsonschema::draft202012::new(&schema).expect("a valid schema"))
    });
    validator.clone()
}

/// Forbids keys that a schema does not name. `part` is set for a schema that describes only some of
/// the keys of an object.
fn close(schema: &mut Value, part: bool) {
    let Value::Object(map) = schema else { return };
    let open = |map: &Map<String, Value>| {
        map.contains_key("properties") && !map.contains_key("additionalProperties")
    };
    let is_object = open(map);
    if is_object && !part {
        map.insert("unevaluatedProperties".into(), json!(false));
    }
    for (key, below) in map.iter_mut() {
        match (key.as_str(), below) {
            ("properties" | "$defs", Value::Object(named)) => {
                named.values_mut().for_each(|schema| close(schema, false));
            }
            ("anyOf" | "oneOf" | "allOf", Value::Array(list)) => {
                list.iter_mut()
                    .for_each(|schema| close(schema, part || is_object));
            }
            ("items" | "additionalProperties", schema) => close(schema, false),
            _ => {}
        }
    }
}
