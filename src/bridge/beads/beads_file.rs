//! The data of a file besides its records: the layout of its lines, its dialect, its memories.
//!
//! One document of the state.

use std::collections::BTreeMap;

use super::json_line::Escaping;
use super::line_layout::Layout;
use super::records_file::{LAYOUT_MAX, Source};
use crate::bridge::content::stamp;
use crate::bridge::merge_record::write;
use crate::bridge::stage_record::OLDER;
use crate::bridge::transfer_report::Skipped;
use crate::error::Result;
use crate::model::doc::{Doc, Entry};
use crate::model::stamp::Stamp;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The record of memories: key to the line.
const MEMORIES: &str = "memories";

/// The form of a file as of the last import.
#[derive(Debug, Default)]
pub struct Written {
    /// The layout of its lines.
    pub layout: Layout,
    pub escaping: Option<Escaping>,
    pub wrapped: bool,
    /// Comments have numbers as ids.
    pub numbered: bool,
    pub memories: BTreeMap<String, String>,
}

fn uid() -> Uid {
    Uid::derived(&[super::SOURCE, "file"])
}

/// The stored data of the file.
pub fn known(state: &State<'_>) -> Written {
    let Some(loaded) = state.key_doc(&uid()) else {
        return Written::default();
    };
    let doc = &loaded.doc;
    let memories = doc.entries(MEMORIES);
    let lines = memories.filter_map(|(key, entry)| {
        let line = entry.text("record")?;
        Some((key.to_string(), line.to_string()))
    });
    Written {
        layout: Layout::parse(doc.text("layout").unwrap_or_default()),
        escaping: doc.text("escaping").map(Escaping::named),
        wrapped: doc.value("wrapped").is_true(),
        numbered: doc.value("numbered").is_true(),
        memories: lines.collect(),
    }
}

/// The result of staging the file's document.
#[derive(Debug, Default)]
pub struct Kept {
    /// Number of new or changed memories.
    pub memories: usize,
    /// Memories that are older than the stored ones.
    pub stale: Vec<Skipped>,
    /// The order of the records is too large to be stored.
    pub order_lost: bool,
}

/// Stages the data of a file besides its records; `known` is the number of items before the import.
pub fn stage(tx: &mut Tx<'_>, source: &Source<'_>, known: usize) -> Result<Kept> {
    let mut kept = Kept {
        order_lost: source.order_lost,
        ..Kept::default()
    };
    let layout = match source.layout.to_text() {
        Some(text) if text.len() > LAYOUT_MAX && source.layout.has_order() => {
            kept.order_lost = true;
            source.layout.without_order().to_text()
        }
        text => text,
    };
    let escaping = source.dialect.escaping();
    let wrapped = source.dialect.wrapped * 2 > source.rows.len();
    let present = tx.state.key_doc(&uid()).is_some();
    // A file without changes may be our own export, which shows nothing about other writers.
    let numbered = source.dialect.numbered() && (present || tx.is_dirty());
    let plain = layout.is_none() && escaping == Escaping::Go && !wrapped && !numbered;
    if !present && plain && source.memories.is_empty() {
        return Ok(kept);
    }
    let at_ms = source.rows.iter().map(|row| row.at_ms).max().unwrap_or(0);
    let memories = source.memories.iter();
    let seed: Vec<&str> = memories.map(|memory| memory.raw.as_str()).collect();
    let seed = format!(
        "{}\n{}",
        layout.as_deref().unwrap_or_default(),
        seed.join("\n")
    );
    let stamp = stamp(at_ms, &seed);
    if !present {
        let mut doc = Doc::new(uid(), "key", "", stamp.clone());
        doc.put("key", "import beads");
        doc.put("op", "import beads");
        tx.insert(doc)?;
    }
    let registers = [
        ("layout", Value::from(layout)),
        ("escaping", Value::from(escaping.as_str())),
        ("wrapped", Value::from(wrapped.then_some(true))),
        ("numbered", Value::from(numbered.then_some(true))),
    ];
    tx.edit(&uid(), |doc, _| {
        let mut changed = false;
        // A few records do not show the layout of a whole file.
        let is_whole = !source.rows.is_empty() && (!present || source.rows.len() * 2 >= known);
        for (name, value) in registers.into_iter().filter(|_| is_whole) {
            changed |= write(&mut doc.regs, name, value, &stamp);
        }
        for memory in &source.memories {
            match remember(doc, &memory.key, &memory.raw, &stamp) {
                Some(true) => {
                    kept.memories += 1;
                    changed = true;
                }
                Some(false) => {}
                None => {
                    let stale = Skipped::line(memory.line, Some(&memory.key), OLDER);
                    kept.stale.push(stale);
                }
            }
        }
        changed
    })?;
    Ok(kept)
}

/// True if a memory is new or changed; `None` if it is older than the stored one.
fn remember(doc: &mut Doc, key: &str, raw: &str, stamp: &Stamp) -> Option<bool> {
    let memories = doc.records.entry(MEMORIES.to_string()).or_default();
    let entry = memories.entry(key.to_string()).or_insert_with(|| Entry {
        at: stamp.clone(),
        regs: BTreeMap::new(),
    });
    if entry.text("record") == Some(raw) {
        return Some(false);
    }
    write(&mut entry.regs, "record", Value::from(raw), stamp).then_some(true)
}
