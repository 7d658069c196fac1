//! What a document asks of a closed task beyond the criteria of its item: new work, in a task that follows it.

use std::collections::BTreeSet;

use super::document::{Lines, normalize};
use super::draft::{Draft, Edge, EdgeClass, Task, test_task};
use super::line_ranges::meet;
use super::moved_lines::MovedLines;
use super::plan_types::{Plan, Planned};
use super::record::criterion_id;
use super::same_task::asks_no_more;
use super::sources::Reading;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::text::{one_line, shorten};
use crate::model::uid::sha256_hex;
use crate::store::state::State;

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
        let key = |said: &str| {
            let key = format!("follows\u{1f}{}\u{1f}{}", task.key, normalize(said));
            sha256_hex(key.as_bytes())[..12].to_owned()
        };
        let below = new.iter().map(|one| Task {
            description: one.text.clone(),
            priority: task.priority,
            validation: task.validation,
            stream: task.stream.clone(),
            milestone: task.milestone.clone(),
            lines: one.lines,
            acceptance: vec![one.clone()],
            ..Task::plain(&key(&one.text), &named_after(planned, &one.text))
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
            draft.edges.push(Edge {
                task: next.key.clone(),
                on: task.key.clone(),
                class: EdgeClass::of(item.status.is_finished()),
                rule: "follow-up".to_owned(),
                line: next.lines.start,
                reason: "it is new work after that task was closed".to_owned(),
            });
            let (test, edge) = test_task(&next);
            draft.edges.extend(edge);
            tasks.push(next);
            tasks.extend(test);
        }
    }
    draft.tasks = tasks;
}
