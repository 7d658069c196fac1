//! The OpenAPI 3.1 document, generated from the table of routes and the types of bodies and answers.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::problem::{self, Problem};
use super::request::Scope;
use super::route::{Kind, Method, Needs, Parameter, Returns, Route};
use super::routes;

/// The document.
pub(super) fn document() -> Value {
    let (mut answers, mut bodies) = generators();
    let problem = answers.subschema_for::<Problem<'_>>().to_value();
    let mut paths: Map<String, Value> = Map::new();
    // The routes of the page are left out: they are for people.
    for route in described() {
        let operation = operation(route, &mut answers, &mut bodies);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation;
    }
    let mut schemas = answers.take_definitions(true);
    for (name, schema) in bodies.take_definitions(true) {
        schemas.entry(name).or_insert(schema);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "git pm",
            "summary": "Plan, claim, build, review and merge, coordinated by git alone",
            "version": "1",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{}, { "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                "Problem": {
                    "description": "A failure, with the codes and reasons of `--json`",
                    "content": { (problem::CONTENT_TYPE): { "schema": problem } },
                },
            },
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token created by `git pm serve token add`",
                },
            },
        },
    })
}

fn described() -> impl Iterator<Item = &'static Route> {
    routes::all().iter().filter(|route| {
        route.path.starts_with("/api/") || matches!(route.path, "/health" | "/metrics")
    })
}

/// What makes the schemas of answers and those of bodies.
fn generators() -> (SchemaGenerator, SchemaGenerator) {
    (
        generator(|settings| settings.for_serialize()),
        generator(|settings| settings.for_deserialize()),
    )
}

fn generator(contract: fn(SchemaSettings) -> SchemaSettings) -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
    });
    contract(settings).into_generator()
}

fn operation(route: &Route, answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator) -> Value {
    let mut parameters: Vec<Value> = in_path(route.path)
        .map(|name| {
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
        })
        .collect();
    parameters.extend(route.parameters.iter().map(in_query));
    if route.method != Method::Get {
        parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Makes a repeated request take effect only once",
            "schema": { "type": "string" },
        }));
        parameters.push(json!({
            "name": "If-Match",
            "in": "header",
            "description": "The version (`ETag`) that the item must still have",
            "schema": { "type": "string" },
        }));
    }
    let (status, content) = match route.returns {
        Returns::Data(schema) => ("200", enveloped(schema(answers).to_value())),
        Returns::Plain(schema) => (
            "200",
            json!({ "application/json": { "schema": schema(answers) } }),
        ),
        Returns::Other(kind) => ("200", json!({ (kind): {} })),
    };
    let mut operation = json!({
        "operationId": name(route),
        "summary": route.about,
        "parameters": parameters,
        "responses": {
            (status): { "description": "Success", "content": content },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    });
    if let Some(schema) = route.body {
        operation["requestBody"] =
            json!({ "content": { "application/json": { "schema": schema(bodies) } } });
    }
    match route.needs {
        Needs::Nothing => operation["security"] = json!([]),
        Needs::Token(Scope::Read) => {}
        Needs::Token(scope) => {
            operation["security"] = json!([{ "token": [] }]);
            operation["description"] = json!(format!(
                "Requires a token with the scope {}.",
                scope.as_str()
            ));
        }
    }
    operation
}

/// Data in the envelope of `--json`.
fn enveloped(data: Value) -> Value {
    json!({
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "schema_version": { "const": 1 },
                    "data": data,
                    "notices": { "type": "array", "items": { "type": "string" } },
                },
                "required": ["schema_version", "data"],
            },
        },
    })
}

fn in_query(parameter: &Parameter) -> Value {
    let schema = match parameter.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Number => json!({ "type": "integer", "minimum": 0 }),
        Kind::Flag => json!({ "type": "boolean" }),
    };
    json!({
        "name": parameter.name,
        "in": "query",
        "description": parameter.about,
        "schema": schema,
    })
}

/// The names in braces.
fn in_path(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// A unique name: `get_items_id_why`.
fn name(route: &Route) -> String {
    let path = route
        .path
        .trim_start_matches("/api/v1")
        .replace(".json", "");
    let words: Vec<&str> = path
        .split('/')
        .map(|part| part.trim_matches(['{', '}']))
        .filter(|part| !part.is_empty())
        .collect();
    format!(
        "{}_{}",
        route.method.as_str().to_ascii_lowercase(),
        words.join("_")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schemas of bodies and answers are joined by name, and a second type of one name in either
    /// would get a number.
    #[test]
    fn a_name_means_one_schema() {
        let (mut answers, mut bodies) = generators();
        for route in described() {
            operation(route, &mut answers, &mut bodies);
        }
        let (answers, bodies) = (
            answers.take_definitions(true),
            bodies.take_definitions(true),
        );
        let mut twice = Vec::new();
        for (name, schema) in answers.iter().chain(&bodies) {
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
            let is_numbered =
                stem != name && (answers.contains_key(stem) || bodies.contains_key(stem));
            let other = answers.get(name).filter(|other| *other != schema);
            if is_numbered || other.is_some() {
                twice.push(name);
            }
        }
        assert!(twice.is_empty(), "{twice:?}");
    }
}
