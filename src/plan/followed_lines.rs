//! New work in the lines of closed tasks that a person or an agent wrote: no draft tells what such a task asks for.

use super::anchors::anchors;
use super::document::{Lines, asks_no_more};
use super::draft::{self, Accounted, Criterion, Disposition, Draft, Key, Task, test_task};
use super::line_ranges::meet;
use super::moved_lines::MovedLines;
use super::new_work::{
    FOLLOW_UP, below, changed_lines, closed, edge, is_closed, is_done, last_done, placed, stored,
};
use super::plan_types::{Plan, Planned};
use super::sentences::resembles;
use super::sources::Reading;
use super::write::words::Source;
use crate::model::item::Item;
use crate::store::state::State;

/// New work after a task that a person or an agent wrote.
struct Needed<'p> {
    after: &'p Planned,
    /// The task that it follows: that one, or what was done last in its lines.
    on: &'p Planned,
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
        draft.edges.push(edge(&next, &one.on.task.key, one.item));
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
        let own = needed.iter();
        let own = own.filter(|one| one.after.task.key == *key || one.on.task.key == *key);
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
    let written = written.filter_map(|planned| Some((planned, stored(state, planned)?)));
    let written: Vec<(&Planned, &Item)> = written.collect();
    if written.is_empty() {
        return Vec::new();
    }
    let moved = MovedLines::since(state, plan, reading);
    let document = Source::of(&reading.text, &reading.document);
    let all = statements(plan, reading);
    let mut out: Vec<Needed<'p>> = Vec::new();
    for (after, item) in written {
        let own = &after.task.key;
        let is_own = |one: &&Planned| !one.is_gone && plan.follows(&one.task.key, own);
        let followers: Vec<&Planned> = plan.counted().filter(is_own).collect();
        let changed = match is_closed(state, after) {
            true => changed((after, item), &moved, &document),
            false => Vec::new(),
        };
        if followers.is_empty() && changed.is_empty() {
            continue;
        }
        let others = other_lines(state, plan, after, &moved);
        for lines in all.iter().flat_map(|one| without(one.lines, &others)) {
            let is_there = |one: &&Planned| {
                let now = moved.of(one.task.lines);
                now.is_some_and(|now| meet(now, lines))
            };
            let follower = followers.iter().copied().find(is_there);
            let is_changed = changed.iter().any(|own| meet(*own, lines));
            let said = document.words(lines);
            // Two closed tasks with one line have one task after them.
            let is_known =
                |one: &Needed<'_>| one.after.task.key != *own && meet(one.criterion.lines, lines);
            if !(is_changed || follower.is_some()) || said.is_empty() || out.iter().any(is_known) {
                continue;
            }
            let last = last_done(state, plan, &moved, (own, lines));
            let done = closed(state, after).filter(|_| last.is_none());
            if done.is_some_and(|(_, doc)| is_done(doc, after, &said)) {
                continue;
            }
            let (key, on, item) = placed(state, plan, (after, item), last, &said);
            // A reworded task that is still open is that one.
            let is_same = |one: &&Planned| {
                let is_open = one.item.is_some() && !is_closed(state, one);
                is_open || asks_no_more(&one.task.description, &said)
            };
            let known = follower.filter(|_| plan.task(&key).is_none());
            let key = match (drafted(draft, plan, after, lines), known.filter(is_same)) {
                (Some(task), _) if !is_follow_up(draft, plan, task, after) => continue,
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
                on,
                item,
                key,
                criterion,
            });
        }
    }
    out
}

/// What is left of some lines without others.
fn without(lines: Lines, others: &[Lines]) -> Vec<Lines> {
    let mut left: Vec<Lines> = Vec::new();
    let is_left = |line: &u32| !others.iter().any(|other| meet(*other, Lines::at(*line)));
    for line in (lines.start..=lines.end).filter(is_left) {
        let last = left.last_mut();
        match last.filter(|last| last.end + 1 == line) {
            Some(last) => last.end = line,
            None => left.push(Lines::at(line)),
        }
    }
    left
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

/// The lines of a task, of its criteria and of those that were merged into it.
fn carried(planned: &Planned) -> impl Iterator<Item = Lines> + '_ {
    let criteria = planned.task.acceptance.iter().map(|one| one.lines);
    let own = planned.merged.iter().copied().chain([planned.task.lines]);
    own.chain(criteria).filter(|lines| lines.start > 0)
}

/// The lines of a closed task that were reworded or added after it was written, where they are now. What took the place
/// of its lines and has none of their words is not its.
fn changed(
    (planned, item): (&Planned, &Item),
    moved: &MovedLines,
    document: &Source<'_>,
) -> Vec<Lines> {
    let task = &planned.task;
    let criteria = task.acceptance.iter().map(|one| one.text.as_str());
    let said: Vec<&str> = criteria.chain([&*task.title, &*task.description]).collect();
    let now = carried(planned).filter_map(|lines| moved.of(lines));
    let now = now.filter(|now| moved.is_new(*now) && resembles(&said, &document.words(*now)));
    let new = now.flat_map(|now| {
        let new = moved.new.iter().filter(move |new| meet(**new, now));
        new.map(move |new| Lines {
            start: new.start.max(now.start),
            end: new.end.min(now.end),
        })
    });
    let before = changed_lines(planned, item).filter_map(|lines| moved.of(lines));
    new.chain(before).collect()
}

/// The lines that other tasks which a person or an agent wrote carry now: of closed ones those that are not this task's.
fn other_lines(state: &State<'_>, plan: &Plan, but: &Planned, moved: &MovedLines) -> Vec<Lines> {
    let now = |one| carried(one).filter_map(move |lines| moved.of(lines));
    let own: Vec<Lines> = now(but).collect();
    let is_own = |lines: &Lines| own.iter().any(|own| meet(*own, *lines));
    let others = plan.present_tasks();
    let others = others.filter(|one| one.task.key != but.task.key && one.is_written());
    let mut out = Vec::new();
    for one in others {
        let is_open = !is_closed(state, one);
        out.extend(now(one).filter(|lines| is_open || !is_own(lines)));
    }
    out
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
fn is_follow_up(draft: &Draft, plan: &Plan, task: &Task, after: &Planned) -> bool {
    draft.edges.iter().any(|edge| {
        let is_it = || edge.on == after.task.key || plan.follows(&edge.on, &after.task.key);
        edge.task == task.key && edge.rule == FOLLOW_UP && is_it()
    })
}
