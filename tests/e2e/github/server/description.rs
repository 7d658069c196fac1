//! GitHub's own description of its interface: the operations, what they accept and what they answer.
//! `testdata/github/README.md` says where it is from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::escape::unescaped;

/// The description, read once.
static DESCRIPTION: LazyLock<Description> = LazyLock::new(Description::read);

/// Schemas of components by name, and the operations that use them.
pub struct Description {
    schemas: Map<String, Value>,
    operations: Vec<Operation>,
    webhooks: BTreeMap<String, Check>,
}

/// A method on a path.
pub struct Operation {
    /// `issues/create`.
    pub id: String,
    method: String,
    path: Vec<String>,
    parameters: Vec<Parameter>,
    body: Option<Check>,
    body_required: bool,
    answers: BTreeMap<String, Check>,
}

struct Parameter {
    name: String,
    place: String,
    check: Check,
}

/// A schema that is compiled when it is first needed; none accepts nothing but emptiness.
struct Check {
    schema: Value,
    compiled: OnceLock<Validator>,
}

/// What the description gets wrong about GitHub's real answers: the operation, and a part of what
/// the validator says of it. Kept short, so that our own faults cannot hide here.
const FAULTS: &[(&str, &str)] = &[
    // Labels that were made as they were set have no description.
    ("pulls/list", "/description: null is not of type \"string\""),
    (
        "pulls/request-reviewers",
        "/description: null is not of type \"string\"",
    ),
];

impl Check {
    fn of(schema: &Value) -> Check {
        Check {
            schema: schema.clone(),
            compiled: OnceLock::new(),
        }
    }

    /// What is wrong with a value.
    fn errors(&self, value: &Value) -> Vec<String> {
        let compiled = self.compiled.get_or_init(|| {
            let schema = DESCRIPTION.with_components(&self.schema);
            jsonschema::draft202012::new(&schema).expect("a valid schema in the description")
        });
        let errors = compiled.iter_errors(value);
        errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .map(|text| text.chars().take(400).collect())
            .collect()
    }
}

/// The operation that a request is for, with the parameters of its path.
pub struct Matched {
    pub operation: &'static Operation,
    pub parameters: BTreeMap<String, String>,
}

/// The operation of a method and a path below the root of the API.
pub fn operation(method: &str, path: &str) -> Option<Matched> {
    let segments: Vec<String> = path.trim_matches('/').split('/').map(unescaped).collect();
    let mut found: Vec<Matched> = Vec::new();
    for operation in &DESCRIPTION.operations {
        let mut parameters = BTreeMap::new();
        if operation.method == method && matches(&operation.path, &segments, &mut parameters) {
            found.push(Matched {
                operation,
                parameters,
            });
        }
    }
    // `issues/comments` rather than `issues/{issue_number}`.
    found
        .into_iter()
        .min_by_key(|matched| matched.parameters.len())
}

/// Whether the description has this path with any method.
pub fn has_path(path: &str) -> bool {
    let methods = ["GET", "POST", "PATCH", "PUT", "DELETE"];
    methods
        .iter()
        .any(|method| operation(method, path).is_some())
}

/// Whether segments match those of a template. A reference can have slashes.
fn matches(path: &[String], segments: &[String], found: &mut BTreeMap<String, String>) -> bool {
    let (Some(first), rest) = (path.first(), path.get(1..).unwrap_or_default()) else {
        return segments.is_empty();
    };
    if segments.is_empty() {
        return false;
    }
    let Some(name) = first
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'))
    else {
        return *first == segments[0] && matches(rest, &segments[1..], found);
    };
    let longest = if name == "ref" { segments.len() } else { 1 };
    for length in 1..=longest {
        if matches(rest, &segments[length..], found) {
            found.insert(name.to_string(), segments[..length].join("/"));
            return true;
        }
    }
    false
}

/// What is wrong with the payload of a webhook's event.
pub fn payload_errors(event: &str, action: Option<&str>, payload: &Value) -> Vec<String> {
    let key = action.map_or(event.to_string(), |action| format!("{event}/{action}"));
    match DESCRIPTION.webhooks.get(&key) {
        Some(check) => check.errors(payload),
        None => vec!["GitHub has no such event".to_string()],
    }
}

impl Operation {
    /// What is wrong with a request's parameters and body, by the description.
    pub fn request_errors(
        &self,
        path: &BTreeMap<String, String>,
        query: &[(String, String)],
        body: Option<&Value>,
    ) -> Vec<String> {
        let mut errors = Vec::new();
        for (name, text) in path {
            errors.extend(self.parameter_errors("path", name, text));
        }
        for (name, text) in query {
            errors.extend(self.parameter_errors("query", name, text));
        }
        match (&self.body, body) {
            (Some(check), Some(body)) => errors.extend(check.errors(body)),
            (Some(_), None) if self.body_required => errors.push("the body is missing".to_string()),
            (None, Some(body)) if *body != json!({}) => {
                errors.push(format!("a body where none is expected: {body}"));
            }
            _ => {}
        }
        errors
    }

    fn parameter_errors(&self, place: &str, name: &str, text: &str) -> Vec<String> {
        let mut known = self.parameters.iter();
        let Some(parameter) = known.find(|one| one.place == place && one.name == name) else {
            return vec![format!("{name} is no parameter in the {place}")];
        };
        let is_integer = parameter.check.schema["type"] == "integer";
        let value = match text.parse::<i64>() {
            Ok(number) if is_integer => json!(number),
            _ => json!(text),
        };
        let errors = parameter.check.errors(&value).into_iter();
        errors.map(|error| format!("{name}{error}")).collect()
    }

    /// What is wrong with an answer, but for the description's own faults.
    pub fn answer_errors(&self, status: u16, body: Option<&Value>) -> Vec<String> {
        let Some(check) = self.answers.get(&status.to_string()) else {
            // GitHub refuses in ways that the description leaves out.
            return match status {
                200..=299 => vec![format!("status {status} is not described")],
                _ => Vec::new(),
            };
        };
        let errors = match body {
            Some(body) if !check.schema.is_null() => check.errors(body),
            Some(_) if status == 422 => Vec::new(),
            Some(_) => vec!["a body where none is described".to_string()],
            None if check.schema.is_null() => Vec::new(),
            None => vec!["the body is missing".to_string()],
        };
        let is_fault = |error: &String| {
            FAULTS
                .iter()
                .any(|(id, text)| *id == self.id && error.contains(text))
        };
        errors
            .into_iter()
            .filter(|error| !is_fault(error))
            .collect()
    }
}

impl Description {
    fn read() -> Description {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/github/openapi.json");
        let text = std::fs::read_to_string(&file).expect("the description of GitHub's API");
        let given: Value = serde_json::from_str(&text).expect("JSON");
        let mut operations = Vec::new();
        for (path, methods) in object(&given["paths"]) {
            for (method, operation) in object(methods) {
                operations.push(Operation::of(path, method, operation));
            }
        }
        let webhooks = object(&given["webhooks"]).iter();
        Description {
            schemas: object(&given["components"]["schemas"]).clone(),
            operations,
            webhooks: webhooks
                .map(|(name, schema)| (name.clone(), Check::of(schema)))
                .collect(),
        }
    }

    /// A schema with the components that it needs, and only these.
    fn with_components(&self, schema: &Value) -> Value {
        let mut needed = BTreeSet::new();
        let mut open = references(schema);
        while let Some(name) = open.pop() {
            if needed.insert(name.clone()) {
                open.extend(references(&self.schemas[&name]));
            }
        }
        let schemas: Map<String, Value> = needed
            .into_iter()
            .map(|name| (name.clone(), self.schemas[&name].clone()))
            .collect();
        json!({"allOf": [schema], "components": {"schemas": schemas}})
    }
}

impl Operation {
    fn of(path: &str, method: &str, given: &Value) -> Operation {
        let parameters = given["parameters"].as_array().into_iter().flatten();
        let answers = object(&given["responses"]).iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let body = given.get("requestBody");
        Operation {
            id: text(&given["operationId"]),
            method: method.to_uppercase(),
            path: path
                .trim_matches('/')
                .split('/')
                .map(str::to_string)
                .collect(),
            parameters: parameters
                .map(|one| Parameter {
                    name: text(&one["name"]),
                    place: text(&one["in"]),
                    check: Check::of(&one["schema"]),
                })
                .collect(),
            body: body.map(|body| Check::of(&closed(&body["schema"]))),
            body_required: body.is_some_and(|body| body["required"] == true),
            answers: answers
                .map(|(status, of)| (status.clone(), Check::of(of)))
                .collect(),
        }
    }
}

/// The schema of a body that has no other fields than those named: GitHub ignores them, and then
/// what the client meant is lost.
fn closed(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let is_open =
        schema.get("properties").is_some() && schema.get("additionalProperties").is_none();
    if is_open {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object in the description")
}

/// The components that a schema refers to.
fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            let own = own.and_then(|path| path.strip_prefix("#/components/schemas/"));
            let inner = fields.values().flat_map(references);
            own.map(str::to_string).into_iter().chain(inner).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
