//! Where the lines of a document are after an edit of it.
//!
//! A line that each text has once is the same one, wherever it stands; a heading is a line, too. Lines that a text has
//! several times go with those that they stand beside, up to a line that is known as another one: so a line has one
//! place, and a place is of one line. A reworded line is the one most like it, first of all in the section that most of
//! its own section's lines are in. A plan keeps a hash of each line of the text that it was made for; the text itself is
//! in the document, or in its history. Where it is in neither, as in a shallow clone, the hashes alone have to do.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::iter::successors;
use std::ops::Range;
use std::sync::Arc;

use super::plan_types::Plan;
use super::restored::writer;
use super::sources::Reading;
use crate::model::line_diff::{likeness_of_words, operations};
use crate::model::uid::sha256_hex;
use crate::plan::document::{Lines, Section};
use crate::plan::line_ranges::meet;
use crate::store::history::trees::item_doc;
use crate::store::state::State;
use similar::DiffOp;

/// So much alike are two forms of one line.
const ALIKE: f32 = 0.5;

/// And so much, if the headings above them are others.
const APART: f32 = 0.6;

/// The largest number of pairs of lines that are compared by their words.
const MOST_PAIRS: usize = 50_000;

/// The hexadecimal digits of a line's hash.
const DIGITS: usize = 6;

/// The hash of an empty line.
const BLANK: &str = "e3b0c4";

/// The hashes of all lines of a text: the first digits of the SHA-256 of each line without white space
/// at its ends.
pub(super) fn line_hashes(text: &str) -> String {
    let hash = |line: &str| {
        let hash = sha256_hex(line.trim().as_bytes());
        hash.get(..DIGITS).unwrap_or_default().to_owned()
    };
    text.lines().map(hash).collect()
}

/// The places of the lines that a text has once.
type Places<'t> = HashMap<&'t str, usize>;

/// How much more alike than they have to be are a line of the older text and one of the newer.
type Form = (f32, usize, usize);

/// A text, as far as it is compared.
struct Side<'t> {
    hashes: Vec<String>,
    /// Empty if only the hashes of the lines are known.
    lines: Vec<&'t str>,
    /// For each line the number of its section, which begins with a heading.
    sections: Vec<usize>,
}

impl<'t> Side<'t> {
    fn of(reading: &'t Reading) -> Side<'t> {
        let first = |one: &Section| (one.line as usize).saturating_sub(1);
        let headings = reading.document.sections.iter().map(first).collect();
        Side {
            lines: reading.text.lines().collect(),
            ..Side::of_hashes(&line_hashes(&reading.text), &headings)
        }
    }

    fn of_hashes(hashes: &str, headings: &BTreeSet<usize>) -> Side<'t> {
        let hashes = hashes.as_bytes().chunks(DIGITS);
        let hashes = hashes.map(|hash| String::from_utf8_lossy(hash).into_owned());
        let hashes: Vec<String> = hashes.collect();
        let sections = (0..hashes.len()).scan(0_usize, |section, line| {
            *section += usize::from(headings.contains(&line));
            Some(*section)
        });
        Side {
            sections: sections.collect(),
            lines: Vec::new(),
            hashes,
        }
    }

    fn lines_of(&self, section: usize) -> Range<usize> {
        let before = |last: usize| self.sections.partition_point(|one| *one < last);
        before(section)..before(section + 1)
    }

    fn is_heading(&self, line: usize) -> bool {
        self.sections[..line].last().unwrap_or(&0) != &self.sections[line]
    }

    fn is_blank(&self, line: usize) -> bool {
        self.hashes[line] == BLANK
    }
}

/// The text that a plan was made for.
pub(super) fn planned_text(state: &State<'_>, plan: &Plan) -> Option<String> {
    let prd = state.stored(plan.prd.uid.as_ref()?)?;
    let is_it = |text: &str| sha256_hex(text.as_bytes()) == plan.document;
    if let Some(text) = state.text_of(prd).filter(|text| is_it(text)) {
        return Some(text);
    }
    let commit = writer(state, prd, |doc| is_it(doc.body.shown()))?;
    let doc = item_doc(state.repo(), commit.tree, &prd.born, &prd.uid).ok()??;
    Some(doc.body.shown().to_owned())
}

/// For each line of an older text its line in a newer one.
pub(super) struct MovedLines {
    /// Its place, be it reworded.
    place: Vec<Option<usize>>,
    /// The same, if it stands in one order with the others of its section.
    to: Vec<Option<u32>>,
    /// For each line of the newer text the older one's that has this place.
    from: Vec<Option<usize>>,
    /// The ranges of lines that are not in the older text, each in one section.
    pub(super) new: Vec<Lines>,
}

impl MovedLines {
    /// Compares a text of a document with the one that its plan was made for; a second time it is known.
    pub(super) fn since(state: &State<'_>, plan: &Plan, reading: &Reading) -> Arc<MovedLines> {
        let compared = || Arc::new(MovedLines::compared(state, plan, reading));
        let known = reading
            .moved
            .get_or_init(|| (plan.document.clone(), compared()));
        match known.0 == plan.document {
            true => Arc::clone(&known.1),
            false => compared(),
        }
    }

    fn compared(state: &State<'_>, plan: &Plan, reading: &Reading) -> MovedLines {
        let hashes = |text: &str| Side::of_hashes(text, &BTreeSet::new());
        let now = line_hashes(&reading.text);
        let text = (plan.line_hashes != now).then(|| planned_text(state, plan));
        let before = text.flatten();
        let before = before.and_then(|text| Reading::of(text.as_bytes(), &plan.title).ok());
        match &before {
            Some(before) => MovedLines::between(&Side::of(before), &Side::of(reading)),
            None => MovedLines::between(&hashes(&plan.line_hashes), &hashes(&now)),
        }
    }

    fn between(old: &Side<'_>, new: &Side<'_>) -> MovedLines {
        let once = [only_once(&old.hashes), only_once(&new.hashes)];
        let mut moved = MovedLines {
            place: vec![None; old.hashes.len()],
            to: vec![None; old.hashes.len()],
            from: vec![None; new.hashes.len()],
            new: Vec::new(),
        };
        for (hash, line) in &once[0] {
            if let Some(at) = once[1].get(hash) {
                moved.put(*line, *at);
            }
        }
        let is_said = |line: usize, at: usize| !old.is_blank(line) && !new.is_blank(at);
        let is_same = |line: usize, at: usize| old.hashes[line] == new.hashes[at];
        let is_equal = |line: usize, at: usize| is_said(line, at) && is_same(line, at);
        moved.follow((old, new), true, is_equal);
        moved.reword((old, new), &once);
        moved.follow((old, new), false, is_equal);
        moved.follow((old, new), false, is_same);
        let homes = moved.homes(old, new);
        // What is in the place of a line may be another one: the caller has to compare the words.
        moved.follow((old, new), false, |line, at| {
            is_said(line, at) && homes.get(&old.sections[line]) == Some(&new.sections[at])
        });
        for (section, home) in homes {
            let before = old.lines_of(section);
            let was: Vec<Option<usize>> = moved.place[before.clone()].to_vec();
            let is: Vec<Option<usize>> = new.lines_of(home).map(Some).collect();
            let mut ops = operations(&was, &is);
            ops.retain(|op| matches!(op, DiffOp::Equal { .. }));
            for nth in ops.iter().flat_map(DiffOp::old_range) {
                moved.to[before.start + nth] = was[nth].map(number);
            }
        }
        let is_new = |at: &usize| moved.from[*at].is_none_or(|line| !is_same(line, *at));
        for at in (0..moved.from.len()).filter(is_new) {
            let line = number(at);
            let last = moved.new.last_mut();
            match last.filter(|last| last.end + 1 == line && !new.is_heading(at)) {
                Some(last) => last.end = line,
                None => moved.new.push(Lines::at(line)),
            }
        }
        moved
    }

    fn put(&mut self, line: usize, at: usize) {
        self.place[line] = Some(at);
        self.from[at] = Some(line);
    }

    /// Gives lines without a place one behind or before those that they stand beside, or at the beginning, up to a heading
    /// or a line that is known; up to the next words, if it has to be near.
    fn follow(
        &mut self,
        (old, new): (&Side<'_>, &Side<'_>),
        is_near: bool,
        fits: impl Fn(usize, usize) -> bool,
    ) {
        for is_back in [false, true] {
            let next = |at: usize| at.checked_add_signed(if is_back { -1 } else { 1 });
            let mut start: Option<usize> = (!is_back).then_some(0);
            for nth in 0..old.hashes.len() {
                let line = [nth, old.hashes.len() - 1 - nth][usize::from(is_back)];
                let is_heading = old.is_heading(line);
                if self.place[line].is_none() {
                    let free = |at: &usize| self.from.get(*at) == Some(&None);
                    let mut there = successors(start, |at| next(*at)).take_while(free);
                    let is_it = |at: usize| new.is_heading(at) == is_heading && fits(line, at);
                    let is_end = |at: usize| new.is_heading(at) || is_near && !new.is_blank(at);
                    let found = there.find(|at| is_it(*at) || is_end(*at));
                    if let Some(at) = found.filter(|at| is_it(*at)) {
                        self.put(line, at);
                    }
                }
                start = match self.place[line] {
                    // A section belongs to its heading, not to the one behind it.
                    Some(at) if !(is_back && is_heading) => next(at),
                    None if !is_heading => start,
                    _ => None,
                };
            }
        }
    }

    /// For each section of the older text that one of the newer which most of its lines are in.
    fn homes(&self, old: &Side<'_>, new: &Side<'_>) -> HashMap<usize, usize> {
        let mut lines: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let said = (0..old.hashes.len()).filter(|line| !old.is_blank(*line));
        for (line, at) in said.filter_map(|line| Some((line, self.place[line]?))) {
            // Between two that have as many of them, the heading decides.
            let pair = (old.sections[line], new.sections[at]);
            *lines.entry(pair).or_default() += 2 + usize::from(old.is_heading(line));
        }
        let mut lines: Vec<((usize, usize), usize)> = lines.into_iter().rev().collect();
        lines.sort_by_key(|(_, counts)| *counts);
        lines.into_iter().map(|(pair, _)| pair).collect()
    }

    /// Looks for lines that were reworded. One in another section has to be most like it, and no other as much.
    fn reword(&mut self, (old, new): (&Side<'_>, &Side<'_>), [was, is]: &[Places<'_>; 2]) {
        let homes = self.homes(old, new);
        let is_own =
            |line: usize, at: usize| homes.get(&old.sections[line]) == Some(&new.sections[at]);
        let is_once = |line: usize, at: usize| {
            was.contains_key(&*old.hashes[line]) && is.contains_key(&*new.hashes[at])
        };
        let open = |side: &Side<'_>, known: &[Option<usize>]| -> Vec<usize> {
            let open = (0..side.lines.len()).filter(|line| known[*line].is_none());
            open.filter(|line| !side.is_blank(*line)).collect()
        };
        let (left, free) = (open(old, &self.place), open(new, &self.from));
        let is_few = left.len() * free.len() <= MOST_PAIRS;
        let with = |line: usize| free.iter().map(move |at| (line, *at));
        let pairs = left.iter().copied().flat_map(with);
        // Equal lines that stand there several times could be any of them.
        let pairs = pairs.filter(|(line, at)| {
            let is_other = old.hashes[*line] != new.hashes[*at];
            is_other && (is_own(*line, *at) || is_few && is_once(*line, *at))
        });
        let alike = |(line, at): (usize, usize)| {
            let alike = likeness_of_words(old.lines[line], new.lines[at]);
            let least = if is_own(line, at) { ALIKE } else { APART };
            (alike - least, line, at)
        };
        let found = pairs.take(MOST_PAIRS).map(alike);
        let mut found: Vec<Form> = found.filter(|one| one.0 >= 0.0).collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        // The best likeness of each line, on either side, and how many forms have it.
        let mut best: HashMap<(bool, usize), (f32, usize)> = HashMap::new();
        for (alike, line, at) in &found {
            for end in [(false, *line), (true, *at)] {
                let (most, count) = best.entry(end).or_insert((*alike, 0));
                *count += usize::from(*alike >= *most);
            }
        }
        for (alike, line, at) in &found {
            let is_only = |end: (bool, usize)| {
                let known = best.get(&end);
                known.is_some_and(|(most, count)| *alike >= *most && *count == 1)
            };
            let is_only = || is_only((false, *line)) && is_only((true, *at));
            let is_clear = || is_own(*line, *at) || is_only();
            if self.place[*line].is_none() && self.from[*at].is_none() && is_clear() {
                self.put(*line, *at);
            }
        }
    }

    /// True if a range of the newer text has lines that are not in the older one.
    pub(super) fn is_new(&self, lines: Lines) -> bool {
        self.new.iter().any(|new| meet(*new, lines))
    }

    /// True for the same line of the newer text, and for two among the same new ones.
    pub(super) fn is_beside(&self, line: u32, other: u32) -> bool {
        let range = |line: u32| {
            let at = self.new.partition_point(|new| new.end < line);
            self.new.get(at).filter(|new| new.start <= line)
        };
        line == other || range(line).is_some_and(|new| Some(new) == range(other))
    }

    /// The lines of a range now; `None` if the document has none of them any more.
    pub(super) fn of(&self, lines: Lines) -> Option<Lines> {
        let (start, end) = (lines.start as usize, lines.end as usize);
        let range = start.saturating_sub(1)..end.min(self.to.len());
        let mut there = self.to.get(range.clone())?.iter().copied().flatten();
        let Some(first) = there.next() else {
            // All of it was cut out: it is where it begins now, as far as it is one piece.
            let there = self.place.get(range)?.iter().copied().flatten();
            let mut there = there.map(number);
            let first = there.next()?;
            let next = |last: u32, line: u32| {
                let follows = line > last && line - last <= 2;
                if follows { line } else { last }
            };
            return Some(Lines::of(first, there.fold(first, next)));
        };
        let last = there.next_back().unwrap_or(first);
        Some(Lines::of(first, last.max(first)))
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at + 1).unwrap_or(u32::MAX)
}

/// The place of each line that a text has once.
fn only_once(hashes: &[String]) -> Places<'_> {
    let mut places: HashMap<&str, Option<usize>> = HashMap::new();
    for (at, hash) in hashes.iter().enumerate() {
        let place = places.entry(hash);
        place.and_modify(|place| *place = None).or_insert(Some(at));
    }
    let once = places.into_iter();
    once.filter_map(|(hash, place)| Some((hash, place?)))
        .collect()
}

#[cfg(test)]
mod tests;
