//! A plan as a Markdown document for an editor. Writes what [`super::parse`] reads, and nothing
//! else.

use std::fmt::Write;

use super::canonical_line::{comment_safe, one_line, without_blank_ends};
use super::field_names::Field;
use super::line_syntax::guarded_title;
use super::sheet::{Book, Sheet, Target};
use crate::plan::document::Lines;
use crate::plan::draft::EdgeClass;
use crate::plan::{Plan, Planned};

const HELP: &str = "\
<!--
Edit this plan, save it and close the editor. An empty file changes nothing.

Change       a title, a field, the text (lines with `>`), the bullets below `Acceptance:`.
Add a task   with a heading without a number, `### Title`, and bullets below `Acceptance:`.
             Others wait for it by the name you give it: `### new-1. Title`.
Remove one   by deleting its section, or strike its heading: `### ~~3. Title~~`.
             The task that tests it goes with it.
Order        by moving sections; below another stream's heading a task is of that stream.
Streams      are renamed in their headings, and added with `## Stream: name`.

type: feature, bug, chore, docs, test, spike, story     estimate: XS, S, M, L, XL
risk: low, medium, high     validation: test-first, test-after, test-parallel, none
waits for: 1, 2 (soft)      a soft wait warns, others block
auto_policy: none, plan, develop, review
points, waits for, milestone, paths and auto_policy can be left out. Numbers and `tests` stay.
-->
";

/// The plan as one Markdown document that a person can edit; [`super::parse`] reads it back.
pub fn render(plan: &Plan) -> String {
    let book = Book::of(plan);
    let mut out = String::from(HELP);
    if !book.labels.is_empty() {
        let labels = comment_safe(&book.labels_in_order().join(", "));
        let _ = writeln!(out, "<!-- Milestones: {labels} -->");
    }
    let _ = writeln!(out, "\n{}", joined("#", &one_line(&plan.title)));
    let mut stream: Option<String> = None;
    for planned in &book.shown {
        let sheet = book.sheet(planned);
        if stream.as_ref() != Some(&sheet.stream) {
            let _ = writeln!(out, "\n{}", joined("## Stream:", &sheet.stream));
        }
        write_task(&mut out, &book, planned, &sheet);
        stream = Some(sheet.stream);
    }
    out
}

fn write_task(out: &mut String, book: &Book<'_>, planned: &Planned, sheet: &Sheet) {
    let heading = format!("### {}.", planned.number);
    let title = guarded_title(&sheet.title);
    let _ = writeln!(out, "\n{}", joined(&heading, &title));
    if let Some(became) = Book::became(planned) {
        let gone = match planned.is_gone && planned.item.is_some() {
            true => "; the document no longer speaks of it",
            false => "",
        };
        let became = comment_safe(&became);
        let _ = writeln!(
            out,
            "<!-- This is {became} now{gone}. Only its place and its stream can be changed here. -->"
        );
    }
    for (field, value) in fields(book, sheet) {
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
    for criterion in &sheet.acceptance {
        let _ = writeln!(out, "- [ ] {criterion}");
    }
    if let Some(source) = source(planned) {
        let _ = writeln!(out, "\n<!-- {source} -->");
    }
}

/// The fields of a task that say something.
fn fields(book: &Book<'_>, sheet: &Sheet) -> Vec<(Field, String)> {
    let word = |word: Option<&str>| word.map(str::to_string);
    let label = |key: &String| book.labels.get(key.as_str()).cloned();
    let waits: Vec<String> = sheet
        .waits
        .iter()
        .map(|(on, class)| wait(on, *class))
        .collect();
    let paths: Vec<String> = sheet.paths.iter().map(|path| guarded_path(path)).collect();
    let list = |all: Vec<String>| (!all.is_empty()).then(|| all.join(", "));
    [
        (Field::Type, word(sheet.item_type)),
        (Field::Estimate, word(sheet.estimate)),
        (Field::Points, sheet.points.map(|n| n.to_string())),
        (Field::Risk, word(sheet.risk)),
        (Field::Validation, word(sheet.validation)),
        (Field::Waits, list(waits)),
        (Field::Tests, sheet.tests.map(|n| n.to_string())),
        (Field::Milestone, sheet.milestone.as_ref().and_then(label)),
        (Field::Paths, list(paths)),
        (
            Field::AutoPolicy,
            word(sheet.auto_policy.filter(|policy| *policy != "none")),
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

/// A path as it stands in a list: in quotes where a reader of the list would take it for something
/// else.
fn guarded_path(path: &str) -> String {
    if !path.contains([',', '"', '`']) {
        return path.to_string();
    }
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Where a task comes from.
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

/// Two pieces with a blank between them, without a blank at the end.
fn joined(mark: &str, text: &str) -> String {
    match text.is_empty() {
        true => mark.to_string(),
        false => format!("{mark} {text}"),
    }
}
