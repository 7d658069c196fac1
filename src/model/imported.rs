//! Documents that were imported from other trackers, and the stamps of their records.

use crate::model::doc::{Doc, EXTERNAL};
use crate::model::stamp::Stamp;
use crate::model::value::Value;

/// Length of the replica ids in the stamps of records, in characters; no clone has one of it.
pub(crate) const RECORD_ID_LENGTH: usize = 16;

/// Whether a stamp is one of a record: real clones have names of another length.
pub(crate) fn is_of_record(stamp: &Stamp) -> bool {
    stamp.replica.as_str().len() == RECORD_ID_LENGTH
}

/// The source that a document was imported from.
pub(crate) fn imported_from(doc: &Doc) -> Option<&str> {
    match doc.value(EXTERNAL) {
        Value::Json(json) => json.get("source")?.as_str(),
        _ => None,
    }
}
