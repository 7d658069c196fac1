//! What a document asks of a closed task beyond the criteria of its item: new work, in a task that follows it.
//!
//! Of a task that the planner drafts, the new draft tells what it asks for. One that a person or an agent wrote is in no
//! draft: its lines tell it (`followed_lines`). What was done last in some lines is what their words are compared with,
//! so such tasks form a chain.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Lines, asks_no_more, new_paragraphs, normalize};
use super::done_words::as_done;
use super::draft::{Criterion, Draft, Edge, EdgeClass, Key, Task, test_task};
use super::line_ranges::meet;
use super::moved_lines::MovedLines;
use super::plan_types::{Plan, Planned};
use super::record::criterion_id;
use super::same_task::rename;
use super::sources::Reading;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::proposed::test_key;
use crate::model::status::Status;
use crate::model::text::{one_line, shorten};
use crate::model::uid::sha256_hex;
use crate::store::layout::Family;
use crate::store::state::State;
use crate::work::unmet_words;

/// The rule of the edge from new work to the closed task.
pub(crate) const FOLLOW_UP: &str = "follow-up";

/// The length of a title, and of the finished task's in it.
const TITLE: usize = 80;
const NAMED: usize = 40;

/// The item of a task, if it is closed; tests are in no document.
fn closed_item<'s>(state: &'s State<'_>, planned: &Planned) -> Option<&'s Item> {
    let item = stored(state, planned).filter(|_| planned.task.tests.is_none())?;
    (item.status.is_closed() && !item.deleted).then_some(item)
}

/// The same with its document.
pub(super) fn closed<'s>(state: &'s State<'_>, planned: &Planned) -> Option<(&'s Item, &'s Doc)> {
    let item = closed_item(state, planned)?;
    Some((item, state.doc(&item.uid)?))
}

/// The item of a task.
pub(super) fn stored<'s>(state: &'s State<'_>, planned: &Planned) -> Option<&'s Item> {
    state.stored(planned.item.as_ref()?.uid.as_ref()?)
}

/// The finished work after a task that was done last in some lines, even if the document asks for something else by now.
pub(super) fn last_done<'p>(
    state: &State<'_>,
    plan: &'p Plan,
    moved: &MovedLines,
    (after, lines): (&str, Lines),
) -> Option<&'p Planned> {
    let is_there = |one: &Planned| {
        let now = moved.of(one.task.lines);
        now.is_some_and(|now| lines.start <= now.start && now.end <= lines.end)
    };
    let is_done = |one: &&Planned| {
        let own = &one.task.key;
        if !plan.follows(own, after) {
            return false;
        }
        // The document may ask there for what follows it by now.
        let mut next = (plan.follow_ups.iter()).filter(|(_, on)| *on == own);
        let is_place = is_there(one) || next.any(|(key, _)| plan.task(key).is_some_and(is_there));
        is_place && closed_item(state, one).is_some_and(|item| item.status.is_finished())
    };
    let done: Vec<&Planned> = plan.counted().filter(is_done).collect();
    let is_last = |one: &&Planned| {
        let mut others = done.iter();
        !others.any(|other| plan.follows(&other.task.key, &one.task.key))
    };
    done.iter().copied().find(is_last)
}

/// The work of a task that was cancelled and that its document does not ask for: asked for again, it is new work.
fn dropped<'p>(state: &'p State<'_>, plan: &'p Plan, key: &str) -> Option<(&'p Planned, &'p Item)> {
    let planned = plan.task(key).filter(|one| one.is_gone)?;
    let item = stored(state, planned).filter(|_| !plan.removed.contains_key(key))?;
    (item.status == Status::Cancelled && !item.deleted).then_some((planned, item))
}

/// The key of work in these words, and the dropped task that it follows, if there is one under the given key.
fn again<'p>(
    state: &'p State<'_>,
    plan: &'p Plan,
    mut key: Key,
    said: &str,
) -> (Key, Option<(&'p Planned, &'p Item)>) {
    let mut after = None;
    while let Some(before) = dropped(state, plan, &key) {
        (key, after) = (key_of(&key, said), Some(before));
    }
    (key, after)
}

/// The key of work in these words, and the closed task that it follows: the given one, or what was done last in its
/// lines, which may be the work itself; or such work that was dropped.
pub(super) fn placed<'p>(
    state: &'p State<'_>,
    plan: &'p Plan,
    (after, item): (&'p Planned, &'p Item),
    last: Option<&'p Planned>,
    said: &str,
) -> (Key, &'p Planned, &'p Item) {
    let (key, on) = match last {
        Some(last) if is_said(state, last, said) => {
            let own = &last.task.key;
            let before = plan.follow_ups.get(own);
            (own.clone(), before.and_then(|before| plan.task(before)))
        }
        Some(last) => (key_of(&last.task.key, said), Some(last)),
        None => (key_of(&after.task.key, said), None),
    };
    let on = on.and_then(|on| Some((on, stored(state, on)?)));
    let (key, before) = again(state, plan, key, said);
    let (on, item) = before.or(on).unwrap_or((after, item));
    (key, on, item)
}

/// True if closed work was done with all of these words.
fn is_said(state: &State<'_>, last: &Planned, said: &str) -> bool {
    closed(state, last).is_some_and(|(_, doc)| {
        let mut parts = said.split("\n\n");
        parts.all(|part| is_done(doc, last, part))
    })
}

/// The same for other words of a closed task itself, with what was done last in its place.
fn placed_own<'p>(
    state: &'p State<'_>,
    plan: &'p Plan,
    (after, item): (&'p Planned, &'p Item),
    last: Option<&'p Planned>,
    said: &str,
) -> (Key, &'p Planned, &'p Item) {
    let key = key_of(&after.task.key, said);
    // What is planned already is that, unless other work was done after it.
    let is_known = plan.task(&key).is_some();
    let is_next = |last: &&Planned| !is_known || plan.follows(&last.task.key, &key);
    match last.filter(|last| last.task.key != key).filter(is_next) {
        Some(last) => placed(state, plan, (after, item), Some(last), said),
        None => {
            let (key, before) = again(state, plan, key, said);
            let (on, item) = before.unwrap_or((after, item));
            (key, on, item)
        }
    }
}

/// True if other work was finished since in the place of new work that a person left out, be it as met already.
pub(super) fn is_replaced(state: &State<'_>, plan: &Plan, left: &Task) -> bool {
    let Some(on) = plan.follow_ups.get(&left.key) else {
        return false;
    };
    let is_there = |one: &&Planned| {
        let start = one.task.lines.start;
        start > 0 && start == left.lines.start && plan.follows(&one.task.key, on)
    };
    let mut there = plan.counted().filter(is_there);
    there.any(|one| closed_item(state, one).is_some_and(|item| item.status.is_finished()))
}

/// The words in which an item has a criterion of its task.
fn held(doc: &Doc, key: &str, said: &str) -> Option<String> {
    let own = doc.entry("acceptance", &criterion_id(key, said));
    // Its words may have been changed by hand.
    if own.is_some_and(|entry| !entry.is_removed()) {
        return Some(said.to_owned());
    }
    let own = doc.entries("acceptance");
    let own = own.filter_map(|(_, entry)| entry.text("text"));
    let own: Vec<&str> = own.filter(|own| asks_no_more(own, said)).collect();
    let same = own.iter().find(|own| normalize(own) == normalize(said));
    same.or(own.first()).map(|own| (*own).to_owned())
}

/// True if some words, of a task or of a part of one, ask for what these do.
fn says<'t>(mut own: impl Iterator<Item = &'t str>, said: &str) -> bool {
    own.any(|own| {
        let mut parts = own.split("\n\n").chain(own.lines());
        parts.any(|part| asks_no_more(part, said))
    })
}

/// True if a plan has a task ask for these words.
pub(super) fn asks_for(planned: &Planned, said: &str) -> bool {
    let task = &planned.task;
    let criteria = task.acceptance.iter().map(|one| one.text.as_str());
    says(criteria.chain([&*task.title, &*task.description]), said)
}

/// A closed task with its document, or one that was reopened after other work had followed it: what its line asks for
/// beyond its own words stays that work.
fn followed<'s>(
    state: &'s State<'_>,
    plan: &Plan,
    planned: &Planned,
) -> Option<(&'s Item, &'s Doc)> {
    let reopened = || {
        let item = stored(state, planned).filter(|item| !item.deleted)?;
        let is_there = |one: &Planned| !one.is_gone && stored(state, one).is_some();
        let mut next = plan
            .follow_ups
            .iter()
            .filter(|(_, on)| **on == planned.task.key);
        let is_followed = next.any(|(key, _)| plan.task(key).is_some_and(is_there));
        is_followed.then_some((item, state.doc(&item.uid)?))
    };
    closed(state, planned).or_else(reopened)
}

/// True for a task that was closed.
pub(super) fn is_closed(state: &State<'_>, planned: &Planned) -> bool {
    closed_item(state, planned).is_some()
}

/// The numbers of the closed tasks of a plan with lines that were changed, and whose new words no task has yet.
pub(super) fn unfollowed(state: &State<'_>, plan: &Plan) -> Vec<u32> {
    let closed = plan.counted().filter(|one| {
        let item = closed_item(state, one);
        let is_changed = item.is_some_and(|item| changed_lines(one, item).next().is_some());
        is_changed || !one.is_gone && asks_for_more(state, plan, one)
    });
    closed.map(|one| one.number).collect()
}

/// The lines of a closed task that were reworded after it was written: of one that was cancelled not those that a person
/// had accepted.
pub(super) fn changed_lines<'p>(
    planned: &'p Planned,
    item: &Item,
) -> impl Iterator<Item = Lines> + use<'p> {
    let accepted = planned.accepted.iter();
    let accepted = accepted.take(match item.status.is_finished() {
        true => usize::MAX,
        false => 0,
    });
    planned.reworded.iter().chain(accepted).copied()
}

/// True if a plan asks a finished task for more than what it was done with.
pub(super) fn asks_for_more(state: &State<'_>, plan: &Plan, planned: &Planned) -> bool {
    let record = state.found_by_path(Family::Plan, &plan.uid);
    let done = closed(state, planned).filter(|(item, _)| item.status.is_finished());
    let both = record.zip(done);
    both.is_some_and(|(record, (_, doc))| {
        unmet_words::asks_for_more(&record.doc, &planned.task.key, doc)
    })
}

/// What a drafted task asks for beyond the words that its closed one had, with a title.
fn other_words((planned, was): (&Planned, &Task), task: &Task) -> Option<(String, String)> {
    let is_added = planned.added_by.is_some();
    let by_hand = |name: &str| is_added || planned.by_hand.contains_key(name);
    let (old, new) = match by_hand("description") || by_hand("lines") {
        false => (&was.description, &task.description),
        true if by_hand("title") => return None,
        true => (&was.title, &task.title),
    };
    let parts = new_paragraphs(old, new);
    let first = *parts.first()?;
    let said = |part: &&str| part.contains(char::is_alphanumeric);
    let title = match new.split("\n\n").find(said) == Some(first) {
        true => task.title.clone(),
        false => named_after(&was.title, first),
    };
    Some((title, parts.join("\n\n")))
}

/// The title of new work below a closed task.
fn named_after(title: &str, said: &str) -> String {
    let named = shorten(title, NAMED);
    shorten(&format!("{named}: {}", one_line(said)), TITLE)
}

/// The key of new work after a task, in these words.
fn key_of(on: &str, said: &str) -> Key {
    let key = format!("follows\u{1f}{on}\u{1f}{}", normalize(said));
    sha256_hex(key.as_bytes())[..12].to_owned()
}

/// New work after a closed task: one criterion.
pub(super) fn below(planned: &Planned, key: Key, criterion: Criterion) -> Task {
    let title = named_after(&planned.task.title, &criterion.text);
    Task {
        description: criterion.text.clone(),
        lines: criterion.lines,
        acceptance: vec![criterion],
        ..Task::plain(&key, &title)
    }
}

/// The edge from new work to the closed task.
pub(super) fn edge(next: &Task, on: &str, item: &Item) -> Edge {
    Edge {
        task: next.key.clone(),
        on: on.to_owned(),
        class: EdgeClass::of(item.status.is_finished()),
        rule: FOLLOW_UP.to_owned(),
        line: next.lines.start,
        reason: "it is new work after that task was closed".to_owned(),
    }
}

/// Takes from the closed tasks of a plan the lines of its document that are no criteria of their items: an
/// approval does not write them there.
pub(super) fn leave_held(state: &State<'_>, mut plan: Plan) -> Plan {
    for planned in &mut plan.tasks {
        if let Some((_, doc)) = closed(state, planned) {
            let (key, all) = (&planned.task.key, &mut planned.task.acceptance);
            all.retain(|one| one.lines.start == 0 || held(doc, key, &one.text).is_some());
        }
    }
    plan
}

/// Makes tasks of the criteria in a draft that the closed item of their task does not have, except for what was
/// removed by hand, and of other words of the task itself. They have the same keys whenever they are drafted.
pub(super) fn split(draft: &mut Draft, state: &State<'_>, plan: &Plan, reading: &Reading) {
    let moved = MovedLines::since(state, plan, reading);
    let removed = plan.removed_parts.iter().filter(|part| !part.is_task);
    let removed: Vec<Lines> = removed.filter_map(|part| moved.of(part.lines)).collect();
    let is_removed =
        |lines: Lines| !moved.is_new(lines) && removed.iter().any(|own| meet(*own, lines));
    let mut tasks: Vec<Task> = Vec::new();
    for mut task in std::mem::take(&mut draft.tasks) {
        let planned = plan.task(&task.key);
        let planned = planned.and_then(|one| Some((one, followed(state, plan, one)?)));
        let Some((planned, (item, doc))) = planned else {
            tasks.push(task);
            continue;
        };
        let words = task.acceptance.iter().map(|one| normalize(&one.text));
        let words: BTreeSet<String> = words.collect();
        let done = |lines: Lines| {
            let last = last_done(state, plan, &moved, (&planned.task.key, lines));
            // Other words of the task itself are not those of a criterion. One that the document no longer asks
            // for has none left.
            last.filter(|last| last.is_gone || !last.task.acceptance.is_empty())
        };
        let mut new = Vec::new();
        task.acceptance.retain_mut(|one| {
            // The words of another line are that line's.
            let said = normalize(&one.text);
            let is_own = |own: &String| normalize(own) == said || !words.contains(&normalize(own));
            let own = held(doc, &task.key, &one.text).filter(is_own);
            // Other work was done in its place since.
            let own = own.filter(|_| done(one.lines).is_none());
            let is_kept = own.is_some() || is_removed(one.lines);
            match own {
                Some(own) => one.text = own,
                None if is_kept => {}
                None => new.push(one.clone()),
            }
            is_kept
        });
        let of = (planned, item);
        let place = |lines: Lines, said: &str| placed(state, plan, of, done(lines), said);
        let below = new.iter().map(|one| {
            let (key, on, item) = place(one.lines, &one.text);
            let next = Task {
                priority: task.priority,
                validation: task.validation,
                stream: task.stream.clone(),
                milestone: task.milestone.clone(),
                ..below(planned, key, one.clone())
            };
            (next, on, item)
        });
        let was = as_done(state, plan, planned);
        let was = was.as_ref().unwrap_or(&planned.task);
        let last = last_done(state, plan, &moved, (&planned.task.key, task.lines));
        let last = last.filter(|last| {
            let now = moved.of(last.task.lines);
            let is_there = now.is_some_and(|now| now.start == task.lines.start);
            last.task.acceptance.is_empty() && is_there
        });
        let other = other_words((planned, was), &task).or_else(|| {
            // It is asked for again where other work was done over it.
            let over = last.filter(|last| !is_said(state, last, &task.description));
            let none = Task::plain(&task.key, &task.title);
            over.and_then(|_| other_words((planned, &none), &task))
        });
        let own = other.as_ref().map(|(title, said)| {
            let (key, on, item) = placed_own(state, plan, of, last, said);
            let next = Task {
                key,
                title: title.clone(),
                description: said.clone(),
                acceptance: Vec::new(),
                requirement: None,
                covers: Vec::new(),
                ..task.clone()
            };
            (next, on, item)
        });
        let next: Vec<(Task, &Planned, &Item)> = own.into_iter().chain(below).collect();
        if other.is_some() {
            // The document does not state it any more.
            task = Task {
                lines: Lines::of(0, 0),
                acceptance: task.acceptance,
                requirement: task.requirement,
                stream: task.stream,
                milestone: task.milestone,
                ..was.clone()
            };
        }
        // It was estimated with these.
        (task.estimate, task.hours) = (planned.task.estimate, planned.task.hours);
        task.estimate_reason
            .clone_from(&planned.task.estimate_reason);
        tasks.push(task.clone());
        for (next, on, item) in next {
            draft.edges.push(edge(&next, &on.task.key, item));
            let (test, edge) = test_task(&next);
            draft.edges.extend(edge);
            tasks.push(next);
            tasks.extend(test);
        }
    }
    draft.tasks = tasks;
}

/// Gives a drafted task that was closed or left out before, and that the document asks for again, the key of new work:
/// after other finished work that took its place since, or after the task itself, if that was cancelled.
pub(super) fn renew(draft: &mut Draft, state: &State<'_>, plan: &Plan, reading: &Reading) {
    let of_draft = draft.counted().filter_map(|task| {
        let gone = plan.task(&task.key).filter(|one| one.is_gone);
        let left = || {
            let left = plan.removed.get(&task.key)?;
            let on = plan.follow_ups.get(&task.key)?;
            plan.task(on).filter(|_| is_replaced(state, plan, left))
        };
        let planned = gone.or_else(left)?;
        Some((task, planned, closed(state, planned)?.0))
    });
    let gone: Vec<(&Task, &Planned, &Item)> = of_draft.collect();
    if gone.is_empty() {
        return;
    }
    let moved = MovedLines::since(state, plan, reading);
    let (mut keys, mut after) = (BTreeMap::new(), Vec::new());
    for (task, planned, item) in gone {
        let last = last_done(state, plan, &moved, (&planned.task.key, task.lines));
        let (key, on) = match last {
            Some(_) => {
                let (key, on, _) = placed(state, plan, (planned, item), last, &task.description);
                (key, on)
            }
            // Its own key tells what it is, in whatever words.
            None => match again(state, plan, task.key.clone(), "") {
                (key, Some((on, _))) => (key, on),
                _ => continue,
            },
        };
        keys.insert(test_key(&task.key), test_key(&key));
        keys.insert(task.key.clone(), key.clone());
        after.push((key, on.task.key.clone()));
    }
    rename(draft, &keys);
    for (key, on) in after {
        put_after(draft, state, plan, &key, &on);
    }
}

/// Notes in a draft that a task of it is new work after a closed one.
pub(super) fn put_after(draft: &mut Draft, state: &State<'_>, plan: &Plan, key: &str, on: &str) {
    let after = plan.task(on).and_then(|one| closed(state, one));
    let is_it = |edge: &Edge| edge.task == key && edge.on == on;
    let next = draft.task(key).filter(|_| !draft.edges.iter().any(is_it));
    let edge = next.and_then(|next| Some(edge(next, on, after?.0)));
    draft.edges.extend(edge);
}

/// True if the item of a task was done with words that ask for what these do.
pub(super) fn is_done(doc: &Doc, planned: &Planned, said: &str) -> bool {
    let own = [doc.text("title").unwrap_or_default(), doc.body.shown()];
    held(doc, &planned.task.key, said).is_some() || says(own.into_iter(), said)
}
