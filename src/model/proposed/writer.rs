//! Writes entries of a plan's document.
//!
//! New ones get their own stamp; of existing ones only the changed registers are written.

use super::{TASKS, test_key};
use crate::model::doc::Doc;
use crate::model::stamp::{Clock, Stamp};
use crate::model::value::Value;

/// The register with the actor of the last manual change of an entry, and the prefix of those of
/// its fields.
pub const BY: &str = "by";

/// Writes entries of a plan's document.
pub struct Writer<'w> {
    /// The document.
    pub doc: &'w mut Doc,
    /// The clock of changed registers.
    pub clock: &'w Clock,
    /// The stamp of new entries.
    pub at: Stamp,
    /// Set once something was changed.
    pub changed: bool,
}

impl Writer<'_> {
    /// Sets registers of an entry, even those that were set manually.
    pub fn put(&mut self, record: &str, id: &str, fields: &[(&str, Value)]) {
        if self.doc.entry(record, id).is_none() {
            self.doc.add_entry(record, id, self.at.clone(), fields);
            self.changed = true;
            return;
        }
        for (name, value) in fields {
            self.changed |= self
                .doc
                .set_entry(record, id, name, value.clone(), self.clock);
        }
    }

    /// Sets fields manually.
    pub fn set(&mut self, record: &str, id: &str, fields: &[(&str, Value)], actor: &str) {
        for (name, value) in fields {
            let present = self.doc.entry(record, id).map(|entry| entry.value(name));
            if present == Some(value) {
                continue;
            }
            let by = format!("{BY}_{name}");
            self.put(record, id, &[(name, value.clone()), (&by, actor.into())]);
        }
    }

    /// Adds or restores an entry manually.
    pub fn add(&mut self, record: &str, id: &str, fields: &[(&str, Value)], actor: &str) {
        let mut fields = fields.to_vec();
        fields.push((BY, actor.into()));
        fields.push(("removed", Value::Null));
        fields.push(("by_removed", Value::Null));
        self.put(record, id, &fields);
    }

    /// Removes an entry manually; drafting again does not restore it.
    pub fn remove(&mut self, record: &str, id: &str, actor: &str) {
        let fields = [("removed", true.into()), ("by_removed", actor.into())];
        self.put(record, id, &fields);
    }

    /// Keeps a number for the task that tests another one, unless it has one.
    pub fn number_test(&mut self, tested: &str, number: u32) {
        let key = test_key(tested);
        if self.doc.entry(TASKS, &key).is_some() {
            self.put(TASKS, &key, &[("removed", Value::Null)]);
            return;
        }
        let order = self.doc.entry(TASKS, tested);
        let order = order.map_or(Value::Null, |task| task.value("order").clone());
        let fields = [
            ("number", i64::from(number).into()),
            ("order", order),
            ("tests", tested.into()),
        ];
        self.put(TASKS, &key, &fields);
    }
}
