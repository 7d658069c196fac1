//! One pass over one table of rules: each statement gets one verdict, the first that fits, with its reason.
//!
//! Statements come in the order of the document, each after those it stands below.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::draft_types::Disposition;
use super::facts::Facts;
use super::{other_rules as other, task_rules as task};
use git_pm_document::{Document, Form, SectionKind as Kind};

/// The reason for statements that limit several tasks: findings name them.
pub const LIMIT: &str = "it limits several tasks";

/// The reason for what is taken for done because of the heading above it: an approval asks.
pub const BY_HEADING: &str = "only its heading says that it is done";

/// The reason for a statement of a task that a plan does not have.
pub const NOT_PLANNED: &str = "its task is not in the plan";

/// The reasons for what is put aside because of the heading above it, or by a cell of its row, as the
/// priority `Won't`: an approval names them. A note at a line itself cannot be overlooked.
pub(super) const LATER: &str = "the author calls it later work";
pub(super) const NO_GOAL: &str = "the author calls it no goal";
pub(super) const ROW_LATER: &str = "its row defers it";
pub(super) const ROW_NO_GOAL: &str = "its row rules it out";

/// The reason for what `[>]` in the place of its box puts aside.
pub const BOX_LATER: &str = "its box says that it was moved";

/// The reason for what `[-]` in the place of its box puts aside.
pub const BOX_REFUSED: &str = "its box says that it was cancelled";

/// The reason for numbered lines in sections that only inform the reader.
pub(super) const STEP: &str = "a numbered step";

/// The reason of statements that only order tasks.
pub(super) const ORDER: &str = "the order of tasks";

/// A document with at most this many open statements and no task is one task.
const SHORT: usize = 12;

/// And so many headings and other statements.
const MOST_HEADINGS: usize = 4;

/// What becomes of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub disposition: Disposition,
    /// The task that carries it, by its statement.
    pub task: Option<usize>,
    /// True for a criterion; false for other text of a task.
    pub is_criterion: bool,
    pub reason: &'static str,
    /// The name of the rule.
    pub rule: &'static str,
}

/// The verdict of a rule.
pub(super) type Found = Option<Verdict>;

/// A rule: it looks at one statement and at the verdicts before it.
type Rule = fn(&Facts, &[Verdict], usize) -> Found;

/// The rules in their order; the last one fits everything.
const RULES: &[(&str, Rule)] = &[
    ("layout", other::layout),
    ("state", other::state),
    ("question", other::question),
    ("field", other::field),
    ("same-id", other::same_id),
    ("named-id", other::named_id),
    ("order", other::order),
    ("phase", other::phase),
    ("restated", task::restated),
    ("id", task::with_id),
    ("boxes", task::with_boxes),
    ("box", task::with_box),
    ("story", task::story),
    ("row", task::row),
    ("command", task::command),
    ("feature", task::feature),
    ("step", task::step),
    ("criterion", other::criterion),
    ("outcome", other::outcome),
    ("risk", other::risk),
    ("constraint", other::constraint),
    ("demand", other::demand),
    ("background", other::background),
    ("heading", other::heading),
    ("example", other::example),
    ("open", other::open),
];

/// A document with a verdict for each of its statements.
pub struct Verdicts {
    pub(super) facts: Facts,
    /// In the order of the document's statements.
    pub(super) all: Vec<Verdict>,
    parts: HashMap<usize, Vec<usize>>,
}

impl Verdicts {
    /// Reads a document.
    #[must_use]
    pub fn of(document: impl Into<Arc<Document>>) -> Verdicts {
        let mut facts = Facts::of(document.into());
        let mut verdicts: Vec<Verdict> = Vec::with_capacity(facts.nodes().len());
        for at in 0..facts.nodes().len() {
            let mut found = RULES.iter().filter_map(|(rule, fits)| {
                let found = fits(&facts, &verdicts, at)?;
                Some(Verdict { rule, ..found })
            });
            let found = found.next();
            verdicts.push(found.unwrap_or(open("no rule fits")));
        }
        let mut parts: HashMap<usize, Vec<usize>> = HashMap::new();
        for at in 0..verdicts.len() {
            let Some(task) = verdicts[at].task.filter(|task| *task != at) else {
                continue;
            };
            match verdicts[task].disposition {
                Disposition::Task => parts.entry(task).or_default().push(at),
                // What names a task that turned out to be none is open.
                _ => verdicts[at] = open("it names something that is not a task"),
            }
        }
        let is_task = |one: &Verdict| one.disposition == Disposition::Task;
        if !verdicts.iter().any(is_task) {
            whole(&facts, &mut verdicts, &mut parts);
        }
        facts.assign(|at| is_task(&verdicts[at]));
        Verdicts {
            facts,
            all: verdicts,
            parts,
        }
    }

    /// The statements that are tasks, in order.
    pub(super) fn tasks(&self) -> impl Iterator<Item = usize> {
        (0..self.all.len()).filter(|at| self.is_task(*at))
    }

    /// True for a statement that is a task.
    pub(super) fn is_task(&self, at: usize) -> bool {
        self.all[at].disposition == Disposition::Task
    }

    /// The other statements of a task, in order.
    pub(super) fn parts(&self, task: usize) -> &[usize] {
        self.parts.get(&task).map_or(&[], Vec::as_slice)
    }

    /// The first lines of the statements that are criteria of tasks.
    #[must_use]
    pub fn criteria(&self) -> BTreeSet<u32> {
        let all = self.facts.nodes().iter().zip(&self.all);
        let all = all.filter(|(_, verdict)| verdict.is_criterion);
        all.map(|(node, _)| node.lines.start).collect()
    }
}

/// Makes a short request without any structure one task.
fn whole(facts: &Facts, verdicts: &mut [Verdict], parts: &mut HashMap<usize, Vec<usize>>) {
    let is_open = |at: &usize| verdicts[*at].disposition == Disposition::Uncovered;
    let open: Vec<usize> = (0..verdicts.len()).filter(is_open).collect();
    let said = facts
        .nodes()
        .iter()
        .filter(|node| node.form != Form::Layout);
    let first = facts.document.root.or(open.first().copied());
    let first = first.filter(|_| said.count() <= SHORT + MOST_HEADINGS);
    // A title alone is a request, too.
    let least = usize::from(facts.nodes().len() > 1);
    let Some(first) = first.filter(|_| (least..=SHORT).contains(&open.len())) else {
        return;
    };
    let reason = "a short request is one task";
    for at in open.into_iter().filter(|at| *at != first) {
        verdicts[at] = part_of(first, true, reason).unwrap_or(verdicts[at]);
        parts.entry(first).or_default().push(at);
    }
    verdicts[first] = task_at(first, reason).unwrap_or(verdicts[first]);
    // What holds for the whole, and what explains it, is this task's: there is no other place for it.
    let nodes = facts.nodes();
    for at in (0..verdicts.len()).filter(|at| *at != first && !nodes[*at].is_heading()) {
        let is_criterion = matches!(nodes[at].kind, Kind::Acceptance | Kind::Done | Kind::Metric);
        let is_part = match verdicts[at].disposition {
            Disposition::Constraint => true,
            Disposition::Context => !nodes[at].label.is_field() && nodes[at].form != Form::Layout,
            _ => false,
        };
        if is_part && !nodes[at].text.is_empty() {
            let is_criterion = is_criterion && nodes[at].is_listed();
            verdicts[at] = part_of(first, is_criterion, reason).unwrap_or(verdicts[at]);
            parts.entry(first).or_default().push(at);
        }
    }
    parts.entry(first).or_default().sort_unstable();
}

/// The task that a statement stands below.
pub(super) fn owner(facts: &Facts, verdicts: &[Verdict], at: usize) -> Option<usize> {
    let task = verdicts.get(facts.nodes()[at].parent?)?.task?;
    // Below a criterion that stands elsewhere is not below the task.
    let (extent, line) = (facts.nodes()[task].span(), facts.nodes()[at].lines.start);
    (extent.start <= line && line <= extent.end).then_some(task)
}

fn verdict(disposition: Disposition, reason: &'static str) -> Verdict {
    Verdict {
        disposition,
        task: None,
        is_criterion: false,
        reason,
        rule: "open",
    }
}

/// The verdict of a statement that is not work, or limits it.
pub(super) fn aside(disposition: Disposition, reason: &'static str) -> Found {
    Some(verdict(disposition, reason))
}

/// The verdict of a task.
pub(super) fn task_at(at: usize, reason: &'static str) -> Found {
    Some(Verdict {
        task: Some(at),
        ..verdict(Disposition::Task, reason)
    })
}

/// The verdict of a part of a task.
pub(super) fn part_of(task: usize, is_criterion: bool, reason: &'static str) -> Found {
    Some(Verdict {
        task: Some(task),
        is_criterion,
        ..verdict(Disposition::Criterion, reason)
    })
}

/// The verdict of a statement that could be work and is in no task.
pub(super) fn open(reason: &'static str) -> Verdict {
    verdict(Disposition::Uncovered, reason)
}
