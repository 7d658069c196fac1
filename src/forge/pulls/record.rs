//! What an item says about its pull request.

use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;

/// The record of items. Its entries are named by [`crate::forge::ForgeLink::key`].
pub(crate) const PULLS: &str = "pulls";

/// The pull request of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PullRecord {
    /// Its number in the repository.
    pub(crate) number: u64,
    /// `draft`, `open`, `merged` or `closed`.
    pub(crate) state: String,
}

impl PullRecord {
    /// That of a document in a repository.
    pub(crate) fn of(doc: &Doc, key: &str) -> Option<PullRecord> {
        let entry = doc.entries(PULLS).find(|(id, _)| *id == key)?.1;
        Some(PullRecord {
            number: u64::try_from(entry.value("number").as_int()?).ok()?,
            state: entry.text("state").unwrap_or_default().to_string(),
        })
    }

    /// Writes it, unless the item says so already.
    pub(super) fn write(&self, pm: &Pm, key: &str, uid: &Uid) -> Result<()> {
        let present = pm
            .store
            .state()?
            .doc(uid)
            .and_then(|doc| PullRecord::of(doc, key));
        if present.as_ref() == Some(self) {
            return Ok(());
        }
        let number = i64::try_from(self.number).unwrap_or(i64::MAX);
        pm.write("github pr").unsent().run(|tx| {
            let fresh = tx.fresh_stamp();
            tx.edit_settled(uid, |doc, clock| {
                if doc.entry(PULLS, key).is_none() {
                    doc.add_entry(PULLS, key, fresh, &[]);
                }
                let number = doc.set_entry(PULLS, key, "number", Value::Int(number), clock);
                doc.set_entry(PULLS, key, "state", self.state.as_str(), clock) || number
            })?;
            let id = tx.state.item(uid).map(|item| tx.state.shown_id(item));
            let id = id.unwrap_or_default();
            let what = format!("{id}: pull request {} is {}", self.number, self.state);
            tx.describe("github pr", &[&id], &what);
            Ok(())
        })
    }
}
