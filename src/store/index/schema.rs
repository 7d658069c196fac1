//! The tables of the index, and the version of their form.
//!
//! Changes to them, or to the serialized form in `data`, require a higher [`VERSION`]: an index of
//! another version is rebuilt.

/// The version of the tables and of the serialized rows.
pub(super) const VERSION: i64 = 33;

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
pub(super) const TABLES: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE tally(name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE damaged(path TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE doc(
    n INTEGER PRIMARY KEY, uid TEXT NOT NULL, family INTEGER NOT NULL,
    path TEXT NOT NULL, oid BLOB NOT NULL);
CREATE TABLE item(
    n INTEGER PRIMARY KEY, kind INTEGER NOT NULL, rank BLOB NOT NULL, id TEXT NOT NULL,
    age BLOB NOT NULL,
    born TEXT, status TEXT NOT NULL, priority INTEGER NOT NULL, open INTEGER NOT NULL,
    deleted INTEGER NOT NULL, owner TEXT, branch TEXT, epic TEXT, held INTEGER NOT NULL,
    conflicted INTEGER NOT NULL, ready INTEGER NOT NULL, blocked INTEGER NOT NULL,
    defer INTEGER, due INTEGER, closed TEXT, todo INTEGER,
    title INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE vertex(n INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE past(id BLOB PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE edge(
    src INTEGER NOT NULL, kind INTEGER NOT NULL, dst TEXT NOT NULL,
    PRIMARY KEY(src, kind, dst)) WITHOUT ROWID;
CREATE TABLE undecided(prd TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE comment(n INTEGER PRIMARY KEY, item TEXT NOT NULL);
CREATE TABLE reservation(
    n INTEGER PRIMARY KEY, ended INTEGER NOT NULL, expires INTEGER, patterns TEXT NOT NULL,
    data BLOB NOT NULL);
CREATE TABLE message(
    n INTEGER PRIMARY KEY, thread TEXT NOT NULL, ms INTEGER NOT NULL, topic INTEGER NOT NULL,
    author TEXT NOT NULL, agent INTEGER NOT NULL, human_ms INTEGER NOT NULL);
CREATE INDEX message_thread ON message(thread, topic, ms);
CREATE TABLE mail(
    address TEXT NOT NULL, ms INTEGER NOT NULL, n INTEGER NOT NULL, uid TEXT NOT NULL,
    notice INTEGER NOT NULL, mark INTEGER NOT NULL,
    PRIMARY KEY(address, ms, n)) WITHOUT ROWID;
CREATE INDEX mail_n ON mail(n);
CREATE TABLE exchange(
    thread TEXT PRIMARY KEY, rounds INTEGER NOT NULL, newest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE learning(
    n INTEGER PRIMARY KEY, live INTEGER NOT NULL, conflicted INTEGER NOT NULL,
    paths TEXT NOT NULL, gist TEXT NOT NULL, data BLOB NOT NULL);
";

/// The indexes of the tables.
pub(super) const INDEXES: &str = "
CREATE UNIQUE INDEX doc_uid ON doc(uid);
CREATE INDEX doc_end ON doc(substr(uid,-6)) WHERE family>=3;
CREATE INDEX item_id ON item(id);
CREATE INDEX item_born ON item(born) WHERE born IS NOT NULL;
CREATE INDEX item_order ON item(kind, rank);
CREATE INDEX item_open ON item(kind, rank) WHERE open=1;
CREATE INDEX item_ready ON item(priority, age, rank) WHERE ready=1;
CREATE INDEX item_blocked ON item(priority, age, rank) WHERE blocked=1;
CREATE INDEX item_todo ON item(status, ready, blocked, defer, todo) WHERE todo IS NOT NULL;
CREATE INDEX item_begun ON item(kind, rank) WHERE todo<0;
CREATE INDEX item_due ON item(due) WHERE ready=1 AND due IS NOT NULL;
CREATE INDEX item_defer ON item(defer) WHERE defer IS NOT NULL;
CREATE INDEX item_owner ON item(owner) WHERE open=1 AND owner IS NOT NULL;
CREATE INDEX item_branch ON item(branch) WHERE branch IS NOT NULL;
CREATE INDEX item_title ON item(title) WHERE open=1;
CREATE INDEX item_epic ON item(epic) WHERE epic IS NOT NULL;
CREATE INDEX item_held ON item(n) WHERE held=1;
CREATE INDEX item_active ON item(status) WHERE deleted=0
    AND status IN ('in_progress','in_review','ready_for_integration');
CREATE INDEX item_pile ON item(
    kind, status, priority, held, blocked, open, (defer IS NOT NULL), closed DESC, rank)
    WHERE deleted=0;
CREATE INDEX item_conflicted ON item(n) WHERE conflicted=1;
CREATE INDEX learning_conflicted ON learning(n) WHERE conflicted=1;
CREATE INDEX edge_dst ON edge(dst, kind);
CREATE INDEX comment_item ON comment(item);
CREATE INDEX reservation_open ON reservation(expires, patterns) WHERE ended=0;
CREATE INDEX message_request ON message(author) WHERE topic=1;
CREATE INDEX exchange_rounds ON exchange(rounds);
";

/// The number of items that are alike in what a board shows, kept by triggers.
pub(super) const PILES: &str = "
CREATE TABLE pile(
    kind, status, priority, held, blocked, open, timed, n INTEGER NOT NULL,
    PRIMARY KEY(kind, status, priority, held, blocked, open, timed)) WITHOUT ROWID;
INSERT INTO pile SELECT kind, status, priority, held, blocked, open, defer IS NOT NULL, count(*)
    FROM item WHERE deleted=0 GROUP BY 1, 2, 3, 4, 5, 6, 7;
CREATE TRIGGER pile_more AFTER INSERT ON item WHEN new.deleted=0 BEGIN
    INSERT INTO pile VALUES(new.kind, new.status, new.priority, new.held, new.blocked, new.open,
        new.defer IS NOT NULL, 1) ON CONFLICT DO UPDATE SET n=n+1; END;
CREATE TRIGGER pile_less AFTER DELETE ON item WHEN old.deleted=0 BEGIN
    INSERT INTO pile VALUES(old.kind, old.status, old.priority, old.held, old.blocked, old.open,
        old.defer IS NOT NULL, -1) ON CONFLICT DO UPDATE SET n=n-1; END;
CREATE TRIGGER pile_moved AFTER UPDATE OF blocked ON item
    WHEN new.deleted=0 AND new.blocked<>old.blocked BEGIN
    INSERT INTO pile VALUES
        (old.kind, old.status, old.priority, old.held, old.blocked, old.open, old.defer IS NOT NULL, -1),
        (new.kind, new.status, new.priority, new.held, new.blocked, new.open, new.defer IS NOT NULL, 1)
        ON CONFLICT DO UPDATE SET n=n+excluded.n; END;
";

/// The full-text part: contentless, as the texts themselves are in the state. It also has a hash of
/// each document's words, to detect changes, and the titles once more, for finding parts of their
/// words. Messages have columns of their own, so that they neither rank among items nor push them
/// out; each additional table would cost every command that opens the file. Learnings need one: they
/// are found by English stems.
pub(super) const TEXT: &str = "
DROP TABLE IF EXISTS text;
DROP TABLE IF EXISTS text_hash;
DROP TABLE IF EXISTS inside;
DROP TABLE IF EXISTS lesson;
CREATE TABLE text_hash(n INTEGER PRIMARY KEY, hash INTEGER NOT NULL);
CREATE VIRTUAL TABLE text USING fts5(
    title, body, subject, letter, content='', contentless_delete=1,
    tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE inside USING fts5(
    title, content='', contentless_delete=1, tokenize='trigram remove_diacritics 1');
CREATE VIRTUAL TABLE lesson USING fts5(
    title, body, content='', contentless_delete=1,
    tokenize='porter unicode61 remove_diacritics 2');
";

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
pub(super) const RELATED: i64 = 8;

/// The kinds of edges whose source waits.
pub(super) const WAITING: [i64; 3] = [HARD, ALL_CHILDREN, ANY_CHILD];
/// Those of them with a gate.
pub(super) const GATES: [i64; 2] = [ALL_CHILDREN, ANY_CHILD];

/// The edges of the parts of an item.
pub const CHILDREN: &[i64] = &[PARENT];

/// The edges of an item's dependents.
pub const DEPENDENTS: &[i64] = &[HARD, SOFT, ALL_CHILDREN, ANY_CHILD];
