//! The `stamps` field: which registers, elements and entries were written, cleared or taken out at
//! another time than the default.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Damage, SETS, STRUCTURE, is_field_name};
use crate::model::doc::{Doc, Reg};
use crate::model::stamp::Stamp;
use crate::model::value::Value;

/// The overrides, consumed while the fields are read.
pub(super) struct Stamps {
    written: BTreeMap<String, Stamp>,
    cleared: BTreeMap<String, Stamp>,
}

impl Stamps {
    pub(super) fn read(json: Option<&Json>) -> Result<Self, Damage> {
        let mut stamps = Stamps {
            written: BTreeMap::new(),
            cleared: BTreeMap::new(),
        };
        let map = match json {
            None | Some(Json::Null) => return Ok(stamps),
            Some(Json::Object(map)) => map,
            Some(_) => return Err(Damage::field("stamps", "must be a mapping")),
        };
        for (key, value) in map {
            let text = value
                .as_str()
                .ok_or_else(|| Damage::field("stamps", "must hold texts"))?;
            match text.strip_prefix('-') {
                Some(stamp) => {
                    stamps.cleared.insert(key.clone(), stamp.parse()?);
                }
                None => {
                    stamps.written.insert(key.clone(), text.parse()?);
                }
            }
        }
        Ok(stamps)
    }

    /// A register that has a value in the file.
    pub(super) fn reg(&mut self, key: &str, default: &Stamp, value: Value) -> Reg {
        let stamp = self.written.remove(key).unwrap_or_else(|| default.clone());
        Reg { stamp, value }
    }

    /// Whether something was taken out of the set `name`.
    pub(super) fn has_taken_from(&self, name: &str) -> bool {
        let prefix = format!("{name}/");
        self.cleared
            .range(prefix.clone()..)
            .next()
            .is_some_and(|(key, _)| key.starts_with(&prefix))
    }

    /// What was cleared has no value in the file, only its stamp.
    pub(super) fn rest(self, doc: &mut Doc) -> Result<(), Damage> {
        if let Some(key) = self.written.keys().next() {
            return Err(Damage::field(key, "has a stamp and no value"));
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
    if !is_field_name(key) || (STRUCTURE.contains(&key) && key != "id") {
        return Err(Damage::field(key, "is no field that can be cleared"));
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
            .ok_or_else(|| Damage::field(key, "names no register"))?;
        let entry = record
            .get_mut(id)
            .ok_or_else(|| Damage::field(key, "names no entry"))?;
        if entry.regs.insert(field.to_string(), reg).is_some() {
            return Err(Damage::field(key, "is both cleared and written"));
        }
    } else if SETS.contains(&name) || doc.sets.contains_key(name) {
        let set = doc.sets.entry(name.to_string()).or_default();
        if set.insert(rest.to_string(), reg).is_some() {
            return Err(Damage::field(key, "is both in and out of the set"));
        }
    } else {
        return Err(Damage::field(key, "names no set or record"));
    }
    Ok(())
}
