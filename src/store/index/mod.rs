//! The index: lists, searches and hooks query it instead of reading every file of the state.
//!
//! It is derived and disposable: keyed by the tree it was made from, brought up to date by the
//! difference of two trees, rebuilt whenever anything about it is in doubt. Nothing is stored only
//! here.
//!
//! It also keeps what reports have read from commits, which never change.
//!
//! One SQLite file in the common git directory serves all worktrees. To change it a process holds
//! `index.lock`, in which the file's size, time and inode are noted after each change: a file that
//! another program wrote into, or that a killed process left half-written, is not trusted. If the
//! folder cannot be written, an index in memory replaces it.

mod catch_up;
mod document_row;
mod filtered_items;
mod full_text;
mod index_check;
mod index_file;
mod index_lock;
mod index_transactions;
mod item_queries;
mod message_rows;
pub(crate) mod neighborhood;
mod open_work;
mod past_changes;
mod plan_decisions;
mod readiness;
mod rebuild;
mod record_queries;
mod schema;

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, ToSql, params};

use super::git::repo::{EntryType, Oid, Repo};
use super::layout::Family;
use crate::model::limits::DOCUMENT_MAX;

pub use catch_up::MANY;
pub use document_row::edges;
pub(crate) use document_row::{Way, all_edges, decode, lacking};
pub use filtered_items::Line;
pub(crate) use full_text::search_docs;
pub use full_text::{Among, parts, searchable_text};
pub use index_check::{Difference, compare};
pub use index_file::{At, Index};
pub use index_lock::{discard, left_over, sweep};
pub use index_transactions::Hold;
pub use item_queries::Hit;
pub use item_queries::Scan;
pub use message_rows::{Contested, Mail, RequestEnd, SentRequest, Sum};
pub use neighborhood::{Reach, Source};
pub use open_work::{Alike, open_minutes};
pub use past_changes::{OpenRow, PastItem, Whole};
pub use schema::{
    ALL_CHILDREN, ANY_CHILD, CHILDREN, CONTRADICTS, DEPENDENTS, HARD, PARENT, RELATED, SOFT,
    SUPERSEDES,
};

/// The reason why the index cannot answer. It is never an error of a command: the reader rebuilds
/// the index, or reads the state itself.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// SQLite reports an error.
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    /// The folder cannot be written, or the disk is full.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Its contents are not reliable.
    #[error("{0}")]
    Doubt(&'static str),
}

impl Fault {
    /// True if readers kept a writer waiting for too long: the file itself is sound.
    fn is_busy(&self) -> bool {
        let Fault::Sql(error) = self else {
            return false;
        };
        matches!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
        )
    }
}

impl From<rusqlite::types::FromSqlError> for Fault {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Fault::Sql(error.into())
    }
}

/// The result of a query.
pub type Result<T> = std::result::Result<T, Fault>;

/// The tally of blocked work.
const BLOCKED: &str = "blocked";
/// The tally of items that can be started.
const READY: &str = "ready";
/// The tally of ids that more than one item has.
pub(crate) const DUPLICATES: &str = "duplicates";

/// The tally of a state.
fn status_name(status: &str) -> String {
    format!("status {status}")
}

/// The tally of the epics and documents in a state.
fn group_name(status: &str) -> String {
    format!("group {status}")
}

fn meta<T: FromSql>(db: &Connection, key: &str) -> Result<Option<T>> {
    Ok(db
        .prepare_cached("SELECT value FROM meta WHERE key=?")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

fn set_meta(db: &Connection, key: &str, value: impl ToSql) -> Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO meta(key,value) VALUES(?,?)")?
        .execute(params![key, value])?;
    Ok(())
}

fn tally(db: &Connection, name: &str) -> Result<i64> {
    Ok(db
        .prepare_cached("SELECT n FROM tally WHERE name=?")?
        .query_row([name], |row| row.get(0))
        .optional()?
        .unwrap_or(0))
}

fn set_tally(db: &Connection, name: &str, n: i64) -> Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO tally(name,n) VALUES(?,?)")?
        .execute(params![name, n])?;
    Ok(())
}

fn add_tally(db: &Connection, name: &str, by: i64) -> Result<()> {
    if by == 0 {
        return Ok(());
    }
    db.prepare_cached(
        "INSERT INTO tally(name,n) VALUES(?1,?2) ON CONFLICT(name) DO UPDATE SET n=n+?2",
    )?
    .execute(params![name, by])?;
    Ok(())
}

fn shown_path(path: &str) -> String {
    crate::model::text::one_line(path)
}

fn put_damaged(db: &Connection, path: &str, reason: &str) -> Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO damaged(path,reason) VALUES(?,?)")?
        .execute([shown_path(path), crate::model::text::one_line(reason)])?;
    Ok(())
}

/// An empty database of the current version, filled from a state.
fn fill(db: &Connection, repo: &Repo, at: At) -> Result<()> {
    db.execute_batch("BEGIN")?;
    rebuild::build(db, repo, at.tree)?;
    set_meta(db, "version", schema::VERSION)?;
    set_meta(db, "program", env!("CARGO_PKG_VERSION"))?;
    set_state(db, repo, at, None)?;
    db.execute_batch("COMMIT")?;
    Ok(())
}

/// Notes the state of the rows; `from` is their former state.
fn set_state(db: &Connection, repo: &Repo, at: At, from: Option<At>) -> Result<()> {
    set_meta(db, "commit", at.commit.as_bytes())?;
    if from.is_some_and(|from| from.tree == at.tree) {
        return Ok(());
    }
    set_meta(db, "tree", at.tree.as_bytes())?;
    let root = |tree| Root::of(repo, tree).map_err(|_| Fault::Doubt("the tree cannot be read"));
    let now = root(at.tree)?;
    let before = from.map(|from| root(from.tree)).transpose()?;
    if before.as_ref().map(|root| root.artifacts) != Some(now.artifacts) {
        set_meta(db, ARTIFACTS, now.artifacts)?;
    }
    if before.is_some_and(|before| before.settings == now.settings) {
        return Ok(());
    }
    let now = now.settings;
    let bytes = match now {
        // A file that is too large is not a document; empty bytes give the same result.
        Some(oid) => repo
            .blob(oid, DOCUMENT_MAX)
            .map_err(|_| Fault::Doubt("the settings cannot be read"))?
            .or(Some(Vec::new())),
        None => None,
    };
    set_meta(db, "repository", bytes)
}

/// The key of the flag that the state has artifacts, which are found by their path.
const ARTIFACTS: &str = "artifacts";

/// The facts that the root of a tree shows.
struct Root {
    /// The blob of the settings.
    settings: Option<Oid>,
    artifacts: bool,
}

impl Root {
    fn of(repo: &Repo, tree: Oid) -> crate::error::Result<Root> {
        let entries = repo.tree(tree)?;
        let named = |name: &str, kind| {
            let mut entries = entries.iter();
            entries.find(|e| e.name == name.as_bytes() && e.kind == kind)
        };
        let settings = named(super::layout::REPOSITORY, EntryType::Blob);
        let artifacts = named(Family::Artifact.folder(), EntryType::Tree);
        Ok(Root {
            settings: settings.map(|entry| entry.oid),
            artifacts: artifacts.is_some(),
        })
    }
}
