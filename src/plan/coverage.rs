//! The disposition of each statement of a plan's document, and the findings about it.

use super::anchors::anchors;
use super::approval_checks::{Check, Severity};
use super::draft::{self, Accounted, Carrier, Disposition};
use super::find::{Reading, find};
use super::plan_types::Plan;
use crate::error::Result;
use crate::model::text::shorten;
use crate::plan::document::{Document, Lines, SectionKind};
use crate::pm::Pm;
use crate::pm::handles::Plans;

/// The dispositions of all statements of a plan's document.
#[derive(Clone, Debug, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coverage {
    /// The id of the plan's PRD.
    pub prd: String,
    /// The number of lines of the document.
    pub lines: u32,
    /// The number of statements that ask for work and are in no task.
    pub uncovered: usize,
    /// The statements in the order of the document; each of its lines is in exactly one.
    pub statements: Vec<StatementView>,
}

/// A statement of the document with its disposition.
#[derive(Clone, Debug, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatementView {
    /// The statement and its disposition.
    #[serde(flatten)]
    pub account: Accounted,
    /// The numbers of the tasks that cover it.
    pub numbers: Vec<u32>,
}

impl Plans<'_> {
    /// The disposition of each statement of a plan's document.
    ///
    /// # Errors
    /// If there is no such plan, or its document cannot be read.
    pub fn coverage(&self, id: Option<&str>) -> Result<Coverage> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let (plan, prd) = find(&state, id)?;
        let reading = self.pm.reading_of(&state, &prd)?;
        let statements = self.pm.account(&plan, &reading);
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
            lines: reading.document.line_count,
            uncovered: uncovered(&statements).count(),
            statements: statements.into_iter().map(numbered).collect(),
        })
    }
}

impl Pm {
    /// The disposition of each statement of a plan's document. A statement is covered by the tasks
    /// and milestones whose lines contain it, even if they were edited manually.
    pub(super) fn account(&self, plan: &Plan, reading: &Reading) -> Vec<Accounted> {
        let document = &reading.document;
        let of = |criteria: &[draft::Criterion]| criteria.iter().map(|c| c.lines).collect();
        let tasks = plan.tasks.iter().filter(|p| p.task.tests.is_none());
        let tasks = tasks.map(|planned| Carrier {
            key: &planned.task.key,
            lines: planned.task.lines,
            criteria: of(&planned.task.acceptance),
        });
        let milestones = plan.milestones.iter().map(|milestone| Carrier {
            key: &milestone.key,
            lines: Lines { start: 0, end: 0 },
            criteria: [of(&milestone.success), of(&milestone.deliverables)].concat(),
        });
        let carriers: Vec<Carrier<'_>> = tasks.chain(milestones).collect();
        let limits = self.limits();
        let mut found = draft::account(document, &limits, &carriers);
        reopen(&plan.removed_lines, &reading.text, &mut found);
        if !plan.put_aside.is_empty() {
            let anchors = anchors(&reading.text, &found);
            for (one, anchor) in found.iter_mut().zip(anchors) {
                let aside = plan.put_aside.get(&anchor);
                if let Some(aside) = aside.filter(|_| one.tasks.is_empty()) {
                    one.disposition = aside.disposition;
                    one.reason.clone_from(&aside.reason);
                    one.by = Some(aside.by.clone());
                }
            }
        }
        found
    }
}

/// Opens the statements of removed tasks that no other one carries.
fn reopen(removed: &[Lines], text: &str, found: &mut [Accounted]) {
    let document: Vec<&str> = text.lines().collect();
    let is_work = |lines: Lines| {
        let line = document.get((lines.start as usize).saturating_sub(1));
        let line = line.map_or("", |line| line.trim());
        line.chars().any(char::is_alphanumeric) && !line.starts_with(['#', '`'])
    };
    // What the author calls later, done or no goal is not open.
    let may_be_work = |one: &&mut Accounted| {
        let is_told = !matches!(
            one.disposition,
            Disposition::Context | Disposition::Constraint
        );
        one.tasks.is_empty() && !is_told
    };
    for one in found.iter_mut().filter(may_be_work) {
        let within = |of: &Lines| of.start <= one.lines.start && one.lines.start <= of.end;
        if !one.text.is_empty() && is_work(one.lines) && removed.iter().any(within) {
            one.disposition = Disposition::Uncovered;
            one.reason = "its task was removed".to_owned();
        }
    }
}

/// The statements that ask for work and are in no task.
pub(super) fn uncovered(statements: &[Accounted]) -> impl Iterator<Item = &Accounted> {
    let of = |one: &&Accounted| one.disposition == Disposition::Uncovered;
    statements.iter().filter(of)
}

/// The findings about statements and sections that are in no task.
pub(super) fn checks(plan: &Plan, document: &Document, statements: &[Accounted]) -> Vec<Check> {
    let lost = uncovered(statements).map(|one| Check {
        rule: "uncovered".to_owned(),
        severity: Severity::Warning,
        task: None,
        lines: Some(one.lines),
        message: format!("no task covers this: \"{}\"", shorten(&one.text, 70)),
        name: None,
        fix: Some(fix_of(plan, one.lines)),
    });
    let limits = statements
        .iter()
        .filter(|one| one.disposition == Disposition::Constraint && one.reason == draft::LIMIT);
    let limits = limits.map(|one| Check {
        rule: "constraint".to_owned(),
        severity: Severity::Note,
        task: None,
        lines: Some(one.lines),
        message: format!(
            "applies to several tasks, but none of them contains it: \"{}\"",
            shorten(&one.text, 70)
        ),
        name: None,
        fix: None,
    });
    let found = lost.chain(unplanned(document, statements));
    found.chain(limits).collect()
}

/// How to account for an open statement: the nearest task can take it, or it is put aside.
fn fix_of(plan: &Plan, lines: Lines) -> String {
    let distance = |of: Lines| match of.end < lines.start {
        true => lines.start - of.end,
        false => of.start.saturating_sub(lines.end),
    };
    let nearest = plan
        .counted()
        .filter(|planned| planned.task.lines.start > 0);
    let nearest = nearest.min_by_key(|planned| distance(planned.task.lines));
    let line = lines.start;
    match nearest {
        Some(planned) => format!(
            "add `- L{line}` to a task (the nearest is `{}`), or put it below `## Not work`",
            planned.name
        ),
        None => format!("add `- L{line}` to a task, or put it below `## Not work`"),
    }
}

/// True for a heading above goals, each of which some task should serve.
fn names_goals(heading: &str) -> bool {
    let heading = heading.to_lowercase();
    [
        "goal",
        "objective",
        "ziel",
        "objectif",
        "objetivo",
        "цел",
        "目标",
        "目標",
        "목표",
    ]
    .iter()
    .any(|word| heading.contains(word))
}

/// True if a text has a bound that a test can check.
fn is_measured(text: &str) -> bool {
    text.contains(['<', '>', '≤', '≥']) && text.contains(|c: char| c.is_ascii_digit())
}

/// Sections that could be work, with statements in no task that ask for nothing.
fn unplanned(document: &Document, statements: &[Accounted]) -> Vec<Check> {
    let mut tops =
        (0..document.sections.len()).filter(|at| document.sections[*at].parent.is_none());
    // The text below the title introduces the document.
    let title = tops.next().filter(|_| tops.next().is_none());
    let mut found = Vec::new();
    let mut before = 0;
    for (place, section) in document.sections.iter().enumerate() {
        let next = document.sections.get(place + 1);
        let own = Lines {
            start: section.line,
            end: next.map_or(section.lines.end, |next| next.line - 1),
        };
        before += statements[before..]
            .iter()
            .take_while(|one| one.lines.end < own.start)
            .count();
        let inside = statements[before..]
            .iter()
            .take_while(|one| one.lines.start <= own.end)
            .skip(1);
        let told = inside.filter(|one| !one.text.is_empty() || one.reason.starts_with("code"));
        let told: Vec<&Accounted> = told.collect();
        let missing: Vec<&&Accounted> = told
            .iter()
            .filter(|one| match one.disposition {
                Disposition::Context | Disposition::Risk => one.reason != draft::ORDER,
                Disposition::Constraint => one.reason != draft::LIMIT,
                _ => false,
            })
            .collect();
        let asks = |one: &&&Accounted| {
            draft::asks(&one.text) || one.reason == draft::STEP || is_measured(&one.text)
        };
        let could_be = match section.kind {
            // The plan lists them elsewhere.
            SectionKind::NonGoal | SectionKind::Future | SectionKind::Question => false,
            SectionKind::Ready => false,
            _ if Some(place) == title => missing.iter().any(|one| one.text.contains('`')),
            SectionKind::Persona
            | SectionKind::Metric
            | SectionKind::Appendix
            | SectionKind::Context
            | SectionKind::Assumption
            | SectionKind::Dependency => {
                let with_code = missing.iter().filter(|one| one.text.contains('`')).count();
                missing.iter().any(asks) || with_code >= 2 || names_goals(&section.title)
            }
            _ => true,
        };
        let (Some(first), Some(last)) = (missing.first(), missing.last()) else {
            continue;
        };
        if could_be {
            let statements = match missing.len() {
                1 => "one statement".to_owned(),
                count => format!("{count} statements"),
            };
            found.push(Check {
                rule: "unplanned-section".to_owned(),
                severity: Severity::Note,
                task: None,
                lines: Some(Lines {
                    start: first.lines.start,
                    end: last.lines.end,
                }),
                message: format!("no task covers {statements} of “{}”", section.title),
                name: None,
                fix: None,
            });
        }
    }
    found
}
