//! What tells of the closing of an item, where a record gives it another state. Pure.

use super::content::Content;
use crate::model::doc::{Doc, Reg};
use crate::model::id::ItemKind;
use crate::model::stamp::Stamp;
use crate::model::status::Status;
use crate::model::value::Value;

/// What tells of the closing of an item.
const CLOSING: &[&str] = &["closed_at", "closed_by", "reason", "forced"];

/// Whether work on it is over.
pub(super) fn is_closed(doc: &Doc) -> bool {
    let status = doc.text("status").unwrap_or_default();
    Status::parse(ItemKind::Issue, status).is_some_and(|status| status.is_closed())
}

/// What tells of the closing goes with it, as where it is reopened here: a record may reopen what was
/// closed here, or close what was given another state here since.
pub(super) fn reopened(doc: &mut Doc, was_closed: bool, new: &Content, stamp: &Stamp) -> bool {
    if is_closed(doc) || doc.value("deleted").is_true() {
        return false;
    }
    let as_said = new.regs.get("status") == Some(doc.value("status"));
    let mut changed = false;
    for name in CLOSING {
        let said = new.regs.get(*name);
        let Some(reg) = doc.regs.get_mut(*name).filter(|reg| !reg.value.is_null()) else {
            continue;
        };
        // A reason can be one of another state's.
        let is_of_closing = *name != "reason" || was_closed || said == Some(&reg.value);
        if !is_of_closing || as_said && said.is_some() {
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

/// Whether a field is told of with the state that it belongs to.
pub(super) fn goes_along(name: &str) -> bool {
    name != "reason" && CLOSING.contains(&name)
}
