//! Reads the typed plan from its document.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ACCEPTED, BY, CRITERIA, DISPOSITIONS, MILESTONES, NOTES, OUTCOMES, RESEARCH_NOTES, REWORDED,
    TASKS, WAITS, lines_of, of_word,
};
use crate::model::doc::{Doc, Entry};
use crate::model::id::ItemRef;
use crate::model::priority::Priority;
use crate::model::proposed::{MET_BY, Named, names, numbers, own_values};
use crate::model::stamp::Stamp;
use crate::model::value::Value;
use crate::plan::document::Lines;
use crate::plan::draft::{self, Criterion, Edge, Key, Milestone, Note, Task, Validation};
use crate::plan::new_work::FOLLOW_UP;
use crate::plan::plan_types::{
    Plan, PlanStatus, Planned, PutAside, Removed, ResearchNote, TASK_FIELDS,
};

/// The largest number that is accepted.
const MAX_NUMBER: i64 = 1_000_000;

/// The entries of a record that are not removed, in order.
fn in_order<'d>(doc: &'d Doc, record: &str) -> Vec<(&'d str, &'d Entry)> {
    let mut all: Vec<(&str, &Entry)> = doc.entries(record).collect();
    let order = |entry: &Entry| order(entry);
    all.sort_by(|a, b| order(a.1).cmp(&order(b.1)).then_with(|| a.0.cmp(b.0)));
    all
}

/// The order number of an entry; bounded, so that another one always fits before and after it.
pub(in crate::plan) fn order(entry: &Entry) -> i64 {
    let order = entry.value("order").as_int().unwrap_or(i64::MAX);
    order.clamp(-(1 << 52), 1 << 52)
}

fn text(entry: &Entry, name: &str) -> String {
    entry.text(name).unwrap_or_default().to_string()
}

fn some(entry: &Entry, name: &str) -> Option<String> {
    entry
        .text(name)
        .filter(|text| !text.is_empty())
        .map(str::to_string)
}

/// A number, limited to a plausible range: the plan may be hostile.
fn number(entry: &Entry, name: &str) -> Option<u32> {
    let number = entry.value(name).as_int()?.clamp(0, MAX_NUMBER);
    u32::try_from(number).ok()
}

fn criterion(entry: &Entry) -> Criterion {
    let text = text(entry, "text");
    Criterion {
        vague: draft::vague(&text),
        lines: lines_of(entry),
        requirement: some(entry, "requirement"),
        derived: entry.value("derived").is_true(),
        text,
    }
}

fn task(key: &str, entry: &Entry) -> Task {
    let known = |name: &str| entry.text(name).unwrap_or_default();
    let list = |name: &str, by: char| {
        let parts = known(name).split(by).filter(|part| !part.is_empty());
        parts.map(str::to_string).collect()
    };
    Task {
        key: key.to_string(),
        title: text(entry, "title"),
        description: text(entry, "description"),
        item_type: of_word(known("type")).unwrap_or(draft::ItemType::Feature),
        acceptance: Vec::new(),
        estimate: of_word(known("estimate")).unwrap_or(draft::Estimate::M),
        hours: number(entry, "hours").unwrap_or(0),
        estimate_reason: text(entry, "estimate_reason"),
        points: number(entry, "points"),
        priority: number(entry, "priority")
            .and_then(|stated| Priority::try_from(u8::try_from(stated).ok()?).ok()),
        risk: of_word(known("risk")).unwrap_or(draft::Risk::Low),
        risk_reason: text(entry, "risk_reason"),
        validation: of_word(known("validation")).unwrap_or(draft::Validation::TestAfter),
        validation_reason: text(entry, "validation_reason"),
        stream: text(entry, "stream"),
        paths: list("paths", '\n'),
        requirement: some(entry, "requirement"),
        covers: list("covers", ' '),
        milestone: some(entry, "milestone"),
        story: some(entry, "story"),
        lines: lines_of(entry),
        tests: some(entry, "tests"),
        auto_policy: of_word(known("auto_policy")).unwrap_or(draft::AutoPolicy::None),
    }
}

/// Reads the typed plan.
pub(in crate::plan) fn read(doc: &Doc) -> Plan {
    let numbers = numbers(doc);
    let mut tasks: Vec<Planned> = Vec::new();
    let of_task = |all: &[(&str, Lines)], key: &str| -> Vec<Lines> {
        let own = all.iter().filter(|(task, _)| *task == key);
        own.map(|(_, lines)| *lines).collect()
    };
    let accepted = reworded(doc, |mark| mark.as_str() == Some(ACCEPTED));
    let reworded = reworded(doc, Value::is_true);
    let mut criteria: BTreeMap<&str, Vec<Criterion>> = BTreeMap::new();
    for (_, entry) in in_order(doc, CRITERIA) {
        let of = entry.text("task").unwrap_or_default();
        criteria.entry(of).or_default().push(criterion(entry));
    }
    let by_hand = |entry: &Entry| {
        let (mut actors, mut times) = (BTreeMap::new(), BTreeMap::new());
        for (name, reg) in &entry.regs {
            if let Some(field) = name.strip_prefix("by_")
                && let Some(actor) = reg.value.as_str()
            {
                actors.insert(field.to_string(), actor.to_string());
                times.insert(field.to_string(), reg.stamp.clone());
            }
        }
        (actors, times)
    };
    let hands = criteria_by_hand(doc);
    let mut merged: BTreeMap<&str, Vec<Lines>> = BTreeMap::new();
    for (key, entry) in doc.all_entries(TASKS) {
        let (into, lines) = (carrier_of(doc, key), lines_of(entry));
        if into != key && lines.start > 0 {
            merged.entry(into).or_default().push(lines);
        }
    }
    let all = doc.all_entries(TASKS);
    // A task with an item remains visible, even if it is no longer in the document.
    let shown = all.filter(|(_, entry)| !entry.is_removed() || entry.text("item").is_some());
    for (key, entry) in shown {
        let mut task = task(key, entry);
        let (mut by_hand, set_at) = by_hand(entry);
        if entry.text(BY).is_none()
            && let Some((_, actor)) = hands.get(key)
        {
            by_hand.insert("acceptance".into(), (*actor).to_string());
        }
        task.acceptance = criteria.remove(key).unwrap_or_default();
        tasks.push(Planned {
            number: numbers.get(key).copied().unwrap_or(0),
            name: text(entry, "name"),
            item: entry.text("item").map(ItemRef::parse),
            added_by: some(entry, BY),
            by_hand,
            set_at,
            is_gone: entry.is_removed()
                || entry.text(BY).is_some() && !merged.contains_key(key) && is_lost(&task),
            reworded: of_task(&reworded, key),
            accepted: of_task(&accepted, key),
            merged: merged.remove(key).unwrap_or_default(),
            research_notes: Vec::new(),
            own: own_values(entry),
            task,
        });
    }
    let order = |one: &Planned| doc.entry(TASKS, &one.task.key)?.value("order").as_int();
    tasks.sort_by_key(|one| (order(one).unwrap_or(i64::MAX), one.number));
    let keys: BTreeSet<String> = tasks.iter().map(|p| p.task.key.clone()).collect();
    let mut waits: Vec<Edge> = doc
        .entries(WAITS)
        .filter_map(|(id, entry)| {
            let (task, on) = id.split_once(' ')?;
            let edge = Edge {
                task: task.to_string(),
                on: on.to_string(),
                class: of_word(entry.text("class")?)?,
                rule: text(entry, "rule"),
                line: number(entry, "line").unwrap_or(0),
                reason: text(entry, "reason"),
            };
            let is_there = keys.contains(task) && keys.contains(on) && task != on;
            is_there.then_some(edge)
        })
        .collect();
    with_tests(doc, &numbers, &mut tasks, &mut waits);
    name_all(&mut tasks);
    let mut research: BTreeMap<&str, Vec<ResearchNote>> = BTreeMap::new();
    for (task, note) in research_notes(doc) {
        research.entry(task).or_default().push(note);
    }
    for planned in &mut tasks {
        let notes = research.remove(planned.task.key.as_str());
        planned.research_notes = notes.unwrap_or_default();
    }
    let keys: BTreeSet<&str> = tasks.iter().map(|p| p.task.key.as_str()).collect();
    let is_there = |key: &String| keys.contains(key.as_str());
    waits.retain(|wait| is_there(&wait.task) && is_there(&wait.on));
    let removed = doc
        .all_entries(TASKS)
        .filter(|(_, entry)| entry.is_removed() && entry.text("by_removed").is_some())
        .map(|(key, entry)| (key.to_string(), task(key, entry)))
        .collect();
    let removed_parts = removed_parts(doc);
    let met_by = doc.all_entries(TASKS).filter(|(_, one)| one.is_removed());
    let met_by = met_by.filter_map(|(key, one)| Some((key, one.text(MET_BY)?)));
    let met_by = met_by.map(|(key, item)| (key.to_owned(), ItemRef::parse(item)));
    let milestones = milestones(doc, &mut tasks);
    let notes = |sort: &str| notes(doc, sort);
    let status = match doc.text("status") {
        Some("approved") => PlanStatus::Approved,
        _ => PlanStatus::Draft,
    };
    let known = |name: &str| doc.text(name).map(str::to_string);
    let count = |name: &str| usize::try_from(doc.value(name).as_int()?).ok();
    Plan {
        uid: doc.uid.clone(),
        prd: ItemRef::parse(doc.text("prd").unwrap_or_default()),
        title: known("title").unwrap_or_default(),
        status,
        document: known("document").unwrap_or_default(),
        line_hashes: known("line_hashes").unwrap_or_default(),
        strategy: of_word(doc.text("strategy").unwrap_or_default())
            .unwrap_or(draft::Strategy::Single),
        threshold: count("threshold").unwrap_or(0),
        branches: known("branches"),
        tasks,
        removed,
        met_by: met_by.collect(),
        removed_parts,
        put_aside: put_aside(doc),
        waits,
        follow_ups: follow_ups(doc),
        milestones,
        questions: notes("question"),
        deferred: notes("deferred"),
        external: notes("external"),
        guards: notes("guard"),
        ready: notes("ready"),
        done: notes("done"),
        epic: doc.text("epic").map(ItemRef::parse),
        approved_at: known("approved_at"),
        approved_by: known("approved_by"),
        approval: known("approval"),
        edits: count("edits").unwrap_or_else(|| edits(doc)),
        approved_document: known("approved_document"),
        accepted_document: known("accepted_document"),
    }
}

/// The tasks of new work after another one, each with that one; also where the edge was removed by hand.
fn follow_ups(doc: &Doc) -> BTreeMap<Key, Key> {
    let all = doc.all_entries(WAITS);
    let own = all.filter(|(_, entry)| entry.text("rule") == Some(FOLLOW_UP));
    let ends = own.filter_map(|(id, _)| id.split_once(' '));
    ends.map(|(task, on)| (task.to_owned(), on.to_owned()))
        .collect()
}

/// Gives every task its unique name.
fn name_all(tasks: &mut [Planned]) {
    let named: Vec<Named<'_>> = tasks
        .iter()
        .map(|planned| Named {
            given: &planned.name,
            requirement: planned.task.requirement.as_deref().unwrap_or_default(),
            number: planned.number,
        })
        .collect();
    let names = names(&named);
    for (planned, name) in tasks.iter_mut().zip(names) {
        planned.name = name;
    }
}

/// True if no line is left that a written task and its criteria had.
fn is_lost(task: &Task) -> bool {
    let all = &task.acceptance;
    let is_left = task.lines.start > 0 || all.iter().any(|one| one.lines.start > 0);
    !is_left && all.iter().any(|one| !one.derived)
}

/// The task that carries the statements of one now: that into which it was merged, or itself.
fn carrier_of<'d>(doc: &'d Doc, key: &'d str) -> &'d str {
    let into = |key: &str| -> Option<&'d str> {
        let entry = doc.entry(TASKS, key).filter(|entry| entry.is_removed())?;
        entry.text("merged")
    };
    // Two clones can merge two tasks into each other.
    let mut known = BTreeSet::from([key]);
    let mut key = key;
    while let Some(next) = into(key).filter(|next| known.insert(next)) {
        key = next;
    }
    key
}

/// The tasks that were removed by hand, with their criteria, and the removed criteria of other tasks.
fn removed_parts(doc: &Doc) -> Vec<Removed> {
    let remover = |entry: &Entry| {
        let by = entry.text("by_removed").filter(|_| entry.is_removed())?;
        Some(by.to_owned())
    };
    let tasks = doc.all_entries(TASKS);
    let tasks = tasks.filter(|(_, entry)| entry.text("tests").is_none());
    let tasks = tasks.filter_map(|(key, entry)| {
        let carrier = doc.entry(TASKS, carrier_of(doc, key))?;
        Some((key, (entry, remover(carrier)?)))
    });
    let tasks: BTreeMap<&str, (&Entry, String)> = tasks.collect();
    let hands = |entry: &Entry| -> Vec<String> {
        let is_author = |name: &str| {
            name == BY || name.starts_with("by_") && !matches!(name, "by_removed" | "by_order")
        };
        let regs = entry.regs.iter().filter(|(name, _)| is_author(name));
        regs.filter_map(|(_, reg)| Some(reg.value.as_str()?.to_owned()))
            .collect()
    };
    let part = |entry: &Entry, task: Option<&(&Entry, String)>| {
        let by = task.map(|(_, by)| by.clone()).or_else(|| remover(entry))?;
        let of_task = task.map_or_else(Vec::new, |(task, _)| hands(task));
        let lines = lines_of(entry);
        (lines.start > 0).then(|| Removed {
            lines,
            is_task: task.is_some(),
            authors: hands(entry).into_iter().chain(of_task).collect(),
            by,
        })
    };
    let criteria = doc.all_entries(CRITERIA);
    let criteria = criteria.filter(|(_, entry)| !entry.value("derived").is_true());
    let criteria = criteria.filter_map(|(_, entry)| part(entry, tasks.get(entry.text("task")?)));
    let whole = tasks.values().filter_map(|task| part(task.0, Some(task)));
    whole.chain(criteria).collect()
}

/// The lines that were reworded after their tasks were written, and have such a mark, with the keys of these.
fn reworded(doc: &Doc, has: impl Fn(&Value) -> bool) -> Vec<(&str, Lines)> {
    let tasks = doc.entries(TASKS);
    let criteria = doc
        .entries(CRITERIA)
        .map(|(_, entry)| (entry.text("task").unwrap_or_default(), entry));
    let all = tasks.chain(criteria);
    let reworded = all.filter(|(_, entry)| has(entry.value(REWORDED)));
    let lines = reworded.map(|(key, entry)| (key, lines_of(entry)));
    lines.filter(|(_, lines)| lines.start > 0).collect()
}

/// The statements that were put aside by hand.
fn put_aside(doc: &Doc) -> BTreeMap<String, PutAside> {
    let of = |(anchor, entry): (&str, &Entry)| {
        let aside = PutAside {
            disposition: of_word(entry.text("disposition")?)?,
            reason: text(entry, "reason"),
            text: text(entry, "text"),
            line: entry.value("line").as_int().unwrap_or(0),
            by: text(entry, BY),
        };
        Some((anchor.to_string(), aside))
    };
    doc.entries(DISPOSITIONS).filter_map(of).collect()
}

/// Adds the test tasks with their fields and edges, which follow from the tasks they test. So after
/// a merge of two strategies, the resulting one has its test task.
fn with_tests(
    doc: &Doc,
    numbers: &BTreeMap<&str, u32>,
    tasks: &mut Vec<Planned>,
    waits: &mut Vec<Edge>,
) {
    let old: BTreeMap<String, Planned> = tasks
        .iter()
        .filter_map(|planned| Some((planned.task.tests.clone()?, planned.clone())))
        .collect();
    let is_tested = |planned: &&Planned| {
        planned.task.tests.is_none()
            && !planned.is_gone
            && planned.task.validation != Validation::None
    };
    let tested = tasks.iter().filter(is_tested);
    let tested: BTreeSet<String> = tested.map(|planned| planned.task.key.clone()).collect();
    // A test task with an item remains visible even if nothing asks for it.
    tasks.retain(|planned| match &planned.task.tests {
        Some(of) => planned.item.is_some() && !tested.contains(of),
        None => true,
    });
    waits.retain(|wait| !wait.is_of_test());
    let mut last = numbers.values().copied().max().unwrap_or(0);
    let mut all = Vec::with_capacity(tasks.len() * 2);
    for planned in std::mem::take(tasks) {
        let is_tested = tested.contains(&planned.task.key);
        let (test, edge) = match is_tested {
            true => draft::test_task(&planned.task),
            false => (None, None),
        };
        waits.extend(edge);
        let known = old.get(&planned.task.key).cloned();
        all.push(planned);
        let Some(test) = test else { continue };
        let number = numbers.get(test.key.as_str()).copied().unwrap_or_else(|| {
            last = last.saturating_add(1);
            last
        });
        all.push(of_test(doc, known, test, number));
    }
    *tasks = all;
}

/// A test task: derived from the task it tests, except for manual changes.
fn of_test(doc: &Doc, known: Option<Planned>, mut test: Task, number: u32) -> Planned {
    let Some(mut known) = known else {
        let item = doc
            .entry(TASKS, &test.key)
            .and_then(|entry| entry.text("item"));
        return Planned {
            number,
            name: String::new(),
            item: item.map(ItemRef::parse),
            added_by: None,
            by_hand: BTreeMap::new(),
            set_at: BTreeMap::new(),
            is_gone: false,
            reworded: Vec::new(),
            accepted: Vec::new(),
            merged: Vec::new(),
            research_notes: Vec::new(),
            own: Vec::new(),
            task: test,
        };
    };
    let own = &known.task;
    macro_rules! keep {
        ($($name:literal: $($field:ident),+;)+) => {
            $(if known.by_hand.contains_key($name) {
                $(test.$field = own.$field.clone();)+
            })+
        };
    }
    keep! {
        "title": title;
        "description": description;
        "acceptance": acceptance;
        "estimate": estimate, hours, estimate_reason;
        "risk": risk, risk_reason;
        "points": points;
        "priority": priority;
        "stream": stream;
        "milestone": milestone;
        "paths": paths;
        "auto_policy": auto_policy;
        "type": item_type;
    }
    known.task = test;
    known.is_gone = false;
    known
}

/// The last manual change of the criteria of each task: its stamp and actor.
fn criteria_by_hand(doc: &Doc) -> BTreeMap<&str, (&Stamp, &str)> {
    let mut out: BTreeMap<&str, (&Stamp, &str)> = BTreeMap::new();
    for (_, entry) in doc.all_entries(CRITERIA) {
        let Some(task) = entry.text("task") else {
            continue;
        };
        for name in [BY, "by_removed"] {
            if let Some(reg) = entry.regs.get(name)
                && let Some(actor) = reg.value.as_str()
            {
                let last = out.entry(task).or_insert((&reg.stamp, actor));
                *last = (*last).max((&reg.stamp, actor));
            }
        }
    }
    out
}

/// The number of manual changes in a plan: fields of tasks, tasks and edges added or removed, lists
/// of criteria. Consequences of another change (a reason, a test task) do not count.
pub(in crate::plan) fn edits(doc: &Doc) -> usize {
    let is_by_hand = |entry: &Entry, name: &str| entry.text(name).is_some();
    let is_changed = |entry: &Entry| is_by_hand(entry, BY) || is_by_hand(entry, "by_removed");
    let mut moved = false;
    let mut count = 0;
    let tasks = doc.all_entries(TASKS);
    for (_, entry) in tasks.filter(|(_, entry)| entry.text("tests").is_none()) {
        let set = |field: &&&str| is_by_hand(entry, &format!("{BY}_{field}"));
        count += TASK_FIELDS.iter().filter(set).count();
        count += usize::from(is_by_hand(entry, BY)) + usize::from(is_by_hand(entry, "by_removed"));
        moved |= is_by_hand(entry, "by_order");
    }
    let follows = |entry: &Entry| {
        entry
            .text("rule")
            .is_some_and(|rule| rule.starts_with("test-"))
    };
    let waits = doc.all_entries(WAITS);
    count += waits
        .filter(|(_, entry)| !follows(entry) && is_changed(entry))
        .count();
    let criteria = doc.all_entries(CRITERIA);
    let criteria: BTreeSet<&str> = criteria
        .filter(|(_, entry)| is_changed(entry))
        .filter_map(|(_, entry)| entry.text("task"))
        .collect();
    let own = |key: &&&str| {
        let entry = doc.entry(TASKS, key);
        entry.is_some_and(|entry| !is_by_hand(entry, BY))
    };
    count + criteria.iter().filter(own).count() + usize::from(moved)
}

fn milestones(doc: &Doc, tasks: &mut [Planned]) -> Vec<Milestone> {
    let outcomes = in_order(doc, OUTCOMES);
    let listed = in_order(doc, MILESTONES);
    let keys: BTreeSet<&str> = listed.iter().map(|(key, _)| *key).collect();
    for planned in tasks.iter_mut() {
        planned
            .task
            .milestone
            .take_if(|key| !keys.contains(key.as_str()));
    }
    listed
        .iter()
        .map(|(key, entry)| {
            let of = |sort: &str| {
                let all = outcomes.iter().map(|(_, outcome)| *outcome);
                all.filter(|o| o.text("task") == Some(key) && o.text("sort") == Some(sort))
                    .map(criterion)
                    .collect()
            };
            let members = tasks.iter().map(|p| &p.task);
            Milestone {
                key: (*key).to_string(),
                title: text(entry, "title"),
                lines: lines_of(entry),
                deliverables: of("deliverable"),
                success: of("success"),
                goal: some(entry, "goal"),
                tasks: members
                    .filter(|task| task.milestone.as_deref() == Some(key))
                    .map(|task| task.key.clone())
                    .collect(),
                after: some(entry, "after").filter(|after| keys.contains(after.as_str())),
            }
        })
        .collect()
}

/// The research notes of all tasks, each with the task's key, the oldest first.
pub(super) fn research_notes(doc: &Doc) -> Vec<(&str, ResearchNote)> {
    let mut all: Vec<(&str, &Entry)> = doc.entries(RESEARCH_NOTES).collect();
    all.sort_by(|a, b| a.1.at.cmp(&b.1.at).then_with(|| a.0.cmp(b.0)));
    let note = |entry: &Entry| ResearchNote {
        text: text(entry, "text"),
        about: some(entry, "about"),
        by: text(entry, BY),
    };
    let all = all.into_iter();
    all.filter_map(|(_, entry)| Some((entry.text("task")?, note(entry))))
        .collect()
}

fn notes(doc: &Doc, sort: &str) -> Vec<Note> {
    let all = in_order(doc, NOTES).into_iter();
    all.filter(|(_, entry)| entry.text("sort") == Some(sort))
        .map(|(id, entry)| Note {
            key: id.split_once(' ').map_or(id, |(_, key)| key).to_string(),
            text: text(entry, "text"),
            lines: lines_of(entry),
        })
        .collect()
}
