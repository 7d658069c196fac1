//! What is ready and what is blocked, kept for every item. The rule is the graph's alone: after a
//! change it is asked again, with as many items around the changed ones as can matter.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::around::{Reach, Source, around};
use super::row::{self, decode, edges};
use super::schema::{HARD, PARENT};
use super::{Result, meta, set_meta};
use crate::graph::Graph;
use crate::model::item::Item;
use crate::model::uid::Uid;

/// Above this many items, judging all of them costs no more than finding out whom it concerns.
const NEAR: usize = 2_000;

/// The part of an item that decides about others.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Weight {
    /// Whether nothing about it is over.
    pub(super) open: bool,
    /// Whether it was stopped by hand.
    stopped: bool,
    /// Its edges, by kind and target.
    pub(super) edges: BTreeSet<(i64, Uid)>,
}

/// What an item weighs for others.
pub(super) fn weight(item: &Item) -> Weight {
    let stopped = matches!(
        item.status,
        crate::model::status::Status::Blocked | crate::model::status::Status::Deferred
    );
    Weight {
        open: super::row::is_open(item),
        stopped,
        edges: edges(item).map(|(k, uid)| (k, uid.clone())).collect(),
    }
}

/// Judges every item.
pub(super) fn judge_all(db: &Connection) -> Result<()> {
    let items = row::all_items(db)?;
    let items: Vec<&Item> = items.iter().collect();
    judge_these(db, &items)
}

/// Judges every item of the whole state, which the caller has at hand.
pub(super) fn judge_these(db: &Connection, items: &[&Item]) -> Result<()> {
    let graph = Graph::new(items, 0);
    db.execute(
        "UPDATE item SET ready=0, blocked=0 WHERE ready=1 OR blocked=1",
        [],
    )?;
    let mark = |sql: &str, uids: Vec<Uid>| -> Result<()> {
        let mut update = db.prepare_cached(sql)?;
        for uid in uids {
            update.execute([uid.as_str()])?;
        }
        Ok(())
    };
    mark(
        "UPDATE item SET ready=1 WHERE n=(SELECT n FROM doc WHERE uid=?)",
        graph.ready(),
    )?;
    let blocked = graph.blocked();
    let count = blocked.len();
    mark(
        "UPDATE item SET blocked=1 WHERE n=(SELECT n FROM doc WHERE uid=?)",
        blocked,
    )?;
    super::set_tally(db, super::BLOCKED, i64::try_from(count).unwrap_or(i64::MAX))?;
    set_meta(db, "cyclic", !graph.cycles().is_empty())
}

/// What a change did to the graph.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// The items that changed, were added or went.
    pub(super) items: BTreeSet<Uid>,
    /// Those of them whose weight for others changed.
    pub(super) weighty: BTreeSet<Uid>,
    /// Those of them that may close a cycle: a new edge, or open again.
    pub(super) closing: BTreeSet<Uid>,
    /// The targets of parent edges that are gone: they may hold no open child any more.
    pub(super) parents: BTreeSet<Uid>,
}

/// Judges the items that a change concerns.
pub(super) fn judge(db: &Connection, changed: &Changed) -> Result<()> {
    let cyclic: bool = meta(db, "cyclic")?.unwrap_or(true);
    if cyclic && !changed.weighty.is_empty() {
        return judge_all(db);
    }
    let source = Rows { db };
    if !changed.closing.is_empty() {
        let Some(near) = around(&source, &changed.closing, Reach::Waits, NEAR)? else {
            return judge_all(db);
        };
        let items: Vec<&Item> = near.values().collect();
        if !Graph::new(&items, 0).cycles().is_empty() {
            return judge_all(db);
        }
    }
    let Some(concerned) = concerned(&source, changed)? else {
        return judge_all(db);
    };
    let Some(near) = around(&source, &concerned, Reach::Verdict, 4 * NEAR)? else {
        return judge_all(db);
    };
    let items: Vec<&Item> = near.values().collect();
    let graph = Graph::new(&items, 0);
    let blocked: BTreeSet<Uid> = graph.blocked().into_iter().collect();
    let mut delta = 0i64;
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
            delta += i64::from(now.1) - i64::from(was_blocked);
        }
    }
    super::add_tally(db, super::BLOCKED, delta)
}

/// The changed items, and where their weight for others changed, their dependants, parents, and
/// all that lies below any of these. `None` when it is too many.
fn concerned(source: &Rows<'_>, changed: &Changed) -> Result<Option<BTreeSet<Uid>>> {
    let mut all = changed.items.clone();
    all.extend(changed.parents.iter().cloned());
    let mut below: Vec<Uid> = changed.weighty.iter().cloned().collect();
    for uid in &changed.weighty {
        for dependant in source.sources(uid, HARD)? {
            all.insert(dependant.clone());
            below.push(dependant);
        }
        if let Some(item) = source.item(uid)? {
            all.extend(
                edges(&item)
                    .filter(|(kind, _)| *kind == PARENT)
                    .map(|(_, uid)| uid.clone()),
            );
        }
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
        let mut find = self
            .db
            .prepare_cached("SELECT uid FROM edge JOIN doc ON n=src WHERE dst=? AND kind=?")?;
        let mut rows = find.query(params![target.as_str(), kind])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.extend(Uid::new(row.get_ref(0)?.as_str()?));
        }
        Ok(out)
    }
}
