//! Queries for items, their ids and counts.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OptionalExtension, Params, Row, ToSql, params, params_from_iter};

use super::document_row::{decode, each_item, each_vertex, title_hash};
use super::neighborhood::{Reach, around};
use super::readiness::Rows;
use super::schema::{CONTRADICTS, PLANNED, SUPERSEDES};
use super::{Among, Fault, Index, Result, Source, full_text, readiness, tally};
use crate::git::repo::{Oid, Repo};
use crate::graph::Record;
use crate::model::id::{self, ItemKind};
use crate::model::item::Item;
use crate::model::limits::DUE_SOON_MS;
use crate::model::uid::Uid;

/// The items that are wanted, deleted ones only for [`Scan::Deleted`]. All but ready and blocked ones are in the order of
/// kind and id.
#[derive(Clone, Debug)]
pub enum Scan<'a> {
    /// Every item, of one kind or of all.
    All(Option<ItemKind>),
    /// Items that are open, of one kind or of all.
    Open(Option<ItemKind>),
    /// Items that can be started at a moment (milliseconds since the Unix epoch), best first.
    Ready(u64),
    /// Items that wait for others at a moment, or were stopped by hand.
    Blocked(u64),
    /// Ready items with an owner, by priority and age.
    ReadyOwned(u64),
    /// Blocked items with an owner, by priority and age.
    BlockedOwned(u64),
    /// Open work that is started.
    Begun,
    /// Open items that an actor holds or is assigned to, in any case of the name.
    Owner(&'a str),
    /// Items with a branch of that name.
    Branch(&'a str),
    /// As this, but the deleted ones.
    Deleted(&'a str),
    /// Started and not closed.
    Active,
    /// Those of them that have a branch.
    Branched,
    /// Submitted or approved, and not closed.
    Submitted,
    /// With a claim that has not ended.
    Held,
    /// In progress without a claim, and assigned to an actor of this name or to none.
    Unheld(&'a str),
    /// With concurrent versions of the body.
    Conflicted,
    /// Items that group others, as `Item::is_epic` says.
    Epics,
    /// Open items of a type, which is in lower case.
    Typed(&'a str),
    /// Items that name an epic.
    Epic(&'a Uid),
    /// Open items with a title, ignoring case and blanks.
    Titled(&'a str),
}

/// A place in the state's tree.
#[derive(Clone, Debug)]
pub struct Place {
    pub path: String,
    pub oid: Oid,
}

/// One hit of a full-text search.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The item, message or learning.
    pub item: Uid,
    /// The comment on it that matches; `None` if the item itself does.
    pub comment: Option<Uid>,
    /// The item as it was found, where it has the words itself.
    pub row: Option<Item>,
    /// BM25; the less the better.
    pub score: f64,
}

/// What `of` reads in the rows of an answer.
pub(super) fn read_all<T, C: FromIterator<T>>(
    db: &Connection,
    sql: &str,
    args: impl Params,
    of: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<C> {
    db.prepare_cached(sql)?.query_and_then(args, of)?.collect()
}

pub(super) fn uids(db: &Connection, sql: &str, args: &[&dyn ToSql]) -> Result<Vec<Uid>> {
    read_all(db, sql, args, |row| uid_in(row, 0))
}

/// The uid in a column.
pub(super) fn uid_in(row: &Row<'_>, column: usize) -> Result<Uid> {
    let uid = Uid::new(row.get_ref(column)?.as_str()?);
    uid.ok_or(Fault::Doubt("a uid cannot be read"))
}

/// A word and the number of what it counts.
pub(super) fn count_in(row: &Row<'_>) -> Result<(String, usize)> {
    let n: i64 = row.get(1)?;
    Ok((row.get(0)?, usize::try_from(n).unwrap_or(0)))
}

impl Index {
    /// An item, deleted or not.
    pub fn item(&self, uid: &Uid) -> Result<Option<Item>> {
        self.ask(|db| Rows { db }.item(uid))
    }

    /// The place of a document.
    pub fn place(&self, uid: &Uid) -> Result<Option<Place>> {
        self.ask(|db| {
            db.prepare_cached("SELECT path, oid FROM doc WHERE uid=?")?
                .query_row([uid.as_str()], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
                })
                .optional()?
                .map(|(path, oid)| {
                    let oid = Oid::try_from(oid.as_slice());
                    let oid = oid.map_err(|_| Fault::Doubt("an object id cannot be read"))?;
                    Ok(Place { path, oid })
                })
                .transpose()
        })
    }

    /// The items, deleted ones too, with this id or birth id.
    pub fn named(&self, id: &str) -> Result<Vec<Uid>> {
        let sql = "SELECT uid FROM doc WHERE n IN (SELECT n FROM item WHERE id=?1
                 UNION SELECT n FROM item WHERE born=?1) ORDER BY uid";
        self.ask(|db| uids(db, sql, &[&id]))
    }

    /// The ids to show of all items, deleted ones too: the id itself, with the end of the uid if
    /// two items that were not deleted share it.
    pub(crate) fn shown_ids(&self) -> Result<HashMap<Uid, String>> {
        self.ask(|db| {
            let shared: HashSet<String> = match tally(db, super::DUPLICATES)? {
                0 => HashSet::new(),
                _ => {
                    let sql = "SELECT id FROM item WHERE deleted=0 GROUP BY id HAVING count(*)>1";
                    read_all(db, sql, [], |row| Ok(row.get(0)?))?
                }
            };
            let sql = "SELECT uid, id FROM item JOIN doc USING(n)";
            read_all(db, sql, [], |row| {
                let (uid, mut id): (Uid, String) = (uid_in(row, 0)?, row.get(1)?);
                if shared.contains(&id) {
                    id = format!("{id}-{}", uid.suffix(id::SUFFIX));
                }
                Ok((uid, id))
            })
        })
    }

    /// The id of an item, deleted or not.
    pub fn id_of(&self, uid: &Uid) -> Result<Option<String>> {
        self.ask(|db| {
            let mut find = db.prepare_cached(
                "SELECT id FROM item WHERE n=(SELECT n FROM doc WHERE uid=?1 AND family=0)",
            )?;
            let id = find.query_row([uid.as_str()], |row| row.get(0));
            Ok(id.optional()?)
        })
    }

    /// The items whose id starts with a text.
    pub(crate) fn starting_with(&self, prefix: &str) -> Result<Vec<Uid>> {
        let end = format!("{prefix}\u{10ffff}");
        let sql = "SELECT uid FROM item JOIN doc USING(n) WHERE id>=?1 AND id<?2 AND deleted=0
                 ORDER BY uid";
        self.ask(|db| uids(db, sql, &[&prefix, &end]))
    }

    /// The greatest number in the ids or birth ids of a kind. The item may be of another kind: an
    /// item of another program may be called `P-0007` and be a task.
    pub(crate) fn max_number(&self, kind: ItemKind) -> Result<u32> {
        self.ask(|db| {
            // The ranks of sequential ids are those of their kind, see `id::rank`.
            let (from, to) = ([0, kind as u8], [0, kind as u8 + 1]);
            let mut last = db.prepare_cached(
                "SELECT rank FROM item WHERE kind=?1 AND rank>=?2 AND rank<?3
                 ORDER BY rank DESC LIMIT 1",
            )?;
            let mut max = 0;
            for of in ItemKind::ALL {
                let rank: Option<Vec<u8>> = last
                    .query_row(params![of as i64, from, to], |row| row.get(0))
                    .optional()?;
                let number = rank
                    .and_then(|rank| Some(u32::from_be_bytes(rank.get(2..6)?.try_into().ok()?)));
                max = max.max(number.unwrap_or(0));
            }
            let mut born = db.prepare_cached("SELECT born FROM item WHERE born IS NOT NULL")?;
            let mut rows = born.query([])?;
            while let Some(row) = rows.next()? {
                if let Some((k, n)) = id::parse_sequential(row.get_ref(0)?.as_str()?)
                    && k == kind
                {
                    max = max.max(n);
                }
            }
            Ok(max)
        })
    }

    /// The number of items, deleted ones not counted.
    pub fn count(&self) -> Result<usize> {
        self.ask(|db| {
            let n: i64 = db
                .prepare_cached("SELECT coalesce(sum(n),0) FROM tally WHERE name GLOB 'status *'")?
                .query_row([], |row| row.get(0))?;
            Ok(usize::try_from(n).unwrap_or(0))
        })
    }

    /// The number of items that wait for others at a moment (milliseconds since the Unix epoch), or
    /// were stopped by hand.
    pub fn count_blocked(&self, now_ms: u64) -> Result<usize> {
        self.evaluate_at(now_ms)?;
        self.tally(super::BLOCKED)
    }

    /// The number of items that can be started at a moment (milliseconds since the Unix epoch).
    pub fn count_ready(&self, now_ms: u64) -> Result<usize> {
        self.evaluate_at(now_ms)?;
        self.tally(super::READY)
    }

    /// Makes sure that readiness is that of a moment: a deferral may have ended since it was
    /// evaluated.
    pub(super) fn evaluate_at(&self, now_ms: u64) -> Result<()> {
        if !self.ask(|db| readiness::is_due(db, now_ms))? {
            return Ok(());
        }
        self.amend_here(|db| readiness::reevaluate(db, now_ms))
    }

    /// Changes what is derived from the state that the index is at.
    fn amend_here(&self, change: impl FnOnce(&Connection) -> Result<()>) -> Result<()> {
        let tree = self.tree();
        self.amend(|db| {
            if super::index_file::state_of(db)?.tree != tree {
                return Err(Fault::Doubt("the index has moved on"));
            }
            change(db)
        })
    }

    /// A tally by name.
    pub fn tally(&self, name: &str) -> Result<usize> {
        self.ask(|db| Ok(usize::try_from(tally(db, name)?).unwrap_or(0)))
    }

    /// The number of tasks and issues in each state that an item has.
    pub fn counts(&self) -> Result<Vec<(String, usize)>> {
        let sql = "SELECT substr(name,8), n-coalesce((SELECT n FROM tally AS epics
                     WHERE epics.name='group '||substr(tally.name,8)),0)
                 FROM tally WHERE name GLOB 'status *' AND n>0";
        self.ask(|db| read_all(db, sql, [], count_in))
    }

    /// The number of tasks and issues in each state that could be started and are put off until a later
    /// time.
    pub fn put_off(&self, now_ms: u64) -> Result<Vec<(String, usize)>> {
        let now = i64::try_from(now_ms).unwrap_or(i64::MAX);
        let kinds = [ItemKind::Task as i64, ItemKind::Issue as i64];
        let sql = "SELECT status, count(*) FROM item INDEXED BY item_defer
                 WHERE defer>? AND open=1 AND kind IN (?,?) AND status IN ('queued','open') GROUP BY status";
        self.ask(|db| read_all(db, sql, [now, kinds[0], kinds[1]], count_in))
    }

    /// Visits items until `visit` returns false.
    pub fn scan(&self, which: &Scan<'_>, mut visit: impl FnMut(Item) -> bool) -> Result<()> {
        self.scan_rows(which, |data| Ok(visit(decode(data)?)))
    }

    /// Visits the stored rows of items until `visit` returns false.
    pub(crate) fn scan_rows(
        &self,
        which: &Scan<'_>,
        mut visit: impl FnMut(&[u8]) -> Result<bool>,
    ) -> Result<()> {
        let by_id = "kind, rank";
        let by_rank = "priority, age, rank";
        let of_kind = |kind: &ItemKind| Some((*kind as i64).into());
        // Few rows have a claim or a conflict, but SQLite does not know it and would walk over all
        // items in their order.
        let (by, condition, order, arg): (&str, &str, &str, Option<ToSqlOutput<'_>>) = match which {
            Scan::All(None) => ("", "deleted=0", by_id, None),
            Scan::All(Some(kind)) => ("", "deleted=0 AND kind=?1", "rank", of_kind(kind)),
            Scan::Open(None) => ("", "open=1", by_id, None),
            Scan::Open(Some(kind)) => ("", "open=1 AND kind=?1", "rank", of_kind(kind)),
            Scan::Ready(now_ms) => return self.scan_ready(*now_ms, visit),
            Scan::Blocked(_) => ("", "blocked=1", by_rank, None),
            Scan::ReadyOwned(_) => (
                "INDEXED BY item_ready_owner",
                "ready=1 AND owner IS NOT NULL",
                by_rank,
                None,
            ),
            Scan::BlockedOwned(_) => (
                "INDEXED BY item_blocked_owner",
                "blocked=1 AND owner IS NOT NULL",
                by_rank,
                None,
            ),
            Scan::Begun => ("INDEXED BY item_begun", "todo<0", by_id, None),
            Scan::Owner(name) => (
                "",
                "open=1 AND owner=?1",
                by_id,
                Some(name.to_lowercase().into()),
            ),
            Scan::Branch(name) => ("", "branch=?1 AND deleted=0", by_id, Some((*name).into())),
            Scan::Deleted(name) => ("", "branch=?1 AND deleted=1", by_id, Some((*name).into())),
            Scan::Active => (
                "",
                "deleted=0 AND status IN ('in_progress','in_review','ready_for_integration')",
                by_id,
                None,
            ),
            Scan::Branched => (
                "INDEXED BY item_branch",
                "branch IS NOT NULL AND deleted=0
                 AND status IN ('in_progress','in_review','ready_for_integration')",
                by_id,
                None,
            ),
            // The first condition is that of the index.
            Scan::Submitted => (
                "INDEXED BY item_active",
                "deleted=0 AND status IN ('in_progress','in_review','ready_for_integration')
                 AND status IN ('in_review','ready_for_integration')",
                by_id,
                None,
            ),
            Scan::Held => ("INDEXED BY item_held", "held=1 AND deleted=0", by_id, None),
            Scan::Unheld(name) => (
                "INDEXED BY item_unheld",
                "deleted=0 AND held=0 AND status='in_progress' AND coalesce(owner,'') IN ('',?1)",
                by_id,
                Some(name.to_lowercase().into()),
            ),
            Scan::Conflicted => ("INDEXED BY item_conflicted", "conflicted=1", by_id, None),
            Scan::Titled(title) => {
                let hash = title_hash(title).into();
                (
                    "INDEXED BY item_title",
                    "open=1 AND title=?1",
                    by_id,
                    Some(hash),
                )
            }
            Scan::Epics => ("INDEXED BY item_epics", "epics=1", by_id, None),
            Scan::Typed(word) => (
                "INDEXED BY item_type",
                "open=1 AND type=?1",
                by_id,
                Some((*word).into()),
            ),
            Scan::Epic(uid) => {
                let uid = uid.as_str().into();
                ("", "epic=?1 AND deleted=0", by_id, Some(uid))
            }
        };
        let sql = format!("SELECT data FROM item {by} WHERE {condition} ORDER BY {order}");
        if let Scan::Blocked(now_ms) | Scan::ReadyOwned(now_ms) | Scan::BlockedOwned(now_ms) = which
        {
            self.evaluate_at(*now_ms)?;
        }
        self.ask(|db| {
            let mut all = db.prepare_cached(&sql)?;
            let mut rows = all.query(params_from_iter(arg))?;
            while let Some(row) = rows.next()? {
                if !visit(row.get_ref(0)?.as_blob()?)? {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Visits the ready items: by priority, of each first what is overdue or due soon, then by age.
    fn scan_ready(&self, now_ms: u64, mut visit: impl FnMut(&[u8]) -> Result<bool>) -> Result<()> {
        self.evaluate_at(now_ms)?;
        let soon = i64::try_from(now_ms.saturating_add(DUE_SOON_MS)).unwrap_or(i64::MAX);
        self.ask(|db| {
            let sql = "SELECT priority, data FROM item INDEXED BY item_due
                 WHERE ready=1 AND due IS NOT NULL AND due<=? ORDER BY priority, due, age, rank";
            let due: Vec<(u8, Vec<u8>)> =
                read_all(db, sql, [soon], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut due = due.into_iter().peekable();
            let mut all = db.prepare_cached(
                "SELECT priority, coalesce(due<=?,0), data FROM item WHERE ready=1
                 ORDER BY priority, age, rank",
            )?;
            let mut rows = all.query([soon])?;
            while let Some(row) = rows.next()? {
                let priority: u8 = row.get(0)?;
                while let Some((_, data)) = due.next_if(|(one, _)| *one <= priority) {
                    if !visit(&data)? {
                        return Ok(());
                    }
                }
                if !row.get(1)? && !visit(row.get_ref(2)?.as_blob()?)? {
                    return Ok(());
                }
            }
            Ok(())
        })
    }

    /// The results of `keep` for every item, deleted ones too.
    pub fn of_every_item<T>(&self, keep: impl Fn(Item) -> T) -> Result<Vec<T>> {
        self.ask(|db| each_item(db, keep))
    }

    /// Visits the narrow row of every item, deleted ones too.
    pub fn each_vertex(&self, visit: impl FnMut(Record<'_>)) -> Result<()> {
        self.ask(|db| each_vertex(db, visit))
    }

    /// The items around some others; `None` if they are too many.
    pub fn near(
        &self,
        start: &BTreeSet<Uid>,
        reach: Reach,
        limit: usize,
    ) -> Result<Option<BTreeMap<Uid, Item>>> {
        self.ask(|db| around(&Rows { db }, start, reach, limit))
    }

    /// An item and those that can be reached from it over at most so many edges of any kind, in either
    /// direction, deleted ones left out; `None` if they are more than `limit`.
    pub fn linked(&self, start: &Uid, depth: usize, limit: usize) -> Result<Option<BTreeSet<Uid>>> {
        self.ask(|db| {
            let mut next = db.prepare_cached(
                "SELECT dst FROM edge JOIN doc ON n=src WHERE uid=?1 AND kind NOT IN (?2,?3,?4)
                 UNION SELECT uid FROM edge JOIN doc ON n=src WHERE dst=?1 AND kind NOT IN (?2,?3,?4)",
            )?;
            let here = Rows { db };
            let mut seen = BTreeSet::from([start.clone()]);
            let mut todo = VecDeque::from([(start.clone(), 0)]);
            while let Some((at, far)) = todo.pop_front() {
                if far == depth {
                    break;
                }
                let others = params![at.as_str(), CONTRADICTS, SUPERSEDES, PLANNED];
                let mut rows = next.query(others)?;
                while let Some(row) = rows.next()? {
                    let Some(uid) = Uid::new(row.get_ref(0)?.as_str()?) else {
                        continue;
                    };
                    let is_there = |item: Item| !item.deleted;
                    if !seen.contains(&uid) && here.item(&uid)?.is_some_and(is_there) {
                        seen.insert(uid.clone());
                        todo.push_back((uid, far + 1));
                    }
                }
                if seen.len() > limit {
                    return Ok(None);
                }
            }
            Ok(Some(seen))
        })
    }

    /// The items that have an edge of a kind to a target.
    pub fn sources(&self, target: &Uid, kind: i64) -> Result<Vec<Uid>> {
        self.ask(|db| Rows { db }.sources(target, kind))
    }

    /// The best hits for a full-text expression. The text part is created now if there is none.
    pub fn search(
        &self,
        repo: &Repo,
        among: Among,
        expression: &str,
        limit: usize,
    ) -> Result<Vec<Hit>> {
        let tree = self.tree();
        if !self.ask(|db| full_text::is_at(db, tree))? {
            self.amend_here(|db| match full_text::is_at(db, tree)? {
                true => Ok(()),
                false => full_text::build(db, repo, tree),
            })?;
        }
        self.ask(|db| full_text::search(db, among, expression, limit))
    }
}
