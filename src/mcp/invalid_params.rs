//! The answer to a request of a known method whose params are not valid.
//!
//! rmcp passes such requests on as those of an unknown method; told that, a client would conclude
//! that the server has no tools.

use rmcp::model::{CustomRequest, ErrorCode, ErrorData};
use serde_json::{Value, json};

use super::tool::failure;
use crate::error::{Error, Reason};
use crate::model::text::excerpt;

/// The type of a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Object,
}

/// A parameter: its name, its type, and whether it is required.
type Param = (&'static str, Type, bool);

const NAMED: &[Param] = &[
    ("name", Type::Text, true),
    ("arguments", Type::Object, false),
];

/// The methods of the server, with the parameters that it reads.
const METHODS: &[(&str, &[Param])] = &[
    (
        "initialize",
        &[
            ("protocolVersion", Type::Text, true),
            ("capabilities", Type::Object, true),
            ("clientInfo", Type::Object, true),
        ],
    ),
    ("ping", &[]),
    ("tools/list", &[]),
    ("tools/call", NAMED),
    ("prompts/list", &[]),
    ("prompts/get", NAMED),
    ("resources/list", &[]),
    ("resources/templates/list", &[]),
    ("resources/read", &[("uri", Type::Text, true)]),
];

/// The error for a request that is none of those that the server knows.
pub(super) fn refused(request: &CustomRequest) -> ErrorData {
    let method = excerpt(&request.method, 80);
    let known = METHODS.iter().find(|(name, _)| *name == request.method);
    let Some((_, params)) = known else {
        return ErrorData::new(ErrorCode::METHOD_NOT_FOUND, method, None);
    };
    let why = wrong(params, request.params.as_ref());
    let error = Error::usage(format!("the params of `{method}` are not valid: {why}"))
        .because(Reason::ParamsInvalid)
        .about(method);
    let data = failure(&error, &[])["error"].take();
    ErrorData::invalid_params(error.message().to_string(), Some(data))
}

/// The first thing that is wrong with the params.
fn wrong(params: &[Param], given: Option<&Value>) -> String {
    let nothing = json!({});
    let Some(given) = given.unwrap_or(&nothing).as_object() else {
        return "they are not an object".into();
    };
    for (name, kind, is_required) in params {
        match (given.get(*name), kind) {
            (None, _) if *is_required => return format!("`{name}` is missing"),
            (None, _) | (Some(Value::String(_)), Type::Text) => {}
            (Some(Value::Object(_)), Type::Object) => {}
            (Some(Value::Null), _) if !is_required => {}
            (Some(_), Type::Text) => return format!("`{name}` is not a string"),
            (Some(_), Type::Object) => return format!("`{name}` is not an object"),
        }
    }
    "one of their fields has the wrong type".into()
}
