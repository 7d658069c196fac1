//! The error page and the sign-in form.

use askama::Template;

use super::super::request::{Answer, Call, Visitor};
use super::filters;
use super::frame::{Frame, html, item_path};
use super::markdown::{Markup, ticked};
use crate::error::{Error, Hint, Result};

#[derive(Template)]
#[template(path = "../src/serve/page/templates/failure.html")]
struct FailurePage {
    frame: Frame,
    message: Option<String>,
    advice: Vec<Advice>,
    signs_in: bool,
    /// The page with the form, and its name.
    back: Option<(String, String)>,
}

/// What a hint of the library is on the page: a link where a page does the same as its command.
pub(super) enum Advice {
    /// An address and its name.
    Link(String, String),
    Text(Markup),
}

impl Advice {
    /// The advice of a failure.
    pub fn of(error: &Error) -> Vec<Advice> {
        error.hints().iter().map(Advice::from).collect()
    }
}

impl From<&Hint> for Advice {
    fn from(hint: &Hint) -> Advice {
        let command = hint.command.as_ref().filter(|one| one.program == "git pm");
        let args = command.map(|one| one.args.iter().map(String::as_str).collect::<Vec<_>>());
        // An argument in capitals is a placeholder.
        let is_id = |id: &str| id.bytes().any(|b| b.is_ascii_digit());
        let link = |path: String, name: String| Advice::Link(path, name);
        match args.as_deref().unwrap_or_default() {
            ["why" | "show", id] | ["task", "show", id] if is_id(id) => {
                link(item_path(id), format!("Open {id}"))
            }
            ["task", "diff" | "approve", id] if is_id(id) => {
                link(format!("{}/changes", item_path(id)), format!("Review {id}"))
            }
            ["task", "accept", id, ..] if is_id(id) => link(
                format!("{}#criteria", item_path(id)),
                format!("See the criteria of {id}"),
            ),
            ["task", "reassign", id, ..] if is_id(id) => link(
                format!("{}/move?verb=assign", item_path(id)),
                format!("Assign {id}"),
            ),
            ["list", ..] => link("/list?all=true".into(), "All items".into()),
            ["log", ..] => link("/activity".into(), "Activity".into()),
            ["next" | "ready", ..] => link("/list?q=is:ready".into(), "What is ready".into()),
            _ => Advice::Text(ticked(&hint.to_string())),
        }
    }
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
        advice: Advice::of(error),
        signs_in: status == 401,
        back: (status != 401).then(|| back(path)),
    };
    // A template of plain texts cannot fail to render.
    page.render().unwrap_or_else(|_| title.to_string())
}

/// The page with the form that submits to a path, and its name.
fn back(path: &str) -> (String, String) {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let is_safe = |part: &&str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b))
    };
    let (path, name) = match (parts.next(), parts.next().filter(is_safe), parts.next()) {
        (Some(kind @ ("items" | "plans" | "runs")), Some(id), Some(_)) => {
            return (format!("/{kind}/{id}"), format!("Open {id}"));
        }
        (Some("plans"), ..) => ("/plans", "All plans"),
        (Some("runs"), ..) => ("/runs", "All runs"),
        (Some("reservations"), Some(_), _) => ("/reservations", "All reservations"),
        _ => ("/", "Board"),
    };
    (path.into(), name.into())
}

/// The sign-in form.
pub(super) fn sign_in(call: &Call) -> Result<Answer> {
    html(&FailurePage {
        frame: Frame::around(&call.visitor, "Sign in", ""),
        message: None,
        advice: Vec::new(),
        signs_in: true,
        back: None,
    })
}
