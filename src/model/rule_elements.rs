//! The shared rules that are lists, element by element, in `pm.yaml`.
//!
//! Each time an element is added is an entry of its own, `<rule> <element> <stamp>`, which a removal
//! marks. So a removal removes what its author saw: an element that is added at the same time stays.
//! Pure.

use super::doc::{Doc, Entry, Reg};
use super::stamp::{Clock, Stamp};
use super::value::Value;

/// The record with these entries.
pub const RECORD: &str = "rule_elements";

/// The record in which format 1 has a list as one text.
pub const TEXTS: &str = "rules";

/// The words of a list in one text; `none` is an empty one.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\n'])
        .filter(|word| !word.is_empty() && *word != "none")
}

/// The rule and the element in the id of an entry.
pub fn named(id: &str) -> Option<(&str, &str)> {
    let (rule, rest) = id.split_once(' ')?;
    Some((rule, rest.rsplit_once(' ')?.0))
}

/// The rules and elements of all entries, removed ones too.
pub fn all(doc: &Doc) -> impl Iterator<Item = (&str, &str)> {
    let all = doc.all_entries(RECORD);
    all.filter_map(|(id, _)| named(id))
}

/// The id of an entry with another element.
pub fn renamed(id: &str, element: &str) -> Option<String> {
    let (rule, _) = named(id)?;
    let (_, at) = id.rsplit_once(' ')?;
    Some(format!("{rule} {element} {at}"))
}

/// The entries of a rule with their elements, removed ones too, in the order of their times.
fn entries<'d>(doc: &'d Doc, rule: &'d str) -> Vec<(&'d str, &'d Entry)> {
    let mut found: Vec<_> = doc
        .all_entries(RECORD)
        .filter_map(|(id, entry)| Some((named(id).filter(|(of, _)| *of == rule)?.1, entry)))
        .collect();
    found.sort_by(|a, b| (&a.1.at, a.0).cmp(&(&b.1.at, b.0)));
    found
}

/// The text of a rule in a state of format 1.
pub fn text<'d>(doc: &'d Doc, rule: &str) -> Option<&'d Reg> {
    doc.entry(TEXTS, rule)?.regs.get("value")
}

/// The elements of a rule: those of its text, then the others.
pub fn elements<'d>(doc: &'d Doc, rule: &'d str) -> Vec<&'d str> {
    let old = text(doc, rule).and_then(|reg| reg.value.as_str());
    let mut out: Vec<&str> = old.into_iter().flat_map(words).collect();
    let present = entries(doc, rule).into_iter();
    out.extend(
        present
            .filter(|(_, entry)| !entry.is_removed())
            .map(|(element, _)| element),
    );
    let mut known = std::collections::HashSet::new();
    out.retain(|element| known.insert(*element));
    out
}

/// What decides whether an element is in: true with the time at which it was added last, else no
/// value, with the time at which it was removed.
pub fn register(doc: &Doc, rule: &str, element: &str) -> Option<Reg> {
    let of: Vec<&Entry> = entries(doc, rule)
        .into_iter()
        .filter_map(|(name, entry)| (name == element).then_some(entry))
        .collect();
    let old = text(doc, rule);
    let in_text = old.filter(|reg| {
        reg.value
            .as_str()
            .is_some_and(|t| words(t).any(|w| w == element))
    });
    let added = of
        .iter()
        .filter(|entry| !entry.is_removed())
        .map(|entry| &entry.at);
    let reg = |stamp: &Stamp, value| Reg {
        stamp: stamp.clone(),
        value,
    };
    if let Some(stamp) = added.chain(in_text.map(|reg| &reg.stamp)).max() {
        return Some(reg(stamp, Value::Bool(true)));
    }
    let removed = of.iter().filter_map(|entry| entry.regs.get("removed"));
    let removed = removed.map(|reg| &reg.stamp).max();
    removed
        .or(old.map(|reg| &reg.stamp))
        .map(|stamp| reg(stamp, Value::Null))
}

/// Turns the text of a rule in a state of format 1 into elements: entries with the time of the
/// text, the same in every clone. True if there was one.
pub fn convert(doc: &mut Doc, rule: &str, clock: &Clock) -> bool {
    let Some(old) = text(doc, rule).filter(|reg| !reg.value.is_null()).cloned() else {
        return false;
    };
    for element in words(old.value.as_str().unwrap_or_default()) {
        let id = format!("{rule} {element} {}", old.stamp);
        if doc.entry(RECORD, &id).is_none() {
            doc.add_entry(RECORD, &id, old.stamp.clone(), &[]);
        }
    }
    doc.set_entry(TEXTS, rule, "value", Value::Null, clock)
}

/// Adds an element.
pub fn add(doc: &mut Doc, rule: &str, element: &str, at: Stamp, by: &str) {
    let id = format!("{rule} {element} {at}");
    doc.add_entry(RECORD, &id, at, &[("by", by.into())]);
}

/// Removes an element: all its entries, also those that are removed already, so that this removal
/// counts. One without entries gets one, for the same reason.
pub fn remove(doc: &mut Doc, rule: &str, element: &str, clock: &Clock, by: &str) {
    if !entries(doc, rule).iter().any(|(name, _)| *name == element) {
        add(doc, rule, element, clock.stamp(None), by);
    }
    let Some(record) = doc.records.get_mut(RECORD) else {
        return;
    };
    for (id, entry) in record {
        if named(id) == Some((rule, element)) {
            for (name, value) in [("removed", Value::Bool(true)), ("removed_by", by.into())] {
                let stamp = clock.stamp(entry.regs.get(name).map(|reg| &reg.stamp));
                entry.regs.insert(name.to_string(), Reg { stamp, value });
            }
        }
    }
}
