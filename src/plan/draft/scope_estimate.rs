//! The amount of work in a document, the recommended way to do it, and a proposal to split a
//! document that is too large for one plan.

use super::draft_types::{
    Confidence, Draft, Drivers, Limits, Part, Recommendation, Risk, Scope, Strategy, Task,
};
use super::effort::externals;
use crate::plan::document::{Block, Document, Lines, SectionKind};
use std::collections::BTreeSet;

/// The number of tasks above which the document should be decomposed first.
const MANY: usize = 60;

/// The number of hours above which it should be: five weeks of one engineer.
const LONG: f64 = 200.0;

/// Assesses the amount of work in a document by its tasks (without test tasks), the structure that
/// they were read from, and the number of its phases.
pub fn scope(document: &Document, tasks: &[&Task], strategy: Strategy, phases: usize) -> Scope {
    let effort_hours = tasks
        .iter()
        .map(|task| task.hours)
        .fold(0, u32::saturating_add);
    let streams: BTreeSet<&str> = tasks.iter().map(|task| task.stream.as_str()).collect();
    let mut texts: Vec<&str> = Vec::new();
    for task in tasks {
        texts.push(&task.title);
        texts.extend(
            task.acceptance
                .iter()
                .map(|criterion| criterion.text.as_str()),
        );
    }
    let systems = externals(texts.into_iter());
    let high = tasks.iter().filter(|task| task.risk == Risk::High).count();
    let named = risks(document);
    let drivers = Drivers {
        components: streams.len(),
        integration_points: systems.len(),
        risks: named + high,
        effort_hours,
        tasks: tasks.len(),
        phases,
    };
    let mut reasons = Vec::new();
    let recommendation = Recommendation::of(tasks.len(), f64::from(effort_hours), phases);
    reasons.push(format!(
        "{} and about {} of work",
        plural(tasks.len(), "task"),
        plural(effort_hours as usize, "hour")
    ));
    if phases > 0 {
        reasons.push(plural(phases, "phase"));
    }
    reasons.push(format!(
        "{} that can be worked on independently",
        plural(streams.len(), "stream")
    ));
    if !systems.is_empty() {
        reasons.push(format!(
            "it depends on {}",
            systems
                .iter()
                .take(6)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ")
        ));
    }
    if named + high > 0 {
        reasons.push(format!(
            "{} named in the document, {}",
            plural(named, "risk"),
            plural(high, "high-risk task")
        ));
    }
    let confidence = confidence(tasks, strategy);
    reasons.push(
        match confidence {
            Confidence::Low => "tasks are read from prose",
            Confidence::Medium => "some tasks or criteria are inferred",
            Confidence::High => "tasks and criteria are the author's own",
        }
        .to_owned(),
    );
    Scope {
        recommendation,
        confidence,
        drivers,
        reasons,
        fast_path: recommendation == Recommendation::SingleAgent && confidence == Confidence::High,
    }
}

impl Recommendation {
    /// The recommendation for work of this size.
    pub(in crate::plan) fn of(tasks: usize, hours: f64, phases: usize) -> Recommendation {
        if tasks > MANY || hours > LONG {
            Recommendation::DecompositionRequired
        } else if tasks <= 4 && hours <= 10.0 && phases <= 1 {
            Recommendation::SingleAgent
        } else {
            Recommendation::MultiAgent
        }
    }
}

fn confidence(tasks: &[&Task], strategy: Strategy) -> Confidence {
    if matches!(strategy, Strategy::Outline | Strategy::Single) {
        return Confidence::Low;
    }
    let all = tasks.len();
    let count = |fits: fn(&Task) -> bool| tasks.iter().filter(|task| fits(task)).count();
    let with_criteria = count(|task| task.acceptance.iter().any(|one| !one.derived));
    let marked = count(|task| task.requirement.is_some() || task.milestone.is_some());
    if with_criteria * 5 >= all * 4 && marked * 5 >= all * 4 {
        Confidence::High
    } else {
        Confidence::Medium
    }
}

/// The number of risks in a document.
fn risks(document: &Document) -> usize {
    let sections = document
        .sections
        .iter()
        .filter(|section| section.kind == SectionKind::Risk);
    sections
        .flat_map(|section| &section.blocks)
        .map(listed)
        .sum()
}

fn listed(block: &Block) -> usize {
    match block {
        Block::List { entries, .. } => entries.len(),
        Block::Table { rows, .. } => rows.len(),
        Block::Label { blocks, .. } => blocks.iter().map(listed).sum(),
        _ => 0,
    }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// A proposal to split a document above the size limits: by phases, else by headings of the second
/// level; `None` if it is within the limits. `bytes` is the length of its text.
pub fn split_proposal(
    document: &Document,
    draft: &Draft,
    bytes: usize,
    limits: &Limits,
) -> Option<Vec<Part>> {
    let tasks = draft.counted().count();
    if tasks <= limits.max_planned_tasks && bytes / 4 <= limits.max_tokens {
        return None;
    }
    let within = |lines: Lines| {
        draft
            .counted()
            .filter(|task| lines.start <= task.lines.start && task.lines.start <= lines.end)
            .count()
    };
    let mut parts: Vec<Part> = Vec::new();
    if draft.milestones.len() >= 2
        && draft
            .counted()
            .filter(|task| task.milestone.is_some())
            .count()
            * 2
            >= tasks
    {
        for milestone in draft
            .milestones
            .iter()
            .take(limits.max_planned_tasks.max(2))
        {
            parts.push(Part {
                title: milestone.title.clone(),
                lines: milestone.lines,
                tasks: milestone.tasks.len(),
            });
        }
        return Some(parts);
    }
    let tops = document
        .sections
        .iter()
        .filter(|section| section.parent.is_none())
        .count();
    let above: Option<usize> = (tops == 1 && document.sections.len() > 1).then_some(0);
    for section in document
        .sections
        .iter()
        .filter(|section| section.parent == above)
        .take(200)
    {
        let tasks = within(section.lines);
        if tasks > 0 {
            parts.push(Part {
                title: section.title.clone(),
                lines: section.lines,
                tasks,
            });
        }
    }
    if parts.is_empty() {
        let lines = Lines {
            start: 1,
            end: document.line_count.max(1),
        };
        parts.push(Part {
            title: document.title.clone(),
            lines,
            tasks,
        });
    }
    // If one part has nearly everything, its own parts are used instead.
    if let Some(place) = parts
        .iter()
        .position(|part| part.tasks * 5 >= tasks * 4 && tasks > 1)
    {
        let whole = parts[place].lines;
        let owner = document
            .sections
            .iter()
            .position(|section| section.lines == whole);
        let below: Vec<Part> = document
            .sections
            .iter()
            .filter(|section| owner.is_some() && section.parent == owner)
            .take(200)
            .map(|section| Part {
                title: section.title.clone(),
                lines: section.lines,
                tasks: within(section.lines),
            })
            .filter(|part| part.tasks > 0)
            .collect();
        if below.len() >= 2 && below.len() < tasks {
            parts.splice(place..=place, below);
        }
    }
    Some(parts)
}
