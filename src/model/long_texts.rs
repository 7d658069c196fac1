//! Which long texts an item has other than its body.
//!
//! Each is a register, of which a join keeps the later value; a record has every written text, so
//! that concurrent texts are kept like concurrent versions of a body.

use super::doc::{Doc, Entry};
use super::stamp::{Clock, Stamp};
use super::value::Value;

/// The registers with long texts.
pub const TEXTS: [&str; 3] = ["notes", "design", "acceptance_criteria"];

/// The record of written texts: an entry for each one that was not replaced.
pub const RECORD: &str = "texts";

/// Writes a register; for one of [`TEXTS`], the new text replaces the one that is shown. Concurrent
/// ones stay, as its author need not have seen them. Returns whether anything changed.
pub fn set(doc: &mut Doc, name: &str, value: Value, clock: &Clock) -> bool {
    let shown = doc.text(name).map(str::to_string);
    write(doc, name, value, clock, |text| {
        shown.as_deref() == Some(text)
    })
}

/// As [`set`], for a text that replaces all concurrent ones.
pub fn resolve(doc: &mut Doc, name: &str, value: Value, clock: &Clock) -> bool {
    write(doc, name, value, clock, |_| true)
}

fn write(
    doc: &mut Doc,
    name: &str,
    value: Value,
    clock: &Clock,
    is_replaced: impl Fn(&str) -> bool,
) -> bool {
    if !TEXTS.contains(&name) {
        return doc.set(name, value, clock);
    }
    let mut changed = doc.set(name, value.clone(), clock);
    changed |= replace(doc, name, clock, |text| {
        Some(text) != value.as_str() && is_replaced(text)
    });
    enter(doc, name, &value);
    changed
}

/// Appends lines to a text. Concurrent versions stay, since the addition does not resolve them.
pub fn append(doc: &mut Doc, name: &str, text: &str, clock: &Clock) -> bool {
    let before = doc.text(name).unwrap_or_default().to_string();
    let value = match before.as_str() {
        "" => text.to_string(),
        before => format!("{before}\n{text}"),
    };
    let changed = doc.set(name, value.as_str(), clock);
    replace(doc, name, clock, |text| text == before);
    enter(doc, name, &value.into());
    changed
}

/// Removes a text that was replaced by a writer who saw it in another tracker.
pub fn drop_seen(doc: &mut Doc, name: &str, seen: &str, clock: &Clock) -> bool {
    replace(doc, name, clock, |text| text == seen)
}

/// The texts concurrent with the one that is shown, newest first.
pub fn others<'d>(doc: &'d Doc, name: &'d str) -> Vec<(&'d Entry, &'d str)> {
    let shown = doc.value(name);
    let mut all: Vec<_> = live(doc, name)
        .map(|(_, entry, text)| (entry, text))
        .filter(|(_, text)| Some(*text) != shown.as_str())
        .collect();
    all.sort_by(|a, b| b.0.at.cmp(&a.0.at));
    all
}

/// The stamp under which the text that is shown was written. An undo writes its register again, and
/// restores its entry.
pub fn shown_at<'d>(doc: &'d Doc, name: &'d str) -> &'d Stamp {
    let shown = doc.regs.get(name);
    let entries = live(doc, name).filter(|(_, _, text)| doc.text(name) == Some(*text));
    let entered = entries.map(|(_, entry, _)| &entry.at).max();
    let written = shown.map(|reg| &reg.stamp);
    entered.or(written).unwrap_or(&doc.birth)
}

/// All current texts: each one that is shown, followed by those concurrent with it.
pub fn all(doc: &Doc) -> impl Iterator<Item = &str> {
    TEXTS.iter().flat_map(|name| {
        let beside = others(doc, name).into_iter().map(|(_, text)| text);
        doc.text(name).into_iter().chain(beside)
    })
}

/// True if any of the texts has concurrent ones.
pub fn is_conflicted(doc: &Doc) -> bool {
    doc.records.contains_key(RECORD) && TEXTS.iter().any(|name| !others(doc, name).is_empty())
}

fn live<'d>(doc: &'d Doc, name: &'d str) -> impl Iterator<Item = (&'d str, &'d Entry, &'d str)> {
    doc.entries(RECORD)
        .filter(move |(_, entry)| entry.text("field") == Some(name))
        .filter_map(|(id, entry)| Some((id, entry, entry.text("text")?)))
}

fn replace(doc: &mut Doc, name: &str, clock: &Clock, is_seen: impl Fn(&str) -> bool) -> bool {
    let seen: Vec<String> = live(doc, name)
        .filter(|(_, _, text)| is_seen(text))
        .map(|(id, ..)| id.to_string())
        .collect();
    for id in &seen {
        doc.set_entry(RECORD, id, "removed", true, clock);
        doc.set_entry(RECORD, id, "text", Value::Null, clock);
    }
    !seen.is_empty()
}

/// Adds the current text of a register to the record, under the stamp of its write.
fn enter(doc: &mut Doc, name: &str, value: &Value) {
    let Some(text) = value.as_str() else { return };
    let Some(at) = doc.regs.get(name).map(|reg| reg.stamp.clone()) else {
        return;
    };
    // A text from the document's birth is in every copy.
    if at != doc.birth {
        add_beside(doc, name, text, &at);
    }
}

/// Adds a text that was written at a stamp. If another one is shown, both are concurrent.
pub fn add_beside(doc: &mut Doc, name: &str, text: &str, at: &Stamp) {
    let id = format!("{name} {at}");
    // One that was removed stays so.
    if doc.entry(RECORD, &id).is_none() && live(doc, name).all(|(_, _, known)| known != text) {
        let fields = [("field", Value::from(name)), ("text", text.into())];
        doc.add_entry(RECORD, &id, at.clone(), &fields);
    }
}
