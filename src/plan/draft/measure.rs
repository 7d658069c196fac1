//! Tasks that verify non-functional requirements.

use super::candidate::{Cause, TaskCandidate};
use super::evidence::demands;
use super::extra::covered;
use super::similarity::{stems, words};
use super::strategy::Choice;
use super::title;
use super::work::Source;
use crate::plan::document::{LabelKind, SectionKind, words};
use std::collections::{BTreeMap, BTreeSet};

/// The largest number of such tasks; each verifies one section.
const MOST: usize = 5;

/// Adds a task for each section with non-functional requirements that can be verified; it covers
/// all requirements of the section that are in no other task.
pub(super) fn verify(source: &Source<'_>, choice: &mut Choice) {
    let tree = &source.tree;
    let covered = covered(source, &choice.candidates);
    let mut by_section: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut verifiable: BTreeSet<usize> = BTreeSet::new();
    for (node, this) in tree.nodes.iter().enumerate() {
        let above = this.parent.filter(|_| !tree.is_section(node));
        let nested = above.is_some_and(|parent| !tree.is_section(parent));
        let criterion = this.role.is_none_or(|role| role == LabelKind::Acceptance);
        if this.kind != SectionKind::NonFunctional
            || nested
            || covered[node]
            || this.checked == Some(true)
            || !criterion
        {
            continue;
        }
        let section = above.unwrap_or(node);
        let asks = |text: &str| is_measured(text) || demands(text);
        let listed = !tree.is_section(node);
        if listed {
            by_section.entry(section).or_default().push(node);
        }
        if listed && asks(&this.text) || this.prose.iter().any(|line| asks(&line.text)) {
            verifiable.insert(section);
        }
    }
    let room = choice.threshold.saturating_sub(choice.candidates.len());
    for section in verifiable.into_iter().take(room.min(MOST)) {
        let nodes = by_section.remove(&section).unwrap_or_default();
        let prose = !tree.nodes[section].prose.is_empty() && tree.is_section(section);
        let node = if prose { section } else { nodes[0] };
        let mut candidate = TaskCandidate::of(source, node, Cause::Verify);
        let mut texts = nodes.iter().map(|node| tree.nodes[*node].text.as_str());
        candidate.title = match (texts.next(), texts.next()) {
            (Some(text), None) if !prose => {
                title::finish(&format!("Verify: {}", title::title(text)))
            }
            _ => {
                let name = title::title(&tree.nodes[section].text);
                let above = tree.nodes[section].parent;
                let part =
                    above.is_some_and(|above| tree.nodes[above].kind == SectionKind::NonFunctional);
                match super::areas::is_generic(&name) || !part {
                    true => "Verify non-functional requirements".to_owned(),
                    false => title::finish(&format!("Verify targets: {name}")),
                }
            }
        };
        candidate.stems = stems(&candidate.title);
        if !prose {
            candidate.folded = nodes[1..].to_vec();
            candidate.lines.end = nodes
                .last()
                .map_or(candidate.lines.end, |node| tree.nodes[*node].lines.end);
            candidate.requirement = match nodes.as_slice() {
                [node] => tree.nodes[*node].id.clone(),
                _ => None,
            };
        }
        candidate.story = None;
        choice.candidates.push(candidate);
    }
}

/// True if a text has a number with a comparison, which a test can measure.
fn is_measured(text: &str) -> bool {
    let tokens = words(text);
    let numbers = text.bytes().any(|b| b.is_ascii_digit());
    let mark = text.contains(['<', '>', '≤', '≥']);
    let phrase = words!(
        "less than, more than, at least, at most, under, within, below, up to, no more than, \
             fewer than, over, maximum, minimum, weniger als, unter, mindestens, höchstens",
    )
    .iter()
    .any(|phrase| super::similarity::has_phrase(&tokens, phrase));
    let unit = tokens.iter().any(|word| {
        let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
        words!(
            "ms, s, sec, second, seconds, minute, minutes, min, mb, gb, kb, rps, users, requests, \
             percent, hours, sekunden, fps, mib, records, rows, concurrent",
        )
        .contains(unit)
    }) || text.contains('%');
    numbers && (mark || unit && (phrase || text.contains('%')))
}
