//! `export beads`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use super::beads_file;
use super::export_record::Scene;
use super::line_layout::Token;
use super::read_record::SOURCE;
use crate::bridge::content::item_uid;
use crate::bridge::transfer_report::ExportReport;
use crate::coordinate::harmless_place;
use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::uid::Uid;
use crate::pm::handles::Trackers;
use crate::store::state::State;
use crate::store::whole_file;

impl Trackers<'_> {
    /// Writes all items as beads' JSON Lines. Imported records without changes are written as they
    /// were, byte for byte and in their order.
    ///
    /// # Errors
    /// When the state cannot be read or `out` cannot be written.
    pub fn export_beads(&self, out: &mut dyn Write) -> Result<ExportReport> {
        let state = self.pm.store.snapshot()?;
        export(&state, out)
    }

    /// As `Trackers::export_beads`, into a file that is replaced when the export is complete.
    ///
    /// # Errors
    /// As `Trackers::export_beads`.
    pub fn export_beads_file(&self, path: &Path) -> Result<ExportReport> {
        let words = ["export", "beads", "FOLDER/issues.jsonl"];
        let path = harmless_place::place_of_file(self.pm, path, true, words)?;
        Ok(ExportReport {
            file: path.display().to_string(),
            ..whole_file::replace(&path, None, |out| self.pm.trackers().export_beads(out))?
        })
    }
}

/// An item and its position in an export.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    id: String,
    occurrence: usize,
    uid: Uid,
}

fn export(state: &State<'_>, out: &mut dyn Write) -> Result<ExportReport> {
    let mut dependents: HashMap<Uid, usize> = HashMap::new();
    let counted = RefCell::new(&mut dependents);
    let items = state.of_every_item(|item| {
        let mut counted = counted.borrow_mut();
        let waits = item.depends_on.iter().map(|d| &d.target);
        let targets = waits.chain(item.edges.iter().map(|e| &e.target));
        for uid in targets.filter_map(|target| target.uid.as_ref()) {
            if !item.deleted {
                *counted.entry(uid.clone()).or_default() += 1;
            }
        }
        Named {
            id: (item.id != item.born).then(|| item.id.as_str().into()),
            born: item.born.as_str().into(),
            uid: item.uid.clone(),
        }
    });
    let places = places(state, items);
    let ids: HashMap<&Uid, &str> = places.iter().map(|p| (&p.uid, p.id.as_str())).collect();
    let written = beads_file::known(state);
    let scene = Scene {
        state,
        written: &written,
        id_of: &|target: &ItemRef| {
            let known = target.uid.as_ref().and_then(|uid| ids.get(uid));
            known.map_or_else(|| target.born.clone(), |id| (*id).to_string())
        },
        dependents: &|uid| dependents.get(uid).copied().unwrap_or(0),
    };
    let records: Vec<(String, &Uid)> = places.iter().map(|p| (p.id.clone(), &p.uid)).collect();
    let memories: Vec<String> = written.memories.keys().cloned().collect();
    let mut report = ExportReport {
        file: "-".into(),
        ..ExportReport::default()
    };
    let mut ended = true;
    let mut line = |text: &str| {
        let mut write = || -> std::io::Result<()> {
            if !std::mem::replace(&mut ended, false) {
                out.write_all(b"\n")?;
            }
            out.write_all(text.as_bytes())
        };
        write().map_err(|e| Error::unwritten("cannot write the export", e))
    };
    for placed in written.layout.lines(records, &memories) {
        match placed {
            Token::Record(uid) => {
                let doc = state.doc_once(uid);
                let doc = doc.ok_or_else(|| Error::state(format!("cannot read {uid}")))?;
                if let Some(shaped) = scene.shape(&doc) {
                    line(&shaped.text)?;
                    report.records += 1;
                    report.untouched += usize::from(shaped.untouched);
                    for field in LEFT_OUT.into_iter().filter(|name| has(&doc, name)) {
                        *report.left_out_fields.entry(field.into()).or_default() += 1;
                    }
                }
            }
            Token::Memory { memory: key } => {
                if let Some(text) = written.memories.get(&key) {
                    line(text)?;
                    report.others += 1;
                }
            }
            Token::Line { line: text } => {
                line(&text)?;
                report.others += 1;
            }
        }
    }
    if written.layout.is_ended() && !ended {
        out.write_all(b"\n")
            .map_err(|e| Error::unwritten("cannot write the export", e))?;
    }
    Ok(report)
}

/// The fields that beads does not have.
const LEFT_OUT: [&str; 6] = [
    "estimate",
    "points",
    "risk",
    "validation",
    "stream",
    "paths",
];

fn has(doc: &Doc, field: &str) -> bool {
    let mut elements = doc.sets.get(field).into_iter().flatten();
    !doc.value(field).is_null() || elements.any(|(_, reg)| reg.value.is_true())
}

/// An item and its exported id.
struct Named {
    /// The id, if it is not the birth id.
    id: Option<Box<str>>,
    born: Box<str>,
    uid: Uid,
}

/// Every item with the id that it has in the file, sorted by that.
fn places(state: &State<'_>, items: Vec<Named>) -> Vec<Place> {
    let mut born: HashMap<Box<str>, usize> = HashMap::new();
    for item in &items {
        *born.entry(item.born.clone()).or_default() += 1;
    }
    let mut places: Vec<Place> = items
        .into_iter()
        .map(|item| {
            let same = born.get(&item.born).copied().unwrap_or(1);
            let nth = (0..same).find(|n| item.uid == item_uid(SOURCE, &item.born, *n));
            let id = item.id.as_ref().unwrap_or(&item.born);
            Place {
                id: nth.map_or_else(
                    || state.shown_as(id, &item.uid),
                    |_| item.born.clone().into_string(),
                ),
                // Items created here come after imported ones.
                occurrence: nth.unwrap_or(usize::MAX),
                uid: item.uid,
            }
        })
        .collect();
    places.sort();
    places
}
