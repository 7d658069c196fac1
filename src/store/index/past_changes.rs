//! What reports have read from commits of the state, by commit.
//!
//! A commit never changes, so nothing here is ever outdated, whatever becomes of the history. Of a
//! commit with very many items some are kept one by one, so that a period reads only its own.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::document_row::{decode, encode};
use super::item_queries::read_all;
use super::{Fault, Index, Result};
use crate::git::repo::Oid;
use crate::model::item::Item;
use crate::model::uid::Uid;

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

    /// Keeps what was read from some commits, and what is kept of their items one by one.
    pub fn keep_past_changes<T: Serialize, I: Serialize>(
        &self,
        read: &[&(Oid, T)],
        items: &[(Oid, Vec<PastItem<I>>)],
    ) -> Result<()> {
        self.amend(|db| {
            let mut put = db.prepare_cached("INSERT OR REPLACE INTO past(id,data) VALUES(?,?)")?;
            for (commit, changes) in read {
                put.execute(params![commit.as_bytes(), encode(changes)?])?;
            }
            let mut put = db.prepare_cached(
                "INSERT OR REPLACE INTO past_item(id,uid,ms,data) VALUES(?,?,?,?)",
            )?;
            for (commit, items) in items {
                for one in items {
                    let data = encode(&one.change)?;
                    put.execute(params![commit.as_bytes(), one.uid.as_str(), one.ms, data])?;
                }
            }
            Ok(())
        })
    }

    /// What a commit did to the items that are kept one by one: those that matter from a moment on, and
    /// some others by name.
    pub fn past_items<'u, T: DeserializeOwned>(
        &self,
        commit: Oid,
        from_ms: i64,
        others: impl IntoIterator<Item = &'u Uid>,
    ) -> Result<Vec<T>> {
        self.ask(|db| {
            let id = commit.as_bytes();
            let since = "SELECT data FROM past_item INDEXED BY past_item_ms WHERE id=? AND ms>=?";
            let mut found: Vec<T> = read_all(db, since, params![id, from_ms], |row| {
                decode(row.get_ref(0)?.as_blob()?)
            })?;
            let mut find =
                db.prepare_cached("SELECT data FROM past_item WHERE id=? AND uid=? AND ms<?")?;
            for uid in others {
                let data: Option<Vec<u8>> = find
                    .query_row(params![id, uid.as_str(), from_ms], |row| row.get(0))
                    .optional()?;
                if let Some(data) = data {
                    found.push(decode(&data)?);
                }
            }
            Ok(found)
        })
    }

    /// Visits every item with the object that it was read from, and who closed it.
    pub fn each_item_of(&self, mut visit: impl FnMut(Oid, Item, Option<String>)) -> Result<()> {
        let sql = "SELECT oid, data, name FROM item JOIN doc USING(n) LEFT JOIN closer USING(n)";
        self.ask(|db| {
            read_all(db, sql, [], |row| {
                let oid = Oid::try_from(row.get_ref(0)?.as_blob()?);
                let oid = oid.map_err(|_| Fault::Doubt("an object id cannot be read"))?;
                visit(oid, decode(row.get_ref(1)?.as_blob()?)?, row.get(2)?);
                Ok(())
            })
        })
    }
}

/// What a commit did to one of very many items.
#[derive(Clone, Debug)]
pub struct PastItem<T> {
    /// The item.
    pub uid: Uid,
    /// The moment until which it matters to a period, in milliseconds since the Unix epoch.
    pub ms: i64,
    /// What the commit did to it.
    pub change: T,
}
