//! Which values of a record and of an item stood against each other, and which of them stands. Pure.

use serde_json::Value as Json;

use super::closing::goes_along;
use super::content::Content;
use super::merge_record::both;
use crate::model::doc::{Doc, EXTERNAL};
use crate::model::imported::is_of_record;
use crate::model::register_diff::{Place, compare};
use crate::model::value::Value;

/// The values that gave way to newer ones of the source, which said `base` before: what was written
/// here, or came from another record of the source in another clone. The field, what it was, what it
/// is.
pub fn overridden(before: &Doc, after: &Doc, base: &Content) -> Vec<(String, Json, Json)> {
    let changes = compare(Some(before), Some(after)).changes.into_iter();
    let gave_way = changes.filter_map(|change| {
        let (old, new) = change.old.zip(change.new)?;
        let said = base.value(&change.place);
        let is_value =
            !matches!(&change.place, Place::Element(..)) && change.place.field() != EXTERNAL;
        let gave = is_of_record(&new.stamp)
            && is_value
            && !goes_along(change.place.field())
            && old.value != new.value
            && old.value != *said;
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

/// The values that a source changed from `base` to `new` and that newer ones written here kept out:
/// the field, what stands, what the source says.
pub fn kept(doc: &Doc, base: &Content, new: &Content) -> Vec<(String, Json, Json)> {
    let none = Value::Null;
    let names = both(&base.regs, &new.regs).into_iter();
    let kept = names.filter_map(|name| {
        let was = base.regs.get(&name).unwrap_or(&none);
        let is = new.regs.get(&name).unwrap_or(&none);
        let here = doc.regs.get(&name)?;
        let is_kept = was != is && here.value != *is && !is_of_record(&here.stamp);
        (is_kept && !goes_along(&name)).then(|| (name, here.value.to_json(), is.to_json()))
    });
    kept.collect()
}
