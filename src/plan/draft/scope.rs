//! How much work is in a document, how to do it, and when and where to split the document.
//!
//! The amount of work, the recommended way to do it, and a proposal to split a document that is too
//! large for one plan.

use std::collections::BTreeSet;

use super::draft_types::{
    Confidence, Disposition, Draft, Drivers, Limits, Part, Recommendation, Risk, Scope, Strategy,
    Task,
};
use super::rules::Verdicts;
use crate::model::text;
use git_pm_document::{Document, Lines, SectionKind, list, tokens};

/// The number of tasks above which the document should be decomposed first.
const MANY: usize = 60;

/// The number of hours above which it should be: five weeks of one engineer.
const LONG: f64 = 200.0;

/// So many statements without any marked task are more than one session.
const MANY_OPEN: usize = 20;

/// The largest number of parts in a proposal.
const MOST_PARTS: usize = 200;

/// Assesses the amount of work in a document by its tasks (without test tasks), the structure that
/// they were read from, and the number of its phases.
#[must_use]
pub fn scope(verdicts: &Verdicts, tasks: &[&Task], strategy: Strategy, phases: usize) -> Scope {
    let document = &verdicts.facts.document;
    let streams: BTreeSet<&str> = tasks.iter().map(|task| task.stream.as_str()).collect();
    let criteria = tasks.iter().flat_map(|task| &task.acceptance);
    let criteria = criteria.map(|one| &one.text);
    let texts = tasks.iter().map(|task| &task.title).chain(criteria);
    let words = texts.flat_map(|text| tokens(text));
    let systems: BTreeSet<String> = words.filter(|word| list("systems").is(word)).collect();
    let high = tasks.iter().filter(|task| task.risk == Risk::High).count();
    let mut risks = document.nodes.iter().filter(|node| node.is_listed());
    let risks = risks.by_ref();
    let risks = risks.filter(|node| node.kind == SectionKind::Risk).count();
    let hours = tasks
        .iter()
        .fold(0u32, |sum, task| sum.saturating_add(task.hours));
    let drivers = Drivers {
        components: streams.len(),
        integration_points: systems.len(),
        risks: risks + high,
        effort_hours: hours,
        tasks: tasks.len(),
        phases,
    };
    // Where little is marked as work, the statements that could be work tell the size.
    let recommendation = match Recommendation::of(tasks.len(), f64::from(hours), phases) {
        Recommendation::SingleAgent if open(verdicts) > MANY_OPEN => Recommendation::MultiAgent,
        found => found,
    };
    let (confidence, basis) = confidence(tasks, strategy);
    let counted = [
        (tasks.len(), "task"),
        (hours as usize, "hour"),
        (phases, "phase"),
        (drivers.risks, "risk"),
        (systems.len(), "other system"),
    ];
    let counted = counted.into_iter();
    let counted = counted.filter(|(count, noun)| *count > 0 || *noun == "task");
    let single = recommendation == Recommendation::SingleAgent;
    Scope {
        recommendation,
        confidence,
        drivers,
        reasons: counted
            .map(|(count, noun)| text::counted(count, noun))
            .chain([basis.to_owned()])
            .collect(),
        fast_path: single && confidence == Confidence::High,
    }
}

/// The number of statements that are in no task.
fn open(verdicts: &Verdicts) -> usize {
    let open = |one: &&super::rules::Verdict| one.disposition == Disposition::Uncovered;
    verdicts.all.iter().filter(open).count()
}

impl Recommendation {
    /// The recommendation for work of this size.
    pub fn of(tasks: usize, hours: f64, phases: usize) -> Recommendation {
        if tasks > MANY || hours > LONG {
            Recommendation::DecompositionRequired
        } else if tasks <= 4 && hours <= 10.0 && phases <= 1 {
            Recommendation::SingleAgent
        } else {
            Recommendation::MultiAgent
        }
    }
}

fn confidence(tasks: &[&Task], strategy: Strategy) -> (Confidence, &'static str) {
    let most = |fits: fn(&&&Task) -> bool| tasks.iter().filter(fits).count() * 5 >= tasks.len() * 4;
    let marked = most(|task| task.requirement.is_some() || task.milestone.is_some());
    match marked && most(|task| !task.acceptance.is_empty()) {
        _ if strategy == Strategy::Single || tasks.is_empty() => {
            (Confidence::Low, "the document marks no tasks")
        }
        true => (Confidence::High, "tasks and criteria are the author's own"),
        false => (Confidence::Medium, "some tasks have no id or no criteria"),
    }
}

/// A proposal to split a document above the size limits: by phases, else by headings; `None` if it is
/// within the limits. `bytes` is the length of its text.
#[must_use]
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
    let part = |title: &str, lines: Lines| {
        let inside = |task: &&Task| (lines.start..=lines.end).contains(&task.lines.start);
        let tasks = draft.counted().filter(inside).count();
        let title = title.to_owned();
        Part {
            title,
            lines,
            tasks,
        }
    };
    let in_phases = draft.counted().filter(|task| task.milestone.is_some());
    if draft.milestones.len() >= 2 && in_phases.count() * 2 >= tasks {
        let phases = draft.milestones.iter().take(MOST_PARTS);
        return Some(
            phases
                .map(|phase| part(&phase.title, phase.lines))
                .collect(),
        );
    }
    // The highest level of headings at which no part has nearly everything.
    let level = |level: u8| -> Vec<Part> {
        let all = document.sections.iter();
        let all = all.filter(|section| section.level == level);
        let all = all.take(MOST_PARTS);
        let all = all.map(|section| part(&section.title, section.lines));
        all.filter(|part| part.tasks > 0 || tasks == 0).collect()
    };
    let small = |part: &Part| part.tasks * 5 < tasks * 4 || tasks < 2;
    let even = |parts: &Vec<Part>| parts.len() > 1 && parts.iter().all(small);
    let whole = || {
        vec![part(
            &document.title,
            Lines::of(1, document.line_count.max(1)),
        )]
    };
    Some((1..=6).map(level).find(even).unwrap_or_else(whole))
}
