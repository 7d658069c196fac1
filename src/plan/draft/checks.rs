//! Inconsistencies in the document: totals that differ from their parts, undefined and duplicate
//! ids, sections that are not planned.

use super::draft_types::{Finding, Severity};
use super::id_mentions;
use super::similarity::words;
use super::strategy::Choice;
use super::work::Source;
use crate::plan::document::{LabelKind, Lines};
use std::collections::BTreeSet;

/// The largest number of findings of one rule.
pub(super) const MAX_FINDINGS: usize = 20;

pub(super) fn finding(
    rule: &str,
    severity: Severity,
    lines: Lines,
    task: Option<&str>,
    message: String,
) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        lines,
        task: task.map(str::to_owned),
        message,
    }
}

/// The findings in the document.
pub(super) fn document(source: &Source<'_>, choice: &Choice) -> Vec<Finding> {
    let mut found = Vec::new();
    undefined(source, choice, &mut found);
    sums(source, choice, &mut found);
    found
}

/// Reports requirements that are mentioned but not defined.
fn undefined(source: &Source<'_>, choice: &Choice, found: &mut Vec<Finding>) {
    let nodes = choice.requirements.iter().chain(&choice.stories);
    let prefixes: BTreeSet<&str> = nodes
        .filter_map(|node| source.tree.nodes[*node].id.as_deref())
        .map(id_mentions::prefix)
        .collect();
    let defined: BTreeSet<&str> = source
        .tree
        .nodes
        .iter()
        .filter_map(|node| node.id.as_deref())
        .collect();
    let mut known = BTreeSet::new();
    for node in &source.tree.nodes {
        for (text, lines) in std::iter::once((&node.text, node.lines))
            .chain(node.prose.iter().map(|line| (&line.text, line.lines)))
        {
            for id in id_mentions::all(text) {
                let ours = prefixes.contains(id_mentions::prefix(&id));
                if ours
                    && !defined.contains(id.as_str())
                    && known.len() < MAX_FINDINGS
                    && known.insert(id.clone())
                {
                    let lines = Lines::at(lines.start);
                    found.push(finding(
                        "undefined-id",
                        Severity::Warning,
                        lines,
                        None,
                        format!("{id} is mentioned but not defined"),
                    ));
                }
            }
        }
    }
}

/// Checks the points of sprints and phases against their capacity or total.
fn sums(source: &Source<'_>, choice: &Choice, found: &mut Vec<Finding>) {
    let tree = &source.tree;
    let below = points_below(source);
    for unit in &choice.units {
        let mut stated: Vec<(u32, u32, Lines, String)> = Vec::new();
        let whole = unit
            .nodes
            .iter()
            .map(|top| below[*top])
            .fold(0, u32::saturating_add);
        for top in &unit.nodes {
            for node in tree.within(*top) {
                let sum = if node == *top { whole } else { below[node] };
                let defined = tree.nodes[node].tags.iter().filter_map(|tag| {
                    let points = super::effort::points(&tag.line.text, &tag.name)?;
                    (node == *top || is_total(&tag.name))
                        .then(|| (points, sum, tag.line.lines, tag.name.clone()))
                });
                let titled = super::effort::bracketed_points(&tree.nodes[node].text)
                    .filter(|_| node == *top);
                let titled = titled.map(|points| {
                    let lines = super::task_criteria::own_lines(source, node);
                    (points, sum, lines, "heading".to_owned())
                });
                stated.extend(defined.chain(titled).last());
            }
        }
        for (stated, sum, lines, name) in stated
            .into_iter()
            .filter(|(stated, sum, ..)| *sum > 0 && stated != sum)
        {
            let more = sum > stated;
            let severity = if more {
                Severity::Warning
            } else {
                Severity::Note
            };
            let message = format!(
                "the points of its stories add up to {sum}, but the {} says {stated}",
                name.to_lowercase()
            );
            found.push(finding(
                if more {
                    "over-capacity"
                } else {
                    "sum-mismatch"
                },
                severity,
                lines,
                None,
                message,
            ));
        }
    }
}

/// True if a label states a capacity or total.
fn is_total(name: &str) -> bool {
    words(name)
        .iter()
        .any(|word| matches!(word.as_str(), "capacity" | "total" | "velocity" | "budget"))
}

/// For each node, the sum of the points inside; if a part states less than the sum of its own
/// parts, that sum counts.
fn points_below(source: &Source<'_>) -> Vec<u32> {
    let tree = &source.tree;
    let mut below = vec![0_u32; tree.nodes.len()];
    for node in (0..tree.nodes.len()).rev() {
        let this = &tree.nodes[node];
        let own = this
            .tags
            .iter()
            .filter(|tag| tag.kind == LabelKind::Effort && !is_total(&tag.name))
            .filter_map(|tag| super::effort::points(&tag.line.text, &tag.name))
            .chain(super::effort::bracketed_points(&this.text))
            .fold(0, u32::saturating_add);
        if let Some(parent) = this.parent {
            below[parent] = below[parent].saturating_add(own.max(below[node]));
        }
    }
    below
}
