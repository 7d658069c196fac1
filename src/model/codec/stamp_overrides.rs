//! The `stamps` field: what was written at a time other than the default.
//!
//! It lists the registers, elements and entries that were written, cleared or removed then.

use super::yaml_node::{Node, Text};
use super::{Damage, is_field_name, is_set, is_structure};
use crate::model::doc::{Doc, Reg};
use crate::model::stamp::Stamp;
use crate::model::value::Value;

/// The overrides, consumed while the fields are read. Most documents have few or none.
#[derive(Default)]
pub(super) struct Stamps<'a> {
    /// Stamps of values in the file; `None` once consumed. Sorted.
    written: Vec<(Text<'a>, Option<Stamp>)>,
    /// Stamps of cleared and removed values. Sorted.
    cleared: Vec<(Text<'a>, Stamp)>,
    /// A buffer for the name that is looked up.
    name: String,
}

impl<'a> Stamps<'a> {
    pub(super) fn read(node: Option<Node<'a>>) -> Result<Self, Damage> {
        let mut stamps = Stamps::default();
        let entries = match node {
            None => return Ok(stamps),
            Some(node) if node.is_null() => return Ok(stamps),
            Some(Node::Map(entries)) => entries,
            Some(_) => return Err(Damage::field("stamps", "must be a mapping")),
        };
        for (key, value) in entries {
            let text = value
                .as_str()
                .ok_or_else(|| Damage::field("stamps", "must contain strings"))?;
            match text.strip_prefix('-') {
                Some(stamp) => stamps.cleared.push((key, stamp.parse()?)),
                None => stamps.written.push((key, Some(text.parse()?))),
            }
        }
        Ok(stamps)
    }

    /// A register that has a value in the file. Its name is `path`, joined by `/`.
    pub(super) fn reg(&mut self, path: &[&str], default: &Stamp, value: Value) -> Reg {
        let stamp = self.take(path).unwrap_or_else(|| default.clone());
        Reg { stamp, value }
    }

    fn take(&mut self, path: &[&str]) -> Option<Stamp> {
        if self.written.is_empty() {
            return None;
        }
        self.name.clear();
        for (n, part) in path.iter().enumerate() {
            if n > 0 {
                self.name.push('/');
            }
            self.name.push_str(part);
        }
        let name = self.name.as_str();
        let found = self.written.binary_search_by(|(key, _)| (**key).cmp(name));
        self.written[found.ok()?].1.take()
    }

    /// True if an element was removed from the set `name`.
    pub(super) fn has_taken_from(&self, name: &str) -> bool {
        let prefix = format!("{name}/");
        let at = self.cleared.partition_point(|(key, _)| **key < *prefix);
        let next = self.cleared.get(at);
        next.is_some_and(|(key, _)| key.starts_with(&prefix))
    }

    /// Adds the cleared values, which have only a stamp in the file.
    pub(super) fn rest(self, doc: &mut Doc) -> Result<(), Damage> {
        if let Some((key, _)) = self.written.iter().find(|(_, stamp)| stamp.is_some()) {
            return Err(Damage::field(key, "has a stamp but no value"));
        }
        for (key, stamp) in self.cleared {
            let reg = Reg {
                stamp,
                value: Value::Null,
            };
            match key.split_once('/') {
                None => clear_register(doc, &key, reg)?,
                Some((name, rest)) => clear_below(doc, &key, name, rest, reg)?,
            }
        }
        Ok(())
    }
}

fn clear_register(doc: &mut Doc, key: &str, reg: Reg) -> Result<(), Damage> {
    if !is_field_name(key) || (is_structure(key) && key != "id") {
        return Err(Damage::field(key, "is not a field that can be cleared"));
    }
    let taken =
        doc.regs.contains_key(key) || doc.sets.contains_key(key) || doc.records.contains_key(key);
    if taken {
        return Err(Damage::field(key, "is both cleared and written"));
    }
    doc.regs.insert(key.to_string(), reg);
    Ok(())
}

fn clear_below(doc: &mut Doc, key: &str, name: &str, rest: &str, reg: Reg) -> Result<(), Damage> {
    if let Some(record) = doc.records.get_mut(name) {
        let (id, field) = rest
            .rsplit_once('/')
            .filter(|(_, field)| !field.is_empty() && *field != "at")
            .ok_or_else(|| Damage::field(key, "does not name a register"))?;
        let entry = record
            .get_mut(id)
            .ok_or_else(|| Damage::field(key, "does not name an entry"))?;
        if entry.regs.insert(field.to_string(), reg).is_some() {
            return Err(Damage::field(key, "is both cleared and written"));
        }
    } else if is_set(name) || doc.sets.contains_key(name) {
        let set = doc.sets.entry(name.to_string()).or_default();
        if set.insert(rest.to_string(), reg).is_some() {
            return Err(Damage::field(key, "is both in and out of the set"));
        }
    } else {
        return Err(Damage::field(key, "does not name a set or record"));
    }
    Ok(())
}
