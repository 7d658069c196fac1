//! Overrides that the history cannot show, written down in the state.
//!
//! A cut removed it or a clone adopted another one: they are messages of the tool, one for each
//! value. So every clone has the list, redactions reach it, and further cuts keep it.

use super::Override;
use crate::join::doc::{Redactions, redact};
use crate::model::doc::Doc;
use crate::model::limits::OVERRIDDEN_VALUE_MAX;
use crate::model::message::{self, KIND, TOOL};
use crate::model::stamp::{Stamp, rfc3339};
use crate::model::text::head;
use crate::model::uid::{Uid, sha256_hex};
use crate::model::value::Value;

/// The topic of these messages.
pub const TOPIC: &str = "overridden";

/// The message that lists an override. Its uid follows from the overridden value, so that clones
/// which list the same one write one message. It is addressed to the author of the value, if the
/// override is `new`: not one that the history listed until now.
pub fn note(one: &Override, new: bool, hides: &Redactions, birth: Stamp) -> Doc {
    let name = format!("{}\n{}\n{}", one.uid, one.field, one.lost_at);
    let hash = sha256_hex(name.as_bytes());
    let byte = |n: usize| u8::from_str_radix(&hash[2 * n..2 * n + 2], 16).unwrap_or_default();
    let uid = Uid::from_parts(one.lost_at.ms, std::array::from_fn(byte));
    let mut doc = Doc::new(uid, KIND, "", birth);
    doc.put("author", TOOL);
    doc.put("created_at", rfc3339(doc.birth.ms));
    doc.put("importance", if new { "high" } else { "normal" });
    doc.put("topic", TOPIC);
    doc.put("subject", format!("{}: a value was overridden", one.field));
    if let (Some(author), true) = (&one.lost_by, new) {
        doc.put_element("to", author);
    }
    doc.put("item", Value::from(one.reference.as_deref()));
    doc.put("about", one.uid.as_str());
    doc.put("name", one.item.as_str());
    doc.put("field", one.field.as_str());
    let [lost, kept] = [&one.lost, &one.kept].map(|value| value.to_json().to_string());
    match lost.len() < OVERRIDDEN_VALUE_MAX {
        true => doc.put("lost", one.lost.clone()),
        false => doc.put("lost", head(&lost, OVERRIDDEN_VALUE_MAX)),
    }
    if kept.len() < OVERRIDDEN_VALUE_MAX {
        doc.put("kept", one.kept.clone());
    }
    doc.put("lost_by", Value::from(one.lost_by.as_deref()));
    doc.put("lost_at", one.lost_at.to_string());
    doc.put("kept_by", Value::from(one.kept_by.as_deref()));
    if one.deleted {
        doc.put("gone", true);
    }
    redact(&mut doc, hides);
    doc
}

/// The override that a message lists, if it does.
pub fn of_note(doc: &Doc) -> Option<Override> {
    if message::topic(doc) != message::Topic::Notice || doc.text("topic") != Some(TOPIC) {
        return None;
    }
    let text = |name: &str| doc.text(name).map(str::to_string);
    Some(Override {
        item: text("name")?,
        uid: Uid::new(doc.text("about")?)?,
        reference: text("item"),
        field: text("field")?,
        kept: doc.value("kept").clone(),
        kept_by: text("kept_by"),
        lost: doc.value("lost").clone(),
        lost_by: text("lost_by"),
        lost_at: doc.text("lost_at")?.parse().ok()?,
        deleted: doc.value("gone").is_true(),
    })
}
