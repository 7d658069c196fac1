//! Which tracker a document was imported from (beads, …), and the stamps of imported records.

use crate::model::doc::{Doc, EXTERNAL};
use crate::model::stamp::Stamp;
use crate::model::value::Value;

/// The length in characters of replica ids in stamps of imported records; those of clones differ.
pub const RECORD_ID_LENGTH: usize = 16;

/// True for the stamp of an imported record.
pub fn is_of_record(stamp: &Stamp) -> bool {
    stamp.replica.as_str().len() == RECORD_ID_LENGTH
}

/// The tracker that a document was imported from.
pub fn imported_from(doc: &Doc) -> Option<&str> {
    match doc.value(EXTERNAL) {
        Value::Json(json) => json.get("source")?.as_str(),
        _ => None,
    }
}
