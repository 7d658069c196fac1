//! What a written text asks of a plan: the task that each section means.
//!
//! It comes with its criteria with their lines, and the tasks that it waits for. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::grammar::{Field, Section, Text, is_name};
use super::problem::Problems;
use super::words::Source;
use crate::model::text::{one_line, shorten};
use crate::model::uid::sha256_hex;
use crate::plan::document::Lines;
use crate::plan::draft::{self, Criterion, EdgeClass, Task};
use crate::plan::line_ranges::{self as ranges, meet};
use crate::plan::plan_types::{Plan, Planned};

/// A section with the task that it means.
pub(super) struct Wanted<'t> {
    /// The key of its task.
    pub key: String,
    /// Set if the plan has no such task yet.
    pub is_new: bool,
    /// The drafted task that begins on its first line.
    pub drafted: Option<&'t Task>,
    pub section: &'t Section,
    /// The first of its lines.
    pub lines: Option<Lines>,
    /// All of them.
    pub all: Vec<Lines>,
    pub criteria: Vec<Criterion>,
    /// The tasks that it waits for, with the author's reasons.
    pub after: Vec<Wait>,
}

/// A task that another one waits for.
pub(super) struct Wait {
    pub on: String,
    pub class: EdgeClass,
    pub reason: String,
}

/// The key of a task that was written with a name.
fn key_of(name: &str) -> String {
    let hash = sha256_hex(format!("name\n{name}").as_bytes());
    hash.get(..12).unwrap_or_default().to_owned()
}

/// The sections of a text as tasks of a plan. `document` are the lines of its text.
pub(super) fn resolve<'t>(
    text: &'t Text,
    plan: &'t Plan,
    document: &Source<'_>,
    is_patch: bool,
    problems: &mut Problems,
) -> Vec<Wanted<'t>> {
    let mut keys: BTreeMap<&str, String> = BTreeMap::new();
    let named = |name: &str| plan.counted().find(|planned| planned.name == name);
    let mut wanted = Vec::with_capacity(text.tasks.len());
    for section in &text.tasks {
        let all = lines_of(section, document, problems);
        let first = all.first().copied();
        let planned = named(&section.name);
        let key = match planned {
            Some(planned) => planned.task.key.clone(),
            None => key_of(&section.name),
        };
        if keys.insert(&section.name, key.clone()).is_some() {
            problems.add(
                section.line,
                format!("the name `{}` is used twice", section.name),
                "give each task a name of its own",
            );
        }
        let criteria = criteria(section, planned, &all, document, problems);
        // A task that replaces a drafted one has its id, milestone and the like.
        let drafted = plan.counted().find(|planned| {
            let lines = planned.task.lines;
            let is_own = planned.added_by.is_none() && lines.start > 0;
            is_own && first.is_some_and(|first| first.start == lines.start)
        });
        wanted.push(Wanted {
            is_new: planned.is_none(),
            drafted: drafted.map(|drafted| &drafted.task),
            lines: first,
            all,
            criteria,
            after: Vec::new(),
            section,
            key,
        });
    }
    // A patch leaves the other tasks as they are, so that they can be named.
    let others: Vec<(&str, &str)> = plan
        .counted()
        .filter(|planned| is_patch || planned.item.is_some())
        .map(|planned| (planned.name.as_str(), planned.task.key.as_str()))
        .collect();
    let known = |name: &str| {
        let own = keys.get(name).cloned();
        let other = || others.iter().find(|(known, _)| *known == name);
        own.or_else(|| other().map(|(_, key)| (*key).to_owned()))
    };
    for one in &mut wanted {
        one.after = waits(one.section, &known, problems);
        if one.after.iter().any(|wait| wait.on == one.key) {
            problems.add(
                one.section.line,
                format!("`{}` waits for itself", one.section.name),
                "remove its own name from `after`",
            );
        }
    }
    wanted
}

/// The lines of a section.
fn lines_of(section: &Section, document: &Source<'_>, problems: &mut Problems) -> Vec<Lines> {
    let mut found = Vec::new();
    let fields = section
        .fields
        .iter()
        .filter(|field| field.1 == Field::Lines);
    for (line, _, value) in fields {
        match ranges::parse(value) {
            Some(all) => found.extend(inside(*line, all, document, problems)),
            None => problems.add(
                *line,
                format!("`{}` are not lines", shorten(value, 60)),
                "name lines of the document: `lines: 65-71, 331`",
            ),
        }
    }
    found
}

/// The ranges that the document has, completed to sentences; the others are problems.
pub(super) fn inside(
    line: u32,
    mut all: Vec<Lines>,
    document: &Source<'_>,
    problems: &mut Problems,
) -> Vec<Lines> {
    let count = document.count();
    all.retain(|lines| {
        let (shown, hint) = match lines {
            Lines { start, end } if start > end => (
                format!("the lines {start}-{end} end before they begin"),
                format!("write `{end}-{start}`"),
            ),
            Lines { start: 1.., end } if *end <= count => return true,
            lines => (
                format!("the document has no {}", ranges::said(*lines, [""; 2])),
                format!(
                    "it has lines 1 to {count}; `git pm plan outline` shows them with their numbers"
                ),
            ),
        };
        problems.add(line, shown, hint);
        false
    });
    all.into_iter().map(|lines| document.whole(lines)).collect()
}

/// The criteria of a section: its bullets, and its further lines that no bullet takes.
fn criteria(
    section: &Section,
    planned: Option<&Planned>,
    lines: &[Lines],
    document: &Source<'_>,
    problems: &mut Problems,
) -> Vec<Criterion> {
    let count = document.count();
    let own = lines
        .first()
        .copied()
        .or_else(|| planned.map(|planned| planned.task.lines))
        .unwrap_or(Lines { start: 0, end: 0 });
    let mut found: Vec<Criterion> = Vec::new();
    for bullet in &section.criteria {
        // A bare number before a colon can be a part of the sentence: `404: for unknown pages`.
        let all = bullet.lines.iter();
        let is_sentence = !bullet.is_marked && all.clone().any(|lines| lines.end > count);
        let taken = match is_sentence {
            true => Vec::new(),
            false => inside(bullet.line, bullet.lines.clone(), document, problems),
        };
        let said = match is_sentence {
            true => &bullet.whole,
            false => &bullet.text,
        };
        if bullet.lines.is_empty() || is_sentence {
            found.push(invented(said, planned, own));
        }
        for lines in joined(&taken, document) {
            let words = document.words(lines);
            if words.is_empty() {
                problems.add(
                    bullet.line,
                    ranges::said(lines, [" says nothing", " say nothing"]),
                    "name the lines with the author's words",
                );
            }
            let text = match bullet.text.is_empty() {
                true => words,
                false => bullet.text.clone(),
            };
            found.push(criterion(text, lines, false));
        }
    }
    let mut more: Vec<Lines> = Vec::new();
    for lines in lines.iter().skip(1) {
        more.extend(left(*lines, &found, document));
    }
    let words = |lines: Lines| criterion(document.words(lines), lines, false);
    found.extend(more.into_iter().map(words));
    found.retain(|criterion| !criterion.text.is_empty());
    let mut seen: BTreeSet<(String, Lines)> = BTreeSet::new();
    found.retain(|criterion| seen.insert((criterion.text.clone(), criterion.lines)));
    let mut words: BTreeSet<String> = BTreeSet::new();
    for criterion in &mut found {
        // Equal words on two lines are two criteria.
        if !words.insert(criterion.text.clone()) {
            criterion.text = format!("{} (line {})", criterion.text, criterion.lines.start);
        }
        criterion.vague = draft::vague(&criterion.text);
    }
    found
}

/// A criterion without lines: one that the task has already, else an invented one.
fn invented(text: &str, planned: Option<&Planned>, own: Lines) -> Criterion {
    let known = planned.and_then(|planned| {
        let mut all = planned.task.acceptance.iter();
        all.find(|criterion| criterion.derived && one_line(&criterion.text) == text)
    });
    let new = || criterion(text.to_owned(), own, true);
    known.cloned().unwrap_or_else(new)
}

fn criterion(text: String, lines: Lines, derived: bool) -> Criterion {
    Criterion {
        text,
        lines,
        requirement: None,
        derived,
        vague: Vec::new(),
    }
}

/// Ranges with only blank lines between them as one.
fn joined(all: &[Lines], document: &Source<'_>) -> Vec<Lines> {
    let mut found: Vec<Lines> = Vec::new();
    for lines in all {
        let blank = |last: &Lines| (last.end + 1..lines.start).all(|at| is_blank(document, at));
        match found.last_mut() {
            Some(last) if last.end < lines.start && blank(last) => last.end = lines.end,
            _ => found.push(*lines),
        }
    }
    found
}

fn is_blank(document: &Source<'_>, line: u32) -> bool {
    document.line(line).trim().is_empty()
}

/// The parts of a range that no criterion takes, without headings and layout.
fn left(lines: Lines, taken: &[Criterion], document: &Source<'_>) -> Vec<Lines> {
    let mut found: Vec<Lines> = Vec::new();
    for at in lines.start..=lines.end {
        let text = document.line(at).trim();
        let is_free = !taken
            .iter()
            .any(|one| !one.derived && meet(one.lines, Lines::at(at)));
        let says = text.chars().any(char::is_alphanumeric) && !text.starts_with('#');
        match found.last_mut() {
            _ if !is_free || !says => {}
            Some(last) if last.end + 1 == at => last.end = at,
            _ => found.push(Lines::at(at)),
        }
    }
    found
}

/// The tasks that a section waits for.
fn waits(
    section: &Section,
    known: &dyn Fn(&str) -> Option<String>,
    problems: &mut Problems,
) -> Vec<Wait> {
    let mut found: Vec<Wait> = Vec::new();
    let fields = section
        .fields
        .iter()
        .filter(|field| field.1 == Field::After);
    for (line, _, value) in fields {
        for group in value.split(';') {
            group_of_waits(*line, group, known, &mut found, problems);
        }
    }
    found
}

/// Names with one reason behind them: `config, schemas (soft): needs the model names`. Behind a reason
/// another name needs a reason of its own, so that a reason may have commas.
fn group_of_waits(
    line: u32,
    group: &str,
    known: &dyn Fn(&str) -> Option<String>,
    found: &mut Vec<Wait>,
    problems: &mut Problems,
) {
    let mut open: Vec<String> = Vec::new();
    let mut has_reason = false;
    let parts = group.split(',').map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        let (head, reason) = match part.split_once(':') {
            Some((head, reason)) => (head.trim(), Some(one_line(reason.trim()))),
            None => (part, None),
        };
        let lower = head.to_ascii_lowercase();
        let (name, class) = match lower.strip_suffix("(soft)") {
            Some(name) => (name.trim(), EdgeClass::Soft),
            None => (lower.trim_end_matches("(hard)").trim(), EdgeClass::Hard),
        };
        let target = known(name);
        if has_reason && (target.is_none() || reason.is_none()) {
            if let Some(last) = found.last_mut() {
                last.reason = format!("{}, {part}", last.reason);
            }
            continue;
        }
        let Some(on) = target else {
            let hint = match is_name(name) {
                true => "name a task of this text by the name in its heading",
                false => "write `after: name, other (soft): reason`",
            };
            let message = format!("`{}` is not the name of a task", shorten(head, 60));
            problems.add(line, message, hint);
            continue;
        };
        if has_reason {
            open.clear();
        }
        open.push(on.clone());
        found.retain(|wait| wait.on != on);
        found.push(Wait {
            on,
            class,
            reason: String::new(),
        });
        if let Some(reason) = reason {
            has_reason = true;
            for wait in found.iter_mut().filter(|wait| open.contains(&wait.on)) {
                wait.reason.clone_from(&reason);
            }
        }
    }
}
