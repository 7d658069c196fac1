//! What a file has beside its records: how its lines stand, how it is written, its memories. One
//! document of the state.

use std::collections::BTreeMap;

use super::json_line::Escaping;
use super::line_layout::Layout;
use super::records_file::Source;
use crate::bridge::content::stamp;
use crate::bridge::merge_record::write;
use crate::bridge::transfer_report::Skipped;
use crate::bridge::upsert::OLDER;
use crate::error::Result;
use crate::model::doc::{Doc, Entry};
use crate::model::stamp::Stamp;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The record of memories: key to the line.
const MEMORIES: &str = "memories";

/// The longest stored layout, in bytes; of a longer one the order of the records is given up.
const LAYOUT_MAX: usize = 1024 * 1024;

/// How a file is written, as the last import saw it.
#[derive(Debug, Default)]
pub struct Written {
    /// How its lines stand.
    pub layout: Layout,
    /// How texts are escaped.
    pub escaping: Option<Escaping>,
    /// Whether records are wrapped.
    pub wrapped: bool,
    /// Whether comments have numbers for ids.
    pub numbered: bool,
    /// Memories by key.
    pub memories: BTreeMap<String, String>,
}

fn uid() -> Uid {
    Uid::derived(&[super::SOURCE, "file"])
}

/// What the state knows of the file.
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
        escaping: doc.text("escaping").map(|word| match word {
            "plain" => Escaping::Plain,
            _ => Escaping::Go,
        }),
        wrapped: doc.value("wrapped").is_true(),
        numbered: doc.value("numbered").is_true(),
        memories: lines.collect(),
    }
}

/// What became of the file's own document.
#[derive(Debug, Default)]
pub struct Kept {
    /// How many memories are new or changed.
    pub memories: usize,
    /// Memories that are older than what is here.
    pub stale: Vec<Skipped>,
    /// Whether the order of the records is too long to be kept.
    pub order_lost: bool,
}

/// Stages what a file has beside its records, where `known` items were there before.
///
/// # Errors
/// When it cannot be staged.
pub fn stage(tx: &mut Tx<'_>, source: &Source<'_>, known: usize) -> Result<Kept> {
    let mut kept = Kept::default();
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
    // A file that says what is here anyway may be our own export, which tells nothing of its readers.
    let numbered = source.dialect.numbered() && (present || tx.is_dirty());
    let plain = layout.is_none() && escaping == Escaping::Go && !wrapped && !numbered;
    if !present && plain && source.memories.is_empty() {
        return Ok(kept);
    }
    let at_ms = source.rows.iter().map(|row| row.at_ms).max().unwrap_or(0);
    let seed: Vec<&str> = source.memories.iter().map(|memory| memory.raw).collect();
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
        // A few records say nothing of how all of them stand.
        let is_whole = !source.rows.is_empty() && (!present || source.rows.len() * 2 >= known);
        for (name, value) in registers.into_iter().filter(|_| is_whole) {
            changed |= write(&mut doc.regs, name, value, &stamp);
        }
        for memory in &source.memories {
            match remember(doc, &memory.key, memory.raw, &stamp) {
                Some(true) => {
                    kept.memories += 1;
                    changed = true;
                }
                Some(false) => {}
                None => kept.stale.push(Skipped {
                    file: None,
                    line: memory.line,
                    id: Some(memory.key.clone()),
                    reason: OLDER.into(),
                }),
            }
        }
        changed
    })?;
    Ok(kept)
}

/// Whether a memory is new or changed; `None` where it is older than what is here.
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
