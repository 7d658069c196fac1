//! The error page and the sign-in form.

use askama::Template;

use super::super::request::{Answer, Call, Visitor};
use super::filters;
use super::frame::{Frame, html};
use crate::error::{Error, Result};

#[derive(Template)]
#[template(path = "../src/serve/page/templates/failure.html")]
struct FailurePage {
    frame: Frame,
    message: Option<String>,
    hints: Vec<String>,
    signs_in: bool,
    back: Option<String>,
    /// True if the visitor may have to submit the form again.
    keeps: bool,
}

/// The error page.
pub(in super::super) fn failure(
    error: &Error,
    status: u16,
    visitor: &Visitor,
    path: &str,
) -> String {
    let title = match status {
        401 => "Sign in",
        403 => "Not allowed",
        404 => "Not found",
        405 => "Method not allowed",
        409 => "Request refused",
        410 => "Gone",
        412 => "Changed by somebody else",
        429 | 503 => "Too many requests",
        400..=499 => "Bad request",
        _ => "Something went wrong",
    };
    let page = FailurePage {
        frame: Frame::around(visitor, title, ""),
        message: Some(error.message().to_string()),
        hints: error.hints().iter().map(ToString::to_string).collect(),
        signs_in: status == 401,
        back: (status != 401).then(|| back(path)),
        keeps: matches!(status, 400 | 403 | 409 | 412),
    };
    // A template of plain texts cannot fail to render.
    page.render().unwrap_or_else(|_| title.to_string())
}

/// The page with the form that submits to a path.
fn back(path: &str) -> String {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let is_safe = |part: &&str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b))
    };
    match (parts.next(), parts.next().filter(is_safe), parts.next()) {
        (Some(kind @ ("items" | "plans")), Some(id), Some(_)) => format!("/{kind}/{id}"),
        (Some("plans"), ..) => "/plans".into(),
        (Some("reservations"), Some(_), _) => "/reservations".into(),
        _ => "/".into(),
    }
}

/// The sign-in form.
pub(super) fn sign_in(call: &Call) -> Result<Answer> {
    html(&FailurePage {
        frame: Frame::around(&call.visitor, "Sign in", ""),
        message: None,
        hints: Vec::new(),
        signs_in: true,
        back: None,
        keeps: false,
    })
}
