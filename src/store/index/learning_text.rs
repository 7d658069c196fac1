//! The words of learnings, as they are written: English stems with the weight of their field, and
//! the list of all words, to find misspelled ones.

use std::collections::{BTreeMap, BTreeSet};

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

/// The lengths of words that are found when misspelled, in characters.
const WORD: std::ops::RangeInclusive<usize> = 3..=30;

/// The weights of title, symptoms, tags and text.
pub(super) const WEIGHTS: [u32; 4] = [3, 2, 2, 1];

/// The words of one learning.
pub(super) struct Words {
    /// The stems, with a line for each field.
    stems: String,
    /// The words themselves, as far as they are found when misspelled.
    known: BTreeSet<String>,
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
    let mut out = Words {
        stems: String::new(),
        known: BTreeSet::new(),
    };
    for texts in fields {
        let all = texts.join("\n");
        let all = head(&all, TEXT_MAX);
        let all = folded(&format!("{all}{}", parts(all)));
        for word in words::words(&all) {
            out.stems.push_str(&stemmed(word));
            out.stems.push(' ');
            if WORD.contains(&word.chars().count()) && !word.starts_with(char::is_numeric) {
                out.known.insert(word.to_string());
            }
        }
        out.stems.push('\n');
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
    known: BTreeSet<String>,
}

impl Gathered {
    fn add(&mut self, db: &Connection, n: i64, doc: &Doc) -> Result<()> {
        let Some(words) = words(doc) else {
            return Ok(());
        };
        put_stems(db, n, &words.stems)?;
        for (stem, weight) in weights(&words.stems) {
            let hits = self.hits.entry(stem.to_string()).or_default();
            hits.push((n, weight));
        }
        self.known.extend(words.known);
        Ok(())
    }

    fn write(self, db: &Connection) -> Result<()> {
        for (stem, hits) in &self.hits {
            learning_hits::put(db, stem, hits)?;
        }
        note(db, &self.known)
    }
}

fn put_stems(db: &Connection, n: i64, stems: &str) -> Result<()> {
    db.prepare_cached("INSERT INTO lore(n,stems) VALUES(?,?)")?
        .execute(params![n, stems])?;
    Ok(())
}

/// Adds words to the list of words. They stay there, where an extra word does no harm.
fn note(db: &Connection, words: &BTreeSet<String>) -> Result<()> {
    let words: Vec<&String> = words.iter().collect();
    let start = |word: &str| word.chars().take(2).collect::<String>();
    for group in words.chunk_by(|a, b| start(a) == start(b)) {
        let start = start(group[0]);
        let before: Option<String> = db
            .prepare_cached("SELECT words FROM lore_words WHERE start=?")?
            .query_row([&start], |row| row.get(0))
            .optional()?;
        let before = before.unwrap_or_default();
        let is_new = |word: &&&String| !before.split(' ').any(|known| known == **word);
        let mut after = before.clone();
        for word in group.iter().filter(is_new) {
            after.push_str(word);
            after.push(' ');
        }
        if after != before {
            db.prepare_cached("INSERT OR REPLACE INTO lore_words(start,words) VALUES(?,?)")?
                .execute([start, after])?;
        }
    }
    Ok(())
}

/// Removes the words of a learning.
pub(super) fn remove(db: &Connection, n: i64) -> Result<()> {
    replace(db, n, &None)
}

/// Sets the words of a learning, at no cost if they are unchanged: a use or a vote changes none.
pub(super) fn replace(db: &Connection, n: i64, words: &Option<Words>) -> Result<()> {
    let before: Option<String> = db
        .prepare_cached("SELECT stems FROM lore WHERE n=?")?
        .query_row([n], |row| row.get(0))
        .optional()?;
    let after = words.as_ref().map(|words| &words.stems);
    if before.as_ref() == after {
        return Ok(());
    }
    db.prepare_cached("DELETE FROM lore WHERE n=?")?
        .execute([n])?;
    if let Some(words) = words {
        put_stems(db, n, &words.stems)?;
        note(db, &words.known)?;
    }
    let before = before.as_deref().map(weights).unwrap_or_default();
    let after = after.map(|stems| weights(stems)).unwrap_or_default();
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
