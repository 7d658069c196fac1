//! Checks of a plan before its approval: what is an error, a warning, or too large (`--confirm-large`).
//!
//! Pure functions of the plan, its document and the protected paths.

use std::collections::BTreeSet;

use super::draft::Estimate;
pub use super::draft::Severity;
use super::limits::{DAY_HOURS, LARGE_TASKS, TASKS_WITHOUT_ORDER_MAX};
use super::net::Net;
use super::plan_types::{Plan, Planned, PutAside};
use super::waves::waves;
use crate::coordinate::reserve::pattern_lists::Protected;
use crate::model::text::shorten;
use crate::plan::document::{Lines, canonical_id, is_part_of};

/// A finding in a plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Check {
    /// The rule, such as `cycle` or `missing-acceptance`.
    pub rule: String,
    /// Its severity.
    pub severity: Severity,
    /// The number of the task it concerns.
    pub task: Option<u32>,
    /// The name of that task in the plan's text.
    pub name: Option<String>,
    /// The lines of the document that it concerns.
    pub lines: Option<Lines>,
    /// The problem, in a sentence.
    pub message: String,
    /// The correction, if it is not clear from the message.
    pub fix: Option<String>,
}

impl Check {
    /// A finding about a plan as a whole; the view adds the name of the task.
    pub(super) fn of_plan(rule: &str, severity: Severity, message: String) -> Check {
        Check {
            rule: rule.into(),
            severity,
            task: None,
            name: None,
            lines: None,
            message,
            fix: None,
        }
    }

    /// A finding about a task. No text of a plan corrects one that exists already.
    pub(super) fn of_task(
        planned: &Planned,
        rule: &str,
        severity: Severity,
        message: String,
        fix: &str,
    ) -> Check {
        Check {
            task: Some(planned.number),
            fix: Some(match planned.item {
                None => fix.to_owned(),
                Some(_) => "it exists already: `git pm task edit` changes it".to_owned(),
            }),
            ..Check::of_plan(rule, severity, message)
        }
    }
}

/// All findings, the most severe first. `requirements` are the ids in the document, `protected` the
/// paths that agents may not commit.
pub fn check(plan: &Plan, requirements: &[(String, Lines)], protected: &Protected) -> Vec<Check> {
    let mut out = Vec::new();
    let number = |key: &str| {
        let task = plan.task(key);
        task.map_or_else(|| key.to_string(), |p| p.number.to_string())
    };
    if let Some(cycle) = Net::of(plan).cycle() {
        let path: Vec<String> = cycle.iter().map(|key| number(key)).collect();
        let message = format!("tasks wait for each other: {}", path.join(" → "));
        out.push(Check::of_plan("cycle", Severity::Error, message));
    }
    for planned in plan.tasks.iter().filter(|p| !p.is_gone) {
        of_task(planned, protected, &mut out);
    }
    for (id, lines) in requirements {
        let form = canonical_id(id);
        let is_it = |other: &String| {
            *other == form || other == id || is_part_of(&canonical_id(other), &form)
        };
        let covers = |p: &&Planned| {
            p.task.requirement.as_ref().is_some_and(is_it) || p.task.covers.iter().any(is_it)
        };
        let traced = |p: &&Planned| {
            let mut all = p.task.acceptance.iter();
            all.any(|c| c.requirement.as_ref().is_some_and(is_it))
        };
        let holds = |of: Lines| of.start <= lines.start && lines.start <= of.end;
        let stated =
            |p: &&Planned| holds(p.task.lines) || p.task.acceptance.iter().any(|c| holds(c.lines));
        let is_covered = |p: &Planned| covers(&p) || traced(&p) || stated(&p);
        // A person has said what becomes of it.
        let names = |text: &str| {
            let mut words = text.split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '.'));
            words.any(|word| word == id)
        };
        let is_aside = |one: &PutAside| one.line == i64::from(lines.start) || names(&one.text);
        let is_decided = plan.put_aside.values().any(is_aside);
        if !is_decided && !plan.tasks.iter().any(is_covered) {
            let message = format!("no task covers {id}");
            out.push(Check {
                lines: Some(*lines),
                ..Check::of_plan("uncovered-requirement", Severity::Warning, message)
            });
        }
    }
    of_order(plan, &mut out);
    let count = plan.present_tasks().count();
    if plan.threshold > 0 && count > plan.threshold {
        let message = format!(
            "{count} tasks is a lot for a document of this size (at most {} are recommended)",
            plan.threshold
        );
        out.push(Check::of_plan("too-many-tasks", Severity::Warning, message));
    }
    // Those that `plan show` lists first, without what is left of an earlier document.
    let present = plan.present_tasks();
    let present: BTreeSet<u32> = present.map(|planned| planned.number).collect();
    let first = waves(plan).into_iter().next().unwrap_or_default();
    let free = first.iter().filter(|task| present.contains(&task.number));
    let free = free.count();
    if count > TASKS_WITHOUT_ORDER_MAX && 4 * free > 3 * count {
        let message = format!(
            "{free} of {count} tasks have no dependencies: the document says little about \
             their order"
        );
        out.push(Check::of_plan("flat-plan", Severity::Note, message));
    }
    out.sort_by_key(|check| (check.severity, check.task));
    out
}

/// The question for a plan with so many new tasks that its approval has to be confirmed (`--confirm-large`).
pub(super) fn large(plan: &Plan) -> Option<String> {
    let (made, new): (Vec<&Planned>, Vec<&Planned>) = plan
        .present_tasks()
        .partition(|planned| planned.item.is_some());
    let count = new.len();
    let more = if made.is_empty() { "" } else { " more" };
    let most = match plan.threshold {
        0 => LARGE_TASKS,
        threshold => threshold.min(LARGE_TASKS),
    };
    (count > most).then(|| {
        format!(
            "\"{}\" has {count}{more} tasks; at most {most} are recommended for a document of this \
             size. Approve all?",
            shorten(&plan.title, 60)
        )
    })
}

/// What a task makes, in the order in which it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Makes {
    Specification,
    Tests,
    Code,
    Optimization,
}

impl Makes {
    /// By the first word of a title, which is a verb, and what it is about.
    fn of(title: &str) -> Makes {
        let title = title.to_lowercase();
        let words: Vec<&str> = title.split(|c: char| !c.is_alphanumeric()).collect();
        let first = words.first().copied().unwrap_or_default();
        let writes = ["write", "draft", "add", "create", "define"].contains(&first);
        let about = |all: &[&str]| words.iter().any(|word| all.contains(word));
        match first {
            "specify" => Makes::Specification,
            "test" => Makes::Tests,
            "optimize" | "optimise" | "tune" | "speed" | "accelerate" => Makes::Optimization,
            "improve" if about(&["performance", "speed"]) => Makes::Optimization,
            _ if writes && about(&["specification", "specifications", "spec"]) => {
                Makes::Specification
            }
            _ if writes && about(&["test", "tests"]) => Makes::Tests,
            _ => Makes::Code,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Makes::Specification => "a specification",
            Makes::Tests => "tests",
            Makes::Code => "the code",
            Makes::Optimization => "an optimization",
        }
    }
}

/// Notes about tasks that wait for one of the same stream or paths that is usually done later. The test
/// tasks of a validation strategy are where it puts them.
fn of_order(plan: &Plan, out: &mut Vec<Check>) {
    for wait in &plan.waits {
        let ends = [&wait.task, &wait.on].map(|key| plan.task(key));
        let [Some(early), Some(late)] = ends else {
            continue;
        };
        let (first, then) = (Makes::of(&early.task.title), Makes::of(&late.task.title));
        let is_near = early.task.stream == late.task.stream
            || early
                .task
                .paths
                .iter()
                .any(|path| late.task.paths.contains(path));
        let by_strategy = early.task.tests.is_some() || late.task.tests.is_some();
        if first < then && is_near && !by_strategy && !early.is_gone && !late.is_gone {
            let message = format!(
                "it waits for task {}, but {} should come before {}",
                late.number,
                first.noun(),
                then.noun()
            );
            out.push(Check {
                task: Some(early.number),
                ..Check::of_plan("order", Severity::Note, message)
            });
        }
    }
}

fn of_task(planned: &Planned, protected: &Protected, out: &mut Vec<Check>) {
    let task = &planned.task;
    let mut say = |rule: &str, severity: Severity, lines: Option<Lines>, message: String| {
        out.push(Check {
            task: Some(planned.number),
            lines,
            ..Check::of_plan(rule, severity, message)
        });
    };
    for (field, text) in [("title", &task.title), ("stream", &task.stream)] {
        if text.trim().is_empty() {
            say(
                "missing-field",
                Severity::Error,
                None,
                format!("it has no {field}"),
            );
        }
    }
    if task.description.trim().is_empty() {
        say(
            "missing-description",
            Severity::Error,
            None,
            "it has no description".into(),
        );
    }
    if task.acceptance.is_empty() {
        let message = "it has no acceptance criteria".to_string();
        say("missing-acceptance", Severity::Warning, None, message);
    }
    for criterion in &task.acceptance {
        if !criterion.vague.is_empty() {
            let words = criterion.vague.join(", ");
            let text = shorten(&criterion.text, 70);
            let message = format!("a criterion is too vague to be checked ({words}): \"{text}\"");
            say(
                "vague-acceptance",
                Severity::Warning,
                Some(criterion.lines),
                message,
            );
        }
    }
    if task.hours > DAY_HOURS || task.estimate == Estimate::XL {
        let message = format!(
            "{} hours is more than a day of work: split the task",
            task.hours
        );
        say("too-large", Severity::Warning, None, message);
    }
    for path in &task.paths {
        let Ok(meets) = protected.meets(path) else {
            say(
                "path",
                Severity::Error,
                None,
                format!("`{path}` is not a valid path"),
            );
            continue;
        };
        if meets {
            let message = format!("`{path}` is protected: agents may not commit it");
            say("protected-path", Severity::Warning, None, message);
        }
    }
}
