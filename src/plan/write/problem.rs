//! Problems in a written text, and the comment at its top that lists them.

use std::collections::BTreeMap;

use crate::error::Error;

/// A problem in a written text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line of the text, from 1; 0 if it is not about one.
    pub line: u32,
    /// The problem, in a sentence.
    pub message: String,
    /// The correction.
    pub hint: String,
}

/// The problems found so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// The largest number of problems: a text that is not a plan has a problem on every line.
    const MAX: usize = 500;

    pub(super) fn add(&mut self, line: u32, message: impl Into<String>, hint: impl Into<String>) {
        if self.0.len() < Self::MAX {
            self.0.push(Problem {
                line: line.max(1),
                message: message.into(),
                hint: hint.into(),
            });
        }
    }

    /// The value of a result; an error is a problem of a line.
    pub(super) fn checked<T>(&mut self, line: u32, result: crate::error::Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                let hints: Vec<String> = error.hints().iter().map(ToString::to_string).collect();
                let hint = match hints.is_empty() {
                    true => "correct this line".to_owned(),
                    false => hints.join("; "),
                };
                self.add(line, error.message(), hint);
                None
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, sorted by line.
    pub(super) fn sorted(mut self) -> Vec<Problem> {
        self.0.sort_by_key(|problem| problem.line);
        self.0
    }
}

/// The error for a text with problems: equal corrections are named once, with all their lines.
pub(super) fn error_of(problems: &[Problem]) -> Error {
    let mut groups: BTreeMap<&str, Vec<&Problem>> = BTreeMap::new();
    for problem in problems {
        groups.entry(&problem.hint).or_default().push(problem);
    }
    let count = match problems.len() {
        1 => "one problem".to_owned(),
        many => format!("{many} problems"),
    };
    let mut error = Error::usage(format!(
        "the text is not a valid plan: {count}; nothing was changed"
    ));
    let mut groups: Vec<(&str, Vec<&Problem>)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, all)| all.first().map_or(0, |problem| problem.line));
    for (hint, all) in groups {
        let each = all
            .iter()
            .map(|one| format!("line {}: {}", one.line, one.message));
        error = error.hint(format!("{}\n{hint}", each.collect::<Vec<_>>().join("\n")));
    }
    error
}

/// The beginning of the comment, by which an earlier list is recognized.
const MARK: &str = "<!-- Please correct";

/// The text with its problems in a comment at the top, replacing an earlier one. The line numbers
/// are those of the resulting text. Without problems the comment is removed.
pub fn with_problems(text: &str, problems: &[Problem]) -> String {
    let rest = without_list(text);
    if problems.is_empty() {
        return rest.to_string();
    }
    let before = lines_in(&text[..text.len() - rest.len()]);
    // A line for each problem and each hint, one above and two below.
    let above = u32::try_from(2 * problems.len() + 3).unwrap_or(u32::MAX);
    let safe = |text: &str| text.replace("--", "- -").replace(['\n', '\r'], " ");
    let mut out = format!("{MARK}; nothing has been changed yet:\n");
    for problem in problems {
        let line = problem.line.saturating_sub(before).max(1);
        let place = match problem.line {
            0 => String::new(),
            _ => format!("line {}: ", line.saturating_add(above)),
        };
        let (message, hint) = (safe(&problem.message), safe(&problem.hint));
        out.push_str(&format!("{place}{message}\n    {hint}\n"));
    }
    out.push_str("-->\n\n");
    out.push_str(rest);
    out
}

/// The text without the list of an earlier run.
fn without_list(text: &str) -> &str {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let Some(list) = start.strip_prefix(MARK) else {
        return text;
    };
    match list.split_once("-->") {
        // If another comment begins inside, the end of the list is missing, and the rest is not
        // part of it.
        Some((inside, rest)) if !inside.contains("<!--") => {
            rest.strip_prefix("\n\n").unwrap_or(rest)
        }
        _ => text,
    }
}

fn lines_in(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}
