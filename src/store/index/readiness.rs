//! The readiness of every item, stored in the index, and when it is evaluated again.
//!
//! The graph alone decides it: after a change it is evaluated again, with as many items around the
//! changed ones as can matter.
//!
//! A deferred item becomes ready without a write, so the moment for which the readiness holds is
//! stored with all such times in order; a query at another moment evaluates only what came due
//! between the two.

use std::collections::{BTreeSet, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::document_row::{decode, edges, light_items};
use super::item_queries::uids;
use super::neighborhood::{Reach, Source, around};
use super::plan_decisions::undecided;
use super::schema::{GATES, PARENT, WAITING};
use super::{Result, meta, set_meta};
use crate::graph::{Graph, Light};
use crate::model::item::Item;
use crate::model::uid::Uid;

/// The key of the moment of the readiness. A new index starts at the epoch, when everything with a
/// time is still deferred; the first query for ready work advances it.
const EVALUATED_AT: &str = "judged";

/// Above this number of items, evaluating all of them costs no more than finding the affected ones.
const NEAR: usize = 2_000;

/// The part of an item that affects others.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Influence {
    pub(super) open: bool,
    /// Set if it was stopped by hand.
    stopped: bool,
    template: bool,
    /// The end of its deferral.
    defer_ms: Option<u64>,
    /// Its edges, by kind and target.
    pub(super) edges: BTreeSet<(i64, Uid)>,
}

/// The part of an item that affects others.
pub(super) fn influence(item: &Item) -> Influence {
    let stopped = matches!(
        item.status,
        crate::model::status::Status::Blocked | crate::model::status::Status::Deferred
    );
    Influence {
        open: item.is_open(),
        stopped,
        template: item.issue.template,
        defer_ms: item.issue.defer_ms,
        edges: edges(item).map(|(k, uid)| (k, uid.clone())).collect(),
    }
}

/// The moment of the readiness, in milliseconds since the Unix epoch.
pub(super) fn evaluated_at(db: &Connection) -> Result<u64> {
    let ms: i64 = meta(db, EVALUATED_AT)?.unwrap_or(0);
    Ok(u64::try_from(ms).unwrap_or(0))
}

/// True if an item is deferred at the moment of the readiness and not at another one, or the other
/// way round.
pub(super) fn is_due(db: &Connection, now_ms: u64) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS(SELECT 1 FROM item INDEXED BY item_defer
             WHERE defer>min(at,?1) AND defer<=max(at,?1))
             FROM (SELECT coalesce((SELECT value FROM meta WHERE key='judged'),0) AS at)",
        )?
        .query_row([sql_ms(now_ms)], |row| row.get(0))?)
}

/// Moves the readiness to another moment: items that came due since are evaluated again, with
/// everything below them.
pub(super) fn reevaluate(db: &Connection, now_ms: u64) -> Result<()> {
    let (from, to) = (sql_ms(evaluated_at(db)?), sql_ms(now_ms));
    set_meta(db, EVALUATED_AT, to)?;
    let sql = "SELECT uid FROM item INDEXED BY item_defer JOIN doc USING(n)
         WHERE defer>min(?1,?2) AND defer<=max(?1,?2)";
    let mut changed = Changed::default();
    changed.items.extend(uids(db, sql, &[&from, &to])?);
    if changed.items.is_empty() {
        return Ok(());
    }
    changed.influential = changed.items.clone();
    evaluate_changed(db, &changed)
}

fn sql_ms(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

/// Evaluates every item.
pub(super) fn evaluate_all(db: &Connection) -> Result<()> {
    evaluate_items(db, &light_items(db)?)
}

/// Evaluates every item of the whole state, passed by the caller.
pub(super) fn evaluate_items(db: &Connection, items: &[Light]) -> Result<()> {
    let items: Vec<&Light> = items.iter().collect();
    let graph = Graph::new(&items, evaluated_at(db)?).undecided(undecided(db)?);
    let readiness = [
        (super::READY, "ready", graph.ready()),
        (super::BLOCKED, "blocked", graph.blocked()),
    ];
    for (name, column, uids) in readiness {
        super::set_tally(db, name, i64::try_from(uids.len()).unwrap_or(i64::MAX))?;
        mark(db, column, uids)?;
    }
    set_meta(db, "cyclic", !graph.cycles().is_empty())
}

/// Sets a mark for these items and no others. Rows that already have it are not touched: writes to
/// a large index stay in memory until all are made.
fn mark(db: &Connection, column: &str, uids: Vec<Uid>) -> Result<()> {
    let mut wanted: HashSet<Uid> = uids.into_iter().collect();
    let mut over = Vec::new();
    let mut now = db.prepare(&format!(
        "SELECT n, uid FROM item JOIN doc USING(n) WHERE {column}=1"
    ))?;
    let mut rows = now.query([])?;
    while let Some(row) = rows.next()? {
        let uid = Uid::new(row.get_ref(1)?.as_str()?);
        if !uid.is_some_and(|uid| wanted.remove(&uid)) {
            over.push(row.get::<_, i64>(0)?);
        }
    }
    let mut set = db.prepare(&format!("UPDATE item SET {column}=? WHERE n=?"))?;
    for n in over {
        set.execute((false, n))?;
    }
    let mut find = db.prepare("SELECT n FROM doc WHERE uid=?")?;
    let mut found = Vec::new();
    for uid in wanted {
        let n = find.query_row([uid.as_str()], |row| row.get::<_, i64>(0));
        found.extend(n.optional()?);
    }
    // In their order, each page of the table is read once.
    found.sort_unstable();
    for n in found {
        set.execute((true, n))?;
    }
    Ok(())
}

/// The effects of a change on the graph.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// The items that changed, were added or removed.
    pub(super) items: BTreeSet<Uid>,
    /// Those of them whose effect on others changed.
    pub(super) influential: BTreeSet<Uid>,
    /// Those of them that may close a cycle: a new edge, or open again.
    pub(super) closing: BTreeSet<Uid>,
    /// The targets of removed parent edges: they may have no open child any more.
    pub(super) parents: BTreeSet<Uid>,
}

/// Evaluates the items that a change affects.
pub(super) fn evaluate_changed(db: &Connection, changed: &Changed) -> Result<()> {
    let cyclic: bool = meta(db, "cyclic")?.unwrap_or(true);
    if cyclic && !changed.influential.is_empty() {
        return evaluate_all(db);
    }
    let source = Rows { db };
    if !changed.closing.is_empty() {
        let Some(near) = around(&source, &changed.closing, Reach::Waits, NEAR)? else {
            return evaluate_all(db);
        };
        let items: Vec<&Item> = near.values().collect();
        if !Graph::new(&items, 0).cycles().is_empty() {
            return evaluate_all(db);
        }
    }
    let Some(concerned) = concerned(&source, changed)? else {
        return evaluate_all(db);
    };
    let Some(near) = around(&source, &concerned, Reach::Readiness, 4 * NEAR)? else {
        return evaluate_all(db);
    };
    let items: Vec<&Item> = near.values().collect();
    let graph = Graph::new(&items, evaluated_at(db)?).undecided(undecided(db)?);
    let blocked: BTreeSet<Uid> = graph.blocked().into_iter().collect();
    let (mut more_ready, mut more_blocked) = (0i64, 0i64);
    for uid in &concerned {
        let before: Option<(i64, bool, bool)> = db
            .prepare_cached(
                "SELECT item.n, ready, blocked FROM doc JOIN item USING(n) WHERE uid=?",
            )?
            .query_row([uid.as_str()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((n, was_ready, was_blocked)) = before else {
            continue;
        };
        let now = (graph.is_ready(uid), blocked.contains(uid));
        if now != (was_ready, was_blocked) {
            db.prepare_cached("UPDATE item SET ready=?, blocked=? WHERE n=?")?
                .execute(params![now.0, now.1, n])?;
            more_ready += i64::from(now.0) - i64::from(was_ready);
            more_blocked += i64::from(now.1) - i64::from(was_blocked);
        }
    }
    super::add_tally(db, super::READY, more_ready)?;
    super::add_tally(db, super::BLOCKED, more_blocked)
}

/// The changed items, and where their effect on others changed, their dependents, parents, the
/// items that wait for the children of these, and everything below any of them. `None` if there are
/// too many.
fn concerned(source: &Rows<'_>, changed: &Changed) -> Result<Option<BTreeSet<Uid>>> {
    let mut all = changed.items.clone();
    let mut parents = changed.parents.clone();
    let mut below: Vec<Uid> = changed.influential.iter().cloned().collect();
    let waiting = |uid: &Uid, kinds: &[i64], all: &mut BTreeSet<Uid>, below: &mut Vec<Uid>| {
        for kind in kinds {
            for dependent in source.sources(uid, *kind)? {
                all.insert(dependent.clone());
                below.push(dependent);
            }
        }
        Ok::<(), super::Fault>(())
    };
    for uid in &changed.influential {
        waiting(uid, &WAITING, &mut all, &mut below)?;
        if let Some(item) = source.item(uid)? {
            let above = edges(&item).filter(|(kind, _)| *kind == PARENT);
            parents.extend(above.map(|(_, uid)| uid.clone()));
        }
    }
    for parent in parents {
        waiting(&parent, &GATES, &mut all, &mut below)?;
        all.insert(parent);
    }
    while let Some(uid) = below.pop() {
        for child in source.sources(&uid, PARENT)? {
            if all.insert(child.clone()) {
                below.push(child);
            }
        }
        if all.len() > NEAR {
            return Ok(None);
        }
    }
    Ok(Some(all))
}

/// The items of the index as a source.
pub(super) struct Rows<'d> {
    pub(super) db: &'d Connection,
}

impl Source for Rows<'_> {
    fn item(&self, uid: &Uid) -> Result<Option<Item>> {
        let mut find = self
            .db
            .prepare_cached("SELECT data FROM doc JOIN item USING(n) WHERE uid=?")?;
        let mut rows = find.query([uid.as_str()])?;
        match rows.next()? {
            Some(row) => Ok(Some(decode(row.get_ref(0)?.as_blob()?)?)),
            None => Ok(None),
        }
    }

    fn sources(&self, target: &Uid, kind: i64) -> Result<Vec<Uid>> {
        let sql = "SELECT uid FROM edge JOIN doc ON n=src WHERE dst=? AND kind=?";
        uids(self.db, sql, &[&target.as_str(), &kind])
    }
}
