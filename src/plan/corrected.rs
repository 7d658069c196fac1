//! Tasks whose lines were reworded after they were written, and that a person corrected in their items.
//!
//! The hint of a refused approval is to change such a task with `git pm task edit`. So the words of its item are compared
//! with the lines, not those that the plan has of it, and an approval brings the plan in line with the item: the title is
//! one by hand, and what the description quotes of the document is what that says now, until the work is begun.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Lines, tokens};
use super::edit::write;
use super::moved_lines::{MovedLines, line_hashes, planned_text};
use super::new_work::stored;
use super::plan_types::{Plan, Planned};
use super::record::{REWORDED, read};
use super::sources::{Reading, plan_of};
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::stamp::Stamp;
use crate::model::uid::sha256_hex;
use crate::store::layout::Family;
use crate::store::state::State;
use crate::store::transaction::Tx;

fn words<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeSet<String> {
    texts.flat_map(tokens).collect()
}

/// The text that a plan is of, if its document has no other one by now.
fn text_of(state: &State<'_>, plan: &Plan) -> Option<String> {
    let text = state.text_of(state.stored(plan.prd.uid.as_ref()?)?)?;
    (sha256_hex(text.as_bytes()) == plan.document).then_some(text)
}

/// Forgets of the tasks of a plan that their lines were reworded where their items have the new words.
pub(super) fn forget_corrected(state: &State<'_>, mut plan: Plan) -> Plan {
    let mut all = plan.tasks.iter();
    if all.all(|one| one.reworded.is_empty()) {
        return plan;
    }
    let Some(text) = text_of(state, &plan) else {
        return plan;
    };
    let Some(record) = state.found_by_path(Family::Plan, &plan.uid) else {
        return plan;
    };
    let document: Vec<&str> = text.lines().collect();
    for planned in &mut plan.tasks {
        let since = reworded_at(&record.doc, &planned.task.key);
        if is_corrected(state, planned, &document, since) {
            planned.reworded.clear();
        }
    }
    plan
}

/// When lines of a task were found to be reworded.
fn reworded_at<'d>(record: &'d Doc, key: &str) -> Option<&'d Stamp> {
    let criteria = record.entries("criteria");
    let criteria = criteria.filter(|(_, one)| one.text("task") == Some(key));
    let all = criteria
        .map(|(_, one)| one)
        .chain(record.entry("tasks", key));
    all.filter_map(|one| Some(&one.regs.get(REWORDED)?.stamp))
        .max()
}

/// True if a person changed the words of an item since a moment, and it has none that the document had and has no more. Where it had
/// none of these, it has to have new ones of the lines. What is closed was done with its own words.
fn is_corrected(
    state: &State<'_>,
    planned: &Planned,
    document: &[&str],
    since: Option<&Stamp>,
) -> bool {
    let item = stored(state, planned).filter(|item| !item.status.is_closed());
    let doc = item.and_then(|item| state.doc(&item.uid));
    let Some(doc) = doc.filter(|_| !planned.reworded.is_empty()) else {
        return false;
    };
    let parts = doc
        .all_entries("acceptance")
        .flat_map(|(_, entry)| &entry.regs);
    let parts = parts.filter(|(name, _)| matches!(name.as_str(), "text" | "removed"));
    let edits = parts.map(|(_, reg)| reg).chain(doc.regs.get("title"));
    if edits.map(|reg| &reg.stamp).max() <= since {
        return false;
    }
    let criteria = doc.entries("acceptance");
    let criteria = criteria.filter_map(|(_, entry)| entry.text("text"));
    let own = words(criteria.chain(doc.text("title")));
    let criteria = planned.task.acceptance.iter();
    let criteria = criteria.map(|one| one.text.as_str());
    let before = words(criteria.chain([planned.task.title.as_str()]));
    let now = planned.reworded.iter().filter_map(|lines| {
        let first = lines.start.saturating_sub(1) as usize;
        document.get(first..lines.end as usize)
    });
    let now = words(now.flatten().copied());
    // The item quotes the document as it was.
    let quoted = words([doc.body.shown()].into_iter());
    let is_stale = |word: &&String| before.contains(*word) && !now.contains(*word);
    let mut stale = quoted.iter().filter(is_stale).peekable();
    let is_named = stale.peek().is_some();
    let has_new = || own.difference(&before).any(|word| now.contains(word));
    own != before && stale.all(|word| !own.contains(word)) && (is_named || has_new())
}

/// Brings the tasks of a plan whose lines were reworded in line with their items and the document. Returns the plan as it
/// is then.
pub(super) fn follow_items(
    tx: &mut Tx<'_>,
    prd: &Item,
    plan: Plan,
    reading: &Reading,
) -> Result<Plan> {
    let loaded = tx.state.found_by_path(Family::Plan, &plan.uid);
    let stored_plan = loaded.map(|loaded| read(&loaded.doc));
    let all = stored_plan.into_iter().flat_map(|plan| plan.tasks);
    let reworded: Vec<Planned> = all.filter(|one| !one.reworded.is_empty()).collect();
    if reworded.is_empty() {
        return Ok(plan);
    }
    let is_left = |one: &Planned| {
        let left = plan.task(&one.task.key);
        left.is_some_and(|left| left.reworded.is_empty())
    };
    let state = &tx.state;
    let quotes = quotes(state, &plan, reading);
    let mut changes = Vec::new();
    for one in &reworded {
        let item = stored(state, one);
        let title = item.filter(|_| is_left(one)).map(|item| item.title.clone());
        let doc = item.and_then(|item| state.doc(&item.uid));
        let description = &one.task.description;
        // What a person wrote there quotes nothing.
        let is_quoted = !one.by_hand.contains_key("description")
            && doc.is_some_and(|doc| doc.body.shown().trim() == description.trim());
        let is_free = is_quoted && item.is_some_and(Item::is_untouched);
        let said = is_free.then(|| quotes.said(description));
        // Begun work that was not corrected is compared again once it is finished.
        let is_begun = !is_left(one) && item.is_some_and(|item| !item.is_untouched());
        changes.push((one.task.key.clone(), title, said, is_begun));
    }
    write(tx, &plan.uid, |writer, actor| {
        for (key, title, said, is_begun) in changes {
            if let Some(title) = title {
                writer.set_task(&key, &[("title", title.into())], actor);
            }
            if let Some(said) = said {
                writer.put_task(&key, &[("description", said.into())]);
            }
            // Whoever approves has compared it.
            writer.settle_task(&key, is_begun);
        }
    })?;
    Ok(plan_of(&tx.state, prd).unwrap_or(plan))
}

/// The lines of the text that was approved last, each with what the document has in its place.
#[derive(Default)]
struct Quotes(BTreeMap<String, String>);

impl Quotes {
    fn said(&self, description: &str) -> String {
        let lines = description.lines().map(|line| {
            let (said, now) = (line.trim(), self.0.get(line.trim()));
            let now = now.filter(|_| !said.is_empty());
            now.map_or_else(|| line.to_owned(), |now| line.replacen(said, now, 1))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn quotes(state: &State<'_>, plan: &Plan, reading: &Reading) -> Quotes {
    let Some(document) = plan.approved_document.clone() else {
        return Quotes::default();
    };
    let mut approved = Plan {
        document,
        ..plan.clone()
    };
    let Some(before) = planned_text(state, &approved) else {
        return Quotes::default();
    };
    approved.line_hashes = line_hashes(&before);
    let moved = MovedLines::since(state, &approved, reading);
    let now: Vec<&str> = reading.text.lines().collect();
    let lines = (1..).zip(before.lines());
    let said = lines.filter_map(|(at, line)| {
        let place = moved.of(Lines::at(at)).filter(|now| now.start > 0)?;
        let text = now.get(place.start as usize - 1)?.trim();
        let line = line.trim();
        let is_said = |text: &str| text.contains(char::is_alphanumeric);
        (line != text && is_said(line) && is_said(text)).then(|| (line.to_owned(), text.to_owned()))
    });
    Quotes(said.collect())
}
