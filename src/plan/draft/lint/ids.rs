//! Ids that are defined twice, missing from a series, or never mentioned.

use std::collections::{BTreeMap, BTreeSet};

use super::{Lint, short};
use crate::plan::document::{
    Block, Document, Extract, Lines, SectionKind, Statement, canonical_id, mentioned_ids,
};

pub(super) fn find(document: &Document, extract: &Extract) -> Vec<Lint> {
    let mut found = Vec::new();
    let headings: Vec<(&str, Lines)> = document
        .sections
        .iter()
        .filter_map(|section| Some((section.id.as_deref()?, Lines::at(section.line))))
        .collect();
    duplicates(&headings, &mut found);
    let requirements: Vec<&Statement> = extract
        .requirements
        .iter()
        .chain(&extract.stories)
        .map(|thing| &thing.statement)
        .collect();
    let all = requirements.iter().copied().chain(&extract.non_functional);
    let in_text: Vec<(&str, Lines)> = all
        .clone()
        .filter_map(|statement| Some((statement.id.as_deref()?, statement.lines)))
        .filter(|(_, lines)| !is_heading(document, *lines))
        .collect();
    duplicates(&in_text, &mut found);
    let defined: Vec<(&str, Lines)> = all
        .filter_map(|statement| Some((statement.id.as_deref()?, statement.lines)))
        .collect();
    gaps(&defined, &mut found);
    unmapped(document, extract, &mut found);
    found
}

fn is_heading(document: &Document, lines: Lines) -> bool {
    document
        .sections
        .binary_search_by_key(&lines.start, |section| section.line)
        .is_ok()
}

fn duplicates(defined: &[(&str, Lines)], found: &mut Vec<Lint>) {
    let mut first: BTreeMap<String, Lines> = BTreeMap::new();
    for (id, lines) in defined {
        if let Some(earlier) = first.get(&canonical_id(id)) {
            let message = format!("{id} is already defined on line {}", earlier.start);
            found.push(Lint::new("duplicate-id", *lines, message));
        } else {
            first.insert(canonical_id(id), *lines);
        }
    }
}

/// Numbers missing from a series of ids without parts (`FR-1, FR-2, FR-4`).
fn gaps(defined: &[(&str, Lines)], found: &mut Vec<Lint>) {
    let mut series: BTreeMap<String, BTreeMap<u32, (Lines, String)>> = BTreeMap::new();
    for (id, lines) in defined {
        let form = canonical_id(id);
        let Some((prefix, number)) = form.rsplit_once(['-', '.']) else {
            continue;
        };
        let Ok(number) = number.parse::<u32>() else {
            continue;
        };
        series
            .entry(prefix.to_owned())
            .or_default()
            .entry(number)
            .or_insert_with(|| (*lines, (*id).to_owned()));
    }
    for (prefix, numbers) in series {
        let keys: Vec<u32> = numbers.keys().copied().collect();
        for pair in keys.windows(2) {
            let [before, after] = pair else { continue };
            // Authors leave room by jumping to a round number.
            let missing = after - before - 1;
            if missing == 0 || missing > 4 || after % 10 == 0 || keys.len() < 2 {
                continue;
            }
            let Some((lines, id)) = numbers.get(after) else {
                continue;
            };
            let names: Vec<String> = (before + 1..*after)
                .map(|number| format!("{prefix}-{number}"))
                .collect();
            let line = Lines::at(lines.start);
            found.push(Lint::new(
                "id-gap",
                line,
                format!("{id} follows a gap; missing: {}", names.join(", ")),
            ));
        }
    }
}

/// Stories that no requirement, phase or criterion mentions, although others are mentioned.
fn unmapped(document: &Document, extract: &Extract, found: &mut Vec<Lint>) {
    let mut mentioned: BTreeSet<String> = BTreeSet::new();
    for section in &document.sections {
        let speaks = !matches!(
            section.kind,
            SectionKind::Story
                | SectionKind::Context
                | SectionKind::Appendix
                | SectionKind::Question
        );
        if speaks {
            mentioned.extend(mentioned_ids(&section.title));
            in_blocks(&section.blocks, &mut mentioned);
        }
    }
    let stories = || {
        extract
            .stories
            .iter()
            .filter_map(|story| Some((story.statement.id.as_deref()?, &story.statement)))
    };
    let known = stories()
        .filter(|(id, _)| mentioned.contains(&canonical_id(id)))
        .count();
    // If few are mentioned, the rest of the document is not organized by stories.
    if known * 2 < stories().count() || known == 0 {
        return;
    }
    for (id, statement) in stories().filter(|(id, _)| !mentioned.contains(&canonical_id(id))) {
        let line = Lines::at(statement.lines.start);
        let message = format!(
            "no requirement or phase mentions {id} ({})",
            short(&statement.text)
        );
        found.push(Lint::new("unmapped-story", line, message));
    }
}

fn in_blocks(blocks: &[Block], into: &mut BTreeSet<String>) {
    for block in blocks {
        match block {
            Block::Paragraph { text, .. } => into.extend(mentioned_ids(&text.plain)),
            Block::List { entries, .. } => {
                for entry in entries {
                    into.extend(mentioned_ids(&entry.text.plain));
                    in_blocks(&entry.blocks, into);
                }
            }
            Block::Table { rows, .. } => {
                rows.iter()
                    .flat_map(|(cells, _)| cells)
                    .for_each(|cell| into.extend(mentioned_ids(&cell.plain)));
            }
            Block::Label {
                name, text, blocks, ..
            } => {
                into.extend(mentioned_ids(name));
                into.extend(mentioned_ids(&text.plain));
                in_blocks(blocks, into);
            }
            Block::Verbatim { .. } => {}
        }
    }
}
