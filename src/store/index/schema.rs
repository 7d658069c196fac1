//! The tables of the index, and the version of their form.
//!
//! Changes to them, or to the serialized form in `data`, require a higher [`VERSION`]: an index of
//! another version is rebuilt.

/// The version of the tables and of the serialized rows.
pub(super) const VERSION: i64 = 38;

/// Settings of a connection that changes the file. The index is disposable, so nothing waits for
/// the disk, and the rollback journal is in memory: a file that a killed process left half-written
/// is not trusted, see `fingerprint`. No page is written before a change is complete.
pub(super) const PRAGMAS: &str = "
PRAGMA journal_mode=MEMORY;
PRAGMA synchronous=OFF;
PRAGMA temp_store=MEMORY;
PRAGMA cache_size=-8000;
PRAGMA cache_spill=OFF;
";

/// Tables without their indexes: inserting all rows is faster without. The exception is the index
/// by which a row is removed again, needed for a document with a second file.
pub(super) const TABLES: &str = include_str!("tables.sql");

/// The indexes of the tables.
pub(super) const INDEXES: &str = include_str!("indexes.sql");

/// The number of items that are alike in what a board shows, kept by triggers.
pub(super) const PILES: &str = include_str!("piles.sql");

/// The full-text part: contentless, as the texts themselves are in the state. It also has a hash of
/// each document's words, to detect changes, and the titles once more, for finding parts of their
/// words. Messages have columns of their own, so that they neither rank among items nor push them
/// out; each additional table would cost every command that opens the file. Learnings need one: they
/// are found by English stems.
pub(super) const TEXT: &str = include_str!("text.sql");

/// The families of documents that the index knows.
pub(super) const ITEM: i64 = 0;
pub(super) const COMMENT: i64 = 1;
pub(super) const RESERVATION: i64 = 2;
pub(super) const MESSAGE: i64 = 3;
pub(super) const LEARNING: i64 = 4;

/// A dependency: its source waits. The kinds of other edges follow.
pub const HARD: i64 = 0;
/// A soft dependency.
pub const SOFT: i64 = 1;
/// From an item to its parent.
pub const PARENT: i64 = 2;
/// A `waits-for` edge with a gate: the target's children count, too.
pub const ALL_CHILDREN: i64 = 3;
/// The same, until one child is no longer open.
pub const ANY_CHILD: i64 = 4;
/// From a learning to one that it takes the place of.
pub const SUPERSEDES: i64 = 5;
/// Between learnings that cannot both hold.
pub const CONTRADICTS: i64 = 6;
/// From a task to the PRD whose plan it was made by.
pub(super) const PLANNED: i64 = 7;
/// Any other edge between items.
pub const RELATED: i64 = 8;

/// The kinds of edges whose source waits.
pub(super) const WAITING: [i64; 3] = [HARD, ALL_CHILDREN, ANY_CHILD];
/// Those of them with a gate.
pub(super) const GATES: [i64; 2] = [ALL_CHILDREN, ANY_CHILD];

/// The edges of the parts of an item.
pub const CHILDREN: &[i64] = &[PARENT];

/// The edges of an item's dependents.
pub const DEPENDENTS: &[i64] = &[HARD, SOFT, ALL_CHILDREN, ANY_CHILD];
