//! The learnings that have a word, with a weight: how they are stored, and scored by BM25. The
//! empty stem stands for all words: every learning has it, with the number of its words.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::{Connection, OptionalExtension, params};

use super::document_row::decode;
use super::learning_text::WEIGHTS;
use super::{Fault, Result};
use crate::model::learning::Learning;
use crate::query::words::{folded, stemmed, words};

/// The number of learnings in one row, which fits into a page even if all of them have the stem.
const BLOCK: i64 = 256;

/// The bits of a hit that have the weight; the others have the learning's place in the row.
const WEIGHT_BITS: u32 = 24;
const WEIGHT: u32 = (1 << WEIGHT_BITS) - 1;

/// The constants of BM25.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// A hit as it is stored: rows have them in the order of learnings.
fn packed(n: i64, weight: u32) -> u32 {
    let place = u32::try_from(n % BLOCK).unwrap_or(0);
    place << WEIGHT_BITS | weight.min(WEIGHT)
}

fn unpacked(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let (each, _) = bytes.as_chunks();
    each.iter().map(|bytes| u32::from_le_bytes(*bytes))
}

fn write(db: &Connection, stem: &str, block: i64, hits: &[u32]) -> Result<()> {
    if hits.is_empty() {
        db.prepare_cached("DELETE FROM lore_hits WHERE stem=? AND block=?")?
            .execute(params![stem, block])?;
        return Ok(());
    }
    let bytes: Vec<u8> = hits.iter().flat_map(|hit| hit.to_le_bytes()).collect();
    db.prepare_cached("INSERT OR REPLACE INTO lore_hits(stem,block,hits) VALUES(?,?,?)")?
        .execute(params![stem, block, bytes])?;
    Ok(())
}

/// Writes all hits of a stem, which are in the order of learnings.
pub(super) fn put(db: &Connection, stem: &str, hits: &[(i64, u32)]) -> Result<()> {
    for block in hits.chunk_by(|a, b| a.0 / BLOCK == b.0 / BLOCK) {
        let hits: Vec<u32> = block
            .iter()
            .map(|(n, weight)| packed(*n, *weight))
            .collect();
        write(db, stem, block[0].0 / BLOCK, &hits)?;
    }
    Ok(())
}

/// Sets the weight that a stem has in a learning; 0 if it does not have it.
pub(super) fn set(db: &Connection, stem: &str, n: i64, weight: u32) -> Result<()> {
    let mut find = db.prepare_cached("SELECT hits FROM lore_hits WHERE stem=? AND block=?")?;
    let before: Option<Vec<u8>> = find
        .query_row(params![stem, n / BLOCK], |row| row.get(0))
        .optional()?;
    let mut hits: Vec<u32> = unpacked(&before.unwrap_or_default()).collect();
    let new = packed(n, weight);
    let place = |hit: &u32| hit >> WEIGHT_BITS;
    let at = hits.binary_search_by_key(&place(&new), place);
    let replaced = at.map_or_else(|at| at..at, |at| at..at + 1);
    hits.splice(replaced, (weight > 0).then_some(new));
    write(db, stem, n / BLOCK, &hits)
}

/// A word, a prefix, or words that follow each other.
pub(crate) struct Phrase {
    stems: Vec<String>,
    prefix: bool,
}

impl Phrase {
    pub(crate) fn new(text: &str, prefix: bool) -> Phrase {
        let stems = words(&folded(text)).map(stemmed).collect();
        Phrase { stems, prefix }
    }

    /// The phrase of one stem.
    pub(crate) fn of_stem(stem: &str) -> Phrase {
        let stems = vec![stem.to_string()];
        Phrase {
            stems,
            prefix: false,
        }
    }

    /// The weight of its occurrences in the stems of a learning.
    fn weight_in(&self, stems: &str) -> u32 {
        let fits = |window: &[&str]| {
            let (Some((last, before)), Some((own, others))) =
                (window.split_last(), self.stems.split_last())
            else {
                return false;
            };
            before == others && (last == own || self.prefix && last.starts_with(own.as_str()))
        };
        let in_line = |(line, weight): (&str, u32)| {
            let all: Vec<&str> = line.split_terminator(' ').collect();
            let found = all.windows(self.stems.len()).filter(|window| fits(window));
            found.map(|_| weight).sum::<u32>()
        };
        stems.lines().zip(WEIGHTS).map(in_line).sum()
    }
}

/// Learnings with the weight of a word or with a score, in the order of their numbers.
pub(crate) type Hits<T> = Vec<(usize, T)>;

/// Queries of the words of learnings.
pub(crate) struct Lore<'d> {
    db: &'d Connection,
    /// Every learning, with the number of its words.
    all: Rc<Hits<u32>>,
    /// That number, by the number of the learning.
    lengths: Vec<u32>,
    /// The mean of these.
    mean: f64,
    /// The hits that were already read.
    read: RefCell<HashMap<String, Rc<Hits<u32>>>>,
}

impl<'d> Lore<'d> {
    pub(super) fn of(db: &'d Connection) -> Result<Lore<'d>> {
        let mut lore = Lore {
            db,
            all: Rc::default(),
            lengths: Vec::new(),
            mean: 0.0,
            read: RefCell::default(),
        };
        lore.all = lore.having("")?;
        lore.lengths = vec![0; lore.all.last().map_or(0, |(n, _)| n + 1)];
        for (n, length) in lore.all.iter() {
            lore.lengths[*n] = *length;
            lore.mean += f64::from(*length) / lore.all.len() as f64;
        }
        Ok(lore)
    }

    /// The numbers of all learnings.
    pub(crate) fn numbers(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.all.iter().map(|(n, _)| *n)
    }

    /// The number after the greatest of a learning.
    pub(crate) fn end(&self) -> usize {
        self.lengths.len()
    }

    /// The learnings that have a stem, with its weight.
    pub(crate) fn having(&self, stem: &str) -> Result<Rc<Hits<u32>>> {
        if let Some(hits) = self.read.borrow().get(stem) {
            return Ok(hits.clone());
        }
        let sql = "SELECT block, hits FROM lore_hits WHERE stem=?";
        let hits = Rc::new(self.hits(sql, stem)?);
        let mut read = self.read.borrow_mut();
        read.insert(stem.to_string(), hits.clone());
        Ok(hits)
    }

    fn hits(&self, sql: &str, stem: &str) -> Result<Hits<u32>> {
        let mut find = self.db.prepare_cached(sql)?;
        let mut rows = find.query([stem])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let first = usize::try_from(row.get::<_, i64>(0)? * BLOCK);
            let first = first.map_err(|_| Fault::Doubt("a number is negative"))?;
            let hits = unpacked(row.get_ref(1)?.as_blob()?);
            out.extend(hits.map(|hit| (first + (hit >> WEIGHT_BITS) as usize, hit & WEIGHT)));
        }
        Ok(out)
    }

    /// The learnings that have a phrase, with its weight.
    pub(crate) fn matching(&self, phrase: &Phrase) -> Result<Rc<Hits<u32>>> {
        let Some((last, others)) = phrase.stems.split_last() else {
            return Ok(Rc::default());
        };
        let mut hits = match phrase.prefix {
            false => self.having(last)?,
            true => {
                let sql = "SELECT block, hits FROM lore_hits
                    WHERE stem>=?1 AND stem<?1||char(1114111)";
                let mut hits = self.hits(sql, last)?;
                hits.sort_unstable();
                Rc::new(summed(hits))
            }
        };
        if others.is_empty() {
            return Ok(hits);
        }
        for stem in others {
            let own = self.having(stem)?;
            let has = |n: &usize| own.binary_search_by_key(n, |(n, _)| *n).is_ok();
            let both = hits.iter().filter(|(n, _)| has(n));
            hits = Rc::new(both.copied().collect());
        }
        let mut out = Vec::new();
        for (n, _) in hits.iter() {
            out.push((*n, phrase.weight_in(&self.stems(*n)?)));
        }
        out.retain(|(_, weight)| *weight > 0);
        Ok(Rc::new(out))
    }

    /// The learnings that have all phrases of one of some choices, with a score (BM25; the greater
    /// the better).
    pub(crate) fn scores(&self, choices: &[Vec<Phrase>]) -> Result<Hits<f64>> {
        let mut out = Vec::new();
        for phrases in choices {
            let mut hits: Option<Hits<f64>> = None;
            for phrase in phrases {
                let own = self.matching(phrase)?;
                let own = self.scored(&own);
                hits = Some(match hits {
                    None => own,
                    Some(hits) => both(&hits, &own),
                });
            }
            out.extend(hits.unwrap_or_default());
        }
        if choices.len() > 1 {
            out.sort_unstable_by_key(|(n, _)| *n);
        }
        Ok(summed(out))
    }

    fn scored(&self, hits: &Hits<u32>) -> Hits<f64> {
        let (all, own) = (self.all.len() as f64, hits.len() as f64);
        let rarity = ((all - own + 0.5) / (own + 0.5)).ln().max(1e-6);
        let score = |(n, weight): &(usize, u32)| {
            let length = f64::from(*self.lengths.get(*n)?) / self.mean;
            let weight = f64::from(*weight);
            let score = weight * (K1 + 1.0) / (weight + K1 * (1.0 - B + B * length));
            Some((*n, rarity * score))
        };
        hits.iter().filter_map(score).collect()
    }

    /// The stems of a learning.
    pub(crate) fn stems(&self, n: usize) -> Result<String> {
        let mut read = self.db.prepare_cached("SELECT stems FROM lore WHERE n=?")?;
        Ok(read.query_row([number(n)], |row| row.get(0))?)
    }

    /// The learning of a number if `choose` picks it by its patterns, a line each.
    pub(crate) fn learning(
        &self,
        n: usize,
        choose: impl FnOnce(&str) -> bool,
    ) -> Result<Option<Learning>> {
        let lost = || Fault::Doubt("the texts are not those of the documents");
        let sql = "SELECT paths FROM learning INDEXED BY lore_paths WHERE n=?";
        let mut read = self.db.prepare_cached(sql)?;
        let mut rows = read.query([number(n)])?;
        if !choose(rows.next()?.ok_or_else(lost)?.get_ref(0)?.as_str()?) {
            return Ok(None);
        }
        let sql = "SELECT data FROM learning WHERE n=?";
        let mut read = self.db.prepare_cached(sql)?;
        let mut rows = read.query([number(n)])?;
        let row = rows.next()?;
        row.map(|row| decode(row.get_ref(0)?.as_blob()?))
            .transpose()
    }
}

fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Hits that are in order, each learning once.
fn summed<T: std::ops::AddAssign + Copy>(mut hits: Hits<T>) -> Hits<T> {
    hits.dedup_by(|again, hit| {
        let same = again.0 == hit.0;
        if same {
            hit.1 += again.1;
        }
        same
    });
    hits
}

/// The learnings in both of two lists.
fn both(some: &Hits<f64>, others: &Hits<f64>) -> Hits<f64> {
    let other = |n: &usize| others.binary_search_by_key(n, |(n, _)| *n).ok();
    let both = some.iter();
    both.filter_map(|(n, score)| Some((*n, score + others[other(n)?].1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::index::schema::{LORE, TABLES};

    #[test]
    fn changed_hits_are_those_that_were_written_at_once() {
        let rows = |change: &dyn Fn(&Connection) -> Result<()>| {
            let db = Connection::open_in_memory().unwrap();
            db.execute_batch(TABLES).unwrap();
            db.execute_batch(LORE).unwrap();
            change(&db).unwrap();
            let mut all = db.prepare("SELECT block, hits FROM lore_hits").unwrap();
            let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            let rows = all.query_map([], row).unwrap();
            rows.collect::<rusqlite::Result<Vec<(i64, Vec<u8>)>>>()
                .unwrap()
        };
        let hits = [(3, 1), (255, 7), (256, 2), (5000, 70_000)];
        let once = rows(&|db| put(db, "word", &hits));
        let changed = rows(&|db| {
            for (n, weight) in [(9000, 1), (256, 5), (4, 2), (3, 9)].iter().chain(&hits) {
                set(db, "word", *n, *weight)?;
            }
            set(db, "word", 9000, 0)?;
            set(db, "word", 4, 0)
        });
        assert_eq!(once, changed);
        assert_eq!(once.len(), 3);
    }

    #[test]
    fn a_phrase_is_found_within_one_field() {
        let weight = |text, prefix, stems| Phrase::new(text, prefix).weight_in(stems);
        let stems = "read timeout read timeout \nread \ntimeout read time \n\n";
        assert_eq!(weight("Read timeouts", false, stems), 6);
        assert_eq!(weight("read tim", true, stems), 8);
        assert_eq!(weight("timeout timeout", false, stems), 0);
    }
}
