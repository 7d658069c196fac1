//! One document as rows of the index.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::item_queries::read_all;
use super::schema::{
    ALL_CHILDREN, ANY_CHILD, COMMENT, CONTRADICTS, HARD, ITEM, LEARNING, MESSAGE, PARENT, PLANNED,
    RELATED, RESERVATION, SOFT, SUPERSEDES,
};
use super::{Fault, Result, message_rows};
use crate::git::repo::Oid;
use crate::graph::{Light, Record, is_blocking};
use crate::model::doc::Doc;
use crate::model::id::{self, ItemRef};
use crate::model::issue_fields::Gate;
use crate::model::item::{Item, PARENT_CHILD};
use crate::model::learning::Learning;
use crate::model::message::Envelope;
use crate::model::reservation::Reservation;
use crate::model::stamp::parse_rfc3339;
use crate::model::text::{self, plain_title};
use crate::model::uid::{Uid, sha256_hex};

/// Below this number, edges are compared one by one.
const COMPARED_SINGLY_BELOW: usize = 8;

/// The index's record of one document.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) uid: Uid,
    pub(super) path: String,
    pub(super) oid: Oid,
    pub(super) content: Content,
    /// Who closed an item.
    closer: Option<String>,
}

/// The part that depends on the family.
#[derive(Debug)]
pub(super) enum Content {
    Item(Box<Item>),
    Comment { item: String },
    Reservation(Box<Reservation>),
    Message(Box<Envelope>),
    Learning(Box<Learning>),
}

impl Row {
    /// The row of a document; `None` for families that are found by their path alone.
    pub(super) fn new(doc: &Doc, item: Option<Item>, path: &str, oid: Oid) -> Option<Row> {
        let content = match (item, doc.kind.as_str()) {
            (Some(item), _) => Content::Item(Box::new(item)),
            (None, "comment") => Content::Comment {
                item: item_of(doc)?,
            },
            (None, "reservation") => Content::Reservation(Box::new(Reservation::from_doc(doc)?)),
            (None, "message") => Content::Message(Box::new(Envelope::of(doc))),
            (None, "learning") => Content::Learning(Box::new(Learning::from_doc(doc)?)),
            _ => return None,
        };
        Some(Row {
            uid: doc.uid.clone(),
            path: path.to_string(),
            oid,
            content,
            closer: doc.text("closed_by").map(text::actor),
        })
    }

    fn family(&self) -> i64 {
        match self.content {
            Content::Item(_) => ITEM,
            Content::Comment { .. } => COMMENT,
            Content::Reservation(_) => RESERVATION,
            Content::Message(_) => MESSAGE,
            Content::Learning(_) => LEARNING,
        }
    }

    /// Inserts the row under number `n`. Readiness is set by [`super::readiness`].
    pub(super) fn insert(&self, db: &Connection, n: i64) -> Result<()> {
        db.prepare_cached("INSERT INTO doc(n,uid,family,path,oid) VALUES(?,?,?,?,?)")?
            .execute(params![
                n,
                self.uid.as_str(),
                self.family(),
                self.path,
                self.oid.as_bytes()
            ])?;
        match &self.content {
            Content::Item(item) => {
                if let Some(name) = &self.closer {
                    db.prepare_cached("INSERT INTO closer(n,name) VALUES(?,?)")?
                        .execute(params![n, name])?;
                }
                insert_item(db, n, item)
            }
            Content::Comment { item } => {
                db.prepare_cached("INSERT INTO comment(n,item) VALUES(?,?)")?
                    .execute(params![n, item])?;
                Ok(())
            }
            Content::Reservation(r) => {
                let data = encode(r)?;
                let expires = r.claim.is_none().then_some(r.expires_ms);
                let expires = expires.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX));
                let patterns = r.patterns.join("\n");
                db.prepare_cached(
                    "INSERT INTO reservation(n,ended,expires,patterns,data) VALUES(?,?,?,?,?)",
                )?
                .execute(params![
                    n,
                    r.ended.is_some(),
                    expires,
                    patterns,
                    data
                ])?;
                Ok(())
            }
            Content::Message(envelope) => message_rows::insert(db, n, &self.uid, envelope),
            Content::Learning(learning) => insert_learning(db, n, learning),
        }
    }
}

/// Inserts the row of a learning.
pub(super) fn insert_learning(db: &Connection, n: i64, learning: &Learning) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO learning(n,live,conflicted,paths,gist,data) VALUES(?,?,?,?,?,?)",
    )?
    .execute(params![
        n,
        learning.is_in_force(),
        learning.conflicted && !learning.deleted,
        learning.paths.join("\n"),
        learning.gist(),
        encode(learning)?
    ])?;
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO edge(src,kind,dst) VALUES(?,?,?)")?;
    let supersedes = learning.supersedes.iter().map(|uid| (SUPERSEDES, uid));
    let contradicts = learning.contradicts.iter().map(|uid| (CONTRADICTS, uid));
    for (kind, target) in supersedes.chain(contradicts) {
        insert.execute(params![n, kind, target.as_str()])?;
    }
    Ok(())
}

/// The uid of the item that a comment is on.
fn item_of(doc: &Doc) -> Option<String> {
    let item = ItemRef::parse(doc.text("item")?);
    Some(item.uid?.to_string())
}

/// The sort key of an item: by id in natural order, then by uid.
fn rank(item: &Item) -> Vec<u8> {
    let mut rank = id::rank(&item.id);
    rank.extend(item.uid.as_str().bytes());
    rank
}

/// True if an item is open.
pub(super) fn is_open(item: &Item) -> bool {
    !item.deleted && !item.status.is_closed()
}

/// A hash of a title as it is compared.
pub(super) fn title_hash(title: &str) -> i64 {
    let hex = sha256_hex(plain_title(title).as_bytes());
    i64::from_str_radix(&hex[..15], 16).unwrap_or(0)
}

/// The end of its deferral, when its readiness is evaluated again.
fn defer(item: &Item) -> Option<i64> {
    let ms = item.issue.defer_ms.filter(|_| !item.deleted)?;
    Some(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// The time at which it is due.
fn due(item: &Item) -> Option<i64> {
    let ms = parse_rfc3339(item.issue.due_at.as_deref()?)?;
    i64::try_from(ms).ok()
}

fn insert_item(db: &Connection, n: i64, item: &Item) -> Result<()> {
    let held = item.claims.iter().any(|c| c.ended.is_none());
    let epic = item.whole().and_then(|e| e.uid.as_ref());
    db.prepare_cached(
        "INSERT INTO item(n,kind,rank,id,age,born,status,priority,open,deleted,owner,branch,epic,held,
         conflicted,ready,blocked,defer,due,closed,todo,title,type,epics,data)
         VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,0,?,?,?,?,?,?,?,?)",
    )?
    .execute(params![
        n,
        item.kind as i64,
        rank(item),
        item.id,
        item.age.to_be_bytes(),
        (item.born != item.id).then_some(&item.born),
        item.status.as_str(),
        item.priority,
        is_open(item),
        item.deleted,
        item.owner().map(str::to_lowercase),
        item.branch,
        epic.map(Uid::as_str),
        held,
        item.conflicted && !item.deleted,
        defer(item),
        due(item),
        item.closed_at.as_ref().filter(|_| !is_open(item)),
        super::open_work::todo(item),
        title_hash(&item.title),
        item.item_type.to_ascii_lowercase(),
        item.is_epic() && !item.deleted,
        encode(item)?,
    ])?;
    db.prepare_cached("INSERT INTO vertex(n,data) VALUES(?,?)")?
        .execute(params![n, encode(&Record::of(item))?])?;
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO edge(src,kind,dst) VALUES(?,?,?)")?;
    let planned = item.planned_from.iter().map(|prd| (PLANNED, prd));
    for (kind, target) in all_edges(item).chain(planned) {
        insert.execute(params![n, kind, target.as_str()])?;
    }
    Ok(())
}

/// All edges of an item, as kind and target.
pub(crate) fn all_edges(item: &Item) -> impl Iterator<Item = (i64, &Uid)> {
    let other = item
        .edges
        .iter()
        .filter(|e| e.kind != PARENT_CHILD && !is_blocking(&e.kind));
    edges(item).chain(other.filter_map(|e| Some((RELATED, e.target.uid.as_ref()?))))
}

/// The edges of an item that matter to the graph, as kind and target.
pub fn edges(item: &Item) -> impl Iterator<Item = (i64, &Uid)> {
    let depends = item
        .depends_on
        .iter()
        .map(|d| (if d.soft { SOFT } else { HARD }, &d.target));
    let typed = item.edges.iter().filter_map(|e| match e.kind.as_str() {
        PARENT_CHILD => Some((PARENT, &e.target)),
        kind => is_blocking(kind).then(|| {
            let kind = match e.gate {
                None => HARD,
                Some(Gate::AllChildren) => ALL_CHILDREN,
                Some(Gate::AnyChild) => ANY_CHILD,
            };
            (kind, &e.target)
        }),
    });
    let epic = item.epic_apart().map(|target| (PARENT, target));
    let all = depends.chain(typed).chain(epic);
    all.filter_map(|(kind, target)| Some((kind, target.uid.as_ref()?)))
}

/// An edge as the index and the graph see it: its kind and its target.
pub type Way<'i> = (i64, &'i Uid);

/// The edges of one list that another one lacks. Two versions of an item may have very many, of
/// which nearly all are the same.
pub(crate) fn lacking<'i>(from: &[Way<'i>], to: &[Way<'_>]) -> Vec<Way<'i>> {
    let same = |(a, b): &(&Way<'_>, &Way<'_>)| a == b;
    let head = from.iter().zip(to).take_while(same).count();
    let (from, rest) = (&from[head..], &to[head..]);
    let tail = from.iter().rev().zip(rest.iter().rev());
    let tail = tail.take_while(same).count();
    let middle = &from[..from.len() - tail];
    if middle.len() < COMPARED_SINGLY_BELOW {
        let lacks = middle.iter().filter(|way| !to.contains(way));
        return lacks.copied().collect();
    }
    let known: HashSet<&Way<'_>> = to.iter().collect();
    let lacks = middle.iter().filter(|way| !known.contains(way));
    lacks.copied().collect()
}

/// Removes the rows of a document.
pub(super) fn remove(db: &Connection, n: i64) -> Result<()> {
    let family: Option<i64> = db
        .prepare_cached("DELETE FROM doc WHERE n=? RETURNING family")?
        .query_row([n], |row| row.get(0))
        .optional()?;
    let rows: &[&str] = match family {
        Some(ITEM) => &[
            "DELETE FROM item WHERE n=?",
            "DELETE FROM vertex WHERE n=?",
            "DELETE FROM closer WHERE n=?",
            "DELETE FROM edge WHERE src=?",
        ],
        Some(COMMENT) => &["DELETE FROM comment WHERE n=?"],
        Some(RESERVATION) => &["DELETE FROM reservation WHERE n=?"],
        Some(MESSAGE) => &[
            "DELETE FROM message WHERE n=?",
            "DELETE FROM mail WHERE n=?",
        ],
        Some(LEARNING) => &[
            "DELETE FROM learning WHERE n=?",
            "DELETE FROM edge WHERE src=?",
        ],
        _ => return Err(Fault::Doubt("a document is not where it was")),
    };
    for sql in rows {
        db.prepare_cached(sql)?.execute([n])?;
    }
    Ok(())
}

/// The serialized form of an item or a reservation.
pub(super) fn encode<T: serde::Serialize>(value: &T) -> Result<Vec<u8>> {
    postcard::to_stdvec(value).map_err(|_| Fault::Doubt("a row cannot be written"))
}

/// The reverse of [`encode`].
pub fn decode<'a, T: serde::Deserialize<'a>>(bytes: &'a [u8]) -> Result<T> {
    postcard::from_bytes(bytes).map_err(|_| Fault::Doubt("a row cannot be read"))
}

/// Every item, deleted ones too, as far as the graph needs it.
pub(super) fn light_items(db: &Connection) -> Result<Vec<Light>> {
    let mut lights = Vec::new();
    each_vertex(db, |record| lights.push(record.light))?;
    Ok(lights)
}

/// Visits the narrow row of every item, deleted ones too.
pub(super) fn each_vertex(db: &Connection, mut visit: impl FnMut(Record<'_>)) -> Result<()> {
    read_all(db, "SELECT data FROM vertex", [], |row| {
        visit(decode(row.get_ref(0)?.as_blob()?)?);
        Ok(())
    })
}

/// The results of `keep` for every item, deleted ones too.
pub(super) fn each_item<T>(db: &Connection, keep: impl Fn(Item) -> T) -> Result<Vec<T>> {
    read_all(db, "SELECT data FROM item", [], |row| {
        Ok(keep(decode(row.get_ref(0)?.as_blob()?)?))
    })
}
