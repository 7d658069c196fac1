//! Where the lines of a document are after an edit of it.
//!
//! A line that each text has once is the same one, wherever it stands. Others are looked for in the section that they
//! stood in, and those of sections whose headings are gone in sections whose headings are new: there a reworded line is
//! the one most like it. A plan keeps a hash of each line of the text that it was made for; the text itself is in the
//! document, or in its history. Where it is in neither, as in a shallow clone, the hashes alone have to do.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::plan_types::Plan;
use super::restored::writer;
use super::sources::Reading;
use crate::model::line_diff::{likeness_of_words, operations};
use crate::model::uid::sha256_hex;
use crate::plan::document::Lines;
use crate::plan::line_ranges::meet;
use crate::store::history::trees::item_doc;
use crate::store::state::State;
use similar::DiffOp;

/// So much alike are two forms of one line.
const ALIKE: f32 = 0.5;

/// And so much, if the headings above them are others.
const APART: f32 = 0.6;

/// The largest number of pairs of lines that are compared by their words in a section.
const MOST_PAIRS: usize = 10_000;

/// The hexadecimal digits of a line's hash.
const DIGITS: usize = 6;

/// The hashes of all lines of a text: the first digits of the SHA-256 of each line without white space
/// at its ends.
pub(super) fn line_hashes(text: &str) -> String {
    let hash = |line: &str| {
        let hash = sha256_hex(line.trim().as_bytes());
        hash.get(..DIGITS).unwrap_or_default().to_owned()
    };
    text.lines().map(hash).collect()
}

/// A text, as far as it is compared.
#[derive(Default)]
struct Side<'t> {
    hashes: Vec<String>,
    /// Empty if only the hashes of the lines are known.
    lines: Vec<&'t str>,
    /// The headings: for each its line, and those down to it.
    headings: Vec<(usize, String)>,
}

impl<'t> Side<'t> {
    fn of(reading: &'t Reading) -> Side<'t> {
        let lines: Vec<&str> = reading.text.lines().collect();
        let mut headings: Vec<(usize, String)> = Vec::new();
        for section in &reading.document.sections {
            let line = (section.line as usize).saturating_sub(1);
            let above = section
                .parent
                .map_or("", |parent| headings[parent].1.as_str());
            let path = format!("{above}\n{}", lines.get(line).unwrap_or(&"").trim());
            headings.push((line, path));
        }
        Side {
            hashes: hashes_in(&line_hashes(&reading.text)),
            lines,
            headings,
        }
    }

    /// The hash of the heading above a line, and the headings down to it.
    fn heading(&self, line: usize) -> Option<(&str, &str)> {
        let at = self
            .headings
            .partition_point(|(heading, _)| *heading <= line);
        let (heading, path) = self.headings.get(at.checked_sub(1)?)?;
        Some((self.hashes.get(*heading)?.as_str(), path.as_str()))
    }
}

fn hashes_in(text: &str) -> Vec<String> {
    let hashes = text.as_bytes().chunks(DIGITS);
    hashes
        .map(|hash| String::from_utf8_lossy(hash).into_owned())
        .collect()
}

/// The text that a plan was made for.
fn planned_text(state: &State<'_>, plan: &Plan) -> Option<String> {
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
    to: Vec<Option<u32>>,
    /// The lines that were cut out and stand at another place now.
    elsewhere: Vec<Option<u32>>,
    /// The ranges of lines that are not in the older text, each in one section.
    pub(super) new: Vec<Lines>,
}

impl MovedLines {
    /// Compares a text of a document with the one that its plan was made for.
    pub(super) fn since(state: &State<'_>, plan: &Plan, reading: &Reading) -> MovedLines {
        let hashes = |text: &str| Side {
            hashes: hashes_in(text),
            ..Side::default()
        };
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
        let cut = |hash: &str| once[1].get(hash).filter(|_| once[0].contains_key(hash));
        let mut sections: BTreeMap<&str, [Vec<usize>; 2]> = BTreeMap::new();
        for (nth, side) in [old, new].into_iter().enumerate() {
            for line in 0..side.hashes.len() {
                let (heading, path) = side.heading(line).unwrap_or_default();
                // A heading that each text has once is the same one below any other.
                let key = cut(heading).map_or(path, |_| heading);
                sections.entry(key).or_default()[nth].push(line);
            }
        }
        let is_form = |line: usize, at: usize| match cut(&old.hashes[line]) {
            Some(there) => *there == at,
            None if old.hashes[line] == new.hashes[at] => false,
            None => likeness_of_words(old.lines[line], new.lines[at]) >= APART,
        };
        let mut moved = MovedLines {
            to: vec![None; old.hashes.len()],
            elsewhere: vec![None; old.hashes.len()],
            new: Vec::new(),
        };
        let mut kept: Vec<bool> = new.hashes.iter().map(|hash| cut(hash).is_some()).collect();
        for lines in renamed(sections.into_values(), is_form) {
            moved.align((old, new), &lines, &cut, &mut kept);
        }
        for at in (0..kept.len()).filter(|at| !kept[*at]) {
            let line = number(at);
            let is_heading = new.headings.iter().any(|(heading, _)| *heading == at);
            let last = moved.new.last_mut();
            match last.filter(|last| last.end + 1 == line && !is_heading) {
                Some(last) => last.end = line,
                None => moved.new.push(Lines::at(line)),
            }
        }
        moved
    }

    /// Looks for lines of a section among those of the newer text's, and notes which of these are known.
    fn align<'c>(
        &mut self,
        (old, new): (&Side<'_>, &Side<'_>),
        [before, now]: &[Vec<usize>; 2],
        cut: &impl Fn(&str) -> Option<&'c usize>,
        kept: &mut [bool],
    ) {
        let hash = |side: &Side<'_>, line: &usize| side.hashes[*line].clone();
        let was: Vec<String> = before.iter().map(|line| hash(old, line)).collect();
        let is: Vec<String> = now.iter().map(|line| hash(new, line)).collect();
        let mut left: Vec<(usize, Option<usize>)> = Vec::new();
        for op in operations(&was, &is) {
            let to = &now[op.new_range()];
            for (at, line) in before[op.old_range()].iter().enumerate() {
                let place = to.get(at).or(to.last());
                match (cut(&old.hashes[*line]), place) {
                    (_, Some(place)) if matches!(op, DiffOp::Equal { .. }) => {
                        self.to[*line] = Some(number(*place));
                        kept[*place] = true;
                    }
                    (Some(there), _) => self.elsewhere[*line] = Some(number(*there)),
                    (None, place) => left.push((*line, place.copied())),
                }
            }
        }
        let free: Vec<usize> = now.iter().copied().filter(|at| !kept[*at]).collect();
        let is_few = left.len() * free.len() <= MOST_PAIRS && !old.lines.is_empty();
        let mut found: Vec<(f32, usize, usize)> = Vec::new();
        for (line, _) in left.iter().filter(|_| is_few) {
            // Equal lines that stand there several times could be any of them.
            let others = free
                .iter()
                .filter(|at| new.hashes[**at] != old.hashes[*line]);
            let alike = |at: &usize| likeness_of_words(old.lines[*line], new.lines[*at]);
            found.extend(others.map(|at| (alike(at), *line, *at)));
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut taken = BTreeSet::new();
        for (_, line, at) in found.into_iter().filter(|pair| pair.0 >= ALIKE) {
            if self.to[line].is_none() && taken.insert(at) {
                self.to[line] = Some(number(at));
            }
        }
        for (line, place) in left {
            // Whoever asks has to compare the words.
            let place = place.filter(|place| self.to[line].is_none() && !taken.contains(place));
            self.to[line] = self.to[line].or(place.map(number));
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
            let mut there = self.elsewhere.get(range)?.iter().copied().flatten();
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

/// Sections by their lines in two texts. One whose heading is gone is the one with a new heading that has most of its
/// lines, if it has any.
fn renamed(
    sections: impl Iterator<Item = [Vec<usize>; 2]>,
    is_form: impl Fn(usize, usize) -> bool,
) -> Vec<[Vec<usize>; 2]> {
    let (mut all, mut new): (Vec<_>, Vec<_>) = sections.partition(|[before, _]| !before.is_empty());
    for [before, now] in all.iter_mut().filter(|[_, now]| now.is_empty()) {
        let common = |now: &[usize]| {
            let is_few = before.len() * now.len() <= MOST_PAIRS;
            let has = |line: &&usize| now.iter().any(|at| is_form(**line, *at));
            before.iter().filter(|line| is_few && has(line)).count()
        };
        let best = new.iter_mut().max_by_key(|[_, now]| common(now));
        if let Some([_, best]) = best.filter(|[_, now]| common(now) > 0) {
            *now = std::mem::take(best);
        }
    }
    all
}

/// The place of each line that a text has once.
fn only_once(hashes: &[String]) -> HashMap<&str, usize> {
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
mod tests {
    use super::*;

    fn between(old: &str, new: &str) -> MovedLines {
        let [old, new] = [old, new].map(|text| Reading::of(text.as_bytes(), "a text").unwrap());
        MovedLines::between(&Side::of(&old), &Side::of(&new))
    }

    #[test]
    fn a_line_that_was_cut_and_pasted_is_where_it_stands_now() {
        let moved = between("a\nb\nc\nd\n", "a\nd\nnew\nb\nc\n");
        assert_eq!(moved.of(Lines::of(2, 3)), Some(Lines::of(4, 5)));
        assert_eq!(moved.of(Lines::at(4)), Some(Lines::at(2)));
        assert_eq!(moved.new, [Lines::at(3)]);
    }

    #[test]
    fn a_line_that_another_one_replaced_is_there_and_new() {
        let moved = between("a\nb\nc\n", "a\nB\nc\n");
        assert_eq!(moved.of(Lines::at(2)), Some(Lines::at(2)));
        assert!(moved.is_new(Lines::at(2)) && moved.is_beside(2, 2));
        assert_eq!(between("a\nb\nc\n", "a\nc\n").of(Lines::at(2)), None);
    }

    #[test]
    fn a_line_stays_in_its_section() {
        let old =
            "# T\n\n## A\n\nMail the invoice.\n\n## B\n\nClerks may issue notes.\n\n- tested\n";
        let new = "# T\n\n## B\n\nAll clerks may issue notes.\n\n- tested\n\n## C\n\nLog each change.\n\n- tested\n";
        let moved = between(old, new);
        assert_eq!(moved.of(Lines::of(3, 5)), None);
        assert_eq!(moved.of(Lines::of(7, 11)), Some(Lines::of(3, 7)));
        assert_eq!(moved.new, [Lines::at(5), Lines::at(8), Lines::of(9, 13)]);
        // A section with another heading is the same one if it has its lines.
        let renamed = between(
            old,
            &old.replace("## A", "## Z")
                .replace("the invoice", "an invoice"),
        );
        assert_eq!(renamed.of(Lines::of(3, 5)), Some(Lines::of(3, 5)));
    }

    /// Sections are removed, added, moved and reworded at once: a line whose section and text are unchanged is found, and
    /// one of a section that is gone is in no section that was there before.
    #[test]
    fn lines_of_gone_sections_are_in_no_other_one() {
        let mut seed = 7_u64;
        let mut next = |below: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        let words = [
            "clerk", "note", "issues", "customer", "invoice", "must", "see", "log", "mail",
        ];
        for round in 0..300 {
            let mut line = || {
                let said: Vec<&str> = (0..6).map(|_| words[next(9) as usize]).collect();
                format!("The {}.", said.join(" "))
            };
            // Two own lines below each heading, and one that all of them have.
            let sections: Vec<[String; 2]> = (0..8).map(|_| [line(), line()]).collect();
            let mut kept: Vec<(usize, [String; 2])> =
                sections.iter().cloned().enumerate().collect();
            kept.remove(next(8) as usize);
            kept.remove(next(7) as usize);
            let reworded = next(6) as usize;
            kept[reworded].1[1] = format!("At {round} it is otherwise.");
            let other = next(6) as usize;
            kept.swap(0, other);
            let place = next(7) as usize;
            kept.insert(
                place,
                (20, [format!("New {round}."), format!("Newer {round}.")]),
            );
            let text = |all: &[(usize, [String; 2])]| {
                let section = |(name, [one, two]): &(usize, [String; 2])| {
                    format!("## Part {name}\n\n{one}\n\n{two}\n\n- tested\n\n")
                };
                format!("# T\n\n{}", all.iter().map(section).collect::<String>())
            };
            let old: Vec<(usize, [String; 2])> = sections.into_iter().enumerate().collect();
            let (before, now) = (text(&old), text(&kept));
            let moved = between(&before, &now);
            let after: Vec<&str> = now.lines().collect();
            let heading = |line: u32| {
                let above = after[..line as usize].iter().rev();
                above.copied().find(|line| line.starts_with('#')).unwrap()
            };
            for (name, own) in &old {
                let start = u32::try_from(3 + 8 * name).unwrap();
                let there = kept.iter().find(|(other, _)| other == name);
                for (at, said) in [(start + 2, &own[0]), (start + 4, &own[1])] {
                    let place = moved.of(Lines::at(at)).map(|lines| lines.start);
                    match there {
                        Some((_, now)) if now.contains(said) => {
                            let place =
                                place.unwrap_or_else(|| panic!("{at} of {before}\n{now:?}"));
                            assert_eq!(after[place as usize - 1], said, "{before}\n{after:?}");
                        }
                        Some(_) => {
                            let own = format!("## Part {name}");
                            assert!(
                                place.is_none_or(|at| heading(at) == own),
                                "{before}\n{after:?}"
                            );
                        }
                        None => assert!(
                            place.is_none_or(|at| heading(at) == "## Part 20"),
                            "{before}\n{after:?}"
                        ),
                    }
                }
            }
        }
    }

    #[test]
    fn a_line_that_stands_in_several_places_is_not_moved() {
        let moved = between("x\na\nb\n", "a\nb\nx\nx\n");
        assert_eq!(moved.of(Lines::at(1)), None);
        assert_eq!(moved.new, [Lines::of(3, 4)]);
    }
}
