//! A plan as a Markdown document for an editor. Writes only what [`super::parse`] reads.

use std::fmt::Write;

use super::canonical_line::{comment_safe, one_line, without_blank_ends};
use super::field_names::Field;
use super::line_syntax::guarded_title;
use super::task_fields::{PlanIndex, Target, TaskFields};
use crate::plan::document::Lines;
use crate::plan::draft::EdgeClass;
use crate::plan::{Plan, Planned};

const HELP: &str = "\
<!--
Edit this plan, save it and close the editor. An empty file changes nothing.

Change       a title, a field, the description (lines with `>`), the bullets below `Acceptance:`.
Add a task   with a heading without a number, `### Title`, and bullets below `Acceptance:`.
             Other tasks can wait for it if it has a name: `### new-1. Title`.
Remove one   by deleting its section or striking through its heading: `### ~~3. Title~~`.
             Its test task is removed with it.
Order        by moving sections; a task below the heading of another stream moves to that stream.
Streams      are renamed in their headings, and added with `## Stream: name`.

type: feature, bug, chore, docs, test, spike, story     estimate: XS, S, M, L, XL
risk: low, medium, high     validation: test-first, test-after, test-parallel, none
waits for: 1, 2 (soft)      a soft wait warns, others block
priority: 0 (highest) to 4
auto_policy: none, plan, develop, review
points, priority, waits for, milestone, paths and auto_policy can be left out.
Keep the numbers of tasks and the lines `tests`.
-->
";

/// The plan as a Markdown document for editing; [`super::parse`] reads it back.
pub fn render(plan: &Plan) -> String {
    let index = PlanIndex::of(plan);
    let mut out = String::from(HELP);
    if !index.labels.is_empty() {
        let labels = comment_safe(&index.labels_in_order().join(", "));
        let _ = writeln!(out, "<!-- Milestones: {labels} -->");
    }
    let _ = writeln!(out, "\n{}", joined("#", &one_line(&plan.title)));
    let mut stream: Option<String> = None;
    for planned in &index.shown {
        let content = index.content(planned);
        if stream.as_ref() != Some(&content.stream) {
            let _ = writeln!(out, "\n{}", joined("## Stream:", &content.stream));
        }
        write_task(&mut out, &index, planned, &content);
        stream = Some(content.stream);
    }
    out
}

fn write_task(out: &mut String, index: &PlanIndex<'_>, planned: &Planned, content: &TaskFields) {
    let heading = format!("### {}.", planned.number);
    let title = guarded_title(&content.title);
    let _ = writeln!(out, "\n{}", joined(&heading, &title));
    if let Some(frozen_state) = PlanIndex::frozen_state(planned) {
        let gone = match planned.is_gone && planned.item.is_some() {
            true => ", and no longer in the document",
            false => "",
        };
        let frozen_state = comment_safe(&frozen_state);
        let _ = writeln!(
            out,
            "<!-- This task is {frozen_state}{gone}. Only its position and stream can be changed here. -->"
        );
    }
    for (field, value) in fields(index, content) {
        let _ = writeln!(out, "{}", joined(&format!("{}:", field.name()), &value));
    }
    let description = without_blank_ends(planned.task.description.split('\n'));
    if !description.is_empty() {
        out.push('\n');
    }
    for line in description {
        let _ = writeln!(out, "{}", joined(">", line));
    }
    out.push_str("\nAcceptance:\n");
    for criterion in &content.acceptance {
        let _ = writeln!(out, "- [ ] {criterion}");
    }
    if let Some(source) = source(planned) {
        let _ = writeln!(out, "\n<!-- {source} -->");
    }
}

/// The non-empty fields of a task.
fn fields(index: &PlanIndex<'_>, content: &TaskFields) -> Vec<(Field, String)> {
    let word = |word: Option<&str>| word.map(str::to_string);
    let label = |key: &String| index.labels.get(key.as_str()).cloned();
    let waits: Vec<String> = content
        .waits
        .iter()
        .map(|(on, class)| wait(on, *class))
        .collect();
    let paths: Vec<String> = content
        .paths
        .iter()
        .map(|path| guarded_path(path))
        .collect();
    let list = |all: Vec<String>| (!all.is_empty()).then(|| all.join(", "));
    [
        (Field::Type, word(content.item_type)),
        (Field::Estimate, word(content.estimate)),
        (Field::Points, content.points.map(|n| n.to_string())),
        (Field::Priority, word(content.priority)),
        (Field::Risk, word(content.risk)),
        (Field::Validation, word(content.validation)),
        (Field::Waits, list(waits)),
        (Field::Tests, content.tests.map(|n| n.to_string())),
        (Field::Milestone, content.milestone.as_ref().and_then(label)),
        (Field::Paths, list(paths)),
        (
            Field::AutoPolicy,
            word(content.auto_policy.filter(|policy| *policy != "none")),
        ),
    ]
    .into_iter()
    .filter_map(|(field, value)| Some((field, value?)))
    .collect()
}

fn wait(on: &Target, class: EdgeClass) -> String {
    match class {
        EdgeClass::Hard => on.name(),
        EdgeClass::Soft => format!("{} (soft)", on.name()),
    }
}

/// A path as written in a list, quoted if it would be misread.
fn guarded_path(path: &str) -> String {
    if !path.contains([',', '"', '`']) {
        return path.to_string();
    }
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The origin of a task.
fn source(planned: &Planned) -> Option<String> {
    let task = &planned.task;
    let mut parts: Vec<String> = Vec::new();
    match (&planned.added_by, task.lines) {
        (Some(who), _) => parts.push(format!("added by {who}")),
        (None, Lines { start: 0, .. }) => {}
        (None, Lines { start, end }) if end > start => parts.push(format!("lines {start}-{end}")),
        (None, Lines { start, .. }) => parts.push(format!("line {start}")),
    }
    parts.extend(task.requirement.clone());
    parts.extend(task.covers.iter().cloned());
    (!parts.is_empty()).then(|| comment_safe(&parts.join(", ")))
}

/// Two texts separated by a space, without one at the end.
fn joined(mark: &str, text: &str) -> String {
    match text.is_empty() {
        true => mark.to_string(),
        false => format!("{mark} {text}"),
    }
}
