//! What reports have read from commits of the state, by commit.
//!
//! A commit never changes, so nothing here is ever outdated, whatever becomes of the history. Of a
//! commit with very many items some are kept one by one, so that a period reads only its own.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::document_row::{decode, encode};
use super::item_queries::read_all;
use super::open_work::of_todo;
use super::{Fault, Index, Result};
use crate::git::repo::Oid;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::status::Status;
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

    /// Visits every item: the object that it was read from, what its row has of open work, and on request
    /// the item.
    pub fn each_item_of(
        &self,
        mut visit: impl FnMut(Oid, Option<OpenRow>, Whole<'_>) -> Result<()>,
    ) -> Result<()> {
        let sql = "SELECT oid, kind, status, todo, data, name
             FROM item JOIN doc USING(n) LEFT JOIN closer USING(n)";
        self.ask(|db| {
            read_all(db, sql, [], |row| {
                let oid = Oid::try_from(row.get_ref(0)?.as_blob()?);
                let oid = oid.map_err(|_| Fault::Doubt("an object id cannot be read"))?;
                let whole = || -> Result<(Item, Option<String>)> {
                    Ok((decode(row.get_ref(4)?.as_blob()?)?, row.get(5)?))
                };
                visit(oid, OpenRow::read(row)?, &whole)
            })
        })
    }
}

/// The item of a row, and who closed it.
pub type Whole<'r> = &'r dyn Fn() -> Result<(Item, Option<String>)>;

/// Open work as the columns of its row have it.
#[derive(Clone, Debug)]
pub struct OpenRow {
    /// Its status, whether or not it is put off.
    pub status: Status,
    /// True if it is started.
    pub begun: bool,
    /// Its estimate.
    pub minutes: i64,
}

impl OpenRow {
    /// `None` for anything else.
    fn read(row: &Row<'_>) -> Result<Option<OpenRow>> {
        let Some(todo) = row.get::<_, Option<i64>>(3)? else {
            return Ok(None);
        };
        let kind: i64 = row.get(1)?;
        let kind = ItemKind::ALL.into_iter().find(|one| *one as i64 == kind);
        let kind = kind.ok_or(Fault::Doubt("a kind cannot be read"))?;
        let status = Status::parse(kind, row.get_ref(2)?.as_str()?);
        let (begun, minutes) = of_todo(todo);
        Ok(Some(OpenRow {
            status: status.ok_or(Fault::Doubt("a status cannot be read"))?,
            begun,
            minutes,
        }))
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
