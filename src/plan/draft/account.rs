//! The account of a document: what became of every line, and what is uncovered.
//!
//! Every line is in exactly one statement, every statement has one disposition, and a statement whose
//! task is not in the plan is uncovered.

use std::collections::BTreeSet;

use super::draft_types::{Accounted, Carrier, Disposition};
use super::rules::{
    BOX_LATER, BOX_REFUSED, BY_HEADING, LATER, LIMIT, NO_GOAL, ROW_LATER, ROW_NO_GOAL, Verdict,
    Verdicts,
};
use git_pm_document::{Form, Lines, Node};

/// The longest excerpt of a statement, in characters.
const EXCERPT: usize = 2_000;

/// Accounts for all lines of a document: the statements in its order. `carriers` are the tasks and
/// milestones of its plan.
#[must_use]
pub fn account(verdicts: &Verdicts, carriers: &[Carrier<'_>]) -> Vec<Accounted> {
    let document = &verdicts.facts.document;
    let count = document.line_count as usize;
    // The innermost statement of each line, and the carriers by their own lines and their criteria.
    let owners = document.owners();
    let mut stated: Vec<Vec<usize>> = vec![Vec::new(); count + 1];
    let mut restated = stated.clone();
    for (place, carrier) in carriers.iter().enumerate() {
        for lines in &carrier.lines {
            within(&mut stated, *lines).for_each(|line| line.push(place));
        }
        for lines in &carrier.criteria {
            within(&mut restated, *lines).for_each(|line| line.push(place));
        }
    }
    let mut found = Vec::new();
    let mut at = 1;
    while let Some(owner) = owners.get(at) {
        let length = owners[at..].iter();
        let length = length.take_while(|other| *other == owner).count();
        let lines = Lines::of(number(at), number(at + length - 1));
        // A task can carry a part of a statement that has several lines.
        let all = |of: &[Vec<usize>]| -> Vec<usize> {
            let all: BTreeSet<usize> = of[at..at + length].iter().flatten().copied().collect();
            all.into_iter().collect()
        };
        let (stated, restated) = (&all(&stated), &all(&restated));
        let mut begins = stated.iter().flat_map(|place| &carriers[*place].lines);
        let begins = begins.any(|own| (lines.start..=lines.end).contains(&own.start));
        let (disposition, by, reason) = match owner.map(|owner| &verdicts.all[owner]) {
            None => (Disposition::Context, &Vec::new(), "blank lines and layout"),
            Some(verdict) => disposed(verdict, begins, stated, restated),
        };
        // A heading names what the statements below it say, each of which is accounted for.
        let names = owner.map(|owner| &document.nodes[owner]);
        let names = names.is_some_and(|node| node.is_heading() && !node.children.is_empty());
        let (disposition, reason) = match disposition {
            Disposition::Uncovered if names && begins_task(verdicts, *owner) => {
                (Disposition::Context, "heading")
            }
            other => (other, reason),
        };
        let text = owner.map_or(String::new(), |owner| text(&document.nodes[owner]));
        found.push(Accounted {
            lines,
            text: text.chars().take(EXCERPT).collect(),
            disposition,
            tasks: by
                .iter()
                .map(|place| carriers[*place].key.to_owned())
                .collect(),
            reason: reason.to_owned(),
            called: None,
            by: None,
        });
        at += length;
    }
    found
}

impl Accounted {
    /// True if only a heading says that it is done.
    #[must_use]
    pub fn is_done_by_heading(&self) -> bool {
        self.by.is_none() && self.reason == BY_HEADING && !self.text.is_empty()
    }

    /// True if only the document says that it is later work, or no work: a heading, or a cell of its row.
    #[must_use]
    pub fn is_put_aside_by_heading(&self) -> bool {
        self.is_put_aside_for(&[LATER, NO_GOAL, ROW_LATER, ROW_NO_GOAL])
    }

    /// True if it applies to several tasks, and none of them contains it.
    #[must_use]
    pub fn applies_to_all(&self) -> bool {
        self.disposition == Disposition::Constraint && self.reason == LIMIT
    }

    /// True if a mark in the place of its box (`[-]`, `[>]`) puts it aside.
    #[must_use]
    pub fn is_put_aside_by_box(&self) -> bool {
        self.is_put_aside_for(&[BOX_LATER, BOX_REFUSED])
    }

    fn is_put_aside_for(&self, reasons: &[&str]) -> bool {
        let is_free = self.by.is_none() && self.tasks.is_empty() && !self.text.is_empty();
        is_free && reasons.contains(&self.reason.as_str())
    }

    /// What it was called by hand.
    #[must_use]
    pub fn aside(&self) -> Option<Disposition> {
        self.by.as_ref()?;
        Some(self.called.unwrap_or(self.disposition))
    }
}

/// True for a statement that is a task of the document's own structure.
fn begins_task(verdicts: &Verdicts, at: Option<usize>) -> bool {
    at.is_some_and(|at| verdicts.is_task(at))
}

fn number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// The elements for some lines of a list with one for each line.
fn within<T>(all: &mut [T], lines: Lines) -> impl Iterator<Item = &mut T> {
    let (start, end) = (lines.start.max(1) as usize, lines.end as usize);
    all.iter_mut().take(end + 1).skip(start)
}

/// What a statement says, with the name of its label.
pub(super) fn text(node: &Node) -> String {
    match (node.form, &node.lead) {
        (Form::Code | Form::Layout, _) => String::new(),
        (Form::Label, Some(lead)) if !node.text.is_empty() => format!("{lead}: {}", node.text),
        _ => node.name().to_owned(),
    }
}

/// The disposition of a statement, with its carriers in the plan and the reason.
fn disposed<'c>(
    verdict: &Verdict,
    begins: bool,
    stated: &'c Vec<usize>,
    restated: &'c Vec<usize>,
) -> (Disposition, &'c Vec<usize>, &'static str) {
    use Disposition::{
        Criterion, Deferred, Done, NonGoal, Question, Restatement, Task, Text, Uncovered,
    };
    static NONE: Vec<usize> = Vec::new();
    // What is done or ruled out within a task is not part of its work.
    let put_aside = matches!(verdict.disposition, Done | Deferred | NonGoal | Question);
    match verdict.disposition {
        _ if begins => (Task, stated, ""),
        _ if stated.iter().any(|place| restated.contains(place)) => (Criterion, stated, ""),
        _ if !restated.is_empty() => (Restatement, restated, ""),
        _ if !stated.is_empty() && !put_aside => (Text, stated, ""),
        Task | Criterion => (Uncovered, &NONE, super::rules::NOT_PLANNED),
        other => (other, &NONE, verdict.reason),
    }
}
