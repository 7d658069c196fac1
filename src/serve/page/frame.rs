//! The frame around the content of every page, and the conversion of a page to an answer.

use std::fmt;

use askama::Template;
use serde::Serialize;

use super::super::request::{Answer, Call, Scope, Visitor, pairs};
use super::filters;
use super::limits;
use crate::coordinate::here::UnsettledIds;
use crate::error::{Error, Result};
use crate::maintain::setup::status::{Exchange, exchange};
use crate::model::item::Item;
use crate::model::stamp::parse_rfc3339;
use crate::model::status::Status;
use crate::model::text::excerpt;
use crate::store::env::Env;

/// The paths and names of the pages in the navigation.
const PAGES: [(&str, &str); 9] = [
    ("/", "Board"),
    ("/list", "List"),
    ("/inbox", "Inbox"),
    ("/graph", "Graph"),
    ("/plans", "Plans"),
    ("/runs", "Runs"),
    ("/reservations", "Reservations"),
    ("/activity", "Activity"),
    ("/numbers", "Numbers"),
];

/// The frame around the content of a page.
#[derive(Default)]
pub(super) struct Frame {
    pub title: String,
    /// The path of the page in the navigation that this one belongs to.
    pub here: &'static str,
    /// The name of the visitor, if authenticated.
    pub visitor: Option<String>,
    pub may_write: bool,
    pub may_approve: bool,
    /// True if the page was opened under a name at which nobody can sign in.
    pub away: bool,
    /// The library's notices for the visitor.
    pub notices: Vec<String>,
    /// What the change said that led here: the script shows it where it stays.
    pub said: Vec<String>,
    /// The event after which a script reloads the content, if it does so when something changes.
    pub live: Option<String>,
    /// True if it does so periodically, because changes to the content cause no events.
    pub is_running: bool,
    /// True if the content has the height of the window, and scrolls in itself.
    pub fits: bool,
    /// The words in the search field.
    pub words: String,
    /// How the state and its remote differ, for a signed-in visitor.
    pub exchange: Option<Exchange>,
    /// The ids whose number the first sync may still change.
    pub unsettled: UnsettledIds,
    pub now_ms: u64,
    /// Says in which zone days are; UTC without it.
    pub env: Option<Env>,
}

impl Frame {
    /// The frame of a page. Has to be created last, as it takes the notices of all previous calls.
    pub fn of(call: &Call, title: impl Into<String>, here: &'static str) -> Frame {
        let session = &call.visitor.session;
        let said = call.shared.sessions().said(session, Vec::new());
        let is_told = call.visitor.actor.is_some() && !call.shared.offline;
        // A page is shown whatever is wrong with a ref.
        let told = is_told.then(|| call.pm().ok()).flatten();
        let ids = call.pm().and_then(|pm| pm.items().unsettled_ids());
        Frame {
            unsettled: ids.unwrap_or_default(),
            exchange: told.and_then(|pm| exchange(pm).ok().flatten()),
            notices: call.notices(),
            said,
            live: Some(call.since.clone()),
            now_ms: call.shared.env.now_ms(),
            env: Some(call.shared.env.clone()),
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
            away: visitor.away,
            ..Frame::default()
        }
    }

    /// The attributes of an element that ends with this id.
    pub fn mark(&self, id: &str) -> Mark {
        Mark(self.unsettled.contains(id))
    }

    /// The same of an id of which it is known whether it may change.
    pub fn mark_if(&self, is_unsettled: bool) -> Mark {
        Mark(is_unsettled)
    }

    /// The status of an item, as people read it now.
    pub fn status<'i>(&self, item: &'i Item) -> &'i Status {
        item.status_at(self.now_ms)
    }

    /// The day of a time, in the zone of the days that users type.
    pub fn day(&self, time: &str) -> String {
        let ms = self.env.as_ref().zip(parse_rfc3339(time));
        ms.map_or_else(
            || excerpt(time, 11).chars().take(10).collect(),
            |(env, ms)| env.day(ms),
        )
    }

    /// The initials of the visitor.
    pub fn initials(&self) -> String {
        filters::initials_of(self.visitor.as_deref().unwrap_or_default())
    }

    /// The pages of the navigation.
    pub fn pages(&self) -> &'static [(&'static str, &'static str)] {
        &PAGES
    }

    /// The version in the URLs of assets, so that a browser fetches those of a new version.
    pub fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

/// The attributes that show a question mark behind an id whose number may still change. It is no part of the
/// text, which is copied, and looked for, as it is.
pub(super) struct Mark(bool);

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            true => f.write_str(" data-unsettled title=\"The first sync settles the number\""),
            false => Ok(()),
        }
    }
}

/// It has no text of the state.
impl askama::filters::HtmlSafe for Mark {}

/// Renders a page as an answer.
pub(super) fn html<T: Template>(page: &T) -> Result<Answer> {
    let text = page
        .render()
        .map_err(|error| Error::state(format!("cannot write the page: {error}")))?;
    Ok(Answer::Html { status: 200, text })
}

/// A redirect to another page.
pub(super) fn see(path: impl Into<String>) -> Result<Answer> {
    Ok(Answer::See {
        path: path.into(),
        cookie: None,
    })
}

/// The path of the page of an item.
pub(super) fn item_path(id: &str) -> String {
    format!("/items/{}", part(id))
}

/// A redirect to the page that a form was sent from, if it names one, else to another.
pub(super) fn see_back(form: &[(String, String)], otherwise: impl Into<String>) -> Result<Answer> {
    let back = local(&field(form, "back"));
    see(back.unwrap_or_else(|| otherwise.into()))
}

/// An address of this server, encoded again so that it is valid whatever was sent.
fn local(address: &str) -> Option<String> {
    let (path, words) = address.split_once('?').unwrap_or((address, ""));
    let is_path_byte = |b: u8| b.is_ascii_alphanumeric() || b"/-_.~%".contains(&b);
    let is_path = path.starts_with('/') && !path.starts_with("//");
    if !is_path || !path.bytes().all(is_path_byte) || address.len() > limits::RETURN_QUERY_MAX {
        return None;
    }
    let pairs = pairs(words.as_bytes());
    let pairs = pairs
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    let words = query(pairs);
    Some(match words.is_empty() {
        true => path.to_string(),
        false => format!("{path}?{words}"),
    })
}

/// A text, percent-encoded as a path segment or parameter value.
pub(in super::super) fn part(text: &str) -> String {
    let coded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    coded.replace('+', "%20")
}

/// The query string with these parameters, without empty ones.
pub(super) fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// A field of a form; empty if missing. Browsers send line breaks as CRLF, which become LF.
pub(super) fn field<'a>(form: &'a [(String, String)], name: &str) -> std::borrow::Cow<'a, str> {
    let found = form.iter().find(|(key, _)| key == name);
    let value = found.map_or("", |(_, value)| value);
    match value.contains('\r') {
        true => value.replace("\r\n", "\n").into(),
        false => value.into(),
    }
}

/// A field of a form, trimmed, if it is not empty.
pub(super) fn given(form: &[(String, String)], name: &str) -> Option<String> {
    let value = field(form, name);
    (!value.trim().is_empty()).then(|| value.trim().to_string())
}

/// The name of a value in JSON.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}
