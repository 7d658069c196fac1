//! The fields about the closing of an item, when a record gives it another status. Pure.

use super::content::Content;
use crate::model::doc::{Doc, Reg};
use crate::model::id::ItemKind;
use crate::model::stamp::Stamp;
use crate::model::status::Status;
use crate::model::value::Value;

/// The fields about the closing of an item.
pub(super) const CLOSING: &[&str] = &["closed_at", "closed_by", "reason", "forced", "forced_past"];

pub(super) fn is_closed(doc: &Doc) -> bool {
    let status = doc.text("status").unwrap_or_default();
    Status::parse(ItemKind::Issue, status).is_some_and(|status| status.is_closed())
}

/// Clears the closing fields of an item that is not closed after a merge: its record may have been
/// reopened after a closing here, or closed before a change of status here.
pub(super) fn clear_if_open(doc: &mut Doc, was_closed: bool, new: &Content, stamp: &Stamp) -> bool {
    if is_closed(doc) || doc.value("deleted").is_true() {
        return false;
    }
    let is_imported_status = new.regs.get("status") == Some(doc.value("status"));
    let mut changed = false;
    for name in CLOSING {
        let imported = new.regs.get(*name);
        let Some(reg) = doc.regs.get_mut(*name).filter(|reg| !reg.value.is_null()) else {
            continue;
        };
        // The reason may belong to another status.
        let is_of_closing = *name != "reason" || was_closed || imported == Some(&reg.value);
        if !is_of_closing || is_imported_status && imported.is_some() {
            continue;
        }
        let stamp = match reg.stamp < *stamp {
            true => stamp.clone(),
            false => reg.stamp.next(&stamp.replica),
        };
        *reg = Reg {
            stamp,
            value: Value::Null,
        };
        changed = true;
    }
    changed
}

/// True if a field is reported together with the status.
pub(super) fn follows_status(name: &str) -> bool {
    name != "reason" && CLOSING.contains(&name)
}
