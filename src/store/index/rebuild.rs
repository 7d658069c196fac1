//! Building the index from nothing.
//!
//! Every document of a tree is read and decoded on several threads, written by one.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::mpsc;

use rusqlite::Connection;

use super::document_row::{self, Content, Row, light_items};
use super::item_queries::read_all;
use super::schema::{INDEXES, PILES, TABLES};
use super::{Fault, Result, plan_decisions, set_meta};
use crate::git::repo::{Oid, Repo};
use crate::graph::Light;
use crate::layout::Family;
use crate::model::id::ItemKind;
use crate::model::uid::Uid;
use crate::read_document::read_loaded;
use crate::tree_diff::{self, Found};

/// The greatest number of threads that read: one writes what they have read.
const THREADS: usize = 4;

/// The number of documents that one thread decodes at a time.
const CHUNK: usize = 256;

/// Fills an empty database with the state of a tree.
pub(super) fn build(db: &Connection, repo: &Repo, tree: Oid) -> Result<()> {
    db.execute_batch(TABLES)?;
    let mut items: Vec<Light> = Vec::new();
    let mut prds: BTreeSet<Uid> = BTreeSet::new();
    // Hashes of the uids: enough to find out that one may occur twice.
    let (mut seen, mut is_doubled) = (HashSet::new(), false);
    let mut n = 0;
    read_in_order(repo, tree, |read| {
        let row = match read {
            Read::Row(row) => row,
            Read::Damaged(path, reason) => return super::put_damaged(db, &path, &reason),
            Read::Plan(prd) => {
                prds.insert(prd);
                return Ok(());
            }
        };
        n += 1;
        let mut hasher = DefaultHasher::new();
        row.uid.hash(&mut hasher);
        is_doubled |= !seen.insert(hasher.finish());
        row.insert(db, n)?;
        if let Content::Item(item) = row.content {
            items.push(Light::of(&item));
        }
        Ok(())
    })?;
    drop(seen);
    let odd = is_doubled && remove_doubled(db)?;
    if odd {
        items = light_items(db)?;
    }
    db.execute_batch(INDEXES)?;
    super::message_rows::count_rounds(db, None)?;
    set_meta(db, "odd", odd)?;
    tally(db)?;
    plan_decisions::decide(db, repo, tree, &prds)?;
    super::readiness::evaluate_items(db, &items)?;
    Ok(db.execute_batch(PILES)?)
}

/// Removes all but the last row of each uid; true if there were any. Two files of one uid are not a
/// valid state; after each change it is decided again which of them counts.
fn remove_doubled(db: &Connection) -> Result<bool> {
    let sql =
        "SELECT n FROM (SELECT n, max(n) OVER (PARTITION BY uid) AS last FROM doc) WHERE n<last";
    let doubled: Vec<i64> = read_all(db, sql, [], |row| Ok(row.get(0)?))?;
    for n in &doubled {
        document_row::remove(db, *n)?;
    }
    Ok(!doubled.is_empty())
}

/// Counts by state, and the number of ids that are shared.
fn tally(db: &Connection) -> Result<()> {
    let mut counts =
        db.prepare("SELECT status, kind, count(*) FROM item WHERE deleted=0 GROUP BY 1, 2")?;
    let mut rows = counts.query([])?;
    while let Some(row) = rows.next()? {
        let (status, kind, n) = (row.get_ref(0)?.as_str()?, row.get(1)?, row.get(2)?);
        super::add_tally(db, &super::status_name(status), n)?;
        if [ItemKind::Epic as i64, ItemKind::Prd as i64].contains(&kind) {
            super::add_tally(db, &super::group_name(status), n)?;
        }
    }
    let shared: i64 = db
        .prepare(
            "SELECT count(*) FROM
             (SELECT 1 FROM item WHERE deleted=0 GROUP BY id HAVING count(*)>1)",
        )?
        .query_row([], |row| row.get(0))?;
    super::set_tally(db, super::DUPLICATES, shared)
}

/// What a file of the state is for the index.
enum Read {
    Row(Row),
    /// Path and reason.
    Damaged(String, String),
    /// The PRD of a plan.
    Plan(Uid),
}

/// Reads the files of a tree on as many threads as there are processors and hands them over in
/// order. Each thread walks the whole tree and reads its part of it, so that no list of all files is
/// in memory.
fn read_in_order(repo: &Repo, tree: Oid, mut each: impl FnMut(Read) -> Result<()>) -> Result<()> {
    let root = repo.tree(tree);
    let root = &root.map_err(|_| Fault::Doubt("the tree cannot be read"))?;
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(THREADS);
    std::thread::scope(|scope| {
        let (mut lanes, mut readers) = (Vec::new(), Vec::new());
        for lane in 0..threads {
            // Bounded, so that the readers are never far ahead of the writer.
            let (send, receive) = mpsc::sync_channel::<Vec<Read>>(4);
            lanes.push(receive);
            let reader = repo.for_thread();
            readers.push(scope.spawn(move || {
                let (repo, mut n, mut chunk) = (reader.open(), 0, Vec::new());
                let mut is_wanted = true;
                tree_diff::each_file(&repo, root, |_| true, &mut |found| {
                    if is_wanted && n / CHUNK % threads == lane {
                        chunk.extend(read(&repo, found));
                    }
                    n += 1;
                    if n % CHUNK == 0 && (n / CHUNK - 1) % threads == lane {
                        is_wanted = is_wanted && send.send(std::mem::take(&mut chunk)).is_ok();
                    }
                });
                // The last part may be shorter.
                let _ = send.send(chunk);
                n
            }));
        }
        // Of the lane whose turn it is after the last part, nothing comes any more.
        for lane in lanes.iter().cycle() {
            let Ok(done) = lane.recv() else { break };
            done.into_iter().try_for_each(&mut each)?;
        }
        let walked = readers.into_iter().map(|reader| reader.join().ok());
        let walked: BTreeSet<Option<usize>> = walked.collect();
        match walked.len() == 1 && !walked.contains(&None) {
            true => Ok(()),
            false => Err(Fault::Doubt("the threads found different files")),
        }
    })
}

/// `None` if the index does not have it.
fn read(repo: &Repo, found: Found) -> Option<Read> {
    let file = match found {
        Found::File(file) => file,
        Found::Damaged(path, reason) => return Some(Read::Damaged(path, reason)),
    };
    if file.family == Family::Plan {
        return plan_decisions::prd_of_plan(repo, file.oid, &file.path).map(Read::Plan);
    }
    if !file.family.is_indexed() {
        return None;
    }
    match read_loaded(repo, file.oid, &file.path, file.family) {
        Err(error) => Some(Read::Damaged(file.path, error.to_string())),
        Ok(loaded) => Row::new(&loaded.doc, loaded.item, &file.path, file.oid).map(Read::Row),
    }
}
