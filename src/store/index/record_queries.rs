//! Queries for comments, reservations, messages, families and damaged files.

use std::collections::BTreeSet;

use super::document_row::decode;
use super::item_queries::{read_all, uids};
use super::schema::{COMMENT, ITEM, LEARNING, MESSAGE, RESERVATION};
use super::{Fault, Index, Result};
use crate::layout::Family;
use crate::model::learning::Learning;
use crate::model::reservation::Reservation;
use crate::model::uid::Uid;
use crate::read_document::Damaged;

impl Index {
    /// The comments on an item.
    pub fn comments(&self, item: &Uid) -> Result<Vec<Uid>> {
        let sql = "SELECT uid FROM comment JOIN doc USING(n) WHERE item=?";
        self.ask(|db| uids(db, sql, &[&item.as_str()]))
    }

    /// The reservations that have not ended, except those that expired by `now_ms`.
    pub fn open_reservations(&self, now_ms: u64) -> Result<Vec<Reservation>> {
        self.reservations(
            "SELECT data FROM reservation WHERE ended=0 AND (expires IS NULL OR expires>?)",
            now_ms,
        )
    }

    /// Those of the same reservations that `choose` picks by their patterns: each text holds the
    /// patterns of one, a line each. Only those picked are read.
    pub fn open_reservations_among(
        &self,
        now_ms: u64,
        choose: impl FnOnce(&[&str]) -> BTreeSet<usize>,
    ) -> Result<Vec<Reservation>> {
        self.ask(|db| {
            let mut all = db.prepare_cached(
                "SELECT n, patterns FROM reservation
                 WHERE ended=0 AND (expires IS NULL OR expires>?)",
            )?;
            let mut rows = all.query([i64::try_from(now_ms).unwrap_or(i64::MAX)])?;
            let (mut numbers, mut texts, mut ends) = (Vec::new(), String::new(), Vec::new());
            while let Some(row) = rows.next()? {
                numbers.push(row.get::<_, i64>(0)?);
                texts.push_str(row.get_ref(1)?.as_str()?);
                ends.push(texts.len());
            }
            let begins = std::iter::once(0).chain(ends.iter().copied());
            let each = begins.zip(&ends).map(|(begin, end)| &texts[begin..*end]);
            let chosen = choose(&each.collect::<Vec<&str>>());
            let mut read = db.prepare_cached("SELECT data FROM reservation WHERE n=?")?;
            let mut out = Vec::new();
            for n in chosen.into_iter().filter_map(|at| numbers.get(at)) {
                let mut rows = read.query([n])?;
                if let Some(row) = rows.next()? {
                    out.push(decode(row.get_ref(0)?.as_blob()?)?);
                }
            }
            Ok(out)
        })
    }

    /// Every reservation.
    pub(crate) fn all_reservations(&self) -> Result<Vec<Reservation>> {
        self.reservations("SELECT data FROM reservation WHERE ? IS NOT NULL", 0)
    }

    fn reservations(&self, sql: &str, now_ms: u64) -> Result<Vec<Reservation>> {
        let now = i64::try_from(now_ms).unwrap_or(i64::MAX);
        self.ask(|db| read_all(db, sql, [now], |row| decode(row.get_ref(0)?.as_blob()?)))
    }

    /// The learnings whose text has concurrent versions.
    pub fn conflicted_learnings(&self) -> Result<Vec<Uid>> {
        let sql = "SELECT uid FROM learning JOIN doc USING(n) WHERE conflicted=1";
        self.ask(|db| uids(db, sql, &[]))
    }

    /// Every learning, deleted ones too.
    pub fn learnings(&self) -> Result<Vec<Learning>> {
        let sql = "SELECT data FROM learning";
        self.ask(|db| read_all(db, sql, [], |row| decode(row.get_ref(0)?.as_blob()?)))
    }

    /// The learnings in force that `choose` picks by their patterns, a line each, and their gist.
    /// Only those are read.
    pub fn learnings_about(
        &self,
        mut choose: impl FnMut(&str, &str) -> bool,
    ) -> Result<Vec<Learning>> {
        self.ask(|db| {
            let mut all =
                db.prepare_cached("SELECT paths, gist, data FROM learning WHERE live=1")?;
            let mut rows = all.query([])?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                if choose(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?) {
                    out.push(decode(row.get_ref(2)?.as_blob()?)?);
                }
            }
            Ok(out)
        })
    }

    /// The documents of a family of records whose uid has this end, of six characters or more.
    pub fn ending_with(&self, family: Family, end: &str) -> Result<Vec<Uid>> {
        let number = match family {
            Family::Message => MESSAGE,
            Family::Learning => LEARNING,
            _ => return Err(Fault::Doubt("these have no short ids")),
        };
        let last = end.get(end.len().saturating_sub(6)..).unwrap_or(end);
        let sql = "SELECT uid FROM doc WHERE substr(uid,-6)=?1 AND family>=3 AND family=?2
                 AND substr(uid,-length(?3))=?3 ORDER BY uid";
        self.ask(|db| uids(db, sql, &[&last, &number, &end]))
    }

    /// The uids of a family.
    pub fn family(&self, family: Family) -> Result<Vec<Uid>> {
        let number = match family {
            Family::Item(_) => ITEM,
            Family::Comment => COMMENT,
            Family::Reservation => RESERVATION,
            Family::Message => MESSAGE,
            Family::Learning => LEARNING,
            Family::Key
            | Family::Agent
            | Family::Plan
            | Family::Context
            | Family::Artifact
            | Family::Finding
            | Family::Run => {
                return Err(Fault::Doubt("these are not in the index"));
            }
        };
        self.ask(|db| uids(db, "SELECT uid FROM doc WHERE family=?", &[&number]))
    }

    /// The files that are not documents.
    pub fn damaged(&self) -> Result<Vec<Damaged>> {
        self.ask(|db| {
            let sql = "SELECT path, reason FROM damaged ORDER BY path";
            read_all(db, sql, [], |row| {
                Ok(Damaged {
                    path: row.get(0)?,
                    reason: row.get(1)?,
                })
            })
        })
    }
}
