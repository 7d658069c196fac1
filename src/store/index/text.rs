//! Full-text search. This part is made when somebody searches for the first time and kept up to
//! date from then on: who never searches never pays for it.

use rusqlite::{Connection, params};

use super::schema::{COMMENT, ITEM, TEXT};
use super::{Fault, Result, meta, set_meta};
use crate::model::doc::Doc;
use crate::model::uid::Uid;
use crate::store::git::repo::{Oid, Repo};
use crate::store::layout::Family;
use crate::store::state::read_doc;

/// The words of one document: a title, which weighs more, and everything else.
pub(super) struct Words {
    title: String,
    body: String,
}

/// What of a document can be searched for.
pub(super) fn words(doc: &Doc) -> Option<Words> {
    let body = || doc.body.versions.values().filter_map(|v| v.text.as_deref());
    if doc.purged || doc.value("deleted").is_true() {
        return None;
    }
    let mut out = Words {
        title: String::new(),
        body: body().collect::<Vec<_>>().join("\n"),
    };
    if doc.kind == "comment" {
        return Some(out);
    }
    crate::model::id::ItemKind::parse(&doc.kind)?;
    let id = doc.text("id").unwrap_or(&doc.born);
    out.title = format!("{} {id}", doc.text("title").unwrap_or_default());
    let mut add = |text: &str| {
        out.body.push('\n');
        out.body.push_str(text);
    };
    doc.elements("labels").for_each(&mut add);
    doc.elements("paths").for_each(&mut add);
    doc.elements("external_refs").for_each(&mut add);
    for (_, criterion) in doc.entries("acceptance") {
        criterion.text("text").map(&mut add);
    }
    Some(out)
}

/// Whether there is a text part at all.
pub(super) fn exists(db: &Connection) -> Result<bool> {
    Ok(meta::<Vec<u8>>(db, "text")?.is_some())
}

/// Whether the text part is that of a tree.
pub(super) fn stands_at(db: &Connection, tree: Oid) -> Result<bool> {
    Ok(meta::<Vec<u8>>(db, "text")?.as_deref() == Some(tree.as_bytes()))
}

pub(super) fn set_stand(db: &Connection, tree: Oid) -> Result<()> {
    set_meta(db, "text", tree.as_bytes())
}

pub(super) fn put(db: &Connection, n: i64, words: &Option<Words>) -> Result<()> {
    if let Some(words) = words {
        db.prepare_cached("INSERT INTO text(rowid,title,body) VALUES(?,?,?)")?
            .execute(params![n, words.title, words.body])?;
    }
    Ok(())
}

pub(super) fn remove(db: &Connection, n: i64) -> Result<()> {
    db.prepare_cached("DELETE FROM text WHERE rowid=?")?
        .execute([n])?;
    Ok(())
}

/// Makes the text part from every item and comment.
pub(super) fn build(db: &Connection, repo: &Repo, tree: Oid) -> Result<()> {
    db.execute_batch("DROP TABLE IF EXISTS text;")?;
    db.execute_batch(TEXT)?;
    let mut find =
        db.prepare("SELECT n, path, oid, family FROM doc WHERE family IN (?,?) ORDER BY n")?;
    let mut rows = find.query([ITEM, COMMENT])?;
    while let Some(row) = rows.next()? {
        let path: String = row.get(1)?;
        let oid = Oid::try_from(row.get_ref(2)?.as_blob()?)
            .map_err(|_| Fault::Doubt("an object id cannot be read"))?;
        let family = path.split('/').next().and_then(Family::of_folder);
        let family = family.ok_or(Fault::Doubt("a path is not one of the state"))?;
        let doc = read_doc(repo, oid, &path, family)
            .map_err(|_| Fault::Doubt("a document cannot be read any more"))?;
        put(db, row.get(0)?, &words(&doc))?;
    }
    db.execute_batch("INSERT INTO text(text) VALUES('optimize')")?;
    set_stand(db, tree)
}

/// One hit: the item's uid, and the comment's where the words are in one.
pub(super) type Found = (Uid, Option<Uid>, f64);

/// The best hits for a full-text expression, best first; title words weigh ten times as much.
pub(super) fn search(db: &Connection, expression: &str, limit: usize) -> Result<Vec<Found>> {
    let mut find = db.prepare_cached(
        "SELECT rowid, bm25(text, 10.0, 1.0) AS score FROM text WHERE text MATCH ? ORDER BY score",
    )?;
    let mut rows = find.query([expression])?;
    let mut out: Vec<Found> = Vec::new();
    while let Some(row) = rows.next()? {
        let (n, score): (i64, f64) = (row.get(0)?, row.get(1)?);
        // Equal hits come in the order of uids, which is the same in every index.
        if out.len() >= limit && out.last().is_some_and(|(_, _, last)| score > *last) {
            break;
        }
        let (uid, item): (String, Option<String>) = db
            .prepare_cached(
                "SELECT doc.uid, comment.item FROM doc LEFT JOIN comment USING(n) WHERE doc.n=?",
            )?
            .query_row([n], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let uid = Uid::new(&uid).ok_or(Fault::Doubt("a uid cannot be read"))?;
        match item {
            None => out.push((uid, None, score)),
            Some(item) => {
                let item = Uid::new(&item).ok_or(Fault::Doubt("a uid cannot be read"))?;
                out.push((item, Some(uid), score));
            }
        }
    }
    out.sort_by(|a, b| {
        a.2.total_cmp(&b.2)
            .then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1)))
    });
    out.truncate(limit);
    Ok(out)
}
