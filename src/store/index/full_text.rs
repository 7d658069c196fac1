//! Full-text search in the index: which texts it has, and how a search is asked.
//!
//! This part of the index is created by the first search and kept up to date from then on: without
//! searches it costs nothing.

use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::{Connection, OptionalExtension, params};

use super::document_row::decode;
use super::schema::{COMMENT, ITEM, LEARNING, MESSAGE, TEXT};
use super::{Fault, Hit, Result, meta, set_meta};
use crate::git::repo::{Oid, Repo};
use crate::layout::Family;
use crate::model::doc::Doc;
use crate::model::id::{ItemKind, ItemRef};
use crate::model::limits::SEARCHED_TEXT_MAX;
use crate::model::long_texts;
use crate::model::message::{self, Handoff};
use crate::model::text::head;
use crate::model::uid::Uid;
use crate::read_document::read_doc;

/// The words of one document: a title, which weighs more, and everything else.
#[derive(Hash)]
pub(super) struct Words {
    among: Among,
    title: String,
    body: String,
}

impl Words {
    fn hash(&self) -> i64 {
        let mut hasher = DefaultHasher::new();
        Hash::hash(self, &mut hasher);
        i64::from_ne_bytes(hasher.finish().to_ne_bytes())
    }
}

/// The searchable text of a document.
pub fn searchable_text(doc: &Doc) -> String {
    words(doc).map_or_else(String::new, |words| words.title + " " + &words.body)
}

/// The searchable words of a document.
pub(super) fn words(doc: &Doc) -> Option<Words> {
    if !doc.is_live() {
        return None;
    }
    let text = |name: &str| doc.text(name).unwrap_or_default();
    let handoff = Handoff::of(doc);
    let mut title: Vec<&str> = Vec::new();
    let versions = doc.body.versions.values();
    let mut body: Vec<&str> = versions.filter_map(|v| v.text.as_deref()).collect();
    let among = match doc.kind.as_str() {
        message::KIND => {
            title.push(text("subject"));
            body.extend(handoff.entries().map(String::as_str));
            Among::Messages
        }
        "learning" => {
            title.extend(["title", "category", "module", "component", "problem_type"].map(text));
            let sets = ["symptoms", "applies_when", "tags", "paths"];
            title.extend(sets.iter().flat_map(|set| doc.elements(set)));
            body.extend(["root_cause", "context", "decision", "consequences"].map(text));
            Among::Learnings
        }
        "comment" => Among::Words,
        kind => {
            ItemKind::parse(kind)?;
            title.extend([text("title"), doc.text("id").unwrap_or(&doc.born)]);
            let sets = ["labels", "paths", "external_refs"];
            body.extend(sets.iter().flat_map(|set| doc.elements(set)));
            body.extend(long_texts::all(doc));
            let criteria = doc.entries("acceptance");
            body.extend(criteria.filter_map(|(_, one)| one.text("text")));
            Among::Words
        }
    };
    let joined = |texts: Vec<&str>| {
        let mut all = texts.join("\n");
        if among != Among::Words {
            all.truncate(head(&all, SEARCHED_TEXT_MAX).len());
        }
        all += &parts(&all);
        all
    };
    Some(Words {
        among,
        title: joined(title),
        body: joined(body),
    })
}

/// The parts of compound words such as `YAMLLoader`: `YAML Loader`.
pub fn parts(text: &str) -> String {
    let mut out = String::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let chars: Vec<(usize, char)> = word.char_indices().collect();
        let begins = |at: usize| {
            let (before, here) = (chars[at - 1].1, chars[at].1);
            let next = chars.get(at + 1).is_some_and(|(_, c)| c.is_lowercase());
            here.is_uppercase() && (before.is_lowercase() || before.is_numeric() || next)
        };
        let mut from = 0;
        for at in (1..chars.len())
            .filter(|at| begins(*at))
            .map(|at| chars[at].0)
        {
            out.push(' ');
            out.push_str(&word[from..at]);
            from = at;
        }
        if from > 0 {
            out.push(' ');
            out.push_str(&word[from..]);
        }
    }
    out
}

/// True if the text part is that of a tree.
pub(super) fn is_at(db: &Connection, tree: Oid) -> Result<bool> {
    Ok(meta::<Vec<u8>>(db, "text")?.as_deref() == Some(tree.as_bytes()))
}

pub(super) fn set_tree(db: &Connection, tree: Oid) -> Result<()> {
    set_meta(db, "text", tree.as_bytes())
}

fn put(db: &Connection, n: i64, words: &Words) -> Result<()> {
    db.prepare_cached(match words.among {
        Among::Words | Among::Titles => "INSERT INTO text(rowid,title,body) VALUES(?,?,?)",
        Among::Messages => "INSERT INTO text(rowid,subject,letter) VALUES(?,?,?)",
        Among::Learnings => "INSERT INTO lesson(rowid,title,body) VALUES(?,?,?)",
    })?
    .execute(params![n, words.title, words.body])?;
    if !words.title.is_empty() && words.among == Among::Words {
        db.prepare_cached("INSERT INTO inside(rowid,title) VALUES(?,?)")?
            .execute(params![n, words.title])?;
    }
    db.prepare_cached("INSERT INTO text_hash(n,hash) VALUES(?,?)")?
        .execute(params![n, words.hash()])?;
    Ok(())
}

/// Removes the words of a document.
pub(super) fn remove(db: &Connection, n: i64) -> Result<()> {
    let removed = db
        .prepare_cached("DELETE FROM text_hash WHERE n=?")?
        .execute([n])?;
    if removed > 0 {
        for table in ["text", "inside", "lesson"] {
            db.prepare_cached(&format!("DELETE FROM {table} WHERE rowid=?"))?
                .execute([n])?;
        }
    }
    Ok(())
}

/// Sets the words of a document, at no cost if they are unchanged: a task that is closed keeps its
/// words.
pub(super) fn replace(db: &Connection, n: i64, words: &Option<Words>) -> Result<()> {
    let before: Option<i64> = db
        .prepare_cached("SELECT hash FROM text_hash WHERE n=?")?
        .query_row([n], |row| row.get(0))
        .optional()?;
    if before == words.as_ref().map(Words::hash) {
        return Ok(());
    }
    remove(db, n)?;
    words.as_ref().map_or(Ok(()), |words| put(db, n, words))
}

/// Creates the text part from every item, comment, message and learning.
pub(super) fn build(db: &Connection, repo: &Repo, tree: Oid) -> Result<()> {
    db.execute_batch(TEXT)?;
    let mut find = db.prepare("SELECT n, path, oid FROM doc WHERE family=? ORDER BY n")?;
    for family in [ITEM, COMMENT, MESSAGE, LEARNING] {
        let mut rows = find.query([family])?;
        while let Some(row) = rows.next()? {
            let path: String = row.get(1)?;
            let oid = Oid::try_from(row.get_ref(2)?.as_blob()?)
                .map_err(|_| Fault::Doubt("an object id cannot be read"))?;
            let family = path.split('/').next().and_then(Family::of_folder);
            let family = family.ok_or(Fault::Doubt("a path is not one of the state"))?;
            let doc = read_doc(repo, oid, &path, family)
                .map_err(|_| Fault::Doubt("a document cannot be read any more"))?;
            if let Some(words) = words(&doc) {
                put(db, row.get(0)?, &words)?;
            }
        }
    }
    db.execute_batch("INSERT INTO text(text) VALUES('optimize')")?;
    set_tree(db, tree)
}

/// The subject of a full-text expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Among {
    /// The words of titles and texts; those of titles weigh ten times as much.
    Words,
    /// Any part of a title, from three characters on.
    Titles,
    /// The words of messages; those of subjects weigh ten times as much.
    Messages,
    /// The English stems of learnings; those of titles, symptoms, tags and paths weigh three times as
    /// much.
    Learnings,
}

/// The best hits for a full-text expression, best first.
pub(super) fn search(
    db: &Connection,
    among: Among,
    expression: &str,
    limit: usize,
) -> Result<Vec<Hit>> {
    let mut read = db.prepare_cached(
        "SELECT doc.uid, comment.item, item.data FROM doc LEFT JOIN comment USING(n)
         LEFT JOIN item ON item.n=doc.n WHERE doc.n=?",
    )?;
    best(db, among, expression, limit, |n| {
        let mut found = read.query([n])?;
        let found = found
            .next()?
            .ok_or(Fault::Doubt("the texts are not those of the documents"))?;
        let uid = |text: &str| Uid::new(text).ok_or(Fault::Doubt("a uid cannot be read"));
        let own = uid(found.get_ref(0)?.as_str()?)?;
        let item = found.get_ref(1)?.as_str_or_null()?.map(uid).transpose()?;
        let data = found.get_ref(2)?.as_blob_or_null()?;
        Ok(Hit {
            comment: item.is_some().then(|| own.clone()),
            item: item.unwrap_or(own),
            row: data.map(decode).transpose()?,
            score: 0.0,
        })
    })
}

/// As [`search`], in documents that are not indexed.
pub(crate) fn search_docs<'d>(
    docs: impl IntoIterator<Item = &'d Doc>,
    among: Among,
    expression: &str,
    limit: usize,
) -> Result<Vec<Hit>> {
    let db = Connection::open_in_memory()?;
    db.execute_batch(TEXT)?;
    let mut all: Vec<Hit> = Vec::new();
    for doc in docs {
        let (item, comment) = match doc.kind.as_str() {
            "comment" => {
                let item = doc.text("item").and_then(|item| ItemRef::parse(item).uid);
                let Some(item) = item else { continue };
                (item, Some(doc.uid.clone()))
            }
            _ => (doc.uid.clone(), None),
        };
        replace(
            &db,
            i64::try_from(all.len()).unwrap_or(i64::MAX),
            &words(doc),
        )?;
        all.push(Hit {
            item,
            comment,
            row: None,
            score: 0.0,
        });
    }
    best(&db, among, expression, limit, |n| {
        let hit = usize::try_from(n).ok().and_then(|n| all.get(n));
        hit.cloned()
            .ok_or(Fault::Doubt("there is no such document"))
    })
}

/// The best hits, which `hit` reads by their numbers, with their scores.
fn best(
    db: &Connection,
    among: Among,
    expression: &str,
    limit: usize,
    mut hit: impl FnMut(i64) -> Result<Hit>,
) -> Result<Vec<Hit>> {
    let mut find = db.prepare_cached(match among {
        Among::Words | Among::Messages => {
            "SELECT rowid, bm25(text, 10.0, 1.0, 10.0, 1.0) AS score FROM text
             WHERE text MATCH ? ORDER BY score"
        }
        Among::Titles => {
            "SELECT rowid, bm25(inside) AS score FROM inside WHERE inside MATCH ? ORDER BY score"
        }
        Among::Learnings => {
            "SELECT rowid, bm25(lesson, 3.0, 1.0) AS score FROM lesson
             WHERE lesson MATCH ? ORDER BY score"
        }
    })?;
    let expression = match among {
        Among::Words => format!("{{title body}} : ({expression})"),
        Among::Messages => format!("{{subject letter}} : ({expression})"),
        Among::Titles | Among::Learnings => expression.to_string(),
    };
    let mut rows = find.query([expression])?;
    let mut out: Vec<Hit> = Vec::new();
    while let Some(row) = rows.next()? {
        let score: f64 = row.get(1)?;
        // Equal hits are in the order of uids, which is the same in every index.
        if out.len() >= limit && out.last().is_some_and(|last| score > last.score) {
            break;
        }
        out.push(Hit {
            score,
            ..hit(row.get(0)?)?
        });
    }
    out.sort_by(|a, b| {
        a.score
            .total_cmp(&b.score)
            .then_with(|| (&a.item, &a.comment).cmp(&(&b.item, &b.comment)))
    });
    out.truncate(limit);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn words_made_of_several_have_parts() {
        assert_eq!(parts("a YAMLLoader, readOnly"), " YAML Loader read Only");
        assert_eq!(parts("v2Beta ÄrgerMeldung"), " v2 Beta Ärger Meldung");
        assert_eq!(parts("Plain WORDS and snake_case"), "");
    }
}
