//! Which acceptance criteria of an item and of its record are one, and what becomes of those that both changed. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::content::Content;
use crate::model::criterion::{self, Criterion};
use crate::model::doc::{Doc, Entry};
use crate::model::imported::is_of_record;
use crate::model::line_diff::likeness;
use crate::model::long_texts;
use crate::model::stamp::Clock;
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::model::value::Value;

/// The record with the list of an item.
pub(super) const LIST: &str = "acceptance";

/// From this likeness on, a text is another wording of a criterion.
const ALIKE: f32 = 0.6;

/// The greatest length of a criterion in a message, in characters.
const SHOWN_MAX: usize = 60;

/// The registers of an entry of a record's content.
type Said = BTreeMap<String, Value>;

/// Takes the boxes that are criteria of the item's own list out of the one text that a record has for all of them, as
/// entries of that list: an export has written them there.
pub(super) fn take_own(content: &mut Content, doc: &Doc) {
    let text = content.regs.get(criterion::TEXT).and_then(Value::as_str);
    let Some(text) = text.filter(|_| doc.records.contains_key(LIST)) else {
        return;
    };
    let text = text.to_string();
    let mut boxes: Vec<Criterion> = criterion::written(&text).collect();
    let written = doc.text(criterion::TEXT).unwrap_or_default();
    let written: BTreeSet<String> = criterion::written(written).map(|one| one.text).collect();
    let mut own: Vec<(&str, &Entry)> = doc.all_entries(LIST).collect();
    let order = |entry: &Entry| entry.value("order").as_int().unwrap_or(i64::MAX);
    own.sort_by_key(|(id, entry)| (entry.is_removed(), order(entry), *id));
    let mut found: Vec<(&str, Criterion)> = Vec::new();
    own.retain(|(id, entry)| {
        let is_gone = entry.is_removed();
        let said = entry.text("text").unwrap_or_default();
        let at = boxes.iter().position(|one| one.text == said);
        let at = at.filter(|_| !is_gone || !written.contains(said));
        found.extend(at.map(|at| (*id, boxes.remove(at))));
        at.is_none() && !is_gone
    });
    // What is left on both sides may be one in other words.
    for (id, entry) in own {
        let said = entry.text("text").unwrap_or_default();
        let other = |one: &Criterion| !written.contains(&one.text);
        let alike = boxes.iter().enumerate().filter(|(_, one)| other(one));
        let alike = alike.map(|(at, one)| (likeness(said, &one.text), at));
        let best = alike.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        if let Some((_, at)) = best.filter(|(alike, _)| *alike >= ALIKE) {
            found.push((id, boxes.remove(at)));
        }
    }
    let taken = found.iter().filter_map(|(_, one)| one.nth_box()).collect();
    let rest = criterion::without(&text, &taken);
    content.regs.remove(criterion::TEXT);
    content.put(criterion::TEXT, rest);
    for (id, one) in found {
        content.put_entry(LIST, id, "text", one.text);
        if one.done {
            content.put_entry(LIST, id, "done", true);
        }
    }
}

/// Joins the boxes of a text that both sides changed, if one of them only accepted some or took that back. The text of
/// the record counts as unchanged then.
pub(super) fn merge_boxes(doc: &mut Doc, base: &Content, content: &mut Content, clock: &Clock) {
    let text = |one: &Content| one.regs.get(criterion::TEXT).cloned();
    let (Some(was), Some(theirs)) = (text(base), text(content)) else {
        return;
    };
    let ours = doc.value(criterion::TEXT).clone();
    let all = [&was, &ours, &theirs].map(Value::as_str);
    let [Some(before), Some(here), Some(there)] = all else {
        return;
    };
    if here == before || there == before || here == there {
        return;
    }
    if let Some(merged) = criterion::merged(before, here, there) {
        long_texts::set(doc, criterion::TEXT, merged.into(), clock);
        content.regs.insert(criterion::TEXT.to_string(), was);
    }
}

/// True if a record has a criterion of the item's list that its last import did not have: it was made from an export.
pub(super) fn saw_own(content: &Content, imported: &Content) -> bool {
    let ids = |one: &Content| -> BTreeSet<String> {
        let all = one.records.get(LIST).into_iter().flatten();
        all.map(|(id, _)| id.clone()).collect()
    };
    !ids(content).is_subset(&ids(imported))
}

/// Leaves the criteria that were changed here since the source saw them as they are: one that it removed stays, and
/// one that it reworded too gets the other wording beside it, as does one from here that it may never have seen. It may
/// have seen any of the exports, or `base`; `imported` is what it said at the last import. Returns what to say of them.
pub(super) fn spare(
    doc: &Doc,
    exports: &[Content],
    (imported, base): (Option<&Content>, &Content),
    content: &mut Content,
) -> Vec<String> {
    let text = |said: &Said| said.get("text").and_then(Value::as_str).map(str::to_string);
    let is_done = |said: &Said| said.get("done").is_some_and(Value::is_true);
    let mut told = Vec::new();
    let list = content.records.entry(LIST.to_string()).or_default();
    for (id, entry) in doc.entries(LIST) {
        let said_in = |one: &Content| one.records.get(LIST)?.get(id).cloned();
        let was = said_in(base);
        let exported: Vec<Option<Said>> = exports.iter().map(said_in).collect();
        let is_known = exported.iter().all(Option::is_some)
            || imported.is_some_and(|imported| said_in(imported).is_some());
        let seen: Vec<&Said> = exported.iter().flatten().chain(&was).collect();
        let is_from_here = |name: &str| {
            let reg = entry.regs.get(name);
            reg.is_some_and(|reg| !is_of_record(&reg.stamp))
        };
        let ours = entry.text("text").unwrap_or_default();
        let done = entry.value("done").is_true();
        let words: BTreeSet<String> = seen.iter().filter_map(|one| text(one)).collect();
        let is_reworded = words.iter().any(|word| word != ours) && is_from_here("text");
        let is_ticked = seen.iter().any(|one| is_done(one) != done) && is_from_here("done");
        let is_other = is_reworded || !is_known && is_from_here("text");
        let shown = excerpt(ours, SHOWN_MAX);
        match (list.get(id).map(text), was) {
            (None, Some(was)) if is_reworded || is_ticked => {
                list.insert(id.to_string(), was);
                told.push(format!(
                    "keeps the criterion `{shown}`, which was changed here and removed at its source"
                ));
            }
            (Some(Some(theirs)), was) if is_other && theirs != ours && !words.contains(&theirs) => {
                let beside = match was {
                    Some(was) => list.insert(id.to_string(), was),
                    None => list.remove(id),
                };
                let mut beside = beside.unwrap_or_default();
                if let Some(order) = entry.value("order").as_int() {
                    beside.entry("order".into()).or_insert(order.into());
                }
                let uid = Uid::derived(&[LIST, doc.uid.as_str(), "beside", &theirs]);
                list.insert(uid.suffix(8).to_string(), beside);
                let theirs = excerpt(&theirs, SHOWN_MAX);
                told.push(format!(
                    "has the criterion `{theirs}` of its source beside `{shown}`, as both sides changed it"
                ));
            }
            _ => {}
        }
    }
    told
}
