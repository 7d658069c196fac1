//! Statements from blocks: each entry, paragraph and row becomes one line of text, each scenario
//! one criterion.

use std::collections::BTreeMap;

use super::{
    Block, Entry, LabelKind, Lines, Requirement, SectionKind, Statement, author_id, emoji,
    table_rows, tokens,
};

/// The text of a statement: `text` without leading decoration.
pub(super) fn statement_text(text: &str) -> &str {
    emoji::without_decoration(text).trim_end_matches('|').trim()
}

/// True for `Given … when … then …`.
pub(super) fn is_scenario(text: &str) -> bool {
    matches!(step(text), Some("given" | "scenario" | "when"))
}

/// The keyword of a scenario that a text begins with.
fn step(text: &str) -> Option<&'static str> {
    let first = text
        .split([' ', ':', ',', '*'])
        .find(|word| !word.is_empty())?;
    ["given", "when", "then", "and", "but", "scenario"]
        .into_iter()
        .find(|step| first.eq_ignore_ascii_case(step))
}

/// True if an id in a section of `kind` is a definition; elsewhere it is a mention.
pub(super) fn defines(kind: SectionKind, id: &str) -> bool {
    let work = matches!(
        kind,
        SectionKind::Functional
            | SectionKind::NonFunctional
            | SectionKind::Story
            | SectionKind::Feature
            | SectionKind::Acceptance
    );
    let about = super::section_kinds::of_id(id, SectionKind::Risk);
    let numbered = super::section_tree::short_ids(kind) == author_id::ShortIds::Numbered;
    work || (numbered && about.is_none())
        || (kind == SectionKind::Unknown && about != Some(SectionKind::Acceptance))
}

/// The criteria below labels for criteria.
pub(super) fn named(blocks: &[Block], section: Option<usize>) -> Vec<Statement> {
    blocks
        .iter()
        .filter(|block| {
            matches!(
                block,
                Block::Label {
                    kind: LabelKind::Acceptance,
                    ..
                }
            )
        })
        .flat_map(|block| read(std::slice::from_ref(block), section))
        .collect()
}

/// All statements in `blocks`, in order.
pub(super) fn read(blocks: &[Block], section: Option<usize>) -> Vec<Statement> {
    let mut found = Vec::new();
    collect(blocks, section, &mut found);
    scenarios(found)
}

fn collect(blocks: &[Block], section: Option<usize>, found: &mut Vec<Statement>) {
    for (place, block) in blocks.iter().enumerate() {
        let before_list = matches!(
            blocks.get(place + 1),
            Some(Block::List { .. } | Block::Table { .. })
        );
        match block {
            Block::Paragraph { text, lines } => {
                let intro = before_list && text.plain.ends_with([':', '：', '.', '。']);
                if !intro {
                    push(found, &text.plain, *lines, section);
                }
            }
            Block::List { entries, .. } => {
                for entry in entries {
                    entry_into(entry, section, found);
                }
            }
            Block::Table { header, rows, .. } => {
                for row in table_rows::read(header, rows, SectionKind::Acceptance) {
                    found.push(Statement {
                        id: row.id,
                        text: row.text,
                        lines: row.lines,
                        section,
                    });
                }
            }
            Block::Label {
                name,
                kind,
                text,
                blocks,
                lines,
            } => {
                let known = *kind != LabelKind::Other;
                let scenario = step(name) == Some("scenario");
                let at = Lines {
                    start: lines.start,
                    end: blocks
                        .first()
                        .map_or(lines.end, |b| b.lines().start.max(lines.start + 1) - 1),
                };
                match (known, text.plain.is_empty()) {
                    (true, false) => push(found, &text.plain, at, section),
                    (false, false) => push(found, &format!("{name}: {}", text.plain), at, section),
                    (false, true) if scenario || blocks.is_empty() => {
                        push(found, name, at, section)
                    }
                    _ => {}
                }
                collect(blocks, section, found);
            }
            Block::Verbatim { .. } => {}
        }
    }
}

fn entry_into(entry: &Entry, section: Option<usize>, found: &mut Vec<Statement>) {
    let mut nested = Vec::new();
    collect(&entry.blocks, section, &mut nested);
    if entry.text.plain.ends_with([':', '：']) && !nested.is_empty() {
        // `The answer has:` has no meaning without the entries below it.
        let parts: Vec<&str> = nested
            .iter()
            .map(|statement| statement.text.as_str())
            .collect();
        push(
            found,
            &format!("{} {}", entry.text.plain, parts.join("; ")),
            entry.lines,
            section,
        );
        return;
    }
    let own = nested.first().map_or(entry.lines.end, |first| {
        first.lines.start.max(entry.lines.start + 1) - 1
    });
    push(
        found,
        &entry.text.plain,
        Lines {
            start: entry.lines.start,
            end: own,
        },
        section,
    );
    found.append(&mut nested);
}

fn push(found: &mut Vec<Statement>, plain: &str, lines: Lines, section: Option<usize>) {
    let text = statement_text(plain);
    let (id, text) = match author_id::split(text, author_id::ShortIds::Plain) {
        Some((id, rest)) if !rest.is_empty() => (Some(id), rest),
        _ => (None, text),
    };
    if !text.is_empty() {
        found.push(Statement {
            id,
            text: text.to_owned(),
            lines,
            section,
        });
    }
}

/// Joins the steps of each scenario.
fn scenarios(found: Vec<Statement>) -> Vec<Statement> {
    let mut out: Vec<Statement> = Vec::with_capacity(found.len());
    let mut seen: Vec<&str> = Vec::new();
    for statement in found {
        let step = step(&statement.text);
        let goes_on = match step {
            Some("given") => seen == ["scenario"],
            Some("when") => !seen.is_empty() && !seen.contains(&"when") && !seen.contains(&"then"),
            Some("then") => !seen.is_empty() && !seen.contains(&"then"),
            Some("and" | "but") => !seen.is_empty(),
            _ => false,
        };
        if let (true, Some(last), Some(step)) = (goes_on, out.last_mut(), step) {
            last.text.push(' ');
            last.text.push_str(&statement.text);
            last.lines.end = last.lines.end.max(statement.lines.end);
            seen.push(step);
            continue;
        }
        seen.clear();
        if let Some(step @ ("given" | "when" | "scenario")) = step {
            seen.push(step);
            // The whole scenario may be in one line.
            if tokens::tokens(&statement.text)
                .iter()
                .any(|word| word == "then")
            {
                seen.extend(["when", "then"]);
            }
        }
        out.push(statement);
    }
    out
}

/// Merges a requirement in a summary with its detailed section.
pub(super) fn merged(requirements: Vec<Requirement>) -> Vec<Requirement> {
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut out: Vec<Requirement> = Vec::with_capacity(requirements.len());
    for requirement in requirements {
        let Some(id) = &requirement.statement.id else {
            out.push(requirement);
            continue;
        };
        let key = (
            author_id::canonical(id),
            tokens::tokens(&requirement.statement.text).join(" "),
        );
        if let Some(place) = places.get(&key).copied() {
            let first: &mut Requirement = &mut out[place];
            if requirement.statement.lines.end - requirement.statement.lines.start
                > first.statement.lines.end - first.statement.lines.start
            {
                first.statement.lines = requirement.statement.lines;
                first.statement.section = requirement.statement.section;
            }
            first.acceptance.extend(requirement.acceptance);
        } else {
            places.insert(key, out.len());
            out.push(requirement);
        }
    }
    out
}
