//! Subjects of messages: they begin with the id of the item that the message is about.

use crate::model::doc::Doc;
use crate::model::{message, text};
use crate::store::state::State;

/// The subject of a message with the present id of its item. The stored one has the id at the time
/// of sending, which may be that of another item after a renumbering.
pub(crate) fn present_subject(state: &State<'_>, doc: &Doc) -> String {
    let subject = doc.text("subject").unwrap_or_default();
    let item = message::item(doc).filter(|item| item.uid.is_some());
    let Some((item, id)) = item.zip(leading_id(subject)) else {
        return subject.to_string();
    };
    let shown = state.shown_ref(&item);
    let prefix = |id: &str| id.split('-').next().map(str::to_string);
    match id != shown && prefix(id) == prefix(&item.born) {
        true => prefixed(Some(&shown), without_prefix(subject)),
        false => subject.to_string(),
    }
}

/// The id in brackets with which a subject begins.
fn leading_id(subject: &str) -> Option<&str> {
    let (id, _) = subject.strip_prefix('[')?.split_once("] ")?;
    (!id.contains(' ')).then_some(id)
}

/// A subject from a text of the state, which may hold anything.
pub(super) fn subject_from(given: &str, max: usize, otherwise: &str) -> String {
    let subject = text::excerpt(text::head(given, 4 * max).trim(), max);
    match subject.is_empty() {
        true => otherwise.into(),
        false => subject,
    }
}

/// A subject with the id of the item that it is about.
pub(super) fn prefixed(id: Option<&str>, subject: &str) -> String {
    match id {
        Some(id) => format!("[{id}] {}", without(id, subject)),
        None => subject.to_string(),
    }
}

/// A subject without the prefix of an item.
fn without<'s>(id: &str, subject: &'s str) -> &'s str {
    let rest = subject.strip_prefix('[').and_then(|s| s.strip_prefix(id));
    rest.and_then(|s| s.strip_prefix(']'))
        .map_or(subject, str::trim_start)
}

/// A subject without its first words in brackets, which name an item by an id it may have lost.
pub(super) fn without_prefix(subject: &str) -> &str {
    leading_id(subject).map_or(subject, |id| without(id, subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_names_its_item_once() {
        assert_eq!(
            prefixed(Some("T-0012"), "Which one?"),
            "[T-0012] Which one?"
        );
        assert_eq!(
            prefixed(Some("T-0012"), "[T-0012] Which?"),
            "[T-0012] Which?"
        );
        assert_eq!(prefixed(None, "Hello"), "Hello");
        assert_eq!(without_prefix("[T-0001] [x y] z"), "[x y] z");
        assert_eq!(without_prefix("[x y] z"), "[x y] z");
    }
}
