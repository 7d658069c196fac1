//! The index of the PRDs whose texts changed after the approvals of their plans.
//! The tasks of these plans are not ready.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};

use super::document_row::decode;
use super::readiness::Rows;
use super::schema::PLANNED;
use super::{Fault, Index, Result, Source};
use crate::git::repo::{Oid, Repo};
use crate::layout::{self, Family};
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::model::plan_decision::is_due;
use crate::model::planned_id::plan_uid;
use crate::model::uid::Uid;
use crate::read_document::read_doc;

impl Index {
    /// The PRDs about whose plans a person has to decide.
    pub fn undecided(&self) -> Result<BTreeSet<Uid>> {
        self.ask(undecided)
    }
}

/// The PRDs about whose plans a person has to decide.
pub(super) fn undecided(db: &Connection) -> Result<BTreeSet<Uid>> {
    let all = super::item_queries::uids(db, "SELECT prd FROM undecided", &[])?;
    Ok(all.into_iter().collect())
}

/// The PRD of the plan in a file.
pub(super) fn prd_of_plan(repo: &Repo, oid: Oid, path: &str) -> Option<Uid> {
    let plan = read_doc(repo, oid, path, Family::Plan).ok()?;
    ItemRef::parse(plan.text("prd")?).uid
}

/// Decides again for PRDs of which the text or the plan changed. Returns the tasks of those for which
/// the answer is another one.
pub(super) fn decide(
    db: &Connection,
    repo: &Repo,
    tree: Oid,
    prds: &BTreeSet<Uid>,
) -> Result<BTreeSet<Uid>> {
    let mut tasks = BTreeSet::new();
    for prd in prds {
        let sql = match is_undecided(db, repo, tree, prd)? {
            true => "INSERT OR IGNORE INTO undecided(prd) VALUES(?)",
            false => "DELETE FROM undecided WHERE prd=?",
        };
        if db.prepare_cached(sql)?.execute([prd.as_str()])? > 0 {
            tasks.extend(Rows { db }.sources(prd, PLANNED)?);
        }
    }
    Ok(tasks)
}

fn is_undecided(db: &Connection, repo: &Repo, tree: Oid, prd: &Uid) -> Result<bool> {
    let path = layout::by_end(Family::Plan, &plan_uid(prd));
    let unreadable = |_| Fault::Doubt("a plan cannot be found");
    let Some(oid) = repo.file_at(tree, &path).map_err(unreadable)? else {
        return Ok(false);
    };
    let row: Option<(String, Vec<u8>, Vec<u8>)> = db
        .prepare_cached("SELECT path, oid, data FROM doc JOIN item USING(n) WHERE uid=?")?
        .query_row([prd.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((place, at, data)) = row else {
        return Ok(false);
    };
    let item: Item = decode(&data)?;
    // A damaged plan is none.
    let plan = read_doc(repo, oid, &path, Family::Plan).ok();
    let Some(plan) = plan.filter(|_| !item.deleted) else {
        return Ok(false);
    };
    let at = Oid::try_from(at.as_slice());
    let at = at.map_err(|_| Fault::Doubt("an object id cannot be read"))?;
    let document = read_doc(repo, at, &place, Family::Item(item.kind));
    let document = document.map_err(|_| Fault::Doubt("a document cannot be read"))?;
    Ok(is_due(&plan, document.body.shown()))
}
