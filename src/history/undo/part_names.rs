//! The names of the parts of a document in messages: `title`, `label `ci``, `claim of bob`.

use crate::model::doc::Doc;
use crate::model::register_diff::{EntryName, Place};

/// The name of a place in messages.
pub(super) fn place_name(place: &Place, doc: &Doc) -> String {
    match place {
        Place::Field(name) => name.replace('_', " "),
        Place::Element(set, element) => {
            let one = match set.as_str() {
                "labels" => "label",
                "depends_on" => "dependency",
                "paths" => "path",
                "edges" => "edge",
                other => other,
            };
            let shown = element
                .rsplit_once('-')
                .filter(|_| matches!(set.as_str(), "depends_on" | "edges"));
            format!(
                "{one} `{}`",
                shown.map_or(element.as_str(), |(born, _)| born)
            )
        }
        Place::Entry(record, id, _) => entry_name(
            &EntryName {
                record: record.clone(),
                id: id.clone(),
            },
            doc,
        ),
    }
}

/// The name of an entry in messages.
pub(super) fn entry_name(name: &EntryName, doc: &Doc) -> String {
    let entry = doc.entry(&name.record, &name.id);
    let text = |field: &str| entry.and_then(|e| e.text(field)).unwrap_or_default();
    match name.record.as_str() {
        "claims" => format!("claim of {}", text("actor")),
        "acceptance" => format!("criterion `{}`", text("text")),
        other => format!("{} `{}`", other.replace('_', " "), name.id),
    }
}

/// The name of a reservation in messages.
pub(super) fn reservation_name(doc: &Doc) -> String {
    let patterns: Vec<&str> = doc.elements("patterns").collect();
    format!("reservation of {}", patterns.join(", "))
}
