//! Comparison of the index file with one that is built now from the same tree: row by row, by meaning.
//!
//! Row numbers differ, so rows are named by uid or path.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, Statement};

use super::index_file::{IN_FILE, state_of};
use super::readiness;
use super::{Index, Result};
use crate::git::repo::Repo;

/// A difference between the index file and the state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The table of the index.
    pub table: &'static str,
    /// The uid, the path or the name of the count.
    pub what: String,
}

/// The meaning of each table: the first column names the subject of a row, and nothing depends on
/// the order in which documents were inserted.
const QUESTIONS: &[(&str, &str)] = &[
    (
        "doc",
        "SELECT uid, family, path, oid FROM doc ORDER BY 1,2,3,4",
    ),
    (
        "item",
        "SELECT coalesce(uid,''), kind, rank, id, age, born, status, priority, open, deleted, owner,
         branch, epic, held, conflicted, ready, blocked, defer, due, closed, todo, title, type,
         epics, data
         FROM item LEFT JOIN doc USING(n) ORDER BY 1, data",
    ),
    ("vertex", "SELECT coalesce(uid,''), data FROM vertex LEFT JOIN doc USING(n) ORDER BY 1,2"),
    (
        "edge",
        "SELECT coalesce(uid,''), kind, dst FROM edge LEFT JOIN doc ON n=src ORDER BY 1,2,3",
    ),
    ("undecided", "SELECT prd FROM undecided ORDER BY 1"),
    (
        "closer",
        "SELECT coalesce(uid,''), name FROM closer LEFT JOIN doc USING(n) ORDER BY 1,2",
    ),
    (
        "comment",
        "SELECT coalesce(uid,''), item FROM comment LEFT JOIN doc USING(n) ORDER BY 1,2",
    ),
    (
        "reservation",
        "SELECT coalesce(uid,''), ended, expires, patterns, data
         FROM reservation LEFT JOIN doc USING(n) ORDER BY 1, data",
    ),
    (
        "message",
        "SELECT coalesce(uid,''), thread, ms, topic, author, agent, human_ms
         FROM message LEFT JOIN doc USING(n) ORDER BY 1,2,3",
    ),
    (
        "mail",
        "SELECT uid, address, ms, notice, mark FROM mail ORDER BY 1,2,3",
    ),
    (
        "exchange",
        "SELECT thread, rounds, newest FROM exchange ORDER BY 1",
    ),
    (
        "learning",
        "SELECT coalesce(uid,''), live, conflicted, paths, gist, data
         FROM learning LEFT JOIN doc USING(n) ORDER BY 1, data",
    ),
    ("damaged", "SELECT path, reason FROM damaged ORDER BY 1,2"),
    ("meta", "SELECT key, value FROM meta WHERE key IN ('artifacts','repository')"),
    // A count of zero is the same as none.
    ("pile", "SELECT * FROM pile WHERE n<>0 ORDER BY 1,2,3,4,5,6,7"),
    ("tally", "SELECT name, n FROM tally WHERE n<>0 ORDER BY 1"),
];

/// Compares the index file in `folder` with the state at the file's tree. `None` if there is no
/// trusted file, or it advanced meanwhile.
///
/// # Errors
/// When the state at that tree cannot be read: such an index is rebuilt anyway.
pub fn compare(repo: &Repo, folder: &Path) -> Result<Option<BTreeSet<Difference>>> {
    let Ok(index) = Index::trusted_file(folder) else {
        return Ok(None);
    };
    // Built first, since the file cannot be written while it is read.
    let fresh = Index::apart(repo, index.at(), IN_FILE)?;
    // Deferral depends on the moment.
    let moment = readiness::evaluated_at(&index.db.borrow());
    if let Ok(moment) = moment {
        fresh.transact(|db| readiness::reevaluate(db, moment))?;
    }
    let file = index.db.borrow();
    let built = fresh.db.borrow();
    let found = (|| {
        file.execute_batch("BEGIN")?;
        if state_of(&file)? != index.at() {
            return Ok(None);
        }
        let mut out = BTreeSet::new();
        let commit = repo.commit(index.at().commit);
        if commit.is_ok_and(|commit| commit.tree != index.tree()) {
            out.insert(Difference {
                table: "meta",
                what: "commit".into(),
            });
        }
        for (table, sql) in QUESTIONS {
            compare_table(&file, &built, table, sql, &mut out)?;
        }
        Ok(Some(out))
    })();
    let _ = file.execute_batch("COMMIT");
    // The state was read above, so an error here is the file's.
    Ok(found.unwrap_or_else(|_: super::Fault| {
        Some(BTreeSet::from([Difference {
            table: "file",
            what: "it cannot be read".into(),
        }]))
    }))
}

fn compare_table(
    file: &Connection,
    built: &Connection,
    table: &'static str,
    sql: &str,
    out: &mut BTreeSet<Difference>,
) -> Result<()> {
    let (mut file, mut built) = (file.prepare(sql)?, built.prepare(sql)?);
    let width = file.column_count();
    let (mut left, mut right) = (rows(&mut file, width)?, rows(&mut built, width)?);
    let (mut a, mut b) = (left.next().transpose()?, right.next().transpose()?);
    loop {
        // The row that comes first has no partner; if both have the same subject, both advance.
        let order = match (&a, &b) {
            (None, None) => return Ok(()),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(a), Some(b)) => name(a).cmp(&name(b)),
        };
        if a != b {
            let row = if order.is_le() { &a } else { &b };
            out.extend(row.as_deref().map(|row| Difference {
                table,
                what: name(row),
            }));
        }
        if order.is_le() {
            a = left.next().transpose()?;
        }
        if order.is_ge() {
            b = right.next().transpose()?;
        }
    }
}

fn rows<'s>(
    statement: &'s mut Statement<'_>,
    width: usize,
) -> Result<impl Iterator<Item = rusqlite::Result<Vec<Value>>> + 's> {
    let read = move |row: &Row<'_>| (0..width).map(|column| row.get(column)).collect();
    Ok(statement.query_map([], read)?)
}

/// The subject of a row.
fn name(row: &[Value]) -> String {
    match row.first() {
        Some(Value::Text(text)) => text.clone(),
        other => format!("{other:?}"),
    }
}
