//! `export json`: one document with everything.

use std::io::Write;

use serde_json::{Map, Value as Json};

use super::FileReport;
use crate::coordinate::here;
use crate::error::{Error, Result};
use crate::model::doc::{Doc, EXTERNAL};
use crate::model::id;
use crate::pm::handles::Trackers;
use crate::store::state::Docs;

/// The number of items that are read together.
const LOT: usize = 1_000;

impl Trackers<'_> {
    /// Writes all items, with their texts and comments, and all learnings, agents, sections of the
    /// context and artifacts (without their contents) as one JSON document in the form of the
    /// command line's JSON output.
    ///
    /// # Errors
    /// When the state cannot be read or `out` cannot be written.
    pub fn export_json(&self, out: &mut dyn Write) -> Result<FileReport> {
        let state = self.pm.store.snapshot()?;
        here::tell_damaged(self.pm, &state);
        here::tell_unsettled(self.pm, &state);
        let places = state.of_every_item(|item| {
            let place = (item.kind, id::rank(&item.id), item.uid.clone());
            (!item.deleted).then_some(place)
        });
        let mut uids: Vec<_> = places.into_iter().flatten().collect();
        uids.sort();
        // The reader of the output may be slow.
        state.release();
        let mut report = FileReport {
            file: "-".into(),
            records: 0,
        };
        let failed = |e: std::io::Error| Error::unwritten("cannot write the export", e);
        out.write_all(b"{\"schema_version\":1,\"data\":{\"items\":[")
            .map_err(failed)?;
        // A state keeps all that it reads in memory, so each part uses a new one.
        let again = || match state.commit {
            Some(commit) => self.pm.store.state_at(self.pm.store.repo(), commit),
            None => self.pm.store.state(),
        };
        for lot in uids.chunks(LOT) {
            let state = again()?;
            for (.., uid) in lot {
                let view = here::full_view(self.pm, &state, uid)?;
                let comma = if report.records > 0 { ",\n" } else { "\n" };
                let text = serde_json::to_string(&view).map_err(|e| failed(e.into()))?;
                write!(out, "{comma}{text}").map_err(failed)?;
                report.records += 1;
            }
        }
        for (name, docs) in [
            ("learnings", state.learning_docs()),
            ("agents", state.agent_docs()),
            ("context", state.context_docs()),
            ("artifacts", state.artifact_docs()),
            ("findings", state.finding_docs()),
        ] {
            let all = plain(docs);
            report.records += all.len();
            let text = serde_json::to_string(&all).map_err(|e| failed(e.into()))?;
            write!(out, "],\n\"{name}\":{}", &text[..text.len() - 1]).map_err(failed)?;
        }
        out.write_all(b"]}}\n").map_err(failed)?;
        Ok(report)
    }
}

fn plain(docs: &Docs) -> Vec<Json> {
    let live = docs.values().map(|loaded| &loaded.doc);
    let live = live.filter(|doc| doc.is_live());
    live.map(fields).collect()
}

/// A document's fields by their names.
fn fields(doc: &Doc) -> Json {
    let mut map = Map::new();
    map.insert("uid".into(), doc.uid.as_str().into());
    for (name, reg) in &doc.regs {
        if name != EXTERNAL && !reg.value.is_null() {
            map.insert(name.clone(), reg.value.to_json());
        }
    }
    for name in doc.sets.keys() {
        let elements: Vec<&str> = doc.elements(name).collect();
        map.insert(name.clone(), elements.into());
    }
    map.insert("body".into(), doc.body.text().into());
    Json::Object(map)
}
