//! The values that a merge of a record into its item overrode, on either side. Pure.

use super::closing_fields::follows_status;
use super::content::Content;
use super::merge_record::both;
use super::transfer_report::Overruled;
use crate::model::doc::{Doc, EXTERNAL};
use crate::model::imported::is_of_record;
use crate::model::register_diff::{Place, compare};
use crate::model::value::Value;

/// The values that newer ones of the source replaced: values written here, or from another version
/// of the record in another clone. `base` is the record's previous content, `id` that of the item.
pub fn overridden(id: &str, before: &Doc, after: &Doc, base: &Content) -> Vec<Overruled> {
    let changes = compare(Some(before), Some(after)).changes.into_iter();
    let gave_way = changes.filter_map(|change| {
        let (old, new) = change.old.zip(change.new)?;
        let field = change.place.field();
        let is_value = !matches!(&change.place, Place::Element(..)) && field != EXTERNAL;
        let gave = is_of_record(&new.stamp)
            && is_value
            && !follows_status(field)
            && old.value != new.value
            && old.value != *base.value(&change.place);
        gave.then(|| overruled(id, before, change.place.to_string(), &new.value, &old.value))
    });
    gave_way.collect()
}

/// The changes of the source from `base` to `new` that newer values written here overrode.
pub fn kept(id: &str, doc: &Doc, base: &Content, new: &Content) -> Vec<Overruled> {
    let none = Value::Null;
    let names = both(&base.regs, &new.regs).into_iter();
    let kept = names.filter_map(|name| {
        let was = base.regs.get(&name).unwrap_or(&none);
        let is = new.regs.get(&name).unwrap_or(&none);
        let here = doc.regs.get(&name)?;
        let is_kept = was != is && here.value != *is && !is_of_record(&here.stamp);
        (is_kept && !follows_status(&name)).then(|| overruled(id, doc, name, &here.value, is))
    });
    kept.collect()
}

fn overruled(id: &str, doc: &Doc, field: String, kept: &Value, lost: &Value) -> Overruled {
    Overruled {
        id: id.to_string(),
        uid: doc.uid.to_string(),
        field,
        kept: kept.to_json(),
        lost: lost.to_json(),
    }
}
