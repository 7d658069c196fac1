//! The differences between an existing item and the part of the plan that it was made from: pure.
//! A value that was not written since has a derived stamp, and may follow the plan, as may one that an undo
//! brought back (`restored.rs`). One that a person wrote stays, and is reported only if the plan has
//! changed since.

use crate::model::doc::{Doc, Entry};
use crate::model::id::ItemRef;
use crate::model::register_diff::Place;
use crate::model::stamp::{Clock, Stamp};
use crate::model::value::Value;

/// The registers that follow the plan, each with the field that a report names; those without one
/// only say where in the document it is.
const REGISTERS: [(&str, Option<&str>); 21] = [
    ("title", Some("title")),
    ("type", Some("type")),
    ("estimate", Some("estimate")),
    ("estimated_minutes", None),
    ("points", Some("points")),
    ("priority", Some("priority")),
    ("risk", Some("risk")),
    ("validation", Some("validation")),
    ("stream", Some("stream")),
    ("auto_policy", Some("auto_policy")),
    ("epic", Some("epic")),
    ("branch_pattern", Some("branches")),
    ("story", None),
    ("requirement", None),
    ("source_lines", None),
    ("assignee", Some("assignee")),
    ("due_at", Some("due_at")),
    ("defer_until", Some("defer_until")),
    ("design", Some("design")),
    ("acceptance_criteria", Some("acceptance_criteria")),
    ("spec_id", Some("spec_id")),
];

/// The sets that follow the plan.
const SETS: [(&str, &str); 5] = [
    ("paths", "paths"),
    ("labels", "labels"),
    ("external_refs", "external_refs"),
    ("depends_on", "depends_on"),
    ("edges", "milestone"),
];

const ACCEPTANCE: &str = "acceptance";
const ATTRIBUTES: &str = "edge_attributes";

/// The register of an entry that was removed.
const REMOVED: &str = "removed";

/// A difference.
#[derive(Clone, Debug)]
pub(super) struct Gap {
    /// The field that a report names.
    pub(super) field: Option<&'static str>,
    /// The text in the item that is not in the plan.
    pub(super) item: Option<String>,
    /// The text in the plan that is not in the item.
    pub(super) plan: Option<String>,
    /// A person wrote the item's value.
    pub(super) by_hand: bool,
    /// The item's value has the stamp of a write, of whomever it is.
    is_stamped: bool,
    /// The other end of a new edge that could close a cycle.
    pub(super) edge: Option<NewEdge>,
    write: Write,
}

/// A new edge of an item.
#[derive(Clone, Debug)]
pub(super) enum NewEdge {
    /// The item waits for this one.
    Wait(ItemRef),
    /// This is its parent.
    Parent(ItemRef),
}

#[derive(Clone, Debug)]
enum Write {
    Register(Place, Value),
    Entry {
        record: &'static str,
        id: String,
        fields: Vec<(String, Value)>,
    },
    Body(String),
}

impl Gap {
    /// Gives the item the plan's value: a derived one, if the present one is.
    pub(super) fn close(&self, doc: &mut Doc, clock: &Clock) -> bool {
        let derived = Clock::derived(&doc.uid);
        let is_written = self.by_hand || self.is_stamped;
        let clock = if is_written { clock } else { &derived };
        match &self.write {
            Write::Register(place, value) => place.set(doc, value.clone(), clock),
            Write::Body(text) => doc.body.write(text, clock),
            Write::Entry { record, id, fields } => {
                let fields = fields.iter().map(|(n, v)| (n.as_str(), v.clone()));
                let fields: Vec<(&str, Value)> = fields.collect();
                doc.add_entry(record, id, Stamp::origin(&doc.uid), &fields);
                true
            }
        }
    }

    fn register(field: Option<&'static str>, place: Place, value: Value, by_hand: bool) -> Gap {
        Gap::of(field, by_hand, Write::Register(place, value))
    }

    fn of(field: Option<&'static str>, by_hand: bool, write: Write) -> Gap {
        Gap {
            field,
            item: None,
            plan: None,
            by_hand,
            is_stamped: false,
            edge: None,
            write,
        }
    }
}

/// The differences of an item from its part of a plan. `planned_at` is the time at which a field of
/// the plan was last written; `is_restored` is true for a register, or the text without a name, that has a value
/// of the plan although it was written.
pub(super) fn gaps(
    doc: &Doc,
    part: &Doc,
    planned_at: &dyn Fn(&str) -> Option<Stamp>,
    is_restored: &dyn Fn(Option<&str>) -> bool,
) -> Vec<Gap> {
    let mut out = Vec::new();
    registers(doc, part, (planned_at, is_restored), &mut out);
    for (set, field) in SETS {
        elements(doc, part, (set, field), &mut out);
    }
    criteria(doc, part, &mut out);
    attributes(doc, part, &mut out);
    body(doc, part, (planned_at, is_restored), &mut out);
    out
}

/// What is known of a value beside its stamp: when the plan's was written, and whether it is the plan's.
type Known<'k> = (
    &'k dyn Fn(&str) -> Option<Stamp>,
    &'k dyn Fn(Option<&str>) -> bool,
);

fn registers(doc: &Doc, part: &Doc, (planned_at, is_restored): Known<'_>, out: &mut Vec<Gap>) {
    for (name, field) in REGISTERS {
        let (has, wants) = (doc.value(name), part.value(name));
        if has == wants || matches!(has, Value::Redacted(_)) {
            continue;
        }
        let stamped = doc.regs.get(name).map(|reg| &reg.stamp);
        let stamped = stamped.filter(|stamp| !stamp.is_derived());
        let by_hand = stamped.filter(|_| !is_restored(Some(name)));
        if by_hand.is_some_and(|stamp| planned_at(name).is_none_or(|at| at <= *stamp)) {
            continue;
        }
        let place = Place::Field(name.to_string());
        let mut gap = Gap::register(field, place, wants.clone(), by_hand.is_some());
        (gap.item, gap.plan) = (shown(has), shown(wants));
        gap.is_stamped = stamped.is_some();
        out.push(gap);
    }
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        other => Some(match (other.as_str(), other.as_int()) {
            (Some(text), _) => text.to_string(),
            (None, Some(number)) => number.to_string(),
            (None, None) => String::new(),
        }),
    }
}

/// The elements that a person neither added nor removed.
fn elements(doc: &Doc, part: &Doc, (set, field): (&str, &'static str), out: &mut Vec<Gap>) {
    let is_free = |element: &str| {
        let reg = doc.sets.get(set).and_then(|all| all.get(element));
        reg.is_none_or(|reg| reg.stamp.is_derived())
    };
    let gap = |element: &str, is_there: bool| {
        let place = Place::Element(set.to_string(), element.to_string());
        let value = Value::from(is_there.then_some(true));
        Gap::register(Some(field), place, value, false)
    };
    for element in doc.elements(set) {
        if !part.contains(set, element) && is_free(element) {
            let mut gap = gap(element, false);
            gap.item = Some(element.to_string());
            out.push(gap);
        }
    }
    for element in part.elements(set) {
        if !doc.contains(set, element) && is_free(element) {
            let mut gap = gap(element, true);
            gap.plan = Some(element.to_string());
            gap.edge = new_edge(part, set, element);
            out.push(gap);
        }
    }
}

/// The edge that an element stands for, if it could close a cycle.
fn new_edge(part: &Doc, set: &str, element: &str) -> Option<NewEdge> {
    match (set, element.split_once(' ')) {
        ("edges", Some(("parent-child", to))) => Some(NewEdge::Parent(ItemRef::parse(to))),
        ("edges", Some((_, to))) => Some(NewEdge::Wait(ItemRef::parse(to))),
        ("depends_on", _) => {
            let attributes = part.entry(ATTRIBUTES, &format!("blocks {element}"));
            let is_soft = attributes.is_some_and(|entry| entry.text("class").is_some());
            (!is_soft).then(|| NewEdge::Wait(ItemRef::parse(element)))
        }
        _ => None,
    }
}

fn criteria(doc: &Doc, part: &Doc, out: &mut Vec<Gap>) {
    let text = |entry: &Entry| entry.text("text").unwrap_or_default().to_string();
    for (id, entry) in doc.entries(ACCEPTANCE) {
        let is_own = entry.at.is_derived() && part.entry(ACCEPTANCE, id).is_none();
        if !is_own || matches!(entry.value("text"), Value::Redacted(_)) {
            continue;
        }
        let mut gap = removal(ACCEPTANCE, id, entry, Some(ACCEPTANCE));
        gap.item = Some(text(entry));
        out.push(gap);
    }
    for (id, entry) in part.entries(ACCEPTANCE) {
        // The text of a plan that was redacted.
        if text(entry).is_empty() {
            continue;
        }
        let mut found = entry_gaps(doc, ACCEPTANCE, id, entry, Some(ACCEPTANCE));
        for gap in &mut found {
            if gap.field.is_some() {
                gap.plan = Some(text(entry));
            }
        }
        out.append(&mut found);
    }
}

/// The rules and lines of edges, which no report names, and their classes.
fn attributes(doc: &Doc, part: &Doc, out: &mut Vec<Gap>) {
    for (id, entry) in doc.entries(ATTRIBUTES) {
        let is_own = entry.at.is_derived() && part.entry(ATTRIBUTES, id).is_none();
        if is_own && entry.regs.values().all(|reg| reg.stamp.is_derived()) {
            out.push(removal(ATTRIBUTES, id, entry, None));
        }
    }
    for (id, entry) in part.entries(ATTRIBUTES) {
        let mut found = entry_gaps(doc, ATTRIBUTES, id, entry, None);
        for gap in &mut found {
            let Write::Register(Place::Entry(_, _, name), class) = &gap.write else {
                continue;
            };
            let Some(on) = id.strip_prefix("blocks ").filter(|_| name == "class") else {
                continue;
            };
            let words = |class: Option<&str>| Some(format!("{} {on}", class.unwrap_or("hard")));
            gap.field = Some("depends_on");
            gap.plan = words(class.as_str());
            gap.item = words(doc.entry(ATTRIBUTES, id).and_then(|e| e.text("class")));
            gap.edge = class.is_null().then(|| NewEdge::Wait(ItemRef::parse(on)));
        }
        out.append(&mut found);
    }
}

/// The removal of an entry; by hand, if a person wrote a part of it.
fn removal(record: &str, id: &str, entry: &Entry, field: Option<&'static str>) -> Gap {
    let by_hand = entry.regs.values().any(|reg| !reg.stamp.is_derived());
    let place = Place::Entry(record.to_string(), id.to_string(), REMOVED.to_string());
    Gap::register(field, place, true.into(), by_hand)
}

/// The differences of an entry: it is missing, it was removed by the plan, or its values differ. What
/// a person wrote or removed stays.
fn entry_gaps(
    doc: &Doc,
    record: &'static str,
    id: &str,
    wanted: &Entry,
    field: Option<&'static str>,
) -> Vec<Gap> {
    let Some(there) = doc.entry(record, id) else {
        let fields = wanted.regs.iter();
        let fields = fields.map(|(name, reg)| (name.clone(), reg.value.clone()));
        let (id, fields) = (id.to_string(), fields.collect());
        let write = Write::Entry { record, id, fields };
        return vec![Gap::of(field, false, write)];
    };
    let is_free = |name: &str| {
        let reg = there.regs.get(name);
        reg.map_or(&there.at, |reg| &reg.stamp).is_derived()
    };
    let mut out = Vec::new();
    let place = |name: &str| Place::Entry(record.to_string(), id.to_string(), name.to_string());
    if there.is_removed() {
        if !is_free(REMOVED) {
            return out;
        }
        out.push(Gap::register(field, place(REMOVED), Value::Null, false));
    }
    let mut names: Vec<&String> = there.regs.keys().chain(wanted.regs.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let (has, wants) = (there.value(name), wanted.value(name));
        let is_kept = name == REMOVED || matches!(has, Value::Redacted(_));
        if has != wants && !is_kept && is_free(name) {
            out.push(Gap::register(None, place(name), wants.clone(), false));
        }
    }
    out
}

fn body(doc: &Doc, part: &Doc, (planned_at, is_restored): Known<'_>, out: &mut Vec<Gap>) {
    let (has, wants) = (doc.body.shown(), part.body.shown());
    if has == wants || doc.body.is_hidden() {
        return;
    }
    let newest = doc.body.newest().map(|id| &id.stamp);
    let stamped = newest.filter(|stamp| !stamp.is_derived());
    let by_hand = stamped.filter(|_| !is_restored(None));
    if by_hand.is_some_and(|stamp| planned_at("description").is_none_or(|at| at <= *stamp)) {
        return;
    }
    let some = |text: &str| (!text.is_empty()).then(|| text.to_string());
    let write = Write::Body(wants.to_string());
    out.push(Gap {
        item: some(has),
        plan: some(wants),
        is_stamped: stamped.is_some(),
        ..Gap::of(Some("description"), by_hand.is_some(), write)
    });
}
