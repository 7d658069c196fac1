//! What every page has around its content, and how a page becomes an answer.

use askama::Template;
use serde::Serialize;

use super::super::request::{Answer, Call, Scope, Visitor};
use crate::error::{Error, Result};

/// The paths and names of the pages in the navigation.
const PAGES: [(&str, &str); 8] = [
    ("/", "Board"),
    ("/list", "List"),
    ("/graph", "Graph"),
    ("/plans", "Plans"),
    ("/runs", "Runs"),
    ("/reservations", "Reservations"),
    ("/activity", "Activity"),
    ("/numbers", "Numbers"),
];

/// What is around the content of a page.
#[derive(Default)]
pub(super) struct Frame {
    pub title: String,
    /// The path of the page in the navigation that this one belongs to.
    pub here: &'static str,
    /// The name of the visitor, if known.
    pub visitor: Option<String>,
    pub may_write: bool,
    pub may_approve: bool,
    /// What forms send back.
    pub csrf: String,
    /// What the library has to tell the visitor.
    pub notices: Vec<String>,
    /// True if a script reads the page again when something changes.
    pub is_live: bool,
    /// True if it does so all the time, because what it shows is no event.
    pub is_running: bool,
    /// The words in the search field.
    pub words: String,
}

impl Frame {
    /// The frame of a page. To be made last, as it takes the notices of all calls before it.
    pub fn of(call: &Call, title: impl Into<String>, here: &'static str) -> Frame {
        Frame {
            notices: call.notices(),
            is_live: true,
            ..Frame::around(&call.visitor, title, here)
        }
    }

    /// The frame of a page that has no request.
    pub fn around(visitor: &Visitor, title: impl Into<String>, here: &'static str) -> Frame {
        Frame {
            title: title.into(),
            here,
            visitor: visitor.actor.clone(),
            may_write: visitor.may(Scope::Write),
            may_approve: visitor.may(Scope::Approve) && !visitor.agent,
            csrf: visitor.csrf.clone(),
            ..Frame::default()
        }
    }

    /// The pages of the navigation.
    pub fn pages(&self) -> &'static [(&'static str, &'static str)] {
        &PAGES
    }

    /// A part of the addresses of assets, so that a browser asks for those of a new version.
    pub fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

/// A page as an answer.
pub(super) fn html<T: Template>(page: &T) -> Result<Answer> {
    let text = page
        .render()
        .map_err(|error| Error::state(format!("cannot write the page: {error}")))?;
    Ok(Answer::Html { status: 200, text })
}

/// To another page.
pub(super) fn see(path: impl Into<String>) -> Result<Answer> {
    Ok(Answer::See {
        path: path.into(),
        cookie: None,
    })
}

/// The page of an item.
pub(super) fn see_item(id: &str) -> Result<Answer> {
    see(format!("/items/{}", part(id)))
}

/// A text as a part of a path, or as the value of a parameter.
pub(super) fn part(text: &str) -> String {
    let coded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    coded.replace('+', "%20")
}

/// The query of an address with these parameters, without those that are empty.
pub(super) fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The field of a form; empty if it is not there. Browsers send the ends of lines as two characters.
pub(super) fn field<'a>(form: &'a [(String, String)], name: &str) -> std::borrow::Cow<'a, str> {
    let found = form.iter().find(|(key, _)| key == name);
    let value = found.map_or("", |(_, value)| value);
    match value.contains('\r') {
        true => value.replace("\r\n", "\n").into(),
        false => value.into(),
    }
}

/// The field of a form that is not empty.
pub(super) fn given(form: &[(String, String)], name: &str) -> Option<String> {
    let value = field(form, name);
    (!value.trim().is_empty()).then(|| value.trim().to_string())
}

/// The word by which a value is known in JSON.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}
