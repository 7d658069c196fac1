//! The values that a merge of a record into its item overrode, on either side. Pure.

use serde_json::Value as Json;

use super::closing_fields::follows_status;
use super::content::Content;
use super::merge_record::both;
use crate::model::doc::{Doc, EXTERNAL};
use crate::model::imported::is_of_record;
use crate::model::register_diff::{Place, compare};
use crate::model::value::Value;

/// The values that newer ones of the source replaced: values written here, or from another version
/// of the record in another clone. `base` is the record's previous content. Returns field, old
/// value, new value.
pub fn overridden(before: &Doc, after: &Doc, base: &Content) -> Vec<(String, Json, Json)> {
    let changes = compare(Some(before), Some(after)).changes.into_iter();
    let gave_way = changes.filter_map(|change| {
        let (old, new) = change.old.zip(change.new)?;
        let previous = base.value(&change.place);
        let is_value =
            !matches!(&change.place, Place::Element(..)) && change.place.field() != EXTERNAL;
        let gave = is_of_record(&new.stamp)
            && is_value
            && !follows_status(change.place.field())
            && old.value != new.value
            && old.value != *previous;
        gave.then(|| {
            (
                change.place.to_string(),
                old.value.to_json(),
                new.value.to_json(),
            )
        })
    });
    gave_way.collect()
}

/// The changes of the source from `base` to `new` that newer values written here overrode: field,
/// current value, value of the source.
pub fn kept(doc: &Doc, base: &Content, new: &Content) -> Vec<(String, Json, Json)> {
    let none = Value::Null;
    let names = both(&base.regs, &new.regs).into_iter();
    let kept = names.filter_map(|name| {
        let was = base.regs.get(&name).unwrap_or(&none);
        let is = new.regs.get(&name).unwrap_or(&none);
        let here = doc.regs.get(&name)?;
        let is_kept = was != is && here.value != *is && !is_of_record(&here.stamp);
        (is_kept && !follows_status(&name)).then(|| (name, here.value.to_json(), is.to_json()))
    });
    kept.collect()
}
