//! The disposition of each statement of a plan's document, and the findings about it.

use std::collections::{BTreeMap, BTreeSet};

use super::anchors::anchors;
use super::approval_checks::{Check, Severity};
use super::draft::{self, Accounted, Carrier, Disposition};
use super::line_ranges::{meet, shown};
use super::new_work::asks_for;
use super::plan_types::{Plan, Planned, PutAside, Removed};
use super::sentences::says;
use super::sources::{self, Reading, find};
use super::write::words::Source as Words;
use crate::error::Result;
use crate::model::text::shorten;
use crate::plan::document::Lines;
use crate::pm::handles::Plans;

/// The dispositions of all statements of a plan's document.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Coverage {
    /// The id of the plan's PRD.
    pub prd: String,
    /// Set if the document has changed since the plan was read from it: these are the statements of the text before.
    pub outdated: bool,
    /// The number of lines of the document.
    pub lines: u32,
    /// The number of statements that are in no task and were not put aside.
    pub uncovered: usize,
    /// The statements in the order of the document; each of its lines is in exactly one.
    pub statements: Vec<StatementView>,
}

/// A statement of the document with its disposition.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct StatementView {
    /// The statement and its disposition.
    #[serde(flatten)]
    pub account: Accounted,
    /// The numbers of the tasks that cover it.
    pub numbers: Vec<u32>,
}

impl Plans<'_> {
    /// The disposition of each statement of the text that a plan was read from.
    ///
    /// # Errors
    /// If there is no such plan, or its document cannot be read.
    pub fn coverage(&self, id: Option<&str>) -> Result<Coverage> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let (plan, prd) = find(self.pm, &state, id)?;
        let now = sources::reading_of(&state, &prd)?;
        let outdated = now.hash() != plan.document;
        let reading = sources::read_from(&state, &plan, (&prd, &now)).unwrap_or(now);
        let statements = account(&plan, &reading);
        let numbered = |account: Accounted| StatementView {
            numbers: account
                .tasks
                .iter()
                .filter_map(|key| Some(plan.task(key)?.number))
                .collect(),
            account,
        };
        Ok(Coverage {
            prd: state.shown_id(&prd),
            outdated,
            lines: reading.document.line_count,
            uncovered: uncovered(&statements).count(),
            statements: statements.into_iter().map(numbered).collect(),
        })
    }
}

/// The disposition of each statement of a plan's document. A statement is covered by the tasks
/// and milestones whose lines contain it, even if they were edited manually.
pub(super) fn account(plan: &Plan, reading: &Reading) -> Vec<Accounted> {
    let tasks = plan.present_tasks();
    let tasks = tasks.map(carrier_of);
    let milestones = plan.milestones.iter().map(|milestone| {
        let results = milestone.success.iter().chain(&milestone.deliverables);
        Carrier {
            key: &milestone.key,
            lines: Vec::new(),
            criteria: results.map(|one| one.lines).collect(),
        }
    });
    let carriers: Vec<Carrier<'_>> = tasks.chain(milestones).collect();
    let mut found = draft::account(reading.verdicts(), &carriers);
    reopen(plan, reading, &mut found);
    if !plan.put_aside.is_empty() {
        let anchors = anchors(&reading.text, &found);
        // What was decided about a statement with the same words, which has another id by now.
        let known: BTreeSet<&String> = anchors.iter().collect();
        let left = plan
            .put_aside
            .iter()
            .filter(|(own, _)| !known.contains(own));
        let left: BTreeMap<&str, &PutAside> = left
            .rev()
            .map(|(_, aside)| (aside.text.as_str(), aside))
            .collect();
        for (one, anchor) in found.iter_mut().zip(&anchors) {
            let counted_again = || {
                left.get(&*one.text)
                    .filter(|_| !one.text.is_empty())
                    .copied()
            };
            if let Some(aside) = plan.put_aside.get(anchor).or_else(counted_again) {
                match one.tasks.is_empty() {
                    true => one.disposition = aside.disposition,
                    false => one.called = Some(aside.disposition),
                }
                one.reason.clone_from(&aside.reason);
                one.by = Some(aside.by.clone());
            }
        }
    }
    found
}

/// A task with the lines of those that were merged into it.
fn carrier_of(planned: &Planned) -> Carrier<'_> {
    let mut carrier = Carrier::of(&planned.task);
    carrier.lines.extend(&planned.merged);
    carrier.criteria.retain(|own| !planned.merged.contains(own));
    carrier
}

/// Takes from the statements the tasks that do not say them any more, and opens those of removed tasks
/// and criteria that none is left to say.
fn reopen(plan: &Plan, reading: &Reading, found: &mut [Accounted]) {
    let document: Vec<&str> = reading.text.lines().collect();
    let is_work = |lines: Lines| {
        let line = document.get((lines.start as usize).saturating_sub(1));
        let line = line.map_or("", |line| line.trim());
        line.chars().any(char::is_alphanumeric) && !line.starts_with(['#', '`'])
    };
    let bare = draft::account(reading.verdicts(), &[]);
    let criteria = reading.verdicts().criteria();
    leave(plan, reading, found.iter_mut().zip(&bare));
    let all = found.iter_mut().zip(bare);
    for (one, bare) in all.filter(|(one, _)| !one.text.is_empty()) {
        let is_work = is_work(one.lines);
        let (lines, was_carried) = (one.lines, !one.tasks.is_empty());
        let removed = plan.removed_parts.iter();
        let mut removed = removed.filter(|part| is_work && part.holds(lines));
        if was_carried && is_work {
            let removed: Vec<&Removed> = removed.clone().filter(|part| !part.is_task).collect();
            let mut left = std::mem::take(&mut one.tasks);
            let may_be_lost = |task: &Planned| {
                may_be_lost(task, lines, &removed)
                    // It is in the lines of a finished task, which does not have it.
                    || criteria.contains(&lines.start) && !task.is_written()
            };
            // What is no task is a milestone.
            left.retain(|key| {
                let task = plan.task(key);
                task.is_none_or(|task| !may_be_lost(task) || holds(task, one))
            });
            one.tasks = left;
            if one.tasks.is_empty() {
                (one.disposition, one.reason) = (bare.disposition, bare.reason);
            }
        }
        // What the author calls later, done or no goal is not open.
        let may_be_open = match one.disposition {
            Disposition::Context | Disposition::Constraint => true,
            Disposition::Uncovered => was_carried,
            _ => false,
        };
        let is_lost = |part: &Removed| !was_carried || !part.is_task;
        if one.tasks.is_empty() && may_be_open && removed.any(is_lost) {
            one.disposition = Disposition::Uncovered;
            one.reason = "what carried it was removed".to_owned();
        }
        let is_of = |key: &String| plan.task(key).is_some_and(|task| requires(task, one));
        let requiring: Vec<String> = one.tasks.iter().filter(|key| is_of(key)).cloned().collect();
        if one.disposition == Disposition::Text && !requiring.is_empty() {
            (one.disposition, one.tasks) = (Disposition::Criterion, requiring);
        }
    }
}

/// Takes from the statements the closed tasks that others follow there; they are open where none does any more.
fn leave<'f>(
    plan: &Plan,
    reading: &Reading,
    all: impl Iterator<Item = (&'f mut Accounted, &'f Accounted)>,
) {
    use Disposition::{Constraint, Context, Uncovered};
    if plan.follow_ups.is_empty() {
        return;
    }
    let words = Words::of(&reading.text, &reading.document);
    for (one, bare) in all.filter(|(one, _)| !one.tasks.is_empty()) {
        let lines = one.lines;
        one.tasks.retain(|key| {
            let task = plan.task(key);
            task.is_none_or(|task| !is_followed(plan, task, lines, &words))
        });
        if one.tasks.is_empty() {
            (one.disposition, one.reason) = match bare.disposition {
                Context | Constraint | Uncovered => {
                    (Uncovered, "what carried it was removed".into())
                }
                other => (other, bare.reason.clone()),
            };
        }
    }
}

/// True if new work after a task has lines in which the document asks for other words than the task's, even if a person
/// removed that work.
fn is_followed(plan: &Plan, planned: &Planned, lines: Lines, words: &Words<'_>) -> bool {
    let own = &planned.task.key;
    let after = plan.follow_ups.iter();
    let after = after.filter(|(key, _)| plan.follows(key, own));
    let mut after = after.filter_map(|(key, on)| {
        let present = plan.task(key).filter(|task| !task.is_gone);
        let task = present.map(|task| &task.task).or(plan.removed.get(key));
        Some((task?, on))
    });
    after.any(|(task, on)| {
        let shared = Lines {
            start: task.lines.start.max(lines.start),
            end: task.lines.end.min(lines.end),
        };
        // Between it and what follows other work there were other words.
        let is_other = || on != own || !asks_for(planned, &words.words(shared));
        meet(task.lines, lines) && is_other()
    })
}

/// True if a task whose lines contain a statement may not say it any more: a criterion of it was
/// removed, or its lines are those of a merged task, whose text can have been replaced.
fn may_be_lost(planned: &Planned, statement: Lines, removed: &[&Removed]) -> bool {
    let begins_in = |own: &Lines| (own.start..=own.end).contains(&statement.start);
    let whole = carrier_of(planned).lines;
    removed.iter().any(|part| !whole.contains(&part.lines))
        || planned.merged.iter().any(begins_in) && !begins_in(&planned.task.lines)
}

/// True if a task begins with a statement, or has it in a criterion or a text.
fn holds(planned: &Planned, one: &Accounted) -> bool {
    let task = &planned.task;
    let texts = task.acceptance.iter().map(|criterion| &criterion.text);
    let mut texts = texts.chain([&task.title, &task.description]);
    let criteria = carrier_of(planned).criteria;
    (one.lines.start..=one.lines.end).contains(&task.lines.start)
        || criteria.iter().any(|own| meet(*own, one.lines))
        || texts.any(|text| says(text, &one.text))
}

/// True if a criterion of a task has the words of a statement and no others.
fn requires(planned: &Planned, one: &Accounted) -> bool {
    let is_same = |text: &str| says(text, &one.text) && says(&one.text, text);
    let mut criteria = planned.task.acceptance.iter();
    criteria.any(|criterion| is_same(&criterion.text))
}

/// The statements that are in no task and were not put aside.
pub(super) fn uncovered(statements: &[Accounted]) -> impl Iterator<Item = &Accounted> {
    let of = |one: &&Accounted| one.disposition == Disposition::Uncovered;
    statements.iter().filter(of)
}

/// A statement in so many characters. A block of code has no words of its own.
pub(super) fn named(one: &Accounted, longest: usize) -> String {
    match one.text.is_empty() {
        true => "a block of code".to_owned(),
        false => format!("\"{}\"", shorten(&one.text, longest)),
    }
}

/// The findings about statements that are in no task.
pub(super) fn checks(plan: &Plan, statements: &[Accounted]) -> Vec<Check> {
    let lost = uncovered(statements).map(|one| {
        let message = format!("no task covers this: {}", named(one, 70));
        Check {
            lines: Some(one.lines),
            fix: Some(fix_of(plan, one.lines)),
            ..Check::of_plan("uncovered", Severity::Warning, message)
        }
    });
    let limits = statements.iter().filter(|one| one.applies_to_all());
    let limits = limits.map(|one| {
        let text = shorten(&one.text, 70);
        let message = format!("applies to several tasks, but none of them contains it: \"{text}\"");
        Check {
            lines: Some(one.lines),
            ..Check::of_plan("constraint", Severity::Note, message)
        }
    });
    // Within a range that is put aside, one line can be work.
    let aside = statements
        .iter()
        .filter(|one| one.by.is_some() && one.called.is_none());
    let ranges: BTreeSet<(&str, Option<&str>)> = aside
        .map(|one| (one.reason.as_str(), one.by.as_deref()))
        .collect();
    let both = statements.iter().filter(|one| one.called.is_some());
    let both = both.filter(|one| !ranges.contains(&(one.reason.as_str(), one.by.as_deref())));
    let both = both.filter_map(|one| contradicted(plan, one));
    let unsaid = super::sentences::findings(plan, statements);
    lost.chain(both).chain(unsaid).chain(limits).collect()
}

/// A statement that is called not work, and that a task carries nevertheless. A question, a risk or a
/// limit can be both.
fn contradicted(plan: &Plan, one: &Accounted) -> Option<Check> {
    let called = match one.called? {
        Disposition::Context => "not work",
        Disposition::Deferred => "deferred",
        Disposition::Done => "done",
        Disposition::NonGoal => "not to be done",
        _ => return None,
    };
    let task = one.tasks.iter().find_map(|key| plan.task(key))?;
    let (line, name) = (one.lines.start, &task.name);
    let message = format!("line {line} is called {called}, and `{name}` carries it");
    let fix = "leave it to the task, or to that section";
    let found = Check::of_task(task, "contradiction", Severity::Warning, message, fix);
    Some(Check {
        lines: Some(one.lines),
        fix: Some(fix.to_owned()),
        ..found
    })
}

/// How to account for an open statement.
fn fix_of(plan: &Plan, lines: Lines) -> String {
    let add = take_up(plan, lines, &format!("- L{}", lines.start));
    format!("{add}, or put it below `## Not work`")
}

/// How a written text takes up lines: the nearest task can, unless it exists already, else a new one.
pub(super) fn take_up(plan: &Plan, lines: Lines, bullet: &str) -> String {
    let distance = |of: Lines| match of.end < lines.start {
        true => lines.start - of.end,
        false => of.start.saturating_sub(lines.end),
    };
    let open = plan.present_tasks().filter(|one| one.item.is_none());
    let nearest = open.min_by_key(|one| (one.task.lines.start == 0, distance(one.task.lines)));
    match nearest {
        Some(planned) => format!(
            "add `{bullet}` to a task (the nearest is `{}`)",
            planned.name
        ),
        None => format!("write a new task with `lines: {}`", shown(lines)),
    }
}
