//! Writes what was changed in a proposed item into its plan's document, as changes by hand.

use std::collections::{BTreeMap, BTreeSet};

use super::writer::Writer;
use super::{
    CRITERIA, OWN, Replaced, SAME, SETS, TASKS, WAITS, criterion_id, is_there, numbers, order_of,
    reworded_criteria,
};
use crate::model::doc::{Doc, Entry};
use crate::model::id::ItemRef;
use crate::model::planned_id::planned_uid;
use crate::model::stamp::{Clock, Stamp};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::model::vocabulary::Estimate;

/// The reason why a change of a proposed item is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unkept {
    /// Only an item that was approved has this field.
    Field(String),
    /// Every task of a plan has this field.
    Empty(String),
    /// Plans count whole hours.
    Minutes,
    /// It would wait for an item that is not in its plan.
    Outside(ItemRef),
}

/// The reason of a size, a risk or a validation that a person or an agent gave.
pub const BY_HAND: &str = "set by hand";

/// Writes the differences between two versions of a proposed item into its plan's document. Returns
/// whether anything changed.
///
/// # Errors
/// If something differs that a plan does not keep.
pub fn write_item(
    plan: &mut Doc,
    key: &str,
    (before, after): (&Doc, &Doc),
    actor: &str,
    (clock, at): (&Clock, Stamp),
) -> Result<bool, Unkept> {
    let writer = Writer {
        doc: plan,
        clock,
        at,
        changed: false,
    };
    let mut task = Task { writer, key, actor };
    task.registers(before, after)?;
    task.sets(before, after)?;
    task.criteria(before, after)?;
    task.waits(before, after)?;
    if before.body.shown() != after.body.shown() {
        task.set("description", after.body.shown().into());
    }
    Ok(task.writer.changed)
}

/// The task of a plan that is written.
struct Task<'w> {
    writer: Writer<'w>,
    key: &'w str,
    actor: &'w str,
}

impl Task<'_> {
    /// Sets a register of the task's entry.
    fn set(&mut self, name: &str, value: Value) {
        let fields = [(name, value)];
        self.writer.set(TASKS, self.key, &fields, self.actor);
    }

    fn entry(&self, record: &str, id: &str) -> Option<&Entry> {
        self.writer.doc.entry(record, id)
    }

    fn registers(&mut self, before: &Doc, after: &Doc) -> Result<(), Unkept> {
        if after.value("deleted").is_true() {
            // Nothing else of it counts.
            self.writer.remove(TASKS, self.key, self.actor);
            return Ok(());
        }
        if before.value("deleted").is_true() {
            self.writer.add(TASKS, self.key, &[], self.actor);
        }
        let names: BTreeSet<&String> = before.regs.keys().chain(after.regs.keys()).collect();
        for name in names {
            let value = after.value(name);
            if before.value(name) == value {
                continue;
            }
            let reason = format!("{name}_reason");
            match name.as_str() {
                "estimate" | "risk" | "validation" | "type" | "stream" if value.is_null() => {
                    return Err(Unkept::Empty(name.clone()));
                }
                "estimate" | "risk" | "validation" => {
                    self.set(name, value.clone());
                    self.set(&reason, BY_HAND.into());
                    if name == "validation" {
                        let last = numbers(self.writer.doc).into_values().max();
                        let next = last.unwrap_or(0).saturating_add(1);
                        self.writer.number_test(self.key, next);
                    }
                    let size = value.as_str().filter(|_| name == "estimate");
                    if let Some(size) = size.and_then(|size| size.parse::<Estimate>().ok()) {
                        self.set("hours", i64::from(size.hours()).into());
                    }
                }
                "estimated_minutes" => match value.as_int() {
                    Some(minutes) if minutes % 60 == 0 => self.set("hours", (minutes / 60).into()),
                    _ => return Err(Unkept::Minutes),
                },
                "auto_policy" => {
                    // Also where it is the default: by hand, it forbids.
                    let by = Value::from(self.actor);
                    let fields = [(name.as_str(), value.clone()), ("by_auto_policy", by)];
                    self.writer.put(TASKS, self.key, &fields);
                }
                "deleted" | "deleted_at" | "deleted_by" | "delete_reason" => {}
                "title" | "priority" => self.set(name, value.clone()),
                known if SAME.contains(&known) || OWN.contains(&known) => {
                    self.set(name, value.clone());
                }
                other => return Err(Unkept::Field(other.to_string())),
            }
        }
        Ok(())
    }

    fn sets(&mut self, before: &Doc, after: &Doc) -> Result<(), Unkept> {
        let names: BTreeSet<&String> = before.sets.keys().chain(after.sets.keys()).collect();
        for name in names {
            let [was, now] = [before, after].map(|doc| doc.elements(name).collect::<Vec<_>>());
            match name.as_str() {
                _ if was == now => {}
                set if SETS.contains(&set) => {
                    let text = (!now.is_empty()).then(|| now.join("\n"));
                    self.set(name, Value::from(text));
                }
                "depends_on" => {}
                other => return Err(Unkept::Field(other.to_string())),
            }
        }
        Ok(())
    }

    fn criteria(&mut self, before: &Doc, after: &Doc) -> Result<(), Unkept> {
        let all = |doc: &Doc| -> Vec<(i64, String)> {
            let mut all: Vec<(i64, String)> = doc
                .entries("acceptance")
                .map(|(_, entry)| {
                    let order = entry.value("order").as_int().unwrap_or(i64::MAX);
                    (order, entry.text("text").unwrap_or_default().trim().into())
                })
                .collect();
            all.sort();
            all
        };
        let is_done = |(_, entry): (&str, &Entry)| entry.value("done").is_true();
        if after.entries("acceptance").any(is_done) {
            return Err(Unkept::Field("accepted criteria".into()));
        }
        let (was, now) = (all(before), all(after));
        if was == now {
            return Ok(());
        }
        let id = |text: &str| criterion_id(self.key, text);
        let kept: BTreeSet<String> = now.iter().map(|(_, text)| id(text)).collect();
        let own = self.writer.doc.entries(CRITERIA);
        let own = own.filter(|(_, entry)| entry.text("task") == Some(self.key));
        let gone: Vec<String> = own
            .map(|(id, _)| id.to_string())
            .filter(|id| !kept.contains(id))
            .collect();
        let new: Vec<(String, String)> =
            now.into_iter().map(|(_, text)| (id(&text), text)).collect();
        let sources = self.sources(&gone, &new);
        for id in gone {
            self.writer.remove(CRITERIA, &id, self.actor);
        }
        for (n, (id, text)) in new.into_iter().enumerate() {
            let order = Value::from(order_of(n));
            if self
                .entry(CRITERIA, &id)
                .is_some_and(|entry| !entry.is_removed())
            {
                self.writer.put(CRITERIA, &id, &[("order", order)]);
                continue;
            }
            let mut fields = vec![("task", self.key.into()), ("text", text.into())];
            match sources.get(&id) {
                Some(source) => fields.extend(source.clone()),
                // The document does not state it.
                None => fields.extend([("derived", true.into()), ("lines", "0-0".into())]),
            }
            fields.push(("order", order));
            self.writer.add(CRITERIA, &id, &fields, self.actor);
        }
        Ok(())
    }

    /// Where the document states the criteria that are other forms of removed ones.
    fn sources(
        &self,
        gone: &[String],
        new: &[(String, String)],
    ) -> BTreeMap<String, Vec<(&'static str, Value)>> {
        let replaced = gone.iter().enumerate().filter_map(|(place, id)| {
            let entry = self.entry(CRITERIA, id)?;
            Some(Replaced {
                place,
                text: entry.text("text")?,
                requirement: entry.text("requirement"),
            })
        });
        let replaced: Vec<Replaced<'_>> = replaced.collect();
        let is_new =
            |(id, _): &&(String, String)| self.entry(CRITERIA, id).is_none_or(Entry::is_removed);
        let new: Vec<&(String, String)> = new.iter().filter(is_new).collect();
        let texts: Vec<&str> = new.iter().map(|(_, text)| text.as_str()).collect();
        let reworded = reworded_criteria(&texts, &replaced).into_iter();
        let sources = reworded.filter_map(|(at, before)| {
            let entry = self.entry(CRITERIA, gone.get(before)?)?;
            let of = |name: &'static str| (name, entry.value(name).clone());
            let fields = ["derived", "lines", "requirement"].map(of);
            Some((new.get(at)?.0.clone(), fields.to_vec()))
        });
        sources.collect()
    }

    fn waits(&mut self, before: &Doc, after: &Doc) -> Result<(), Unkept> {
        let keys = self.writer.doc.all_entries(TASKS);
        let keys: Vec<(Uid, String)> = keys
            .map(|(key, entry)| {
                let item = entry.text("item").map(ItemRef::parse);
                let own = planned_uid(&self.writer.doc.uid, key);
                let item = item.and_then(|item| item.uid).unwrap_or(own);
                (item, key.to_string())
            })
            .collect();
        let id = |on: &str| {
            let item = ItemRef::parse(on);
            let mut found = keys
                .iter()
                .filter(|(_, key)| is_there(self.writer.doc, key));
            match found.find(|(uid, _)| Some(uid) == item.uid.as_ref()) {
                Some((_, key)) => Ok(format!("{} {key}", self.key)),
                None => Err(Unkept::Outside(item)),
            }
        };
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        for on in before.elements("depends_on") {
            if !after.contains("depends_on", on) {
                gone.push(id(on)?);
            }
        }
        for on in after.elements("depends_on") {
            let class = class_of(after, on);
            if !before.contains("depends_on", on) || class != class_of(before, on) {
                new.push((id(on)?, class));
            }
        }
        for id in gone {
            self.writer.remove(WAITS, &id, self.actor);
        }
        for (id, class) in new {
            let fields = [
                ("class", Value::from(class)),
                ("rule", "by-hand".into()),
                ("line", 0.into()),
                ("reason", format!("added by {}", self.actor).into()),
            ];
            self.writer.add(WAITS, &id, &fields, self.actor);
        }
        Ok(())
    }
}

/// The class of a dependency: hard or soft.
fn class_of(doc: &Doc, on: &str) -> String {
    let attributes = doc.entry("edge_attributes", &format!("blocks {on}"));
    let class = attributes.and_then(|entry| entry.text("class"));
    class.unwrap_or("hard").to_string()
}
