//! Reads a written plan line by line: the grammar of its text.
//!
//! It has sections of tasks below groups, and groups of statements that are not work. No comparison
//! with an existing plan or its document.

use super::problem::Problems;
use crate::model::text::{one_line, shorten};
use crate::plan::document::Lines;
use crate::plan::draft::Disposition;
use crate::plan::line_ranges as ranges;

/// A written plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    /// The title of the plan.
    pub title: Option<String>,
    /// The first digits of the SHA-256 of the document that it was written for.
    pub document: Option<String>,
    /// The version of the plan that its author saw.
    pub version: Option<String>,
    /// The sections of tasks.
    pub tasks: Vec<Section>,
    /// The names of tasks that are struck out.
    pub struck: Vec<(u32, String)>,
    /// The names of tasks that have no section any more, of a text that another one is compared with.
    pub gone: Vec<String>,
    /// Statements that are not work.
    pub asides: Vec<Aside>,
}

impl Text {
    /// True if it asks for nothing.
    pub(super) fn is_empty(&self) -> bool {
        let none = self.tasks.is_empty() && self.struck.is_empty() && self.asides.is_empty();
        none && self.title.is_none()
    }
}

/// The section of a task.
#[derive(Clone, Debug, Default)]
pub(super) struct Section {
    /// The line of its heading.
    pub line: u32,
    pub name: String,
    pub title: String,
    /// The heading above it.
    pub group: Option<String>,
    /// Its fields with their lines.
    pub fields: Vec<(u32, Field, String)>,
    /// The quoted lines.
    pub description: Vec<String>,
    pub criteria: Vec<Bullet>,
    /// The parts that are those of the text before the edit.
    pub same: Same,
    /// Set if criteria and waits that it does not have are gone, not only left out.
    pub is_complete: bool,
}

/// The parts of a section that an edit left alone: they do not undo what others change meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Same {
    pub title: bool,
    pub description: bool,
    pub after: bool,
    pub criteria: bool,
}

/// A bullet of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bullet {
    pub line: u32,
    /// The lines of the document that it takes; none for an invented criterion.
    pub lines: Vec<Lines>,
    /// Its own words.
    pub text: String,
    /// Set if the lines have an `L`.
    pub is_marked: bool,
    /// The bullet as it stands.
    pub whole: String,
}

/// Lines of the document that are not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Aside {
    pub line: u32,
    pub disposition: Disposition,
    pub lines: Vec<Lines>,
    pub reason: String,
}

/// A field of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Lines,
    After,
    Estimate,
    Points,
    Priority,
    Risk,
    Validation,
    Type,
    Paths,
    Stream,
    Milestone,
    AutoPolicy,
}

/// The names of fields, the one that is written first.
const FIELDS: [(Field, &[&str]); 12] = [
    (Field::Lines, &["lines", "line"]),
    (Field::After, &["after", "depends_on", "depends on"]),
    (Field::Estimate, &["size", "estimate"]),
    (Field::Points, &["points"]),
    (Field::Priority, &["priority"]),
    (Field::Risk, &["risk"]),
    (Field::Validation, &["validation"]),
    (Field::Type, &["type"]),
    (Field::Paths, &["paths", "files"]),
    (Field::Stream, &["stream"]),
    (Field::Milestone, &["milestone"]),
    (Field::AutoPolicy, &["auto_policy"]),
];

/// The headings above statements that are not work. The first of each disposition is written.
pub(super) const ASIDES: [(Disposition, &[&str]); 8] = [
    (Disposition::Context, &["not work", "context"]),
    (Disposition::Deferred, &["deferred", "later"]),
    (
        Disposition::NonGoal,
        &["not to be done", "non-goals", "guards"],
    ),
    (Disposition::Done, &["done"]),
    (Disposition::Question, &["questions"]),
    (Disposition::Risk, &["risks"]),
    (Disposition::Constraint, &["constraints"]),
    (Disposition::Uncovered, &["open"]),
];

impl Field {
    /// The name that is written.
    pub(super) fn name(self) -> &'static str {
        let found = FIELDS.iter().find(|(field, _)| *field == self);
        found
            .and_then(|(_, names)| names.first())
            .copied()
            .unwrap_or_default()
    }

    /// The field at the beginning of a line, and the text after its colon.
    fn at_start(line: &str) -> Option<(Field, &str)> {
        let (name, value) = line.split_once(':')?;
        let name = name.trim().to_ascii_lowercase().replace('-', "_");
        let found = FIELDS
            .iter()
            .find(|(_, names)| names.contains(&name.as_str()));
        found.map(|(field, _)| (*field, value))
    }
}

/// The comment with the text's document and plan.
pub(super) const HEADER: &str = "<!-- document ";

/// Reads a text.
pub(super) fn read(text: &str, problems: &mut Problems) -> Text {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        out: Text::default(),
        group: None,
        place: Place::Top,
        in_comment: false,
        problems,
    };
    for (at, line) in text.lines().enumerate() {
        reader.line(u32::try_from(at + 1).unwrap_or(u32::MAX), line);
    }
    reader.out
}

/// The position of a line in the text.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Above the first section, or below a group heading.
    Top,
    /// In a task.
    Task,
    /// In statements that are not work.
    Aside(Disposition),
    /// Below a heading that is struck out or already a problem.
    Ignored,
}

struct Reader<'r> {
    out: Text,
    group: Option<String>,
    place: Place,
    in_comment: bool,
    problems: &'r mut Problems,
}

impl Reader<'_> {
    fn line(&mut self, number: u32, line: &str) {
        let bare = line.trim();
        if self.in_comment {
            self.in_comment = !bare.ends_with("-->");
            return;
        }
        if let Some(header) = bare.strip_prefix(HEADER) {
            return self.header(header);
        }
        if bare.starts_with("<!--") {
            self.in_comment = !bare.ends_with("-->");
            return;
        }
        if bare.is_empty() {
            return;
        }
        if let Some((level, text)) = heading(bare) {
            return self.heading(number, level, text);
        }
        match self.place {
            Place::Ignored => {}
            Place::Top => {
                self.problems.add(
                    number,
                    format!("`{}` does not belong to a task", shorten(bare, 60)),
                    "a task begins with a heading, `### name. Title`; notes to yourself go into `<!-- … -->`",
                );
                // Once for all lines up to the next heading.
                self.place = Place::Ignored;
            }
            Place::Task => self.in_task(number, line, bare),
            Place::Aside(disposition) => self.aside(number, bare, disposition),
        }
    }

    fn header(&mut self, header: &str) {
        let words: Vec<&str> = header.split_whitespace().collect();
        self.out.document = words.first().map(|word| (*word).to_owned());
        let plan = words.iter().position(|word| *word == "plan");
        self.out.version = plan
            .and_then(|at| words.get(at + 1))
            .map(|word| (*word).to_owned());
    }

    fn heading(&mut self, number: u32, level: usize, text: &str) {
        match level {
            1 if self.out.title.is_none() && self.out.tasks.is_empty() => {
                self.out.title = Some(tidy(text));
                self.place = Place::Top;
            }
            2 => {
                let word = text.trim_end_matches(':').to_lowercase();
                let aside = ASIDES
                    .iter()
                    .find(|(_, names)| names.contains(&word.as_str()));
                self.place = match aside {
                    Some((disposition, _)) => Place::Aside(*disposition),
                    None => {
                        self.group = Some(tidy(text));
                        Place::Top
                    }
                };
            }
            3 => self.task(number, text),
            _ => {
                self.problems.add(
                    number,
                    format!("the heading `{}` has level {level}", shorten(text, 60)),
                    "`#` is the title, `##` a group, `###` a task; quote headings of a description: `> # …`",
                );
                self.place = Place::Ignored;
            }
        }
    }

    fn task(&mut self, number: u32, text: &str) {
        if let Some(inside) = text.strip_prefix("~~").and_then(|t| t.strip_suffix("~~")) {
            let name = split_name(inside).map_or(inside, |(name, _)| name);
            self.out.struck.push((number, name.trim().to_lowercase()));
            self.place = Place::Ignored;
            return;
        }
        let Some((name, title)) = split_name(text) else {
            self.problems.add(
                number,
                format!("the task `{}` has no name", shorten(text, 60)),
                "write `### name. Title`, with a name of small letters, digits and hyphens",
            );
            self.place = Place::Ignored;
            return;
        };
        self.out.tasks.push(Section {
            line: number,
            name: name.to_lowercase(),
            title: tidy(title),
            group: self.group.clone(),
            ..Section::default()
        });
        self.place = Place::Task;
    }

    fn in_task(&mut self, number: u32, line: &str, bare: &str) {
        let Some(section) = self.out.tasks.last_mut() else {
            return;
        };
        if let Some(quoted) = bare.strip_prefix('>') {
            let quoted = quoted.strip_prefix(' ').unwrap_or(quoted);
            section.description.push(quoted.to_owned());
            return;
        }
        if let Some(text) = bullet(bare) {
            let lower = text.to_lowercase();
            let mut waits = ["depends on", "depends_on", "after:"].into_iter();
            if waits.any(|word| lower.starts_with(word)) {
                self.problems.add(
                    number,
                    format!("`- {}` would be a criterion", shorten(text, 60)),
                    "what a task waits for is a field, without `- `: `after: NAME, OTHER`",
                );
                return;
            }
            section.criteria.push(criterion(number, text));
            return;
        }
        let is_indented = line.starts_with([' ', '\t']);
        if let Some(last) = section.criteria.last_mut().filter(|_| is_indented) {
            for text in [&mut last.text, &mut last.whole] {
                text.push(' ');
                text.push_str(bare);
            }
            return;
        }
        let fields = fields(bare);
        if !fields.is_empty() {
            let fields = fields.into_iter();
            section
                .fields
                .extend(fields.map(|(field, value)| (number, field, value)));
            return;
        }
        if bare
            .trim_end_matches(':')
            .eq_ignore_ascii_case("acceptance")
        {
            return;
        }
        let names: Vec<&str> = FIELDS.iter().map(|(field, _)| field.name()).collect();
        self.problems.add(
            number,
            format!("`{}` is neither a field nor a criterion", shorten(bare, 60)),
            format!(
                "a criterion begins with `- `, a description with `> `; fields: {}",
                names.join(", ")
            ),
        );
    }

    fn aside(&mut self, number: u32, bare: &str, disposition: Disposition) {
        let text = bullet(bare).unwrap_or(bare);
        let (list, reason) = text.split_once(':').unwrap_or((text, ""));
        match ranges::parse(list) {
            Some(lines) => self.out.asides.push(Aside {
                line: number,
                disposition,
                lines,
                reason: tidy(reason),
            }),
            None => self.problems.add(
                number,
                format!("`{}` does not begin with lines", shorten(bare, 60)),
                "name lines of the document and the reason: `- 11-47: repository layout`",
            ),
        }
    }
}

/// The level and the text of a heading.
fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let text = line.get(level..)?;
    ((1..=6).contains(&level) && (text.is_empty() || text.starts_with([' ', '\t'])))
        .then(|| (level, text.trim().trim_end_matches('#').trim_end()))
}

/// The name and the title of a task's heading.
fn split_name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(['.', ':'])?;
    let (name, title) = (text.get(..end)?.trim(), text.get(end + 1..)?.trim());
    (is_name(name) && !title.is_empty()).then_some((name, title))
}

/// True for a name of a task: letters, digits and hyphens.
pub(super) fn is_name(name: &str) -> bool {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=40).contains(&name.len()) && name.bytes().all(valid) && !name.starts_with('-')
}

/// The text of a bullet, without its check box.
fn bullet(line: &str) -> Option<&str> {
    let text = line.strip_prefix(['-', '*', '+'])?;
    let text = text.strip_prefix([' ', '\t'])?.trim();
    let boxed = ["[ ] ", "[x] ", "[X] "]
        .iter()
        .find_map(|mark| text.strip_prefix(mark));
    Some(boxed.unwrap_or(text).trim())
}

/// A criterion: `L67`, `L71: text`, `11, 13: text`, or a text of its own.
fn criterion(line: u32, text: &str) -> Bullet {
    let (list, words) = text.split_once(':').unwrap_or((text, ""));
    let lines = ranges::parse(list);
    // A bare number without a text could be the criterion itself.
    let is_list = list.starts_with(['L', 'l']) || text.contains(':');
    match lines.filter(|_| is_list) {
        Some(lines) => Bullet {
            line,
            lines,
            text: tidy(words),
            is_marked: list.starts_with(['L', 'l']),
            whole: tidy(text),
        },
        None => Bullet {
            line,
            lines: Vec::new(),
            text: tidy(text),
            is_marked: false,
            whole: tidy(text),
        },
    }
}

/// The fields of a line: several are separated by two spaces or more.
fn fields(line: &str) -> Vec<(Field, String)> {
    let mut found: Vec<(Field, String)> = Vec::new();
    // A short value can be followed by a field after a single space, too.
    let mut line = line.replace('\t', "  ");
    for (field, names) in FIELDS {
        let is_list = matches!(field, Field::After | Field::Paths | Field::Lines);
        for name in names.iter().filter(|name| !is_list && !name.contains(' ')) {
            if !line.trim_start().to_ascii_lowercase().starts_with("after") {
                line = line.replace(&format!(" {name}: "), &format!("  {name}: "));
            }
        }
    }
    for part in line.split("  ") {
        let part = part.trim();
        match (Field::at_start(part), found.last_mut()) {
            (Some((field, value)), _) => found.push((field, tidy(value))),
            (None, Some((_, value))) if !part.is_empty() => {
                value.push(' ');
                value.push_str(part);
            }
            (None, None) if !part.is_empty() => return Vec::new(),
            _ => {}
        }
    }
    found
}

/// A text on one line, without spaces at its ends.
fn tidy(text: &str) -> String {
    one_line(text.trim())
}
