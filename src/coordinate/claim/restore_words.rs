//! After a join: which work keeps the words that it was begun with.
//!
//! An approval gives new words of a plan to the tasks that are not begun. If another clone had begun or closed one, not
//! knowing, these words would say of its work what was not asked for: the task gets its own ones back, as if the
//! approval had known it, and the plan says what they ask for beyond these.

use crate::coordinate::message::{self, Notice};
use crate::error::Result;
use crate::model::doc::{Doc, Entry};
use crate::model::item::Item;
use crate::model::register_diff::Place;
use crate::model::stamp::Clock;
use crate::model::text::{actor, excerpt};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::state::State;
use crate::store::sync::publish::Facts;
use crate::store::transaction::Tx;

const ACCEPTANCE: &str = "acceptance";
const REMOVED: &str = "removed";

/// The length of the words in a notice.
const SHOWN: usize = 200;

/// What is written to a document.
enum Write {
    Register(Place, Value),
    Body(String),
}

/// Gives items that one clone had begun their words back. Returns their ids, each with a sentence about it.
pub(super) fn keep_words(tx: &mut Tx<'_>, facts: &Facts<'_>) -> Result<Vec<(String, String)>> {
    let Some(remote) = facts.remote else {
        return Ok(Vec::new());
    };
    let mut local = None;
    let mut kept = Vec::new();
    for uid in tx.state.items_unlike(remote.tree) {
        let is_planned = |item: &&Item| item.planned_from.is_some() && !item.deleted;
        let Some(item) = tx.state.stored(&uid).filter(is_planned).cloned() else {
            continue;
        };
        if local.is_none() {
            local = Some(State::at(tx.state.repo(), facts.local)?);
        }
        let Some(writes) = (local.as_ref()).and_then(|local| {
            let begun = begun([local, remote], &uid)?;
            Some(differences(begun, tx.state.doc(&uid)?))
        }) else {
            continue;
        };
        if writes.is_empty() {
            continue;
        }
        let asked = excerpt(&item.title, SHOWN);
        // As the approval wrote them: no person did.
        let derived = Clock::derived(&uid);
        tx.edit_settled(&uid, |doc, _| {
            let mut changed = false;
            for write in writes {
                changed |= match write {
                    Write::Register(place, value) => place.set(doc, value, &derived),
                    Write::Body(text) => doc.body.write(&text, &derived),
                };
            }
            changed
        })?;
        let prd = item.planned_from.as_ref();
        let prd = prd
            .and_then(|prd| tx.state.stored(prd))
            .map(|prd| tx.state.shown_id(prd));
        let prd = prd.unwrap_or_default();
        let did = match item.status.is_closed() {
            true => "closed",
            false => "begun",
        };
        let said = format!("its plan got other words when it was {did}; it keeps its own");
        if let Some(holder) = item.holder() {
            let notice = Notice {
                topic: "words-kept",
                subject: said.clone(),
                body: format!(
                    "{prd} asks now for: {asked}\n`git pm plan check {prd}` shows it; `git pm plan approve {prd} \
                     --overwrite ID` gives the task these words.\n"
                ),
            };
            message::notify(tx, &actor(&holder.actor), None, Some(&item), notice)?;
        }
        let id = tx.state.shown_id(&item);
        kept.push((
            id.clone(),
            format!("{id}: {said}; `git pm plan check {prd}` shows these"),
        ));
    }
    Ok(kept)
}

/// The document of an item in the one of two states in which it was begun, if it was free in the other.
fn begun<'s>(states: [&'s State<'_>; 2], uid: &Uid) -> Option<&'s Doc> {
    let [one, other] = states.map(|state| Some((state.stored(uid)?, state.doc(uid)?)));
    let ((one, own), (other, its)) = one.zip(other)?;
    match [one, other].map(Item::is_untouched) {
        [false, true] => Some(own),
        [true, false] => Some(its),
        _ => None,
    }
}

/// What gives a document the words of another one, where its own are the plan's.
fn differences(begun: &Doc, now: &Doc) -> Vec<Write> {
    let mut writes = Vec::new();
    let title = now
        .regs
        .get("title")
        .filter(|title| title.stamp.is_derived());
    let is_shown = |value: &Value| !matches!(value, Value::Redacted(_));
    let was = Some(begun.value("title")).filter(|was| is_shown(was));
    if let (Some(title), Some(was)) = (title, was)
        && title.value != *was
        && is_shown(&title.value)
    {
        writes.push(Write::Register(Place::Field("title".into()), was.clone()));
    }
    let is_plans = now.body.newest().is_some_and(|one| one.stamp.is_derived());
    if is_plans
        && now.body.shown() != begun.body.shown()
        && !now.body.is_hidden()
        && !begun.body.is_hidden()
    {
        writes.push(Write::Body(begun.body.shown().to_owned()));
    }
    let is_plans = |entry: &Entry| {
        let mut all = entry.regs.values();
        entry.at.is_derived() && all.all(|reg| reg.stamp.is_derived())
    };
    for (id, entry) in now
        .all_entries(ACCEPTANCE)
        .filter(|(_, entry)| is_plans(entry))
    {
        let had = begun
            .entry(ACCEPTANCE, id)
            .is_some_and(|own| !own.is_removed());
        if had == entry.is_removed() {
            let place = Place::Entry(ACCEPTANCE.into(), id.into(), REMOVED.into());
            writes.push(Write::Register(place, Value::from((!had).then_some(true))));
        }
    }
    writes
}
