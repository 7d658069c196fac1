//! Converts the sections of an edited text to a [`TaskFields`] for each task. An invalid value is a
//! problem; the unedited value is used instead.

use std::collections::{BTreeMap, BTreeSet};

use super::canonical_line::{one_line, paragraphs, quoted, without_blank_ends};
use super::field_names::Field;
use super::line_syntax::{self, Entry};
use super::problem::Problems;
use super::task_fields::{PlanIndex, Target, TaskFields};
use super::text_sections::{Outline, Section};
use crate::plan::Planned;

/// The contents of the edited text.
#[derive(Debug, Default)]
pub(super) struct Edited<'p> {
    /// The title of the plan, if present.
    pub(super) title: Option<(u32, String)>,
    /// Existing and new tasks, in the order of their sections.
    pub(super) tasks: Vec<EditedTask<'p>>,
    /// Tasks with a struck heading, and its line.
    pub(super) struck: BTreeMap<u32, u32>,
}

/// A task in the edited text.
#[derive(Debug)]
pub(super) struct EditedTask<'p> {
    pub(super) task: Target,
    /// The task in the plan; `None` for a new task.
    pub(super) planned: Option<&'p Planned>,
    pub(super) content: TaskFields,
    /// The description as written.
    pub(super) description: String,
    pub(super) lines: EditedLines,
}

/// The lines of a task's parts.
#[derive(Debug, Default)]
pub(super) struct EditedLines {
    pub(super) heading: u32,
    pub(super) description: u32,
    pub(super) acceptance: u32,
    pub(super) fields: BTreeMap<Field, u32>,
}

impl EditedLines {
    /// The line of a field, or of the heading if the field is missing.
    pub(super) fn of(&self, field: Field) -> u32 {
        self.fields.get(&field).copied().unwrap_or(self.heading)
    }
}

/// Reads all sections.
pub(super) fn read<'p>(
    outline: Outline,
    index: &PlanIndex<'p>,
    problems: &mut Problems,
) -> Edited<'p> {
    let mut out = Edited {
        title: outline.title,
        ..Edited::default()
    };
    let sections = identified(outline.sections, index, &mut out, problems);
    let names: BTreeSet<&Target> = sections.iter().map(|(target, ..)| target).collect();
    let mut tasks = Vec::with_capacity(sections.len());
    for (target, planned, section) in &sections {
        let mut reader = Reader {
            index,
            planned: *planned,
            base: planned.map(|p| index.content(p)).unwrap_or_default(),
            content: TaskFields::default(),
            heading: section.line,
            names: &names,
            problems,
        };
        let lines = reader.read(target, section);
        let raw = section.description.iter().map(String::as_str);
        tasks.push(EditedTask {
            task: target.clone(),
            planned: *planned,
            content: reader.content,
            description: without_blank_ends(raw).join("\n"),
            lines,
        });
    }
    out.tasks = tasks;
    out
}

type Identified<'p> = (Target, Option<&'p Planned>, Section);

/// Assigns sections to tasks, without struck and ambiguous ones.
fn identified<'p>(
    sections: Vec<Section>,
    index: &PlanIndex<'p>,
    out: &mut Edited<'p>,
    problems: &mut Problems,
) -> Vec<Identified<'p>> {
    const NEW: &str = "A new task has no number: `### Title`; to begin its title with one, write `### \\3. Title`.";
    let mut first_at: BTreeMap<Target, u32> = BTreeMap::new();
    let mut taken: BTreeSet<String> = sections
        .iter()
        .filter_map(|section| section.heading.name.clone())
        .collect();
    let mut counter = 0;
    let mut kept = Vec::new();
    for section in sections {
        let line = section.line;
        let target = match (section.heading.number, &section.heading.name) {
            (Some(number), _) if !index.by_number.contains_key(&number) => {
                problems.add(line, "The plan has no task with this number.", NEW);
                continue;
            }
            (Some(number), _) => Target::Task(number),
            (None, Some(name)) => Target::New(name.clone()),
            (None, None) if section.heading.is_struck => continue,
            (None, None) => {
                let name = loop {
                    counter += 1;
                    let name = format!("new-{counter}");
                    if taken.insert(name.clone()) {
                        break name;
                    }
                };
                Target::New(name)
            }
        };
        if let Some(first) = first_at.get(&target) {
            let message = format!(
                "Task {} already has a section on line {first}.",
                target.name()
            );
            problems.add(line, message, NEW);
            continue;
        }
        first_at.insert(target.clone(), line);
        match (&target, section.heading.is_struck) {
            (Target::Task(number), true) => {
                out.struck.insert(*number, line);
            }
            (Target::New(_), true) => {}
            (Target::Task(number), false) => {
                let planned = index.by_number.get(number).copied();
                kept.push((target, planned, section));
            }
            (Target::New(_), false) => kept.push((target, None, section)),
        }
    }
    kept
}

struct Reader<'r, 'p> {
    index: &'r PlanIndex<'p>,
    planned: Option<&'p Planned>,
    /// The values in the plan, or the defaults of a new task.
    base: TaskFields,
    content: TaskFields,
    heading: u32,
    /// The tasks in the text.
    names: &'r BTreeSet<&'r Target>,
    problems: &'r mut Problems,
}

impl Reader<'_, '_> {
    fn read(&mut self, target: &Target, section: &Section) -> EditedLines {
        let lines = EditedLines {
            heading: section.line,
            description: section.description_line.unwrap_or(section.line),
            acceptance: section.acceptance_line.unwrap_or(section.line),
            fields: section
                .fields
                .iter()
                .map(|(line, field, _)| (*field, *line))
                .collect(),
        };
        self.title(section);
        self.stream(section);
        for (line, field, value) in &section.fields {
            // A name without a value is not a field.
            if !value.is_empty() {
                self.field(*line, *field, value, target);
            }
        }
        self.missing(section);
        self.content.description = paragraphs(&section.description.join("\n"));
        let texts = section.acceptance.iter().map(|text| one_line(text));
        self.content.acceptance = texts.filter(|text| !text.is_empty()).collect();
        if self.content.acceptance.is_empty() && !self.is_as_it_was(|s| s.acceptance.is_empty()) {
            self.problem(
                lines.acceptance,
                format!("{} has no acceptance criteria.", self.who()),
                "Write a line `Acceptance:` with at least one line that begins with `- ` below it.",
            );
        }
        lines
    }

    /// True if the plan already has the value, which is then not reported.
    fn is_as_it_was(&self, is_so: impl Fn(&TaskFields) -> bool) -> bool {
        self.planned.is_some() && is_so(&self.base)
    }

    fn who(&self) -> String {
        match self.planned {
            Some(planned) => format!("Task {}", planned.number),
            None => "The new task".into(),
        }
    }

    fn title(&mut self, section: &Section) {
        self.content.title = section.heading.title.clone();
        if self.content.title.is_empty() && !self.is_as_it_was(|s| s.title.is_empty()) {
            self.problem(
                section.line,
                "This task has no title.",
                "Describe the work in a few words: `### 3. Title`, or `### Title` for a new task.",
            );
        }
    }

    fn stream(&mut self, section: &Section) {
        self.content.stream = section.stream.clone().unwrap_or_default();
        if self.content.stream.is_empty() && !self.is_as_it_was(|s| s.stream.is_empty()) {
            self.problem(
                section.line,
                format!("{} is not in a stream.", self.who()),
                "Write a heading `## Stream: name` above it, or move it below one.",
            );
        }
    }

    fn field(&mut self, line: u32, field: Field, value: &str, own: &Target) {
        match field {
            Field::Type => self.content.item_type = self.word(line, field, value),
            Field::Estimate => self.content.estimate = self.word(line, field, value),
            Field::Priority => self.content.priority = self.word(line, field, value),
            Field::Risk => self.content.risk = self.word(line, field, value),
            Field::Validation => self.content.validation = self.word(line, field, value),
            Field::AutoPolicy => self.content.auto_policy = self.word(line, field, value),
            Field::Paths => self.content.paths = line_syntax::paths(value),
            Field::Points => match value.parse() {
                Ok(points) => self.content.points = Some(points),
                Err(_) => self.problem(
                    line,
                    format!("{} is not a valid number of points.", quoted(value)),
                    "Write a whole number, such as `points: 3`, or delete the line.",
                ),
            },
            Field::Milestone => self.milestone(line, value),
            Field::Waits => self.waits(line, value, own),
            Field::Tests => self.tests(line, value),
        }
    }

    fn word(&mut self, line: u32, field: Field, value: &str) -> Option<&'static str> {
        let word = field.word(value);
        if word.is_none() {
            self.problem(
                line,
                format!("{} is not a valid `{}`.", quoted(value), field.name()),
                format!(
                    "Write one of: {}. If the line is part of the description, write `> ` before \
                     it.",
                    field.words().join(", ")
                ),
            );
        }
        word
    }

    fn milestone(&mut self, line: u32, value: &str) {
        let plain = value.to_lowercase();
        let mut found = self.index.labels.iter();
        let found = found.find(|(key, label)| **key == value || label.to_lowercase() == plain);
        match found {
            Some((key, _)) => self.content.milestone = Some((*key).to_string()),
            None => {
                let labels = self.index.labels_in_order();
                let hint = match labels.is_empty() {
                    true => "The plan has no milestones: delete the line.".into(),
                    false => format!("Write one of: {}; or delete the line.", labels.join(", ")),
                };
                let message = format!("The plan has no milestone {}.", quoted(value));
                self.problem(line, message, hint);
            }
        }
    }

    fn waits(&mut self, line: u32, value: &str, own: &Target) {
        for entry in line_syntax::waits(value) {
            let (target, class) = match entry {
                Entry::Task(number, class) => (Target::Task(number), class),
                Entry::New(name, class) => (Target::New(name), class),
                Entry::Unknown(text) => {
                    self.problem(
                        line,
                        format!("{} does not name a task.", quoted(&text)),
                        "Write numbers with commas between them, such as `waits for: 1, 2 (soft), new-1`.",
                    );
                    continue;
                }
            };
            let is_known = match &target {
                Target::Task(number) => self.index.by_number.contains_key(number),
                Target::New(_) => self.names.contains(&target),
            };
            if !is_known {
                self.problem(
                    line,
                    format!("There is no task {} to wait for.", target.name()),
                    "Write the number of a task of the plan, or the name of a new one: `### new-1. Title`.",
                );
            } else if target == *own {
                self.problem(line, "A task cannot wait for itself.", "Remove its number.");
            } else if self
                .content
                .waits
                .get(&target)
                .is_some_and(|known| *known != class)
            {
                self.problem(
                    line,
                    format!("Task {} is listed as both hard and soft.", target.name()),
                    "List it once: a dependency with `(soft)` only warns; one without `(soft)` \
                     blocks.",
                );
            } else {
                self.content.waits.insert(target, class);
            }
        }
    }

    fn tests(&mut self, line: u32, value: &str) {
        self.content.tests = self.base.tests;
        let (message, hint) = match self.base.tests {
            Some(number) if value == number.to_string() => return,
            Some(number) => (
                "The field `tests` cannot be changed here.".to_string(),
                format!("Restore the line `tests: {number}`."),
            ),
            None => (
                format!("{} cannot be made a test task here.", self.who()),
                "Delete the line; to add a test task, set the `validation` of the task to test."
                    .to_string(),
            ),
        };
        self.problem(line, message, hint);
    }

    /// Handles missing fields: most become empty, some are required.
    fn missing(&mut self, section: &Section) {
        let Some(planned) = self.planned else {
            return;
        };
        let number = planned.number;
        let said: BTreeSet<Field> = section
            .fields
            .iter()
            .filter(|(_, _, value)| !value.is_empty())
            .map(|(_, field, _)| *field)
            .collect();
        if !said.contains(&Field::AutoPolicy) {
            self.content.auto_policy = Some("none");
        }
        let tests = self.base.tests.map(|tested| tested.to_string());
        let wanted = [
            (Field::Type, self.base.item_type),
            (Field::Estimate, self.base.estimate),
            (Field::Risk, self.base.risk),
            (Field::Validation, self.base.validation),
            (Field::Tests, tests.as_deref()),
        ];
        for (field, value) in wanted {
            let Some(value) = value.filter(|_| !said.contains(&field)) else {
                continue;
            };
            let name = field.name();
            let at = section.fields.iter().find(|(_, known, _)| *known == field);
            self.problem(
                at.map_or(self.heading, |(line, ..)| *line),
                format!("Task {number} has no `{name}`, which is required."),
                format!("Write a line `{name}: {value}` below the heading."),
            );
        }
    }

    fn problem(&mut self, line: u32, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.add(line, message, hint);
    }
}
