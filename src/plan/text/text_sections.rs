//! The sections of an edited text with their lines, before any comparison. Each line is assigned to
//! a section; a line without one is a problem.

use super::canonical_line::{after_prefix, one_line, quoted};
use super::field_names::{FIELDS, Field};
use super::line_syntax::{self, Heading};
use super::problem::Problems;

/// The text as sections.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The title of the plan and its line.
    pub(super) title: Option<(u32, String)>,
    pub(super) sections: Vec<Section>,
    /// Set if the text has nothing but comments.
    pub(super) is_blank: bool,
}

/// The section of a task.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub(super) line: u32,
    pub(super) heading: Heading,
    /// The stream heading above it, if any.
    pub(super) stream: Option<String>,
    pub(super) fields: Vec<(u32, Field, String)>,
    pub(super) description: Vec<String>,
    pub(super) description_line: Option<u32>,
    pub(super) acceptance_line: Option<u32>,
    pub(super) acceptance: Vec<String>,
}

/// The position of a line in the text.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Outside of tasks.
    Outside,
    /// In a part that is skipped: below a heading that is struck or already a problem.
    Ignored,
    /// In the fields below a task's heading.
    Fields,
    /// In its description.
    Text,
    /// In its bullets; `is_open` if the next line may continue the last one.
    Bullets { is_open: bool },
}

/// Splits a text into sections.
pub(super) fn read(text: &str, problems: &mut Problems) -> Outline {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = without_comments(text, problems);
    let mut reader = Reader {
        out: Outline {
            is_blank: lines.iter().all(|(_, line)| line.trim().is_empty()),
            ..Outline::default()
        },
        stream: None,
        place: Place::Outside,
        problems,
    };
    for (number, line) in lines {
        reader.line(number, line);
    }
    reader.out
}

/// The lines with their numbers, without comments. A comment starts at the beginning of a line; one
/// that would contain a heading or another comment has no end, and contains nothing.
fn without_comments<'t>(text: &'t str, problems: &mut Problems) -> Vec<(u32, &'t str)> {
    let lines: Vec<&str> = text.split('\n').collect();
    let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
    let mut out = Vec::with_capacity(lines.len());
    let mut at = 0;
    let mut rest = lines.first().copied();
    while let Some(line) = rest {
        let Some(inside) = line.trim_start().strip_prefix("<!--") else {
            out.push((number(at), line));
            at += 1;
            rest = lines.get(at).copied();
            continue;
        };
        match end_of_comment(&lines, at, inside) {
            Some((end, after)) if after.trim().is_empty() => {
                at = end + 1;
                rest = lines.get(at).copied();
            }
            Some((end, after)) => {
                at = end;
                rest = Some(after);
            }
            None => {
                problems.add(
                    number(at),
                    "This comment is not closed.",
                    "End it with `-->`. To remove a task, delete its section or strike through its \
                     heading: `### ~~3. Title~~`.",
                );
                // The lines directly below are most likely part of it.
                let is_end = |line: &&str| {
                    let line = line.trim_start();
                    line.is_empty()
                        || line.starts_with("<!--")
                        || line_syntax::hashes(line).is_some()
                };
                let rest_of_it = lines.iter().skip(at + 1).take_while(|line| !is_end(line));
                at += 1 + rest_of_it.count();
                rest = lines.get(at).copied();
            }
        }
    }
    out
}

fn end_of_comment<'t>(lines: &[&'t str], at: usize, inside: &'t str) -> Option<(usize, &'t str)> {
    if let Some((_, after)) = inside.split_once("-->") {
        return Some((at, after));
    }
    for (n, line) in lines.iter().enumerate().skip(at + 1) {
        let is_heading =
            line_syntax::hashes(line.trim_start()).is_some_and(|(level, _)| level <= 3);
        let found = line.split_once("-->");
        let before = found.map_or(*line, |(before, _)| before);
        if is_heading || before.contains("<!--") {
            return None;
        }
        if let Some((_, after)) = found {
            return Some((n, after));
        }
    }
    None
}

struct Reader<'r> {
    out: Outline,
    stream: Option<String>,
    place: Place,
    problems: &'r mut Problems,
}

impl Reader<'_> {
    fn line(&mut self, number: u32, line: &str) {
        let line = line.trim_end_matches('\r');
        let bare = line.trim();
        if bare.is_empty() {
            return self.blank();
        }
        if let Some((level, text)) = line_syntax::hashes(bare)
            && self.is_heading(level, text)
        {
            return self.heading(number, level, text);
        }
        match self.place {
            Place::Ignored => {}
            Place::Outside => {
                self.problem(
                    number,
                    format!("{} does not belong to a task.", quoted(bare)),
                    "A task begins with a heading: `### Title`. Notes to yourself go into `<!-- … -->`.",
                );
                // Once for all lines up to the next heading.
                self.place = Place::Ignored;
            }
            _ => self.in_task(number, line, bare),
        }
    }

    /// True if a line with `#` at the front is a heading of the plan, not of a description.
    fn is_heading(&self, level: usize, text: &str) -> bool {
        level <= 3 || (line_syntax::numbered(text).is_some() && self.place != Place::Ignored)
    }

    fn heading(&mut self, number: u32, level: usize, text: &str) {
        match level {
            1 => self.title(number, text),
            2 => self.stream(number, text),
            3 => self.task(number, text),
            _ => {
                self.problem(
                    number,
                    format!("The heading {} has level {level}.", quoted(text)),
                    "The heading of a task has level 3: `### 3. Title`. Write `> ` before a \
                     heading in a description.",
                );
                self.place = Place::Ignored;
            }
        }
    }

    fn title(&mut self, number: u32, text: &str) {
        let is_first = self.out.title.is_none() && self.out.sections.is_empty();
        if is_first && self.stream.is_none() {
            self.out.title = Some((number, one_line(text)));
            self.place = Place::Outside;
            return;
        }
        self.problem(
            number,
            format!("{} is not the title of the plan.", quoted(text)),
            "The title is a heading with a single `#` at the top. The heading of a task has three. Write `> ` before one in a description.",
        );
        self.place = Place::Ignored;
    }

    fn stream(&mut self, number: u32, text: &str) {
        match after_prefix(text, "stream").map(str::trim_start) {
            Some(rest) if rest.starts_with(':') => {
                self.stream = Some(one_line(&rest[1..]));
                self.place = Place::Outside;
            }
            _ => {
                self.problem(
                    number,
                    format!("The heading {} does not name a stream.", quoted(text)),
                    "Write `## Stream: name`. The heading of a task has three `#`. Write `> ` before one in a description.",
                );
                self.place = Place::Ignored;
            }
        }
    }

    fn task(&mut self, number: u32, text: &str) {
        let heading = line_syntax::heading(text);
        if heading.is_half_struck {
            self.problem(
                number,
                "The strikethrough of this heading is not closed.",
                "Write `### ~~3. Title~~` to remove the task; a title that begins with `~~` needs `\\~~`.",
            );
        }
        self.place = match heading.is_struck {
            true => Place::Ignored,
            false => Place::Fields,
        };
        self.out.sections.push(Section {
            line: number,
            heading,
            stream: self.stream.clone(),
            ..Section::default()
        });
    }

    fn blank(&mut self) {
        let Some(section) = self.out.sections.last_mut() else {
            return;
        };
        match self.place {
            Place::Fields if !section.fields.is_empty() => self.place = Place::Text,
            Place::Text if !section.description.is_empty() => {
                section.description.push(String::new());
            }
            Place::Bullets { .. } => self.place = Place::Bullets { is_open: false },
            _ => {}
        }
    }

    fn in_task(&mut self, number: u32, line: &str, bare: &str) {
        let is_indented = line.starts_with(char::is_whitespace);
        let in_bullets = matches!(self.place, Place::Bullets { .. });
        if let Some(quote) = bare.strip_prefix('>') {
            // The untrimmed line is used, so that blanks at its end are kept.
            let quote = line.split_once('>').map_or(quote, |(_, quote)| quote);
            return self.description(number, quote.strip_prefix(' ').unwrap_or(quote));
        }
        if in_bullets && line_syntax::bullet(bare).is_some() {
            return self.in_bullets(number, bare, false);
        }
        if let Some(first) = line_syntax::acceptance(bare) {
            return self.acceptance(number, first);
        }
        if let Some((key, value)) =
            line_syntax::field(bare).filter(|_| !(in_bullets && is_indented))
        {
            if let Some(field) = Field::named(key) {
                return self.field(number, field, value);
            }
            if self.place == Place::Fields {
                return self.problem(
                    number,
                    format!("A task has no field {}.", quoted(key)),
                    format!(
                        "The fields are: {FIELDS}. Write `> ` before a line of the description."
                    ),
                );
            }
        }
        match self.place {
            Place::Bullets { is_open } => self.in_bullets(number, bare, is_open || is_indented),
            _ => {
                self.place = Place::Text;
                self.description(number, line);
            }
        }
    }

    fn in_bullets(&mut self, number: u32, bare: &str, goes_on: bool) {
        let Some(section) = self.out.sections.last_mut() else {
            return;
        };
        if line_syntax::is_rule(bare) {
            self.place = Place::Bullets { is_open: false };
        } else if let Some(text) = line_syntax::bullet(bare) {
            section.acceptance.push(text.to_string());
            self.place = Place::Bullets { is_open: true };
        } else if let Some(last) = section.acceptance.last_mut().filter(|_| goes_on) {
            last.push(' ');
            last.push_str(bare);
        } else {
            self.problem(
                number,
                format!("{} does not belong to a bullet.", quoted(bare)),
                "A criterion begins with `- `. Write `> ` before a line of the description.",
            );
            self.place = Place::Bullets { is_open: true };
            // The lines directly after it are included.
            if let Some(section) = self.out.sections.last_mut() {
                section.acceptance.push(String::new());
            }
        }
    }

    fn description(&mut self, number: u32, text: &str) {
        if self.place == Place::Fields {
            self.place = Place::Text;
        }
        if let Place::Bullets { is_open } = &mut self.place {
            *is_open = false;
        }
        if let Some(section) = self.out.sections.last_mut() {
            section.description.push(text.to_string());
            section.description_line.get_or_insert(number);
        }
    }

    fn acceptance(&mut self, number: u32, first: &str) {
        let Some(section) = self.out.sections.last_mut() else {
            return;
        };
        section.acceptance_line.get_or_insert(number);
        if !first.is_empty() {
            section.acceptance.push(first.to_string());
        }
        let is_open = !first.is_empty();
        self.place = Place::Bullets { is_open };
    }

    fn field(&mut self, number: u32, field: Field, value: &str) {
        let Some(section) = self.out.sections.last_mut() else {
            return;
        };
        let known = section.fields.iter().find(|(_, known, _)| *known == field);
        if let Some((line, ..)) = known {
            let message = format!("`{}` is already set on line {line}.", field.name());
            return self.problem(number, message, "Delete one of the two lines.");
        }
        section.fields.push((number, field, one_line(value)));
    }

    fn problem(&mut self, line: u32, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.add(line, message, hint);
    }
}
