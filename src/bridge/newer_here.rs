//! Which values of an item are newer than a record that is imported again after an undo. Pure.
//!
//! Such a record is written with a time after the undo, as it has to replace what that restored. What was written here
//! between the record and the undo is newer than the record all the same.

use super::closing_fields::CLOSING;
use super::content::Content;
use super::merge_record::both;
use crate::model::doc::{Doc, Reg};
use crate::model::imported::is_of_record;
use crate::model::value::Value;

/// When a record was changed at its source, and when its last import was undone here, in milliseconds since the Unix
/// epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Undone {
    pub(super) record_ms: u64,
    pub(super) undo_ms: u64,
}

/// The registers that stay as they are.
pub(super) struct NewerHere(Vec<(String, Option<Reg>)>);

impl NewerHere {
    pub(super) fn of(doc: &Doc, [base, new]: [&Content; 2], undone: Option<Undone>) -> NewerHere {
        let none = Value::Null;
        let is_newer = |name: &String| {
            let [was, is] = [base, new].map(|content| content.regs.get(name).unwrap_or(&none));
            let times = doc.regs.get(name).zip(undone);
            times.is_some_and(|(reg, undone)| {
                let written = undone.record_ms + 1..undone.undo_ms;
                was != is && !is_of_record(&reg.stamp) && written.contains(&reg.stamp.ms)
            })
        };
        let mut names: Vec<String> = match undone {
            Some(_) => both(&base.regs, &new.regs)
                .into_iter()
                .filter(is_newer)
                .collect(),
            None => Vec::new(),
        };
        if names.iter().any(|name| name == "status") {
            names.extend(CLOSING.iter().map(|name| (*name).to_owned()));
        }
        let regs = names.into_iter().map(|name| {
            let reg = doc.regs.get(&name).cloned();
            (name, reg)
        });
        NewerHere(regs.collect())
    }

    /// Puts them back after a merge.
    pub(super) fn keep(self, doc: &mut Doc) {
        for (name, reg) in self.0 {
            match reg {
                Some(reg) => drop(doc.regs.insert(name, reg)),
                None => drop(doc.regs.remove(&name)),
            }
        }
    }
}
