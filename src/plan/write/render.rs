//! The text of a plan: its tasks, and as comments what is in no task and what the document puts aside.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::grammar::{ASIDES, Field, HEADER};
use crate::model::text::one_line;
use crate::plan::coverage::uncovered;
use crate::plan::draft::{Accounted, Disposition, EdgeClass};
use crate::plan::line_ranges as ranges;
use crate::plan::plan_types::{Plan, Planned};
use crate::store::state::State;

const HELP: &str = "\
<!--
### name. Title     a task; a new one needs a name of its own, a removed section removes its task
lines: 65-71, 331   the lines that it carries: the first range describes it, further ones are criteria, too
after: a, b (soft): reason     size: XS-XL     risk: low-high     type: feature, bug, chore, docs …
validation: test-first, test-after, test-parallel, none     paths, points, priority, milestone
> its description (else that of the document)
- L67               a criterion in the author's words
- L71: text         a criterion in your words, about line 71
- text              a criterion that the document does not state
## name             a stream of work
## Not work         lines that are not work, each with a reason: `- 11-47: layout`. Also Deferred,
                    Not to be done, Done, Questions, Risks, Constraints
-->
";

/// The comment that names the document and the version of the plan.
pub(crate) fn header(document: &str, version: Option<&str>) -> String {
    let document = document.get(..12).unwrap_or(document);
    match version {
        Some(version) => format!("{HEADER}{document} plan {version} -->\n"),
        None => format!("{HEADER}{document} -->\n"),
    }
}

/// The plan as a text. `statements` are those of its document.
pub(in crate::plan) fn render(
    state: &State<'_>,
    plan: &Plan,
    version: &str,
    statements: &[Accounted],
) -> String {
    let mut out = header(&plan.document, Some(version));
    out.push_str(HELP);
    let _ = writeln!(out, "\n# {}", one_line(&plan.title));
    let names: BTreeMap<&str, &str> = plan
        .tasks
        .iter()
        .map(|planned| (planned.task.key.as_str(), planned.name.as_str()))
        .collect();
    let mut stream: Option<&str> = None;
    for planned in in_streams(plan) {
        let own = planned.task.stream.as_str();
        if stream != Some(own) {
            let _ = writeln!(out, "\n## {}", one_line(own));
            stream = Some(own);
        }
        task(&mut out, state, plan, planned, &names);
    }
    asides(&mut out, statements);
    let by_document = statements.iter().filter(|one| {
        let is_aside = one.is_done_by_heading() || one.is_put_aside_by_heading();
        let is_aside = is_aside || one.is_put_aside_by_box();
        is_aside && one.by.is_none() && one.tasks.is_empty() && !one.text.is_empty()
    });
    comment(
        &mut out,
        "In no task, and not put aside",
        uncovered(statements),
    );
    comment(&mut out, "Put aside by the document", by_document);
    out
}

/// What could be planned, too, as a comment.
fn comment<'s>(out: &mut String, what: &str, all: impl Iterator<Item = &'s Accounted>) {
    let mut all = all.peekable();
    if all.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "\n<!-- {what}:");
    for one in all {
        // Nothing in it ends the comment.
        let text = one_line(&one.text).replace("--", "- -");
        let _ = writeln!(out, "{} {text}", ranges::shown(one.lines));
    }
    out.push_str("-->\n");
}

/// The tasks without test tasks, grouped by stream in the order of their first tasks.
pub(super) fn in_streams(plan: &Plan) -> Vec<&Planned> {
    let mut streams: Vec<&str> = Vec::new();
    for planned in plan.counted() {
        if !streams.contains(&planned.task.stream.as_str()) {
            streams.push(&planned.task.stream);
        }
    }
    let mut all: Vec<&Planned> = plan.counted().collect();
    all.sort_by_key(|planned| streams.iter().position(|name| *name == planned.task.stream));
    all
}

fn task(
    out: &mut String,
    state: &State<'_>,
    plan: &Plan,
    planned: &Planned,
    names: &BTreeMap<&str, &str>,
) {
    let task = &planned.task;
    let _ = writeln!(out, "\n### {}. {}", planned.name, one_line(&task.title));
    if let Some(item) = &planned.item {
        let _ = writeln!(
            out,
            "<!-- now {}: change it there -->",
            one_line(&state.shown_ref(item))
        );
    }
    if task.lines.start > 0 {
        let _ = writeln!(out, "lines: {}", ranges::shown(task.lines));
    }
    let waits = plan.waits_of(&task.key).filter(|edge| !edge.is_of_test());
    let named = waits.filter_map(|edge| {
        let name = names.get(edge.on.as_str())?;
        let class = match edge.class {
            EdgeClass::Hard => "",
            EdgeClass::Soft => " (soft)",
        };
        let reason = one_line(edge.reason.trim()).replace(';', ",");
        Some((format!("{name}{class}"), reason))
    });
    let (bare, explained): (Vec<_>, Vec<_>) = named.partition(|(_, reason)| reason.is_empty());
    if !bare.is_empty() {
        let bare: Vec<String> = bare.into_iter().map(|(name, _)| name).collect();
        let _ = writeln!(out, "after: {}", bare.join(", "));
    }
    for (name, reason) in explained {
        let _ = writeln!(out, "after: {name}: {reason}");
    }
    let word = |field: Field, value: &str| format!("{}: {value}", field.name());
    let mut short = vec![
        word(Field::Estimate, task.estimate.as_str()),
        word(Field::Risk, task.risk.as_str()),
        word(Field::Type, &crate::plan::record::word(task.item_type)),
        word(Field::Validation, task.validation.as_str()),
    ];
    if let Some(points) = task.points {
        short.push(word(Field::Points, &points.to_string()));
    }
    if let Some(priority) = task.priority {
        short.push(word(Field::Priority, priority.word()));
    }
    if task.auto_policy != crate::plan::draft::AutoPolicy::None {
        short.push(word(Field::AutoPolicy, task.auto_policy.as_str()));
    }
    let _ = writeln!(out, "{}", short.join("   "));
    let milestone = task.milestone.as_ref();
    let milestone = milestone.and_then(|key| plan.milestones.iter().find(|m| m.key == *key));
    if let Some(milestone) = milestone {
        let _ = writeln!(
            out,
            "{}",
            word(Field::Milestone, &one_line(&milestone.title))
        );
    }
    if !task.paths.is_empty() {
        let _ = writeln!(out, "{}", word(Field::Paths, &task.paths.join(", ")));
    }
    if planned.by_hand.contains_key("description") {
        for line in task.description.trim().lines() {
            let _ = writeln!(out, "{}", format!("> {line}").trim_end());
        }
    }
    for criterion in &task.acceptance {
        let text = one_line(&criterion.text);
        let lines = ranges::shown(criterion.lines);
        // In words, so that it can be read without the document beside it.
        let _ = match criterion.derived || criterion.lines.start == 0 {
            true => writeln!(out, "- {text}"),
            false => writeln!(out, "- L{lines}: {text}"),
        };
    }
}

/// The statements that were put aside by hand.
fn asides(out: &mut String, statements: &[Accounted]) {
    for (disposition, names) in ASIDES {
        let name = names.first().copied().unwrap_or_default();
        let own = |one: &&Accounted| one.aside() == Some(disposition);
        let mut all = statements.iter().filter(own).peekable();
        if disposition == Disposition::Uncovered || all.peek().is_none() {
            continue;
        }
        let mut letters = name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        let _ = writeln!(
            out,
            "\n## {}{}",
            first.unwrap_or_default(),
            letters.as_str()
        );
        let mut rows: Vec<(crate::plan::document::Lines, &str)> = Vec::new();
        for one in all {
            match rows.last_mut() {
                Some((lines, reason))
                    if *reason == one.reason && lines.end + 1 >= one.lines.start =>
                {
                    lines.end = one.lines.end;
                }
                _ => rows.push((one.lines, &one.reason)),
            }
        }
        for (lines, reason) in rows {
            let _ = writeln!(out, "- {}: {}", ranges::shown(lines), one_line(reason));
        }
    }
}
