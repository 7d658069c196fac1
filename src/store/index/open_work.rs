//! The open work of the state in sums: SQLite adds up an index that has all of it.

use rusqlite::params;

use super::document_row::decode;
use super::item_queries::{Scan, count_in, read_all};
use super::schema::PARENT;
use super::{Fault, Index, Result};
use crate::graph::{is_counted, is_under_way};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::limits::DUE_SOON_MS;
use crate::model::status::Status;
use crate::model::uid::Uid;

/// Open tasks and issues that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    /// Their status, as people read it.
    pub status: Status,
    /// True if they are started.
    pub begun: bool,
    /// True if they can be started.
    pub ready: bool,
    /// True if they are blocked.
    pub blocked: bool,
    /// Their number.
    pub items: i64,
    /// The sum of their estimates.
    pub minutes: i64,
}

/// The estimated minutes of open work; `None` for anything else.
pub fn open_minutes(item: &Item) -> Option<i64> {
    let is_open = item.is_open() && is_counted(item);
    is_open.then(|| i64::try_from(item.estimated_minutes().unwrap_or(0)).unwrap_or(i64::MAX))
}

/// The column of an item that says whether it is open work: none, its minutes if it waits, else what
/// is left of -1 without its minutes.
pub(super) fn todo(item: &Item) -> Option<i64> {
    let minutes = open_minutes(item)?.min(MINUTES_MAX);
    Some(if is_under_way(item) {
        -1 - minutes
    } else {
        minutes
    })
}

/// The reverse for open work: whether it is started, and its minutes.
pub(super) fn of_todo(todo: i64) -> (bool, i64) {
    match todo < 0 {
        true => (true, -1 - todo),
        false => (false, todo),
    }
}

/// The longest estimate that sums take in.
const MINUTES_MAX: i64 = 1 << 40;

impl Index {
    /// The open work at a moment (milliseconds since the Unix epoch).
    pub fn open_work(&self, now_ms: u64) -> Result<Vec<Alike>> {
        self.evaluate_at(now_ms)?;
        let now = i64::try_from(now_ms).unwrap_or(i64::MAX);
        self.ask(|db| {
            // In the order of the index, so that nothing has to be sorted.
            let sql = "SELECT status, ready, blocked, defer, todo, count(*) FROM item
                 INDEXED BY item_todo WHERE todo IS NOT NULL GROUP BY 1,2,3,4,5";
            read_all(db, sql, [], |row| {
                let status = Status::parse(ItemKind::Issue, row.get_ref(0)?.as_str()?);
                let status = status.ok_or(Fault::Doubt("a status cannot be read"))?;
                let is_put_off = row
                    .get::<_, Option<i64>>(3)?
                    .is_some_and(|until| until > now);
                let (begun, minutes) = of_todo(row.get(4)?);
                let items: i64 = row.get(5)?;
                Ok(Alike {
                    status: match is_put_off && status.is_startable() {
                        true => Status::Deferred,
                        false => status,
                    },
                    begun,
                    ready: row.get(1)?,
                    blocked: row.get(2)?,
                    items,
                    minutes: items.saturating_mul(minutes),
                })
            })
        })
    }

    /// The number of open items that could be started at a moment (milliseconds since the Unix epoch), but for their
    /// open parts.
    pub fn count_containers(&self, now_ms: u64) -> Result<usize> {
        self.evaluate_at(now_ms)?;
        let now = i64::try_from(now_ms).unwrap_or(i64::MAX);
        self.ask(|db| {
            let sql = "SELECT count(*) FROM item INDEXED BY item_todo WHERE todo>=0
                 AND status IN ('queued','open') AND ready=0 AND blocked=0 AND (defer IS NULL OR defer<=?)";
            let n: i64 = db.prepare_cached(sql)?.query_row([now], |row| row.get(0))?;
            Ok(usize::try_from(n).unwrap_or(0))
        })
    }

    /// Visits items with an owner that can be started, or that are blocked: of each owner, in any case of
    /// the name, by priority and age, until `take` took so many of them, and before them all that can
    /// be started and are due soon.
    pub fn first_of_owners(
        &self,
        which: &Scan<'_>,
        limit: usize,
        mut take: impl FnMut(Item) -> bool,
    ) -> Result<()> {
        let (now_ms, mark) = match which {
            Scan::ReadyOwned(now_ms) => (*now_ms, "ready"),
            Scan::BlockedOwned(now_ms) => (*now_ms, "blocked"),
            _ => return Err(Fault::Doubt("these are not of owners")),
        };
        self.evaluate_at(now_ms)?;
        let soon = i64::try_from(now_ms.saturating_add(DUE_SOON_MS)).unwrap_or(i64::MAX);
        let from = format!("FROM item INDEXED BY item_{mark}_owner WHERE {mark}=1");
        let next = format!("SELECT min(owner) {from} AND owner>?");
        let first = format!("SELECT data {from} AND owner=? ORDER BY priority, age, rank");
        self.ask(|db| {
            if mark == "ready" {
                let sql = "SELECT data FROM item INDEXED BY item_due
                     WHERE ready=1 AND due IS NOT NULL AND due<=? AND owner IS NOT NULL";
                let mut due = db.prepare_cached(sql)?;
                let mut due = due.query([soon])?;
                while let Some(row) = due.next()? {
                    take(decode(row.get_ref(0)?.as_blob()?)?);
                }
            }
            let (mut next, mut first) = (db.prepare_cached(&next)?, db.prepare_cached(&first)?);
            let mut owner = String::new();
            loop {
                let found: Option<String> = next.query_row([&owner], |row| row.get(0))?;
                let Some(found) = found else {
                    return Ok(());
                };
                owner = found;
                let mut taken = 0;
                let mut rows = first.query([&owner])?;
                while taken < limit
                    && let Some(row) = rows.next()?
                {
                    taken += usize::from(take(decode(row.get_ref(0)?.as_blob()?)?));
                }
            }
        })
    }

    /// The number of the parts of an item, of those that are closed, and of those that were cancelled.
    pub fn count_parts(&self, of: &Uid) -> Result<[usize; 3]> {
        let sql = "SELECT count(*), coalesce(sum(open=0),0), coalesce(sum(status=?3),0)
             FROM edge JOIN item ON n=src WHERE dst=?1 AND edge.kind=?2 AND deleted=0";
        self.ask(|db| {
            let asked = params![of.as_str(), PARENT, Status::Cancelled.as_str()];
            let counts: [i64; 3] = db
                .prepare_cached(sql)?
                .query_row(asked, |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
            Ok(counts.map(|n| usize::try_from(n).unwrap_or(0)))
        })
    }

    /// The number of epics in each state.
    pub fn epics(&self) -> Result<Vec<(String, usize)>> {
        let sql = "SELECT status, count(*) FROM item WHERE kind=? AND deleted=0 GROUP BY 1";
        self.ask(|db| read_all(db, sql, [ItemKind::Epic as i64], count_in))
    }
}
