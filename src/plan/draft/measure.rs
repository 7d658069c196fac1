//! Tasks that verify measurable non-functional requirements.

use super::candidate::{Cause, TaskCandidate};
use super::similarity::{normalise, stems, words};
use super::strategy::Choice;
use super::title;
use super::work::Source;
use crate::plan::document::{LabelKind, SectionKind};
use std::collections::BTreeMap;

/// Adds tasks for non-functional requirements such as `< 30 seconds`, `at least 99.9 %`.
pub(super) fn verify(source: &Source<'_>, choice: &mut Choice) {
    let tree = &source.tree;
    let room = choice
        .threshold
        .saturating_sub(choice.candidates.len())
        .min(5);
    let mut found = Vec::new();
    for node in 0..tree.nodes.len() {
        let this = &tree.nodes[node];
        let nfr = this.kind == SectionKind::NonFunctional
            && !this.parent.is_some_and(|parent| {
                tree.nodes[parent].kind == SectionKind::NonFunctional && !tree.is_section(parent)
            });
        let text = match this.prose.first() {
            Some(line) if tree.is_section(node) => line.text.clone(),
            _ => this.text.clone(),
        };
        let below = tree.is_section(node)
            && tree.nodes[node]
                .children
                .iter()
                .any(|child| is_measured(&tree.nodes[*child].text));
        if nfr
            && this.checked != Some(true)
            && !below
            && is_measured(&text)
            && this.role.is_none_or(|role| role == LabelKind::Acceptance)
        {
            found.push((node, text));
        }
    }
    // One task per section: five tasks that each measure one number are too many.
    let mut by_section: BTreeMap<usize, Vec<(usize, String)>> = BTreeMap::new();
    for (node, text) in found {
        by_section
            .entry(
                tree.nodes[node]
                    .parent
                    .filter(|_| !tree.is_section(node))
                    .unwrap_or(node),
            )
            .or_default()
            .push((node, text));
    }
    let mut sections: Vec<(usize, Vec<(usize, String)>)> = by_section.into_iter().collect();
    sections.sort_by_cached_key(|(section, _)| normalise(&tree.nodes[*section].text));
    for (section, nodes) in sections.into_iter().take(room) {
        let mut candidate = TaskCandidate::of(source, nodes[0].0, Cause::Verify);
        candidate.title = match nodes.as_slice() {
            [(_, text)] => title::finish(&format!("Verify: {}", title::title(text))),
            _ => {
                let name = title::title(&tree.nodes[section].text);
                let name = if super::areas::is_generic(&name) {
                    "non-functional requirements".to_owned()
                } else {
                    name
                };
                title::finish(&format!("Verify {name} targets"))
            }
        };
        candidate.stems = stems(&candidate.title);
        candidate.folded = nodes[1..].iter().map(|(node, _)| *node).collect();
        candidate.lines.end = nodes
            .last()
            .map_or(candidate.lines.end, |(node, _)| tree.nodes[*node].lines.end);
        candidate.requirement = if nodes.len() == 1 {
            tree.nodes[nodes[0].0].id.clone()
        } else {
            None
        };
        candidate.story = None;
        choice.candidates.push(candidate);
    }
}

/// True if a text has a number with a comparison, which a test can measure.
fn is_measured(text: &str) -> bool {
    let tokens = words(text);
    let numbers = text.bytes().any(|b| b.is_ascii_digit());
    let mark = text.contains(['<', '>', '≤', '≥']);
    let phrase = [
        "less than",
        "more than",
        "at least",
        "at most",
        "under",
        "within",
        "below",
        "up to",
        "no more than",
        "fewer than",
        "over",
        "maximum",
        "minimum",
        "weniger als",
        "unter",
        "mindestens",
        "höchstens",
    ]
    .iter()
    .any(|phrase| super::similarity::has_phrase(&tokens, phrase));
    let unit = tokens.iter().any(|word| {
        let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
        [
            "ms",
            "s",
            "sec",
            "second",
            "seconds",
            "minute",
            "minutes",
            "min",
            "mb",
            "gb",
            "kb",
            "rps",
            "users",
            "requests",
            "percent",
            "hours",
            "sekunden",
            "fps",
            "mib",
            "records",
            "rows",
            "concurrent",
        ]
        .contains(&unit)
    }) || text.contains('%');
    numbers && unit && (mark || phrase || text.contains('%'))
}
