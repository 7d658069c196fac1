//! Answers that refuse, with the bodies that GitHub gives them.

use serde_json::{Value, json};

/// An answer that is not a success.
#[derive(Clone, Debug)]
pub struct Failure {
    pub status: u16,
    pub body: Value,
    pub headers: Vec<(&'static str, String)>,
}

pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub fn new(status: u16, message: &str) -> Failure {
        Failure {
            status,
            body: json!({
                "message": message,
                "documentation_url": "https://docs.github.com/rest",
                "status": status.to_string(),
            }),
            headers: Vec::new(),
        }
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Failure {
        self.headers.push((name, value.to_string()));
        self
    }

    pub fn not_found() -> Failure {
        Failure::new(404, "Not Found")
    }

    pub fn bad_credentials() -> Failure {
        Failure::new(401, "Bad credentials")
    }

    pub fn gone() -> Failure {
        Failure::new(410, "This issue was deleted")
    }

    /// Moved to another address. Requests that write are told to repeat themselves there, which a
    /// 301 does not allow.
    pub fn moved(method: &str, location: String) -> Failure {
        let mut failure = match method {
            "GET" => Failure::new(301, "Moved Permanently"),
            _ => Failure::new(307, "Temporary Redirect"),
        };
        failure.body["url"] = json!(location);
        failure.with("location", location)
    }

    /// 422 with objects: what is wrong with which field.
    pub fn validation(errors: Vec<Value>) -> Failure {
        let mut failure = Failure::new(422, "Validation Failed");
        failure.body["errors"] = Value::Array(errors);
        failure
    }

    /// 422 for one field with one of GitHub's codes.
    pub fn field(resource: &str, field: &str, code: &str) -> Failure {
        Failure::validation(vec![
            json!({"resource": resource, "field": field, "code": code}),
        ])
    }

    /// 422 for a value that is not allowed.
    pub fn value(resource: &str, field: &str, value: Value) -> Failure {
        Failure::validation(vec![
            json!({"value": value, "resource": resource, "field": field, "code": "invalid"}),
        ])
    }

    /// 422 for one field with a sentence.
    pub fn custom(resource: &str, field: &str, message: &str) -> Failure {
        Failure::validation(vec![
            json!({"resource": resource, "field": field, "code": "custom", "message": message}),
        ])
    }

    /// 422 with a sentence in place of objects, as the order of sub-issues gives it.
    pub fn sentence(message: &str) -> Failure {
        let mut failure = Failure::new(422, message);
        failure.body["errors"] = json!([message]);
        failure
    }
}
