//! The acceptance criteria of an item: which are open, how they are accepted, and which its worker had at first.

use std::collections::BTreeSet;

use crate::model::approval::APPROVAL;
use crate::model::criterion::{self, Shown};
use crate::model::doc::{Doc, Entry};
use crate::model::item::{Criterion, Item};
use crate::model::limits::NAMES_SHOWN;
use crate::model::long_texts;
use crate::model::stamp::{Clock, Stamp};
use crate::model::text::{excerpt, first_of, one_line};
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::shared_views::ItemView;
use crate::store::history::introduced;
use crate::store::history::trees::item_doc;
use crate::store::state::State;

/// The number of criteria that are named, and the length of one.
const NAMED: usize = 5;
const SHOWN: usize = 60;

/// All criteria of an item and the text about them, as [`criterion::shown`] has them.
pub(crate) fn shown(state: &State<'_>, item: &Item) -> Vec<Shown> {
    criterion::shown(&item.acceptance, text(state, item))
}

/// The numbers of the criteria that are not accepted, from 1.
pub(crate) fn open_criteria(item: &Item) -> Vec<usize> {
    let all = item.acceptance.iter().zip(1..);
    all.filter(|(one, _)| !one.done).map(|(_, n)| n).collect()
}

/// The texts of the criteria of approved work that came after its approval and are not accepted.
pub(super) fn added_later(state: &State<'_>, item: &Item) -> Vec<String> {
    let open: Vec<&Criterion> = item.acceptance.iter().filter(|one| !one.done).collect();
    let approved = match state.doc(&item.uid) {
        Some(doc) if !open.is_empty() => doc.regs.get(APPROVAL),
        _ => None,
    };
    let Some(approved) = approved.filter(|reg| !reg.value.is_null()) else {
        return Vec::new();
    };
    // What another clone or tracker wrote before may have come here only after it.
    let had = with_approval(state, item, &approved.stamp);
    let is_later = |one: &Criterion| match &had {
        Some(had) => had.iter().all(|before| before.text != one.text),
        None => {
            let doc = state.doc(&item.uid);
            let entry = doc.and_then(|doc| doc.entry("acceptance", &one.id));
            entry.is_some_and(|entry| entry.at > approved.stamp)
        }
    };
    let later = open.into_iter().filter(|one| is_later(one));
    later.map(|one| excerpt(&one.text, SHOWN)).collect()
}

/// The criteria that an item had when it was approved at a time, as far as the history tells.
fn with_approval(state: &State<'_>, item: &Item, at: &Stamp) -> Option<Vec<Criterion>> {
    let (repo, name) = (state.repo(), (item.born.as_str(), &item.uid));
    let has = |doc: &Doc| doc.regs.get(APPROVAL).is_some_and(|reg| reg.stamp == *at);
    let commit = introduced(repo, state.commit?, None, name, has).ok()??;
    let then = item_doc(repo, commit.tree, name.0, name.1).ok()??;
    Some(Item::from_doc(&then).ok()?.acceptance)
}

/// Says how many criteria are not accepted.
pub(super) fn open_count(id: &str, item: &Item) -> String {
    let (open, all) = (open_criteria(item).len(), item.acceptance.len());
    format!("acceptance criteria of {id} that are not accepted yet: {open} of {all}")
}

/// Says which criteria are not accepted, by their texts.
pub(super) fn open_names(item: &Item) -> String {
    let open = item.acceptance.iter().filter(|one| !one.done);
    let names: Vec<String> = open.map(|one| one.text.clone()).collect();
    format!("not accepted: {}", first_of(&names, NAMED))
}

/// Accepts a criterion of an item's own list. Returns whether that changed anything.
pub(super) fn accept(
    doc: &mut Doc,
    criterion: &Criterion,
    by: &str,
    evidence: Option<&str>,
    clock: &Clock,
) -> bool {
    let mut set =
        |name: &str, value: Value| doc.set_entry("acceptance", &criterion.id, name, value, clock);
    if criterion.elsewhere {
        // The tick is written anew: its time and clone say for which work it counts.
        set("done", false.into());
        set("evidence", Value::Null);
    }
    let ticked = set("done", true.into());
    if ticked {
        set("by", by.into());
    }
    let shown = evidence.is_some_and(|text| set("evidence", text.into()));
    ticked || shown
}

/// Opens the accepted criteria of an item again: they were accepted for work that counts no longer. Returns whether that
/// changed anything.
pub(super) fn open_again(doc: &mut Doc, all: &[Criterion], clock: &Clock) -> bool {
    let mut text = doc.text(criterion::TEXT).unwrap_or_default().to_string();
    let marks: Vec<usize> = criterion::boxes(&text)
        .filter_map(|(at, done)| done.then_some(at))
        .collect();
    for at in &marks {
        text.replace_range(at..=at, " ");
    }
    let mut changed = false;
    if !marks.is_empty() {
        changed = long_texts::set(doc, criterion::TEXT, text.as_str().into(), clock);
    }
    for one in all.iter().filter(|one| one.nth_box().is_none()) {
        let mut set = |name, value| doc.set_entry("acceptance", &one.id, name, value, clock);
        if one.done {
            changed |= set("done", false.into());
            set("evidence", Value::Null);
        }
    }
    changed
}

/// Removes criteria of an item, of several with one text only these. Returns whether that changed anything.
pub(super) fn remove(doc: &mut Doc, gone: &[Criterion], clock: &Clock) -> bool {
    let boxes = gone.iter().filter_map(Criterion::nth_box).collect();
    let before = doc.text(criterion::TEXT).unwrap_or_default();
    let after = criterion::without(before, &boxes);
    let mut changed = false;
    if !boxes.is_empty() && after != before {
        let after = Some(after).filter(|after| !after.is_empty());
        changed = long_texts::set(doc, criterion::TEXT, after.into(), clock);
    }
    for one in gone.iter().filter(|one| one.nth_box().is_none()) {
        changed |= doc.set_entry("acceptance", &one.id, "removed", true, clock);
    }
    changed
}

/// Sets the criteria to exactly `list`; one with an unchanged text keeps its state and place, so boxes that stay are
/// not copied from the text. Of equal ones that are too many, open ones go first.
pub(super) fn replace(
    doc: &mut Doc,
    list: &[(String, [(&'static str, Value); 2])],
    at: &Stamp,
    clock: &Clock,
) -> bool {
    let mut all: Vec<(i64, &str, &Entry)> = doc
        .entries("acceptance")
        .map(|(id, one)| (one.value("order").as_int().unwrap_or(i64::MAX), id, one))
        .collect();
    all.sort_by_key(|(order, id, _)| (*order, *id));
    let all = all.into_iter().map(|(_, id, one)| {
        let text = one.text("text").unwrap_or_default().to_string();
        (id.to_string(), text, one.value("done").is_true())
    });
    let mut present: Vec<(String, String, bool)> = all.collect();
    let texts = list.iter().filter_map(|(_, fields)| fields[0].1.as_str());
    let texts: BTreeSet<&str> = texts.collect();
    let before = doc.text(criterion::TEXT).unwrap_or_default();
    let after = criterion::keeping(before, |text| texts.contains(text));
    let boxes: BTreeSet<String> = criterion::written(&after).map(|one| one.text).collect();
    let mut changed = false;
    if after != before {
        let after = Some(after).filter(|after| !after.is_empty());
        changed = long_texts::set(doc, criterion::TEXT, after.into(), clock);
    }
    let wanted = |text: &str| {
        let same = list
            .iter()
            .filter(|(_, fields)| fields[0].1.as_str() == Some(text));
        same.count()
    };
    let mut gone = Vec::new();
    for takes_accepted in [false, true] {
        for at in (0..present.len()).rev() {
            let (_, text, done) = &present[at];
            let count = present.iter().filter(|(_, other, _)| other == text).count();
            if (takes_accepted || !done) && count > wanted(text) {
                gone.push(present.remove(at).0);
            }
        }
    }
    for id in gone {
        changed |= doc.set_entry("acceptance", &id, "removed", true, clock);
    }
    let stays = |text: &&str| !boxes.contains(*text) || present.iter().any(|one| one.1 == **text);
    let listed = list
        .iter()
        .filter_map(|(_, fields)| fields[0].1.as_str())
        .filter(stays);
    if listed.eq(present.iter().map(|(_, text, _)| text.as_str())) {
        return changed;
    }
    for (new_id, fields) in list {
        let text = fields[0].1.as_str().unwrap_or_default();
        match present.iter().position(|(_, t, _)| t == text) {
            Some(n) => {
                let (id, ..) = present.remove(n);
                changed |= doc.set_entry("acceptance", &id, "order", fields[1].1.clone(), clock);
            }
            None if boxes.contains(text) => {}
            None => {
                doc.add_entry("acceptance", new_id, at.clone(), fields);
                changed = true;
            }
        }
    }
    changed
}

/// The text with criteria of an item.
pub(super) fn text<'s>(state: &'s State<'_>, item: &Item) -> Option<&'s str> {
    state.doc(&item.uid)?.text(criterion::TEXT)
}

/// Names the criteria that an item had before its worker first claimed it, and that were removed or reworded since:
/// those who look at the work may not know of them.
pub(super) fn told_gone(pm: &Pm, state: &State<'_>, item: &Item) -> Option<String> {
    let (repo, worker) = (pm.store.repo(), item.worker()?);
    let own = (item.claims.iter()).filter(|one| one.is_of_same_claimant(worker));
    let first = own.min_by(|a, b| a.at.cmp(&b.at))?;
    let doc = state.doc(&item.uid)?;
    let later = |one: &Entry, name: &str| one.regs.get(name).is_some_and(|r| r.stamp > first.at);
    let mut entries = doc.all_entries("acceptance");
    let is_touched = entries.any(|(_, one)| later(one, "text") || later(one, "removed"));
    if !is_touched && *long_texts::shown_at(doc, criterion::TEXT) <= first.at {
        return None;
    }
    let name = (item.born.as_str(), &item.uid);
    let has_claim = |doc: &Doc| doc.entry("claims", &first.id).is_some();
    let claimed = introduced(repo, state.commit?, None, name, has_claim).ok()??;
    let before = repo.commit(*claimed.parents.first()?).ok()?;
    let then = item_doc(repo, before.tree, name.0, name.1).ok()??;
    let had = Item::from_doc(&then).ok()?.acceptance;
    let now = shown(state, item);
    let had = criterion::shown(&had, then.text(criterion::TEXT)).into_iter();
    let had = had.map(|one| one.criterion.text);
    let gone = had.filter(|text| now.iter().all(|one| one.criterion.text != *text));
    let gone: Vec<String> = gone.map(|text| one_line(&text)).collect();
    let told = "criteria that were there when the work began are gone or reworded";
    (!gone.is_empty()).then(|| format!("{told}: {}", first_of(&gone, NAMED)))
}

/// Says which criteria of approved work are not accepted: they can have come, or changed, after it was submitted.
pub(super) fn notice_open(pm: &Pm, view: &ItemView) {
    let all = view.criteria();
    let numbered: Vec<&Criterion> = all
        .iter()
        .filter(|one| one.number.is_some())
        .map(|one| &one.criterion)
        .collect();
    let open = numbered.iter().filter(|one| !one.done);
    let open: Vec<String> = open.map(|one| one_line(&one.text)).collect();
    if open.is_empty() {
        return;
    }
    let (id, n, all) = (&view.id, open.len(), numbered.len());
    let named = first_of(&open, NAMES_SHOWN);
    pm.notice(format!(
        "{n} of the {all} criteria of {id} are not accepted: {named}"
    ));
}
