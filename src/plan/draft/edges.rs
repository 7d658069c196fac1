//! Which dependencies a draft has: only those that the author states.
//!
//! `depends on FR-1`, a column or section of dependencies, an arrow between two ids or titles. A
//! reference that leads nowhere is a finding: an order would be lost with it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::draft_types::{Disposition, Edge, EdgeClass, Finding, Key, Severity, Task};
use super::held_ids::HeldIds;
use super::rules::{self, Verdicts};
use git_pm_document::{
    Cell, Form, LabelKind, Lines, SectionKind, ShortIds, canonical_id, is_part_of, list,
    mentioned_ids, normalize, split_id, tokens,
};

/// The longest text that an edge is read from, in bytes.
const LONGEST: usize = 2_000;

/// The rule of a reference to what the document does not have.
pub const UNKNOWN_ID: &str = "unknown-id";

/// Tasks by their statements.
type Tasks = BTreeSet<usize>;

/// The names by which other statements refer to tasks.
#[derive(Default)]
struct Names {
    ids: HashMap<String, usize>,
    /// `None` for a title of several tasks.
    titles: HashMap<String, Option<usize>>,
    /// By the statement that they are listed below.
    numbers: HashMap<(Option<usize>, u64), usize>,
    /// All that have a number, also those that are done or no work.
    entries: HashSet<(Option<usize>, u64)>,
}

/// Where numbers refer to tasks: in the list below a statement; `bare` ones need no noun.
#[derive(Clone, Copy)]
struct Near {
    parent: Option<usize>,
    bare: bool,
}

impl Names {
    fn of(verdicts: &Verdicts) -> Names {
        let mut names = Names::default();
        for (at, verdict) in verdicts.all.iter().enumerate() {
            let node = &verdicts.facts.nodes()[at];
            names
                .entries
                .extend(node.number.map(|number| (node.parent, number)));
            let Some(task) = verdict.task else {
                continue;
            };
            let is_task = verdict.disposition == Disposition::Task;
            if let (Some(id), true) = (&node.id, is_task || verdict.is_criterion) {
                let known = names.ids.entry(canonical_id(id)).or_insert(task);
                *known = if is_task { task } else { *known };
            }
            if !is_task {
                continue;
            }
            let (title, lead) = (super::tasks::title_of(verdicts, at), node.lead.as_deref());
            for title in [node.name(), &title, lead.unwrap_or_default()].map(normalize) {
                let same = names.titles.entry(title).or_insert(Some(task));
                *same = same.filter(|known| *known == task);
            }
            if let Some(number) = node.number {
                names.numbers.insert((node.parent, number), task);
            }
        }
        names
    }

    /// The tasks that a text names by ids, or piece by piece by exact titles or numbers.
    fn named(&self, text: &str, near: Near) -> Tasks {
        let ids = mentioned_ids(text);
        let mut found: Tasks = ids.iter().flat_map(|id| self.with_id(id)).collect();
        let ands = [" and ", " und ", " y ", " et ", " e "];
        let apart = ands
            .iter()
            .fold(text.to_owned(), |text, and| text.replace(and, ","));
        // Whole, too: a title can have an "and" of its own.
        for piece in pieces(&apart).chain(pieces(text)) {
            let title = Some(normalize(piece)).filter(|title| title.chars().count() > 2);
            found.extend(title.and_then(|title| self.titles.get(&title).copied().flatten()));
            let id = split_id(piece, ShortIds::Plain).map(|(id, _)| canonical_id(&id));
            found.extend(id.iter().flat_map(|id| self.with_id(id)));
            let number = number_in(piece, near);
            found.extend(number.and_then(|n| self.numbers.get(&(near.parent, n))));
        }
        found
    }

    /// The task with an id; those with parts of it, if the requirement was divided and is none itself.
    fn with_id(&self, id: &str) -> Tasks {
        if let Some(task) = self.ids.get(id) {
            return Tasks::from([*task]);
        }
        let of_part = |(other, task): (&String, &usize)| is_part_of(other, id).then_some(*task);
        self.ids.iter().filter_map(of_part).collect()
    }

    /// The numbers in a text that refer to a place in a numbered list which has no such entry.
    fn missing_numbers(&self, text: &str, near: Near) -> Vec<u64> {
        let is_numbered = |(parent, _): &(Option<usize>, u64)| *parent == near.parent;
        if !near.bare || !self.numbers.keys().any(is_numbered) {
            return Vec::new();
        }
        let numbers = pieces(text).filter_map(|piece| number_in(piece, near));
        let is_missing = |number: &u64| !self.entries.contains(&(near.parent, *number));
        numbers.filter(is_missing).collect()
    }
}

/// The parts of a list in one line.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let pieces = text.split([',', ';', '+', '&', '、', '，']);
    pieces.map(|piece| piece.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// The part of a text that has numbers alone, as `1, 2` in `depends on 1, 2)`.
fn of_numbers(text: &str) -> Option<&str> {
    let text = text.split(')').next()?;
    let plain = text.replace(" and ", ",");
    let is_number = |piece: &str| !piece.is_empty() && piece.bytes().all(|c| c.is_ascii_digit());
    pieces(&plain).all(is_number).then_some(text)
}

/// The number of a step that a text is.
fn number_in(piece: &str, near: Near) -> Option<u64> {
    match tokens(piece).as_slice() {
        [one] if near.bare => one.parse().ok(),
        [noun, number] if list("step-nouns").is(noun) => number.parse().ok(),
        _ => None,
    }
}

/// The stated dependencies. Findings are those that would close a circle, which are left out, and
/// references to what the document does not have.
pub(super) fn edges(verdicts: &Verdicts, keys: &BTreeMap<usize, Key>) -> (Vec<Edge>, Vec<Finding>) {
    let names = Names::of(verdicts);
    let mut found = Stated {
        held: HeldIds::of(verdicts.facts.nodes()),
        ..Stated::default()
    };
    for at in 0..verdicts.all.len() {
        found.read(verdicts, &names, at);
    }
    let cyclic = found.cyclic();
    let (mut edges, mut findings) = (Vec::new(), found.unknown());
    for ((task, on), (rule, line)) in found.pairs {
        let (Some(waits), Some(first)) = (keys.get(&task), keys.get(&on)) else {
            continue;
        };
        let left_out = if cyclic.contains(&(task, on)) {
            let why = "the stated order closes a circle; this part is left out";
            Some(("cycle", why))
        } else {
            let why = "it waits for a task of a later phase; the dependency is left out";
            is_later(verdicts, on, task).then_some(("phase-order", why))
        };
        if let Some((rule, why)) = left_out {
            findings.push(Finding {
                task: Some(waits.clone()),
                ..Finding::of(rule, Severity::Warning, Lines::at(line), why.to_owned())
            });
            continue;
        }
        edges.push(Edge {
            task: waits.clone(),
            on: first.clone(),
            class: EdgeClass::Hard,
            rule: rule.to_owned(),
            line,
            reason: format!("line {line} of the document says so"),
        });
    }
    (edges, findings)
}

/// True if a task is in a later phase than another one, whose gate it would keep closed.
fn is_later(verdicts: &Verdicts, task: usize, other: usize) -> bool {
    let (facts, nodes) = (&verdicts.facts, verdicts.facts.nodes());
    let phases = facts.phase[task].zip(facts.phase[other]);
    phases.is_some_and(|(own, other)| own > other && nodes[own].parent == nodes[other].parent)
}

/// Adds edges between tasks that name a file on which merges have conflicted, so that they are not
/// worked on at the same time.
pub(super) fn keep_apart(tasks: &[Task], contested: &[String], edges: &mut Vec<Edge>) {
    let all = contested.iter().flat_map(|path| {
        let touching = tasks.iter().filter(move |task| task.paths.contains(path));
        let pairs = touching.clone().zip(touching.skip(1));
        pairs.map(move |(first, next)| (path, first, next))
    });
    for (path, first, next) in all {
        let same = |edge: &Edge| {
            let ends = [edge.task.as_str(), edge.on.as_str()];
            ends.contains(&first.key.as_str()) && ends.contains(&next.key.as_str())
        };
        if edges.iter().any(same) {
            continue;
        }
        edges.push(Edge {
            task: next.key.clone(),
            on: first.key.clone(),
            class: EdgeClass::Hard,
            rule: "shared-file".to_owned(),
            line: next.lines.start,
            reason: format!("changes of `{path}` have conflicted before"),
        });
    }
}

/// The waiting tasks and the others, with the rule and the line.
#[derive(Default)]
struct Stated {
    pairs: BTreeMap<(usize, usize), (&'static str, u32)>,
    held: HeldIds,
    /// True while a statement is read that is done.
    of_done_work: bool,
    /// What a line refers to and the document does not have.
    unknown: BTreeSet<(u32, String)>,
}

impl Stated {
    /// Notes the references of a text that lead nowhere. What is done waits for nothing.
    fn refer(&mut self, names: &Names, text: &str, near: Near, line: u32) {
        if self.of_done_work {
            return;
        }
        let numbers = names.missing_numbers(text, near).into_iter();
        let numbers = numbers.map(|number| format!("entry {number}"));
        let found = self.held.missing(text).into_iter().chain(numbers);
        self.unknown.extend(found.map(|id| (line, id)));
    }

    fn unknown(&self) -> Vec<Finding> {
        let finding = |(line, id): &(u32, String)| {
            let why = "which the document does not have: no dependency follows";
            let message = format!("it refers to {id}, {why}");
            Finding::of(UNKNOWN_ID, Severity::Warning, Lines::at(*line), message)
        };
        self.unknown.iter().map(finding).collect()
    }

    fn add(&mut self, tasks: &Tasks, on: &Tasks, rule: &'static str, line: u32) {
        for task in tasks {
            for on in on.iter().filter(|on| *on != task) {
                self.pairs.entry((*task, *on)).or_insert((rule, line));
            }
        }
    }

    fn read(&mut self, verdicts: &Verdicts, names: &Names, at: usize) {
        use Disposition::{Deferred, NonGoal, Question};
        let (facts, verdict) = (&verdicts.facts, &verdicts.all[at]);
        let (node, text) = (&facts.nodes()[at], facts.nodes()[at].name());
        let (line, ordering) = (node.lines.start, node.kind == SectionKind::Dependency);
        self.of_done_work = verdict.disposition == Disposition::Done;
        if node.form == Form::Code {
            for (line, text) in (line + 1..).zip(node.text.lines()).filter(|_| ordering) {
                self.arrows(names, text, line);
            }
            return;
        }
        if matches!(verdict.disposition, NonGoal | Deferred | Question) || text.len() > LONGEST {
            return;
        }
        let owner = verdict
            .task
            .or_else(|| rules::owner(facts, &verdicts.all, at));
        let id = node.id.as_deref().map(canonical_id);
        let id = id.and_then(|id| names.ids.get(&id).copied());
        let subject: Tasks = owner.or(id).into_iter().collect();
        let parent = owner.map_or(node.parent, |owner| facts.nodes()[owner].parent);
        let (near, listed) = (
            Near {
                parent,
                bare: false,
            },
            Near { parent, bare: true },
        );
        let is_on = |cell: &&Cell| cell.kind == LabelKind::DependsOn;
        for cell in node.cells.iter().filter(is_on) {
            // A row of a table of dependencies names its task in another cell.
            let mut others = node.cells.iter().filter(|cell| !is_on(cell));
            let named = others.find_map(|cell| {
                Some(names.named(&cell.text, near)).filter(|found| found.len() == 1)
            });
            let named = if subject.is_empty() { named } else { None };
            let task = named.unwrap_or_else(|| subject.clone());
            self.add(&task, &names.named(&cell.text, listed), "explicit", line);
            self.refer(names, &cell.text, listed, line);
        }
        for cell in node
            .cells
            .iter()
            .filter(|cell| cell.kind == LabelKind::Blocks)
        {
            self.add(&names.named(&cell.text, near), &subject, "explicit", line);
        }
        if owner.is_some() && (ordering || node.label == LabelKind::DependsOn) {
            self.add(&subject, &names.named(text, listed), "explicit", line);
            self.refer(names, text, listed, line);
        }
        if owner.is_some() && node.label == LabelKind::Blocks {
            self.add(&names.named(text, listed), &subject, "explicit", line);
            self.refer(names, text, listed, line);
        }
        self.arrows(names, text, line);
        let cells = node
            .cells
            .iter()
            .filter(|cell| cell.kind == LabelKind::Acceptance);
        for text in cells.map(|cell| cell.text.as_str()).chain([text]) {
            let sentences = text.split(". ");
            let sentences = sentences.flat_map(|part| part.split([';', '!', '?', '。']));
            for sentence in sentences {
                self.sentence(names, sentence, &subject, near, line);
            }
        }
    }

    fn arrows(&mut self, names: &Names, text: &str, line: u32) {
        let text = text
            .replace("-->", "→")
            .replace("â†’", "→")
            .replace("->", "→")
            .replace('➜', "→");
        if text.len() > LONGEST || !text.contains('→') {
            return;
        }
        let near = Near {
            parent: None,
            bare: false,
        };
        let part = |part: &'_ str| -> String {
            let part = part.rsplit(": ").next().unwrap_or(part);
            part.split(". ").next().unwrap_or(part).to_owned()
        };
        let texts: Vec<String> = text.split('→').map(part).collect();
        let parts: Vec<Tasks> = texts.iter().map(|text| names.named(text, near)).collect();
        for (before, after) in parts.iter().zip(parts.iter().skip(1)) {
            self.add(after, before, "arrow", line);
        }
        for text in &texts {
            self.refer(names, text, near, line);
        }
    }

    fn sentence(&mut self, names: &Names, sentence: &str, subject: &Tasks, near: Near, line: u32) {
        let lower = sentence.to_lowercase();
        let mut denied = list("denied").plain.iter();
        if denied.any(|word| lower.contains(word.as_str())) || lower.len() != sentence.len() {
            return;
        }
        let parts = |name: &str| {
            let (at, length) = list(name).find(&lower)?;
            Some((sentence.get(..at)?, sentence.get(at + length..)?))
        };
        if let Some((before, after)) = parts("depends") {
            let named = names.named(before, near);
            let task = if named.is_empty() { subject } else { &named };
            let (after, near) = match of_numbers(after) {
                Some(numbers) => (numbers, Near { bare: true, ..near }),
                None => (after, near),
            };
            self.add(task, &names.named(after, near), "explicit", line);
            // `#4` may be an issue elsewhere.
            if !(near.bare && after.contains('#')) {
                self.refer(names, after, near, line);
            }
        } else if let Some((before, after)) = parts("precedes") {
            let (first, then) = (names.named(before, near), names.named(after, near));
            self.add(&then, &first, "explicit", line);
            self.refer(names, before, near, line);
            self.refer(names, after, near, line);
        }
    }

    /// The pairs within circles that point from an earlier task to a later one.
    fn cyclic(&self) -> BTreeSet<(usize, usize)> {
        let mut waits: HashMap<usize, usize> = HashMap::new();
        let mut waiting: HashMap<usize, Vec<usize>> = HashMap::new();
        for (task, on) in self.pairs.keys() {
            *waits.entry(*task).or_default() += 1;
            waits.entry(*on).or_default();
            waiting.entry(*on).or_default().push(*task);
        }
        let idle = waits.iter().filter(|(_, count)| **count == 0);
        let mut free: Vec<usize> = idle.map(|(task, _)| *task).collect();
        while let Some(task) = free.pop() {
            waits.remove(&task);
            for next in waiting.remove(&task).unwrap_or_default() {
                let left = waits.entry(next).or_default();
                *left = left.saturating_sub(1);
                free.extend((*left == 0).then_some(next));
            }
        }
        let both = |(task, on): &(usize, usize)| waits.contains_key(task) && waits.contains_key(on);
        let inside = self.pairs.keys();
        let inside = inside.filter(|pair| both(pair) && pair.1 > pair.0);
        inside.copied().collect()
    }
}
