//! What a merge of a record changed in its item, and the values that it overrode on either side. Pure.

use std::collections::BTreeSet;

use super::closing_fields::follows_status;
use super::content::{Content, PEOPLE};
use super::deleted_at_source::is_deleted;
use super::merge_record::both;
use super::transfer_report::Overruled;
use crate::model::doc::{Doc, EXTERNAL};
use crate::model::imported::is_of_record;
use crate::model::register_diff::{Place, compare};
use crate::model::value::Value;
use crate::store::history::BODY;

/// The values that newer ones of the source replaced: values written here, or from another version
/// of the record in another clone. `base` is the record's previous content, `id` that of the item.
pub fn overridden(id: &str, before: &Doc, after: &Doc, base: &Content) -> Vec<Overruled> {
    let changes = compare(Some(before), Some(after)).changes.into_iter();
    // Of an item that was created here, the base is what it says now.
    let is_imported = before.regs.contains_key(EXTERNAL);
    let gave_way = changes.filter_map(|change| {
        let (old, new) = change.old.zip(change.new)?;
        let field = change.place.field();
        // Nobody knows whether the source has seen what was written here, whatever an earlier record
        // says: this one may be of somebody else, whose copy is older.
        let is_from_here = is_imported && !is_of_record(&old.stamp);
        // A person may have another name here than the record says.
        let is_renamed = PEOPLE.contains(&field) && !new.value.is_null();
        let is_value = !matches!(&change.place, Place::Element(..)) && !is_renamed;
        let gave = is_of_record(&new.stamp)
            && field != EXTERNAL
            && !follows_status(field)
            && old.value != new.value
            && (is_from_here || is_value && old.value != *base.value(&change.place));
        gave.then(|| overruled(id, before, change.place.to_string(), &new.value, &old.value))
    });
    let mut all: Vec<Overruled> = gave_way.collect();
    if let Some((version, lost)) = before.body.shown_version()
        && is_imported
        && !is_of_record(&version.stamp)
        && !after.body.versions.contains_key(version)
    {
        let [kept, lost] = [after.body.shown(), lost].map(Value::from);
        all.push(overruled(id, before, BODY.to_string(), &kept, &lost));
    }
    all
}

/// The changes of the source from `base` to `new` that newer values written here overrode; with `files`, also those of
/// other files.
pub fn kept(id: &str, doc: &Doc, base: &Content, new: &Content, files: bool) -> Vec<Overruled> {
    let none = Value::Null;
    let names = both(&base.regs, &new.regs).into_iter();
    let names = names.filter(|name| !new.inferred.contains(name.as_str()));
    let kept = names.filter_map(|name| {
        let was = base.regs.get(&name).unwrap_or(&none);
        let is = new.regs.get(&name).unwrap_or(&none);
        let here = doc.regs.get(&name)?;
        let may_be_told = files || !is_of_record(&here.stamp);
        let is_kept = was != is && here.value != *is && may_be_told;
        // Of an item that the record has deleted, no state stands against that.
        let is_state = follows_status(&name) || name == "status" && is_deleted(doc);
        (is_kept && !is_state).then(|| overruled(id, doc, name, &here.value, is))
    });
    let mut kept: Vec<Overruled> = kept.collect();
    // The reason is that of the state.
    if kept.iter().any(|one| one.field == "status") {
        kept.retain(|one| one.field != "reason");
    }
    kept
}

/// The values of other files that a record does not have, as far as it may have changed them.
pub fn kept_of_files(id: &str, doc: &Doc, names: Vec<String>, new: &Content) -> Vec<Overruled> {
    let told = names.into_iter().filter(|name| !follows_status(name));
    let told = told.filter_map(|name| {
        let [here, theirs] = [of_doc(doc, &name), of_content(new, &name)];
        (here != theirs).then(|| overruled(id, doc, name, &here, &theirs))
    });
    told.collect()
}

/// The values of the last import, `base`, that a record takes back to those of an `earlier` version, from which it may
/// have been made.
pub fn taken_back(
    id: &str,
    [before, after]: [&Doc; 2],
    base: &Content,
    [earlier, new]: [&Content; 2],
) -> Vec<Overruled> {
    let sets = both(&base.sets, &new.sets);
    let names = both(&base.regs, &new.regs).into_iter().chain(sets);
    let names = names.chain([BODY.to_string()]);
    let names = names.filter(|name| !follows_status(name) && !new.inferred.contains(name.as_str()));
    let back = names.filter_map(|name| {
        let [was, then, is] = [base, earlier, new].map(|one| of_content(one, &name));
        let [old, now] = [before, after].map(|doc| of_doc(doc, &name));
        let is_from_here = (before.regs.get(&name)).is_some_and(|reg| !is_of_record(&reg.stamp));
        let is_back = was != is && then == is && old == was && now == is && !is_from_here;
        is_back.then(|| overruled(id, before, name, &is, &was))
    });
    back.collect()
}

/// The value of a field of a document: of a set the list of its elements.
fn of_doc(doc: &Doc, name: &str) -> Value {
    match doc.sets.contains_key(name) {
        true => listed(doc.elements(name)),
        false if name == BODY => Value::from(doc.body.shown()),
        false => doc.value(name).clone(),
    }
}

/// The value of a field of a record, as [`of_doc`].
fn of_content(content: &Content, name: &str) -> Value {
    match content.sets.get(name) {
        Some(set) => listed(set.iter().map(String::as_str)),
        None if name == BODY => Value::from(content.body.as_str()),
        None => content.regs.get(name).cloned().unwrap_or(Value::Null),
    }
}

/// None are null, as a set that is not there.
fn listed<'e>(elements: impl Iterator<Item = &'e str>) -> Value {
    let all: Vec<&str> = elements.collect();
    Value::from((!all.is_empty()).then(|| all.join(", ")))
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

/// The fields in which two versions of a document differ for those who read them: not only in the
/// record that was imported last, or in stamps.
pub fn told_changes(before: &Doc, after: &Doc) -> BTreeSet<String> {
    let found = compare(Some(before), Some(after));
    let changes = found.changes.iter().filter(|change| change.is_visible());
    let fields = changes.map(|change| change.place.field());
    let fields = fields.chain(found.added.iter().map(|entry| entry.record.as_str()));
    let mut told: BTreeSet<String> = fields
        .filter(|field| *field != EXTERNAL)
        .map(str::to_string)
        .collect();
    let body = |doc: &Doc| (doc.body.shown().to_string(), doc.body.is_conflicted());
    if body(before) != body(after) {
        told.insert("body".into());
    }
    told
}

/// Says what the source changed in an item that was deleted here: nobody sees it there.
pub fn unseen_changes(before: &Doc, after: &Doc, changed: &BTreeSet<String>) -> Option<String> {
    let is_gone = |doc: &Doc| doc.value("deleted").is_true();
    let deleted = after.regs.get("deleted");
    let is_theirs = deleted.is_some_and(|reg| is_of_record(&reg.stamp));
    if !is_gone(before) || !is_gone(after) || is_theirs || changed.is_empty() {
        return None;
    }
    let fields: Vec<&str> = changed.iter().map(String::as_str).collect();
    let fields = fields.join(", ");
    Some(format!(
        "is deleted here, but was changed at its source ({fields}); it stays deleted"
    ))
}
