//! What reports have read from commits of the state, by commit.
//!
//! A commit never changes, so nothing here is ever outdated, whatever becomes of the history.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::document_row::{decode, encode};
use super::item_queries::read_all;
use super::{Fault, Index, Result};
use crate::git::repo::Oid;
use crate::model::item::Item;

impl Index {
    /// What is known of some commits.
    pub fn past_changes<T: DeserializeOwned>(&self, commits: &[Oid]) -> Result<HashMap<Oid, T>> {
        self.ask(|db| {
            let mut find = db.prepare_cached("SELECT data FROM past WHERE id=?")?;
            let mut found = HashMap::new();
            for commit in commits {
                let data: Option<Vec<u8>> = find
                    .query_row([commit.as_bytes()], |row| row.get(0))
                    .optional()?;
                if let Some(data) = data {
                    found.insert(*commit, decode(&data)?);
                }
            }
            Ok(found)
        })
    }

    /// Keeps what was read from some commits.
    pub fn keep_past_changes<T: Serialize>(&self, read: &[&(Oid, T)]) -> Result<()> {
        self.amend(|db| {
            let mut put = db.prepare_cached("INSERT OR REPLACE INTO past(id,data) VALUES(?,?)")?;
            for (commit, changes) in read {
                put.execute(params![commit.as_bytes(), encode(changes)?])?;
            }
            Ok(())
        })
    }

    /// Visits every item with the object that it was read from.
    pub fn each_item_of(&self, mut visit: impl FnMut(Oid, Item)) -> Result<()> {
        let sql = "SELECT oid, data FROM item JOIN doc USING(n)";
        self.ask(|db| {
            read_all(db, sql, [], |row| {
                let oid = Oid::try_from(row.get_ref(0)?.as_blob()?);
                let oid = oid.map_err(|_| Fault::Doubt("an object id cannot be read"))?;
                visit(oid, decode(row.get_ref(1)?.as_blob()?)?);
                Ok(())
            })
        })
    }
}
