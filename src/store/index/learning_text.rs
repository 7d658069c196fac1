//! The words of learnings, as they are written: English stems with the weight of their field.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::document_row::insert_learning;
use super::full_text::{each_doc, parts};
use super::learning_hits::{self, Lore};
use super::schema::{LEARNING, LORE, TABLES};
use super::{Result, meta, set_meta};
use crate::model::doc::Doc;
use crate::model::learning::Learning;
use crate::model::text::head;
use crate::query::words::{self, folded, stemmed};
use crate::store::git::repo::Repo;

/// The most bytes of a text that are searched; a fetched one may have millions.
const TEXT_MAX: usize = 128 * 1024;

/// The weights of title, symptoms, tags and text.
pub(super) const WEIGHTS: [u32; 4] = [3, 2, 2, 1];

/// The stems of the searchable words of a learning, with a line for each field; `None` if it is
/// deleted.
pub(super) fn stems(doc: &Doc) -> Option<String> {
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
    let fields = [
        texts(&["title"]),
        sets(&["symptoms", "applies_when"]),
        [
            sets(&["tags", "paths"]),
            texts(&["category", "module", "component", "problem_type"]),
        ]
        .concat(),
        [
            texts(&["root_cause", "context", "decision", "consequences"]),
            body.collect(),
        ]
        .concat(),
    ];
    let mut out = String::new();
    for texts in fields {
        let all = texts.join("\n");
        let all = head(&all, TEXT_MAX);
        let all = folded(&format!("{all}{}", parts(all)));
        for word in words::words(&all) {
            out.push_str(&stemmed(word));
            out.push(' ');
        }
        out.push('\n');
    }
    Some(out)
}

/// The stems of a learning with their weights, and their number as that of the empty stem.
pub(crate) fn weights(stems: &str) -> BTreeMap<&str, u32> {
    let mut out = BTreeMap::new();
    for (line, weight) in stems.lines().zip(WEIGHTS) {
        for stem in line.split_terminator(' ') {
            *out.entry(stem).or_default() += weight;
            *out.entry("").or_default() += 1;
        }
    }
    out
}

/// True if there are words of learnings; then every change of the index keeps them up to date.
pub(super) fn is_built(db: &Connection) -> Result<bool> {
    Ok(meta::<bool>(db, "lore")?.unwrap_or(false))
}

/// Creates the words from every learning.
pub(super) fn build(db: &Connection, repo: &Repo) -> Result<()> {
    db.execute_batch(LORE)?;
    let mut all = Gathered::default();
    each_doc(db, repo, &[LEARNING], |n, doc| all.add(db, n, doc))?;
    all.write(db)?;
    set_meta(db, "lore", true)
}

/// The words of many learnings, in the order of their numbers: what each word has is written once.
#[derive(Default)]
struct Gathered {
    hits: BTreeMap<String, Vec<(i64, u32)>>,
}

impl Gathered {
    fn add(&mut self, db: &Connection, n: i64, doc: &Doc) -> Result<()> {
        let Some(stems) = stems(doc) else {
            return Ok(());
        };
        put_stems(db, n, &stems)?;
        for (stem, weight) in weights(&stems) {
            let hits = self.hits.entry(stem.to_string()).or_default();
            hits.push((n, weight));
        }
        Ok(())
    }

    fn write(self, db: &Connection) -> Result<()> {
        for (stem, hits) in &self.hits {
            learning_hits::put(db, stem, hits)?;
        }
        Ok(())
    }
}

fn put_stems(db: &Connection, n: i64, stems: &str) -> Result<()> {
    db.prepare_cached("INSERT INTO lore(n,stems) VALUES(?,?)")?
        .execute(params![n, stems])?;
    Ok(())
}

/// Removes the words of a learning.
pub(super) fn remove(db: &Connection, n: i64) -> Result<()> {
    replace(db, n, &None)
}

/// Sets the words of a learning, at no cost if they are unchanged: a use or a vote changes none.
pub(super) fn replace(db: &Connection, n: i64, after: &Option<String>) -> Result<()> {
    let before: Option<String> = db
        .prepare_cached("SELECT stems FROM lore WHERE n=?")?
        .query_row([n], |row| row.get(0))
        .optional()?;
    if before == *after {
        return Ok(());
    }
    db.prepare_cached("DELETE FROM lore WHERE n=?")?
        .execute([n])?;
    if let Some(stems) = after {
        put_stems(db, n, stems)?;
    }
    let before = before.as_deref().map(weights).unwrap_or_default();
    let after = after.as_deref().map(weights).unwrap_or_default();
    for stem in before.keys().filter(|stem| !after.contains_key(*stem)) {
        learning_hits::set(db, stem, n, 0)?;
    }
    for (stem, weight) in after
        .iter()
        .filter(|(stem, w)| before.get(*stem) != Some(w))
    {
        learning_hits::set(db, stem, n, *weight)?;
    }
    Ok(())
}

/// Queries the words of some learnings, by the rules of the index but without one.
pub(crate) fn lore_of<'d, T>(
    docs: impl IntoIterator<Item = &'d Doc>,
    query: impl FnOnce(&Lore<'_>) -> Result<T>,
) -> Result<T> {
    let db = Connection::open_in_memory()?;
    db.execute_batch(TABLES)?;
    db.execute_batch(LORE)?;
    let mut all = Gathered::default();
    for (n, doc) in docs.into_iter().enumerate() {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        if let Some(learning) = Learning::from_doc(doc) {
            insert_learning(&db, n, &learning)?;
            all.add(&db, n, doc)?;
        }
    }
    all.write(&db)?;
    query(&Lore::of(&db)?)
}
