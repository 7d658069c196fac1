//! Proposed items: the tasks of a plan before its approval, as items of status `proposed`.
//!
//! They are kept in the plan's document, so that an approval creates what its approver saw and
//! nothing that another clone writes meanwhile. For every verb they are ordinary items. Pure.

mod reworded;
mod write_item;
mod writer;

use std::collections::{BTreeMap, BTreeSet};

use super::doc::{Doc, Entry};
use super::id::ItemRef;
use super::issue_fields::Gate;
use super::limits::PLANNED_NUMBER_MAX;
use super::planned_id::{planned_born, planned_uid};
use super::stamp::Stamp;
use super::uid::{Uid, sha256_hex};
use super::value::Value;

pub use reworded::{Replaced, reworded_criteria};
pub use write_item::{BY_HAND, Unkept, write_item};
pub use writer::{BY, Writer};

/// The record of a plan's document with its tasks. The names of the others follow.
pub const TASKS: &str = "tasks";
/// Acceptance criteria of tasks.
pub const CRITERIA: &str = "criteria";
/// The register of a task or criterion whose lines were reworded after it was written.
pub const REWORDED: &str = "reworded";
/// The register of a removed task with the work that was said to meet it.
pub const MET_BY: &str = "met_by";
/// Edges between tasks.
pub const WAITS: &str = "waits";
/// Phases, in their order.
pub const MILESTONES: &str = "milestones";
/// What was found out for a task before its approval.
pub const RESEARCH_NOTES: &str = "research_notes";

/// The registers of a task's entry that its item has under the same names.
const SAME: [&str; 8] = [
    "type",
    "estimate",
    "points",
    "risk",
    "validation",
    "stream",
    "requirement",
    "story",
];

/// The same, of those that no document states.
const OWN: [&str; 6] = [
    "assignee",
    "due_at",
    "defer_until",
    "design",
    "acceptance_criteria",
    "spec_id",
];

/// The sets of an item that a task's entry has as texts with an element on each line.
const SETS: [&str; 3] = ["paths", "labels", "external_refs"];

/// True if a task's entry has an element of a set on each line of this register.
pub fn is_set(name: &str) -> bool {
    SETS.contains(&name)
}

/// The values of a task that no document states, by their names.
pub fn own_values(entry: &Entry) -> Vec<(&'static str, Value)> {
    let all = OWN.iter().chain(&SETS[1..]);
    let all = all.map(|name| (*name, entry.value(name).clone()));
    all.filter(|(_, value)| !value.is_null()).collect()
}

/// The distance between the order numbers of two entries, so that another one fits between them.
pub const STEP: i64 = 1_000;

/// The order number of the nth element of a list.
pub fn order_of(n: usize) -> i64 {
    i64::try_from(n + 1).unwrap_or(i64::MAX / STEP) * STEP
}

/// The id of a criterion's entry.
pub fn criterion_id(task: &str, text: &str) -> String {
    format!("{task}.{}", &sha256_hex(text.trim().as_bytes())[..8])
}

/// The key of the task that tests another one.
pub fn test_key(key: &str) -> String {
    sha256_hex(format!("test\u{1f}{key}\u{1f}").as_bytes())[..12].to_string()
}

/// The numbers of all tasks that ever existed, by key: unique, even if two clones assigned the same
/// number.
pub fn numbers(plan: &Doc) -> BTreeMap<&str, u32> {
    let mut given: Vec<(u32, &Stamp, &str)> = plan
        .all_entries(TASKS)
        .map(|(key, entry)| (number(entry, "number").max(1), &entry.at, key))
        .collect();
    given.sort();
    let mut taken: BTreeSet<u32> = given.iter().map(|(number, _, _)| *number).collect();
    let mut out: BTreeMap<&str, u32> = BTreeMap::new();
    let mut last = 0;
    for (number, _, key) in given {
        let number = if number == last {
            let free = taken.last().map_or(1, |highest| highest.saturating_add(1));
            taken.insert(free);
            free
        } else {
            last = number;
            number
        };
        out.insert(key, number);
    }
    out
}

/// A number, limited to a plausible range: the plan may be hostile.
fn number(entry: &Entry, name: &str) -> u32 {
    let number = entry
        .value(name)
        .as_int()
        .unwrap_or(0)
        .clamp(0, PLANNED_NUMBER_MAX);
    u32::try_from(number).unwrap_or(0)
}

/// What names a task in its plan.
pub struct Named<'n> {
    /// The name that its author gave it; may be empty.
    pub given: &'n str,
    /// The id of its requirement; may be empty.
    pub requirement: &'n str,
    /// Its number.
    pub number: u32,
}

/// The unique names of tasks, in their order: that of the author, else the requirement's id, else the
/// number.
pub fn names(tasks: &[Named<'_>]) -> Vec<String> {
    let slug = |id: &str| {
        let id = id.to_ascii_lowercase().replace(['.', '_'], "-");
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (!id.is_empty() && id.bytes().all(valid)).then_some(id)
    };
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut out = vec![String::new(); tasks.len()];
    for is_given in [true, false] {
        for (task, name) in tasks.iter().zip(&mut out) {
            if task.given.is_empty() == is_given {
                continue;
            }
            let wanted = match is_given {
                true => Some(task.given.to_string()),
                false => slug(task.requirement),
            };
            let free = wanted.filter(|name| !taken.contains(name));
            *name = free.unwrap_or_else(|| format!("t{}", task.number));
            taken.insert(name.clone());
        }
    }
    out
}

/// A task of a plan, as its document names it.
pub struct PlannedTask {
    /// Its key.
    pub key: String,
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// The item that an approval created; until then the task is a proposed item.
    pub item: Option<ItemRef>,
    /// Set if it was removed.
    pub removed: bool,
}

/// The tasks of a plan in their order, without tests that follow from them; then those that were
/// removed.
pub fn planned(plan: &Doc) -> Vec<PlannedTask> {
    if plan.value("deleted").is_true() {
        return Vec::new();
    }
    let numbers = numbers(plan);
    let number = |key: &str| numbers.get(key).copied().unwrap_or(0);
    let mut all: Vec<(&str, &Entry)> = plan
        .entries(TASKS)
        .filter(|(_, entry)| entry.text("tests").is_none())
        .collect();
    all.sort_by_key(|(key, entry)| {
        let order = entry.value("order").as_int().unwrap_or(i64::MAX);
        (order, number(key))
    });
    let named: Vec<Named<'_>> = all
        .iter()
        .map(|(key, entry)| Named {
            given: entry.text("name").unwrap_or_default(),
            requirement: entry.text("requirement").unwrap_or_default(),
            number: number(key),
        })
        .collect();
    let named = all.iter().zip(names(&named));
    let gone = plan.all_entries(TASKS);
    let gone = gone.filter(|(_, entry)| entry.is_removed() && entry.text("tests").is_none());
    let removed = gone.map(|(key, entry)| PlannedTask {
        key: key.to_string(),
        number: number(key),
        name: String::new(),
        item: entry.text("item").map(ItemRef::parse),
        removed: true,
    });
    named
        .map(|((key, entry), name)| PlannedTask {
            key: (*key).to_string(),
            number: number(key),
            name,
            item: entry.text("item").map(ItemRef::parse),
            removed: false,
        })
        .chain(removed)
        .collect()
}

/// The items around a plan's tasks.
pub struct Around {
    /// Its PRD.
    pub prd: ItemRef,
    /// Its epic, once it exists.
    pub epic: Option<ItemRef>,
}

impl Around {
    /// A reference to the item for a part of a plan.
    pub fn part(&self, plan: &Uid, part: &str) -> ItemRef {
        // A milestone's birth id has its key alone.
        let own = part.strip_prefix("milestone.").unwrap_or(part);
        ItemRef::to(&planned_born(&self.prd.born, own), &planned_uid(plan, part))
    }
}

/// A plan's document with its entries by task.
pub struct ByTask<'p> {
    plan: &'p Doc,
    around: Around,
    criteria: BTreeMap<&'p str, Entries<'p>>,
    notes: BTreeMap<&'p str, Entries<'p>>,
    waits: BTreeMap<&'p str, Entries<'p>>,
}

type Entries<'p> = Vec<(&'p str, &'p Entry)>;

impl<'p> ByTask<'p> {
    /// Sorts the entries of a plan's document.
    pub fn of(plan: &'p Doc, around: Around) -> ByTask<'p> {
        let of_tasks = |record: &str| {
            let mut out: BTreeMap<&str, Entries<'p>> = BTreeMap::new();
            for (id, entry) in plan.entries(record) {
                let task = entry.text("task").unwrap_or_default();
                out.entry(task).or_default().push((id, entry));
            }
            out
        };
        let mut criteria = of_tasks(CRITERIA);
        for own in criteria.values_mut() {
            own.sort_by_key(|(id, entry)| (entry.value("order").as_int(), *id));
        }
        let mut notes = of_tasks(RESEARCH_NOTES);
        for own in notes.values_mut() {
            own.sort_by(|a, b| a.1.at.cmp(&b.1.at).then_with(|| a.0.cmp(b.0)));
        }
        let mut waits: BTreeMap<&str, Entries<'p>> = BTreeMap::new();
        for (id, entry) in plan.entries(WAITS) {
            if let Some((task, on)) = id.split_once(' ') {
                waits.entry(task).or_default().push((on, entry));
            }
        }
        ByTask {
            plan,
            around,
            criteria,
            notes,
            waits,
        }
    }

    /// The document of a task's item, with the values that an approval gives it, all of them derived;
    /// deleted, if the task was removed.
    pub fn document(&self, key: &str) -> Option<Doc> {
        let (plan, around) = (self.plan, &self.around);
        let entry = plan.entry(TASKS, key)?;
        let uid = planned_uid(&plan.uid, key);
        let (born, birth) = (planned_born(&around.prd.born, key), Stamp::origin(&uid));
        let mut doc = Doc::new(uid, "task", &born, birth);
        doc.regs.remove("id");
        put_fields(&mut doc, &|name| entry.value(name).clone());
        if let Some(prd) = &around.prd.uid {
            doc.put("planned_from", prd.as_str());
        }
        let epic = around.epic.as_ref().map(ItemRef::to_string);
        doc.put("epic", Value::from(epic));
        for name in ["created_at", "created_by"] {
            doc.put(name, plan.value(name).clone());
        }
        let criteria = self.criteria.get(key).into_iter().flatten();
        for (n, (_, entry)) in criteria.enumerate() {
            let text = entry.text("text").unwrap_or_default();
            let fields = [
                ("source_lines", entry.value("lines").clone()),
                ("requirement", entry.value("requirement").clone()),
            ];
            put_criterion(&mut doc, key, n, text, &fields);
        }
        for (on, entry) in self.waits.get(key).into_iter().flatten() {
            let is_of_test = entry.text("rule").is_some_and(|r| r.starts_with("test-"));
            if is_there(plan, on) && *on != key && !is_of_test {
                let item = plan.entry(TASKS, on).and_then(|on| on.text("item"));
                let item = item.map_or_else(|| around.part(&plan.uid, on), ItemRef::parse);
                let is_soft = entry.text("class") == Some("soft");
                let fields =
                    ["rule", "line", "reason"].map(|name| (name, entry.value(name).clone()));
                put_wait(&mut doc, &item, is_soft, &fields);
            }
        }
        let milestone = |key: &str| plan.entry(MILESTONES, key).filter(|m| !m.is_removed());
        if let Some((own, found)) = entry
            .text("milestone")
            .and_then(|key| Some((key, milestone(key)?)))
        {
            let part = |key: &str| around.part(&plan.uid, &format!("milestone.{key}"));
            let gate = found.text("after").filter(|key| milestone(key).is_some());
            put_milestone(&mut doc, &part(own), gate.map(part).as_ref());
        }
        let notes = self.notes.get(key).into_iter().flatten();
        put_notes(&mut doc, notes.filter_map(|(_, entry)| entry.text("text")));
        doc.put("deleted", Value::from(entry.is_removed().then_some(true)));
        Some(doc)
    }
}

/// True if a plan has a task that another one can wait for: one with an item, or a proposed one.
fn is_there(plan: &Doc, key: &str) -> bool {
    plan.entry(TASKS, key).is_some_and(|entry| {
        entry.text("item").is_some() || !entry.is_removed() && entry.text("tests").is_none()
    })
}

/// Puts the fields of a planned task that follow from the task alone; a field has its name in the
/// plan's document.
pub fn put_fields(doc: &mut Doc, value: &dyn Fn(&str) -> Value) {
    doc.put("title", value("title"));
    doc.put("priority", 2);
    doc.put("priority", value("priority"));
    doc.put("status", "queued");
    for name in SAME.iter().chain(&OWN) {
        doc.put(name, value(name));
    }
    for set in SETS {
        for element in value(set).as_str().unwrap_or_default().lines() {
            doc.put_element(set, element);
        }
    }
    doc.put("source_lines", value("lines"));
    let hours = value("hours")
        .as_int()
        .unwrap_or(0)
        .clamp(0, PLANNED_NUMBER_MAX);
    doc.put("estimated_minutes", hours * 60);
    // The default is `none`, by which the start of a run decides. Only `none` by hand forbids one.
    if value("auto_policy").as_str() != Some("none") || !value("by_auto_policy").is_null() {
        doc.put("auto_policy", value("auto_policy"));
    }
    doc.put_body(value("description").as_str().unwrap_or_default());
}

/// Adds a criterion whose id follows from its text, so that two approvals of one plan give the same.
pub fn put_criterion(doc: &mut Doc, key: &str, n: usize, text: &str, fields: &[(&str, Value)]) {
    let id = sha256_hex(format!("{key} {text}").as_bytes())[..8].to_string();
    let mut all = vec![("text", Value::from(text)), ("order", order_of(n).into())];
    all.extend_from_slice(fields);
    let at = doc.birth.clone();
    doc.add_entry("acceptance", &id, at, &all);
}

/// Adds a dependency with its class, and the rule, line and reason that it is based on.
pub fn put_wait(doc: &mut Doc, on: &ItemRef, is_soft: bool, fields: &[(&str, Value)]) {
    doc.put_element("depends_on", &on.to_string());
    let mut all = vec![("class", Value::from(is_soft.then_some("soft")))];
    all.extend_from_slice(fields);
    let at = doc.birth.clone();
    doc.add_entry("edge_attributes", &format!("blocks {on}"), at, &all);
}

/// Puts a task into a milestone; `gate` is the one whose tasks have to be done first.
pub fn put_milestone(doc: &mut Doc, milestone: &ItemRef, gate: Option<&ItemRef>) {
    doc.put_element("edges", &format!("parent-child {milestone}"));
    let Some(gate) = gate else { return };
    let edge = format!("waits-for {gate}");
    doc.put_element("edges", &edge);
    let metadata = Value::from(Gate::AllChildren.metadata());
    let class = [("metadata", metadata), ("rule", "phase-gate".into())];
    let at = doc.birth.clone();
    doc.add_entry("edge_attributes", &edge, at, &class);
}

/// Puts research notes, the oldest first.
pub fn put_notes<'n>(doc: &mut Doc, notes: impl Iterator<Item = &'n str>) {
    let notes: Vec<String> = notes
        .map(|text| format!("- {}", text.trim().replace('\n', "\n  ")))
        .collect();
    if !notes.is_empty() {
        doc.put("notes", notes.join("\n"));
    }
}
