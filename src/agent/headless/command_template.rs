//! The command line of an agent that git pm does not know.
//!
//! It is split into words as a POSIX shell does, but nothing in it is expanded and no shell runs it;
//! `sh -c '…'` starts one.

use std::ffi::OsString;
use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A command line with placeholders: the first word is the program.
///
/// `{prompt_file}`, `{model}`, `{session}` and `{worktree}` stand for their values; model and
/// session may be empty; `{{model}}` is the text `{model}`. The prompt is also on standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    written: String,
    words: Vec<Vec<Part>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Slot(Slot),
}

/// A placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// The path of a file with the prompt.
    PromptFile,
    /// The name of the model.
    Model,
    /// The session to resume.
    Session,
    /// The task's worktree.
    Worktree,
}

const SLOTS: [(&str, Slot); 4] = [
    ("prompt_file", Slot::PromptFile),
    ("model", Slot::Model),
    ("session", Slot::Session),
    ("worktree", Slot::Worktree),
];

impl Template {
    /// True if it contains the placeholder.
    pub(super) fn uses(&self, slot: Slot) -> bool {
        self.words
            .iter()
            .flatten()
            .any(|part| *part == Part::Slot(slot))
    }

    /// The words, with placeholders replaced by their values. There is at least one.
    pub(super) fn filled(&self, value: impl Fn(Slot) -> OsString) -> Vec<OsString> {
        let word = |parts: &Vec<Part>| {
            let mut word = OsString::new();
            for part in parts {
                match part {
                    Part::Text(text) => word.push(text),
                    Part::Slot(slot) => word.push(value(*slot)),
                }
            }
            word
        };
        self.words.iter().map(word).collect()
    }
}

impl FromStr for Template {
    type Err = Error;

    fn from_str(written: &str) -> Result<Template> {
        let words = split(written)?;
        if words.first().is_none_or(String::is_empty) {
            return Err(Error::usage("the agent has no command line")
                .hint("write a program and its arguments, such as `command:my-agent --yes`"));
        }
        Ok(Template {
            written: written.to_string(),
            words: words
                .iter()
                .map(|word| parts(word))
                .collect::<Result<_>>()?,
        })
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Splits a command line into words.
pub(super) fn split(line: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some(end) if end == c => break,
                        Some('\\') if c == '"' => match chars.next() {
                            Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                            Some(other) => word.extend(['\\', other]),
                            None => return Err(unfinished(line)),
                        },
                        Some(other) => word.push(other),
                        None => return Err(unfinished(line)),
                    }
                }
            }
            '\\' => word
                .get_or_insert_default()
                .push(chars.next().ok_or_else(|| unfinished(line))?),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

fn unfinished(line: &str) -> Error {
    let line = crate::model::text::excerpt(line, 120);
    Error::usage(format!(
        "the command line `{line}` has an unterminated quote"
    ))
}

/// Splits a word into texts and placeholders. Braces around anything but lower-case letters and `_`
/// are text.
fn parts(word: &str) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let escaped = from.starts_with("{{");
        let inner = &from[1 + usize::from(escaped)..];
        let end = inner
            .find(|c: char| !c.is_ascii_lowercase() && c != '_')
            .unwrap_or(inner.len());
        let (name, after) = inner.split_at(end);
        let close = if escaped { "}}" } else { "}" };
        match after.strip_prefix(close) {
            Some(after) if !name.is_empty() => {
                rest = after;
                if escaped {
                    text.extend(["{", name, "}"]);
                    continue;
                }
                let slot = SLOTS.iter().find(|(slot, _)| *slot == name);
                let (_, slot) = slot.ok_or_else(|| unknown(name))?;
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::Slot(*slot));
            }
            _ => {
                text.push('{');
                rest = &from[1..];
            }
        }
    }
    text.push_str(rest);
    if !text.is_empty() || parts.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

fn unknown(name: &str) -> Error {
    let name = crate::model::text::shorten(name, 40);
    Error::usage(format!("the command line has the unknown placeholder `{{{name}}}`")).hint(format!(
        "placeholders: {{prompt_file}}, {{model}}, {{session}}, {{worktree}}; write {{{{{name}}}}} for \
         the text itself"
    ))
}
