//! The words of learnings, a part of the full-text index with fields of different weight, English
//! stems, and the list of all words, to find misspelled ones.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::{Connection, OptionalExtension, params};

use super::document_row::{decode, insert_learning};
use super::full_text::{each_doc, parts};
use super::schema::{LEARNING, LORE, TABLES};
use super::{Fault, Result, meta, set_meta};
use crate::model::doc::Doc;
use crate::model::learning::Learning;
use crate::model::text::head;
use crate::store::git::repo::Repo;

/// The most bytes of a text that are searched; a fetched one may have millions.
const TEXT_MAX: usize = 128 * 1024;

/// The lengths of words that are found when misspelled, in characters.
const WORD: std::ops::RangeInclusive<usize> = 3..=30;

/// The weights of title, symptoms, tags and text.
const WEIGHTS: &str = "3.0, 2.0, 2.0, 1.0";

/// The words of one learning.
#[derive(Hash)]
pub(super) struct Words {
    title: String,
    /// Symptoms, and when it applies.
    symptoms: String,
    /// Tags, categories and paths.
    tags: String,
    body: String,
}

impl Words {
    fn hash(&self) -> i64 {
        let mut hasher = DefaultHasher::new();
        Hash::hash(self, &mut hasher);
        i64::from_ne_bytes(hasher.finish().to_ne_bytes())
    }

    fn all(&self) -> [&str; 4] {
        [&self.title, &self.symptoms, &self.tags, &self.body]
    }
}

/// The searchable words of a learning; `None` if it is deleted.
pub(super) fn words(doc: &Doc) -> Option<Words> {
    if !doc.is_live() {
        return None;
    }
    let sets = |names: &[&str]| {
        names
            .iter()
            .flat_map(|n| doc.elements(n))
            .collect::<Vec<_>>()
    };
    let texts = |names: &[&str]| names.iter().filter_map(|n| doc.text(n)).collect::<Vec<_>>();
    let body = doc.body.versions.values().filter_map(|v| v.text.as_deref());
    Some(Words {
        title: joined(&[texts(&["title"])]),
        symptoms: joined(&[sets(&["symptoms", "applies_when"])]),
        tags: joined(&[
            sets(&["tags", "paths"]),
            texts(&["category", "module", "component", "problem_type"]),
        ]),
        body: joined(&[
            texts(&["root_cause", "context", "decision", "consequences"]),
            body.collect(),
        ]),
    })
}

/// Texts one after the other, with the parts of their compound words.
fn joined(texts: &[Vec<&str>]) -> String {
    let all = texts.concat().join("\n");
    let all = head(&all, TEXT_MAX);
    format!("{all}{}", parts(all))
}

/// True if there are words of learnings; then every change of the index keeps them up to date.
pub(super) fn is_built(db: &Connection) -> Result<bool> {
    Ok(meta::<bool>(db, "lore")?.unwrap_or(false))
}

/// Creates the words from every learning.
pub(super) fn build(db: &Connection, repo: &Repo) -> Result<()> {
    db.execute_batch(LORE)?;
    each_doc(db, repo, &[LEARNING], |n, doc| match words(doc) {
        Some(words) => put(db, n, &words),
        None => Ok(()),
    })?;
    db.execute_batch("INSERT INTO lore(lore) VALUES('optimize')")?;
    set_meta(db, "lore", true)
}

/// Inserts the words of a learning.
pub(super) fn put(db: &Connection, n: i64, words: &Words) -> Result<()> {
    let [title, symptoms, tags, body] = words.all();
    db.prepare_cached("INSERT INTO lore(rowid,title,symptoms,tags,body) VALUES(?,?,?,?,?)")?
        .execute(params![n, title, symptoms, tags, body])?;
    db.prepare_cached("INSERT INTO lore_hash(n,hash) VALUES(?,?)")?
        .execute(params![n, words.hash()])?;
    let mut note = db.prepare_cached(
        "INSERT INTO lore_word(word,n) VALUES(?,1) ON CONFLICT(word) DO UPDATE SET n=n+1",
    )?;
    let known: HashSet<String> = words.all().into_iter().flat_map(each_word).collect();
    for word in known {
        note.execute([word])?;
    }
    Ok(())
}

/// The words of a text, in lower case.
fn each_word(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| WORD.contains(&word.chars().count()))
        .map(str::to_lowercase)
}

/// The words of a learning with their weights, which depend on the field.
pub(crate) fn weighted_words(doc: &Doc) -> Vec<(String, f64)> {
    let Some(words) = words(doc) else {
        return Vec::new();
    };
    let fields = words.all().into_iter().zip([3.0, 2.0, 2.0, 1.0]);
    let each = fields.flat_map(|(text, weight)| each_word(text).map(move |word| (word, weight)));
    each.collect()
}

/// Removes the words of a learning. They stay in the list of words, where an extra word does no
/// harm.
pub(super) fn remove(db: &Connection, n: i64) -> Result<()> {
    let removed = db
        .prepare_cached("DELETE FROM lore_hash WHERE n=?")?
        .execute([n])?;
    if removed > 0 {
        db.prepare_cached("DELETE FROM lore WHERE rowid=?")?
            .execute([n])?;
    }
    Ok(())
}

/// Sets the words of a learning, at no cost if they are unchanged: a use or a vote changes none.
pub(super) fn replace(db: &Connection, n: i64, words: &Option<Words>) -> Result<()> {
    let before: Option<i64> = db
        .prepare_cached("SELECT hash FROM lore_hash WHERE n=?")?
        .query_row([n], |row| row.get(0))
        .optional()?;
    if before == words.as_ref().map(Words::hash) {
        return Ok(());
    }
    remove(db, n)?;
    words.as_ref().map_or(Ok(()), |words| put(db, n, words))
}

/// Queries of the words of learnings.
pub(crate) struct Lore<'d> {
    db: &'d Connection,
}

impl<'d> Lore<'d> {
    pub(super) fn of(db: &'d Connection) -> Lore<'d> {
        Lore { db }
    }

    /// The learnings that match a full-text expression, with a score (BM25; the greater the
    /// better).
    pub(crate) fn scores(&self, expression: &str) -> Result<Vec<(i64, f64)>> {
        let sql = format!("SELECT rowid, -bm25(lore, {WEIGHTS}) FROM lore WHERE lore MATCH ?");
        let mut find = self.db.prepare_cached(&sql)?;
        let rows = find.query_map([expression], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// The number of learnings that match a full-text expression.
    pub(crate) fn count(&self, expression: &str) -> Result<usize> {
        let mut find = self
            .db
            .prepare_cached("SELECT count(*) FROM lore WHERE lore MATCH ?")?;
        let count: i64 = find.query_row([expression], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// The learning of a row.
    pub(crate) fn learning(&self, n: i64) -> Result<Learning> {
        let mut read = self
            .db
            .prepare_cached("SELECT data FROM learning WHERE n=?")?;
        let mut rows = read.query([n])?;
        let row = rows
            .next()?
            .ok_or(Fault::Doubt("the texts are not those of the documents"))?;
        decode(row.get_ref(0)?.as_blob()?)
    }

    /// The number of learnings.
    pub(crate) fn total(&self) -> Result<usize> {
        let mut count = self
            .db
            .prepare_cached("SELECT count(*) FROM lore_docsize")?;
        let count: i64 = count.query_row([], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// The learnings that match a full-text expression.
    pub(crate) fn rows(&self, expression: &str) -> Result<HashSet<i64>> {
        let mut find = self
            .db
            .prepare_cached("SELECT rowid FROM lore WHERE lore MATCH ?")?;
        let rows = find.query_map([expression], |row| row.get(0))?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// The number of learnings that had a word, in lower case, since the text part was created.
    pub(crate) fn known(&self, word: &str) -> Result<usize> {
        let mut read = self
            .db
            .prepare_cached("SELECT n FROM lore_word WHERE word=?")?;
        let found: Option<i64> = read.query_row([word], |row| row.get(0)).optional()?;
        Ok(usize::try_from(found.unwrap_or(0)).unwrap_or(0))
    }

    /// Visits the words of all learnings, in lower case, without those that begin with a digit.
    pub(crate) fn each_word(&self, mut visit: impl FnMut(&str)) -> Result<()> {
        // As one text: a row costs more than the comparison of a word.
        let mut all = self
            .db
            .prepare_cached("SELECT group_concat(word, ' ') FROM lore_word WHERE word > ':'")?;
        let mut rows = all.query([])?;
        let words = rows.next()?.map(|row| row.get_ref(0)).transpose()?;
        let words = words.map(|words| words.as_str_or_null()).transpose()?;
        words
            .flatten()
            .unwrap_or_default()
            .split(' ')
            .for_each(&mut visit);
        Ok(())
    }
}

/// Queries the words of some learnings, by the rules of the index but without one.
pub(crate) fn lore_of<'d, T>(
    docs: impl IntoIterator<Item = &'d Doc>,
    query: impl FnOnce(&Lore<'_>) -> Result<T>,
) -> Result<T> {
    let db = Connection::open_in_memory()?;
    db.execute_batch(TABLES)?;
    db.execute_batch(LORE)?;
    for (n, doc) in docs.into_iter().enumerate() {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        if let (Some(learning), Some(words)) = (Learning::from_doc(doc), words(doc)) {
            insert_learning(&db, n, &learning)?;
            put(&db, n, &words)?;
        }
    }
    query(&Lore::of(&db))
}
