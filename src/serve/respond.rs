//! Answers and failures as HTTP responses, with the headers that restrict a browser to what the page needs.

use axum::body::Body;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};

use super::request::{Answer, Visitor};
use super::{page, problem};
use crate::error::Error;
use crate::model::text::escape_json;
use crate::model::uid::sha256_hex;

/// The content security policy: everything comes from this server, and no inline code runs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn response(status: u16, content_type: &str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    set(&mut response, header::CONTENT_TYPE, content_type);
    response
}

fn set(response: &mut Response<Body>, name: HeaderName, value: &str) {
    // External values are already escaped; one that is still not valid is left out.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// The response of an answer.
pub(super) fn answer(answer: Answer, notices: &[String], known: Option<&str>) -> Response<Body> {
    match answer {
        Answer::Data {
            status,
            json,
            version,
        } => {
            let notes = match notices {
                [] => String::new(),
                _ => format!(
                    ",\"notices\":{}",
                    serde_json::to_string(notices).unwrap_or_default()
                ),
            };
            let text = format!("{{\"schema_version\":1,\"data\":{json}{notes}}}\n");
            // The version covers only the item; data shown with it, such as comments, may differ.
            let hash = sha256_hex(text.as_bytes());
            let tag = version.map(|version| format!("\"{version}-{}\"", &hash[..16]));
            let is_known = |known: &str| {
                let mut all = known.split(',').map(str::trim);
                all.any(|one| Some(one.strip_prefix("W/").unwrap_or(one)) == tag.as_deref())
            };
            if known.is_some_and(is_known) {
                let mut same = response(304, "application/json", Body::empty());
                set(&mut same, header::ETAG, tag.as_deref().unwrap_or_default());
                return same;
            }
            let mut made = response(status, "application/json", escape_json(text));
            if let Some(tag) = tag {
                set(&mut made, header::ETAG, &tag);
            }
            made
        }
        Answer::Plain(json) => response(200, "application/json", escape_json(json)),
        Answer::Html { status, text } => response(status, "text/html; charset=utf-8", text),
        Answer::Document {
            content_type,
            bytes,
            keep,
        } => {
            let mut made = response(200, content_type, bytes);
            if keep > 0 {
                let value = format!("private, max-age={keep}");
                set(&mut made, header::CACHE_CONTROL, &value);
            }
            made
        }
        Answer::File { name, bytes } => {
            // Never rendered by the browser: an artifact may be a page with code.
            let mut made = response(200, "application/octet-stream", bytes);
            let plain: String = name
                .chars()
                .map(|c| match c.is_ascii_alphanumeric() || "-_.".contains(c) {
                    true => c,
                    false => '_',
                })
                .collect();
            let value = format!("attachment; filename=\"{plain}\"");
            set(&mut made, header::CONTENT_DISPOSITION, &value);
            made
        }
        Answer::Signed { proof, cookie } => {
            let text = format!("{{\"proof\":\"{proof}\"}}\n");
            let mut made = response(200, "application/json", text);
            set(&mut made, header::SET_COOKIE, &cookie);
            made
        }
        Answer::See { path, cookie } => {
            let mut made = response(303, "text/plain; charset=utf-8", Body::empty());
            set(&mut made, header::LOCATION, &path);
            if let Some(cookie) = cookie {
                set(&mut made, header::SET_COOKIE, &cookie);
            }
            made
        }
    }
}

/// The response for a failure: HTML for the page, problem details for the API.
pub(super) fn failure(
    error: &Error,
    request: &str,
    is_page: bool,
    visitor: &Visitor,
    path: &str,
) -> Response<Body> {
    let status = problem::status(error);
    let mut made = match is_page {
        true => response(
            status,
            "text/html; charset=utf-8",
            page::failure(error, status, visitor, path),
        ),
        false => {
            let text = escape_json(problem::body(error, status, request));
            response(status, problem::CONTENT_TYPE, text)
        }
    };
    if status == 401 {
        set(
            &mut made,
            header::WWW_AUTHENTICATE,
            "Bearer realm=\"git pm\"",
        );
    }
    if matches!(status, 429 | 503) {
        set(&mut made, header::RETRY_AFTER, "1");
    }
    // The rest of the body is not read, and clients over a limit are disconnected.
    if matches!(status, 408 | 413 | 503) {
        set(&mut made, header::CONNECTION, "close");
    }
    made
}

/// Adds the headers common to all responses.
pub(super) fn with_headers(mut made: Response<Body>, id: &str, tls: bool) -> Response<Body> {
    let all = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        // nginx collects a response before it passes it on, unless told otherwise.
        (HeaderName::from_static("x-accel-buffering"), "no"),
        (HeaderName::from_static("x-request-id"), id),
    ];
    for (name, value) in all {
        set(&mut made, name, value);
    }
    if tls {
        let value = "max-age=31536000";
        set(&mut made, header::STRICT_TRANSPORT_SECURITY, value);
    }
    if !made.headers().contains_key(header::CACHE_CONTROL) {
        set(&mut made, header::CACHE_CONTROL, "no-store");
    }
    made
}
