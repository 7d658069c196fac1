//! From the sections of an edited text to what they say of each task, in the form of a [`Sheet`].
//! What has no meaning is a problem; the task is taken as it was then.

use std::collections::{BTreeMap, BTreeSet};

use super::canonical_line::{one_line, paragraphs, quoted, without_blank_ends};
use super::field_names::Field;
use super::line_syntax::{self, Entry};
use super::problem::Problems;
use super::sheet::{Book, Sheet, Target};
use super::text_sections::{Outline, Section};
use crate::plan::Planned;

/// What the text says.
#[derive(Debug, Default)]
pub(super) struct Edited<'p> {
    /// The title of the plan; nothing where it is missing.
    pub(super) title: Option<(u32, String)>,
    /// Tasks of the plan and new ones, in the order of their sections.
    pub(super) tasks: Vec<Sketch<'p>>,
    /// Tasks of the plan whose headings are struck, and where.
    pub(super) struck: BTreeMap<u32, u32>,
}

/// What the text says of one task.
#[derive(Debug)]
pub(super) struct Sketch<'p> {
    pub(super) task: Target,
    /// What the plan has; nothing for a new task.
    pub(super) planned: Option<&'p Planned>,
    pub(super) sheet: Sheet,
    /// The text of several lines as it was written.
    pub(super) description: String,
    pub(super) lines: SketchLines,
}

/// Where the text says it.
#[derive(Debug, Default)]
pub(super) struct SketchLines {
    pub(super) heading: u32,
    pub(super) description: u32,
    pub(super) acceptance: u32,
    pub(super) fields: BTreeMap<Field, u32>,
}

impl SketchLines {
    /// The line of a field, or of the heading where it is missing.
    pub(super) fn of(&self, field: Field) -> u32 {
        self.fields.get(&field).copied().unwrap_or(self.heading)
    }
}

/// Reads all sections.
pub(super) fn read<'p>(outline: Outline, book: &Book<'p>, problems: &mut Problems) -> Edited<'p> {
    let mut out = Edited {
        title: outline.title,
        ..Edited::default()
    };
    let sections = identified(outline.sections, book, &mut out, problems);
    let names: BTreeSet<&Target> = sections.iter().map(|(target, ..)| target).collect();
    let mut tasks = Vec::with_capacity(sections.len());
    for (target, planned, section) in &sections {
        let mut reader = Reader {
            book,
            planned: *planned,
            base: planned.map(|p| book.sheet(p)).unwrap_or_default(),
            sheet: Sheet::default(),
            heading: section.line,
            names: &names,
            problems,
        };
        let lines = reader.read(target, section);
        let raw = section.description.iter().map(String::as_str);
        tasks.push(Sketch {
            task: target.clone(),
            planned: *planned,
            sheet: reader.sheet,
            description: without_blank_ends(raw).join("\n"),
            lines,
        });
    }
    out.tasks = tasks;
    out
}

type Identified<'p> = (Target, Option<&'p Planned>, Section);

/// Which section is of which task. Struck ones are left out, and such as nobody can tell apart.
fn identified<'p>(
    sections: Vec<Section>,
    book: &Book<'p>,
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
            (Some(number), _) if !book.by_number.contains_key(&number) => {
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
                "Task {} has a section in line {first} already.",
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
                let planned = book.by_number.get(number).copied();
                kept.push((target, planned, section));
            }
            (Target::New(_), false) => kept.push((target, None, section)),
        }
    }
    kept
}

struct Reader<'r, 'p> {
    book: &'r Book<'p>,
    planned: Option<&'p Planned>,
    /// What the plan says; what nobody wrote of a new task.
    base: Sheet,
    sheet: Sheet,
    heading: u32,
    /// The tasks that the text speaks of.
    names: &'r BTreeSet<&'r Target>,
    problems: &'r mut Problems,
}

impl Reader<'_, '_> {
    fn read(&mut self, target: &Target, section: &Section) -> SketchLines {
        let lines = SketchLines {
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
            // A name with nothing behind it is no field.
            if !value.is_empty() {
                self.field(*line, *field, value, target);
            }
        }
        self.missing(section);
        self.sheet.description = paragraphs(&section.description.join("\n"));
        let texts = section.acceptance.iter().map(|text| one_line(text));
        self.sheet.acceptance = texts.filter(|text| !text.is_empty()).collect();
        if self.sheet.acceptance.is_empty() && !self.is_as_it_was(|s| s.acceptance.is_empty()) {
            self.problem(
                lines.acceptance,
                format!("{} says nowhere what has to hold.", self.who()),
                "Write a line `Acceptance:` and below it at least one line that begins with `- `.",
            );
        }
        lines
    }

    /// Whether the plan has it like this: then it is no problem of the text.
    fn is_as_it_was(&self, is_so: impl Fn(&Sheet) -> bool) -> bool {
        self.planned.is_some() && is_so(&self.base)
    }

    fn who(&self) -> String {
        match self.planned {
            Some(planned) => format!("Task {}", planned.number),
            None => "The new task".into(),
        }
    }

    fn title(&mut self, section: &Section) {
        self.sheet.title = section.heading.title.clone();
        if self.sheet.title.is_empty() && !self.is_as_it_was(|s| s.title.is_empty()) {
            self.problem(
                section.line,
                "This task has no title.",
                "Say in a few words what to do: `### 3. Title`, or `### Title` for a new task.",
            );
        }
    }

    fn stream(&mut self, section: &Section) {
        self.sheet.stream = section.stream.clone().unwrap_or_default();
        if self.sheet.stream.is_empty() && !self.is_as_it_was(|s| s.stream.is_empty()) {
            self.problem(
                section.line,
                format!("{} is of no stream.", self.who()),
                "Write a heading `## Stream: name` above it, or move it below one.",
            );
        }
    }

    fn field(&mut self, line: u32, field: Field, value: &str, own: &Target) {
        match field {
            Field::Type => self.sheet.item_type = self.word(line, field, value),
            Field::Estimate => self.sheet.estimate = self.word(line, field, value),
            Field::Risk => self.sheet.risk = self.word(line, field, value),
            Field::Validation => self.sheet.validation = self.word(line, field, value),
            Field::AutoPolicy => self.sheet.auto_policy = self.word(line, field, value),
            Field::Paths => self.sheet.paths = line_syntax::paths(value),
            Field::Points => match value.parse() {
                Ok(points) => self.sheet.points = Some(points),
                Err(_) => self.problem(
                    line,
                    format!("{} is no number of points.", quoted(value)),
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
                format!("{} is no word for `{}`.", quoted(value), field.name()),
                format!(
                    "Write one of: {}. A line of the text has `> ` in front.",
                    field.words().join(", ")
                ),
            );
        }
        word
    }

    fn milestone(&mut self, line: u32, value: &str) {
        let plain = value.to_lowercase();
        let mut found = self.book.labels.iter();
        let found = found.find(|(key, label)| **key == value || label.to_lowercase() == plain);
        match found {
            Some((key, _)) => self.sheet.milestone = Some((*key).to_string()),
            None => {
                let labels = self.book.labels_in_order();
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
                        format!("{} names no task.", quoted(&text)),
                        "Write numbers with commas between them, such as `waits for: 1, 2 (soft), new-1`.",
                    );
                    continue;
                }
            };
            let is_known = match &target {
                Target::Task(number) => self.book.by_number.contains_key(number),
                Target::New(_) => self.names.contains(&target),
            };
            if !is_known {
                self.problem(
                    line,
                    format!("There is no task {} to wait for.", target.name()),
                    "Write the number of a task of the plan, or the name of a new one: `### new-1. Title`.",
                );
            } else if target == *own {
                self.problem(
                    line,
                    "A task cannot wait for itself.",
                    "Take its number out.",
                );
            } else if self
                .sheet
                .waits
                .get(&target)
                .is_some_and(|known| *known != class)
            {
                self.problem(
                    line,
                    format!("Task {} stands here as hard and as soft.", target.name()),
                    "Write it once; `(soft)` behind it warns, without it blocks.",
                );
            } else {
                self.sheet.waits.insert(target, class);
            }
        }
    }

    fn tests(&mut self, line: u32, value: &str) {
        self.sheet.tests = self.base.tests;
        let (message, hint) = match self.base.tests {
            Some(number) if value == number.to_string() => return,
            Some(number) => (
                "What a task tests cannot be changed here.".to_string(),
                format!("Write `tests: {number}` again."),
            ),
            None => (
                format!("{} cannot be made the test of another here.", self.who()),
                "Delete the line; `validation` of the other task brings a test task.".to_string(),
            ),
        };
        self.problem(line, message, hint);
    }

    /// Fields that are not there: most are empty then, some cannot be.
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
            self.sheet.auto_policy = Some("none");
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
                format!("Task {number} has no `{name}`, which cannot be empty."),
                format!("Write a line `{name}: {value}` below the heading."),
            );
        }
    }

    fn problem(&mut self, line: u32, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.add(line, message, hint);
    }
}
