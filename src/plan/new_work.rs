//! What a document asks of a closed task beyond the criteria of its item: new work, in a task that follows it.
//!
//! Of a task that the planner drafts, the new draft tells what it asks for (`split`). One that a person or an agent wrote
//! is in no draft: of its lines, those that were reworded or added tell it (`follow`).

use std::collections::BTreeSet;

use super::anchors::anchors;
use super::document::{Lines, normalize};
use super::draft::{
    self, Accounted, Criterion, Disposition, Draft, Edge, EdgeClass, Key, Task, test_task,
};
use super::line_ranges::meet;
use super::moved_lines::MovedLines;
use super::plan_types::{Plan, Planned};
use super::record::criterion_id;
use super::same_task::asks_no_more;
use super::sentences::resembles;
use super::sources::Reading;
use super::write::words::Source;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::text::{one_line, shorten};
use crate::model::uid::sha256_hex;
use crate::store::state::State;

/// The rule of the edge from new work to the closed task.
pub(crate) const FOLLOW_UP: &str = "follow-up";

/// The length of a title, and of the finished task's in it.
const TITLE: usize = 80;
const NAMED: usize = 40;

/// The closed item of a task; tests are in no document.
fn closed<'s>(state: &'s State<'_>, planned: &Planned) -> Option<(&'s Item, &'s Doc)> {
    let uid = planned.item.as_ref()?.uid.as_ref()?;
    let item = state.stored(uid)?;
    let is_closed = item.status.is_closed() && !item.deleted && planned.task.tests.is_none();
    Some((item, state.doc(uid).filter(|_| is_closed)?))
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

/// True for a task that was closed.
pub(super) fn is_closed(state: &State<'_>, planned: &Planned) -> bool {
    closed(state, planned).is_some()
}

/// The numbers of the closed tasks of a plan with lines that were changed, and whose new words no task has yet.
pub(super) fn unfollowed(state: &State<'_>, plan: &Plan) -> Vec<u32> {
    let changed = plan.counted().filter(|one| !one.reworded.is_empty());
    let closed = changed.filter(|one| is_closed(state, one));
    closed.map(|one| one.number).collect()
}

/// What a drafted task asks for beyond the words that its closed one was planned with, with a title.
fn other_words(planned: &Planned, task: &Task) -> Option<(String, String)> {
    let is_added = planned.added_by.is_some();
    let by_hand = |name: &str| is_added || planned.by_hand.contains_key(name);
    let (old, new) = match by_hand("description") || by_hand("lines") {
        false => (&planned.task.description, &task.description),
        true if by_hand("title") => return None,
        true => (&planned.task.title, &task.title),
    };
    let said = |part: &&str| part.contains(char::is_alphanumeric);
    let old: Vec<&str> = old.split("\n\n").filter(said).collect();
    let is_new = |part: &&str| !old.iter().any(|old| asks_no_more(old, part));
    let all: Vec<&str> = new.split("\n\n").filter(said).collect();
    let new: Vec<&str> = all.iter().copied().filter(is_new).collect();
    let first = *new.first()?;
    let title = match all.first() == Some(&first) {
        true => task.title.clone(),
        false => named_after(planned, first),
    };
    Some((title, new.join("\n\n")))
}

/// The title of new work below a closed task.
fn named_after(planned: &Planned, said: &str) -> String {
    let named = shorten(&planned.task.title, NAMED);
    shorten(&format!("{named}: {}", one_line(said)), TITLE)
}

/// The key of new work after a task, in these words.
fn key_of(on: &str, said: &str) -> Key {
    let key = format!("follows\u{1f}{on}\u{1f}{}", normalize(said));
    sha256_hex(key.as_bytes())[..12].to_owned()
}

/// New work after a closed task: one criterion.
fn below(planned: &Planned, key: Key, criterion: Criterion) -> Task {
    let title = named_after(planned, &criterion.text);
    Task {
        description: criterion.text.clone(),
        lines: criterion.lines,
        acceptance: vec![criterion],
        ..Task::plain(&key, &title)
    }
}

/// The edge from new work to the closed task.
fn edge(next: &Task, on: &str, item: &Item) -> Edge {
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
        let planned = planned.and_then(|one| Some((one, closed(state, one)?)));
        let Some((planned, (item, doc))) = planned else {
            tasks.push(task);
            continue;
        };
        let words = task.acceptance.iter().map(|one| normalize(&one.text));
        let words: BTreeSet<String> = words.collect();
        let mut new = Vec::new();
        task.acceptance.retain_mut(|one| {
            // The words of another line are that line's.
            let said = normalize(&one.text);
            let is_own = |own: &String| normalize(own) == said || !words.contains(&normalize(own));
            let own = held(doc, &task.key, &one.text).filter(is_own);
            let is_kept = own.is_some() || is_removed(one.lines);
            match own {
                Some(own) => one.text = own,
                None if is_kept => {}
                None => new.push(one.clone()),
            }
            is_kept
        });
        let key = |said: &str| key_of(&task.key, said);
        let below = new.iter().map(|one| Task {
            priority: task.priority,
            validation: task.validation,
            stream: task.stream.clone(),
            milestone: task.milestone.clone(),
            ..below(planned, key(&one.text), one.clone())
        });
        let other = other_words(planned, &task);
        let own = other.as_ref().map(|(title, said)| Task {
            key: key(said),
            title: title.clone(),
            description: said.clone(),
            acceptance: Vec::new(),
            requirement: None,
            covers: Vec::new(),
            ..task.clone()
        });
        let next: Vec<Task> = own.into_iter().chain(below).collect();
        if other.is_some() {
            // The document does not state it any more.
            task = Task {
                lines: Lines::of(0, 0),
                acceptance: task.acceptance,
                stream: task.stream,
                milestone: task.milestone,
                ..planned.task.clone()
            };
        }
        // It was estimated with these.
        (task.estimate, task.hours) = (planned.task.estimate, planned.task.hours);
        task.estimate_reason
            .clone_from(&planned.task.estimate_reason);
        tasks.push(task.clone());
        for next in next {
            draft.edges.push(edge(&next, &task.key, item));
            let (test, edge) = test_task(&next);
            draft.edges.extend(edge);
            tasks.push(next);
            tasks.extend(test);
        }
    }
    draft.tasks = tasks;
}

/// New work after a task that a person or an agent wrote.
struct Needed<'p> {
    after: &'p Planned,
    item: &'p Item,
    key: Key,
    criterion: Criterion,
}

/// Adds to a draft the new work after the closed tasks of a plan that a person or an agent wrote.
pub(super) fn follow(draft: &mut Draft, state: &State<'_>, plan: &Plan, reading: &Reading) {
    let needed = needed(draft, state, plan, reading);
    for one in needed {
        if draft.task(&one.key).is_some() {
            continue;
        }
        let task = &one.after.task;
        let next = Task {
            priority: task.priority,
            validation: task.validation,
            validation_reason: task.validation_reason.clone(),
            stream: task.stream.clone(),
            milestone: task.milestone.clone(),
            ..below(one.after, one.key, one.criterion)
        };
        draft.edges.push(edge(&next, &task.key, one.item));
        let (test, tested) = test_task(&next);
        draft.edges.extend(tested);
        draft.tasks.push(next);
        draft.tasks.extend(test);
    }
}

/// True if no draft tells what a task asks for: a person or an agent wrote it, or all its words.
fn has_own_words(planned: &Planned) -> bool {
    let mut words = ["title", "description"].iter();
    planned.is_written() || words.all(|name| planned.by_hand.contains_key(*name))
}

/// The closed tasks of a plan that a person or an agent wrote, each with the lines that a draft leaves to the work
/// after it. A task is left out while a part of that work is not in the draft.
pub(super) fn left_lines(
    draft: &Draft,
    state: &State<'_>,
    plan: &Plan,
    reading: &Reading,
) -> Vec<(Key, Vec<Lines>)> {
    let needed = needed(draft, state, plan, reading);
    let written = plan.counted().filter(|one| has_own_words(one));
    let written = written.filter(|one| is_closed(state, one));
    let own = written.filter_map(|planned| {
        let key = &planned.task.key;
        let own = needed.iter().filter(|one| one.after.task.key == *key);
        let is_whole = own.clone().all(|one| draft.task(&one.key).is_some());
        let lines = own.map(|one| one.criterion.lines).collect();
        is_whole.then(|| (key.clone(), lines))
    });
    own.collect()
}

/// What a text asks for in the lines of closed tasks that a person or an agent wrote, beyond the words that these were
/// done with, and what of it is planned already.
fn needed<'p>(
    draft: &Draft,
    state: &'p State<'_>,
    plan: &'p Plan,
    reading: &Reading,
) -> Vec<Needed<'p>> {
    let written = plan.counted().filter(|one| has_own_words(one));
    let written = written.filter_map(|planned| {
        let item = state.stored(planned.item.as_ref()?.uid.as_ref()?)?;
        Some((planned, item))
    });
    let written: Vec<(&Planned, &Item)> = written.collect();
    if written.is_empty() {
        return Vec::new();
    }
    let moved = MovedLines::since(state, plan, reading);
    let document = Source::of(&reading.text, &reading.document);
    let all = statements(plan, reading);
    let mut out = Vec::new();
    for (after, item) in written {
        let is_own = |key: &Key| plan.follow_ups.get(key) == Some(&after.task.key);
        let followers = plan.tasks.iter();
        let followers = followers.filter(|one| is_own(&one.task.key) && !one.is_gone);
        let followers: Vec<&Planned> = followers.collect();
        let done = closed(state, after).map(|(_, doc)| doc);
        let changed = done.map_or_else(Vec::new, |_| changed(after, &moved, &document));
        if followers.is_empty() && changed.is_empty() {
            continue;
        }
        for one in &all {
            let lines = one.lines;
            let is_there = |own: Lines| moved.of(own).is_some_and(|now| meet(now, lines));
            let follower = followers.iter().find(|one| is_there(one.task.lines));
            let is_changed = changed.iter().any(|own| meet(*own, lines));
            let said = document.words(lines);
            let is_carried = || open_carriers(state, plan, after).any(is_there);
            let is_held = done.is_some_and(|doc| is_done(doc, after, &said));
            if !(is_changed || follower.is_some()) || is_held || said.is_empty() || is_carried() {
                continue;
            }
            let key = key_of(&after.task.key, &said);
            // A reworded task that is still open is that one.
            let is_same = |one: &&&Planned| {
                let is_open = one.item.is_some() && !is_closed(state, one);
                is_open || asks_no_more(&one.task.description, &said)
            };
            let known = follower.filter(|_| plan.task(&key).is_none());
            let key = match (drafted(draft, plan, after, lines), known.filter(is_same)) {
                (Some(task), _) if !is_follow_up(draft, task, after) => continue,
                (Some(task), _) => task.key.clone(),
                (None, Some(known)) => known.task.key.clone(),
                (None, None) => key,
            };
            let criterion = Criterion {
                vague: draft::vague(&said),
                text: said,
                lines,
                requirement: None,
                derived: false,
            };
            out.push(Needed {
                after,
                item,
                key,
                criterion,
            });
        }
    }
    out
}

/// The statements of a document that can be work: not what its author or a person puts aside.
fn statements(plan: &Plan, reading: &Reading) -> Vec<Accounted> {
    use Disposition::{Context, Deferred, Done, NonGoal, Question, Risk};
    let all = draft::account(reading.verdicts(), &[]);
    let anchors = anchors(&reading.text, &all);
    let lines: Vec<&str> = reading.text.lines().collect();
    let is_heading = |one: &Accounted| {
        let first = lines.get((one.lines.start as usize).saturating_sub(1));
        one.disposition == Context && first.is_some_and(|line| line.trim().starts_with('#'))
    };
    let is_aside =
        |one: &Accounted| matches!(one.disposition, Done | Deferred | NonGoal | Question | Risk);
    let all = all.into_iter().zip(anchors);
    let all = all.filter(|(one, anchor)| {
        !(is_aside(one) || is_heading(one) || plan.put_aside.contains_key(anchor))
    });
    all.map(|(one, _)| one).collect()
}

/// The lines of a closed task that were reworded or added after it was written, where they are now. What took the place
/// of its lines and has none of their words is not its.
fn changed(planned: &Planned, moved: &MovedLines, document: &Source<'_>) -> Vec<Lines> {
    let task = &planned.task;
    let criteria = task.acceptance.iter();
    let own = planned.merged.iter().copied().chain([task.lines]);
    let own = own.chain(criteria.clone().map(|one| one.lines));
    let own = own.filter(|lines| lines.start > 0);
    let criteria = criteria.map(|one| one.text.as_str());
    let said: Vec<&str> = criteria.chain([&*task.title, &*task.description]).collect();
    let now = own.filter_map(|lines| moved.of(lines));
    let now = now.filter(|now| moved.is_new(*now) && resembles(&said, &document.words(*now)));
    let new = now.flat_map(|now| {
        let new = moved.new.iter().filter(move |new| meet(**new, now));
        new.map(move |new| Lines {
            start: new.start.max(now.start),
            end: new.end.min(now.end),
        })
    });
    let before = planned.reworded.iter();
    let before = before.filter_map(|lines| moved.of(*lines));
    new.chain(before).collect()
}

/// The lines of the other tasks of a plan that a person or an agent wrote, and that are not closed.
fn open_carriers<'p>(
    state: &'p State<'_>,
    plan: &'p Plan,
    but: &'p Planned,
) -> impl Iterator<Item = Lines> + 'p {
    let others = plan.present_tasks().filter(move |one| {
        one.task.key != but.task.key && one.is_written() && !is_closed(state, one)
    });
    let own = others.flat_map(|one| {
        let criteria = one.task.acceptance.iter().map(|one| one.lines);
        criteria.chain([one.task.lines])
    });
    own.filter(|lines| lines.start > 0)
}

/// True if the item of a task was done with words that ask for what these do.
fn is_done(doc: &Doc, planned: &Planned, said: &str) -> bool {
    let own = [doc.text("title").unwrap_or_default(), doc.body.shown()];
    held(doc, &planned.task.key, said).is_some() || says(own.into_iter(), said)
}

/// The task of a draft, other than this one, that has some lines.
fn drafted<'d>(draft: &'d Draft, plan: &Plan, but: &Planned, lines: Lines) -> Option<&'d Task> {
    let has = |task: &Task| {
        let criteria = task.acceptance.iter().map(|one| one.lines);
        let mut own = criteria.chain([task.lines]);
        own.any(|own| own.start > 0 && meet(own, lines))
    };
    let is_other = |task: &&Task| task.key != but.task.key && !plan.removed.contains_key(&task.key);
    draft.counted().filter(is_other).find(|task| has(task))
}

/// True if a drafted task is new work after this one.
fn is_follow_up(draft: &Draft, task: &Task, after: &Planned) -> bool {
    draft.edges.iter().any(|edge| {
        let is_it = edge.task == task.key && edge.on == after.task.key;
        is_it && edge.rule == FOLLOW_UP
    })
}
