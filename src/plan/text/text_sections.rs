//! The sections of an edited text with the lines they stand on, before anything is compared. Here
//! is decided what each line belongs to; what no line can belong to is a problem.

use super::canonical_line::{behind, one_line, quoted};
use super::field_names::{FIELDS, Field};
use super::line_syntax::{self, Heading};
use super::problem::Problems;

/// The text as sections.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The title of the plan and its line.
    pub(super) title: Option<(u32, String)>,
    pub(super) sections: Vec<Section>,
    /// Whether nothing is in the text but comments.
    pub(super) is_blank: bool,
}

/// The section of a task.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub(super) line: u32,
    pub(super) heading: Heading,
    /// The name of the stream it stands below; nothing above all of them.
    pub(super) stream: Option<String>,
    pub(super) fields: Vec<(u32, Field, String)>,
    pub(super) description: Vec<String>,
    pub(super) description_line: Option<u32>,
    pub(super) acceptance_line: Option<u32>,
    pub(super) acceptance: Vec<String>,
}

/// Where in the text a line stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// In no task.
    Outside,
    /// In what is not read: below a heading that is a problem already, or that is struck.
    Ignored,
    /// In the fields below a task's heading.
    Fields,
    /// In its text.
    Text,
    /// In its bullets; whether the next line may go on with the last one.
    Bullets { is_open: bool },
}

/// Reads a text.
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

/// The lines with their numbers, without comments. A comment begins a line; one that would swallow
/// a heading or another comment has lost its end, and swallows nothing.
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
                    "This comment has no end.",
                    "Write `-->` behind it. To remove a task, delete its section instead, or strike its heading: `### ~~3. Title~~`.",
                );
                // What stands directly below is most likely of it.
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
                    format!("{} belongs to no task.", quoted(bare)),
                    "A task begins with a heading: `### Title`. Notes to yourself go into `<!-- … -->`.",
                );
                // Once for all lines up to the next heading.
                self.place = Place::Ignored;
            }
            _ => self.in_task(number, line, bare),
        }
    }

    /// Whether a line with `#` at the front is a heading of the plan, and not of a task's text.
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
                    format!("The heading {} has {level} `#`.", quoted(text)),
                    "A task's heading has three: `### 3. Title`. A heading in the text of a task has `> ` in front.",
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
            format!("{} is no title of the plan here.", quoted(text)),
            "One heading with a single `#` stands at the top. A task's heading has three; one in the text of a task has `> ` in front.",
        );
        self.place = Place::Ignored;
    }

    fn stream(&mut self, number: u32, text: &str) {
        match behind(text, "stream").map(str::trim_start) {
            Some(rest) if rest.starts_with(':') => {
                self.stream = Some(one_line(&rest[1..]));
                self.place = Place::Outside;
            }
            _ => {
                self.problem(
                    number,
                    format!("The heading {} names no stream.", quoted(text)),
                    "Write `## Stream: name`. A task's heading has three `#`; one in the text of a task has `> ` in front.",
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
                "This heading is struck at its beginning only.",
                "Write `### ~~3. Title~~` to remove the task; a title that begins so needs `\\~~`.",
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
            // What a blank behind the mark says is kept: the trimmed line has lost its end.
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
                    format!("Its fields are: {FIELDS}. A line of its text has `> ` in front."),
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
                format!("{} belongs to no bullet.", quoted(bare)),
                "What has to hold begins with `- `; a line of the text has `> ` in front.",
            );
            self.place = Place::Bullets { is_open: true };
            // What follows directly goes with it.
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
            let message = format!("`{}` stands in line {line} already.", field.name());
            return self.problem(number, message, "Write it once.");
        }
        section.fields.push((number, field, one_line(value)));
    }

    fn problem(&mut self, line: u32, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.add(line, message, hint);
    }
}
