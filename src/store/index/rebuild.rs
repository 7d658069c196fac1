//! Building the index from nothing.
//!
//! Every document of a tree is read and decoded on several threads, written by one.

use std::collections::HashMap;
use std::sync::mpsc;

use rusqlite::Connection;

use super::document_row::{Content, Row};
use super::schema::{INDEXES, PILES, TABLES};
use super::{Fault, Result, plan_decisions, set_meta};
use crate::git::repo::{Oid, Repo};
use crate::graph::Light;
use crate::layout::Family;
use crate::model::id::ItemKind;
use crate::model::uid::Uid;
use crate::read_document::read_loaded;
use crate::tree_diff::{File, files};

/// The number of documents that one thread decodes at a time.
const CHUNK: usize = 256;

/// Fills an empty database with the state of a tree.
pub(super) fn build(db: &Connection, repo: &Repo, tree: Oid) -> Result<()> {
    db.execute_batch(TABLES)?;
    let listing = files(repo, tree).map_err(|_| Fault::Doubt("the tree cannot be read"))?;
    for (path, reason) in &listing.damaged {
        super::put_damaged(db, path, reason)?;
    }
    let (wanted, rest): (Vec<File>, Vec<File>) = listing
        .files
        .into_iter()
        .partition(|file| file.family.is_indexed());
    let mut items: Vec<Option<Light>> = Vec::new();
    // By uid: the row, and the place among the items.
    let mut seen: HashMap<Uid, (i64, Option<usize>)> = HashMap::new();
    let mut n = 0;
    let mut odd = false;
    read_in_order(repo, &wanted, |file, read| {
        let row = match read {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(()),
            Err(reason) => return super::put_damaged(db, &file.path, &reason),
        };
        // Two files of one uid are not a valid state; after each change it is decided again which
        // of them counts.
        n += 1;
        let item = matches!(row.content, Content::Item(_)).then_some(items.len());
        if let Some((old, item)) = seen.insert(row.uid.clone(), (n, item)) {
            odd = true;
            super::document_row::remove(db, old)?;
            if let Some(item) = item {
                items[item] = None;
            }
        }
        row.insert(db, n)?;
        if let Content::Item(item) = row.content {
            items.push(Some(Light::of(&item)));
        }
        Ok(())
    })?;
    db.execute_batch(INDEXES)?;
    super::message_rows::count_rounds(db, None)?;
    set_meta(db, "odd", odd)?;
    tally(db)?;
    let plans = rest.iter().filter(|file| file.family == Family::Plan);
    let prds = plans.filter_map(|file| plan_decisions::prd_of_plan(repo, file.oid, &file.path));
    plan_decisions::decide(db, repo, tree, &prds.collect())?;
    let items: Vec<Light> = items.into_iter().flatten().collect();
    super::readiness::evaluate_items(db, &items)?;
    Ok(db.execute_batch(PILES)?)
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

type Read = std::result::Result<Option<Row>, String>;

/// Reads the files on as many threads as there are processors and hands them over in order.
fn read_in_order(
    repo: &Repo,
    files: &[File],
    mut each: impl FnMut(&File, Read) -> Result<()>,
) -> Result<()> {
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(8);
    if threads < 2 || files.len() < 2 * CHUNK {
        for file in files {
            each(file, read(repo, file))?;
        }
        return Ok(());
    }
    std::thread::scope(|scope| {
        let mut lanes = Vec::new();
        for lane in 0..threads {
            // Bounded, so that the readers are never far ahead of the writer.
            let (send, receive) = mpsc::sync_channel::<Vec<Read>>(4);
            lanes.push(receive);
            let reader = repo.for_thread();
            scope.spawn(move || {
                let repo = reader.open();
                for chunk in files.chunks(CHUNK).skip(lane).step_by(threads) {
                    let done: Vec<Read> = chunk.iter().map(|file| read(&repo, file)).collect();
                    if send.send(done).is_err() {
                        return;
                    }
                }
            });
        }
        for (k, chunk) in files.chunks(CHUNK).enumerate() {
            let done = lanes[k % threads]
                .recv()
                .map_err(|_| Fault::Doubt("a reader stopped"))?;
            for (file, read) in chunk.iter().zip(done) {
                each(file, read)?;
            }
        }
        Ok(())
    })
}

fn read(repo: &Repo, file: &File) -> Read {
    let loaded =
        read_loaded(repo, file.oid, &file.path, file.family).map_err(|error| error.to_string())?;
    Ok(Row::new(&loaded.doc, loaded.item, &file.path, file.oid))
}
