//! The findings of a plan that only its text can cause.
//!
//! Criteria that the document does not state, lines in two tasks, work on lines that the author calls
//! done or no goal, and the like.

use std::collections::{BTreeMap, BTreeSet};

use super::line_ranges::{meet, said};
use crate::model::text::{first_of, shorten};
use crate::plan::approval_checks::{Check, Severity};
use crate::plan::document::Lines;
use crate::plan::draft::{Accounted, Disposition};
use crate::plan::plan_types::{Plan, Planned};

/// The largest number of names in a finding.
const NAMED: usize = 8;

/// The findings; those about lines that are gone not of `closed` tasks, by their numbers: what is asked of these now is
/// new work. `bare` computes the dispositions of the statements without any task; a plan as it was
/// drafted does not need them.
pub(super) fn findings(
    plan: &Plan,
    closed: &BTreeSet<u32>,
    bare: impl FnOnce() -> Vec<Accounted>,
) -> Vec<Check> {
    let mut out = Vec::new();
    // What the planner drafts has findings of its own, and a task that exists is told of once it is gone.
    let is_left = |planned: &Planned| !planned.is_gone || planned.item.is_none();
    let is_written = |planned: &&Planned| is_left(planned) && planned.is_written();
    let all: Vec<&Planned> = plan.counted().filter(is_written).collect();
    if !all.is_empty() {
        let bare = bare();
        for planned in &all {
            if !closed.contains(&planned.number) {
                gone(planned, &mut out);
            }
            invented(planned, &mut out);
            reworded(planned, &mut out);
            misplaced(planned, &bare, &mut out);
        }
    }
    duplicates(&all, &mut out);
    twice(&all, &mut out);
    unexplained(plan, &mut out);
    out
}

/// A criterion that no lines of the document state any more.
fn gone(planned: &Planned, out: &mut Vec<Check>) {
    let mut gone = planned.task.acceptance.iter();
    if let Some(criterion) = gone.find(|one| !one.derived && one.lines.start == 0) {
        let text = shorten(&criterion.text, 70);
        let message = format!(
            "`{}` has a criterion from lines that are gone: \"{text}\"",
            planned.name
        );
        let fix = "name the lines that state it now, or remove it";
        let found = Check::of_task(planned, "gone", Severity::Warning, message, fix);
        out.push(found);
    }
}

fn invented(planned: &Planned, out: &mut Vec<Check>) {
    let invented = planned.task.acceptance.iter().filter(|one| one.derived);
    for criterion in invented {
        let text = shorten(&criterion.text, 70);
        let message = format!("`{}` has an invented criterion: \"{text}\"", planned.name);
        let fix =
            "name the line that states it (`- L` and its number), or keep it: the approver sees it";
        let found = Check::of_task(planned, "invented", Severity::Note, message, fix);
        out.push(found);
    }
}

/// The findings about lines that were changed after their tasks were written.
pub(super) fn reworded_lines(plan: &Plan) -> Vec<Check> {
    let mut out = Vec::new();
    let present = plan.present_tasks();
    present.for_each(|planned| reworded(planned, &mut out));
    out
}

/// Lines that their author changed after the task was written.
fn reworded(planned: &Planned, out: &mut Vec<Check>) {
    let Some(first) = planned.reworded.iter().min() else {
        return;
    };
    let message = format!(
        "{} changed after `{}` was written",
        said(*first, [" was", " were"]),
        planned.name
    );
    let fix = match planned.item.is_some() {
        true => "compare the task with them; `git pm task edit` changes it",
        false => "compare the task with them, and write its section again, even as it is",
    };
    let mut found = Check::of_task(planned, "reworded", Severity::Warning, message, fix);
    found.fix = Some(fix.to_owned());
    found.lines = Some(*first);
    out.push(found);
}

/// A task that carries lines which the author calls done, later or no goal.
fn misplaced(planned: &Planned, bare: &[Accounted], out: &mut Vec<Check>) {
    let own = carried(planned);
    let called = |disposition: Disposition| match disposition {
        Disposition::Done => Some("done"),
        Disposition::NonGoal => Some("not to be done"),
        Disposition::Deferred => Some("for later"),
        _ => None,
    };
    let found = bare.iter().find_map(|one| {
        let inside = !one.text.is_empty() && own.iter().any(|lines| meet(*lines, one.lines));
        Some((one.lines, called(one.disposition).filter(|_| inside)?))
    });
    let Some((lines, called)) = found else { return };
    let message = format!(
        "`{}` plans {}, which the author calls {called}",
        planned.name,
        said(lines, [""; 2])
    );
    let fix = "leave these lines out, or say in its description why they are work";
    let mut found = Check::of_task(planned, "not-work", Severity::Warning, message, fix);
    found.lines = Some(lines);
    out.push(found);
}

/// The lines of a task and of its criteria.
fn carried(planned: &Planned) -> Vec<Lines> {
    let criteria = planned.task.acceptance.iter().filter(|one| !one.derived);
    let all = criteria.map(|one| one.lines).chain([planned.task.lines]);
    all.filter(|lines| lines.start > 0).collect()
}

fn duplicates(all: &[&Planned], out: &mut Vec<Check>) {
    let mut titles: BTreeMap<String, &str> = BTreeMap::new();
    for planned in all {
        let title = planned.task.title.to_lowercase();
        if let Some(other) = titles.insert(title, &planned.name) {
            let message = format!("`{}` has the same title as `{other}`", planned.name);
            let fix = "give each task a title of its own, or make them one task";
            let (rule, severity) = ("duplicate-title", Severity::Warning);
            out.push(Check::of_task(planned, rule, severity, message, fix));
        }
    }
}

/// Lines that two tasks carry.
fn twice(all: &[&Planned], out: &mut Vec<Check>) {
    let lines: Vec<Vec<Lines>> = all.iter().map(|planned| carried(planned)).collect();
    for (at, planned) in all.iter().enumerate() {
        let before = all.iter().zip(&lines).take(at);
        let meets = |other: &[Lines]| {
            let own = lines.get(at).into_iter().flatten();
            let mut own = own.filter(|own| other.iter().any(|other| meet(**own, *other)));
            own.next().copied()
        };
        for (other, theirs) in before {
            let Some(both) = meets(theirs) else { continue };
            // Both say what they do of it.
            let says = |planned: &Planned| {
                let mut criteria = planned.task.acceptance.iter();
                criteria.any(|one| !one.derived && meet(one.lines, both))
            };
            let is_both = says(planned) && says(other);
            let is_other = planned.added_by != other.added_by;
            if is_both && !is_other {
                continue;
            }
            let message = format!(
                "{} in `{}` and in `{}`",
                said(both, [" is", " are"]),
                other.name,
                planned.name
            );
            let fix = "leave them to one task, if both do not have to satisfy them";
            // Two people may have planned the same work.
            let severity = match is_other {
                true => Severity::Warning,
                false => Severity::Note,
            };
            let mut found = Check::of_task(planned, "lines-twice", severity, message, fix);
            found.lines = Some(both);
            out.push(found);
        }
    }
}

/// Dependencies by hand without a reason.
fn unexplained(plan: &Plan, out: &mut Vec<Check>) {
    let name = |key: &str| plan.task(key).map_or("?", |planned| planned.name.as_str());
    let all: Vec<String> = plan
        .waits
        .iter()
        .filter(|edge| edge.reason.is_empty())
        .map(|edge| format!("{} after {}", name(&edge.task), name(&edge.on)))
        .collect();
    if all.is_empty() {
        return;
    }
    let named = first_of(&all, NAMED);
    let message = format!("dependencies without a reason: {named}");
    out.push(Check {
        fix: Some("write it behind the name: `after: config: needs the model names`".into()),
        ..Check::of_plan("no-reason", Severity::Note, message)
    });
}
