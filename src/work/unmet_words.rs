//! Which closed work its plan asks for in words beyond those it was done with: its document is not done yet.

use git_pm_document::{asks_no_more, new_paragraphs};

use crate::error::{Error, Hint, Result};
use crate::model::doc::{Doc, Entry};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::proposed::{BY, CRITERIA, MET_BY, REWORDED, TASKS, criterion_id};
use crate::model::stamp::Stamp;
use crate::model::status::Status;
use crate::model::text::first_of;
use crate::pm::Pm;
use crate::store::state::State;

/// What is said to those who may close an item anyway.
pub(crate) const FORCE: &str = "`--force` closes it anyway";

/// The same, which only a human may if the caller `is_bound`.
pub(crate) fn by_force(is_bound: bool, item: &Item, id: &str) -> String {
    match is_bound {
        true => format!(
            "a human may close it anyway: `git pm {} close {id} --force`",
            item.kind
        ),
        false => FORCE.to_owned(),
    }
}

/// The number of items that are named.
const NAMED: usize = 5;

/// The lines of a part that is in no document.
const NO_LINES: &str = "0-0";

/// What a document asks for beyond its closed work.
pub(crate) struct Unmet<'s> {
    pub(crate) prd: &'s Item,
    items: Vec<&'s Item>,
}

impl Unmet<'_> {
    /// What there is to say, as a sentence without its end.
    pub(crate) fn said(&self, state: &State<'_>) -> String {
        let ids: Vec<String> = self.items.iter().map(|one| state.shown_id(one)).collect();
        let prd = state.shown_id(self.prd);
        format!(
            "{prd} asks for more than what {} closed for",
            match ids.as_slice() {
                [id] => format!("{id} was"),
                ids => format!("{} were", first_of(ids, NAMED)),
            }
        )
    }

    /// The command that tells more, as the words behind `git pm`.
    pub(crate) fn command(&self, state: &State<'_>) -> Vec<String> {
        vec!["plan".into(), "check".into(), state.shown_id(self.prd)]
    }

    pub(crate) fn hint(&self, state: &State<'_>) -> Hint {
        let words = self.command(state);
        Hint::run(
            words.iter().map(String::as_str),
            format!("shows it: {}", self.said(state)),
        )
    }
}

/// The same of a plan, if there is something.
pub(crate) fn of_plan<'s>(state: &'s State<'_>, plan: &Doc) -> Option<Unmet<'s>> {
    let prd = state.stored(ItemRef::parse(plan.text("prd")?).uid.as_ref()?)?;
    let changed = plan.regs.get("document").map(|reg| &reg.stamp);
    // Only a text that changed later can ask for more: documents are long to read.
    let is_later = |entry: &Entry| {
        let made = entry.regs.get("item").map(|reg| &reg.stamp);
        made.is_some() && made < changed
    };
    let all = plan.entries(TASKS);
    let all = all.filter(|(_, entry)| is_later(entry) && entry.text("tests").is_none());
    let unmet = all.filter_map(|(key, entry)| {
        let item = state.stored(ItemRef::parse(entry.text("item")?).uid.as_ref()?)?;
        if item.deleted || !item.status.is_closed() {
            return None;
        }
        let asks = match &item.status {
            Status::Cancelled => is_reworded(plan, (key, entry), false),
            _ => {
                is_reworded(plan, (key, entry), true)
                    || asks_for_more(plan, key, state.doc(&item.uid)?)
            }
        };
        asks.then_some(item)
    });
    // What was said to be met by work that was cancelled or deleted since.
    let met = plan.all_entries(TASKS).filter(|(_, entry)| {
        let is_there = !matches!(entry.text("lines"), None | Some(NO_LINES));
        entry.is_removed() && is_there
    });
    let over = met.filter_map(|(_, entry)| {
        let item = state.stored(ItemRef::parse(entry.text(MET_BY)?).uid.as_ref()?)?;
        (item.deleted || item.status == Status::Cancelled).then_some(item)
    });
    let items: Vec<&Item> = unmet.chain(over).collect();
    (!items.is_empty()).then_some(Unmet { prd, items })
}

/// The approved plans of a document or an epic.
fn plans_of<'s>(state: &'s State<'_>, item: &Item) -> Vec<&'s Doc> {
    let is_it = |plan: &&Doc| {
        let names = |name| plan.text(name).and_then(|of| ItemRef::parse(of).uid);
        plan.is_live()
            && ["prd", "epic"]
                .iter()
                .any(|name| names(name).as_ref() == Some(&item.uid))
    };
    if !item.is_epic() && item.kind != ItemKind::Prd {
        return Vec::new();
    }
    let plans = state.plan_docs().values().map(|loaded| &loaded.doc);
    let approved = plans.filter(|plan| plan.text("status") == Some("approved"));
    approved.filter(is_it).collect()
}

/// The documents of the approved plans of a document or an epic.
pub(crate) fn documents_of<'s>(state: &'s State<'_>, item: &Item) -> Vec<&'s Item> {
    let plans = plans_of(state, item).into_iter();
    let prds =
        plans.filter_map(|plan| state.stored(ItemRef::parse(plan.text("prd")?).uid.as_ref()?));
    prds.collect()
}

/// What the document of an item, or the one of an epic, asks for beyond its closed work.
pub(crate) fn of_item<'s>(state: &'s State<'_>, item: &Item) -> Option<Unmet<'s>> {
    let mut plans = plans_of(state, item).into_iter();
    plans.find_map(|plan| of_plan(state, plan))
}

/// The number of tasks of a plan that wait for an approval.
pub(crate) fn waiting_tasks(plan: &Doc) -> usize {
    let is_new = |(_, task): &(&str, &Entry)| {
        let mut made = ["item", "tests"].iter().map(|name| task.text(name));
        made.all(|made| made.is_none())
    };
    plan.entries(TASKS).filter(is_new).count()
}

/// The document of an item with the number of tasks that wait for an approval in its plan.
fn unapproved<'s>(state: &'s State<'_>, item: &Item) -> Option<(&'s Item, usize)> {
    let mut plans = plans_of(state, item).into_iter();
    plans.find_map(|plan| {
        let new = waiting_tasks(plan);
        let prd = state.stored(ItemRef::parse(plan.text("prd")?).uid.as_ref()?)?;
        (new > 0).then_some((prd, new))
    })
}

/// Refuses to close an epic or a document that asks for more than its closed work.
///
/// # Errors
/// If it does.
pub(crate) fn require_met(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    let id = state.shown_id(item);
    let by_force = |error: Error| error.hint(by_force(pm.actor.is_agent, item, &id));
    if let Some((prd, new)) = unapproved(state, item) {
        let prd = state.shown_id(prd);
        let s = if new == 1 { "" } else { "s" };
        let error = Error::refused(format!(
            "{id} is not done: the plan of {prd} has {new} task{s} waiting for approval"
        ));
        let show = Hint::run(["plan", "show", &prd], "shows them");
        return Err(by_force(error.about(&id).hint(show)));
    }
    let Some(unmet) = of_item(state, item) else {
        return Ok(());
    };
    let said = format!("{id} is not done: {}", unmet.said(state));
    let prd = state.shown_id(unmet.prd);
    let regenerate = ["plan", "regenerate", &prd];
    let error = Error::refused(said)
        .about(&id)
        .hint(Hint::run(["plan", "check", &prd], "names the lines"))
        .hint(Hint::run(regenerate, "makes new tasks of them"));
    Err(by_force(error))
}

/// True if a line of a task was reworded after it was written.
fn is_reworded(plan: &Doc, (key, entry): (&str, &Entry), accepted: bool) -> bool {
    let criteria = plan.entries(CRITERIA);
    let criteria = criteria.filter(|(_, one)| one.text("task") == Some(key));
    let mut all = criteria.map(|(_, one)| one).chain([entry]);
    all.any(|one| match (one.value(REWORDED), one.text("lines")) {
        (_, None | Some(NO_LINES)) => false,
        (mark, _) => mark.is_true() || accepted && !mark.is_null(),
    })
}

/// True if the plan of a task that was done asks for more than its item does, whose document is given: in words that the
/// plan got after the item had its own, or in criteria that the item never had.
pub(crate) fn asks_for_more(plan: &Doc, key: &str, doc: &Doc) -> bool {
    let task = plan.entry(TASKS, key);
    // What a person or an agent wrote is in no document.
    let task = task.filter(|task| task.text(BY).is_none() && !task.is_removed());
    task.is_some_and(|task| has_more_words(task, doc) || has_more_criteria(plan, key, doc))
}

fn has_more_words(task: &Entry, doc: &Doc) -> bool {
    let by_hand = |name: &str| task.text(&format!("by_{name}")).is_some();
    let is_older = |name: &str, at: &Stamp| {
        let planned = task.regs.get(name).map(|reg| &reg.stamp);
        at.is_derived() || planned.is_some_and(|planned| at < planned)
    };
    let text = |name: &str| task.text(name).unwrap_or_default();
    let (old, new) = if !by_hand("description") && !by_hand("lines") {
        let own = doc.body.newest().filter(|_| !doc.body.is_hidden());
        match own.is_some_and(|own| is_older("description", &own.stamp)) {
            true => (doc.body.shown(), text("description")),
            false => return false,
        }
    } else if by_hand("title") {
        return false;
    } else {
        match doc
            .regs
            .get("title")
            .filter(|own| is_older("title", &own.stamp))
        {
            Some(own) => (own.value.as_str().unwrap_or_default(), text("title")),
            None => return false,
        }
    };
    !new_paragraphs(old, new).is_empty()
}

fn has_more_criteria(plan: &Doc, key: &str, doc: &Doc) -> bool {
    let own: Vec<&str> = (doc
        .entries("acceptance")
        .filter_map(|(_, one)| one.text("text")))
    .collect();
    let mut all = plan.entries(CRITERIA).filter(|(_, one)| {
        one.text("task") == Some(key) && !matches!(one.text("lines"), None | Some(NO_LINES))
    });
    all.any(|(_, one)| {
        let said = one.text("text").unwrap_or_default();
        let there = doc.entry("acceptance", &criterion_id(key, said));
        // What a person took from it or said otherwise was decided.
        let is_decided = there.is_some_and(|there| {
            !there.is_removed()
                || there
                    .regs
                    .get("removed")
                    .is_some_and(|reg| !reg.stamp.is_derived())
        });
        !said.is_empty() && !is_decided && !own.iter().any(|own| asks_no_more(own, said))
    })
}
