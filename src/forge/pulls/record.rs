//! What an item says about its pull request.

use crate::coordinate::idempotency;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::state::State;

/// The record of items. Its entries are named by [`crate::forge::ForgeLink::key`].
pub(crate) const PULLS: &str = "pulls";

/// The pull request of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PullRecord {
    /// Its number in the repository.
    pub(crate) number: u64,
    /// `draft`, `open`, `merged` or `closed`; `merged` once the item has ended by it.
    pub(crate) state: String,
    /// The id of our comment there.
    pub(crate) comment: Option<u64>,
}

impl PullRecord {
    /// That of a document in a repository.
    pub(crate) fn of(doc: &Doc, key: &str) -> Option<PullRecord> {
        let entry = doc.entries(PULLS).find(|(id, _)| *id == key)?.1;
        let number = |name: &str| u64::try_from(entry.value(name).as_int()?).ok();
        Some(PullRecord {
            number: number("number")?,
            state: entry.text("state").unwrap_or_default().to_string(),
            comment: number("comment"),
        })
    }

    /// Those of the items that are not closed, each with the item's uid and id.
    pub(crate) fn open(state: &State<'_>, key: &str) -> Vec<(Uid, String, PullRecord)> {
        let docs = state.item_docs();
        let open = docs.iter().filter_map(|(uid, loaded)| {
            let item = loaded.item.as_ref()?;
            let record = PullRecord::of(&loaded.doc, key).filter(|_| !item.status.is_closed())?;
            Some((uid.clone(), state.name_of(&loaded.doc), record))
        });
        open.collect()
    }

    /// Writes it, unless the item says so already.
    pub(super) fn write(&self, pm: &Pm, key: &str, uid: &Uid) -> Result<()> {
        let state = pm.store.state()?;
        let present = state.doc(uid).and_then(|doc| PullRecord::of(doc, key));
        drop(state);
        if present.as_ref() == Some(self) {
            return Ok(());
        }
        let integer = |value: u64| Value::Int(i64::try_from(value).unwrap_or(i64::MAX));
        let registers = [
            ("number", integer(self.number)),
            ("state", self.state.as_str().into()),
            ("comment", self.comment.map_or(Value::Null, integer)),
        ];
        let write = || {
            // The version that a caller names is that of the item before all of this.
            pm.write("github pr").unsent().uncompared().run(|tx| {
                let fresh = tx.fresh_stamp();
                tx.edit_settled(uid, |doc, clock| {
                    doc.write_entry(PULLS, key, fresh, registers.clone(), clock)
                })?;
                let id = tx.state.item(uid).map(|item| tx.state.shown_id(item));
                let id = id.unwrap_or_default();
                let what = format!("{id}: pull request {} is {}", self.number, self.state);
                tx.describe("github pr", &[&id], &what);
                Ok(())
            })
        };
        idempotency::step(pm, " github pr", write)
    }
}
