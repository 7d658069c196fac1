//! Failures as problem details (RFC 9457), with the codes, reasons and hints of `--json`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Failed, Kind, Reason};

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
        Reason::HttpUnauthorized => return 401,
        Reason::HttpForbidden | Reason::ActorNotHuman => return 403,
        Reason::HttpNoRoute => return 404,
        Reason::HttpMethod => return 405,
        Reason::HttpTimeout => return 408,
        Reason::HttpTooLarge => return 413,
        Reason::HttpContentType => return 415,
        Reason::HttpHost => return 421,
        Reason::HttpTooManyRequests => return 429,
        Reason::HttpTooManyReaders | Reason::HttpBusy => return 503,
        Reason::ItemChanged => return 412,
        Reason::EventsCursorLost => return 410,
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
