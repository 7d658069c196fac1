//! Failures as problem details (RFC 9457), with the codes, reasons and hints of `--json`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Failed, Kind};

/// The content type of problem details.
pub(super) const CONTENT_TYPE: &str = "application/problem+json";

/// A failure over HTTP.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(super) struct Problem<'a> {
    /// `urn:git-pm:` and the reason.
    #[serde(rename = "type")]
    name: String,
    /// The code in words.
    title: &'static str,
    /// The HTTP status of the response.
    status: u16,
    /// The same as `message`.
    detail: &'a str,
    /// The id of the request, as in the audit log.
    request: &'a str,
    #[serde(flatten)]
    failed: Failed<'a>,
}

/// The body of a failure.
pub(super) fn body(error: &Error, status: u16, request: &str) -> String {
    let problem = Problem {
        name: format!("urn:git-pm:{}", error.reason()),
        title: title(error.kind()),
        status,
        detail: error.message(),
        request,
        failed: Failed::from(error),
    };
    serde_json::to_string(&problem).unwrap_or_else(|_| "{}".into())
}

/// The HTTP status of a failure.
pub(super) fn status(error: &Error) -> u16 {
    match error.reason() {
        "http.unauthorized" => return 401,
        "http.forbidden" | "actor.not_human" => return 403,
        "http.no_route" => return 404,
        "http.method" => return 405,
        "http.timeout" => return 408,
        "http.too_large" => return 413,
        "http.content_type" => return 415,
        "http.host" => return 421,
        "http.too_many_requests" => return 429,
        "http.too_many_readers" | "http.busy" => return 503,
        "item.changed" | "version.changed" => return 412,
        "events.cursor_lost" => return 410,
        _ => {}
    }
    match error.kind() {
        Kind::Usage => 400,
        Kind::Refused | Kind::Conflict | Kind::Ambiguous | Kind::Partial | Kind::Finished => 409,
        Kind::Budget => 402,
        Kind::NotFound => 404,
        Kind::Remote => 502,
        // Also of a kind that this match does not have.
        _ => 500,
    }
}

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Refused => "A check failed",
        Kind::Usage => "Invalid request",
        Kind::Conflict => "Conflict with another operation",
        Kind::NotFound => "Not found",
        Kind::Ambiguous => "The name matches more than one object",
        Kind::Remote => "A remote could not be reached",
        Kind::Budget => "A budget is exhausted",
        Kind::Partial => "Some records were skipped",
        Kind::Finished => "There is no work left",
        _ => "The state cannot be used as it is",
    }
}
